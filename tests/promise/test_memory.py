"""The promise can't be broken: the pure rules, played against the oracle."""

from collections.abc import Mapping

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import get_state_machine_test, run_state_machine_as_test

from tests.promise.machine import Promise
from tests.promise.memory import Memory
from tests.promise.plan import Home, World

QUICK = settings(max_examples=2_000, stateful_step_count=14, suppress_health_check=list(HealthCheck), phases=[Phase.generate, Phase.shrink])
LONG = settings(QUICK, max_examples=5_000)
"""Of each seed: Hypothesis remembers all that it has tried."""


class InMemory(Promise):
    """The machine without a database."""

    def new_world(self, homes: Mapping[str, Home]) -> World:
        """A world in memory."""
        return Memory(homes)


@pytest.mark.timeout(400)
def test_promise_holds_in_memory() -> None:
    """Two thousand nights."""
    run_state_machine_as_test(InMemory, settings=QUICK)


@pytest.mark.long
@pytest.mark.servers
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("number", range(10))
def test_promise_holds_in_memory_for_long(number: int) -> None:
    """Fifty thousand."""
    seed(number)(get_state_machine_test(InMemory, settings=LONG))()
