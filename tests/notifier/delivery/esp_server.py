"""An ESP at the other end of the wire: takes requests as its documentation says, merges where it merges, and keeps what people would get."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.utils import parseaddr
from typing import Any

import requests

Answer = tuple[int, Any]


@dataclass(frozen=True)
class Got:
    """What one person gets, and the name by which events about it come back."""

    to: str
    name: str
    text: str
    html: str
    headers: dict[str, str]
    calendar: str


@dataclass
class Esp:
    """``refused`` are addresses that it does not take; ``instead`` gives answers, or errors to raise, before it looks at a request at all."""

    kind: str
    refused: set[str] = field(default_factory=set)
    instead: Iterator[Answer | Exception | None] = field(default_factory=lambda: iter(()))
    look: Callable[[], None] = lambda: None
    urls: list[str] = field(default_factory=list)
    got: list[list[Got]] = field(default_factory=list)

    def request(self, given: dict[str, Any]) -> requests.Response:
        """Answer a request; what was taken stands in ``got``, a list for each call."""
        self.urls.append(given["url"])
        self.look()
        instead = next(self.instead, None)
        if isinstance(instead, Exception):
            raise instead
        status, body = instead or self._take(given)
        response = requests.Response()
        response.status_code, response._content = status, json.dumps(body).encode()
        response.headers.update({"Content-Type": "application/json"})
        return response

    def sizes(self) -> list[int]:
        """Return how many mails each call brought that was taken."""
        return [len(mails) for mails in self.got]

    def all(self) -> list[Got]:
        """Return everything that was taken."""
        return [mail for mails in self.got for mail in mails]

    def _take(self, given: dict[str, Any]) -> Answer:
        mails, answer = _READ[self.kind](given), _ANSWER[self.kind]
        status, body = answer(given, [(mail, mail.to not in self.refused) for mail in mails])
        taken = [mail for mail in mails if mail.to not in self.refused]
        if taken and (status < 300 or self.kind in {"postmark", "mailjet", "mailtrap"}):
            self.got.append(taken)
        return status, body


def _postmark_mails(given: dict[str, Any]) -> list[Got]:
    body = json.loads(given["data"])
    return [
        Got(
            parseaddr(one["To"])[1],
            one["Metadata"]["delivery"],
            one["TextBody"],
            one["HtmlBody"],
            {header["Name"]: header["Value"] for header in one["Headers"]},
            _decoded(one["Attachments"][0]["Content"]),
        )
        for one in (body if isinstance(body, list) else [body])
    ]


def _postmark_answer(given: dict[str, Any], mails: list[tuple[Got, bool]]) -> Answer:
    items = [
        {"ErrorCode": 0, "Message": "OK", "MessageID": f"id-{mail.name}", "SubmittedAt": "2026-11-22T09:00:00Z", "To": mail.to}
        if is_taken
        else {
            "ErrorCode": 406,
            "Message": f"You tried to send to an inactive recipient.\nFound inactive addresses: {mail.to}.\nInactive recipients are ones ...",
        }
        for mail, is_taken in mails
    ]
    if given["url"].endswith("/batch"):
        return 200, items
    return (200 if mails[0][1] else 422), items[0]


def _mailjet_mails(given: dict[str, Any]) -> list[Got]:
    body = json.loads(given["data"])
    whole = [{**body.get("Globals", {}), **one} for one in body["Messages"]]
    return [
        Got(
            one["To"][0]["Email"],
            json.loads(one["EventPayload"])["delivery"],
            one["TextPart"],
            one["HTMLPart"],
            one["Headers"],
            _decoded(one["Attachments"][0]["Base64Content"]),
        )
        for one in whole
    ]


def _mailjet_answer(_given: dict[str, Any], mails: list[tuple[Got, bool]]) -> Answer:
    items = [
        {"Status": "success", "To": [{"Email": mail.to, "MessageID": f"id-{mail.name}"}]}
        if is_taken
        else {"Status": "error", "Errors": [{"ErrorCode": "mj-0013", "StatusCode": 400, "ErrorMessage": f"{mail.to} is an invalid email address."}]}
        for mail, is_taken in mails
    ]
    return (200 if all(is_taken for _mail, is_taken in mails) else 400), {"Messages": items}


def _mailtrap_mails(given: dict[str, Any]) -> list[Got]:
    body = json.loads(given["data"])
    return [
        Got(
            one["to"][0]["email"],
            one["custom_variables"]["delivery"],
            one["text"],
            one["html"],
            one["headers"],
            _decoded(one["attachments"][0]["content"]),
        )
        for one in ([{**body["base"], **request} for request in body["requests"]] if "requests" in body else [body])
    ]


def _mailtrap_answer(given: dict[str, Any], mails: list[tuple[Got, bool]]) -> Answer:
    items = [
        {"success": True, "message_ids": [f"id-{mail.name}"]} if is_taken else {"success": False, "errors": ["'to' address is suppressed"]}
        for mail, is_taken in mails
    ]
    if given["url"].endswith("/batch"):
        return 200, {"success": True, "responses": items}
    return (200 if mails[0][1] else 400), items[0]


def _mailgun_mails(given: dict[str, Any]) -> list[Got]:
    """Values are put in wherever they are called for, the calendar aside."""
    data = given["data"]
    variables = json.loads(data.get("recipient-variables", "{}"))
    (calendar,) = [file[1] for name, file in given["files"] if name == "attachment"]
    mails = []
    for to in data["to"]:
        values = {f"%recipient.{key}%": value for key, value in variables.get(parseaddr(to)[1], {}).items()}
        filled = {key: _filled(value, values) for key, value in data.items() if isinstance(value, str)}
        headers = {key.removeprefix("h:"): value for key, value in filled.items() if key.startswith("h:")}
        mails.append(Got(parseaddr(to)[1], filled["v:delivery"], filled["text"], filled["html"], headers, _text(calendar)))
    return mails


def _mailgun_answer(_given: dict[str, Any], mails: list[tuple[Got, bool]]) -> Answer:
    if all(is_taken for _mail, is_taken in mails):
        return 200, {"id": "<one-for-all@provider.example>", "message": "Queued. Thank you."}
    return 400, {"message": "to parameter is not a valid address. please check documentation"}


def _sendgrid_mails(given: dict[str, Any]) -> list[Got]:
    body = json.loads(given["data"])
    contents = {one["type"]: one["value"] for one in body["content"]}
    mails = []
    for one in body["personalizations"]:
        (to,) = one["to"]
        filled = {kind: _filled(value, one.get("substitutions", {})) for kind, value in contents.items()}
        headers = {**body["headers"], **one.get("headers", {})}
        arguments = {**body.get("custom_args", {}), **one.get("custom_args", {})}
        calendar = _decoded(body["attachments"][0]["content"])
        mails.append(Got(to["email"], arguments["delivery"], filled["text/plain"], filled["text/html"], headers, calendar))
    return mails


def _sendgrid_answer(_given: dict[str, Any], mails: list[tuple[Got, bool]]) -> Answer:
    if all(is_taken for _mail, is_taken in mails):
        return 202, {}
    return 400, {"errors": [{"message": "Does not contain a valid address.", "field": "personalizations.1.to.0.email"}]}


def _filled(text: str, values: dict[str, str]) -> str:
    for mark, value in values.items():
        text = text.replace(mark, value)
    return text


def _decoded(content: str) -> str:
    return _text(base64.b64decode(content))


def _text(content: bytes | str) -> str:
    return content.decode() if isinstance(content, bytes) else content


_READ: dict[str, Callable[[dict[str, Any]], list[Got]]] = {
    "mailgun": _mailgun_mails,
    "mailjet": _mailjet_mails,
    "mailtrap": _mailtrap_mails,
    "postmark": _postmark_mails,
    "sendgrid": _sendgrid_mails,
}
_ANSWER: dict[str, Callable[[dict[str, Any], list[tuple[Got, bool]]], Answer]] = {
    "mailgun": _mailgun_answer,
    "mailjet": _mailjet_answer,
    "mailtrap": _mailtrap_answer,
    "postmark": _postmark_answer,
    "sendgrid": _sendgrid_answer,
}
