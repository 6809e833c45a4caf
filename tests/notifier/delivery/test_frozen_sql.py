"""Statements written once: with other values they do what the ORM's own would do, for any number of keys."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from maintenance import booking
from maintenance.models import Maintenance, Served
from maintenance.states import Hop
from notifier.delivery import frozen_sql, outbox, settle
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.frozen_sql import Frozen
from notifier.delivery.models import Delivery
from tests.factories import BY, NOW, draft, reader

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def queue(number: int) -> Maintenance:
    """Announce to so many contacts."""
    for _ in range(number):
        reader()
    made = booking.book(draft(), by=BY, now=NOW)
    booking.announce(made, by=BY, now=NOW)
    fan_out_due(now=NOW)
    return made


@pytest.mark.parametrize("number", [1, 2, 3, 5, 9])
def test_grant_marks_exactly_what_is_named_and_held(number: int) -> None:
    queue(number + 2)
    mine = outbox.claim(now=NOW, most=number)
    other = outbox.claim(now=NOW, most=9)
    assert outbox.grant([*mine.ids, *other.ids], mine.token, now=NOW + SECOND) == set(mine.ids)
    assert set(Delivery.objects.filter(handed_over_at=NOW + SECOND).values_list("pk", flat=True)) == set(mine.ids)
    assert outbox.grant(other.ids, other.token, now=NOW + 2 * SECOND) == set(other.ids)
    assert set(Delivery.objects.filter(handed_over_at=NOW + 2 * SECOND).values_list("pk", flat=True)) == set(other.ids)


def test_grant_of_none_asks_nothing() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert outbox.grant([], "token", now=NOW) == set()
    assert len(asked) == 0


def test_grant_knows_the_line_and_what_was_cancelled_each_time() -> None:
    """The statement is the same; what is true at the moment is not."""
    made = queue(4)
    claimed = outbox.claim(now=NOW, most=9)
    line = Delivery.objects.get(pk=claimed.ids[0]).deadline
    assert line is not None
    last = line - outbox.lease()
    assert outbox.grant(claimed.ids[:1], claimed.token, now=last + timedelta(microseconds=1)) == set()
    assert outbox.grant(claimed.ids[:1], claimed.token, now=last) == {claimed.ids[0]}
    booking.cancel(made, reason="", by=BY, now=NOW)
    assert outbox.grant(claimed.ids[1:2], claimed.token, now=NOW) == set()


def test_grant_prolongs_by_the_lease_of_the_setting(settings: Settings) -> None:
    queue(2)
    claimed = outbox.claim(now=NOW, most=9)
    ends = []
    for pk, seconds in zip(claimed.ids, (10, 3600), strict=True):
        settings.DELIVERY_LEASE_SECONDS = seconds
        assert outbox.grant([pk], claimed.token, now=NOW) == {pk}
        ends.append(Delivery.objects.get(pk=pk).lease_until)
    assert ends[0] is not None
    assert ends[1] is not None
    assert ends[1] - ends[0] > timedelta(seconds=3000)


def test_accepting_more_than_one_statement_takes_serves_each_with_its_own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frozen_sql, "MOST", 2)
    queue(5)
    claimed = outbox.claim(now=NOW, most=9)
    said = {pk: f"250 {'?%s' if pk % 2 else ''} {pk}" for pk in claimed.ids}
    assert settle.all_accepted(said, claimed.token, at=NOW + SECOND, hop=Hop.RELAY) == 5
    rows = Delivery.objects.values_list("pk", "state", "hop_detail", "accepted_at", "settled_at", "hop", "lease_until")
    assert sorted(rows) == sorted((pk, "sent", words, NOW + SECOND, NOW + SECOND, "relay", None) for pk, words in said.items())
    assert sorted(Served.objects.values_list("detail", "accepted_at", "hop")) == sorted((words, NOW + SECOND, "relay") for words in said.values())


def test_acceptance_is_never_before_the_notice() -> None:
    """A worker's clock may be behind that of whoever issued it."""
    queue(1)
    claimed = outbox.claim(now=NOW, most=9)
    settle.all_accepted({claimed.ids[0]: "250"}, claimed.token, at=NOW - timedelta(hours=1), hop=Hop.RELAY)
    assert (Delivery.objects.get().accepted_at, Served.objects.get().accepted_at) == (NOW, NOW)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_statements_together_are_one_transaction() -> None:
    """One that fails takes the others back; on PostgreSQL they go in one round trip."""
    queue(3)
    claimed = outbox.claim(now=NOW, most=9)
    good = settle.accepting({claimed.ids[0]: "250 first"}, claimed.token, at=NOW, hop=Hop.RELAY)
    broken = (Frozen(lambda _values: ("UPDATE delivery_delivery SET state = NULL", ())), good[0][1])
    with pytest.raises(IntegrityError):
        frozen_sql.together([*good, broken])
    assert (set(Delivery.objects.values_list("state", flat=True)), Served.objects.count()) == ({"sending"}, 0)
    granted = outbox.granting(claimed.ids[1:], claimed.token, now=NOW)
    assert outbox.grant(claimed.ids[1:], claimed.token, now=NOW - SECOND) == set(claimed.ids[1:])  # it is prepared
    with CaptureQueriesContext(connection) as asked:
        rows = frozen_sql.together([*good, *granted])
    assert [sorted(pk for (pk,) in found) for found in rows] == [[], [claimed.ids[0]], list(claimed.ids[1:])]
    assert len(asked) == (1 if connection.vendor == "postgresql" else 5)
    assert Served.objects.count() == 1
