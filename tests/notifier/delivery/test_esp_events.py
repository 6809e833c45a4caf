"""Each ESP's words, read by django-anymail from what it posts, and what we conclude from them."""

import json
import warnings
from datetime import timedelta
from typing import Any

import pytest
from anymail.signals import AnymailTrackingEvent
from django.test import RequestFactory

from notifier import esp_hooks
from notifier.delivery.esp_events import receipts_of
from notifier.delivery.receipt import Receipt, What
from tests.factories import NOW
from tests.notifier.delivery import esp_bodies as body

NAME = "0123456789abcdef0123456789abcdef-17"
READ_AT = NOW + timedelta(minutes=5)
FULL = "552 5.2.2 mailbox full"


def read(esp: str, posted: object, **headers: str) -> list[Receipt]:
    """Return what is made of a post."""
    key = {esp_hooks._KEYS[esp]: body.KEY} if esp in {"mailgun", "mailersend", "postal"} else {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an ESP that anymail reads without promising it
        view = esp_hooks._VIEWS[esp](webhook_secret=[body.SECRET], **key)
    request = RequestFactory().post(f"/hooks/{esp}/", json.dumps(posted), content_type="application/json", headers=headers)
    return receipts_of(esp, view.parse_events(request), now=READ_AT)


@pytest.mark.parametrize(
    ("esp", "posted", "event_id", "reason"),
    [
        ("brevo", body.brevo(NAME), "", ""),
        ("mailersend", body.mailersend(NAME), "63fd1c1d31b9c750540fe85c", ""),
        ("mailgun", body.mailgun(NAME), body.STAMP, "OK"),
        ("mailjet", body.mailjet(NAME, smtp_reply="250 OK"), "", "250 OK"),
        ("mailtrap", body.mailtrap(NAME), "e-1", ""),
        ("postal", body.postal(NAME), "0fcc831f-92b9-4e2b-97f2-d873abc77fab", "250 OK"),
        ("postmark", body.postmark_delivered(NAME), "", "250 2.0.0 OK"),
        ("resend", body.resend(NAME), "msg_1", ""),
        ("sendgrid", [body.sendgrid(NAME, response="250 OK")], "sg-delivered", "250 OK"),
        ("sparkpost", body.sparkpost(NAME), "92356927693813856", ""),
    ],
)
def test_delivered_of_each_esp_is_read_whole(esp: str, posted: object, event_id: str, reason: str) -> None:
    """Where it gives no id, the same post gives the same."""
    (one,) = read(esp, posted, **{"svix-id": "msg_1"})
    (again,) = read(esp, posted, **{"svix-id": "msg_1"})
    at = one.at.replace(microsecond=0)
    assert one == again
    assert (one.event_id == event_id) if event_id else len(one.event_id) == 64
    assert one == Receipt(f"esp:{esp}", one.event_id, NAME, "c0@customer.example", What.DELIVERED, one.at, reason)
    assert (at, one.at.utcoffset()) == (NOW, timedelta(0))


@pytest.mark.parametrize(
    ("esp", "posted", "what"),
    [
        ("brevo", body.brevo(NAME, "request"), What.ACCEPTED),
        ("brevo", body.brevo(NAME, "hard_bounce", reason=" RecipientError: 550 5.5.0 mailbox unavailable."), What.BOUNCED_HARD),
        ("brevo", body.brevo(NAME, "soft_bounce", reason="undefined Unable to find MX of domain"), What.BOUNCED_SOFT),
        ("brevo", body.brevo(NAME, "hard_bounce", reason=FULL), What.BOUNCED_SOFT),
        ("brevo", body.brevo(NAME, "invalid_email"), What.BOUNCED_HARD),
        ("brevo", body.brevo(NAME, "blocked"), What.REJECTED),
        ("brevo", body.brevo(NAME, "deferred"), What.DEFERRED),
        ("brevo", body.brevo(NAME, "spam"), What.COMPLAINED),
        ("brevo", body.brevo(NAME, "unsubscribe"), What.COMPLAINED),
        ("brevo", body.brevo(NAME, "opened"), What.OTHER),
        ("brevo", body.brevo(NAME, "what they invent next year"), What.OTHER),
        ("mailersend", body.mailersend(NAME, "sent"), What.ACCEPTED),
        ("mailersend", body.mailersend(NAME, "hard_bounced", "5.1.1 unknown"), What.BOUNCED_HARD),
        ("mailersend", body.mailersend(NAME, "soft_bounced", "4.2.2 full"), What.BOUNCED_SOFT),
        ("mailgun", body.mailgun_failed(NAME, "bounce"), What.BOUNCED_HARD),
        ("mailgun", body.mailgun_failed(NAME, "generic", severity="temporary"), What.DEFERRED),
        ("mailgun", body.mailgun_failed(NAME, "bounce", code=552, message="over quota"), What.BOUNCED_SOFT),
        ("mailgun", body.mailgun_failed(NAME, "bounce", message="5.7.1 blocked by policy"), What.BOUNCED_SOFT),
        ("mailgun", body.mailgun_failed(NAME, "old", message="too old"), What.BOUNCED_SOFT),
        ("mailgun", body.mailgun_failed(NAME, "suppress-bounce", code=605, message="Not delivering to previously bounced address"), What.REJECTED),
        ("mailgun", body.mailgun(NAME, "rejected", reject={"reason": "Sandbox"}), What.REJECTED),
        ("mailgun", body.mailgun(NAME, "complained"), What.COMPLAINED),
        ("mailjet", body.mailjet(NAME, "bounce", hard_bounce=True, error="user unknown"), What.BOUNCED_HARD),
        ("mailjet", body.mailjet(NAME, "bounce", hard_bounce=False, error="quota exceeded"), What.BOUNCED_SOFT),
        ("mailjet", body.mailjet(NAME, "bounce", error="user unknown"), What.BOUNCED_SOFT),
        ("mailjet", body.mailjet(NAME, "bounce", error="greylisted"), What.DEFERRED),
        ("mailjet", body.mailjet(NAME, "blocked", error="preblocked"), What.REJECTED),
        ("mailtrap", body.mailtrap(NAME, "bounce", response="550 5.1.1 unknown"), What.BOUNCED_HARD),
        ("mailtrap", body.mailtrap(NAME, "bounce", response=FULL), What.BOUNCED_SOFT),
        ("mailtrap", body.mailtrap(NAME, "soft bounce"), What.DEFERRED),
        ("postal", body.postal(NAME, "HardFail", "550 5.1.1 unknown"), What.BOUNCED_HARD),
        ("postal", body.postal(NAME, "HardFail", FULL), What.BOUNCED_SOFT),
        ("postal", body.postal(NAME, "SoftFail"), What.DEFERRED),
        ("postal", body.postal(NAME, "Held"), What.REJECTED),
        ("postal", body.postal_bounced(NAME), What.BOUNCED_SOFT),
        ("postmark", body.postmark(NAME), What.BOUNCED_HARD),
        ("postmark", body.postmark(NAME, details=FULL), What.BOUNCED_SOFT),
        ("postmark", body.postmark(NAME, "SoftBounce"), What.BOUNCED_SOFT),
        ("postmark", body.postmark(NAME, "Transient"), What.DEFERRED),
        ("postmark", body.postmark(NAME, "AutoResponder"), What.OTHER),
        ("postmark", body.postmark(NAME, "Blocked"), What.BOUNCED_SOFT),
        ("postmark", body.postmark(NAME, "BadEmailAddress"), What.REJECTED),
        ("postmark", body.postmark(NAME, "SpamComplaint", RecordType="SpamComplaint"), What.COMPLAINED),
        ("resend", body.resend(NAME, "email.sent"), What.ACCEPTED),
        ("resend", body.resend(NAME, "email.bounced", type="Permanent", subType="General", message="hard bounce message"), What.BOUNCED_HARD),
        ("resend", body.resend(NAME, "email.bounced", message="The provider sent a hard bounce message"), What.BOUNCED_HARD),
        ("resend", body.resend(NAME, "email.bounced", type="Transient", message="a bounce message because the inbox was full"), What.BOUNCED_SOFT),
        ("resend", body.resend(NAME, "email.bounced", message="a general bounce message"), What.BOUNCED_SOFT),
        ("resend", body.resend(NAME, "email.bounced", type="Permanent", subType="Suppressed", message="x"), What.REJECTED),
        ("sendgrid", [body.sendgrid(NAME, "processed")], What.ACCEPTED),
        ("sendgrid", [body.sendgrid(NAME, "bounce", type="bounce", reason="550 5.1.1 unknown")], What.BOUNCED_HARD),
        ("sendgrid", [body.sendgrid(NAME, "bounce", type="blocked", reason="550 5.1.1 unknown")], What.BOUNCED_SOFT),
        ("sendgrid", [body.sendgrid(NAME, "dropped", reason="Bounced Address")], What.REJECTED),
        ("sendgrid", [body.sendgrid(NAME, "spamreport")], What.COMPLAINED),
        ("sparkpost", body.sparkpost(NAME, "injection"), What.ACCEPTED),
        ("sparkpost", body.sparkpost(NAME, "bounce", bounce_class="10", raw_reason="550 5.1.1 unknown"), What.BOUNCED_HARD),
        ("sparkpost", body.sparkpost(NAME, "out_of_band", bounce_class="30"), What.BOUNCED_HARD),
        ("sparkpost", body.sparkpost(NAME, "bounce", bounce_class="22"), What.BOUNCED_SOFT),
        ("sparkpost", body.sparkpost(NAME, "bounce"), What.BOUNCED_SOFT),
        ("sparkpost", body.sparkpost(NAME, "out_of_band", bounce_class="60"), What.OTHER),
    ],
)
def test_what_of_each_esp(esp: str, posted: object, what: What) -> None:
    """A bounce is for good only where the ESP says so, and the server's words speak of nothing else."""
    (one,) = read(esp, posted)
    assert (one.what, one.delivery_name) == (what, NAME)


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ("550 5.1.1 unknown", What.BOUNCED_HARD),
        ("550 5.1.10 null MX", What.BOUNCED_HARD),
        ("550 5.2.1 disabled", What.BOUNCED_HARD),
        ("550 5.4.1 access denied", What.BOUNCED_HARD),
        ("unknown", What.BOUNCED_HARD),
        ("550 host 10.5.7.1 said: no", What.BOUNCED_HARD),
        ("451 4.1.1 later", What.BOUNCED_SOFT),
        ("550 5.1.8 bad sender", What.BOUNCED_SOFT),
        ("552 5.2.3 too large", What.BOUNCED_SOFT),
        ("550 5.3.4 too large", What.BOUNCED_SOFT),
        ("550 5.6.1 media", What.BOUNCED_SOFT),
        ("550 5.7.26 unauthenticated", What.BOUNCED_SOFT),
        ("552 quota", What.BOUNCED_SOFT),
        ("552 5.1.1 no such user", What.BOUNCED_HARD),
    ],
)
def test_status_code_says_whether_the_address_is_the_trouble(said: str, what: What) -> None:
    """RFC 3463."""
    (one,) = read("brevo", body.brevo(NAME, "hard_bounce", reason=said))
    assert one.what is what


