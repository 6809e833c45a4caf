"""Broken, too large, for somebody else, or for a hook that is off: nothing is stored, and the log has no trace of it."""

import json
from collections.abc import Iterator

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from notifier import esp_hooks
from notifier.delivery import hooks
from tests.notifier.delivery import esp_bodies as body
from tests.notifier.delivery.coming_back import sent, told
from tests.notifier.delivery.posting import SOON, four_esps, mailgun_alone, post, refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _hooks(settings: Settings) -> Iterator[None]:
    """Five minutes after the mails went out."""
    four_esps(settings)
    with time_machine.travel(SOON, tick=False):
        yield


@pytest.fixture
def mailgun(settings: Settings) -> None:
    """The one that signs, during a change of its key."""
    mailgun_alone(settings)


@pytest.mark.parametrize(
    "posted",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b"\xff\xfe",
        b'"x"',
        b"3",
        b"[" * 100_000,
        b'{"event": {}}',
        b'{"items": []}',
        b'[{"event": "x"}]',
        b'{"ts_epoch": 1e999, "event": "x"}',
    ],
)
def test_broken_body_is_refused_without_a_trace(posted: bytes, caplog: pytest.LogCaptureFixture) -> None:
    assert refused(caplog, "brevo", posted) == 400


@pytest.mark.usefixtures("mailgun")
@pytest.mark.parametrize("posted", [b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"signature": []}', b"[" * 100_000])
def test_broken_body_of_one_that_signs_is_forged(posted: bytes, caplog: pytest.LogCaptureFixture) -> None:
    assert refused(caplog, "mailgun", posted, secret=None) == 403


def test_body_too_large_is_not_read(settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    told()
    posted = json.dumps(body.postmark(sent().name)).encode()
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(posted) - 1
    assert refused(caplog, "postmark", posted) == 413
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = len(posted)
    assert post("postmark", posted) == 200


@pytest.mark.parametrize("length", ["-1", "x", "\u00b2", "9" * 5000])
def test_length_that_is_none_does_no_harm(length: str) -> None:
    response = Client().generic("POST", "/hooks/postmark/", b"", CONTENT_LENGTH=length)
    assert response.status_code in {403, 413}


def test_event_that_cannot_be_stored_is_to_be_posted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is not stored is not answered with 200."""

    def full(*_given: object, **_named: object) -> int:
        raise OSError("no space left on device")

    told()
    monkeypatch.setattr(hooks, "take_in", full)
    with pytest.raises(OSError, match="no space"):
        post("postmark", body.postmark(sent().name))


@pytest.mark.parametrize("esp", ["resend", "scaleway", "smtp", "file", "MAILGUN", "x"])
def test_other_esp_is_not_found(esp: str, caplog: pytest.LogCaptureFixture) -> None:
    """With the right secret too."""
    assert refused(caplog, esp, {}) == 404


@pytest.mark.parametrize(
    ("esp", "secrets", "keys"), [("postmark", [], []), ("postmark", [], [body.KEY]), ("mailgun", [body.SECRET], []), ("scaleway", [body.SECRET], [body.KEY])]
)
def test_hook_without_secret_or_signature_is_off(esp: str, secrets: list[str], keys: list[str], settings: Settings, caplog: pytest.LogCaptureFixture) -> None:
    settings.WEBHOOK_ESPS, settings.WEBHOOK_SECRETS, settings.WEBHOOK_SIGNING_KEYS = [esp], secrets, keys
    told()
    assert refused(caplog, esp, body.postmark(sent().name)) == 404
    assert Client().head(f"/hooks/{esp}/").status_code == 404


def test_hook_shows_esps_that_it_is_there_and_nothing_else() -> None:
    assert [Client().generic(method, "/hooks/postmark/").status_code for method in ("HEAD", "GET", "PUT", "DELETE")] == [200, 405, 405, 405]


def test_hook_needs_no_cookie_and_sets_none() -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/hooks/postmark/", json.dumps(body.postmark_delivered("x")), content_type="application/json", headers=body.basic())
    assert (response.status_code, response.content, dict(response.cookies)) == (200, b"", {})


def test_every_hook_that_can_be_on_is_on_with_all_keys() -> None:
    """Those whose packages are not there say so."""
    on = []
    for esp in esp_hooks._VIEWS:
        try:
            on.append((esp, len(esp_hooks._views(esp, (body.SECRET,), (body.KEY,)))))
        except esp_hooks.HookOffError as error:
            assert "is not installed" in str(error) or "no key of its kind" in str(error)  # noqa: PT017  # the one or the other
    assert [(esp, number) for esp, number in on if esp not in {"postal", "resend", "sendgrid"}] == [
        (esp, 1) for esp in ("brevo", "mailersend", "mailgun", "mailjet", "mailtrap", "postmark", "sparkpost")
    ]
