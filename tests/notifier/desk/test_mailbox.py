"""The mailbox page: mails in the folder as their readers would see them."""

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path

import icalendar
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from customers.models import Contact
from maintenance import booking
from maintenance.said import SaidText
from notifier.delivery.models import Delivery
from notifier.delivery.send import dispatch
from notifier.desk.mailbox import SANDBOX
from notifier.env import Mail
from tests.factories import BY, NOW, ContactRoleFactory, CustomerFactory, ServiceFactory, draft, nothing_changes, reader, texts

pytestmark = pytest.mark.django_db

ONE_MAIL = ["mailbox-mail", "mailbox-html", "mailbox-text", "mailbox-calendar", "mailbox-raw"]
LIST = "/admin/mailbox/"


@dataclass(frozen=True)
class Folder:
    """The mail folder, and a way to put any mail there, each newer than those before."""

    path: Path

    def put(self, name: str, content: bytes) -> str:
        """Write a file; return its name."""
        self.path.mkdir(exist_ok=True)
        time = len(list(self.path.iterdir()))
        (self.path / f"{name}.eml").write_bytes(content)
        os.utime(self.path / f"{name}.eml", (time, time))
        return name

    def plain(self, name: str, **headers: str) -> str:
        """Write a short mail of one part."""
        message = EmailMessage()
        message.set_content("Hello.\n")
        for header, value in headers.items():
            message[header.replace("_", "-")] = value
        return self.put(name, message.as_bytes())


@pytest.fixture
def folder(mail_folder: Path) -> Folder:
    """The folder of this test's mails."""
    return Folder(mail_folder)


@pytest.fixture
def planner(client: Client) -> Client:
    """A browser in which somebody is logged in who is staff and may do nothing else."""
    client.force_login(User.objects.create_user("petra", is_staff=True))
    return client


def announced(reference: str = "MNT-1", **changes: object) -> None:
    """Announce work to whoever is hit and write the mails."""
    booking.announce(booking.book(draft(reference, **changes), by=BY, now=NOW), acknowledged="the other work is known", by=BY, now=NOW)
    dispatch(clock=lambda: NOW)


def shown(client: Client, query: str = "") -> list[str]:
    """Return the recipients that the list shows, in its order."""
    return [mail.recipient for mail in client.get(LIST + query).context["mails"]]


def test_list_shows_newest_first(planner: Client, folder: Folder) -> None:
    """A notice that was written later stands above, and of one notice the last delivery, by number and not by letter."""
    for name in ("aa-9", "aa-10", "cc-1", "bb-1"):
        folder.plain(name, To=f"{name}@customer.example")
    assert shown(planner) == ["bb-1@customer.example", "cc-1@customer.example", "aa-10@customer.example", "aa-9@customer.example"]


def test_list_row_says_what_the_headers_say(planner: Client, folder: Folder) -> None:
    """Encoded words are decoded; language and kind have names."""
    folder.plain(
        "aa-1",
        To="Zoë <zoe@customer.example>",
        Subject="[MNT-1] 计划维护",
        Date="Sun, 22 Nov 2026 09:00:00 +0000",
        Content_Language="zh-Hans",
        X_Maintenance_Reference="MNT-1",
        X_Notice_Kind="announced",
    )
    (mail,) = planner.get(LIST).context["mails"]
    assert (mail.name, mail.recipient, mail.subject, mail.reference) == ("aa-1", "Zoë <zoe@customer.example>", "[MNT-1] 计划维护", "MNT-1")
    assert (mail.language, mail.kind, mail.sent_at) == ("简体中文", "announced", NOW)


def test_list_leaves_out_what_is_no_mail(planner: Client, folder: Folder) -> None:
    """Parts that are being written, and files of other programs."""
    folder.plain("aa-1", To="ana@customer.example")
    for name in ("aa-2.1234.part", ".hidden.eml", "a b.eml", "notes.txt"):
        (folder.path / name).write_bytes(b"To: nobody@customer.example\n\n")
    assert shown(planner) == ["ana@customer.example"]


def test_list_without_folder_is_empty(planner: Client) -> None:
    """The folder is made by the first mail."""
    response = planner.get(LIST)
    assert response.context["mails"] == []
    assert "No mail was written yet" in response.content.decode()


def test_list_shows_fifty_a_page(planner: Client, folder: Folder) -> None:
    """The newest fifty, then the rest; a page that is not there is the last."""
    for number in range(1, 53):
        folder.plain(f"aa-{number}", To=f"{number}@customer.example")
    assert shown(planner) == [f"{number}@customer.example" for number in range(52, 2, -1)]
    assert shown(planner, "?page=2") == shown(planner, "?page=99") == ["2@customer.example", "1@customer.example"]


