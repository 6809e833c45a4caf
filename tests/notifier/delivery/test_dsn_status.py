"""Which codes and words say that an address is bad."""

import re

import pytest

from notifier.delivery import dsn_status
from notifier.delivery.receipt import What

HARD, SOFT = What.BOUNCED_HARD, What.BOUNCED_SOFT


@pytest.mark.parametrize(
    ("status", "words", "expected"),
    [
        ("5.1.1", "", HARD),
        ("5.1.2", "", HARD),
        ("5.1.3", "", HARD),
        ("5.1.6", "", HARD),
        ("5.1.10", "", HARD),
        ("5.1.11", "a detail of tomorrow", HARD),
        ("5.1.5", "", SOFT),
        ("5.1.7", "", SOFT),
        ("5.1.8", "", SOFT),
        ("5.1.0", "550 5.1.0 Address rejected", HARD),
        ("5.1.0", "550 5.1.0 Sender unknown", SOFT),
        ("5.1.1", "550 5.1.1 mailbox is full", SOFT),
        ("5.2.0", "", SOFT),
        ("5.2.0", "550 no such user", HARD),
        ("5.2.1", "", HARD),
        ("5.2.1", "550 5.2.1 receives mail at a rate that prevents more", SOFT),
        ("5.2.2", "550 5.2.2 no such user", SOFT),
        ("5.2.3", "", SOFT),
        ("5.3.0", "554 5.3.0 unknown mailer error 1", SOFT),
        ("5.3.0", "x-unix; user unknown", HARD),
        ("5.3.4", "", SOFT),
        ("5.4.1", "550 5.4.1 relay access denied", SOFT),
        ("5.4.1", "550 5.4.1 Recipient address rejected: Access denied.", HARD),
        ("5.4.4", "", HARD),
        ("5.4.6", "", SOFT),
        ("5.4.7", "", SOFT),
        ("5.4.310", "", HARD),
        ("5.5.0", "550 5.5.0 mailbox unavailable", HARD),
        ("5.5.0", "550 5.5.0 failure", SOFT),
        ("5.5.2", "", SOFT),
        ("5.6.1", "", SOFT),
        ("5.7.1", "550 5.7.1 user unknown, or blocked", SOFT),
        ("5.7.1", "", SOFT),
        ("5.9.9", "550 nobody", HARD),
        ("5.0.0", "", HARD),
        ("5.0.0", "550 not here", HARD),
        ("5.0.0", "551 not here", HARD),
        ("5.0.0", "553 not here", HARD),
        ("5.0.0", "556 not here", HARD),
        ("5.0.0", "552 not here", SOFT),
        ("5.0.0", "554 refused", SOFT),
        ("5.0.0", "554 no such user", HARD),
        ("5.0.0", "550 blocked by our policy", SOFT),
        ("5.0.0", "451 later", SOFT),
        ("4.1.1", "450 user unknown", SOFT),
        ("4.4.7", "delivery time expired", SOFT),
        ("2.0.0", "250 fine", SOFT),
    ],
)
def test_failed_recipient_means(status: str, words: str, expected: What) -> None:
    assert dsn_status.what("failed", status, words) is expected


@pytest.mark.parametrize(
    ("action", "expected"),
    [("delayed", What.DEFERRED), ("delivered", What.DELIVERED), ("relayed", What.OTHER), ("expanded", What.OTHER), ("", What.OTHER)],
)
def test_recipient_that_did_not_fail_means_whatever_the_status(action: str, expected: What) -> None:
    assert dsn_status.what(action, "5.1.1", "550 5.1.1 user unknown") is expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (("failed", "5.1.1", ""), ("failed", "5.1.1")),
        (("FAILURE (bad)", "5.1.1 (no such)", ""), ("failed", "5.1.1")),
        (("failed", "5.1.1", "550 5.2.2 full"), ("failed", "5.1.1")),
        (("failed", "5.0.0", "550 5.2.2 full"), ("failed", "5.2.2")),
        (("failed", "5.0.0", "450 4.2.2 full"), ("failed", "5.0.0")),
        (("failed", "", "gone (#5.1.1)"), ("failed", "5.1.1")),
        (("failed", "", "host 5.1.1.9 said 550 no"), ("failed", "5.0.0")),
        (("failed", "", "host 192.5.1.1 said 450: no"), ("failed", "4.0.0")),
        (("failed", "nonsense", "no"), ("failed", "5.0.0")),
        (("failed", "5.01.001", ""), ("failed", "5.1.1")),
        (("delayed", "", ""), ("delayed", "4.0.0")),
        (("relayed", "", ""), ("relayed", "2.0.0")),
        (("", "5.1.1", ""), ("failed", "5.1.1")),
        (("", "", "450 4.2.0 greylisted"), ("delayed", "4.2.0")),
        (("", "2.1.5", ""), ("delivered", "2.1.5")),
        (("perhaps", "", "no"), ("", "")),
    ],
)
def test_action_and_status_are_made_out_from_what_is_there(fields: tuple[str, str, str], expected: tuple[str, str]) -> None:
    assert dsn_status.read(*fields) == expected


def test_each_line_of_the_table_names_its_source() -> None:
    table = dsn_status._PERMANENT
    assert [
        key for key, (_verdict, source) in table.items() if not re.fullmatch(r"[0-7](\.\d+)?", key) or not re.match("RFC [0-9]+, [0-9]|Exchange", source)
    ] == []
