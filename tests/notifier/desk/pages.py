"""What the tests of the planners' pages share: addresses, the booking form's data, and what a page costs."""

from collections.abc import Sequence
from html import unescape
from typing import Any

from django.conf import settings
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from maintenance import booking
from maintenance.draft import ScopeDraft
from maintenance.models import Maintenance, Served
from maintenance.states import Hop
from tests import factories

ADD = "/admin/maintenance/maintenance/add/"
LIST = "/admin/maintenance/maintenance/"


def planner(*permissions: str, name: str = "petra") -> Client:
    """Return a browser of a planner with these permissions (``app.codename``), or with all of them."""
    user = User.objects.create_user(name, is_staff=True, is_superuser=not permissions)
    for permission in permissions:
        app, codename = permission.split(".")
        user.user_permissions.add(Permission.objects.get(content_type__app_label=app, codename=codename))
    client = Client()
    client.force_login(user)
    return client


def change(maintenance: Maintenance) -> str:
    """Return the address of a maintenance's page."""
    return reverse("admin:maintenance_maintenance_change", args=[maintenance.pk])


def verb(name: str, maintenance: Maintenance, number: int | None = None) -> str:
    """Return the address of a verb."""
    return reverse(f"admin:desk_{name}", args=[maintenance.pk] if number is None else [maintenance.pk, number])


def booked(reference: str = "MNT-1", **changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return a stored draft."""
    return booking.book(factories.draft(reference, **changes), by=factories.BY, now=factories.NOW)


def announced(reference: str = "MNT-1", **changes: Any) -> Maintenance:  # noqa: ANN401  # any field of Draft
    """Return an announced maintenance."""
    maintenance = booked(reference, **changes)
    booking.announce(maintenance, acknowledged="the other work is known", by=factories.BY, now=factories.NOW)
    return Maintenance.objects.get(pk=maintenance.pk)


def served(maintenance: Maintenance) -> Maintenance:
    """Record that everybody accepted its newest notice at once."""
    notice = maintenance.notices.latest("revision")
    for row in notice.customers.all():
        Served.objects.create(notice=notice, customer=row.customer, accepted_at=notice.issued_at, hop=Hop.FILE)
    return maintenance


def scope(slug: str) -> tuple[ScopeDraft, ...]:
    """Return the provider's own component as the scope of a draft."""
    return (ScopeDraft(factories.component(slug), "provider"),)


Row = dict[str, str]


def booking_data(
    *, scopes: Sequence[Row] | None = None, windows: Sequence[Row] | None = None, texts: dict[str, tuple[str, str, str]] | None = None, **facts: str
) -> Row:
    """Return what the booking form posts: right in all things, but for what is given."""
    data = {"reference": "MNT-1", "timezone": "Europe/Berlin", "impact": "outage", "expected_outage_minutes": "30", "objects": "", **facts}
    for prefix, rows in {
        "scope": scopes if scopes is not None else [{"component": "netpro.ipsec", "domain": "provider", "operator": ""}],
        "windows": windows if windows is not None else [window("2026-12-22", "23:00", "2026-12-23", "03:00")],
    }.items():
        data |= {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
        data |= {f"{prefix}-{number}-{name}": value for number, row in enumerate(rows) for name, value in row.items()}
    written = texts if texts is not None else {code: (f"Title ({code})", "Impact", "Description") for code, _name in settings.LANGUAGES}
    for language, words in written.items():
        data |= {f"texts-{language}-{name}": value for name, value in zip(("title", "impact", "description"), words, strict=True)}
    return data


def window(start_date: str, start_time: str, end_date: str, end_time: str, objects: str = "") -> Row:
    """Return a row of the form."""
    return {"start_date": start_date, "start_time": start_time, "end_date": end_date, "end_time": end_time, "objects": objects}


def moved(start_date: str, start_time: str, end_date: str, end_time: str) -> Row:
    """Return what the form for moving posts."""
    row = window(start_date, start_time, end_date, end_time)
    del row["objects"]
    return row


def said_on_top(response: Any) -> list[str]:  # noqa: ANN401  # the stubs' response of a test has a private type
    """Return the messages that the next page shows."""
    return [str(message) for message in response.context["messages"]]


def text_of(response: Any) -> str:  # noqa: ANN401  # the stubs' response of a test has a private type
    """Return a page with entities resolved, to look for what a person reads."""
    return unescape(response.content.decode())


def cost(client: Client, url: str) -> int:
    """Return how many queries a page makes."""
    with CaptureQueriesContext(connection) as captured:
        assert client.get(url).status_code == 200
    return len(captured)
