"""Mails whose fate is unknown, found by a person to have arrived."""

from datetime import datetime, timedelta

import pytest
from django.core.exceptions import ValidationError

from maintenance.models import Served
from maintenance.states import Hop
from notifier.delivery import settle
from notifier.delivery.models import DeliveryState
from notifier.delivery.unknown import was_accepted
from tests.factories import BY, NOW, nothing_changes
from tests.maintenance.telling import DAY, HOUR
from tests.notifier.delivery.coming_back import TOKEN, handed_over, mail, served, told
from tests.notifier.delivery.without_answer import FLAGGED, claim, resend, unknown

pytestmark = pytest.mark.django_db


def test_found_to_have_arrived_serves_its_customers() -> None:
    """As the worker's own answer does, and with who said so."""
    told()
    row = unknown()
    assert was_accepted(row, by=BY, now=NOW + DAY, note=" log of mx1, 4F2A ", at=NOW + timedelta(seconds=3))
    at, detail = NOW + timedelta(seconds=3), mail().hop_detail
    assert detail.endswith(f", found by {BY}: log of mx1, 4F2A")
    after = mail()
    assert (after.state, after.accepted_at, after.settled_at, after.hop, after.reason, after.lease_until) == ("sent", at, at, "file", "", None)
    rows = Served.objects.values_list("customer__account", "accepted_at", "hop", "detail", "document", "recorded_by", "recorded_at", "revoked_at")
    assert list(rows) == [("ACC", at, "file", detail, "log of mx1, 4F2A", BY, NOW + DAY, None)]
    with nothing_changes():
        assert not was_accepted(row, by=BY, now=NOW + DAY, note="twice")
        assert not settle.failed(row, TOKEN, at=NOW + DAY, reason="550 no such person")
        assert not settle.accepted(row, TOKEN, at=NOW + DAY, hop=Hop.RELAY, detail="")


def test_found_to_have_arrived_counts_from_when_its_answer_was_given_up() -> None:
    """By then it was taken over, if it was; when exactly nobody knows."""
    told()
    assert was_accepted(unknown(), by=BY, now=NOW + DAY, note="the customer has it")
    assert mail().accepted_at == FLAGGED


@pytest.mark.parametrize(
    ("at", "note", "said"),
    [
        (NOW - timedelta(seconds=1), "log", {"at": ["The mail had not been handed over then."]}),
        (NOW + DAY + timedelta(seconds=1), "log", {"at": ["This moment is still to come."]}),
        (None, "  ", {"note": ["Say how it is known."]}),
    ],
)
def test_found_to_have_arrived_when_it_cannot_have_is_refused(at: datetime | None, note: str, said: dict[str, list[str]]) -> None:
    told()
    row = unknown()
    with nothing_changes(), pytest.raises(ValidationError) as refused:
        was_accepted(row, by=BY, now=NOW + DAY, note=note, at=at)
    assert refused.value.message_dict == said


def test_found_to_have_arrived_counts_before_what_another_contact_accepted_later() -> None:
    """Notice is counted from the first; what was written of the later one is revoked, and stays."""
    told(contacts=2)
    row = unknown()
    handed_over(1)
    settle.accepted(mail(1), TOKEN, at=NOW + 5 * DAY, hop=Hop.FILE, detail="later")
    assert was_accepted(row, by=BY, now=NOW + 6 * DAY, note="log")
    assert served() == [("ACC", NOW + 5 * DAY, "later", False), ("ACC", FLAGGED, mail().hop_detail, True)]


def test_found_to_have_arrived_after_another_contact_accepted_leaves_that() -> None:
    told(contacts=2)
    row = unknown()
    handed_over(1)
    settle.accepted(mail(1), TOKEN, at=NOW, hop=Hop.FILE, detail="first")
    assert was_accepted(row, by=BY, now=NOW + DAY, note="log")
    assert (served(), mail().state) == ([("ACC", NOW, "first", True)], DeliveryState.SENT)


def test_found_to_have_arrived_while_it_is_being_sent_again_is_too_late() -> None:
    """Whoever looked at the page a while ago changes nothing."""
    told()
    row = unknown()
    resend()
    with nothing_changes():
        assert not was_accepted(row, by=BY, now=NOW + DAY, note="log")
    token = claim()
    settle.unknown(mail(), token, at=NOW + 2 * HOUR, reason="no word again")
    with nothing_changes():
        assert not was_accepted(row, by=BY, now=NOW + DAY, note="log")
