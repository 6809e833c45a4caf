"""Statements that PostgreSQL prepares: written safely, named by what they are, and done without where a pooler loses them."""

from datetime import UTC, datetime

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext

from maintenance.models import Served
from maintenance.states import Hop
from notifier.delivery import frozen_sql, outbox, prepared_sql, settle
from notifier.delivery.models import Delivery
from notifier.delivery.prepared_sql import Prepared
from tests.factories import NOW
from tests.notifier.delivery.test_frozen_sql import SECOND, queue

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite needs no preparation"),
]
TYPES = {"\x01text": "text", 7: "bigint", datetime(2000, 1, 1, tzinfo=UTC): "timestamptz"}
HOSTILE = ["it's", 'a "quote"', "50 % %s %%", "back\\slash", "$1", "line\nbreak", "'; DROP TABLE delivery_delivery; --", ""]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> Prepared:
    """Start with nothing prepared."""
    made = Prepared()
    monkeypatch.setattr(frozen_sql, "_prepared", made)
    connection.close()
    return made


def run(prepared: Prepared, sql: str, params: tuple[object, ...], *values: str | int | datetime) -> object:
    """Prepare, then execute with these values; return the row."""
    call, places = prepared.call(sql, params, TYPES)
    assert len(places) == len(values)
    with connection.cursor() as cursor:
        cursor.execute(call, values)
        return cursor.fetchone()


@pytest.mark.parametrize("value", HOSTILE)
def test_a_value_comes_through_as_it_is_whether_it_changes_or_not(fresh: Prepared, value: str) -> None:
    assert run(fresh, "SELECT %s || '%%', %s, %s", ("\x01text", value, "\x01text"), value) == (f"{value}%", value, value)


def test_each_changing_value_is_given_once_and_keeps_its_type(fresh: Prepared) -> None:
    moment = datetime(2026, 3, 29, 1, 30, 0, 5, tzinfo=UTC)
    (when,) = (key for key in TYPES if isinstance(key, datetime))
    found = run(fresh, "SELECT %s + 1, %s, %s, pg_typeof(%s)::text, 12", (7, when, "\x01text", 7), 2**40, moment, "x")
    assert found == (2**40 + 1, moment, "x", "bigint", 12)


def test_the_name_says_what_the_statement_is(fresh: Prepared) -> None:
    """Another version of this program on a shared connection must not run ours, nor we its."""
    first, _places = fresh.call("SELECT %s", ("\x01text",), TYPES)
    other, _places = fresh.call("SELECT %s, 1", ("\x01text",), TYPES)
    typed, _places = fresh.call("SELECT %s", (7,), TYPES)
    assert len({first.partition(" (")[0], other.partition(" (")[0], typed.partition(" (")[0]}) == 3
    assert Prepared()._written == {}
    connection.close()
    assert Prepared().call("SELECT %s", ("\x01text",), TYPES)[0] == first


def test_a_statement_is_prepared_once_a_connection_and_again_after_a_while(fresh: Prepared, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plan that was made for an empty table is not kept for a full one."""

    def prepares() -> list[str]:
        with CaptureQueriesContext(connection) as asked:
            fresh.renew()
            run(fresh, "SELECT %s", ("\x01text",), "x")
        return [one["sql"].split()[0] for one in asked]

    assert [prepares(), prepares()] == [["PREPARE", "EXECUTE"], ["EXECUTE"]]
    monkeypatch.setattr(prepared_sql, "KEPT_SECONDS", 0)
    assert prepares() == ["DEALLOCATE", "PREPARE", "EXECUTE"]
    monkeypatch.setattr(prepared_sql, "KEPT_SECONDS", 10)
    connection.close()
    assert prepares() == ["PREPARE", "EXECUTE"]


@pytest.mark.parametrize("lost", ["DEALLOCATE ALL", "PREPARE"])
def test_behind_a_pooler_everything_goes_unprepared_and_is_written_once(fresh: Prepared, lost: str) -> None:
    """The next transaction has another connection, which knows nothing of ours, or has it from somebody else."""
    queue(3)
    claimed = outbox.claim(now=NOW, most=9)
    assert outbox.grant(claimed.ids, claimed.token, now=NOW) == set(claimed.ids)
    with connection.cursor() as cursor:
        if lost == "PREPARE":  # somebody has prepared it, and we do not know
            fresh._names.clear()
        else:
            cursor.execute(lost)
    said = {pk: f"250 {pk} {hostile}" for pk, hostile in zip(claimed.ids, HOSTILE, strict=False)}
    assert outbox.grant(claimed.ids, claimed.token, now=NOW + SECOND) == set(claimed.ids)
    assert not fresh.works
    assert settle.all_accepted(said, claimed.token, at=NOW + SECOND, hop=Hop.RELAY) == 3
    assert dict(Delivery.objects.values_list("pk", "hop_detail")) == said
    assert Served.objects.count() == 3


def test_what_the_server_said_is_written_as_it_is(fresh: Prepared) -> None:
    queue(len(HOSTILE))
    claimed = outbox.claim(now=NOW, most=9)
    said = {pk: f"250 {hostile}" for pk, hostile in zip(claimed.ids, HOSTILE, strict=True)}
    assert settle.all_accepted(said, claimed.token, at=NOW, hop=Hop.RELAY) == len(HOSTILE)
    assert fresh.works
    assert dict(Delivery.objects.values_list("pk", "hop_detail")) == said
    assert sorted(Served.objects.values_list("detail", flat=True)) == sorted(said.values())


def test_any_other_trouble_is_raised(fresh: Prepared) -> None:
    """That a statement waited too long says nothing about poolers."""
    queue(1)
    claimed = outbox.claim(now=NOW, most=9)
    outbox.grant(claimed.ids, claimed.token, now=NOW)
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM delivery_delivery FOR UPDATE")
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '50ms'")
        with pytest.raises(OperationalError, match="lock timeout"):
            outbox.grant(claimed.ids, claimed.token, now=NOW)
    finally:
        other.rollback()
        other.close()
    assert fresh.works
