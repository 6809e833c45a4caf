"""Announce one night of work to everybody and fan it out: how long both take, and how much memory."""

import base64
import email
import email.policy
import gc
import json
import time
from datetime import datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.utils import timezone

from customers.models import Component, Service
from maintenance import booking
from maintenance.draft import Draft, ScopeDraft, WindowDraft
from maintenance.models import Maintenance
from maintenance.said import SaidText
from maintenance.states import Impact
from notifier.delivery.compose import message
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from tests.bench.inside.fill import look_at_rows
from tests.bench.measured import forget_peak, peak_megabytes, say

BY = "bench"


_CUSTOMERS = """INSERT INTO maintenance_noticecustomer (notice_id, customer_id, kind, deadline, bases, stale_at, zone, days)
SELECT told.notice_id, customer.id, told.kind, told.deadline, told.bases, told.stale_at, told.zone, told.days
FROM maintenance_noticecustomer told, customers_customer customer WHERE told.notice_id = %s AND customer.id <> told.customer_id"""
_SERVICES = """INSERT INTO maintenance_noticeservice (notice_id, customer_id, window_number, object_id, impact, component_id, fresh, joined)
SELECT hit.notice_id, service.customer_id, hit.window_number, service.object_id, hit.impact, hit.component_id, hit.fresh, hit.joined
FROM maintenance_noticeservice hit, customers_service service WHERE hit.notice_id = %s AND service.customer_id <> hit.customer_id"""


def main(issued: str, scene: str = "") -> None:
    """Announce and fan out. ``issued``: by the ``verb`` alone, or its rows by ``sql``. ``scene``: a file for the parts of one of the mails."""
    forget_peak()
    now = timezone.now()
    begun = time.perf_counter()
    if issued == "verb":
        announce(now=now)
    else:
        announce_by_sql(now=now)
    announced, issue_peak = time.perf_counter(), peak_megabytes()
    gc.collect()
    forget_peak()
    mails = fan_out_due(now=timezone.now())
    ended = time.perf_counter()
    peak = peak_megabytes()
    look_at_rows()
    if scene:
        Path(scene).write_text(json.dumps(parts(Delivery.objects.latest("pk"))))
    say({"mails": mails, "announce": announced - begun, "fan_out": ended - announced, "peak_mb": peak, "issue_peak_mb": issue_peak})


def announce_by_sql(*, now: datetime) -> None:
    """Announce to one customer, and say the same of all others."""
    with transaction.atomic(), connection.cursor() as cursor:
        first = Service.objects.order_by("pk").values_list("object_id", flat=True)[0]
        notice = announce(now=now, objects=(first,)).notices.get().pk
        cursor.execute(_CUSTOMERS, [notice])
        cursor.execute(_SERVICES, [notice])
    look_at_rows()


def announce(*, now: datetime, objects: tuple[str, ...] = ()) -> Maintenance:
    """Book a night some weeks ahead, each time a later one, and announce it; ``objects``: to whoever has them."""
    number = Maintenance.objects.count() + 1
    start = now.replace(microsecond=0) + timedelta(days=20 + number)
    draft = Draft(
        reference=f"MNT-{number:04d}",
        timezone=ZoneInfo("Europe/London"),
        scopes=(ScopeDraft(Component.objects.get(slug="netpro.ipsec"), "provider"),),
        windows=(WindowDraft(start, start + timedelta(hours=2)),),
        impact=Impact.OUTAGE,
        expected_outage_minutes=30,
        texts={"en": SaidText("Core router upgrade", "No data.", "New software.")},
        objects=objects,
        accept_english=True,
    )
    row = booking.book(draft, by=BY, now=now)
    booking.announce(row, acknowledged="a measurement", by=BY, now=now)
    return row


def parts(delivery: Delivery) -> dict[str, object]:
    """Return what the other senders are given to send: headers, text, HTML, calendar and the whole as bytes."""
    content = message(load([delivery])[0]).message().as_bytes(linesep="\r\n")
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(mail, EmailMessage)
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    calendar = next(part for part in mail.walk() if part.get_content_type() == "text/calendar")
    assert text is not None
    assert html is not None
    entries = calendar.get_payload(decode=True)
    assert isinstance(entries, bytes)
    kept = ("Reply-To", "Date", "In-Reply-To", "References", "Content-Language", "Auto-Submitted", "X-Maintenance-Reference", "X-Notice-Kind")
    return {
        "subject": mail["Subject"],
        "sender": mail["From"],
        "headers": {name: mail[name] for name in kept},
        "text": text.get_content(),
        "html": html.get_content(),
        "calendar": base64.b64encode(entries).decode(),
        "file": calendar.get_filename(),
        "name": delivery.contact.name if delivery.contact else "",
        "content": base64.b64encode(content).decode(),
    }
