"""What each ESP is given with a mail, as it goes over the wire: the delivery's name to come back with events, and a key against doubles."""

import json
import warnings
from typing import Any
from unittest.mock import patch

import pytest
import requests
from django.core.mail import get_connection
from pytest_django import Settings

from notifier.delivery import settle
from notifier.delivery.compose import Mail
from notifier.delivery.esp_sending import fit
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from notifier.delivery.resend import Verdict, send_again
from notifier.delivery.transport import Answer, Transport
from notifier.env import Mail as To
from notifier.mail_url import ESPS
from notifier.ways import primary
from tests.factories import NOW
from tests.notifier.delivery.coming_back import LATER, TOKEN, handed_over, told
from tests.notifier.delivery.coming_back import mail as mail_to

NAME = "0123456789abcdef0123456789abcdef-17"
ANSWERS = {
    "brevo": (201, {"messageId": "m-1"}),
    "mailersend": (202, {}),
    "mailgun": (200, {"id": "m-1", "message": "Queued. Thank you."}),
    "mailjet": (200, {"Messages": [{"Status": "success", "To": [{"Email": "c0@customer.example", "MessageID": 1}]}]}),
    "mailtrap": (200, {"success": True, "message_ids": ["m-1"]}),
    "postal": (200, {"status": "success", "data": {"message_id": "m", "messages": {"c0@customer.example": {"id": 1}}}}),
    "postmark": (200, {"ErrorCode": 0, "Message": "OK", "MessageID": "m-1", "To": "c0@customer.example"}),
    "resend": (200, {"id": "m-1"}),
    "scaleway": (200, {"emails": [{"id": "m-1", "status": "new", "mail_rcpt": "c0@customer.example"}]}),
    "sendgrid": (202, {}),
    "sparkpost": (200, {"results": {"id": "m-1", "total_accepted_recipients": 1, "total_rejected_recipients": 0}}),
}


def mail() -> Mail:
    """Return a mail as it is composed."""
    return Mail(delivery_name=NAME, kind="announced", subject="S", body="B", from_email="me@provider.example", to=["c0@customer.example"])


def posted(esp: str, settings: Settings, *, times: int = 1, answer: tuple[int, Any] | None = None) -> tuple[list[dict[str, Any]], list[Answer]]:
    """Send, and return what went over the wire and what was made of the answers."""
    _backend, names = ESPS[esp]
    ours = {"resend": "notifier.delivery.resend_esp.EmailBackend"}
    settings.EMAIL_BACKEND = ours.get(esp, f"anymail.backends.{esp}.EmailBackend")
    settings.MAIL = To(settings.EMAIL_BACKEND, f"esp:{esp}")
    settings.ANYMAIL = dict.fromkeys(names, "x") | {"POSTAL_API_URL": "https://postal.example", "MAILGUN_SENDER_DOMAIN": "provider.example"}
    response = requests.Response()
    status, words = answer or ANSWERS[esp]
    response.status_code, response._content = status, json.dumps(words).encode()
    response.headers.update({"X-Message-Id": "m-1", "Content-Type": "application/json"})
    requested: list[dict[str, Any]] = []

    def request(_session: requests.Session, **given: Any) -> requests.Response:  # noqa: ANN401  # whatever requests takes
        requested.append(given)
        return response

    with patch.object(requests.Session, "request", request), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of an ESP that anymail serves without promising it
        with Transport(primary()) as transport:
            return requested, [transport.send(mail()).answer for _ in range(times)]


@pytest.mark.parametrize("esp", ESPS)
def test_mail_to_each_esp_is_taken_and_carries_its_name(esp: str, settings: Settings) -> None:
    """Whatever comes back about it can be told to be about it."""
    requested, answers = posted(esp, settings)
    assert answers == [Answer.ACCEPTED]
    assert len(requested) == 1
    assert NAME in str(requested[0])


@pytest.mark.parametrize(("esp", "tags"), [("mailersend", {"tags": ["announced", NAME]}), ("postal", {"tag": NAME})])
def test_name_goes_as_a_tag_where_there_is_no_metadata(esp: str, tags: dict[str, Any], settings: Settings) -> None:
    requested, _answers = posted(esp, settings)
    body = json.loads(requested[0]["data"])
    assert {name: body[name] for name in tags} == tags


