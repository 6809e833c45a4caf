"""The number of days: no setting, form, import or write to the database makes it less than ten."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.forms import modelform_factory
from pytest_django import Settings

from customers.models import Customer, Operator, Region
from maintenance.rules import rules
from tests.maintenance.conftest import Way
from tests.maintenance.ways_in import Change, Row, insertion, outside_cursor, refused, row, tried

pytestmark = pytest.mark.django_db
FIELDS: dict[type[Model], dict[str, Any]] = {
    Region: {"slug": "x", "language": "en", "timezone": "UTC", "sender_name": "n", "sender_email": "a@b.example", "reply_to": "a@b.example"},
    Customer: {"account": "A", "name": "A", "region_id": 1, "tier_id": 1, "language": "en", "timezone": "UTC", "sim_base": 1},
    Operator: {"code": "mno"},
}
PK = 9001
models = pytest.mark.parametrize("model", FIELDS, ids=lambda model: model.__name__.lower())


def scene(model: type[Model], days: int | None = 14) -> list[Row]:
    """Return one row, with more days than the floor."""
    return [row(model, pk=PK, notice_days=days, **FIELDS[model])]


def rule(model: type[Model]) -> str:
    """Return the name of the model's constraint."""
    return f"{model.__name__.lower()}_notice_never_below_ten_days"


@models
@pytest.mark.parametrize("days", [9, 1, 0, 366, 32767])
def test_days_below_the_floor(way: Way, model: type[Model], days: int) -> None:
    """Nor more than a year."""
    refusal, kept = way(scene(model), Change(model, PK, {"notice_days": days}))
    assert (rule(model) in refusal, kept) == (True, True), refusal


@models
@pytest.mark.parametrize("days", [None, 10, 11, 365])
def test_days_from_the_floor_on(way: Way, model: type[Model], days: int | None) -> None:
    """None is the usual notice, which keeps to the floor by itself."""
    assert way(scene(model), Change(model, PK, {"notice_days": days})) == ("", False)


@models
@pytest.mark.parametrize("days", [-1, -32768, 9.99, 9.4, -0.0, "9", "0", "-10", "", "10abc", "ten", "0x14", "NaN", "Infinity", 40000, b"\x0a", True])
def test_days_that_are_none(folder: Path, model: type[Model], days: object) -> None:
    """Whatever SQLite would keep in a column of whole numbers; PostgreSQL rounds 9.99, which then is ten."""
    change = Change(model, PK, raw={"notice_days": days})
    with outside_cursor(folder) as execute:
        outcome = tried(execute, scene(model), change.table, change.statement())
        kept = execute(f'SELECT notice_days FROM "{change.table}" WHERE id = {PK}', []).fetchall()  # noqa: S608  # a model's table
    if connection.vendor == "postgresql" and days == 9.99:
        assert (outcome, kept) == (("", False), [(10,)])
    else:
        assert (outcome.refusal != "", outcome.kept, kept) == (True, True, [(14,)])


@models
@pytest.mark.parametrize(("days", "stored"), [("12", 12), (12.0, 12), ("1e1", 10)])
def test_days_that_are_spelled_otherwise(folder: Path, model: type[Model], days: object, stored: int) -> None:
    """What SQLite takes for a whole number is one in the table; PostgreSQL says which it takes."""
    change = Change(model, PK, raw={"notice_days": days})
    with outside_cursor(folder) as execute:
        outcome = tried(execute, scene(model), change.table, change.statement())
        kept = execute(f'SELECT notice_days FROM "{change.table}" WHERE id = {PK}', []).fetchall()  # noqa: S608  # a model's table
    assert kept == [(14 if outcome.kept else stored,)]
    assert outcome.kept == (connection.vendor == "postgresql" and days == "1e1")


@models
@pytest.mark.parametrize("days", [10.5, 364.9])
def test_days_and_a_half(folder: Path, model: type[Model], days: float) -> None:
    """No half days: SQLite refuses them, PostgreSQL makes whole ones of them."""
    change = Change(model, PK, raw={"notice_days": days})
    with outside_cursor(folder) as execute:
        outcome = tried(execute, scene(model), change.table, change.statement())
    if connection.vendor == "sqlite":
        assert refused(outcome, rule(model))
    else:
        assert outcome == ("", False)


@models
@pytest.mark.parametrize("days", [9, 0])
def test_days_put_in_below_the_floor(folder: Path, model: type[Model], days: int) -> None:
    """A new row is looked at as a changed one is."""
    (one,) = scene(model, days)
    with outside_cursor(folder) as execute:
        assert refused(tried(execute, [], one[0], insertion(*one)), rule(model))
        assert tried(execute, [], one[0], insertion(*scene(model, None)[0])) == ("", False)


@models
@pytest.mark.parametrize("typed", ["9", "0", "-1", "9.99", "10abc", "366"])
def test_days_typed_into_a_form(model: type[Model], typed: str) -> None:
    """Refused where they are typed, in words; ten and nothing are taken."""
    form = modelform_factory(model, fields=["notice_days"])
    wrong = form({"notice_days": typed}, instance=model(**FIELDS[model]))
    assert wrong.is_valid() is False
    assert [form({"notice_days": right}, instance=model(**FIELDS[model])).is_valid() for right in ("10", "365", "")] == [True] * 3


@pytest.mark.parametrize("days", [-5, 0, 3, 9, 10])
def test_setting_changed_in_a_running_program(settings: Settings, days: int) -> None:
    """A start with less is refused (tests/test_manage.py); what is changed afterwards does not count either."""
    settings.NOTICE_DAYS = days
    assert rules().days == 10
    settings.NOTICE_DAYS = 14
    assert rules().days == 14
