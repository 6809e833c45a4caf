"""What ESPs post arrives where it should; what is forged, old, broken or too large leaves nothing, not in the log either."""

import json
import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.test import Client
from pytest_django import Settings

from notifier.delivery.models import DeliveryState, StoredReceipt
from tests.factories import NOW, nothing_changes
from tests.notifier.delivery import esp_bodies as body
from tests.notifier.delivery.coming_back import handed_over, mail, marks, sent, served, told
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


@pytest.mark.parametrize("secret", [body.SECRET, body.OLD_SECRET])
@pytest.mark.parametrize("esp", ["postmark", "sendgrid", "brevo"])
def test_bounce_of_each_esp_ends_the_mail(esp: str, secret: str) -> None:
    """From the body to the contact's mark, with either secret during their change."""
    told()
    name = sent().name
    posted = {
        "postmark": body.postmark(name),
        "sendgrid": [body.sendgrid(name), body.sendgrid(name, "bounce", type="bounce", reason="550 5.1.1 unknown")],
        "brevo": body.brevo(name, "hard_bounce", reason="550 5.1.1 unknown"),
    }
    assert post(esp, posted[esp], secret=secret) == 200
    assert (mail().state, mail().reason[:22], [row[3] for row in served()]) == (
        "failed",
        "bounced: smtp;550 5.1.1"[:22] if esp == "postmark" else "bounced: 550 5.1.1 unk",
        [False],
    )
    assert marks()[0] is not None


@pytest.mark.usefixtures("mailgun")
@pytest.mark.parametrize("key", [body.KEY, body.OLD_KEY])
def test_signed_event_settles_what_was_unknown(key: str) -> None:
    told()
    delivery = handed_over(state=DeliveryState.UNKNOWN)
    assert post("mailgun", body.mailgun(delivery.name, key=key), secret=None) == 200
    assert (mail().state, served()) == ("delivered", [("ACC", NOW, "esp:mailgun, by its event", True)])


def test_signed_event_needs_the_secret_as_well_where_there_is_one(settings: Settings) -> None:
    settings.WEBHOOK_ESPS, settings.WEBHOOK_SIGNING_KEYS = ["mailgun"], [body.KEY]
    told()
    event = body.mailgun(sent().name)
    assert [post("mailgun", event, secret=secret) for secret in (None, "esp:wrong-wrong-wrong-wrong", body.SECRET)] == [403, 403, 200]


@pytest.mark.parametrize(
    "secret", [None, "esp:wrong-wrong-wrong-wrong", "esp:", ":", "\u00e9:\u00e9", body.SECRET + "x", body.SECRET[:-1], body.SECRET.upper()]
)
def test_forged_secret_leaves_nothing(secret: str | None, caplog: pytest.LogCaptureFixture) -> None:
    told()
    assert refused(caplog, "postmark", body.postmark(sent().name), secret=secret) == 403


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic /w==", "Bearer " + body.SECRET, "Basic a b c", ""])
def test_broken_authorization_leaves_nothing(header: str, caplog: pytest.LogCaptureFixture) -> None:
    told()
    assert refused(caplog, "postmark", body.postmark(sent().name), secret=None, Authorization=header) == 403


