"""Who is not served in time is found by looking, written once, told at once, and cleared when it is so no more."""

import math
import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maintenance import booking, coverage, shortfalls
from maintenance.models import Maintenance, Served, Shortfall
from maintenance.states import Hop
from notifier.delivery import shortfall_watch
from notifier.delivery.models import Delivery
from notifier.delivery.shortfall_watch import LONGEST_UNSEEN_SECONDS, keep, keep_shortfalls
from tests.factories import BY, NOW, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR, p1, serve
from tests.notifier.delivery.short import FAILED, START, alerts, unreachable, work

pytestmark = pytest.mark.django_db
LINE = NOW + 20 * DAY
COST_OF_LOOKING = 8
COST_OF_ONE = 17
"""Four to find the maintenance, the rest to look at it closely."""


@pytest.fixture(autouse=True)
def seen(monkeypatch: pytest.MonkeyPatch) -> dict[str, float]:
    """Begin as a process that has just looked at everything; what is returned says when."""
    at = {"at": time.monotonic()}
    monkeypatch.setattr(shortfall_watch, "_seen", at)
    return at


def rows() -> list[tuple[str, int, str, bool]]:
    """Return account, window, cause and whether it is open, of every shortfall."""
    found = Shortfall.objects.order_by("pk").values_list("customer__account", "window__number", "cause", "cleared_at")
    return [(account, number, cause, cleared_at is None) for account, number, cause, cleared_at in found]


def test_keep_shortfalls_finds_tells_and_finds_nothing_twice() -> None:
    unreachable()
    reader(account="FINE")
    maintenance = work()
    keep_shortfalls(now=NOW)
    assert rows() == [("LOST", 1, "no_contact", True)]
    assert alerts("shortfall") == [
        {
            "maintenance": maintenance.pk,
            "reference": "MNT-1",
            "title": "Title (en)",
            "timezone": "Europe/London",
            "window": 1,
            "number": 1,
            "start": START.isoformat(),
            "customers": [{"account": "LOST", "cause": "no_contact", "windows": [1]}],
            "more": 0,
        }
    ]
    with nothing_changes():
        keep_shortfalls(now=NOW + HOUR)


def test_keep_shortfalls_of_eight_nights_is_one_alert() -> None:
    for number in range(3):
        unreachable(f"LOST{number}")
    work(windows=tuple(window(30 + night) for night in range(8)))
    keep_shortfalls(now=NOW)
    assert len(rows()) == 24
    (facts,) = alerts("shortfall")
    nights = list(range(1, 9))
    assert facts["customers"] == [{"account": f"LOST{number}", "cause": "no_contact", "windows": nights} for number in range(3)]
    assert (facts["number"], "window" in facts) == (3, False)


def test_keep_shortfalls_names_so_many_and_counts_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortfall_watch, "LISTED", 1)
    unreachable("LOST1")
    unreachable("LOST2")
    work()
    keep_shortfalls(now=NOW)
    (facts,) = alerts("shortfall")
    assert (facts["number"], [row["account"] for row in facts["customers"]], facts["more"]) == (2, ["LOST1"], 1)


def test_keep_shortfalls_while_mails_wait_is_silent_until_the_line_has_passed() -> None:
    reader(account="SLOW")
    work()
    keep_shortfalls(now=LINE)
    assert rows() == []
    keep_shortfalls(now=LINE + HOUR)
    assert rows() == [("SLOW", 1, "too_late", True)]


