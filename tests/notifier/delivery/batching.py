"""Work announced to many, and its mails sent to an ESP."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import requests
from pytest_django import Settings

from customers.models import Contact
from maintenance.models import Maintenance
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.send import dispatch
from notifier.env import Mail
from notifier.mail_url import ESPS
from tests.factories import NOW, ContactRoleFactory, reader
from tests.maintenance.telling import announced
from tests.notifier.delivery.esp_server import Esp

LISTS = ["mailjet", "mailtrap", "postmark"]
MERGES = ["mailgun", "sendgrid"]


@contextmanager
def standing_in(kind: str, settings: Settings) -> Iterator[Esp]:
    """Send mail to an ESP that stands at the other end of the wire."""
    server = Esp(kind)
    settings.EMAIL_BACKEND = f"anymail.backends.{kind}.EmailBackend"
    settings.MAIL = Mail(settings.EMAIL_BACKEND, f"esp:{kind}")
    settings.ANYMAIL = dict.fromkeys(ESPS[kind][1], "x") | {"MAILGUN_SENDER_DOMAIN": "provider.example"}

    def answer(_session: requests.Session, **given: Any) -> requests.Response:  # noqa: ANN401  # whatever requests takes
        return server.request(given)

    with patch.object(requests.Session, "request", answer), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an ESP that anymail serves without promising it
        yield server


def customers(number: int, *, contacts: int = 1) -> Maintenance:
    """Announce work that hits so many customers with so many contacts each, and make the mails."""
    for _ in range(number):
        customer = reader()
        first = Contact.objects.get(roles__customer=customer)
        for more in range(1, contacts):
            another = Contact.objects.create(email=f"{more}.{first.email}", name=f"Person {more} & Co", language=first.language, timezone=first.timezone)
            ContactRoleFactory.create(customer=customer, contact=another)
    made = announced()
    fan_out_due(now=NOW)
    return made


def states() -> list[str]:
    """Return the state of every delivery."""
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


def go(**changes: Any) -> int:  # noqa: ANN401  # of the time
    """Dispatch everything that is due."""
    return dispatch(clock=lambda: NOW + timedelta(**changes))


def address(number: int) -> str:
    """Return the address of a delivery by its place."""
    return Delivery.objects.order_by("pk")[number].address
