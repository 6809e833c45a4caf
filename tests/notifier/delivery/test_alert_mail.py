"""An alert as the planners read it."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from notifier.delivery import alert_mail
from notifier.delivery.models import Alert, AlertKind
from tests.factories import NOW, ContactFactory

pytestmark = pytest.mark.django_db
TO = ["petra@provider.example"]
WORK: dict[str, Any] = {
    "maintenance": 7,
    "reference": "MNT-1",
    "title": "Core <router> & {{ upgrade }}",
    "timezone": "Europe/London",
    "window": 2,
    "start": "2026-12-22T23:00:00+00:00",
    "end": "2026-12-23T03:00:00+00:00",
}
HEAD = """\
Core <router> & {{ upgrade }}
Reference: MNT-1
Start: Tuesday, 22 December 2026, 23:00 Greenwich Mean Time (UTC+00:00)
  22 Dec 2026, 23:00 UTC
End: Wednesday, 23 December 2026, 03:00 Greenwich Mean Time (UTC+00:00)
  23 Dec 2026, 03:00 UTC
"""
FOOT = f"""
What you can do stands here:
http://testserver/admin/maintenance/maintenance/7/change/

--{" "}
This mail goes to those who plan maintenance at Example Connectivity.
"""
DECIDED = FOOT.replace("maintenance/7/change/", "shortfall/go-no-go/7/2/")
"""Below what is settled on the go/no-go page of its window."""
INCIDENT = {"incident": 3, "reference": "INC-1", "title": "Core down"}


def alert(kind: AlertKind, facts: dict[str, Any]) -> Alert:
    """Return an alert, stored or not."""
    return Alert(pk=5, kind=kind, key="key", facts=facts, made_at=NOW, due_at=NOW)


def read(kind: AlertKind, facts: dict[str, Any]) -> tuple[str, str]:
    """Return subject and text as they are received."""
    mail = received(kind, facts)
    payload = mail.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return str(mail["Subject"]), payload.decode().replace("\r\n", "\n")


def received(kind: AlertKind, facts: dict[str, Any]) -> EmailMessage:
    """Compose, write and parse again."""
    return message_from_bytes(alert_mail.message(alert(kind, facts), TO).message().as_bytes(linesep="\r\n"), policy=policy.default)


def test_message_of_shortfalls_names_customers_causes_and_windows() -> None:
    customers = [
        {"account": "ACC1", "cause": "no_contact", "windows": [1, 2]},
        {"account": "ACC2", "cause": "bounced", "windows": [2]},
    ]
    facts = {name: WORK[name] for name in ("maintenance", "reference", "title", "timezone")} | {"number": 12, "customers": customers, "more": 10}
    subject, text = read(AlertKind.SHORTFALL, facts)
    assert subject == "[MNT-1] 12 customers are not served in time"
    assert text == (
        """\
12 customers that this maintenance hits are not served with the notice
promised.

Core <router> & {{ upgrade }}
Reference: MNT-1

Not served
----------

- ACC1: no contact (windows 1, 2)
- ACC2: bounced (window 2)
and 10 more customers

Reach them another way and record it, ask for their written consent, or give
the reason why the work goes on all the same. As long as a customer stays
short of notice, starting is recorded as a breach.
"""
        + FOOT
    )


def test_message_of_go_no_go_lists_all_that_is_open() -> None:
    contact = ContactFactory.create(email="ana@customer.example")
    facts = WORK | {
        "customers": [{"account": "ACC1", "cause": "failed"}],
        "more": 0,
        "faults": [{"account": "ACC2", "contact": contact.pk, "reason": "550 No such person"}],
        "more_faults": 1,
        "obstacles": ["Window MNT-1.2 is in a freeze."],
        "unknown": 2,
        "explained": 1,
        "nothing_open": False,
    }
    subject, text = read(AlertKind.GO_NO_GO, facts)
    assert subject == "[MNT-1] Go or no go: window 2, 22 Dec 2026, 23:00 UTC+00:00"
    assert text == (
        "Window 2 starts soon, and this is open:\n\n"
        + HEAD
        + """
