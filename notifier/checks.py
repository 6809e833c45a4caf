"""System checks: what a start can notice of a configuration that would embarrass or mislead later."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  # Django's own name for it
from django.core.mail import get_connection


@register(Tags.compatibility)
def check_time_outs(**_context: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django passes what it likes
    """A transport must give up before the lease runs out, or another worker judges a mail that is still on its way."""
    if settings.EMAIL_TIMEOUT < settings.DELIVERY_LEASE_SECONDS:
        return []
    return [Error("Mail may wait longer for an answer than its lease lasts.", hint="Raise DELIVERY_LEASE_SECONDS.", id="notifier.E001")]


@register(Tags.compatibility)
def check_mail_backend(**_context: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django passes what it likes
    """What hands mail over must be there when the first mail is due: building it asks for its packages and settings, and sends nothing."""
    try:
        get_connection()
    except Exception as error:  # noqa: BLE001  # each backend has errors of its own
        return [Error(f"EMAIL_URL names a way of sending mail that cannot be used: {error}", hint="docs/configuration.md, EMAIL_URL", id="notifier.E002")]
    return []


@register(Tags.compatibility, deploy=True)
def check_provider_domain(**_context: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django passes what it likes
    """Mail that leaves the machine must not be signed with a reserved domain (RFC 2606)."""
    if settings.MAIL.folder or not settings.PROVIDER_DOMAIN.endswith((".example", ".test", ".invalid")):
        return []
    return [
        Warning(
            f"PROVIDER_DOMAIN is {settings.PROVIDER_DOMAIN}, a reserved name, and mail leaves this machine.",
            hint="Set PROVIDER_DOMAIN to the domain that signs Message-IDs and calendar entries.",
            id="notifier.W001",
        ),
    ]
