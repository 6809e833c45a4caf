"""One reason for many, from the lists of shortfalls and breaches."""

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from maintenance import booking, shortfalls
from maintenance.models import Breach, Shortfall
from tests.factories import BY, NOW, nothing_changes
from tests.factories import window as draft_window
from tests.notifier.desk import pages
from tests.notifier.desk.short import DAY, START, night, reasons, unreachable, work

pytestmark = pytest.mark.django_db
SHORTFALLS, BREACHES = "/admin/maintenance/shortfall/", "/admin/maintenance/breach/"
VIEW = ("maintenance.view_shortfall", "maintenance.view_breach")


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(START - DAY, tick=False):
        yield


def chosen(*rows: Shortfall | Breach, **more: str) -> dict[str, Any]:
    """Return what the list posts for these rows; with ``reason`` what the page between posts."""
    return {"action": "give_reason", "index": "0", "select_across": "0", "_selected_action": [str(row.pk) for row in rows], **more}


def shown(client: Client, url: str) -> list[str]:
    """Return the rows of a list in its order."""
    return [f"{row.window} {row.customer.account}" for row in client.get(url).context["cl"].result_list]


def begun() -> list[Breach]:
    """Return the breaches of work that began: the first has a reason."""
    window = night(lost=3, broken=0)
    shortfalls.give_reason(shortfalls.open_for(window)[:1], reason="known", by="vera", now=NOW)
    booking.start(window.maintenance, by=BY, now=START)
    return list(Breach.objects.order_by("customer__account"))


def test_list_of_shortfalls_has_open_ones_first_and_leads_to_the_decision() -> None:
    window = night(lost=3, broken=0)
    late = work("MNT-2", windows=(draft_window(20),)).windows.get()
    shortfalls.record(late, {row.customer_id: row.cause for row in Shortfall.objects.filter(customer__account="LOST2")}, now=NOW)  # type: ignore[misc]  # the value of a Cause
    shortfalls.clear(window, [Shortfall.objects.filter(customer__account="LOST0").get().customer_id], now=NOW)
    client = pages.planner()
    assert shown(client, SHORTFALLS) == ["MNT-2.1 LOST2", "MNT-1.1 LOST1", "MNT-1.1 LOST2", "MNT-1.1 LOST0"]
    assert f'href="{reverse("admin:desk_go_no_go", args=[late.maintenance_id, 1])}"' in pages.text_of(client.get(SHORTFALLS))
    assert shown(client, f"{SHORTFALLS}?maintenance={late.maintenance_id}") == ["MNT-2.1 LOST2"]
    assert [len(shown(client, f"{SHORTFALLS}?maintenance={wrong}")) for wrong in ("x", "9" * 30)] == [4, 0]
    assert shown(client, f"{SHORTFALLS}?q=LOST2+MNT-2") == ["MNT-2.1 LOST2"]
    assert f'href="?maintenance={late.maintenance_id}"' in pages.text_of(client.get(SHORTFALLS))


def test_reason_is_asked_for_and_given_to_those_chosen() -> None:
    night(lost=2)
    rows = list(Shortfall.objects.filter(customer__account__in=["LOST0", "BROKEN0"]).order_by("customer__account"))
    client = pages.planner()
    with nothing_changes():
        response = client.post(SHORTFALLS, chosen(*rows))
    assert (response.context["first"], response.context["more"], response.context["form"].errors) == ([str(row) for row in rows], 0, {})
    posted = dict(response.context["posted"])
    assert {**posted, "_selected_action": [value for name, value in response.context["posted"] if name == "_selected_action"]} == chosen(*rows)
    response = client.post(SHORTFALLS, chosen(*rows, reason=" Supplier's work "), follow=True)
    assert (pages.said_on_top(response), response.redirect_chain) == (["2 shortfalls have their reason."], [(SHORTFALLS, 302)])
    assert reasons() == {"BROKEN0": ("Supplier's work", "petra"), "LOST0": ("Supplier's work", "petra"), "LOST1": ("", "")}


