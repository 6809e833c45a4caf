"""System checks: what a start can notice of a configuration, or of a database, that would embarrass or mislead later."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004  # Django's own name for it
from django.db import connections
from django.db.migrations.loader import MigrationLoader

from maintenance.triggers import missing
from notifier import esp_hooks
from notifier.ways import Way, ways

_RESTORE = 'from django.db import connections; from maintenance.triggers import install; install(connections["{alias}"])'


@register(Tags.compatibility)
def check_time_outs(**_context: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django passes what it likes
    """A transport must give up before the lease runs out, or another worker judges a mail that is still on its way."""
    if settings.EMAIL_TIMEOUT < settings.DELIVERY_LEASE_SECONDS:
        return []
    return [Error("Mail may wait longer for an answer than its lease lasts.", hint="Raise DELIVERY_LEASE_SECONDS.", id="notifier.E001")]


@register(Tags.compatibility)
def check_mail_backend(**_context: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django passes what it likes
    """What hands mail over must be there when the first mail is due: building it asks for its packages and settings, and sends nothing."""
    return [message for way in ways() for message in _unusable(way)]


def _unusable(way: Way) -> list[CheckMessage]:
    variable = {"primary": "EMAIL_URL", "fallback": "EMAIL_URL_FALLBACK"}[way.name]
    try:
        way.connect()
    except Exception as error:  # noqa: BLE001  # each backend has errors of its own
        return [Error(f"{variable} names a way of sending mail that cannot be used: {error}", hint="docs/configuration.md, EMAIL_URL", id="notifier.E002")]
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


@register(Tags.database)
def check_triggers(databases: Iterable[str] | None = None, **_context: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django passes what it likes
    """The floor of the promise must stand in each of ``databases`` (none: nothing is asked); dumps, tools and hands can lose a trigger in silence."""
    return [message for alias in databases or () for message in _lost(alias)]


def _lost(alias: str) -> list[CheckMessage]:
    connection = connections[alias]
    loader = MigrationLoader(connection)
    if not set(loader.graph.leaf_nodes("maintenance")) <= set(loader.applied_migrations):
        return []  # they come with what is still to migrate, which an error here would stop
    names = missing(connection)
    if not names:
        return []
    return [
        Error(
            f"The database {alias} does not guard the promise: it lacks the triggers {', '.join(names)}, or they are switched off.",
            hint=f"Put them back: manage.py shell -c '{_RESTORE.format(alias=alias)}'",
            id="notifier.E003",
        ),
    ]


@register(Tags.compatibility, deploy=True)
def check_hooks(**_context: Any) -> list[CheckMessage]:  # noqa: ANN401  # Django passes what it likes
    """Without its events nobody hears that an ESP could not deliver what it accepted."""
    return [message for esp in settings.WEBHOOK_ESPS for message in _hook_off(esp)]


def _hook_off(esp: str) -> list[CheckMessage]:
    try:
        esp_hooks.views(esp)
    except esp_hooks.HookOffError as error:
        return [Warning(f"Bounces that {esp} tells of are not heard: {error}.", hint="docs/receipts.md", id="notifier.W002")]
    return []
