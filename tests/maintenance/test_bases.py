"""By which rule a window takes place for each customer: with full notice, for a P1, or late."""

from dataclasses import replace

import pytest
from pytest_django import Settings

from maintenance import booking
from maintenance.coverage import unserved
from maintenance.draft import Late, ScopeDraft
from maintenance.incidents import close_incident
from maintenance.models import Breach, Maintenance, Window
from maintenance.stored_draft import as_draft
from tests.factories import BY, NOW, component, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, p1, serve, told

pytestmark = pytest.mark.django_db


def short(maintenance: Maintenance, number: int = 1) -> list[str]:
    """Return the accounts not served in time."""
    return [one.account for one in unserved(maintenance.windows.get(number=number))]


def test_emergency_excuses_its_own_window_only() -> None:
    """The planned window of the same notice needs its ten days, however the customer's days change."""
    customer = reader(account="A")
    maintenance = announced(incident=p1(), windows=(window(2), window(30)))
    serve(maintenance)
    assert (short(maintenance, 1), short(maintenance, 2)) == ([], [])
    customer.notice_days = 40
    customer.save()
    assert (short(maintenance, 1), short(maintenance, 2)) == ([], ["A"])


def test_newly_hit_customer_is_excused_as_long_as_the_p1_allows_it() -> None:
    """Told of an emergency on a window that is planned for the others: closed too long before the start, the P1 excuses nobody."""
    reader(account="A")
    reader(account="B", service="netpro.openvpn")
    incident = p1()
    maintenance = announced(incident=incident)
    serve(maintenance)
    scopes = (*as_draft(maintenance).scopes, ScopeDraft(component("netpro.openvpn"), "provider"))
    now = NOW + 22 * DAY
    notice = booking.revise(maintenance, replace(as_draft(maintenance), scopes=scopes), by=BY, now=now)
    assert told(notice) == {"B": ("emergency", None)}
    serve(maintenance, at=now)
    assert (short(maintenance), Window.objects.get().basis) == ([], "planned")
    close_incident(incident, now=now)
    maintenance.refresh_from_db()
    assert short(maintenance) == ["B"]
    booking.start(maintenance, by=BY, now=NOW + 30 * DAY)
    assert list(Breach.objects.values_list("customer__account", flat=True)) == ["B"]


def test_late_notice_is_late_only_for_whom_it_is_too_late(settings: Settings) -> None:
    """Whose contract asks for more days than there are left is told late; the others with full notice, and no breach."""
    settings.LATE_NOTICE = "breach"
    reader(account="A", notice_days=20)
    reader(account="B")
    maintenance = booked(windows=(window(15),))
    notice = booking.announce(maintenance, late=Late("supplier", NOW), by=BY, now=NOW)
    assert told(notice) == {"A": ("late", None), "B": ("announced", NOW + 5 * DAY)}
    assert list(Breach.objects.values_list("customer__account", flat=True)) == ["A"]
    serve(maintenance, at=NOW + HOUR)
    assert short(maintenance) == ["A"]


def test_emergency_is_one_only_for_whom_there_is_no_time() -> None:
    """As with late notice."""
    reader(account="A", notice_days=20)
    reader(account="B")
    maintenance = announced(incident=p1(), windows=(window(15),))
    assert told(maintenance.notices.get()) == {"A": ("emergency", None), "B": ("announced", NOW + 5 * DAY)}