def test_reason_is_given_to_everything_that_the_filter_shows() -> None:
    night(lost=12, broken=1)
    query = f"{SHORTFALLS}?cause__exact=no_contact"
    first = Shortfall.objects.filter(cause="no_contact").earliest("pk")
    client = pages.planner()
    response = client.post(query, chosen(first, select_across="1"))
    assert (len(response.context["first"]), response.context["more"]) == (10, 2)
    client.post(query, chosen(first, select_across="1", reason="because"))
    assert sorted(account for account, (reason, _by) in reasons().items() if reason) == sorted(f"LOST{number}" for number in range(12))


def test_reason_that_is_empty_is_asked_for_again() -> None:
    night()
    client = pages.planner()
    with nothing_changes():
        response = client.post(SHORTFALLS, chosen(*Shortfall.objects.all(), reason=" "))
    assert response.context["form"].errors == {"reason": ["This field is required."]}


def test_reason_for_work_that_began_belongs_to_the_breach() -> None:
    begun()
    client = pages.planner()
    with nothing_changes():
        response = client.post(SHORTFALLS, chosen(*Shortfall.objects.all(), reason="late"))
    refusal = ["Only work that is still to come can be given a reason beforehand; these are not: MNT-1.1."]
    assert response.context["form"].errors == {"__all__": refusal}


def test_shortfalls_that_are_cleared_need_no_reason() -> None:
    window = night(broken=0)
    shortfalls.clear(window, [shortfalls.open_for(window).get().customer_id], now=NOW)
    client = pages.planner()
    response = client.post(SHORTFALLS, chosen(*Shortfall.objects.all(), reason="x"), follow=True)
    assert (pages.said_on_top(response), reasons()) == (["None of these needs a reason."], {"LOST0": ("", "")})


def test_list_of_breaches_has_those_first_that_owe_a_reason() -> None:
    begun()
    client = pages.planner()
    assert shown(client, BREACHES) == ["MNT-1.1 LOST1", "MNT-1.1 LOST2", "MNT-1.1 LOST0"]
    assert pages.text_of(client.get(BREACHES)).count('<span class="desk-missing">still owed</span>') == 2


def test_reason_of_a_breach_is_given_once() -> None:
    rows = begun()
    client = pages.planner()
    assert client.post(BREACHES, chosen(*rows)).context["first"] == [str(row) for row in rows[1:]]
    response = client.post(BREACHES, chosen(*rows, reason="The link was failing"), follow=True)
    assert pages.said_on_top(response) == ["2 breaches have their reason."]
    given = [("known", "vera"), ("The link was failing", "petra"), ("The link was failing", "petra")]
    assert list(Breach.objects.order_by("customer__account").values_list("reason", "reason_by")) == given
    with nothing_changes():
        assert pages.said_on_top(client.post(BREACHES, chosen(*rows, reason="another"), follow=True)) == ["None of these needs a reason."]


@pytest.mark.parametrize("url", [SHORTFALLS, BREACHES])
def test_viewer_sees_the_list_and_has_no_actions(url: str) -> None:
    begun()
    viewer = pages.planner(*VIEW, name="vera")
    response = viewer.get(url)
    assert (response.status_code, response.context["action_form"]) == (200, None)
    with nothing_changes():
        viewer.post(url, chosen(*Breach.objects.all(), reason="x"))


@pytest.mark.parametrize("url", [SHORTFALLS, BREACHES])
def test_list_costs_the_same_at_one_row_and_three(url: str) -> None:
    client = pages.planner()
    begun()
    keep = Breach if url == BREACHES else Shortfall
    rest = keep.objects.exclude(pk=keep.objects.earliest("pk").pk)
    three = pages.cost(client, url)
    rest.delete()
    assert (pages.cost(client, url), keep.objects.count()) == (three, 1)


def test_list_of_told_customers_leads_to_the_form_for_a_call_round() -> None:
    customer = unreachable()
    notice = work().notices.get()
    link = reverse("admin:desk_serve", args=[notice.pk, customer.pk])
    url = "/admin/maintenance/noticecustomer/"
    seen = [f'href="{link}"' in pages.text_of(client.get(url)) for client in (pages.planner(), pages.planner("maintenance.view_noticecustomer", name="vera"))]
    assert seen == [True, False]
