"""The go/no-go page of a window."""

from typing import Any

import pytest
import time_machine
from django.urls import reverse

from maintenance import booking, shortfalls
from maintenance.models import Breach, Shortfall, Window
from maintenance.states import Cause
from tests.factories import BY, NOW, OperatorFactory, nothing_changes, reader
from tests.factories import window as draft_window
from tests.maintenance.telling import p1
from tests.maintenance.works import freeze
from tests.notifier.desk import pages
from tests.notifier.desk.short import DAY, HOUR, START, bounce, night, reasons, unreachable, work

pytestmark = pytest.mark.django_db
VIEWER = "maintenance.view_maintenance"
ANNOUNCER = "maintenance.announce_maintenance"


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(START - 2 * DAY - 3 * HOUR, tick=False):
        yield


def page(window: Window) -> str:
    """Return the page's address."""
    return reverse("admin:desk_go_no_go", args=[window.maintenance_id, window.number])


def test_page_shows_what_is_open() -> None:
    window = night(lost=2, supplier=OperatorFactory.create())
    freeze("Sales")
    shortfalls.give_reason(shortfalls.open_for(window).filter(customer__account="LOST0"), reason="Told <b>by</b> phone", by="vera", now=NOW)
    response = pages.planner().get(page(window))
    text = pages.text_of(response)
    lines = [
        "This is open",
        "22 Dec 2026, 09:00 UTC+00:00 (22 Dec 2026, 09:00 UTC)",
        "2 days, 3 hours",
        "every mail failed 1",
        "no contact 2",
        "550 No such person",
        "Window MNT-1.1 is in the freeze “Sales”",
        "recorded as a breach",
    ]
    assert [line for line in lines if line not in text.replace("\xa0", " ")] == []
    assert b"Told &lt;b&gt;by&lt;/b&gt; phone" in response.content
    choices = [
        "the customers ticked",
        "all that still need one (2)",
        "all of “no contact” that still need one (1)",
        "all of “every mail failed” that still need one (1)",
    ]
    assert [label for _value, label in response.context["form"].fields["whom"].choices] == choices
    links = [
        f"{reverse('admin:desk_serve', args=[window.maintenance.notices.get().pk, row.customer])}?window=1" for row in response.context["points"].customers
    ] + [reverse("admin:desk_consent", args=[window.maintenance_id, 1, row.customer]) for row in response.context["points"].customers]
    assert [link for link in links if f'href="{link}"' not in text] == []


def test_page_with_nothing_open_says_so() -> None:
    customer = reader()
    window = work().windows.get()
    shortfalls.serve_otherwise(window.maintenance.notices.get(), customer, how="phone", at=NOW, to_whom="A", document="7", by=BY, now=NOW)  # type: ignore[arg-type]  # its value
    response = pages.planner().get(page(window))
    assert ("Nothing is open" in pages.text_of(response), response.context["form"]) == (True, None)


@pytest.mark.parametrize(
    ("whom", "given"),
    [
        ("all", ["BROKEN0", "LOST0", "LOST1"]),
        ("no_contact", ["LOST0", "LOST1"]),
        ("failed", ["BROKEN0"]),
        ("chosen", ["LOST1"]),
    ],
)
def test_reason_is_given_to_those_asked_for(whom: str, given: list[str]) -> None:
    window = night(lost=2)
    ticked = str(shortfalls.open_for(window).get(customer__account="LOST1").customer_id)
    response = pages.planner().post(page(window), {"whom": whom, "reason": " The supplier will not wait. ", "customers": [ticked, "999999", "x"]}, follow=True)
    assert pages.said_on_top(response) == [
        f"{len(given)} customer{'s' if len(given) > 1 else ''} of MNT-1.1 {'have their' if len(given) > 1 else 'has its'} reason."
    ]
    assert response.redirect_chain == [(page(window), 302)]
    assert reasons() == {account: ("The supplier will not wait.", "petra") if account in given else ("", "") for account in ("BROKEN0", "LOST0", "LOST1")}


def test_reason_for_all_leaves_alone_who_has_one_or_has_agreed() -> None:
    window = night(lost=3, broken=0)
    rows = {row.customer.account: row for row in shortfalls.open_for(window)}
    shortfalls.give_reason([rows["LOST0"]], reason="mine", by="vera", now=NOW)
    shortfalls.consent(window, rows["LOST1"].customer, given_at=NOW, given_by="Ana", document="mail", by=BY, now=NOW)
    pages.planner().post(page(window), {"whom": "all", "reason": "theirs"})
    assert reasons() == {"LOST0": ("mine", "vera"), "LOST1": ("", ""), "LOST2": ("theirs", "petra")}


def test_reason_is_given_before_the_clock_has_found_the_shortfall() -> None:
    unreachable("LOST")
    window = work().windows.get()
    assert Shortfall.objects.count() == 0
    pages.planner().post(page(window), {"whom": "all", "reason": "because"})
    assert reasons() == {"LOST": ("because", "petra")}


