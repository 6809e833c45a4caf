"""A tick with nothing due, with very many deliveries that are settled long ago: rows made by SQL, in notices of work that is over."""

import statistics
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from maintenance import booking
from maintenance.models import Notice
from notifier.delivery import tick as ticking
from notifier.delivery import watch
from notifier.delivery.models import Delivery
from notifier.delivery.send import dispatch
from tests.bench.inside.fill import NUMBERS, look_at_rows
from tests.bench.inside.notice import BY, announce
from tests.bench.measured import forget_peak, peak_megabytes, say

AGO = timedelta(days=200)
_CONTACTS = """INSERT INTO customers_contact (email, name, language, timezone, progress, reminders, bounce_reason)
{numbers} SELECT 'reader' || n || '@customer.example', 'Reader ' || n, '', '', TRUE, TRUE, '' FROM numbers"""
_DELIVERIES = """INSERT INTO delivery_delivery (notice_id, contact_id, kind, address, language, timezone, state, due_at, first_due_at, attempts,
lease_token, handed_over_at, settled_at, accepted_at, hop, hop_detail, reason)
SELECT %s, id, 'announced', email, 'en', 'Europe/London', 'sent', %s, %s, 1, 'settled', %s, %s, %s, 'relay', 'smtp:relay.example:25 250 taken', ''
FROM customers_contact WHERE name LIKE 'Reader%%'"""
_ACCOUNTS = """INSERT INTO delivery_account (delivery_id, customer_id)
SELECT delivery.id, customer.id FROM delivery_delivery delivery, (SELECT min(id) AS id FROM customers_customer) customer
WHERE delivery.notice_id = %s AND delivery.lease_token = 'settled'"""


def main(deliveries: str, contacts: str, turns: str) -> None:
    """Fill, then take that many turns of each kind and tell the medians, in milliseconds."""
    begun = time.perf_counter()
    _fill(int(deliveries), int(contacts))
    look_at_rows()
    filled = time.perf_counter() - begun
    ticking.everything()  # what is new to the watch is seen once
    forget_peak()
    rows = Delivery.objects.aggregate(last=Max("pk"))["last"]
    found = {"dispatch": _timed(dispatch, int(turns)), "tick": _timed(ticking.tick, int(turns))}
    found["tick with the look"] = _timed(_tick_that_looks, max(5, int(turns) // 10))
    say({"rows": rows, "fill": filled, "turns": found, "peak_mb": peak_megabytes()})


def _timed(turn: Callable[[], int], turns: int) -> dict[str, float]:
    spent = []
    busy = time.process_time()
    for _ in range(turns):
        begun = time.perf_counter()
        sent = turn()
        spent.append((time.perf_counter() - begun) * 1000)
        if sent:
            raise RuntimeError("something was due: nothing is measured")
    return {"median": statistics.median(spent), "worst": max(spent), "least": min(spent), "CPU": (time.process_time() - busy) / turns * 1000}


def _tick_that_looks() -> int:
    watch.look(now=timezone.now())
    return ticking.tick()


def _fill(deliveries: int, contacts: int) -> None:
    """Add notices of work that is done, and to each of them a delivery for every contact."""
    began = timezone.now() - AGO
    for number in range(-(-deliveries // contacts)):
        _done(began + timedelta(hours=number))
    at = began + timedelta(days=1)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")  # no look at foreign keys: they are right
        cursor.execute(_CONTACTS.format(numbers=NUMBERS), [contacts])
        for notice in Notice.objects.filter(customers__kind="announced").order_by("pk"):
            cursor.execute(_DELIVERIES, [notice.pk, *[at] * 5])
            cursor.execute(_ACCOUNTS, [notice.pk])
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = DEFAULT")


def _done(now: datetime) -> None:
    """Announce a night, send its mail, and carry it out."""
    ticking.everything(clock=lambda: now)
    row = announce(now=now)
    window = row.windows.get()
    ticking.everything(clock=lambda: now + timedelta(minutes=1))
    booking.start(row, by=BY, now=window.start)
    booking.finish(row, by=BY, now=window.end)
    ticking.everything(clock=lambda: window.end + timedelta(hours=1))
