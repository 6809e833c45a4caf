"""The alerts about mail itself, as the planners read them."""

import pytest

from notifier.delivery.models import AlertKind
from tests.notifier.delivery.test_alert_mail import FOOT, WORK, read

pytestmark = pytest.mark.django_db


def test_message_of_what_is_not_accepted_names_line_reasons_and_customers() -> None:
    facts = {name: WORK[name] for name in ("maintenance", "reference", "title", "timezone")} | {
        "line": "2026-12-12T23:00:00+00:00",
        "mails": 1200,
        "number": 3,
        "customers": [{"account": "ACC1"}, {"account": "ACC2"}],
        "more": 1,
        "reasons": [{"reason": "", "number": 1199}, {"reason": "451 {{ later }}", "number": 1}],
    }
    subject, text = read(AlertKind.NOT_ACCEPTED, facts)
    assert subject == "[MNT-1] 3 customers have not been reached, and time runs out"
    assert text == (
        """\
1200 mails of this notice were to go out and have not been accepted.
Accepted after the time given below, they come too late for the notice
promised.

Core <router> & {{ upgrade }}
Reference: MNT-1
To be accepted by: Saturday, 12 December 2026, 23:00 Greenwich Mean Time (UTC+00:00)
  12 Dec 2026, 23:00 UTC

Why, by the last tries
----------------------

- no try was answered: the server is down, or no worker is at work (1199)
- 451 {{ later }} (1)

Not reached
-----------

- ACC1
- ACC2
and 1 more customer

See to the mail server, correct addresses, or reach the customers another
way and record it.
"""
        + FOOT
    )


def test_message_of_a_standstill_says_since_when_and_whether_it_is_over() -> None:
    facts = {
        "reference": "",
        "since": "2026-12-12T22:30:00+00:00",
        "number": 5000,
        "reasons": [{"reason": "421 Closing", "number": 5000}],
        "line": "2026-12-13T08:00:00+00:00",
        "ended": "2026-12-12T23:30:00+00:00",
    }
    subject, text = read(AlertKind.STANDSTILL, facts)
    assert subject == "Mail to customers stands still"
    assert text == (
        """\
Mail to customers that is due is not being accepted. As this alert goes the
same way, it may reach you late.

Since: Saturday, 12 December 2026, 22:30 Coordinated Universal Time (UTC+00:00)
Mails due: 5000
The first has to be accepted by: Sunday, 13 December 2026, 08:00 Coordinated Universal Time (UTC+00:00)
Mail goes out again since: Saturday, 12 December 2026, 23:30 Coordinated Universal Time (UTC+00:00)

Why, by the last tries
----------------------

- 421 Closing (5000)
"""
        + FOOT.replace("maintenance/maintenance/7/change/", "")
    )


def test_message_of_a_standstill_without_lines_and_mails_is_short() -> None:
    """A notice that has no mails yet."""
    _subject, text = read(AlertKind.STANDSTILL, {"reference": "", "since": "2026-12-12T22:30:00+00:00", "number": 0, "reasons": []})
    assert text.splitlines()[3:6] == [
        "Since: Saturday, 12 December 2026, 22:30 Coordinated Universal Time (UTC+00:00)",
        "Mails due: 0",
        "",
    ]