@pytest.mark.parametrize(
    ("data", "errors"),
    [
        ({"whom": "chosen", "reason": "x"}, {"__all__": ["Nobody is chosen who is not served in time."]}),
        ({"whom": "bounced", "reason": "x"}, {"whom": ["Select a valid choice. bounced is not one of the available choices."]}),
        ({"whom": "all", "reason": " "}, {"reason": ["This field is required."]}),
        ({"reason": "x"}, {"whom": ["This field is required."]}),
    ],
)
def test_reason_refused_keeps_what_was_entered(data: dict[str, str], errors: dict[str, list[str]]) -> None:
    window = night()
    client = pages.planner()
    client.get(page(window))
    with nothing_changes():
        response = client.post(page(window), data)
    assert (response.status_code, response.context["form"].errors) == (200, errors)


def test_boxes_stay_ticked_when_the_reason_is_missing() -> None:
    window = night(lost=2, broken=0)
    first, second = shortfalls.open_for(window)
    text = pages.text_of(pages.planner().post(page(window), {"whom": "chosen", "customers": [str(second.customer_id)], "reason": ""}))
    assert [text.partition(f'value="{row.customer_id}"')[2].partition(">")[0].count("checked") for row in (first, second)] == [0, 1]


def test_page_of_a_window_that_began_shows_its_breaches_and_takes_no_reason() -> None:
    window = night()
    shortfalls.give_reason(shortfalls.open_for(window).filter(cause=Cause.FAILED), reason="Told", by=BY, now=NOW)
    booking.start(window.maintenance, by=BY, now=START)
    client = pages.planner()
    with time_machine.travel(START + HOUR, tick=False):
        text = " ".join(pages.text_of(client.get(page(window))).replace("\xa0", " ").split())
    assert ["2 breaches are recorded; 1 still owe a reason" in text, "<dd>1 hour</dd>" in text, "Nothing of this stops the start" in text] == [
        True,
        True,
        False,
    ]
    breaches = f"{reverse('admin:maintenance_breach_changelist')}?window__id__exact={window.pk}"
    assert (f'href="{breaches}"' in text, client.get(breaches).context["cl"].result_count) == (True, 2)
    with nothing_changes():
        assert client.post(page(window), {"whom": "all", "reason": "x"}).status_code == 405
    assert Breach.objects.filter(reason="").count() == 1


def test_page_of_an_emergency_says_that_nobody_is_short() -> None:
    unreachable()
    response = pages.planner().get(page(work(windows=(draft_window(1),), incident=p1()).windows.get()))
    assert ("An emergency needs no notice" in pages.text_of(response), response.context["points"].customers) == (True, ())


def test_viewer_sees_and_does_not_act() -> None:
    window = night()
    viewer = pages.planner(VIEWER, name="vera")
    response = viewer.get(page(window))
    text = pages.text_of(response)
    assert (response.status_code, response.context["form"], "Served otherwise…" in text, "Consent…" in text, "checkbox" in text) == (
        200,
        None,
        False,
        False,
        False,
    )
    with nothing_changes():
        assert viewer.post(page(window), {"whom": "all", "reason": "x"}).status_code == 403


def test_page_needs_the_right_to_see_maintenance_and_a_window() -> None:
    window = night()
    assert pages.planner("maintenance.view_incident", name="ingo").get(page(window)).status_code == 403
    nobody = [reverse("admin:desk_go_no_go", args=[pk, number]) for pk, number in ((window.maintenance_id, 2), (10**30, 1), (window.maintenance_id, 10**30))]
    client = pages.planner()
    assert [client.get(url).status_code for url in nobody] == [404, 404, 404]


def test_announcer_acts_without_other_rights() -> None:
    window = night()
    pages.planner(VIEWER, ANNOUNCER, name="anton").post(page(window), {"whom": "all", "reason": "x"})
    assert reasons() == {"LOST0": ("x", "anton"), "BROKEN0": ("x", "anton")}


def test_get_changes_nothing_and_costs_the_same_for_any_number_of_customers() -> None:
    client = pages.planner()
    of_two = pages.cost(client, page(night()))
    of_six = night("MNT-2", prefix="MORE", lost=2, broken=2, windows=(draft_window(35),))
    with nothing_changes():
        assert pages.cost(client, page(of_six)) == of_two


def test_contact_faults_lead_to_the_contact() -> None:
    half = reader(account="HALF")
    window = work().windows.get()
    shortfalls.serve_otherwise(window.maintenance.notices.get(), half, how="phone", at=NOW, to_whom="A", document="7", by=BY, now=NOW)  # type: ignore[arg-type]  # its value
    bounce(half)
    text = pages.text_of(pages.planner().get(page(window)))
    assert f'href="{reverse("admin:customers_contact_change", args=[half.roles.get().contact_id])}"' in text
