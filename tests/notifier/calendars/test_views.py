"""Feeds over HTTP: bytes, headers, what is refused, and that nothing is written."""

import hashlib
import logging

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from notifier.calendars import feeds
from notifier.calendars.bodies import published
from notifier.calendars.ics import write
from notifier.calendars.models import Feed
from notifier.logs import MaskTokens
from tests.notifier.calendars.rows import NOW, announced, contact, customer, draft

pytestmark = [pytest.mark.django_db, pytest.mark.urls("notifier.calendars.urls")]


@pytest.fixture(name="path")
def _path(settings: Settings) -> str:
    """Return the path of the feed of a French contact who is told of one window."""
    settings.SITE_URL = ""
    who = contact("noc@noc.example", customer("ACME-1"), customer("ACME-2"), language="fr")
    announced("MNT-1", accept_english=True)
    return feeds.address_for_contact(who)


def expected_body() -> bytes:
    """Return what the feed holds."""
    return write(published(Feed.objects.select_related("contact", "customer__region").get(), now=NOW))


def test_feed_whole_answer(client: Client, path: str) -> None:
    """The body, and every header."""
    answer = client.get(path, headers={"accept-language": "es", "cookie": f"sessionid={'s' * 32}"})
    body = expected_body()
    assert (answer.status_code, answer.content) == (200, body)
    assert body.count(b"BEGIN:VEVENT") == 2
    headers = {
        "Content-Type": "text/calendar; charset=utf-8",
        "Content-Language": "fr",
        "Content-Disposition": 'inline; filename="maintenance.ics"',
        "Cache-Control": "private, max-age=300",
        "ETag": f'"{hashlib.sha256(body).hexdigest()}"',
        "Last-Modified": "Sun, 22 Nov 2026 09:30:00 GMT",
        "X-Robots-Tag": "noindex, nofollow",
        "Referrer-Policy": "no-referrer",
        "Content-Length": str(len(body)),
    }
    assert {name: answer.get(name) for name in headers} == headers
    assert (answer.cookies, "Cookie" in answer.get("Vary", "")) == ({}, False)


def test_feed_head(client: Client, path: str) -> None:
    """The headers without the body."""
    got, head = client.get(path), client.head(path)
    assert (head.status_code, head.content, dict(head.headers)) == (200, b"", dict(got.headers))


def test_feed_not_modified(client: Client, path: str) -> None:
    """By ETag alone."""
    etag = client.get(path)["ETag"]
    same = client.get(path, headers={"if-none-match": etag})
    assert (same.status_code, same.content, same["ETag"], same["Content-Language"]) == (304, b"", etag, "fr")
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    assert client.get(path, headers={"if-modified-since": "Sun, 22 Nov 2026 09:30:00 GMT"}).status_code == 200


def test_feed_changes_with_its_data(client: Client, path: str) -> None:
    """Another notice, another body and ETag."""
    before = client.get(path)
    announced("MNT-2", accept_english=True)
    after = client.get(path)
    assert (after["ETag"] != before["ETag"], after.content.count(b"BEGIN:VEVENT")) == (True, 4)


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete", "options"])
def test_feed_other_methods(path: str, method: str) -> None:
    """Refused as such, with or without a CSRF token."""
    answer = getattr(Client(enforce_csrf_checks=True), method)(path)
    assert (answer.status_code, answer["Allow"]) == (405, "GET, HEAD")


def test_feed_unknown_and_rotated(client: Client, path: str) -> None:
    """One can't tell a token that never was from one that is no more."""
    feeds.rotate(Feed.objects.get())
    rotated, unknown = client.get(path), client.get(f"/calendar/{'a' * 43}.ics")
    assert (rotated.status_code, unknown.status_code, rotated.content) == (404, 404, unknown.content)


def test_feed_of_another_key(client: Client, path: str) -> None:
    """An address that was derived from another SECRET_KEY is no key any more."""
    with override_settings(SECRET_KEY="z" * 40):
        assert client.get(path).status_code == 404


def test_feed_empty(client: Client, settings: Settings) -> None:
    """Drafts don't show; a calendar without entries has nothing to date it by."""
    settings.SITE_URL = ""
    draft("MNT-1")
    answer = client.get(feeds.address_for_customer(customer("ACME-1")))
    assert (answer.status_code, answer.content.count(b"BEGIN:VEVENT"), answer.has_header("Last-Modified")) == (200, 0, False)


def test_feed_only_reads(client: Client, path: str) -> None:
    """A GET changes nothing: only SELECTs, seven with the look-up."""
    with CaptureQueriesContext(connection) as queries:
        client.get(path)
    assert [query["sql"].split()[0] for query in queries] == ["SELECT"] * 7


def test_feed_token_is_not_logged(path: str, client: Client, caplog: pytest.LogCaptureFixture) -> None:
    """What Django says of a wrong request names no token."""
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    caplog.handler.addFilter(MaskTokens())
    with caplog.at_level(logging.DEBUG, logger="django.request"):
        client.post(path)
        feeds.rotate(Feed.objects.get())
        client.get(path)
    assert [record.getMessage() for record in caplog.records] == ["Method Not Allowed (POST): /calendar/…", "Not Found: /calendar/…"]
    assert token not in caplog.text