def forge(event: dict[str, Any], **changes: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """Change the signature's part."""
    return {**event, "signature": {**event["signature"], **changes}}


@pytest.mark.usefixtures("mailgun")
@pytest.mark.parametrize(
    "changes",
    [
        {"signature": "0" * 64},
        {"signature": ""},
        {"signature": None},
        {"signature": "\u00e9"},
        {"token": "other"},
        {"token": None},
        {"token": "\u00e9"},
        {"timestamp": str(int(SOON.timestamp()))},
        {"timestamp": "soon"},
        {"timestamp": None},
    ],
)
def test_forged_signature_leaves_nothing(changes: dict[str, Any], caplog: pytest.LogCaptureFixture) -> None:
    told()
    event = forge(body.mailgun_failed(sent().name, "bounce"), **changes)
    assert refused(caplog, "mailgun", event, secret=None) == 403


@pytest.mark.usefixtures("mailgun")
def test_signed_with_another_key_leaves_nothing(caplog: pytest.LogCaptureFixture) -> None:
    told()
    assert refused(caplog, "mailgun", body.mailgun(sent().name, key="wrong-wrong-wrong-wrong"), secret=None) == 403


@pytest.mark.usefixtures("mailgun")
def test_signature_in_fields_of_a_form_is_not_taken(caplog: pytest.LogCaptureFixture) -> None:
    """Mailgun's older form, in which a field can stand twice."""
    told()
    event = body.mailgun(sent().name)
    fields = {**event["signature"], "event": "bounced", "delivery": mail().name, "recipient": "c0@customer.example"}
    with caplog.at_level(logging.DEBUG), nothing_changes():
        assert Client().post("/hooks/mailgun/", fields).status_code == 403


@pytest.mark.usefixtures("mailgun")
def test_old_signature_in_a_form_that_is_json_as_well_is_not_taken() -> None:
    """One reader would see the old signature, another a new time."""
    told()
    name = sent().name
    old = body.mailgun(name, at=NOW - timedelta(days=30))["signature"]
    fields = urlencode({**old, "event": "bounced", "delivery": name, "recipient": "c0@customer.example"})
    both = json.dumps({"x": f"&{fields}&", "signature": {"timestamp": str(int(SOON.timestamp()))}})
    with nothing_changes():
        assert Client().post("/hooks/mailgun/", both, content_type="application/x-www-form-urlencoded").status_code == 403


@pytest.mark.usefixtures("mailgun")
@pytest.mark.parametrize(
    ("signed", "status"),
    [
        (SOON - timedelta(hours=30), 200),
        (SOON - timedelta(days=2), 200),
        (SOON - timedelta(days=2, seconds=1), 403),
        (SOON + timedelta(minutes=15), 200),
        (SOON + timedelta(minutes=15, seconds=1), 403),
    ],
)
def test_signature_is_taken_as_long_as_esps_try_again(signed: datetime, status: int) -> None:
    told()
    assert post("mailgun", body.mailgun(sent().name, at=signed), secret=None) == status


@pytest.mark.parametrize("stamp", ["nan", "soon", "1e999", "-1", "0"])
def test_time_of_sendgrids_signature_is_looked_at(stamp: str, caplog: pytest.LogCaptureFixture) -> None:
    told()
    assert refused(caplog, "sendgrid", [body.sendgrid(sent().name)], **{"X-Twilio-Email-Event-Webhook-Timestamp": stamp}) == 403


@pytest.mark.usefixtures("mailgun")
def test_replay_does_nothing_whatever_it_says() -> None:
    """Mailgun's signature does not cover the event: with a token once used another event could be told."""
    told()
    name = sent().name
    event = body.mailgun(name)
    assert post("mailgun", event, secret=None) == 200
    other = {**body.mailgun_failed(name, "bounce"), "signature": event["signature"]}
    with nothing_changes():
        assert [post("mailgun", one, secret=None) for one in (event, event, other)] == [200] * 3
    assert mail().state == "delivered"


def test_replay_of_an_event_without_an_id_does_nothing() -> None:
    told()
    event = body.brevo(sent().name)
    assert post("brevo", event) == 200
    with nothing_changes():
        assert post("brevo", event) == 200


def test_early_event_is_kept_until_our_own_commit() -> None:
    told()
    assert post("postmark", body.postmark_delivered(handed_over().name)) == 200
    assert (mail().state, StoredReceipt.objects.get().effect) == ("sending", "")


def test_events_out_of_order_end_as_in_order() -> None:
    told()
    name = sent().name
    bounce = body.sendgrid(name, "bounce", type="bounce", reason="550 5.1.1 unknown", timestamp=int(SOON.timestamp()))
    for event in (bounce, body.sendgrid(name, "delivered"), body.sendgrid(name, "processed")):
        assert post("sendgrid", [event]) == 200
    assert (mail().state, [row[3] for row in served()]) == ("failed", [False])
