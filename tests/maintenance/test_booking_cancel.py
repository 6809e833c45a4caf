"""Cancelling: what has not begun is withdrawn at once, and whoever was told is told."""

import pytest
from django.core.exceptions import ValidationError

from customers.models import Service
from maintenance import booking
from maintenance.models import Notice
from maintenance.notices import stands_told
from tests.factories import BY, NOW, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, kinds, named, p1, serve, states, told, windows_said

pytestmark = pytest.mark.django_db
LATER = NOW + DAY


def test_cancel_a_draft() -> None:
    """Without a word."""
    reader()
    maintenance = booked(windows=(window(30), window(31)))
    assert booking.cancel(maintenance, reason="not needed", by=BY, now=LATER) is None
    assert (states(maintenance), Notice.objects.count()) == (("cancelled", 1, [("cancelled", 1, LATER)] * 2), 0)


def test_cancel_what_was_announced() -> None:
    """Those told before are told, hit still or not, with the reason and the services that were named to them; others are not."""
    reader(account="A", object_id="a-1")
    gone = reader(account="GONE", object_id="g-1")
    maintenance = announced(windows=(window(30), window(31)))
    Service.objects.filter(customer=gone).delete()
    reader(account="NEW", object_id="n-1")
    notice = booking.cancel(maintenance, reason="supplier withdrew", by="otto", now=LATER)
    assert notice is not None
    assert (told(notice), named(notice)) == (
        {"A": ("cancelled", None), "GONE": ("cancelled", None)},
        {("A", "a-1", 0), ("GONE", "g-1", 0)},
    )
    assert states(maintenance) == ("cancelled", 2, [("cancelled", 1, LATER)] * 2)
    assert [(said.state, said.sequence, said.start) for said in windows_said(notice)] == [("cancelled", 1, NOW + days * DAY) for days in (30, 31)]
    assert (notice.said.reason, notice.revision, notice.issued_at, notice.issued_by) == ("supplier withdrew", 2, LATER, "otto")
    assert notice.decision == {"answer": "cancelled: no notice needed", "asked_at": LATER.isoformat()}
    assert list(stands_told(maintenance)) == []


def test_cancel_needs_no_notice_and_no_reason() -> None:
    """Even a minute before the start, or while the time goes by without work."""
    reader(account="A")
    first, second = announced(reference="MNT-1"), announced(reference="MNT-2")
    start = NOW + 30 * DAY
    told_kinds = [kinds(booking.cancel(maintenance, by=BY, now=now)) for maintenance, now in ((first, start - HOUR), (second, start + HOUR))]
    assert told_kinds == [{"A": "cancelled"}] * 2


def test_cancel_after_a_move() -> None:
    """Who was told by the last notice, not those already told that it is off for them."""
    reader(account="A")
    gone = reader(account="GONE")
    maintenance = announced()
    Service.objects.filter(customer=gone).delete()
    booking.move(maintenance, number=1, start=NOW + 40 * DAY, end=NOW + 41 * DAY, by=BY, now=LATER)
    assert kinds(booking.cancel(maintenance, by=BY, now=LATER)) == {"A": "cancelled"}


def test_cancel_what_is_left_of_it() -> None:
    """Windows that are done stay done."""
    reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(1), window(30)))
    booking.start(maintenance, by=BY, now=LATER)
    booking.finish(maintenance, by=BY, now=LATER + HOUR)
    notice = booking.cancel(maintenance, by=BY, now=LATER + 2 * HOUR)
    assert states(maintenance) == ("completed", 4, [("completed", 2, LATER + HOUR), ("cancelled", 1, LATER + 2 * HOUR)])
    assert ([said.state for said in windows_said(notice)], kinds(notice)) == (["completed", "cancelled"], {"A": "cancelled"})


def test_cancel_the_rest_while_a_night_is_at_work() -> None:
    """It goes on: whoever it hits hears of less than was announced, and of its end; the others that it is off."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = announced(windows=(window(30, objects=("one",)), window(31)))
    serve(maintenance)
    start = NOW + 30 * DAY
    booking.start(maintenance, number=1, by=BY, now=start)
    notice = booking.cancel(maintenance, reason="enough", by=BY, now=start + HOUR)
    assert (kinds(notice), [said.state for said in windows_said(notice)]) == ({"A": "eased", "B": "cancelled"}, ["in_progress", "cancelled"])
    assert (states(maintenance)[0], notice.said.reason if notice else "") == ("in_progress", "enough")
    assert kinds(booking.extend(maintenance, end=start + 3 * HOUR, by=BY, now=start + HOUR)) == {"A": "extended"}


@pytest.mark.parametrize("state", ["in progress", "completed", "cancelled"])
def test_cancel_what_has_begun(state: str) -> None:
    """Nor what is done or cancelled already."""
    reader()
    maintenance = announced(incident=p1(), windows=(window(1),))
    if state == "cancelled":
        booking.cancel(maintenance, by=BY, now=LATER)
    else:
        booking.start(maintenance, by=BY, now=LATER)
    if state == "completed":
        booking.finish(maintenance, by=BY, now=LATER)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.cancel(maintenance, by=BY, now=LATER)
    assert refusal.value.messages == [f"MNT-1 is {state}; only work that has not begun can be cancelled."]