@pytest.mark.parametrize(
    ("esp", "posted", "bad"),
    [
        ("mailgun", body.mailgun_failed(NAME, "suppress-bounce"), True),
        ("mailgun", body.mailgun_failed(NAME, "suppress-complaint"), False),
        ("sendgrid", [body.sendgrid(NAME, "dropped", reason="Invalid")], True),
        ("sendgrid", [body.sendgrid(NAME, "dropped", reason="Unsubscribed Address")], False),
        ("postmark", body.postmark(NAME, "BadEmailAddress"), True),
        ("brevo", body.brevo(NAME, "blocked"), False),
        ("postmark", body.postmark(NAME), False),
    ],
)
def test_rejected_says_whether_the_address_is_bad(esp: str, posted: object, bad: bool) -> None:  # noqa: FBT001  # a parameter of a test
    (one,) = read(esp, posted)
    assert one.bad_address is bad


def test_event_ids_of_postmark_are_those_of_one_kind() -> None:
    bounce, complaint = read("postmark", body.postmark(NAME)), read("postmark", body.postmark(NAME, "SpamComplaint", RecordType="SpamComplaint"))
    assert (bounce[0].event_id, complaint[0].event_id) == ("bounced:901542550", "complained:901542550")


def test_events_of_one_post_are_all_read() -> None:
    assert [one.what for one in read("sendgrid", [body.sendgrid(NAME, "processed"), body.sendgrid(NAME, "delivered")])] == [What.ACCEPTED, What.DELIVERED]
    assert read("sparkpost", [{"msys": {}}]) == []


@pytest.mark.parametrize(
    ("fields", "name", "address"),
    [
        ({"metadata": {"delivery": f" {NAME}\n"}, "recipient": "a\r\nb"}, NAME, "a b"),
        ({"metadata": [NAME], "tags": None, "recipient": None}, "", ""),
        ({"metadata": {"delivery": ["x"]}, "tags": [1, "announced", NAME]}, NAME, ""),
        ({"metadata": None, "tags": NAME}, "", ""),
    ],
)
def test_event_of_any_shape_is_read(fields: dict[str, Any], name: str, address: str) -> None:
    """And one without a time happened when it was read."""
    (one,) = receipts_of("brevo", [AnymailTrackingEvent(event_type="delivered", esp_event="x", **fields)], now=READ_AT)
    assert (one.delivery_name, one.address, one.at) == (name, address, READ_AT)