@pytest.mark.parametrize("query", ["", "?q=mnt-1"])
def test_list_costs_same_at_one_mail_and_three(planner: Client, query: str) -> None:
    """Nothing is asked for each mail."""
    customer = reader()
    announced("MNT-1")
    planner.get(LIST + query)
    with CaptureQueriesContext(connection) as one:
        assert len(shown(planner, query)) == 1
    ContactRoleFactory.create(customer=customer)
    announced("MNT-10")
    with CaptureQueriesContext(connection) as three:
        assert len(shown(planner, query)) == 3
    assert len(three) == len(one)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?q=ANA", ["ana", "ana"]),
        ("?q=mnt-2", ["bo", "ana"]),
        ("?q=kernrouter", ["bo", "bo"]),
        ("?q=core+ana", ["ana"]),
        ("?language=de", ["bo", "bo"]),
        ("?language=xx", ["bo", "ana", "bo", "ana"]),
        ("?kind=announced&q=mnt-1", ["bo", "ana"]),
        ("?kind=cancelled", []),
        ("?q=%00ana%00&language=de", []),
    ],
)
def test_search_finds_by_recipient_reference_title_language_and_kind(planner: Client, folder: Folder, query: str, expected: list[str]) -> None:
    """All words must be there; a title counts in the language that the mail is in."""
    customer = CustomerFactory.create()
    ServiceFactory.create(customer=customer)
    ContactRoleFactory.create(customer=customer, contact__email="ana@customer.example", contact__name="")
    ContactRoleFactory.create(customer=customer, contact__email="bo@customer.example", contact__name="", contact__language="de")
    routers = {"en": SaidText("Core routers", "None.", "None."), "de": SaidText("Kernrouter", "Keine.", "Keine.")}
    announced("MNT-1", texts=texts() | routers)
    for path in folder.path.iterdir():
        os.utime(path, (1, 1))
    announced("MNT-2", texts=texts() | {"de": routers["de"]})
    assert shown(planner, query) == [f"{name}@customer.example" for name in expected]


def test_mail_is_shown_as_written(planner: Client) -> None:
    """Headers, text and calendar on the page; the HTML in a frame of its own."""
    reader(language="de", object_id="VPN <1>")
    announced()
    (delivery,), (contact,) = Delivery.objects.all(), Contact.objects.all()
    response = planner.get(reverse("mailbox-mail", args=[delivery.name]))
    context = response.context
    headers = dict(context["mail"].shown_headers())
    assert (headers["To"], headers["Content-Language"]) == (f"{contact.name} <{delivery.address}>", "de")
    ((entry, start, end),) = context["entries"]
    assert (entry.objects, entry.status, start, end) == (("VPN <1>",), "CONFIRMED", "22 Dec 2026, 09:00 UTC", "22 Dec 2026, 11:00 UTC")
    page = response.content.decode()
    assert "VPN &lt;1&gt;" in page
    assert "VPN <1>" not in page
    assert re.search(r"<iframe sandbox\s+src=", page)


def test_parts_are_those_of_the_file(planner: Client, folder: Folder) -> None:
    """Text, calendar and whole mail come as they are; the HTML with links that want a window which they do not get."""
    reader()
    announced()
    (delivery,) = Delivery.objects.all()
    content = (folder.path / f"{delivery.name}.eml").read_bytes()
    message = BytesParser(policy=policy.default).parsebytes(content)
    text, html, calendar = (next(part for part in message.walk() if part.get_content_type() == kind) for kind in ("text/plain", "text/html", "text/calendar"))
    found = {name: planner.get(reverse(name, args=[delivery.name])) for name in ONE_MAIL}
    assert found["mailbox-text"].content.decode() == text.get_content()
    assert found["mailbox-calendar"].content == calendar.get_payload(decode=True)
    assert found["mailbox-raw"].content == content
    assert found["mailbox-html"].content.decode().replace('<base target="_blank">', "", 1) == html.get_content()
    assert {name: response["Content-Type"] for name, response in found.items()} == {
        "mailbox-mail": "text/html; charset=utf-8",
        "mailbox-html": "text/html; charset=utf-8",
        "mailbox-text": "text/plain; charset=utf-8",
        "mailbox-calendar": "text/calendar; charset=utf-8",
        "mailbox-raw": "message/rfc822",
    }
    assert found["mailbox-raw"]["Content-Disposition"] == f'attachment; filename="{delivery.name}.eml"'
    assert len(icalendar.Calendar.from_ical(found["mailbox-calendar"].content).walk("VEVENT")) == 1


