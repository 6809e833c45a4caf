"""What the page of a maintenance says of each window, and that it costs the same however many there are."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from pytest_django import Settings

from maintenance import booking
from maintenance.draft import Late
from maintenance.incidents import open_incident
from maintenance.models import Acknowledgement, Maintenance, Shortfall, Window
from maintenance.said import SaidEnding
from maintenance.states import Cause, FollowUp, Impact, Outcome, ServiceNow
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery, DeliveryState
from notifier.desk.admin.window_rows import WindowRow, window_rows
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
START = factories.NOW + timedelta(days=30)
HOUR = timedelta(hours=1)


def rows(maintenance: Maintenance, *, now: datetime = factories.NOW) -> list[WindowRow]:
    """Return the rows of the maintenance as it is stored now."""
    return window_rows(Maintenance.objects.get(pk=maintenance.pk), now=now)


def notes(maintenance: Maintenance, *, now: datetime = factories.NOW) -> list[tuple[str, bool]]:
    """Return the lines under the first window, and whether they are alarms."""
    return [(note.text, note.alarm) for note in rows(maintenance, now=now)[0].notes]


def test_draft_has_nothing_to_be_known() -> None:
    factories.reader()
    (row,) = rows(pages.booked())
    assert (row.notes, row.can_start, row.waiting, row.late) == ((), False, (), ())


def test_customers_are_waited_for_until_the_line_and_late_after_it() -> None:
    customer = factories.reader()
    maintenance = pages.announced()
    assert notes(maintenance) == [(f"1 customer is not served yet, in time until 12 Dec 2026, 09:00 UTC: {customer.account}.", False)]
    assert notes(maintenance, now=START - timedelta(days=9)) == [(f"1 customer was not served in time: {customer.account}.", True)]


def test_shortfalls_are_counted_by_cause_with_those_that_owe_a_reason() -> None:
    one, two = factories.reader(account="A1"), factories.reader(account="A2")
    maintenance = pages.announced()
    window, now = maintenance.windows.get(), START - timedelta(days=9)
    Shortfall.objects.create(window=window, customer=one, cause=Cause.BOUNCED, found_at=now)
    Shortfall.objects.create(window=window, customer=two, cause=Cause.TOO_LATE, found_at=now, reason="x", reason_by="petra", reason_at=now)
    Shortfall.objects.create(window=window, customer=two, cause=Cause.FAILED, found_at=now, cleared_at=now)
    (row,) = rows(maintenance, now=now)
    assert [(note.text, note.shortfalls) for note in row.notes] == [
        ("2 customers were not served in time: A1, A2. Shortfalls: bounced 1, too late 1; without a reason: 1.", True),
    ]


def test_breach_is_shown_instead_of_the_customers_not_served() -> None:
    factories.reader()
    maintenance = pages.announced(impact=Impact.NO_IMPACT)
    booking.start(maintenance, number=1, by=factories.BY, now=START)
    assert notes(maintenance, now=START) == [
        ("Started on 22 Dec 2026, 09:00 UTC+00:00.", False),
        ("Breach recorded for 1 customer. 1 reason is still owed.", True),
    ]


def test_late_notice_is_called_a_breach(settings: Settings) -> None:
    settings.LATE_NOTICE = "breach"
    factories.reader()
    maintenance = pages.booked(windows=(factories.window(2),))
    booking.announce(maintenance, late=Late("The carrier cuts it.", factories.NOW), by=factories.BY, now=factories.NOW)
    assert notes(maintenance) == [("Late: it counts as a breach. The carrier cuts it.", True), ("Breach recorded for 1 customer.", True)]


def test_emergency_names_its_incident() -> None:
    factories.reader()
    incident = open_incident(reference="INC-1", title="x", domain="provider", sims=501, now=factories.NOW)
    assert notes(pages.announced(incident=incident, windows=(factories.window(1),))) == [("Emergency, for incident INC-1.", False)]


def test_presumption_is_shown_as_one() -> None:
    factories.reader()
    maintenance = pages.served(pages.announced(supplier=factories.OperatorFactory.create()))
    booking.presume(now=START)
    assert notes(maintenance, now=START) == [("Presumed: nobody has said that it began.", True)]
    booking.presume(now=START + 2 * HOUR)
    assert notes(maintenance, now=START + 2 * HOUR) == [("Presumed ended: nobody has said how it went.", True)]


def test_overrun_and_passed_end_are_shown() -> None:
    factories.reader()
    maintenance = pages.served(pages.announced())
    booking.start(maintenance, number=1, by=factories.BY, now=START)
    started = ("Started on 22 Dec 2026, 09:00 UTC+00:00.", False)
    passed = ("Its end has passed, and nobody has said that it ended.", True)
    assert notes(maintenance, now=START + 2 * HOUR) == [started, passed]
    booking.extend(maintenance, number=1, end=START + 3 * HOUR, by=factories.BY, now=START + HOUR)
    overrun = ("Overrun: it ends on 22 Dec 2026, 12:00 UTC+00:00; 22 Dec 2026, 11:00 UTC+00:00 was announced.", True)
    assert notes(maintenance, now=START + 2 * HOUR) == [started, overrun]


def test_ending_that_is_no_completion_is_shown_in_words() -> None:
    factories.reader()
    maintenance = pages.served(pages.announced())
    booking.start(maintenance, number=1, by=factories.BY, now=START)
    ending = SaidEnding(Outcome.PARTIAL, ServiceNow.DEGRADED, FollowUp.AT_WORK)
    booking.finish(maintenance, number=1, ending=ending, by=factories.BY, now=START + HOUR)
    assert notes(maintenance, now=START + HOUR) == [
        ("Started on 22 Dec 2026, 09:00 UTC+00:00.", False),
        ("Ended on 22 Dec 2026, 10:00 UTC+00:00.", False),
        ("Not completed: partial. Service: degraded. What comes next: we are working on it.", False),
    ]


def test_page_leads_to_the_open_shortfalls_of_a_window() -> None:
    customer = factories.reader()
    maintenance = pages.announced()
    for number, cleared_at in ((1, None), (2, factories.NOW)):
        window = pages.announced(f"OTHER-{number}").windows.get() if number == 2 else maintenance.windows.get()
        Shortfall.objects.create(window=window, customer=customer, cause=Cause.FAILED, found_at=factories.NOW, cleared_at=cleared_at)
    with time_machine.travel(factories.NOW, tick=False):
        client = pages.planner()
        link = f"/admin/maintenance/shortfall/?window__id__exact={maintenance.windows.get().pk}&cleared_at__isempty=1"
        assert link in pages.text_of(client.get(pages.change(maintenance)))
        found = client.get(link).context["cl"].result_list
    assert [(row.window.maintenance_id, row.customer) for row in found] == [(maintenance.pk, customer)]


@pytest.mark.parametrize(("hours", "possible"), [(-0.01, False), (0, True), (1.99, True), (2, True), (48, True)])
def test_start_is_offered_from_the_start_on_also_when_it_is_reported_late(hours: float, possible: bool) -> None:  # noqa: FBT001  # a parameter
    maintenance = pages.announced()
    assert rows(maintenance, now=START + hours * HOUR)[0].can_start is possible


def test_alternate_cannot_be_started() -> None:
    maintenance = pages.announced(windows=(replace(factories.window(), alternate=True),))
    assert rows(maintenance, now=START)[0].can_start is False


BUTTONS = {
    "announced": ["move", "postpone", "start"],
    "in_progress": ["extend", "finish", "not_completed"],
    "presumed_ended": ["extend", "finish", "not_completed"],
    "postponed": ["move"],
    "completed": [],
}


@pytest.mark.parametrize("state", BUTTONS)
def test_page_offers_the_verbs_of_each_state(state: str) -> None:
    maintenance = pages.announced()
    Window.objects.update(state=state)
    with time_machine.travel(START, tick=False):
        content = pages.planner().get(pages.change(maintenance)).content.decode()
    verbs = ("extend", "finish", "move", "not_completed", "postpone", "start", "take_alternate")
    assert [verb for verb in verbs if pages.verb(verb, maintenance, 1) in content] == BUTTONS[state]


def test_page_offers_to_take_an_alternate() -> None:
    maintenance = pages.announced(windows=(factories.window(), replace(factories.window(31), alternate=True)))
    with time_machine.travel(START, tick=False):
        content = pages.planner().get(pages.change(maintenance)).content.decode()
    assert [number for number in (1, 2) if pages.verb("take_alternate", maintenance, number) in content] == [2]


def test_page_shows_contact_faults_and_what_was_acknowledged() -> None:
    customer = factories.reader()
    maintenance = pages.served(pages.announced())
    fan_out_due(now=factories.NOW)
    Delivery.objects.update(state=DeliveryState.FAILED, reason="550 no such mailbox", settled_at=factories.NOW)
    known: dict[str, Any] = {"what": "It meets OTHER.1.", "reason": "Same crew.", "recorded_by": "olga", "recorded_at": factories.NOW}
    Acknowledgement.objects.create(maintenance=maintenance, obstacle="conflict", **known)
    with time_machine.travel(factories.NOW, tick=False):
        text = pages.text_of(pages.planner().get(pages.change(maintenance)))
    assert f"({customer.account}): 550 no such mailbox" in text
    assert [piece for piece in ("It meets OTHER.1.", "olga: Same crew.") if piece in text] == ["It meets OTHER.1.", "olga: Same crew."]


def test_page_of_announced_work_costs_same_at_one_window_and_three() -> None:
    costs = []
    now = START - timedelta(days=9)
    with time_machine.travel(now, tick=False):
        client = pages.planner()
    for number, days in ((1, (30,)), (3, (40, 41, 42))):
        for _ in days:
            factories.reader(service="platform.api" if number == 1 else "netpro.ipsec")
        scopes = pages.scope("platform.api") if number == 1 else pages.scope("netpro.ipsec")
        maintenance = pages.announced(f"MNT-{number}", scopes=scopes, windows=tuple(factories.window(day) for day in days))
        for window in maintenance.windows.all():
            for row in maintenance.notices.get().customers.all():
                Shortfall.objects.create(window=window, customer=row.customer, cause=Cause.FAILED, found_at=now)
        with time_machine.travel(now, tick=False):
            costs.append(pages.cost(client, pages.change(maintenance)))
    assert costs[0] == costs[1]
