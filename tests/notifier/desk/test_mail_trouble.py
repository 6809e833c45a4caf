"""Mail on the first page: nothing as long as it goes out."""

from datetime import datetime, timedelta

import pytest
import time_machine

from maintenance.states import Kind
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.gauges import Gauges, gauges
from notifier.delivery.models import Delivery
from notifier.desk.mail_trouble import MailTrouble, mail_trouble
from tests.factories import NOW, reader
from tests.notifier.delivery.notices import issue, work
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
LINE = NOW + timedelta(hours=48)
WELL = Gauges(0.0, {}, {}, 0, 0, 0, 0, None, None, {"smtp": "closed"})


def announce(reference: str = "MNT-1", *, mails: int = 1) -> None:
    """Issue a notice whose mails are due at NOW."""
    issue(work(reference), {reader(): Kind.ANNOUNCED for _ in range(mails)}, deadline=LINE)
    fan_out_due(now=NOW)


def trouble(now: datetime) -> MailTrouble | None:
    """Return what is shown then."""
    return mail_trouble(gauges(now=now), now=now)


def test_nothing_is_shown_while_mail_goes_out() -> None:
    announce()
    assert (trouble(NOW + 14 * MINUTE), mail_trouble(WELL, now=NOW)) == (None, None)


def test_mail_that_stands_still_is_shown_with_what_is_due() -> None:
    announce(mails=2)
    shown = trouble(NOW + 95 * MINUTE)
    assert shown == MailTrouble(
        ("Mail has been due for 1 hour and 35 minutes and is not accepted.",),
        (),
        "2 mails are due; none was accepted in the last hour.",
    )


def test_open_breaker_is_shown() -> None:
    shown = mail_trouble(Gauges(0.0, {"late": 1}, {}, 0, 0, 0, 3, 1.6, 40.0, {"smtp": "open", "esp": "half-open", "other": "closed"}), now=NOW)
    assert shown == MailTrouble(
        ("Nothing is handed to esp for now: it does not answer.", "Nothing is handed to smtp for now: it does not answer."),
        (),
        "1 mail is due; in the last hour mail was accepted within 2 s (median), 40 s (worst).",
    )


def test_notices_near_their_line_are_shown_on_the_first_page() -> None:
    announce("NEAR", mails=2)
    now = LINE - timedelta(hours=3)
    Delivery.objects.update(attempts=4, due_at=now + MINUTE)
    with time_machine.travel(now, tick=False):
        text = " ".join(pages.text_of(pages.planner().get("/admin/")).split())
    assert "NEAR r1</a>" in text
    assert "2 mails not accepted, and have to be by 24 Nov 2026, 09:00 UTC+00:00" in text


def test_first_page_says_nothing_of_mail_that_goes_out() -> None:
    announce()
    with time_machine.travel(NOW, tick=False):
        assert "desk-mail" not in pages.text_of(pages.planner().get("/admin/"))


def test_first_page_costs_the_same_for_one_notice_near_its_line_and_three() -> None:
    with time_machine.travel(NOW, tick=False):
        client = pages.planner()
    costs = []
    for number in range(3):
        announce(f"MNT-{number}", mails=number + 1)
        with time_machine.travel(LINE - timedelta(hours=3), tick=False):
            costs.append(pages.cost(client, "/admin/"))
    assert costs[0] == costs[2]
