"""Who is not served in time is found by looking, written once, told at once, and cleared when it is so no more."""

from datetime import datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import translation
from pytest_django import Settings

from customers.models import Customer
from maintenance import booking, coverage, obstacles, shortfalls
from maintenance.models import Acknowledgement, Freeze, Maintenance, Served, Shortfall
from maintenance.states import Hop
from notifier.delivery import shortfall_watch
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Alert, Delivery
from notifier.delivery.shortfall_watch import keep, keep_shortfalls, tell_what_is_open
from tests.factories import BY, NOW, CustomerFactory, OperatorFactory, ServiceFactory, draft, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR, p1, serve

pytestmark = pytest.mark.django_db
START = NOW + 30 * DAY
LINE = NOW + 20 * DAY
COST_OF_ONE = 16
"""Four to find the maintenance, the rest to look at it closely."""
FAILED: dict[str, Any] = {"state": "failed", "reason": "550 No such person", "handed_over_at": NOW, "settled_at": NOW}


def unreachable(account: str = "LOST") -> Customer:
    """Return a customer with a service and no contact."""
    customer = CustomerFactory.create(account=account)
    ServiceFactory.create(customer=customer)
    return customer


def work(**changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return announced work whose mails are made."""
    maintenance = booking.book(draft(**changes), by=BY, now=NOW)
    booking.announce(maintenance, acknowledged="both are known", by=BY, now=NOW)
    maintenance.refresh_from_db()
    fan_out_due(now=NOW)
    return maintenance


def rows() -> list[tuple[str, int, str, bool]]:
    """Return account, window, cause and whether it is open, of every shortfall."""
    found = Shortfall.objects.order_by("pk").values_list("customer__account", "window__number", "cause", "cleared_at")
    return [(account, number, cause, cleared_at is None) for account, number, cause, cleared_at in found]


def alerts(kind: str) -> list[dict[str, Any]]:
    """Return the facts of the alerts of a kind."""
    return list(Alert.objects.filter(kind=kind).order_by("pk").values_list("facts", flat=True))


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
    assert (facts["number"], facts["customers"]) == (3, [{"account": f"LOST{number}", "cause": "no_contact", "windows": nights} for number in range(3)])


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


def go_no_go(now: datetime) -> list[tuple[int, list[str]]]:
    """Return window and customers listed, of every go/no-go raised so far."""
    tell_what_is_open(now=now)
    return [(facts["window"], [row["account"] for row in facts["customers"]]) for facts in alerts("go_no_go")]


def test_go_no_go_comes_once_at_its_hours_before_the_start() -> None:
    reader()
    work(windows=(window(30), window(31)))
    assert go_no_go(START - 49 * HOUR) == []
    assert go_no_go(START - 48 * HOUR) == [(1, [])]
    assert go_no_go(START - HOUR) == [(1, []), (2, [])]
    assert go_no_go(START - HOUR) == [(1, []), (2, [])]


@pytest.mark.parametrize(("hours", "number"), [(24, 0), (72, 1)])
def test_go_no_go_at_the_hours_that_are_set(hours: int, number: int, settings: Settings) -> None:
    settings.GO_NO_GO_HOURS = hours
    reader()
    work()
    assert len(go_no_go(START - 48 * HOUR)) == number


def test_go_no_go_after_the_start_is_dropped() -> None:
    reader()
    work()
    assert go_no_go(START) == []


def test_go_no_go_of_a_window_that_moves_comes_again() -> None:
    reader()
    maintenance = work()
    serve(maintenance)
    assert len(go_no_go(START - HOUR)) == 1
    maintenance.windows.update(start=START + HOUR / 2)
    assert len(go_no_go(START - HOUR)) == 2


def test_go_no_go_lists_what_is_open() -> None:
    unreachable("LOST")
    unreachable("KNOWN")
    served = reader(account="HALF")
    broken = reader(account="BROKEN")
    maintenance = work(supplier=OperatorFactory.create())
    serve(maintenance, "HALF", "BROKEN")
    Delivery.objects.filter(customers=served).update(state="unknown", reason="no answer", handed_over_at=NOW)
    Delivery.objects.filter(customers=broken).update(**FAILED)
    keep_shortfalls(now=NOW)
    shortfalls.give_reason(Shortfall.objects.filter(customer__account="KNOWN"), reason="told", by=BY, now=NOW)
    Freeze.objects.create(name="Sales", start=START - DAY, end=START + DAY)
    tell_what_is_open(now=START - HOUR)
    (facts,) = alerts("go_no_go")
    contact = Delivery.objects.get(customers=broken).contact_id
    listed = ("customers", "explained", "faults", "unknown", "nothing_open", "start", "end")
    assert {name: facts[name] for name in listed} == {
        "customers": [{"account": "LOST", "cause": "no_contact"}],
        "explained": 1,
        "faults": [{"account": "BROKEN", "contact": contact, "reason": "550 No such person"}],
        "unknown": 1,
        "nothing_open": False,
        "start": START.isoformat(),
        "end": (START + 2 * HOUR).isoformat(),
    }
    assert [line.startswith("Window MNT-1.1 is in the freeze “Sales” of everything") for line in facts["obstacles"]] == [True]


@pytest.mark.parametrize("language", ["en", "es"])
def test_go_no_go_leaves_out_what_was_acknowledged_in_any_language(language: str) -> None:
    reader()
    maintenance = work(supplier=OperatorFactory.create())
    Freeze.objects.create(name="Sales", start=START - DAY, end=START + DAY)
    with translation.override(language):
        (found,) = obstacles.find(maintenance, list(maintenance.windows.all()))
    Acknowledgement.objects.create(maintenance=maintenance, obstacle="freeze", what=found.kept, reason="must", recorded_at=NOW, recorded_by=BY)
    tell_what_is_open(now=START - HOUR)
    assert alerts("go_no_go")[0]["obstacles"] == []
