"""Whole mails in one call, to ESPs that take a list of them: nothing is shared and nothing is merged, and each has an answer of its own.

A list's body is joined from those that django-anymail makes for single mails, and its answer split into those that it reads of single mails.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import itemgetter
from typing import Any
from urllib.parse import urljoin

import requests
from anymail.exceptions import AnymailAPIError, AnymailCancelSend, AnymailError, AnymailRequestsAPIError
from anymail.message import AnymailStatus
from django.core.mail import EmailMessage

from notifier.delivery.esp_answers import refusal


@dataclass(frozen=True)
class Form:
    """``path`` is where a list is posted and ``join`` makes its body; ``items`` finds the answers, and ``alone`` returns status and body of one alone."""

    path: str
    join: Callable[[list[Any]], Any]
    items: Callable[[Any], Any]
    alone: Callable[[Any], tuple[int, Any]]


class _Joined:
    """What anymail posts, for several payloads at once."""

    def __init__(self, payloads: Sequence[Any], form: Form) -> None:
        self._payloads, self._form = payloads, form

    def get_request_params(self, api_url: str) -> dict[str, Any]:
        """Return the arguments of the request."""
        each = [payload.get_request_params(api_url) for payload in self._payloads]
        body = self._form.join([json.loads(one["data"]) for one in each])
        return {**each[0], "url": urljoin(api_url, self._form.path), "data": json.dumps(body)}


def post(connection: Any, form: Form, mails: Sequence[EmailMessage]) -> list[Exception | None]:  # noqa: ANN401  # a backend of anymail, without types
    """Post the mails; return of each why it was not taken, or None. Raises what anymail does where the call as a whole fails."""
    payloads = []
    for mail in mails:
        mail.anymail_status = AnymailStatus()  # type: ignore[attr-defined]  # anymail's own attribute of a message
        if not connection.run_pre_send(mail):
            raise AnymailCancelSend
        payloads.append(connection.build_message_payload(mail, connection.send_defaults))
    response = connection.post_to_esp(_Joined(payloads, form), mails[0])
    items = _items(response, form, len(mails))
    return [_read(connection, form, *one) for one in zip(items, payloads, mails, strict=True)]


def _items(response: requests.Response, form: Form, number: int) -> list[Any]:
    """Return each mail's answer. Where there is none the status says what became of all; where their number is another nobody knows of any."""
    try:
        found = form.items(response.json())
    except (ValueError, KeyError, TypeError):
        found = None
    if not found or not isinstance(found, list):
        raise AnymailRequestsAPIError("The call as a whole was not taken.", response=response)
    if len(found) != number:
        raise AnymailAPIError(f"{len(found)} answers to {number} mails")  # without the response, whose status says nothing of each
    return found


def _response(status: int, body: object) -> requests.Response:
    response = requests.Response()
    response.status_code = status
    response.headers["Content-Type"] = "application/json"
    response._content = json.dumps(body).encode()  # noqa: SLF001  # there is no other way to make one
    return response


def _read(connection: Any, form: Form, item: Any, payload: Any, mail: EmailMessage) -> Exception | None:  # noqa: ANN401  # anymail's, and JSON
    """Read one mail's answer as anymail does, and note it at the mail."""
    status: AnymailStatus = mail.anymail_status  # type: ignore[attr-defined]  # as above
    try:
        response = _response(*form.alone(item))
        status.esp_response = response
        connection.raise_for_status(response, payload, mail)
        status.set_recipient_status(connection.parse_recipient_status(response, payload, mail))
        connection.run_post_send(mail)
        connection.raise_for_recipient_status(status, response, payload, mail)
    except AnymailError as error:
        return error
    except Exception:  # noqa: BLE001  # an answer of another form: it may have been taken
        return AnymailAPIError("The answer cannot be read.")
    return refusal(mail)


def _postmark(item: Any) -> tuple[int, Any]:  # noqa: ANN401  # JSON
    """A mail that is refused has an error code, where it had been answered with 422."""
    return 422 if item.get("ErrorCode", 0) else 200, item


def _mailjet(item: Any) -> tuple[int, Any]:  # noqa: ANN401  # JSON
    if item["Status"] == "success":
        return 200, {"Messages": [item]}
    errors = item.get("Errors") or [{}]
    return int(errors[0].get("StatusCode") or 400), {"Messages": [item]}


def _mailtrap(item: Any) -> tuple[int, Any]:  # noqa: ANN401  # JSON
    return 200 if item["success"] else 422, item


FORMS = {
    "Mailjet": Form("send", lambda bodies: {"Messages": [{**one["Globals"], **one["Messages"][0]} for one in bodies]}, itemgetter("Messages"), _mailjet),
    "Mailtrap": Form("batch", lambda bodies: {"base": {}, "requests": bodies}, itemgetter("responses"), _mailtrap),
    "Postmark": Form("email/batch", list, lambda answer: answer, _postmark),
}
"""By anymail's names. They take lists of 50, 500 and 500 mails. Resend's lists take no attachments, and MailerSend's are answered before they are looked at."""
