"""Mail that stands still is told once, and again when it does so again."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from maintenance.states import Kind
from notifier.delivery import alerts, standstill, watch
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Alert, AlertKind, Delivery
from notifier.delivery.standstill import tell_that_mail_stands_still
from tests.factories import NOW, reader
from tests.notifier.delivery.notices import issue, work

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LINE = NOW + timedelta(days=9)


@pytest.fixture
def mails() -> None:
    """Three mails that were first due at NOW: one was put off, one was refused for now, one is left to its own time."""
    issue(work(), {reader(): Kind.ANNOUNCED for _ in range(3)}, deadline=LINE)
    fan_out_due(now=NOW)
    first, second, third = Delivery.objects.order_by("pk").values_list("pk", flat=True)
    Delivery.objects.filter(pk=first).update(due_at=NOW + 20 * MINUTE)
    Delivery.objects.filter(pk=second).update(attempts=2, reason="451 Greylisted")
    Delivery.objects.filter(pk=third).update(due_at=NOW + 600 * MINUTE, first_due_at=NOW + 600 * MINUTE)


def told(*minutes: int) -> list[datetime]:
    """Look so many minutes after NOW; return when the alerts so far were made."""
    for minute in minutes:
        tell_that_mail_stands_still(now=NOW + minute * MINUTE)
    return list(Alert.objects.filter(kind="standstill").order_by("pk").values_list("made_at", flat=True))


def accept(minute: float) -> None:
    """Have one more mail accepted then."""
    notice = issue(work(f"MNT-{minute}"), {reader(): Kind.ANNOUNCED})
    fan_out_due(now=NOW)
    Delivery.objects.filter(notice=notice).update(state="sent", accepted_at=NOW + minute * MINUTE)


def settle_all() -> None:
    """Have nothing wait any more."""
    Delivery.objects.filter(state="queued").update(state="withdrawn", reason="x")


@pytest.mark.usefixtures("mails")
def test_standstill_is_told_once_after_fifteen_minutes(caplog: pytest.LogCaptureFixture) -> None:
    assert told(1, 13, 14) == []
    assert told(15, 16, 17, 200) == [NOW + 16 * MINUTE]
    assert Alert.objects.get().facts == {
        "reference": "",
        "since": NOW.isoformat(),
        "number": 2,
        "reasons": [{"reason": "", "number": 1}, {"reason": "451 Greylisted", "number": 1}],
        "line": LINE.isoformat(),
    }
    assert [(record.levelname, record.getMessage()) for record in caplog.records if record.name == standstill.__name__] == [
        (
            "ERROR",
            f"mail stands still: 2 due, the oldest since {NOW.isoformat()}; reasons: no try was answered (1); 451 Greylisted (1)",
        )
    ]


@pytest.mark.usefixtures("mails")
def test_standstill_found_after_a_start_is_told_when_it_lasts() -> None:
    """The program was off: what waits goes out now."""
    assert told(500) == []
    settle_all()
    assert told(501, 502) == []


@pytest.mark.usefixtures("mails")
def test_mail_that_goes_out_slowly_does_not_stand_still_for_an_hour() -> None:
    accept(10)
    assert told(20, 24) == []
    assert told(26) == [NOW + 26 * MINUTE]


@pytest.mark.usefixtures("mails")
def test_mail_that_is_an_hour_late_is_told_whatever_else_goes_out() -> None:
    for minute in (30, 45, 58):
        accept(minute)
    assert told(40, 50, 59) == []
    assert told(60) == [NOW + 60 * MINUTE]


@pytest.mark.usefixtures("mails")
def test_standstill_after_it_went_on_is_another() -> None:
    told(16, 17)
    settle_all()
    assert told(18, 19) == [NOW + 17 * MINUTE]
    assert Alert.objects.get().facts["ended"] == (NOW + 18 * MINUTE).isoformat()
    Delivery.objects.filter(state="withdrawn", first_due_at=NOW).update(state="queued", first_due_at=NOW + 30 * MINUTE, attempts=0)
    assert told(40, 50, 51) == [NOW + 17 * MINUTE, NOW + 51 * MINUTE]


@pytest.mark.usefixtures("mails")
def test_two_workers_tell_of_one_standstill_once(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """The other one writes its alert while this one works out what to say."""
    facts = standstill._facts

    def slowly(since: datetime, *, now: datetime) -> dict[str, Any]:
        alerts.raise_alert(AlertKind.STANDSTILL, "standstill:0", {}, now=now)
        return facts(since, now=now)

    monkeypatch.setattr(standstill, "_facts", slowly)
    assert told(16, 17) == [NOW + 17 * MINUTE]
    assert [record.levelname for record in caplog.records if record.name == standstill.__name__] == []


@pytest.mark.usefixtures("mails")
def test_watch_looks_for_it() -> None:
    for minute in (16, 17):
        watch.look(now=NOW + minute * MINUTE)
    assert Alert.objects.filter(kind="standstill").count() == 1
