"""The opening paragraphs of a mail."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from maintenance.states import Kind
from notifier.delivery.leads import lead
from tests.notifier.delivery.letters import letter, region, said, told

LEARNED, TOLD = datetime(2026, 12, 10, 8, 15, tzinfo=UTC), datetime(2026, 12, 9, 16, tzinfo=UTC)
POSTPONED = (
    "The maintenance that we told you about will not take place at the time given below. A new date is not fixed yet; "
    "we will announce it in a notice of its own."
)
PROMISE = "We have promised you notice of at least %d days for planned maintenance. This notice does not keep that promise, and we apologise for it."


def leads(kind: Kind, told_at: datetime | None = None, zone: str = "Europe/London", **changes: Any) -> list[str]:  # noqa: ANN401  # any field of Said
    """Return the paragraphs of a kind."""
    return lead(letter(kind=kind.value, told_at=told_at, zone=ZoneInfo(zone), said=said(**changes)))


def test_lead_of_an_emergency_names_the_incident() -> None:
    """And why it comes without the usual notice."""
    told_of: dict[str, Any] = {"incident": "INC-7", "incident_title": "100 %s {x}", "supplier": "carrier-one", "supplier_reference": "CHG 42"}
    assert leads(Kind.EMERGENCY, **told_of) == [
        "This is emergency maintenance. It takes place without the usual notice of 10 days, because of the P1 incident INC-7 (100 %s {x}).",
        "This is work of our supplier carrier-one, whose reference for it is CHG 42.",
    ]


@pytest.mark.parametrize(
    ("kind", "opening"),
    [
        (Kind.CANCELLED, "The maintenance that we told you about will not take place, and your services are not affected. There is nothing for you to do."),
        (
            Kind.POSTPONED,
            POSTPONED,
        ),
    ],
)
def test_lead_that_withdraws_gives_the_reason(kind: Kind, opening: str) -> None:
    """Where the planner gave one; and a supplier without a reference has none."""
    assert leads(kind, reason="No %(part)s.", supplier="carrier-one") == [opening, "Reason: No %(part)s.", "This is work of our supplier carrier-one."]
    assert leads(kind) == [opening]


def test_lead_of_less_work_gives_the_reason() -> None:
    """Some windows were withdrawn."""
    assert leads(Kind.EASED, reason="storm") == [*leads(Kind.EASED), "Reason: storm"]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in {Kind.CANCELLED, Kind.POSTPONED, Kind.EASED}])
def test_lead_of_other_kinds_keeps_reasons_to_us(kind: Kind) -> None:
    """They are the planners' own."""
    assert leads(kind, reason="internal") == leads(kind)


def test_lead_of_a_late_notice_hides_nothing() -> None:
    """The promise that is broken, an apology, and who knew when, by the reader's clock and in UTC."""
    assert leads(Kind.LATE, zone="Asia/Kolkata", learned_at=LEARNED, supplier_notified_at=TOLD) == [
        "Maintenance that affects services of yours will take place at short notice.",
        PROMISE % 10,
        "We learned of this work on Thursday, 10 December 2026, 13:45 India Standard Time (UTC+05:30) = 10 Dec 2026, 08:15 UTC.",
        "Our supplier told us of it on Wednesday, 9 December 2026, 21:30 India Standard Time (UTC+05:30) = 9 Dec 2026, 16:00 UTC.",
    ]


def test_lead_of_a_late_notice_says_what_is_known() -> None:
    """A reader in UTC sees one time; without a supplier's word there is no sentence on it."""
    assert leads(Kind.LATE, zone="UTC", learned_at=LEARNED)[2:] == [
        "We learned of this work on Thursday, 10 December 2026, 08:15 Coordinated Universal Time (UTC+00:00).",
    ]
    assert leads(Kind.LATE)[2:] == []


@pytest.mark.parametrize(("region_days", "customer_days", "promised"), [(None, None, 10), (12, None, 12), (None, 14, 14), (20, 14, 20)])
def test_lead_of_a_late_notice_names_the_days_agreed(region_days: int | None, customer_days: int | None, promised: int) -> None:
    """The most that region or contract ask for."""
    account = told(office=region(notice_days=region_days))
    account.customer.notice_days = customer_days
    assert lead(letter(kind=Kind.LATE.value, accounts=(told("A"), account)))[1] == PROMISE % promised


def test_lead_of_a_reminder_says_when_it_was_told() -> None:
    """The day, by the reader's clock; where it is not known, none."""
    late_evening = datetime(2026, 11, 22, 23, tzinfo=UTC)
    assert leads(Kind.REMINDER, late_evening, "Europe/Berlin") == [
        "This is a reminder of maintenance that we told you about on Monday, 23 November 2026. Nothing has changed since then.",
    ]
    assert leads(Kind.REMINDER) == ["This is a reminder of maintenance that we told you about. Nothing has changed since then."]


def test_lead_of_a_root_cause_report_is_about_no_work() -> None:
    """So it names no supplier."""
    made = letter(kind=Kind.ROOT_CAUSE.value, said=said(supplier="carrier-one"))
    assert lead(made) == lead(replace(made, said=said()))


def test_lead_differs_by_kind() -> None:
    """Each says something of its own."""
    assert len({leads(kind)[0] for kind in Kind}) == len(Kind)
