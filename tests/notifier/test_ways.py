"""Each way connects to where it leads, also where both lead to the same kind of place."""

from pathlib import Path
from typing import Any

import environ
import pytest
from django.core.mail import get_connection
from pytest_django import Settings

from maintenance.states import Hop
from notifier.env import Mail
from notifier.mail_url import ESPS, mail
from notifier.ways import Way, primary, ways


def way(url: str) -> Way:
    """Return the fallback that leads to ``url``."""
    made = environ.Env()
    made.ENVIRON = {"EMAIL_URL": url}  # type: ignore[assignment]  # any mapping of text serves
    return Way("fallback", mail(made, Path()))


def test_ways_without_a_fallback_are_one(settings: Settings) -> None:
    assert ways() == (Way("primary", settings.MAIL),)
    assert (primary().kind, primary().is_smtp) == (Hop.FILE, False)


def test_ways_with_a_fallback_are_two_the_primary_first(settings: Settings) -> None:
    settings.MAIL_FALLBACK = way("smtp://backup.example").mail
    assert ways() == (Way("primary", settings.MAIL), Way("fallback", settings.MAIL_FALLBACK))


def test_smtp_fallback_takes_nothing_from_the_primary(settings: Settings) -> None:
    settings.EMAIL_HOST, settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "mx.example", "user", "hush"
    settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT = True, 7
    found: Any = way("smtp://backup.example:2525").connect()
    assert (found.host, found.port, found.username, found.password, found.use_tls, found.use_ssl, found.timeout) == (
        "backup.example",
        2525,
        "",
        "",
        False,
        False,
        7,
    )
    found = way("smtps://a%40b:c@backup.example").connect()
    assert (found.port, found.username, found.password, found.use_tls, found.use_ssl) == (465, "a@b", "c", False, True)
    assert way("smtp://backup.example").is_smtp


@pytest.mark.parametrize("scheme", [scheme for scheme in ESPS if scheme != "sendgrid"])
def test_esp_fallback_with_another_account_of_the_same_provider_uses_its_own_keys(scheme: str, settings: Settings) -> None:
    """Those of the primary stand in the settings, which the provider's backend reads where it is given nothing."""
    names = ESPS[scheme][1]
    settings.ANYMAIL = dict.fromkeys(names, "first") | {"POSTAL_API_URL": "https://first.example"}
    other = way(f"{scheme}://second{':second' if len(names) > 1 else ''}@{'second.example' if scheme in {'postal', 'mailgun'} else ''}")
    found: Any = other.connect()
    keys = [name.partition("_")[2].lower() for name in names]
    assert {key: getattr(found, key) for key in keys} == dict.fromkeys(keys, "second")
    assert (other.kind, other.is_smtp) == (Hop.ESP, False)
    if scheme == "postal":
        assert found.api_url.startswith("https://second.example")


def test_mailgun_fallback_without_a_domain_does_not_take_the_primarys(settings: Settings) -> None:
    settings.ANYMAIL = {"MAILGUN_API_KEY": "first", "MAILGUN_SENDER_DOMAIN": "first.example"}
    found: Any = way("mailgun://second@").connect()
    assert (found.api_key, found.sender_domain) == ("second", None)


def test_primary_is_what_django_itself_sends_by(settings: Settings) -> None:
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = "notifier.delivery.smtp.SmtpBackend", "mx.example", 26
    settings.MAIL = Mail(settings.EMAIL_BACKEND, "smtp:mx.example:26", host="mx.example", port=26)
    found: Any = primary().connect()
    assert (type(found), found.host, found.port) == (type(get_connection()), "mx.example", 26)
