"""Root-cause reports through the admin: listed by due date, written in each language, filed after a look at who gets them."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from pytest_django import DjangoCaptureOnCommitCallbacks

from maintenance.incidents import affect, close_incident, disprove, open_incident
from maintenance.models import Incident, Notice, RootCauseReport
from maintenance.root_causes import Words, write, written
from tests import factories
from tests.notifier.desk import pages
from tests.notifier.desk.commands.wire import tasks_sent

pytestmark = pytest.mark.django_db
LIST = "/admin/maintenance/rootcausereport/"
ENGLISH = Words("Core down", "A **worn** card", "Replaced")


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def owed(reference: str = "INC-1", *, regions: tuple[str, ...] = ("uk",), days_ago: int = 0) -> RootCauseReport:
    """Return the report of a P1 that hit an Enterprise customer of each region."""
    closed = factories.NOW - timedelta(days=days_ago)
    incident = open_incident(reference=reference, title="Core down", domain="provider", sims=501, now=closed)
    customers = [factories.reader(tier_slug="enterprise", region_slug=region) for region in regions]
    affect(incident, dict.fromkeys(customers, 10), now=closed)
    close_incident(incident, now=closed)
    return RootCauseReport.objects.get(incident=incident)


def entered(**texts: Words) -> dict[str, str]:
    """Return what the form posts."""
    data = {f"texts-{code}-{name}": "" for code, _name in settings.LANGUAGES for name in ("title", "cause", "measures")}
    for language, words in texts.items():
        data |= {f"texts-{language}-{name}": getattr(words, name) for name in ("title", "cause", "measures")}
    return data


def change(report: RootCauseReport) -> str:
    """Return the address of its page."""
    return f"{LIST}{report.pk}/change/"


def test_list_shows_state_and_due_date() -> None:
    """Overdue, due, filed, not owed any more: in the order of their due dates."""
    filed, refuted, overdue, due = (owed(f"INC-{number}", days_ago=days) for number, days in ((1, 30), (2, 20), (3, 10), (4, 0)))
    RootCauseReport.objects.filter(pk=filed.pk).update(filed_at=factories.NOW, filed_by="petra")
    disprove(refuted.incident, reason="Probe broken", by="paul", now=factories.NOW)
    page = pages.text_of(pages.planner().get(LIST))
    places = [page.index(text) for text in (">filed<", ">not owed: never was a P1<", ">overdue<", ">due<")]
    assert (places, overdue.due_at < due.due_at) == (sorted(places), True)


def test_report_of_a_p1_for_which_no_customer_is_entered() -> None:
    """Due, until those entered get none; the page says what is missing."""
    incident = open_incident(reference="INC-1", title="Core down", domain="provider", sims=501, now=factories.NOW)
    close_incident(incident, now=factories.NOW)
    client, page = pages.planner(), change(RootCauseReport.objects.get())
    shown = [(">due<" in pages.text_of(client.get(LIST)), "Nobody yet: enter the customers hit with the incident." in pages.text_of(client.get(page)))]
    affect(incident, {factories.CustomerFactory.create(): 10}, now=factories.NOW)
    none = ">not owed: no customer entered gets one<"
    shown.append((none in pages.text_of(client.get(LIST)), "Nobody: no customer entered has a tier" in pages.text_of(client.get(page))))
    assert shown == [(True, True), (True, True)]
    assert none in pages.text_of(client.get(page))


def test_list_costs_as_much_for_three_as_for_one() -> None:
    client = pages.planner()
    costs = []
    for number in (1, 2, 3):
        owed(f"INC-{number}")
        costs.append(pages.cost(client, LIST))
    assert costs[0] == costs[2]


def test_page_costs_as_much_for_three_customers_as_for_one() -> None:
    client = pages.planner()
    assert pages.cost(client, change(owed())) == pages.cost(client, change(owed("INC-2", regions=("uk", "uk", "uk"))))


def test_page_shows_who_gets_it_and_what_is_missing() -> None:
    report = owed(regions=("uk", "es", "es"))
    write(report, {"en": ENGLISH})
    alone = factories.CustomerFactory.create(tier_slug="enterprise", name="Alone")
    affect(report.incident, {alone: 1}, now=factories.NOW)
    page = pages.text_of(pages.planner().get(change(report)))
    assert [text in page for text in ("missing, 2 readers", "Alone", "no contact", "English (1), Spanish (2)")] == [True] * 4


def test_saving_keeps_the_words_and_tells_nobody() -> None:
    report = owed(regions=("uk", "es"))
    said = pages.said_on_top(pages.planner().post(change(report), entered(en=ENGLISH), follow=True))
    assert (said, written(report), Notice.objects.count()) == (["The report is saved. Nobody has been told yet."], {"en": ENGLISH}, 0)


def test_saving_with_a_fault_keeps_what_was_typed() -> None:
    report, client = owed(), pages.planner()
    with factories.nothing_changes():
        page = pages.text_of(client.post(change(report), entered(en=Words("Core down", "", "Replaced"))))
    assert [text in page for text in ("is missing", "please mend", "Replaced")] == [True, True, True]


def test_filing_asks_shows_and_does() -> None:
    report, client = owed(regions=("uk", "es")), pages.planner()
    texts = {"en": ENGLISH, "es": Words("Caída", "Tarjeta", "Cambiada")}
    shown = pages.text_of(client.post(change(report), entered(**texts) | {"file": "1"}))
    assert ([text in shown for text in ("A **worn** card", "Caída", "English (1), Spanish (1)", "File the report")], Notice.objects.count()) == ([True] * 4, 0)
    done = pages.said_on_top(client.post(f"{LIST}{report.pk}/file/", {"confirmed": "1"}, follow=True))
    notice = Notice.objects.get()
    assert (done, notice.issued_by, notice.customers.count()) == (["The report goes to 2 customers."], "petra", 2)
    assert RootCauseReport.objects.get().filed_at == factories.NOW


def test_filing_has_the_mails_sent(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> None:
    report, client = owed(), pages.planner()
    write(report, {"en": ENGLISH})
    with tasks_sent() as sent, django_capture_on_commit_callbacks(execute=True):
        client.post(f"{LIST}{report.pk}/file/", {"confirmed": "1"})
    assert sent == ["notifier.delivery.dispatch"]


def test_filing_without_a_language_is_refused_on_the_page() -> None:
    """What was typed is kept all the same."""
    report = owed(regions=("uk", "es"))
    page = pages.text_of(pages.planner().post(change(report), entered(en=ENGLISH) | {"file": "1"}))
    assert ("The text is missing in es, which 1 contact reads. Write it." in page, written(report), Notice.objects.count()) == (True, {"en": ENGLISH}, 0)


def test_filing_twice_is_refused_and_a_correction_goes_out() -> None:
    report, client = owed(), pages.planner()
    write(report, {"en": ENGLISH})
    said = [pages.said_on_top(client.post(f"{LIST}{report.pk}/file/", {"confirmed": "1"}, follow=True)) for _ in range(2)]
    assert said == [["The report goes to 1 customer."], ["Nothing has changed since the report was filed."]]
    shown = pages.text_of(client.post(change(report), entered(en=Words("Core down", "A torn card", "Replaced")) | {"file": "1"}))
    client.post(f"{LIST}{report.pk}/file/", {"confirmed": "1"})
    assert ("Send the correction" in shown, list(Notice.objects.values_list("revision", flat=True))) == (True, [1, 2])


def test_typed_words_are_shown_as_data() -> None:
    report = owed()
    client = pages.planner()
    html = client.post(change(report), entered(en=Words("<b>t</b>", "{{ 7 }}<script>", "%s")) | {"file": "1"}).content.decode()
    assert ("&lt;b&gt;t&lt;/b&gt;" in html, "{{ 7 }}&lt;script&gt;" in html) == (True, True)


def test_nothing_without_permission_or_confirmation() -> None:
    """Who may only look sees the report and no button; a GET files nothing."""
    report, looks, writes = owed(), pages.planner("maintenance.view_rootcausereport", name="vera"), pages.planner()
    write(report, {"en": ENGLISH})
    with factories.nothing_changes():
        assert "Save the words" not in pages.text_of(looks.get(change(report)))
        assert [looks.post(change(report), entered(en=ENGLISH)).status_code, looks.post(f"{LIST}{report.pk}/file/", {"confirmed": "1"}).status_code] == [
            403,
            403,
        ]
        assert [writes.get(f"{LIST}{report.pk}/file/").status_code, writes.post(f"{LIST}{report.pk}/file/").status_code] == [405, 405]
        assert [writes.post(f"{LIST}{report.pk}/delete/", {"post": "yes"}).status_code, writes.get(f"{LIST}add/").status_code] == [403, 404]
        assert pages.planner("maintenance.view_incident", name="ian").get(change(report)).status_code == 403


def test_incident_links_to_its_report() -> None:
    report = owed()
    assert change(report) in pages.text_of(pages.planner().get(f"/admin/maintenance/incident/{Incident.objects.get().pk}/change/"))
