"""Statements that are written once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from customers.models import Tier
from notifier.delivery.statement import Statement
from tests.factories import CustomerFactory

pytestmark = pytest.mark.django_db

TIERS = Statement(lambda ids: Tier.objects.filter(pk__in=ids).order_by("pk").values_list("pk", "slug"))


@pytest.mark.parametrize("count", [1, 2, 3])
def test_rows_are_those_of_the_keys(count: int) -> None:
    """Other keys at the second time, and however many."""
    found = list(Tier.objects.order_by("pk").values_list("pk", "slug"))
    assert len(found) == 3
    assert list(TIERS.rows([pk for pk, _slug in found[:count]])) == found[:count]
    assert list(TIERS.rows([pk for pk, _slug in found[-count:]])) == found[-count:]


def test_rows_of_no_keys_are_none() -> None:
    """Without asking."""
    with CaptureQueriesContext(connection) as asked:
        assert list(TIERS.rows([])) == []
    assert len(asked) == 0


def test_statement_without_keys() -> None:
    """All rows."""
    assert list(Statement(lambda: Tier.objects.order_by("pk").values_list("slug")).rows()) == list(Tier.objects.order_by("pk").values_list("slug"))


def test_statement_with_a_per_cent_sign() -> None:
    """It is no place for a key."""
    found = Statement(lambda ids: Tier.objects.filter(pk__in=ids).extra(select={"rest": "5 %% 3"}).values_list("rest"))
    assert list(found.rows([Tier.objects.all()[0].pk])) == [(2,)]


def test_statement_of_two_lists() -> None:
    """Each in its place, of different lengths."""
    first, second, third = (CustomerFactory.create(tier_slug=slug) for slug in ("standard", "standard", "plus"))
    model = type(first)
    asked = Statement(lambda tiers, customers: model.objects.filter(tier__in=tiers).filter(pk__in=customers).order_by("pk").values_list("pk"))
    assert list(asked.rows([first.tier_id], [first.pk, second.pk, third.pk])) == [(first.pk,), (second.pk,)]
    assert list(asked.rows([first.tier_id, third.tier_id], [second.pk, third.pk])) == [(second.pk,), (third.pk,)]


def test_keys_are_whole_numbers() -> None:
    """Nothing else comes into a statement."""
    with pytest.raises(ValueError, match="invalid literal"):
        TIERS.rows(["1) OR 1=1 --"])  # type: ignore[list-item]  # that is the point


def test_other_parameters_are_refused() -> None:
    """They would stand where a key belongs."""
    with pytest.raises(ValueError, match="no keys"):
        Statement(lambda ids: Tier.objects.filter(pk__in=ids, slug="plus").values_list("pk")).rows([1])


def test_statements_kept_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers of keys are rounded up, and what is too much is forgotten."""
    monkeypatch.setattr("notifier.delivery.statement._MOST", 3)
    statement = Statement(lambda ids: Tier.objects.filter(pk__in=ids).values_list("pk"))
    for count in range(1, 65):
        statement.rows(list(range(1, count + 1)))
        assert len(statement._written) <= 3
