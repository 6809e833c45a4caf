"""What ESPs post, in the forms of django-anymail's own tests, about a mail of ours."""

import base64
import hashlib
import hmac
import json
from datetime import datetime
from typing import Any

from tests.factories import NOW

KEY, OLD_KEY = "key-of-the-esp-7b1c9d", "old-key-of-the-esp-11aa"
SECRET, OLD_SECRET = "esp:a-long-password-for-hooks", "esp:the-password-of-before"
STAMP = "651869375b9df3c98fc15c4889b102119add1235c38fc92824"
"""Mailgun's token: random, signed, and what anymail takes for the id of an event."""


def basic(secret: str = SECRET) -> dict[str, str]:
    """Return the header of basic authentication."""
    return {"Authorization": "Basic " + base64.b64encode(secret.encode()).decode()}


def mailgun(name: str, event: str = "delivered", *, key: str = KEY, token: str = STAMP, at: datetime = NOW, **data: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """Return a signed event; the signature covers time and token."""
    stamp = str(int(at.timestamp()))
    signature = hmac.new(key.encode(), f"{stamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {
        "signature": {"timestamp": stamp, "token": token, "signature": signature},
        "event-data": {
            "tags": ["announced"],
            "timestamp": at.timestamp(),
            "id": "hTWCTD81RtiDN-...",
            "user-variables": {"delivery": name},
            "log-level": "info",
            "message": {"headers": {"to": "c0@customer.example", "message-id": f"{name}@provider.example"}, "attachments": [], "size": 809},
            "recipient": "c0@customer.example",
            "event": event,
            "delivery-status": {"attempt-no": 1, "description": "", "code": 250, "message": "OK"},
            **data,
        },
    }


def mailgun_failed(name: str, reason: str, *, code: int = 550, message: str = "5.1.1 does not exist", severity: str = "permanent") -> dict[str, Any]:
    """Return a bounce."""
    event = mailgun(name, "failed", severity=severity, reason=reason)
    event["event-data"]["delivery-status"] = {"code": code, "message": message, "description": ""}
    return event


def postmark(name: str, kind: str = "HardBounce", details: str = "smtp;550 5.1.1 The account does not exist.", **data: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """Return a bounce."""
    return {
        "RecordType": "Bounce",
        "ID": 901542550,
        "Type": kind,
        "TypeCode": 1,
        "MessageID": "2706ee8a-737c-4285-b032-ccd317af53ed",
        "Description": "The server was unable to deliver your message.",
        "Details": details,
        "Email": "c0@customer.example",
        "BouncedAt": "2026-11-22T10:00:00.3963933+01:00",
        "Metadata": {"delivery": name},
        **data,
    }


def postmark_delivered(name: str) -> dict[str, Any]:
    """Return what has no event id."""
    return {
        "RecordType": "Delivery",
        "ServerId": 23,
        "MessageID": "883953f4-6105-42a2-a16a-77a8eac79483",
        "Recipient": "c0@customer.example",
        "Tag": "announced",
        "Metadata": {"delivery": name},
        "DeliveredAt": "2026-11-22T09:00:00Z",
        "Details": "250 2.0.0 OK",
    }


def sendgrid(name: str, event: str = "delivered", **data: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """Return one of the events of a post; metadata stand among the rest."""
    return {
        "email": "c0@customer.example",
        "timestamp": int(NOW.timestamp()),
        "smtp-id": "<14c5d75ce93.dfd.64b469@ismtpd-555>",
        "event": event,
        "category": ["announced"],
        "sg_event_id": f"sg-{event}",
        "sg_message_id": "14c5d75ce93.dfd.64b469.filter0001",
        "delivery": name,
        **data,
    }


def brevo(name: str, event: str = "delivered", **data: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """Return an event; Brevo's have no id."""
    return {
        "event": event,
        "email": "c0@customer.example",
        "id": 9999999,
        "message-id": "<201803062010.27287306012@smtp-relay.example>",
        "ts_epoch": int(NOW.timestamp() * 1000),
        "X-Mailin-custom": json.dumps({"delivery": name}),
        "tags": ["announced"],
        **data,
    }


def mailersend(name: str, kind: str = "delivered", reason: str = "") -> dict[str, Any]:
    """Return an event; the name comes back as a tag."""
    recipient = {"object": "recipient", "email": "c0@customer.example"}
    email = {"object": "email", "tags": ["announced", name], "message": {"id": "63fd1c1d5f010335ed07066b"}, "recipient": recipient}
    morph = {"object": "recipient_bounce", "reason": reason} if reason else None
    data = {"object": "activity", "id": "63fd1c1d31b9c750540fe85c", "type": kind, "created_at": "2026-11-22T09:00:00.506000Z", "email": email, "morph": morph}
    return {"type": f"activity.{kind}", "data": data}


def mailjet(name: str, event: str = "sent", **data: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # JSON
    """Return a post of one event."""
    return [
        {
            "event": event,
            "time": int(NOW.timestamp()),
            "MessageID": 19421777835146490,
            "email": "c0@customer.example",
            "Payload": json.dumps({"delivery": name}),
            **data,
        }
    ]


def mailtrap(name: str, event: str = "delivery", **data: Any) -> dict[str, Any]:  # noqa: ANN401  # JSON
    """Return a post of one event."""
    one = {"event": event, "timestamp": int(NOW.timestamp()), "message_id": "m-1", "email": "c0@customer.example", "event_id": "e-1"}
    return {"events": [{**one, "custom_variables": {"delivery": name}, **data}]}


def postal(name: str, status: str = "Sent", output: str = "250 OK") -> dict[str, Any]:
    """Return what became of a mail; the name comes back as its tag."""
    message = {"id": 1571, "direction": "outgoing", "to": "c0@customer.example", "tag": name}
    payload = {"message": message, "status": status, "details": "details", "output": output}
    return {"event": "MessageSent", "timestamp": NOW.timestamp(), "payload": payload, "uuid": "0fcc831f-92b9-4e2b-97f2-d873abc77fab"}


def postal_bounced(name: str) -> dict[str, Any]:
    """Return that a bounce came later."""
    original = {"id": 233843, "direction": "outgoing", "to": "c0@customer.example", "tag": name}
    payload = {"original_message": original, "bounce": {"id": 233864, "direction": "incoming"}, "details": "", "output": ""}
    return {"event": "MessageBounced", "timestamp": NOW.timestamp(), "payload": payload, "uuid": "0fcc831f-0000-4e2b-97f2-d873abc77fab"}


def resend(name: str, kind: str = "email.delivered", **bounce: str) -> dict[str, Any]:
    """Return an event; its id stands in a header."""
    headers = [{"name": "X-Metadata", "value": json.dumps({"delivery": name})}, {"name": "X-Tags", "value": '["announced"]'}]
    data = {"email_id": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee", "headers": headers, "to": ["C0 <c0@customer.example>"]}
    return {"created_at": "2026-11-22T09:00:00.000Z", "data": {**data, **({"bounce": bounce} if bounce else {})}, "type": kind}


def sparkpost(name: str, kind: str = "delivery", **data: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # JSON
    """Return a post of one event."""
    event = {"type": kind, "event_id": "92356927693813856", "timestamp": str(int(NOW.timestamp())), "raw_rcpt_to": "c0@customer.example"}
    return [{"msys": {"message_event": {**event, "rcpt_meta": {"delivery": name}, **data}}}]
