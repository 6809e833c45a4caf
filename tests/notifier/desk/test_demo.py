"""What the first start of an empty database loads."""

import stat
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError

from customers.models import Contact, Customer, Region, Tier
from maintenance.incidents import open_incident
from maintenance.models import Incident, Maintenance, Notice
from maintenance.states import Kind
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.desk import demo
from notifier.desk.demo.days import dated
from tests.factories import NOW, CustomerFactory, nothing_changes

pytestmark = pytest.mark.django_db

LANGUAGES = {code for code, _name in settings.LANGUAGES}


def test_load_has_every_region_tier_and_language() -> None:
    """And a control room that serves several accounts."""
    demo.load(now=NOW)
    assert set(Customer.objects.values_list("region__slug", flat=True)) == set(Region.objects.values_list("slug", flat=True))
    assert set(Customer.objects.values_list("tier__slug", flat=True)) == set(Tier.objects.values_list("slug", flat=True))
    assert set(Customer.objects.values_list("language", flat=True)) == LANGUAGES
    assert 36 <= Customer.objects.count() <= 45
    assert len(set(Customer.objects.values_list("timezone", flat=True))) >= 12
    assert max(Counter(Contact.objects.values_list("roles__contact", flat=True)).values()) >= 3


def test_load_writes_to_reserved_domains_only() -> None:
    """No mail of the demo can reach anybody (RFC 2606)."""
    demo.load(now=NOW)
    assert {email.rpartition(".")[2] for email in Contact.objects.values_list("email", flat=True)} == {"example"}


def test_load_announces_what_the_policy_allows() -> None:
    """Planned work with notice, a supplier's, an emergency for the P1; what has too little notice stays a draft."""
    demo.load(now=NOW)
    found = {row.reference: (row.state, row.impact, bool(row.supplier), row.incident and row.incident.reference) for row in Maintenance.objects.all()}
    assert found == {
        "CORE-0412": ("announced", "degraded", False, None),
        "MNO-0388": ("announced", "outage", True, None),
        "VPN-0415": ("draft", "degraded", False, None),
        "VPN-0416": ("announced", "outage", False, "INC-2077"),
    }
    kinds = set(Notice.objects.values_list("maintenance__reference", "customers__kind"))
    assert kinds == {("CORE-0412", Kind.ANNOUNCED), ("MNO-0388", Kind.ANNOUNCED), ("VPN-0416", Kind.EMERGENCY)}
    starts = dict(Maintenance.objects.filter(windows__number=1).values_list("reference", "windows__start"))
    days = {reference: (start.astimezone(ZoneInfo("Europe/London")).date() - NOW.date()).days for reference, start in starts.items()}
    assert days == {"CORE-0412": 25, "MNO-0388": 18, "VPN-0415": 6, "VPN-0416": 1}


def test_load_opens_a_p1_and_a_p2() -> None:
    """Some hours ago, by the table of priorities."""
    demo.load(now=NOW)
    found = {row.reference: (row.priority, row.sims, row.opened_at < NOW, row.closed_at) for row in Incident.objects.all()}
    assert found == {"INC-2077": ("P1", 620, True, None), "INC-2079": ("P2", 310, True, None)}


def test_load_reaches_readers_of_all_nine_languages() -> None:
    """Fanned out, and with words in each reader's own language for the work on the core."""
    demo.load(now=NOW)
    fan_out_due(now=NOW)
    mails = Delivery.objects.filter(notice__maintenance__reference="CORE-0412")
    assert set(mails.values_list("language", flat=True)) == LANGUAGES
    assert set(Maintenance.objects.get(reference="CORE-0412").texts.values_list("language", flat=True)) == LANGUAGES


def test_load_again_does_nothing() -> None:
    """Also on another day."""
    demo.load(now=NOW)
    with nothing_changes():
        demo.load(now=NOW + timedelta(days=40))


def test_load_where_there_is_a_customer_does_nothing() -> None:
    """Somebody's own data is left alone."""
    CustomerFactory.create()
    with nothing_changes():
        demo.load(now=NOW)


@pytest.mark.parametrize("moment", [datetime(2027, 3, 10, 12, tzinfo=UTC), datetime(2027, 10, 13, 12, tzinfo=UTC), datetime(2028, 2, 10, 23, 30, tzinfo=UTC)])
def test_load_works_on_any_day(moment: datetime) -> None:
    """Eighteen days before the clocks change in Europe, both ways, and before a leap day."""
    demo.load(now=moment)
    assert Counter(Maintenance.objects.values_list("state", flat=True)) == {"announced": 3, "draft": 1}


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2027, 3, 20, 12, tzinfo=UTC), [("2027-03-27T02:30", "2027-03-27T04:00")]),
        (datetime(2027, 3, 21, 12, tzinfo=UTC), [("2027-03-29T02:30", "2027-03-29T04:00")]),
        (datetime(2027, 10, 24, 12, tzinfo=UTC), [("2027-11-01T02:30", "2027-11-01T04:00")]),
        (datetime(2027, 3, 20, 23, 30, tzinfo=UTC), [("2027-03-29T02:30", "2027-03-29T04:00")]),
    ],
)
def test_dated_avoids_wall_times_that_the_clocks_skip_or_repeat(now: datetime, expected: list[tuple[str, str]]) -> None:
    """A day later instead; today is today in the work's zone."""
    night = {"start": {"day": 7, "time": "02:30"}, "end": {"day": 7, "time": "04:00"}}
    (work,) = dated([{"reference": "R", "timezone": "Europe/Madrid", "windows": [night]}], now=now)
    assert [(window["start"], window["end"]) for window in work["windows"]] == expected


def test_planner_can_log_in_and_is_told_the_same_password_again(tmp_path: Path) -> None:
    """The file is the owner's alone."""
    name, password = demo.planner(data_dir=tmp_path)
    user = User.objects.get()
    assert (name, user.username, user.is_superuser, user.check_password(password)) == ("planner", "planner", True, True)
    assert stat.S_IMODE((tmp_path / "planner_password").stat().st_mode) == 0o600
    assert demo.planner(data_dir=tmp_path) == ("planner", password)


def test_planner_password_file_left_by_others_is_replaced(tmp_path: Path) -> None:
    """It could be read by anybody."""
    path = tmp_path / "planner_password"
    path.write_text("known")
    path.chmod(0o644)
    _name, password = demo.planner(data_dir=tmp_path)
    assert password != "known"  # noqa: S105  # the old file's content
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == (f"{password}\n", 0o600)


@pytest.mark.parametrize("change", ["password", "locked", "deleted", "file"])
def test_planner_that_was_changed_by_hand_has_no_password_to_show(tmp_path: Path, change: str) -> None:
    """Nor is the account made anew where somebody has taken it away."""
    demo.planner(data_dir=tmp_path)
    user = User.objects.get()
    User.objects.create_superuser("petra")
    if change == "password":
        user.set_password("another")
        user.save()
    elif change == "locked":
        User.objects.filter(pk=user.pk).update(is_active=False)
    elif change == "deleted":
        user.delete()
    else:
        (tmp_path / "planner_password").unlink()
    names = list(User.objects.order_by("pk").values_list("username", flat=True))
    assert demo.planner(data_dir=tmp_path) == ("planner", "")
    assert list(User.objects.order_by("pk").values_list("username", flat=True)) == names


def test_load_that_fails_leaves_nothing() -> None:
    """One transaction: the next start finds no customers again, and tries anew."""
    open_incident(reference="INC-2079", title="Another", domain="provider", sims=1, now=NOW)
    with nothing_changes(), pytest.raises(ValidationError):
        demo.load(now=NOW)
