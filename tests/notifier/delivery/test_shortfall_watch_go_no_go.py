"""The go/no-go of each window whose start is near: once, with all that is open."""

from datetime import datetime
from typing import Any

import pytest
from django.utils import translation
from pytest_django import Settings

from maintenance import obstacles, shortfalls
from maintenance.models import Acknowledgement, Freeze, Shortfall, Window
from notifier.delivery import shortfall_watch
from notifier.delivery.models import Delivery
from notifier.delivery.shortfall_watch import keep_shortfalls, tell_what_is_open
from tests.factories import BY, NOW, OperatorFactory, reader, window
from tests.maintenance.telling import DAY, HOUR, serve
from tests.notifier.delivery.short import FAILED, START, alerts, unreachable, work

pytestmark = pytest.mark.django_db


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


def test_go_no_go_of_one_that_fails_goes_on_with_the_others(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """It comes as soon as it can be made."""
    reader()
    work()
    work(reference="MNT-2", windows=(window(30.1),))
    facts = shortfall_watch._open_facts

    def fail(night: Window) -> dict[str, Any]:
        if night.maintenance.reference == "MNT-1":
            raise ValueError("broken")
        return facts(night)

    monkeypatch.setattr(shortfall_watch, "_open_facts", fail)
    tell_what_is_open(now=START - HOUR)
    assert [found["reference"] for found in alerts("go_no_go")] == ["MNT-2"]
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == ["the go/no-go of MNT-1.1 was not raised"]
    monkeypatch.undo()
    tell_what_is_open(now=START - HOUR)
    assert [found["reference"] for found in alerts("go_no_go")] == ["MNT-2", "MNT-1"]
