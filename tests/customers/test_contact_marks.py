"""What is known against an address ends with the address, or when a person says so; and not by the way."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Contact
from tests.factories import NOW, ContactFactory

pytestmark = pytest.mark.django_db
MARKED: dict[str, Any] = {"bounced_at": NOW, "bounce_reason": "550 No", "complained_at": NOW}
CLEAR = (None, "", None)
LIST = "/admin/customers/contact/"


@pytest.fixture
def planner(client: Client) -> Client:
    """A browser in which a superuser is logged in."""
    client.force_login(User.objects.create_superuser("petra"))
    return client


def marks() -> tuple[Any, ...]:
    """Return what is stored."""
    return Contact.objects.values_list("bounced_at", "bounce_reason", "complained_at").get()


@pytest.mark.parametrize("fields", [None, ["email"]])
def test_marks_end_with_the_address(fields: list[str] | None) -> None:
    contact = ContactFactory.create(**MARKED)
    contact.email = "new@customer.example"
    contact.save(update_fields=fields)
    assert marks() == CLEAR


def test_marks_stay_with_the_address() -> None:
    contact = ContactFactory.create(**MARKED)
    contact.name = "Ana"
    contact.save()
    assert marks() == (NOW, "550 No", NOW)


def form(contact: Contact, **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # any field of the form
    """Return what the browser posts."""
    fields = {"email": contact.email, "name": contact.name, "language": "", "timezone": "", "reminders": "on", "progress": "on"}
    return {**fields, **changes, "roles-TOTAL_FORMS": 0, "roles-INITIAL_FORMS": 0}


def test_page_saved_while_a_bounce_came_in_keeps_the_mark(planner: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page was read before, and says nothing of it."""
    contact = ContactFactory.create()
    full_clean = Contact.full_clean

    def meanwhile(self: Contact, *args: Any, **options: Any) -> None:  # noqa: ANN401  # Django's own
        Contact.objects.update(**MARKED)
        full_clean(self, *args, **options)

    monkeypatch.setattr(Contact, "full_clean", meanwhile)
    assert planner.post(f"{LIST}{contact.pk}/change/", form(contact, name="Ana")).status_code == 302
    assert (Contact.objects.get().name, marks()) == ("Ana", (NOW, "550 No", NOW))


def test_page_that_changes_the_address_ends_the_marks(planner: Client) -> None:
    contact = ContactFactory.create(**MARKED)
    assert planner.post(f"{LIST}{contact.pk}/change/", form(contact, email="new@customer.example")).status_code == 302
    assert marks() == CLEAR


def test_page_shows_marks_where_there_are_any(planner: Client) -> None:
    contact = ContactFactory.create()
    page = f"{LIST}{contact.pk}/change/"
    assert "Bounced at" not in planner.get(page).content.decode()
    Contact.objects.update(bounced_at=NOW, bounce_reason="550 <b>No</b>")
    text = planner.get(page).content.decode()
    assert ("Bounced at" in text, "550 &lt;b&gt;No&lt;/b&gt;" in text, "Complained at" in text) == (True, True, False)
    assert 'name="bounced_at' not in text


def test_list_shows_and_finds_those_in_trouble(planner: Client) -> None:
    ContactFactory.create(email="fine@customer.example")
    ContactFactory.create(email="gone@customer.example", bounced_at=NOW)
    ContactFactory.create(email="angry@customer.example", bounced_at=NOW, complained_at=NOW)
    shown = re.findall(r'class="field-trouble">([^<]*)<', planner.get(f"{LIST}?o=1").content.decode())
    assert shown == ["bounced, complained", "-", "bounced"]
    found = planner.get(f"{LIST}?complained_at__isempty=0").context["cl"].queryset
    assert [contact.email for contact in found] == ["angry@customer.example"]


def clear(client: Client, *contacts: Contact) -> Any:  # noqa: ANN401  # the stubs' response of a test has a private type
    """Choose the action for these contacts."""
    return client.post(LIST, {"action": "clear_marks", "_selected_action": [contact.pk for contact in contacts]})


def test_person_clears_marks_of_those_chosen_and_it_is_logged(planner: Client) -> None:
    chosen, other = ContactFactory.create(**MARKED), ContactFactory.create(**MARKED)
    untouched = ContactFactory.create()
    assert clear(planner, chosen, untouched).status_code == 302
    assert list(Contact.objects.order_by("pk").values_list("complained_at", flat=True)) == [None, NOW, None]
    assert Contact.objects.filter(bounced_at=None, bounce_reason="", complained_at=None).count() == 2
    logged = planner.get(f"{LIST}{chosen.pk}/history/").content.decode()
    assert "Cleared what was known of bounces and complaints." in logged
    assert "Cleared" not in planner.get(f"{LIST}{other.pk}/history/").content.decode()
    assert "Cleared" not in planner.get(f"{LIST}{untouched.pk}/history/").content.decode()


def test_who_may_only_look_clears_nothing(client: Client) -> None:
    user = User.objects.create_user("otto", is_staff=True)
    user.user_permissions.add(Permission.objects.get(codename="view_contact"))
    client.force_login(user)
    clear(client, ContactFactory.create(**MARKED))
    assert marks() == (NOW, "550 No", NOW)


def test_saving_a_contact_asks_once_whether_the_address_is_another() -> None:
    contact = ContactFactory.create()
    with CaptureQueriesContext(connection) as asked:
        contact.save()
    assert len(asked) == 2
