"""The courier between the outbox and the connections: what it does when the database is away, and what it writes at once."""

import time
from datetime import datetime, timedelta

import pytest
from django.db import OperationalError
from django.db.models import F

from maintenance import booking
from maintenance.models import Served
from maintenance.states import Hop
from notifier.delivery import outbox, settle
from notifier.delivery.courier import PATIENCE, Courier
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.prepared import Prepared
from notifier.delivery.transport import Answer, Outcome
from tests.factories import BY, NOW, draft, reader
from tests.notifier.delivery.aside import aside

ACCEPTED = Outcome(Answer.ACCEPTED, detail="smtp:test 250 taken")
ANOTHER = "a" * 32


def courier(*, now: datetime = NOW) -> Courier:
    """Return a courier whose clock stands."""
    return Courier(Hop.RELAY, lambda: now, lambda: True, lambda: None, aside("settle"), aside("claim"))


def queue(number: int) -> None:
    """Announce to so many contacts."""
    for _ in range(number):
        reader()
    booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    fan_out_due(now=NOW)


def written(one: Courier, ready: list[Prepared], outcomes: list[tuple[Prepared, Outcome]]) -> set[int]:
    """Have it written as the pool does."""
    granted = one.settle(ready, outcomes).result()
    one.settled(ready, outcomes, granted)
    return granted


def taken(one: Courier) -> list[Prepared]:
    """Take all mails."""
    found = []
    while (mail := one.next()) is not None:
        found.append(mail)
    return found


def states() -> list[str]:
    """Return the states, in order."""
    return list(Delivery.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.django_db
def test_settle_writes_ends_and_markers_of_several_mails_at_once() -> None:
    queue(4)
    one = courier()
    mails = taken(one)
    outcomes = [(mails[0], ACCEPTED), (mails[1], Outcome(Answer.PERMANENT, "550 no")), (mails[2], Outcome(Answer.UNREACHABLE, "gone"))]
    assert written(one, [mails[3]], outcomes) == {mails[3].pk}
    rows = {row.pk: row for row in Delivery.objects.all()}
    assert states() == ["sent", "failed", "queued", "sending"]
    assert (rows[mails[0].pk].accepted_at, rows[mails[0].pk].hop_detail) == (NOW, "smtp:test 250 taken")
    assert (rows[mails[2].pk].due_at, rows[mails[2].pk].attempts) == (NOW + timedelta(seconds=10), 0)
    assert rows[mails[3].pk].handed_over_at == NOW
    assert list(Served.objects.values_list("detail", flat=True)) == ["smtp:test 250 taken"]
    assert one.dealt_with == 2  # one waits again


@pytest.mark.django_db
def test_settle_twice_serves_once() -> None:
    """A commit whose answer was lost is done again."""
    queue(1)
    one = courier()
    (mail,) = taken(one)
    token = Delivery.objects.get().lease_token
    assert written(one, [mail], []) == {mail.pk}
    written(one, [], [(mail, ACCEPTED)])
    assert settle.all_accepted({mail.pk: "again"}, token, at=NOW, hop=Hop.RELAY) == 0
    assert list(Served.objects.values_list("detail", flat=True)) == ["smtp:test 250 taken"]


@pytest.mark.django_db
def test_late_answer_of_a_mail_flagged_unknown_settles_it() -> None:
    queue(1)
    one = courier()
    (mail,) = taken(one)
    written(one, [mail], [])
    row = Delivery.objects.get()
    settle.unknown(row, row.lease_token, at=NOW, reason="slow")
    written(one, [], [(mail, ACCEPTED)])
    assert (states(), Served.objects.count()) == (["sent"], 1)


@pytest.mark.django_db
def test_settle_of_a_mail_that_is_somebody_elses_changes_nothing() -> None:
    queue(1)
    one = courier()
    (mail,) = taken(one)
    Delivery.objects.update(lease_token=ANOTHER)
    assert written(one, [mail], []) == set()
    assert (Delivery.objects.get().handed_over_at, Delivery.objects.get().lease_token, states()) == (None, ANOTHER, ["sending"])


@pytest.mark.django_db
def test_next_with_the_database_away_ends_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Other mails are on their way: their answers must still be heard."""
    queue(2)
    error = OperationalError("restart")

    def away(**_given: object) -> outbox.Claim:
        raise error

    monkeypatch.setattr(outbox, "claim", away)
    one = courier()
    assert (one.next(), one.trouble) == (None, error)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_settle_waits_for_the_database_and_loses_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    queue(1)
    one = courier()
    (mail,) = taken(one)
    written(one, [mail], [])
    errors = [OperationalError("restart"), OperationalError("starting up")]
    accepted = settle.all_accepted

    def sometimes(*args: object, **given: object) -> int:
        if errors:
            raise errors.pop()
        return accepted(*args, **given)  # type: ignore[arg-type]  # passed on as they came

    monkeypatch.setattr(settle, "all_accepted", sometimes)
    written(one, [], [(mail, ACCEPTED)])
    assert (states(), one.dealt_with, Served.objects.count()) == (["sent"], 1, 1)


@pytest.mark.django_db
def test_connections_that_break_without_end_tire_the_courier_and_an_answer_rests_it() -> None:
    queue(PATIENCE + 2)
    one = courier()
    mails = taken(one)
    written(one, [], [(mail, Outcome(Answer.UNREACHABLE, "gone")) for mail in mails[: PATIENCE - 1]])
    assert not one.is_tired
    written(one, [], [(mails[PATIENCE - 1], Outcome(Answer.TEMPORARY, "451 later"))])
    written(one, [], [(mails[PATIENCE], Outcome(Answer.UNREACHABLE, "gone"))])
    assert (one.is_tired, one.breaks) == (False, 1)
    one.breaks = PATIENCE
    assert one.next() is None


@pytest.mark.django_db
def test_give_back_returns_what_was_not_begun_and_counts_no_try() -> None:
    queue(3)
    one = courier()
    first = one.next()
    assert first is not None
    written(one, [first], [])
    one.give_back(due_at=NOW + timedelta(minutes=1))
    assert states() == ["sending", "queued", "queued"]
    assert set(Delivery.objects.filter(state="queued").values_list("attempts", "due_at")) == {(0, NOW + timedelta(minutes=1))}


@pytest.mark.django_db
def test_claim_ahead_renews_its_leases_while_it_waits() -> None:
    queue(2)
    one = courier()
    mails = taken(one)
    Delivery.objects.update(lease_until=F("lease_until") - timedelta(seconds=1))
    before = Delivery.objects.get(pk=mails[1].pk).lease_until
    one._held._since = dict.fromkeys(one._held._since, -1000.0)  # long ago
    written(one, [], [(mails[0], ACCEPTED)])
    after = Delivery.objects.get(pk=mails[1].pk).lease_until
    assert before is not None
    assert after is not None
    assert after > before


@pytest.mark.django_db
def test_pause_is_no_busy_wait_when_the_time_has_come_and_nobody_is_free() -> None:
    queue(2)
    one = courier()
    assert one.next() is not None
    one._go_at = time.monotonic() + 5
    assert 4 < one.pause() <= 5
    one._go_at = time.monotonic() - 5
    assert one.pause() == 0.5
