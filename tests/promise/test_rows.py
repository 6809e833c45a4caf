"""The promise can't be broken: the verbs on a real database, played against the same oracle."""

from collections.abc import Mapping

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import get_state_machine_test, run_state_machine_as_test

from tests.promise.machine import PLACES, Promise
from tests.promise.plan import Home, World
from tests.promise.rows import Rows

pytestmark = pytest.mark.django_db
QUICK = settings(max_examples=100, stateful_step_count=14, suppress_health_check=list(HealthCheck), phases=[Phase.generate])  # shrinking takes minutes
LONG = settings(QUICK, max_examples=250)


class InRows(Promise):
    """The machine on a database; each game is rolled back."""

    def __init__(self) -> None:
        """Open what is taken back at the end."""
        super().__init__()
        self.game = transaction.atomic()
        self.game.__enter__()

    def new_world(self, homes: Mapping[str, Home]) -> World:
        """A world of rows."""
        return Rows(homes)

    def teardown(self) -> None:
        """Play to the end, and take everything back."""
        try:
            super().teardown()
        finally:
            transaction.set_rollback(True)
            self.game.__exit__(None, None, None)


def test_service_that_comes_into_scope_is_no_other_service() -> None:
    """Each customer was told of one service in time, and never of its second: it is short of notice for that."""
    game = InRows()
    game.begin(where=(PLACES[0],) * 3, days=(10, 10, 10), held=(2, 2, 2), hours=0, first=(frozenset("A"), 3, 120, 14, True, ""))
    game.rescope(rank=3, least=60, scope=frozenset("AB"))
    game.now = game.nights()[0].start
    assert game.world.start(1, now=game.now) == {"x", "y", "z"}
    game.teardown()


@pytest.mark.timeout(400)
def test_promise_holds_in_rows() -> None:
    """A hundred nights."""
    run_state_machine_as_test(InRows, settings=QUICK)


@pytest.mark.long
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", range(4))
def test_promise_holds_in_rows_for_long(number: int) -> None:
    """A thousand."""
    seed(number)(get_state_machine_test(InRows, settings=LONG))()
