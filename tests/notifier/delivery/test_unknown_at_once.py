"""A person, the watch and a slow worker at once: one waits, and then finds what the other has left to do."""

from collections.abc import Callable

import pytest
from django.db import transaction
from pytest_django import Settings

from maintenance import booking
from maintenance.models import Maintenance
from maintenance.states import Hop
from notifier.delivery import settle
from notifier.delivery.models import Delivery
from notifier.delivery.unknown import resolve_due, send_again, was_accepted
from tests.factories import BY, NOW
from tests.maintenance.telling import HOUR
from tests.notifier.delivery.coming_back import TOKEN, mail, served, told
from tests.notifier.delivery.test_resend_at_once import at_once
from tests.notifier.delivery.without_answer import unknown

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def resend() -> object:
    """A planner."""
    return send_again(Delivery.objects.all(), by=BY, now=NOW + HOUR)


def look() -> object:
    """The watch."""
    return resolve_due(now=NOW + HOUR)


def find() -> object:
    """Another planner, who looked at the mail a while ago."""
    return was_accepted(Delivery(**Delivery.objects.values().get() | {"lease_token": TOKEN}), by=BY, now=NOW + HOUR, note="log")


def hear() -> object:
    """The worker that was slow."""
    return settle.accepted(mail(), TOKEN, at=NOW + HOUR, hop=Hop.FILE, detail="250 OK")


def refuse() -> object:
    """The same, to which the server said no."""
    return settle.failed(mail(), TOKEN, at=NOW + HOUR, reason="550 no such person")


def cancel() -> object:
    """Another planner."""
    with transaction.atomic():
        return booking.cancel(Maintenance.objects.get(), by=BY, now=NOW + HOUR)


@pytest.mark.parametrize(
    ("first", "second", "state", "acceptances"),
    [
        (resend, hear, "sent", 1),
        (hear, resend, "sent", 1),
        (look, hear, "sent", 1),
        (hear, look, "sent", 1),
        (resend, refuse, "failed", 0),
        (resend, look, "queued", 0),
        (look, resend, "queued", 0),
        (find, hear, "sent", 1),
        (hear, find, "sent", 1),
        (find, resend, "sent", 1),
        (resend, find, "queued", 0),
        (cancel, resend, "unknown", 0),
    ],
)
def test_two_at_once_settle_it_once(first: Callable[[], object], second: Callable[[], object], state: str, acceptances: int, settings: Settings) -> None:
    settings.UNKNOWN_MAIL = "again"
    told()
    unknown()
    assert at_once(first, second)
    assert (mail().state, len(served())) == (state, acceptances)
