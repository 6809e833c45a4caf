"""Lists of e-mail addresses from the environment."""

import pytest

from notifier import env as read
from tests.notifier.test_env import environment, refusal


@pytest.mark.parametrize("value", ["petra", "Petra <petra@provider.example>", "petra@provider.example;otto@provider.example", "a@b@c.example"])
def test_addresses_other_than_plain_ones_refused(value: str) -> None:
    """The part that is wrong is named."""
    message = refusal(lambda: read.addresses(environment(PLANNERS_EMAIL=f"otto@provider.example, {value}"), "PLANNERS_EMAIL"))
    assert message == f"PLANNERS_EMAIL={value!r} is not possible: plain e-mail addresses with commas between, without names."


@pytest.mark.parametrize(
    ("value", "addresses"),
    [
        ("", []),
        (" , ", []),
        ("petra@provider.example", ["petra@provider.example"]),
        ("petra@provider.example, otto@provider.example,petra@provider.example,", ["petra@provider.example", "otto@provider.example"]),
    ],
)
def test_addresses_read_once_each(value: str, addresses: list[str]) -> None:
    """In the order in which they stand."""
    assert read.addresses(environment(PLANNERS_EMAIL=value), "PLANNERS_EMAIL") == addresses