def test_same_mail_goes_to_resend_with_the_same_key(settings: Settings) -> None:
    requested, _answers = posted("resend", settings, times=2)
    assert [request["headers"]["Idempotency-Key"] for request in requested] == [NAME, NAME]


def test_mail_that_a_person_has_sent_again_goes_with_another_key(settings: Settings) -> None:
    """The ESP would not send it a second time otherwise."""
    settings.ANYMAIL = {"RESEND_API_KEY": "x"}
    backend = get_connection("notifier.delivery.resend_esp.EmailBackend")
    keys = []
    for once in ("first", "second"):
        again = Mail(delivery_name=NAME, once=once, kind="announced", subject="S", body="B", from_email="me@provider.example", to=["c0@customer.example"])
        fit(again, "Brevo")
        keys.append((backend.build_message_payload(again, {}).headers["Idempotency-Key"], again.extra_headers["idempotencyKey"]))  # type: ignore[attr-defined]  # anymail's
    assert keys[0][0] == "first"
    assert len({key for pair in keys for key in pair}) == 4


def test_same_mail_goes_to_brevo_with_the_same_uuid(settings: Settings) -> None:
    requested, _answers = posted("brevo", settings, times=2)
    keys = [json.loads(request["data"])["headers"]["idempotencyKey"] for request in requested]
    assert keys == ["eb0d9c6d-a51a-5394-8904-f33841ccc121"] * 2


def test_mail_that_goes_by_another_esp_after_all_is_fitted_anew() -> None:
    """What one needed does not get in the way of the next."""
    message = mail()
    for esp in ("Brevo", "Postal", "MailerSend", "Mailgun"):
        fit(message, esp)
    assert (message.metadata, message.tags, message.extra_headers) == ({"delivery": NAME}, [NAME], {})


def test_mail_of_another_program_goes_without_a_key(settings: Settings) -> None:
    settings.ANYMAIL = {"RESEND_API_KEY": "x"}
    message = mail()
    message.delivery_name = ""
    backend = get_connection("notifier.delivery.resend_esp.EmailBackend")
    assert "Idempotency-Key" not in backend.build_message_payload(message, {}).headers  # type: ignore[attr-defined]  # anymail's


@pytest.mark.parametrize(
    ("esp", "answer", "judged"),
    [
        ("brevo", (400, {"code": "duplicate_parameter", "message": "seen"}), Answer.UNKNOWN),
        ("brevo", (400, {"code": "invalid_parameter", "message": "no"}), Answer.PERMANENT),
        ("resend", (409, {"name": "concurrent_idempotent_requests"}), Answer.TEMPORARY),
    ],
)
def test_answer_about_a_key_is_no_refusal_of_the_mail(esp: str, answer: tuple[int, Any], judged: Answer, settings: Settings) -> None:
    """An earlier attempt reached the ESP: that is doubt, which its event resolves."""
    assert posted(esp, settings, answer=answer)[1] == [judged]


@pytest.mark.parametrize(
    ("esp", "answer", "judged"),
    [
        ("mailjet", (400, {"Messages": [{"Status": "error", "Errors": [{"StatusCode": 400, "ErrorMessage": "invalid"}]}]}), Answer.PERMANENT),
        ("mailjet", (403, {"Messages": [{"Status": "error", "Errors": [{"StatusCode": 403, "ErrorMessage": "not now"}]}]}), Answer.TEMPORARY),
        ("postmark", (422, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'written otherwise'."}), Answer.PERMANENT),
    ],
)
def test_mail_refused_within_an_answer_that_can_be_read_is_not_taken(esp: str, answer: tuple[int, Any], judged: Answer, settings: Settings) -> None:
    """Anymail raises nothing for it, and says what became of the recipient."""
    assert posted(esp, settings, answer=answer)[1] == [judged]


@pytest.mark.django_db
def test_letter_has_one_key_for_all_attempts_and_another_when_sent_again() -> None:
    told()
    delivery = handed_over()
    first = load([delivery])[0].once
    settle.again(delivery, TOKEN, at=NOW, reason="503")
    assert load([mail_to()])[0].once == first
    Delivery.objects.update(state="failed", reason="bounced", first_due_at=NOW)
    assert send_again(Delivery.objects.all(), by="petra", now=LATER)[Verdict.AGAIN] == [delivery.pk]
    assert load([mail_to()])[0].once not in {first, delivery.name}
