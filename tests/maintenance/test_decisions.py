"""How refusals say lengths of time and moments."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import ValidationError

from maintenance import booking
from maintenance.decisions import span, when
from tests.factories import BY, NOW, CustomerFactory, ServiceFactory, reader, window
from tests.maintenance.telling import booked


@pytest.mark.parametrize(
    ("length", "expected"),
    [
        (timedelta(days=1, hours=1, minutes=1), "1 day 1 hour 1 minute"),
        (timedelta(days=12, hours=2, minutes=30), "12 days 2 hours 30 minutes"),
        (timedelta(hours=24), "1 day"),
        (timedelta(hours=23, minutes=59), "23 hours 59 minutes"),
        (timedelta(hours=23, minutes=59, seconds=59), "23 hours 59 minutes"),  # rounded down: never more than there is
        (timedelta(days=9, hours=3), "9 days 3 hours"),
        (timedelta(microseconds=1), "no notice at all"),
        (timedelta(0), "no notice at all"),
        (timedelta(days=-3), "no notice at all"),
    ],
)
def test_span_in_words(length: timedelta, expected: str) -> None:
    """Days, hours and minutes, what is nought left out."""
    assert span(length) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ("UTC", "2026-10-25 01:30 +0000 UTC"),
        ("Europe/Berlin", "2026-10-25 02:30 +0100 Europe/Berlin"),
        ("Asia/Kolkata", "2026-10-25 07:00 +0530 Asia/Kolkata"),
    ],
)
def test_when_names_offset_and_zone(zone: str, expected: str) -> None:
    """So that it is clear in a repeated hour too."""
    assert when(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), ZoneInfo(zone)) == expected


def service_of(account: str, zone: str, **fields: object) -> None:
    """Make a customer in that zone who is hit."""
    ServiceFactory.create(customer=CustomerFactory.create(account=account, timezone=zone, **fields))


@pytest.mark.django_db
def test_refusal_names_everybody_concerned() -> None:
    """The rule, the number by zone, the first ten customers and how many more, the first start that would do."""
    zones = ["Atlantic/Canary", "Europe/Berlin", "Europe/London", "Asia/Kolkata", "UTC", "Asia/Shanghai", "Australia/Lord_Howe"]
    for number in range(14):
        service_of(f"A{number:02d}", zones[number % 7])
    service_of("FAR", "UTC", notice_days=90)
    with pytest.raises(ValidationError) as refusal:
        booking.announce(booked(windows=(window(10 + 3 / 24),)), by=BY, now=NOW)
    assert refusal.value.messages == [
        (
            "Too little notice for window 1, which starts on 2026-12-02 12:00 +0000 Europe/London: "
            f"9 days 3 hours for {customers} in {zone}, {days} days needed (24 hours of margin are taken off)."
        )
        for zone, days, customers in (
            ("UTC", 90, "1 customer"),
            ("Asia/Kolkata", 10, "2 customers"),
            ("Asia/Shanghai", 10, "2 customers"),
            ("Atlantic/Canary", 10, "2 customers"),
            ("Australia/Lord_Howe", 10, "2 customers"),
        )
    ] + [
        "and 3 more time zones or windows.",
        "Customers concerned: A00, A01, A02, A03, A04, A05, A06, A07, A08, A09 (+5).",
        (
            "Earliest start: 2027-02-20 09:00 +0000 Europe/London if every mail is accepted at once; "
            "2027-02-21 09:00 +0000 Europe/London with the margin of 24 hours."
        ),
        "Less notice is allowed only for an emergency, which needs an incident that is a P1.",
    ]


@pytest.mark.django_db
def test_refusal_names_the_first_start_of_what_is_refused() -> None:
    """Another window of the same work that has its days says nothing about it."""
    reader(account="A", object_id="a")
    reader(account="B", object_id="b", notice_days=60)
    maintenance = booked(windows=(window(5, objects=("a",)), window(100, objects=("b",))))
    with pytest.raises(ValidationError) as caught:
        booking.announce(maintenance, by=BY, now=NOW)
    assert any("Earliest start: 2026-12-02 09:00" in line for line in caught.value.messages)
