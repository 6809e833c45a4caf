"""When mails are due: office hours and pace for first notices with time in hand, at once for all else."""

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django import Settings

from customers.models import Customer, Region
from maintenance.states import Kind
from notifier.delivery import outbox
from notifier.delivery.fanout import fan_out, fan_out_due
from notifier.delivery.models import Delivery
from tests.factories import ContactFactory, ContactRoleFactory, CustomerFactory
from tests.notifier.delivery.notices import issue, work

pytestmark = pytest.mark.django_db

FRIDAY = datetime(2026, 12, 11, tzinfo=UTC)
MONDAY = FRIDAY + timedelta(days=3)
FAR = FRIDAY + timedelta(days=60)
MARGIN = timedelta(hours=24)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def office_hours(settings: Settings) -> Settings:
    """Wait for the office, without pace unless the test sets one."""
    settings.FIRST_NOTICE, settings.MAILS_PER_HOUR = "office_hours", 0
    return settings


def customer(region: str = "uk", contacts: int = 1) -> Customer:
    """Return a customer with so many contacts."""
    made = CustomerFactory.create(region_slug=region)
    ContactRoleFactory.create_batch(contacts, customer=made)
    return made


def due(kind: Kind = Kind.ANNOUNCED, *, now: datetime, deadline: datetime | None = FAR, region: str = "uk") -> datetime:
    """Return when the one mail of a notice is due."""
    fan_out(issue(work(), {customer(region): kind}, deadline=deadline, now=now), now=now)
    row = Delivery.objects.get()
    assert row.first_due_at == row.due_at
    return row.due_at


@pytest.mark.parametrize(
    ("now", "region", "expected"),
    [
        (FRIDAY + timedelta(hours=17, minutes=59), "uk", FRIDAY + timedelta(hours=17, minutes=59)),
        (FRIDAY + timedelta(hours=18), "uk", MONDAY + timedelta(hours=9)),
        (FRIDAY + timedelta(hours=18), "us", FRIDAY + timedelta(hours=18)),  # 13:00 there
        (FRIDAY + timedelta(hours=18), "cn", MONDAY + timedelta(hours=1)),
        (datetime(2026, 12, 26, 12, tzinfo=UTC), "uk", datetime(2026, 12, 29, 9, tzinfo=UTC)),
        (datetime(2026, 12, 26, 12, tzinfo=UTC), "de", datetime(2026, 12, 28, 8, tzinfo=UTC)),
        (datetime(2027, 3, 29, 8, tzinfo=UTC), "de", datetime(2027, 3, 30, 7, tzinfo=UTC)),  # Easter Monday, a day after the clocks
    ],
)
def test_announcement_waits_for_the_office_of_the_customers_region(now: datetime, region: str, expected: datetime) -> None:
    """By its own clocks and holidays, to the minute."""
    assert due(now=now, region=region, deadline=now + timedelta(days=20)) == expected


def test_announcement_keeps_the_hours_that_the_region_has_been_given() -> None:
    """They are configuration."""
    Region.objects.filter(slug="uk").update(opens="07:30")
    assert due(now=FRIDAY) == FRIDAY + timedelta(hours=7, minutes=30)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in {Kind.ANNOUNCED, Kind.REVISED, Kind.CANCELLED, Kind.POSTPONED}])
def test_every_other_kind_goes_at_once(kind: Kind) -> None:
    """At night as well, whatever deadline it has."""
    assert due(kind, now=FRIDAY) == FRIDAY