Customers not served in time, without a reason
----------------------------------------------

- ACC1: every mail failed

Contacts whose mail failed
--------------------------

- ACC2: ana@customer.example
  550 No such person
and 1 more contact

In the way, and not acknowledged
--------------------------------

- Window MNT-1.2 is in a freeze.

Of 2 mails it is not known whether they were accepted.

1 customer is not served in time either, and has a reason or has agreed.
"""
        + DECIDED
    )


def test_message_of_go_no_go_with_nothing_open() -> None:
    facts = WORK | {"customers": [], "more": 0, "faults": [], "more_faults": 0, "obstacles": [], "unknown": 0, "explained": 0, "nothing_open": True}
    assert read(AlertKind.GO_NO_GO, facts)[1] == "Window 2 starts soon, and nothing is open.\n\n" + HEAD + DECIDED


@pytest.mark.parametrize(
    ("kind", "begun", "subject", "first"),
    [
        (AlertKind.NOT_STARTED, False, "[MNT-1] Window 2 has not been started", "The start of window 2 has passed, and nobody has said that the work began."),
        (AlertKind.OVERRUN, True, "[MNT-1] Window 2 is past its end", "Window 2 is past its end, and the work is still in progress."),
        (AlertKind.OVERRUN, False, "[MNT-1] Window 2 is past its end", "Window 2 is past its end, and nobody has said that the work began."),
    ],
)
def test_message_of_a_window_that_nobody_reports(kind: AlertKind, begun: bool, subject: str, first: str) -> None:  # noqa: FBT001  # a parameter of a test
    found, text = read(kind, WORK | {"begun": begun})
    opening, _empty, rest = text.partition("\n\n")
    assert (found, " ".join(opening.split()).startswith(first), rest) == (subject, True, HEAD + FOOT)


@pytest.mark.parametrize(
    ("kind", "facts", "path"),
    [
        (AlertKind.GO_NO_GO, WORK, "shortfall/go-no-go/7/2/"),
        (AlertKind.SHORTFALL, WORK | {"number": 1}, "shortfall/go-no-go/7/2/"),
        (AlertKind.SHORTFALL, {name: WORK[name] for name in WORK if name != "window"} | {"number": 1}, "maintenance/7/change/"),
        (AlertKind.NOT_STARTED, WORK, "maintenance/7/change/"),
        (AlertKind.OVERRUN, WORK, "maintenance/7/change/"),
        (AlertKind.JOINED, WORK, "maintenance/7/change/"),
        (AlertKind.NOT_A_P1, INCIDENT, "incident/3/change/"),
        (AlertKind.ROOT_CAUSE, INCIDENT | {"report": 4}, "rootcausereport/4/change/"),
        (AlertKind.ROOT_CAUSE, INCIDENT, "incident/3/change/"),
    ],
)
def test_message_links_to_the_page_on_which_something_is_done(kind: AlertKind, facts: dict[str, Any], path: str) -> None:
    links = [line for line in read(kind, facts)[1].splitlines() if line.startswith("http")]
    assert links == [f"http://testserver/admin/maintenance/{path}"]


def test_message_of_a_root_cause_report() -> None:
    subject, text = read(AlertKind.ROOT_CAUSE, INCIDENT | {"due": NOW.isoformat(), "overdue": True})
    assert subject == "[INC-1] Root-cause report due"
    assert text.startswith("The root-cause report of this P1 is overdue.")
    assert "\nDue: Sunday, 22 November 2026, 09:00 Coordinated Universal Time (UTC+00:00)\n" in text


def test_message_of_an_incident_that_never_was_a_p1() -> None:
    subject, text = read(AlertKind.NOT_A_P1, INCIDENT | {"by": "petra", "reason": "50 SIMs", "stopped": ["MNT-1.1", "MNT-1.2"]})
    assert subject == "[INC-1] Never a P1: emergencies stopped"
    assert "Found by: petra\nReason: 50 SIMs\n\nStopped\n-------\n\n- MNT-1.1\n- MNT-1.2\n" in text


def test_message_of_services_entered_later() -> None:
    subject, text = read(AlertKind.JOINED, WORK | {"customers": [{"account": "ACC1"}], "more": 0})
    assert subject == "[MNT-1] Customers hit that were not when the work was announced"
    assert "\n- ACC1\n" in text


def test_message_has_headers_that_stay_the_same() -> None:
    mail = received(AlertKind.NOT_STARTED, WORK)
    names = ("From", "To", "Date", "Message-ID", "Auto-Submitted", "Content-Language")
    assert [str(mail[name]) for name in names] == [
        "Network Operations <maintenance-uk@provider.example>",
        "petra@provider.example",
        "Sun, 22 Nov 2026 09:00:00 +0000",
        "<alert-20261122090000-5@provider.example>",
        "auto-generated",
        "en",
    ]
    composed = [alert_mail.message(alert(AlertKind.NOT_STARTED, WORK), TO).message().as_bytes() for _ in range(2)]
    assert composed[0] == composed[1]


def test_message_in_the_language_of_the_settings(settings: Settings) -> None:
    settings.LANGUAGE_CODE = "de"
    mail = received(AlertKind.NOT_STARTED, WORK)
    assert (mail["Content-Language"], str(mail["From"]).endswith("<maintenance-de@provider.example>")) == ("de", True)
    assert "Dienstag, 22. Dezember 2026" in mail.get_content()


def test_message_with_line_breaks_in_what_was_typed_keeps_one_subject() -> None:
    assert read(AlertKind.NOT_STARTED, WORK | {"reference": "MNT\r\nBcc: x@y.example"})[0] == "[MNT Bcc: x@y.example] Window 2 has not been started"


def user(name: str, *, email: str = "", staff: bool = True, active: bool = True, allowed: bool = True) -> None:
    """Make a user; the address is NAME@provider.example unless given."""
    made = User.objects.create_user(name, email=email or f"{name}@provider.example", is_staff=staff, is_active=active)
    if allowed:
        made.user_permissions.add(Permission.objects.get(codename="announce_maintenance"))


def test_recipients_are_active_staff_who_may_announce(settings: Settings) -> None:
    settings.PLANNERS_EMAIL = []
    user("petra")
    user("guest", staff=False)
    user("gone", active=False)
    user("reader", allowed=False)
    user("odd", email="no address")
    User.objects.create_superuser("otto", email="otto@provider.example")
    User.objects.create_superuser("mute")
    assert alert_mail.recipients() == ["petra@provider.example", "otto@provider.example"]


def test_recipients_set_by_the_environment_cost_no_query(settings: Settings) -> None:
    settings.PLANNERS_EMAIL = TO
    user("otto")
    with CaptureQueriesContext(connection) as captured:
        assert alert_mail.recipients() == TO
    assert len(captured) == 0


def test_message_of_complaint_names_the_contact_and_leads_to_their_page() -> None:
    contact = ContactFactory.create(email="ana@customer.example")
    facts = {name: WORK[name] for name in ("maintenance", "reference", "title", "timezone")} | {"contact": contact.pk, "said": "{{ abuse }} <b>"}
    subject, text = read(AlertKind.COMPLAINT, facts)
    assert subject == "[MNT-1] A contact complained of our mail"
    assert text == (
        """\
A contact called our mail spam, or asked for no more. The notice has
arrived, but the next ones may not be shown, or not be sent. Please
telephone, and then clear the mark in the list of contacts.

Core <router> & {{ upgrade }}
Reference: MNT-1
Contact: ana@customer.example
  {{ abuse }} <b>
"""
        + FOOT.replace("/maintenance/maintenance/7/", f"/customers/contact/{contact.pk}/")
    )


def test_message_of_complaint_about_a_root_cause_by_a_contact_who_is_gone() -> None:
    _subject, text = read(AlertKind.COMPLAINT, INCIDENT | {"contact": 99, "said": ""})
    assert "Reference: INC-1\nContact: –\n\nWhat you can do" in text
