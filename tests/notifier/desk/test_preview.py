"""The preview: the mail that would go out, for each reader, without storing anything."""

from typing import Any

import pytest
import time_machine

from maintenance import booking
from maintenance.incidents import open_incident
from maintenance.said import SaidText
from maintenance.states import Kind
from notifier.delivery.compose import message
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from notifier.desk.preview import Readers, kinds, preview, readers, said
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _now() -> Any:  # noqa: ANN401  # a generator for pytest
    with time_machine.travel(factories.NOW, tick=False):
        yield


def test_preview_is_what_goes_out() -> None:
    first = factories.reader(object_id="A", language="de", timezone="Asia/Kolkata")
    second = factories.CustomerFactory.create(region_slug="es")
    factories.ServiceFactory.create(customer=second, object_id="B")
    factories.ContactRoleFactory.create(customer=second, contact=first.contacts.get())
    maintenance = pages.booked(windows=(factories.window(30), factories.window(31, objects=("B",))))
    (reader,) = readers(maintenance)
    assert reader == Readers("de", "Asia/Kolkata", 1)
    with factories.nothing_changes():
        shown = preview(maintenance, Kind.ANNOUNCED, said(maintenance, Kind.ANNOUNCED), reader=reader, now=factories.NOW)
    booking.announce(maintenance, by=factories.BY, now=factories.NOW)
    fan_out_due(now=factories.NOW)
    (letter,) = load(list(Delivery.objects.all()))
    mail = message(letter)
    secret = letter.feed_url
    hidden = "http://testserver/calendar/…"
    assert (shown.subject, shown.sender, [shown.to]) == (mail.subject, mail.from_email, mail.to)
    assert shown.text == str(mail.body).replace(secret, hidden)
    assert shown.html.replace("%E2%80%A6", "…") == str(mail.alternatives[0][0]).replace(secret, hidden)
    assert shown.calendar.encode() == mail.attachments[0].get_payload(decode=True)


def test_readers_are_counted_by_language_and_zone() -> None:
    for region in ("de", "de", "es"):
        factories.reader(region_slug=region)
    assert readers(pages.booked()) == [Readers("de", "Europe/Berlin", 2), Readers("es", "Europe/Madrid", 1)]


def test_kinds_follow_state_and_incident() -> None:
    incident = open_incident(reference="INC-1", title="x", domain="provider", sims=501, now=factories.NOW)
    factories.reader()
    found = [kinds(pages.booked("A")), kinds(pages.booked("B", incident=incident)), kinds(pages.announced("C"))]
    assert found == [[Kind.ANNOUNCED], [Kind.ANNOUNCED, Kind.EMERGENCY], [Kind.ANNOUNCED]]


def test_page_shows_emergency_where_announcing_would_be_one() -> None:
    incident = open_incident(reference="INC-1", title="Core down", domain="provider", sims=501, now=factories.NOW)
    factories.reader()
    maintenance = pages.booked(incident=incident, windows=(factories.window(1),))
    context = pages.planner().get(pages.verb("preview", maintenance)).context
    assert [(str(label), chosen) for label, _query, chosen in context["kinds"]] == [("announced", False), ("emergency", True)]
    assert "Core down" in context["mail"].text


def test_page_shows_chosen_language_in_sandbox() -> None:
    for region in ("de", "de", "es"):
        factories.reader(region_slug=region)
    maintenance = pages.booked(texts={**factories.texts(), "es": SaidText("<script>x</script>", "{{ x }}", "{% y %}")})
    client = pages.planner()
    with factories.nothing_changes():
        response = client.get(pages.verb("preview", maintenance), {"language": "es", "zone": "Europe/Madrid"})
    context = response.context
    assert [(link["name"], link["number"], link["chosen"]) for link in context["languages"]] == [("German", 2, False), ("Spanish", 1, True)]
    assert [(link["name"], link["chosen"]) for link in context["zones"]] == [("Europe/Madrid", True)]
    content = response.content.decode()
    assert '<iframe class="desk-mail"' in content
    assert 'sandbox=""' in content
    assert "<script>x</script>" not in content
    assert "{{ x }}" in context["mail"].text
    assert "{% y %}" in context["mail"].text


def test_page_says_when_nobody_would_be_told() -> None:
    response = pages.planner().get(pages.verb("preview", pages.booked()))
    assert "Nobody would get a mail" in pages.text_of(response)


def test_page_needs_permission_to_see_maintenance() -> None:
    maintenance = pages.booked()
    assert pages.planner("customers.view_customer").get(pages.verb("preview", maintenance)).status_code == 403


def test_page_costs_same_however_many_are_told() -> None:
    client = pages.planner()
    factories.reader()
    maintenance = pages.booked()
    one = pages.cost(client, pages.verb("preview", maintenance))
    for _ in range(2):
        factories.reader(language="fr")
    assert pages.cost(client, pages.verb("preview", maintenance)) == one