def test_html_is_sandboxed(planner: Client, folder: Folder) -> None:
    """No script, picture or form of a mail does anything, also when its address is opened by itself."""
    message = EmailMessage()
    message.set_content("<html><head><title>x</title></head><body><script>alert(1)</script></body></html>", subtype="html")
    response = planner.get(reverse("mailbox-html", args=[folder.put("aa-1", message.as_bytes())]))
    assert response["Content-Security-Policy"] == SANDBOX
    assert SANDBOX.startswith("sandbox; default-src 'none'; style-src 'unsafe-inline';")
    assert response.content.decode().startswith('<html><head><base target="_blank"><title>')


def test_part_that_is_not_there_is_not_found(planner: Client, folder: Folder) -> None:
    """A mail of text alone has no HTML and no calendar; its page says nothing of them."""
    name = folder.plain("aa-1")
    assert {view: planner.get(reverse(view, args=[name])).status_code for view in ONE_MAIL} == {
        "mailbox-mail": 200,
        "mailbox-html": 404,
        "mailbox-text": 200,
        "mailbox-calendar": 404,
        "mailbox-raw": 200,
    }
    assert "<iframe" not in planner.get(reverse("mailbox-mail", args=[name])).content.decode()


def test_calendar_that_cannot_be_read_is_said_so(planner: Client, folder: Folder) -> None:
    """And shown as it is written."""
    message = EmailMessage()
    message.set_content("Hello.\n")
    message.add_attachment("BEGIN:VCALENDAR\nnothing\n", subtype="calendar")
    response = planner.get(reverse("mailbox-mail", args=[folder.put("aa-1", message.as_bytes())]))
    assert (response.context["unreadable"], response.context["entries"]) == (True, [])
    assert "BEGIN:VCALENDAR\nnothing" in response.content.decode()


def test_newer_and_older_stay_in_the_search(planner: Client) -> None:
    """Of three mails two are German: each is the other's neighbour."""
    for language in ("de", "en", "de"):
        reader(language=language)
    announced()
    first, _english, last = Delivery.objects.order_by("pk")
    ways = [
        (response.context["newer"], response.context["older"])
        for name in (first.name, last.name)
        for response in [planner.get(reverse("mailbox-mail", args=[name]) + "?language=de")]
    ]
    assert ways == [(last.name, ""), ("", first.name)]


@pytest.mark.parametrize("name", ["..", "..%2F..%2Fsecret", "%2Fetc%2Fpasswd", "-aa", "aa-1%00", "aa-1.eml", "no-such", "a" * 101])
@pytest.mark.parametrize("view", ONE_MAIL)
def test_name_that_is_none_is_not_found(planner: Client, folder: Folder, view: str, name: str) -> None:
    """Nothing outside the folder is read, and nothing in it that is no mail."""
    folder.plain("aa-1")
    (folder.path.parent / "secret.eml").write_bytes(b"To: x\n\n")
    address = reverse(view, args=["NAME"]).replace("NAME", name)
    assert planner.get(address).status_code == 404


@pytest.mark.parametrize("login", [lambda client: client, lambda client: client.force_login(User.objects.create_user("carla")) or client])
@pytest.mark.parametrize("view", ["mailbox", *ONE_MAIL])
def test_who_is_not_staff_is_sent_to_log_in(client: Client, folder: Folder, view: str, login: Callable[[Client], Client]) -> None:
    """Neither a stranger nor a user without the staff's mark sees a mail."""
    name = folder.plain("aa-1")
    address = reverse(view, args=[] if view == "mailbox" else [name])
    response = login(client).get(address)
    assert (response.status_code, response["Location"]) == (302, f"/admin/login/?next={address}")


@pytest.mark.parametrize("view", ["mailbox", *ONE_MAIL])
def test_reading_changes_nothing_and_writing_is_refused(planner: Client, folder: Folder, view: str) -> None:
    """No row and no file."""
    reader()
    announced()
    (delivery,) = Delivery.objects.all()
    address = reverse(view, args=[] if view == "mailbox" else [delivery.name])
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.path.iterdir()}
    with nothing_changes():
        assert planner.get(address).status_code == 200
        assert planner.post(address).status_code == 405
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.path.iterdir()} == before


def test_page_says_where_mail_goes_when_it_is_not_files(planner: Client, settings: Settings) -> None:
    """The server's name, never its password."""
    settings.MAIL = Mail("notifier.delivery.smtp.SmtpBackend", "smtp:mail.example.com:587", host="mail.example.com", port=587, user="u", password="geheim")  # noqa: S106  # must not be shown
    response = planner.get(LIST)
    assert "smtp:mail.example.com:587" in response.content.decode()
    assert "geheim" not in response.content.decode()
    assert planner.get(reverse("mailbox-mail", args=["aa-1"])).status_code == 404
