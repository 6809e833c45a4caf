"""The lists of shortfalls, consents, alerts, breaches and customers served: what they show, how they are filtered and what they cost."""

from typing import Any

import pytest
from django.test import Client

from maintenance.models import Breach, Consent, Served, Shortfall
from notifier.delivery.alerts import raise_alert
from notifier.delivery.models import AlertKind
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
LISTS = {
    "shortfall": "/admin/maintenance/shortfall/",
    "consent": "/admin/maintenance/consent/",
    "breach": "/admin/maintenance/breach/",
    "served": "/admin/maintenance/served/",
    "alert": "/admin/delivery/alert/",
}
AT = {"recorded_at": factories.NOW, "recorded_by": "petra"}


def everything(reference: str) -> None:
    """Make a row for each list."""
    customer = factories.reader(account=f"ACC-{reference}")
    maintenance = pages.announced(reference, windows=(factories.window(30 + int(reference[-1])),))  # no two at the same time
    night = maintenance.windows.get()
    row: dict[str, Any] = {"window": night, "customer": customer}
    Shortfall.objects.create(**row, cause="bounced", found_at=factories.NOW)
    Consent.objects.create(**row, **AT, start=night.start, end=night.end, impact="outage", minutes=30, given_at=factories.NOW, given_by="Ana", document="mail")
    Breach.objects.create(**row, **AT)
    Served.objects.create(notice=maintenance.notices.get(), customer=customer, accepted_at=factories.NOW, hop="phone", detail="Ana", document="call 7", **AT)
    raise_alert(AlertKind.OVERRUN, reference, {"reference": reference}, now=factories.NOW)


def found(client: Client, name: str, query: str) -> int:
    """Return how many rows a list shows."""
    number: int = client.get(f"{LISTS[name]}{query}").context["cl"].result_count
    return number


@pytest.mark.parametrize("url", LISTS.values())
def test_list_costs_same_at_one_row_and_three(url: str) -> None:
    client = pages.planner()
    everything("MNT-1")
    one = pages.cost(client, url)
    everything("MNT-2")
    everything("MNT-3")
    assert pages.cost(client, url) == one


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("shortfall", "?cleared_at__isempty=1&cause__exact=bounced&reason__isempty=1&window__state__exact=announced"),
        ("shortfall", "?q=ACC-MNT-1"),
        ("consent", "?q=MNT-1"),
        ("breach", "?reason__isempty=1&window__basis__exact=planned"),
        ("served", "?hop__exact=phone&revoked_at__isempty=1"),
        ("served", "?q=call+7"),
        ("alert", "?kind__exact=overrun&sent_at__isempty=1"),
        ("alert", "?q=MNT-1"),
    ],
)
def test_list_is_searched_and_filtered(name: str, query: str) -> None:
    everything("MNT-1")
    assert found(pages.planner(), name, query) == 1


@pytest.mark.parametrize(
    ("name", "query"),
    [("shortfall", "?cleared_at__isempty=0"), ("breach", "?reason__isempty=0"), ("served", "?revoked_at__isempty=0"), ("alert", "?sent_at__isempty=0")],
)
def test_list_leaves_out_what_is_filtered_away(name: str, query: str) -> None:
    everything("MNT-1")
    assert found(pages.planner(), name, query) == 0


@pytest.mark.parametrize("name", LISTS)
def test_row_is_shown_and_changed_by_nobody(name: str) -> None:
    everything("MNT-1")
    client = pages.planner()
    (row,) = client.get(LISTS[name]).context["cl"].result_list
    assert client.get(f"{LISTS[name]}{row.pk}/change/").status_code == 200
    assert [client.get(f"{LISTS[name]}{url}").status_code for url in ("add/", f"{row.pk}/delete/")] == [403, 403]