def test_keep_shortfalls_of_two_workers_writes_and_tells_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The second has seen that something is to be done, and waited while the first did it."""
    unreachable()
    work()
    keep_shortfalls(now=NOW)
    monkeypatch.setattr(shortfall_watch, "_in_step", lambda _standing, _found: False)
    with nothing_changes():
        keep_shortfalls(now=NOW + HOUR)


def test_keep_shortfalls_changes_the_cause_without_another_alert() -> None:
    reader(account="SLOW")
    work()
    Delivery.objects.update(**FAILED | {"state": "unknown"})
    keep_shortfalls(now=NOW)
    Delivery.objects.update(**FAILED)
    keep_shortfalls(now=NOW)
    assert rows() == [("SLOW", 1, "failed", True)]
    assert len(alerts("shortfall")) == 1


def test_keep_shortfalls_clears_who_was_told_by_telephone_and_finds_who_bounced() -> None:
    customer = unreachable()
    maintenance = work()
    keep_shortfalls(now=NOW)
    served = shortfalls.serve_otherwise(maintenance.notices.get(), customer, how=Hop.PHONE, at=NOW, to_whom="Ana", document="call 7", by=BY, now=NOW + HOUR)
    keep_shortfalls(now=NOW + HOUR)
    assert rows() == [("LOST", 1, "no_contact", False)]
    Served.objects.filter(pk=served.pk).update(revoked_at=NOW + DAY)
    keep_shortfalls(now=NOW + DAY)
    assert rows() == [("LOST", 1, "no_contact", False), ("LOST", 1, "bounced", True)]
    assert len(alerts("shortfall")) == 2


def test_keep_shortfalls_clears_what_is_moved_so_that_the_new_notice_is_in_time() -> None:
    reader(account="SLOW")
    maintenance = work()
    Delivery.objects.update(**FAILED)
    keep_shortfalls(now=NOW)
    booking.move(maintenance, number=1, start=START + 5 * DAY, end=START + 5 * DAY + HOUR, by=BY, now=NOW + HOUR)
    keep_shortfalls(now=NOW + HOUR)
    assert rows() == [("SLOW", 1, "failed", False)]


def test_keep_shortfalls_clears_what_is_cancelled_and_leaves_what_began() -> None:
    unreachable()
    gone, begun = work(), work(reference="MNT-2", windows=(window(31),))
    keep_shortfalls(now=NOW)
    booking.cancel(gone, by=BY, now=NOW + HOUR)
    booking.start(begun, by=BY, now=START + DAY)
    keep_shortfalls(now=START + DAY)
    assert [(row.window.maintenance.reference, row.cleared_at) for row in Shortfall.objects.order_by("pk")] == [("MNT-1", START + DAY), ("MNT-2", None)]


def test_keep_shortfalls_leaves_emergencies_alone() -> None:
    unreachable()
    work(windows=(window(1),), incident=p1())
    keep_shortfalls(now=NOW)
    assert rows() == []


def test_keep_shortfalls_of_one_that_fails_goes_on_with_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    unreachable()
    broken = work()
    work(reference="MNT-2")
    found = coverage.unserved_by_window

    def fail(maintenance: Maintenance, windows: Any) -> Any:  # noqa: ANN401  # as coverage has it
        if maintenance.pk == broken.pk:
            raise ValidationError("broken")
        return found(maintenance, windows)

    monkeypatch.setattr(shortfall_watch, "unserved_by_window", fail)
    keep_shortfalls(now=NOW)
    assert [row.window.maintenance.reference for row in Shortfall.objects.all()] == ["MNT-2"]


@pytest.mark.parametrize("number", [1, 3])
def test_keep_shortfalls_costs_the_same_where_everybody_is_served(number: int) -> None:
    reader()
    for one in range(number):
        serve(work(reference=f"MNT-{one}", windows=tuple(window(30 + night) for night in range(number))))
    with CaptureQueriesContext(connection) as captured:
        keep_shortfalls(now=NOW)
    assert len(captured) == 3


@pytest.mark.parametrize("number", [1, 3])
def test_keep_shortfalls_costs_the_same_for_any_number_of_customers_and_nights(number: int) -> None:
    for one in range(number):
        unreachable(f"LOST{one}")
    work(windows=tuple(window(30 + night) for night in range(number)))
    keep_shortfalls(now=NOW)
    with CaptureQueriesContext(connection) as captured:
        keep_shortfalls(now=NOW)
    assert len(captured) == COST_OF_ONE


def test_keep_finds_a_service_that_was_missing_from_the_records() -> None:
    reader(account="TOLD")
    maintenance = work()
    serve(maintenance)
    late = unreachable("LATE")
    late.held.update(held_since=NOW - DAY)
    keep(maintenance, now=LINE + DAY)
    assert rows() == [("LATE", 1, "record", True)]


def test_keep_shortfalls_of_work_told_as_an_emergency_finds_who_is_short_for_the_planned_window() -> None:
    """Its notice has no deadline: once one was told by it, nobody looks at the next."""
    reader(account="SLOW")
    maintenance = work(windows=(window(1), window(30)), incident=p1())
    keep_shortfalls(now=NOW)
    assert rows() == []
    Delivery.objects.update(**FAILED)
    keep_shortfalls(now=NOW + HOUR)
    assert rows() == [("SLOW", 2, "failed", True)]
    serve(maintenance)
    keep_shortfalls(now=NOW + HOUR)
    assert rows() == [("SLOW", 2, "failed", False)]


def test_keep_shortfalls_looks_at_everything_once_an_hour(seen: dict[str, float]) -> None:
    """More days were agreed with a customer since it was served: nothing in the notices says so."""
    customer = reader(account="SLOW")
    serve(work())
    customer.notice_days = 40
    customer.save()
    seen["at"] += 10 - LONGEST_UNSEEN_SECONDS
    keep_shortfalls(now=NOW)
    assert rows() == []
    seen["at"] -= 10
    keep_shortfalls(now=NOW)
    assert rows() == [("SLOW", 1, "too_late", True)]
    assert time.monotonic() - seen["at"] < LONGEST_UNSEEN_SECONDS


@pytest.mark.parametrize("number", [1, 3])
def test_keep_shortfalls_looking_at_everything_costs_the_same_for_each(number: int, seen: dict[str, float]) -> None:
    for _ in range(number):
        reader()
    for one in range(number):
        serve(work(reference=f"MNT-{one}", windows=tuple(window(30 + one + night / 5) for night in range(number))))
    seen["at"] = -math.inf
    with CaptureQueriesContext(connection) as captured:
        keep_shortfalls(now=NOW)
    assert len(captured) == 2 + number * COST_OF_LOOKING
