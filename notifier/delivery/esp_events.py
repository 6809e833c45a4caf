"""An ESP's event, as django-anymail reads it -> a receipt.

Anymail calls every bounce "bounced"; whether it is for good stands in the ESP's own words, of which only the clear ones count: where it is
not clear that the address takes no mail, nothing is concluded.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from anymail.signals import AnymailTrackingEvent, EventType, RejectReason

from notifier.delivery.receipt import LONGEST_NAME, Receipt, What, digest, is_delivery_name, one_line

_WHAT = {
    EventType.QUEUED: What.ACCEPTED,
    EventType.SENT: What.ACCEPTED,
    EventType.DELIVERED: What.DELIVERED,
    EventType.DEFERRED: What.DEFERRED,
    EventType.REJECTED: What.REJECTED,
    EventType.FAILED: What.REJECTED,
    EventType.BOUNCED: What.BOUNCED_HARD,
    EventType.COMPLAINED: What.COMPLAINED,
    EventType.UNSUBSCRIBED: What.COMPLAINED,  # the ESP sends the contact no more, as after a complaint
}
_ID_WITHIN_TYPE = frozenset({"postmark"})
"""Their event ids are those of one kind of record."""
_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?!\.?\d)")
"""An enhanced status code (RFC 3463)."""
_FULL = re.compile(r"\b(?:452|552)\b")


def receipts_of(esp: str, events: Iterable[AnymailTrackingEvent], *, now: datetime) -> list[Receipt]:
    """Return the receipts; ``esp`` is the name in EMAIL_URL. An event without a time of its own happened ``now``."""
    return [_receipt(esp, event, now=now) for event in events]


def _receipt(esp: str, event: AnymailTrackingEvent, *, now: datetime) -> Receipt:
    said = _text(event.mta_response) or _text(event.description) or _text(event.reject_reason)
    what = _what(esp, event, said)
    return Receipt(
        source=f"esp:{esp}",
        event_id=_event_id(esp, event),
        delivery_name=_delivery_name(event),
        address=one_line(_text(event.recipient), 254),
        what=what,
        at=_moment(event.timestamp, now=now),
        reason=one_line(said),
        bad_address=what is What.REJECTED and event.reject_reason in {RejectReason.INVALID, RejectReason.BOUNCED},
    )


def _what(esp: str, event: AnymailTrackingEvent, said: str) -> What:
    raw = event.esp_event if isinstance(event.esp_event, Mapping) else {}
    own = _OWN_WORDS.get(esp, _nothing_of_its_own)(raw, _WHAT.get(event.event_type, What.OTHER))
    return What.BOUNCED_SOFT if own is What.BOUNCED_HARD and _may_pass(said) else own


def _may_pass(said: str) -> bool:
    """Tell whether the server's words speak of something else than the address: a full mailbox, a policy, trouble of the network or of the sender."""
    code = _CODE.search(said)
    if code is None:
        return _FULL.search(said) is not None
    kind, subject, detail = (int(part) for part in code.groups())
    return kind == 4 or subject in {3, 6, 7} or (subject, detail) in {(1, 7), (1, 8), (2, 2), (2, 3), (2, 4)}  # noqa: PLR2004  # RFC 3463, 2 and 3


def _event_id(esp: str, event: AnymailTrackingEvent) -> str:
    given = one_line(_text(event.event_id), LONGEST_NAME + 1)
    if not given:
        return digest(esp, json.dumps(event.esp_event, sort_keys=True, default=str))
    return f"{event.event_type}:{given}" if esp in _ID_WITHIN_TYPE else given


def _delivery_name(event: AnymailTrackingEvent) -> str:
    """Return what ``esp_sending`` had the ESP carry: in the metadata or, where it has none, as a tag."""
    metadata = event.metadata if isinstance(event.metadata, Mapping) else {}
    tags = event.tags if isinstance(event.tags, list) else []
    found = _text(metadata.get("delivery")) or next((tag for tag in tags if isinstance(tag, str) and is_delivery_name(tag)), "")
    return one_line(found, LONGEST_NAME)


def _moment(at: datetime | None, *, now: datetime) -> datetime:
    if at is None:
        return now
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _at(raw: object, *path: str) -> str:
    """Return what stands at that place of the ESP's JSON, "" where nothing does."""
    for step in path:
        raw = raw.get(step) if isinstance(raw, Mapping) else None
    return str(raw) if isinstance(raw, str | int) else ""


def _nothing_of_its_own(_raw: Mapping[str, Any], what: What) -> What:
    return what


def _hard_if(path: tuple[str, ...], *hard: str) -> Callable[[Mapping[str, Any], What], What]:
    """Return the rule of an ESP whose bounces are hard where one word of its event says so."""

    def rule(raw: Mapping[str, Any], what: What) -> What:
        return What.BOUNCED_SOFT if what is What.BOUNCED_HARD and _at(raw, *path) not in hard else what

    return rule


def _mailgun(raw: Mapping[str, Any], what: What) -> What:
    reason = _at(raw, "event-data", "reason")
    if what is What.BOUNCED_HARD and reason.startswith("suppress-"):
        return What.REJECTED
    passes = reason in {"old", "espblock"} or _at(raw, "event-data", "delivery-status", "code") in {"452", "552"}  # tried for too long, blocked, full
    return What.BOUNCED_SOFT if what is What.BOUNCED_HARD and passes else what


def _postal(raw: Mapping[str, Any], what: What) -> What:
    """A bounce that comes later says nothing of why; what is held does not go out."""
    if what is What.BOUNCED_HARD:
        return What.BOUNCED_SOFT
    status = _at(raw, "payload", "status")
    return {"HardFail": What.BOUNCED_HARD, "Held": What.REJECTED}.get(status, what)


def _postmark(raw: Mapping[str, Any], what: What) -> What:
    kind = _at(raw, "Type") or _at(raw, "SuppressionReason")
    if kind in {"Blocked", "DMARCPolicy"}:  # the customer's server refused it as a matter of policy
        return What.BOUNCED_SOFT
    return What.BOUNCED_SOFT if what is What.BOUNCED_HARD and kind != "HardBounce" else what


def _resend(raw: Mapping[str, Any], what: What) -> What:
    if what is not What.BOUNCED_HARD:
        return what
    kind, said = _at(raw, "data", "bounce", "type"), _at(raw, "data", "bounce", "message")
    if "suppressed" in f"{_at(raw, 'data', 'bounce', 'subType')} {said}".lower():
        return What.REJECTED
    return what if kind == "Permanent" or (not kind and "hard bounce" in said) else What.BOUNCED_SOFT


def _sparkpost(raw: Mapping[str, Any], what: What) -> What:
    inner = raw.get("msys")
    event = next(iter(inner.values()), None) if isinstance(inner, Mapping) else None
    hard = {"10", "30"}  # invalid recipient; no such recipient
    return What.BOUNCED_SOFT if what is What.BOUNCED_HARD and _at(event, "bounce_class") not in hard else what


_OWN_WORDS: dict[str, Callable[[Mapping[str, Any], What], What]] = {
    "brevo": _hard_if(("event",), "hard_bounce", "invalid_email"),
    "mailersend": _hard_if(("data", "type"), "hard_bounced"),
    "mailgun": _mailgun,
    "mailjet": _hard_if(("hard_bounce",), "True"),
    "mailtrap": _hard_if(("event",), "bounce"),
    "postal": _postal,
    "postmark": _postmark,
    "resend": _resend,
    "sendgrid": _hard_if(("type",), "bounce"),
    "sparkpost": _sparkpost,
}
