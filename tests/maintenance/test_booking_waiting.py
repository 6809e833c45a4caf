"""What still waits when the next thing is said: nothing of it is lost, and nothing false goes out in its place."""

from dataclasses import replace
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from maintenance import booking
from maintenance.coverage import unserved
from maintenance.draft import Late
from maintenance.draft import WindowDraft as Night
from maintenance.incidents import close_incident
from maintenance.models import Breach, Maintenance, Window
from maintenance.said import SaidText
from maintenance.states import Impact
from maintenance.stored_draft import as_draft
from tests.factories import BY, NOW, reader, texts, window
from tests.maintenance.telling import DAY, HOUR, announced, kinds, p1, serve, told, windows_said

pytestmark = pytest.mark.django_db
START, END = NOW + 30 * DAY, NOW + 30 * DAY + 2 * HOUR
WORDS = {**texts(), "en": SaidText("Other title", "Other impact", "Other words")}


def short(maintenance: Maintenance, number: int = 1) -> list[str]:
    """Return the accounts not served in time."""
    return [one.account for one in unserved(maintenance.windows.get(number=number))]


def test_postponement_does_not_swallow_other_times_that_wait() -> None:
    """What was moved and not yet accepted is said again; the postponement that is accepted is no notice of it."""
    reader(account="A")
    maintenance = announced(windows=(window(30), window(31)))
    serve(maintenance)
    booking.move(maintenance, number=1, start=NOW + 40 * DAY, end=NOW + 41 * DAY, by=BY, now=NOW + HOUR)
    notice = booking.postpone(maintenance, number=2, by=BY, now=NOW + 2 * HOUR)
    assert told(notice) == {"A": ("revised", NOW + 30 * DAY)}
    assert [(said.number, said.state) for said in windows_said(notice)] == [(1, "announced"), (2, "postponed")]
    before = short(maintenance)
    serve(maintenance, at=NOW + 3 * HOUR)
    assert (before, short(maintenance)) == (["A"], [])


def test_postponement_goes_out_as_such_where_the_rest_is_too_late() -> None:
    """Whoever may have been told must hear of it; and it makes nobody served."""
    reader(account="A")
    maintenance = announced(windows=(window(30), window(31)))
    notice = booking.postpone(maintenance, number=1, by=BY, now=NOW + 25 * DAY)
    serve(maintenance, at=NOW + 25 * DAY)
    assert (told(notice), short(maintenance, 2)) == ({"A": ("postponed", None)}, ["A"])


def test_emergency_that_waits_stays_one() -> None:
    """Work added before it was mailed does not make it planned work that waits for the morning."""
    reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(0.5),))
    draft = as_draft(maintenance)
    notice = booking.revise(maintenance, replace(draft, windows=(*draft.windows, window(30))), by=BY, now=NOW + HOUR)
    assert told(notice) == {"A": ("emergency", None)}


def test_late_notice_that_waits_stays_one(settings: Settings) -> None:
    """Nor does it lose its honest words."""
    settings.LATE_NOTICE = "breach"
    reader(account="A")
    maintenance = announced(windows=(window(30),))
    serve(maintenance)
    start = NOW + 2 * DAY
    booking.move(maintenance, number=1, start=start, end=start + HOUR, late=Late("supplier", NOW), by=BY, now=NOW + HOUR)
    draft = as_draft(Maintenance.objects.get())
    notice = booking.revise(maintenance, replace(draft, windows=(*draft.windows, window(40))), by=BY, now=NOW + 2 * HOUR)
    assert told(notice) == {"A": ("late", None)}


@pytest.mark.parametrize("changes", [{"texts": WORDS}, {"windows": (Night(START, END - HOUR, number=1),)}])
def test_change_for_the_worse_that_waits_stays_one(changes: dict[str, Any]) -> None:
    """The reader knows of degraded service only: neither "only the words" nor "less than we said" would be true."""
    reader(account="A")
    maintenance = announced(impact=Impact.DEGRADED)
    serve(maintenance)
    booking.revise(maintenance, replace(as_draft(maintenance), impact=Impact.OUTAGE), by=BY, now=NOW + HOUR)
    draft = replace(as_draft(Maintenance.objects.get()), **changes)
    assert told(booking.revise(maintenance, draft, by=BY, now=NOW + 2 * HOUR)) == {"A": ("revised", START - 10 * DAY)}


def test_emergency_whose_p1_was_closed_too_long_ago_is_a_breach() -> None:
    """Announced while it was open; at the start nothing allows it any more."""
    reader(account="A")
    incident = p1()
    maintenance = announced(incident=incident, windows=(window(9),))
    serve(maintenance)
    close_incident(incident, now=NOW + HOUR)
    booking.start(maintenance, by=BY, now=NOW + 9 * DAY)
    assert list(Breach.objects.values_list("customer__account", flat=True)) == ["A"]
    assert Window.objects.get().start_decision["answer"] == "breach"