@pytest.mark.parametrize("kind", [Kind.CANCELLED, Kind.POSTPONED])
def test_withdrawal_goes_at_once_beside_what_waits(settings: Settings, kind: Kind) -> None:
    """To whoever was told; the same notice tells another customer for the first time."""
    settings.MAILS_PER_HOUR = 1
    maintenance, told, untold = work(), customer(contacts=2), customer()
    fan_out(issue(maintenance, {told: Kind.ANNOUNCED}), now=FRIDAY)
    Delivery.objects.update(state="sent", accepted_at=FRIDAY)
    fan_out(issue(maintenance, {told: kind, untold: Kind.ANNOUNCED}, deadline=FAR), now=FRIDAY)
    dues = Delivery.objects.filter(state="queued").order_by("pk").values_list("kind", "due_at")
    assert sorted(dues) == sorted([(kind, FRIDAY), (kind, FRIDAY), ("announced", FRIDAY + 9 * HOUR)])


def test_revision_waits_as_an_announcement_does() -> None:
    """It needs days of its own."""
    assert due(Kind.REVISED, now=FRIDAY) == FRIDAY + 9 * HOUR


def test_announcement_without_a_deadline_goes_at_once() -> None:
    """Nobody has said how long it may wait."""
    assert due(now=FRIDAY, deadline=None) == FRIDAY


@pytest.mark.parametrize(("short", "expected"), [(timedelta(0), 9 * HOUR), (timedelta(microseconds=1), timedelta(0))])
def test_announcement_never_waits_past_its_deadline_less_the_margin(short: timedelta, expected: timedelta) -> None:
    """Where the office opens a microsecond too late, it does not wait at all."""
    assert due(now=FRIDAY, deadline=FRIDAY + 9 * HOUR + MARGIN - short) == FRIDAY + expected


def test_first_notice_at_once_does_not_wait(settings: Settings) -> None:
    """The setting, and what is so where mail goes to files; neither is it paced."""
    settings.FIRST_NOTICE, settings.MAILS_PER_HOUR = "at_once", 1
    fan_out(issue(work(), {customer(contacts=3): Kind.ANNOUNCED}, deadline=FAR), now=FRIDAY)
    assert set(Delivery.objects.values_list("due_at", flat=True)) == {FRIDAY}


def both(*, uk: datetime, cn: datetime) -> datetime:
    """Return when the mail of a contact of two accounts is due, whose deadlines are given."""
    noc, maintenance = ContactFactory.create(language="en", timezone="UTC"), work()
    accounts = {region: CustomerFactory.create(region_slug=region) for region in ("uk", "cn")}
    for account in accounts.values():
        ContactRoleFactory.create(contact=noc, customer=account)
    notice = issue(maintenance, dict.fromkeys(accounts.values(), Kind.ANNOUNCED), deadline={accounts["uk"]: uk, accounts["cn"]: cn})
    fan_out(notice, now=FRIDAY)
    return Delivery.objects.get().due_at


def test_contact_of_several_accounts_is_told_when_the_first_office_opens() -> None:
    """Shanghai at 01:00 UTC, London at 09:00."""
    assert both(uk=FAR, cn=FAR) == FRIDAY + HOUR


def test_contact_of_several_accounts_of_which_one_cannot_wait_is_told_at_once() -> None:
    """The earliest of all."""
    assert both(uk=FRIDAY + 9 * HOUR + MARGIN - HOUR, cn=FAR) == FRIDAY


def dues(contacts: int, *, now: datetime, deadline: datetime = FAR) -> list[datetime]:
    """Return when the mails of a notice to one customer are due, in their order."""
    fan_out(issue(work(), {customer(contacts=contacts): Kind.ANNOUNCED}, deadline=deadline, now=now), now=now)
    return list(Delivery.objects.order_by("due_at").values_list("due_at", flat=True))


def test_pace_spreads_the_mails_from_the_opening_on(settings: Settings) -> None:
    """Six an hour: one every ten minutes, the first when the office opens."""
    settings.MAILS_PER_HOUR = 6
    assert dues(4, now=FRIDAY) == [FRIDAY + 9 * HOUR + timedelta(minutes=10) * number for number in range(4)]


