"""Each check is silent where all is well, and names what to change where not."""

from pathlib import Path

import pytest
from django.core.checks import Error, Warning  # noqa: A004  # Django's own name for it
from django.core.checks.registry import registry
from pytest_django import Settings

from notifier import checks
from notifier.env import Mail
from notifier.mail_url import ESPS


def test_checks_registered() -> None:
    """Every command runs the first two, ``check --deploy`` the third."""
    assert {checks.check_time_outs, checks.check_mail_backend} <= set(registry.get_checks())
    assert checks.check_provider_domain in set(registry.get_checks(include_deployment_checks=True)) - set(registry.get_checks())


def test_time_out_shorter_than_the_lease_silent(settings: Settings) -> None:
    settings.EMAIL_TIMEOUT, settings.DELIVERY_LEASE_SECONDS = 44, 45
    assert checks.check_time_outs() == []


@pytest.mark.parametrize("seconds", [45, 46])
def test_time_out_as_long_as_the_lease_told(seconds: int, settings: Settings) -> None:
    settings.EMAIL_TIMEOUT, settings.DELIVERY_LEASE_SECONDS = seconds, 45
    assert checks.check_time_outs() == [
        Error("Mail may wait longer for an answer than its lease lasts.", hint="Raise DELIVERY_LEASE_SECONDS.", id="notifier.E001"),
    ]


@pytest.mark.parametrize("backend", ["notifier.delivery.files.FileBackend", "notifier.delivery.smtp.SmtpBackend"])
def test_mail_backend_of_the_house_silent(backend: str, settings: Settings) -> None:
    settings.EMAIL_BACKEND = backend
    assert checks.check_mail_backend() == []


@pytest.mark.filterwarnings("ignore:django-anymail has dropped official support for SendGrid")
@pytest.mark.parametrize("scheme", ESPS)
def test_mail_backend_of_each_provider_silent(scheme: str, settings: Settings) -> None:
    """What EMAIL_URL gives is all that the backend asks for."""
    backend, names = ESPS[scheme]
    settings.EMAIL_BACKEND = f"anymail.backends.{backend}.EmailBackend"
    settings.ANYMAIL = dict.fromkeys(names, "x") | {"POSTAL_API_URL": "https://postal.example"}
    assert checks.check_mail_backend() == []


@pytest.mark.parametrize(
    ("backend", "reason"),
    [
        (
            "anymail.backends.postmark.EmailBackend",
            "You must set ANYMAIL = {'POSTMARK_SERVER_TOKEN': ...} or ANYMAIL_POSTMARK_SERVER_TOKEN or POSTMARK_SERVER_TOKEN in your Django settings",
        ),
        ("notifier.nowhere.Backend", "No module named 'notifier.nowhere'"),
    ],
)
def test_mail_backend_that_cannot_be_built_told(backend: str, reason: str, settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.ANYMAIL = backend, {}
    assert checks.check_mail_backend() == [
        Error(f"EMAIL_URL names a way of sending mail that cannot be used: {reason}", hint="docs/configuration.md, EMAIL_URL", id="notifier.E002"),
    ]


@pytest.mark.parametrize(
    ("domain", "folder"),
    [("provider.example", Path("mail")), ("provider.example.com", None)],
)
def test_provider_domain_silent(domain: str, folder: Path | None, settings: Settings) -> None:
    """A reserved name does no harm while mail stays on the machine."""
    settings.PROVIDER_DOMAIN, settings.MAIL = domain, Mail("backend", "hop", folder=folder)
    assert checks.check_provider_domain() == []


@pytest.mark.parametrize("domain", ["provider.example", "provider.test", "provider.invalid"])
def test_provider_domain_reserved_where_mail_leaves_told(domain: str, settings: Settings) -> None:
    settings.PROVIDER_DOMAIN, settings.MAIL = domain, Mail("backend", "hop", host="mx.example")
    assert checks.check_provider_domain() == [
        Warning(
            f"PROVIDER_DOMAIN is {domain}, a reserved name, and mail leaves this machine.",
            hint="Set PROVIDER_DOMAIN to the domain that signs Message-IDs and calendar entries.",
            id="notifier.W001",
        ),
    ]
