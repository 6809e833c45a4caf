"""Each check is silent where all is well, and names what to change where not."""

from pathlib import Path

import pytest
from django.core.checks import Error, Tags, Warning, run_checks  # noqa: A004  # Django's own name for it
from django.core.checks.registry import registry
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from pytest_django import Settings

from maintenance.triggers import install, remove, triggers
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


def test_fallback_that_cannot_be_built_told_by_its_own_name(settings: Settings) -> None:
    settings.MAIL_FALLBACK = Mail("notifier.nowhere.Backend", "smtp:mx.example:25", host="mx.example", port=25)
    assert checks.check_mail_backend() == [
        Error(
            "EMAIL_URL_FALLBACK names a way of sending mail that cannot be used: No module named 'notifier.nowhere'",
            hint="docs/configuration.md, EMAIL_URL",
            id="notifier.E002",
        ),
    ]
    settings.MAIL_FALLBACK = Mail("anymail.backends.postmark.EmailBackend", "esp:postmark", anymail={"POSTMARK_SERVER_TOKEN": "x"})
    assert checks.check_mail_backend() == []


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


def drop(name: str) -> None:
    """Take one trigger away, as a tool might."""
    (table,) = {trigger.table for trigger in triggers(connection.vendor) if trigger.name == name}
    with connection.cursor() as cursor:
        cursor.execute(f'DROP TRIGGER "{name}"' + (f' ON "{table}"' if connection.vendor == "postgresql" else ""))


def told_of_database() -> list[object]:
    """Return what all database checks say, as ``check --database default`` does."""
    return list(run_checks(tags=[Tags.database], databases=["default"]))


def test_triggers_asked_for_with_a_database_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without one none may be used, as in this test."""
    asked: list[object] = []
    monkeypatch.setattr(checks, "missing", asked.append)
    run_checks()
    assert (checks.check_triggers in registry.get_checks(), asked) == (True, [])


@pytest.mark.django_db
def test_triggers_complete_silent() -> None:
    assert told_of_database() == []


@pytest.mark.django_db
def test_triggers_lost_told_until_the_hint_is_followed() -> None:
    names = ["breach_stays_update", "window_promised_by_notice_insert"]
    for name in names:
        drop(name)
    restore = 'from django.db import connections; from maintenance.triggers import install; install(connections["default"])'
    assert told_of_database() == [
        Error(
            f"The database default does not guard the promise: it lacks the triggers {', '.join(names)}, or they are switched off.",
            hint=f"Put them back: manage.py shell -c '{restore}'",
            id="notifier.E003",
        ),
    ]
    call_command("shell", command=restore)
    assert told_of_database() == []


@pytest.mark.django_db
def test_triggers_that_come_with_a_migration_silent() -> None:
    """Else ``migrate``, which checks first, could never install them."""
    remove(connection)
    MigrationRecorder(connection).record_unapplied("maintenance", "0005_floor_triggers")
    assert told_of_database() == []
    install(connection)