def test_pace_keeps_fractions_of_a_second(settings: Settings) -> None:
    """20,000 an hour is one every 180 milliseconds."""
    settings.MAILS_PER_HOUR = 20_000
    assert dues(3, now=FRIDAY + 10 * HOUR) == [FRIDAY + 10 * HOUR + timedelta(milliseconds=180) * number for number in range(3)]


def test_pace_goes_on_the_next_working_day(settings: Settings) -> None:
    """What is left of Friday takes two, at 17:10 and 17:40, as none goes out from 18:00 on."""
    settings.MAILS_PER_HOUR = 2
    now = FRIDAY + timedelta(hours=17, minutes=10)
    half = timedelta(minutes=30)
    assert dues(4, now=now) == [now, now + half, MONDAY + 9 * HOUR, MONDAY + 9 * HOUR + half]


def test_pace_never_goes_past_the_deadline_less_the_margin(settings: Settings) -> None:
    """The last moment takes all that are left."""
    settings.MAILS_PER_HOUR = 1
    last = FRIDAY + 11 * HOUR
    assert dues(5, now=FRIDAY, deadline=last + MARGIN) == [FRIDAY + 9 * HOUR, FRIDAY + 10 * HOUR, last, last, last]


def test_pace_that_cannot_end_in_weeks_ends_at_the_last_moment(settings: Settings) -> None:
    """A pace of one an hour over 180 working hours leaves the rest to the end."""
    settings.MAILS_PER_HOUR = 1
    Region.objects.filter(slug="uk").update(opens="09:00", closes="10:00")  # one a day
    found = dues(22, now=FRIDAY)
    assert (found[0], found[1], found[-3] < FAR - MARGIN, found[-2:]) == (FRIDAY + 9 * HOUR, MONDAY + 9 * HOUR, True, [FAR - MARGIN] * 2)


def test_pace_of_each_opening_is_its_own(settings: Settings) -> None:
    """Shanghai's mails do not hold up London's, and what goes at once is not numbered."""
    settings.MAILS_PER_HOUR = 6
    ten = timedelta(minutes=10)
    told = {customer("uk", 2): Kind.ANNOUNCED, customer("cn", 2): Kind.ANNOUNCED, customer("uk", 2): Kind.LATE}
    fan_out(issue(work(), told, deadline=FAR), now=FRIDAY)
    opening = [FRIDAY + HOUR, FRIDAY + HOUR + ten, FRIDAY + 9 * HOUR, FRIDAY + 9 * HOUR + ten]
    assert list(Delivery.objects.order_by("due_at").values_list("due_at", flat=True)) == [FRIDAY, FRIDAY, *opening]


def test_pace_lets_the_tightest_deadline_go_first(settings: Settings) -> None:
    """Of those that wait for the same opening."""
    settings.MAILS_PER_HOUR = 6
    roomy, tight = customer(), customer()
    notice = issue(work(), {roomy: Kind.ANNOUNCED, tight: Kind.ANNOUNCED}, deadline={roomy: FAR, tight: FAR - HOUR})
    fan_out(notice, now=FRIDAY)
    assert list(Delivery.objects.order_by("due_at").values_list("customers", flat=True)) == [tight.pk, roomy.pk]


def test_claim_takes_what_waited_when_the_office_opens(settings: Settings) -> None:
    """Not a microsecond before; emergencies pass it."""
    settings.MAILS_PER_HOUR = 6
    maintenance = work()
    issue(maintenance, {customer(): Kind.ANNOUNCED}, deadline=FAR)
    issue(maintenance, {customer(): Kind.EMERGENCY}, deadline=FAR)
    assert fan_out_due(now=FRIDAY) == 2
    opening = FRIDAY + 9 * HOUR
    assert outbox.claim(now=opening - timedelta(microseconds=1), most=9).ids == tuple(Delivery.objects.filter(kind="emergency").values_list("pk", flat=True))
    assert outbox.claim(now=opening, most=9).ids == tuple(Delivery.objects.filter(kind="announced").values_list("pk", flat=True))