def test_narrowing_tells_everybody_anew() -> None:
    """What each window hits is read by its objects: whoever keeps all windows is told so."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = announced(windows=(window(30), window(31)))
    serve(maintenance)
    first, second = as_draft(maintenance).windows
    narrowed = replace(as_draft(maintenance), windows=(replace(first, objects=("one",)), second))
    notice = booking.revise(maintenance, narrowed, by=BY, now=NOW + HOUR)
    assert kinds(notice) == {"A": "corrected", "B": "eased"}
    booking.postpone(maintenance, number=2, by=BY, now=NOW + 2 * HOUR)
    assert (short(maintenance, 1), short(maintenance, 2)) == ([], [])


def test_window_taken_away_while_another_runs_is_no_cancellation() -> None:
    """Whoever the running window hits is told of less; its services are affected right now."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = announced(windows=(window(30), window(31), window(32, objects=("one",))))
    serve(maintenance)
    booking.start(maintenance, number=1, by=BY, now=START)
    serve(maintenance)
    kept = tuple(one for one in as_draft(maintenance).windows if one.number == 3)
    notice = booking.revise(maintenance, replace(as_draft(maintenance), windows=kept), by=BY, now=START + HOUR / 2)
    assert kinds(notice) == {"A": "eased", "B": "eased"}


def test_cancel_concerns_whom_a_cancelled_window_hits() -> None:
    """Whose work is done hears nothing of the rest."""
    for account, name in (("A", "one"), ("B", "two")):
        reader(account=account, object_id=name)
    maintenance = announced(windows=(window(30, objects=("one",)), window(31, objects=("two",))))
    serve(maintenance)
    booking.start(maintenance, number=1, by=BY, now=START)
    booking.finish(maintenance, number=1, by=BY, now=END)
    assert kinds(booking.cancel(maintenance, by=BY, now=END)) == {"B": "cancelled"}


def test_reminder_only_for_who_has_heard() -> None:
    """To the others it would not be true that we told them; start and completion likewise."""
    for account in ("A", "B", "C"):
        reader(account=account)
    maintenance = announced()
    serve(maintenance, "A", "C")
    assert kinds(booking.remind(maintenance.windows.get(), hours=48, now=START - 2 * DAY)) == {"A": "reminder", "C": "reminder"}
    booking.start(maintenance, by=BY, now=START)
    assert kinds(maintenance.notices.latest("revision")) == {"A": "started", "C": "started"}


def test_split_within_what_was_announced() -> None:
    """Two short windows in place of a long one: covered, at once, by the promise of the long one."""
    reader(account="A")
    maintenance = announced(windows=(window(30, hours=4),))
    serve(maintenance)
    split = (Night(START, START + HOUR), Night(START + 2 * HOUR, START + 3 * HOUR))
    notice = booking.revise(maintenance, replace(as_draft(maintenance), windows=split), by=BY, now=START - HOUR)
    assert told(notice) == {"A": ("eased", None)}
    assert list(Window.objects.order_by("number").values_list("state", "promised_since")) == [("cancelled", NOW), ("announced", NOW), ("announced", NOW)]


def test_work_that_hits_nobody_is_changed_within_what_was_announced() -> None:
    """Shorter, milder, other words: an hour before."""
    maintenance = announced()
    start = START - HOUR
    changes: tuple[dict[str, Any], ...] = ({"impact": Impact.NO_IMPACT}, {"texts": WORDS}, {"windows": (Night(START, END - HOUR, number=1),)})
    for change in changes:
        booking.revise(maintenance, replace(as_draft(Maintenance.objects.get()), **change), by=BY, now=start)
    assert Window.objects.values_list("end", "promised_since").get() == (END - HOUR, NOW)


def test_emergency_keeps_its_incident() -> None:
    """What it rests on cannot be taken away by a change."""
    reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(3),))
    with pytest.raises(ValidationError, match="is an emergency for incident INC-1"):
        booking.revise(maintenance, replace(as_draft(maintenance), incident=None), by=BY, now=NOW)


def test_alternate_replaces_something() -> None:
    """Taken beside the window that it stands in for, it would be more than was announced."""
    reader(account="A")
    maintenance = announced(windows=(window(30), replace(window(31), alternate=True)))
    with pytest.raises(ValidationError, match="say which window it replaces"):
        booking.take_alternate(maintenance, number=2, by=BY, now=NOW)
