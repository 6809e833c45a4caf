"""``python -m tests.bench.compose``: CPU time to load and compose a mail, by the ordinary path and by the fast composer.

A temporary database is filled and dropped for each of SQLite and PostgreSQL: one notice to several thousand contacts in nine
languages, one or two services each, in claims of a hundred. Time is that of this process: with SQLite the database's is in it.
The exit code is 1 where the fast composer's median is not below the limit on PostgreSQL.
"""

import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.environment import SECRET_KEY, outside
from tests.servers.postgres import Postgres

LIMIT_MICROSECONDS = 100.0
CONTACTS, CLAIM = 6_000, 100
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
NAMES = ("Ana Lefèvre", "Jürgen Groß", "Pat O'Neil", "张伟", "Smith, Jane", "Max Power")


def main() -> int:
    """Measure both databases, each in a process of its own; return the exit code."""
    _line(f"{'database':<10} {'path':<22} {'mails':>6} {'octets':>7} {'shapes':>6} {'median us':>9} {'mean us':>8} {'queries a claim':>15} {'peak MB':>8}")
    folder = Path(tempfile.mkdtemp(prefix="notifier-bench-"))
    (folder / "static").mkdir()
    variables = {"DATA_DIR": str(folder), "SECRET_KEY": SECRET_KEY}
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.compose", "here"]
    try:
        codes = [subprocess.run(command, check=False, env=outside(**variables)).returncode]
        with Postgres() as server:
            codes.append(subprocess.run(command, check=False, env=outside(**variables, DATABASE_URL=server.create("bench"))).returncode)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return max(codes)


def measure() -> int:
    """Fill the database of the environment and print a line for each path."""
    import django  # noqa: PLC0415  # it reads the environment

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  # after django.setup
    from django.db import connection  # noqa: PLC0415  # after django.setup

    from notifier.delivery.compose import message  # noqa: PLC0415  # after django.setup
    from notifier.delivery.load import load  # noqa: PLC0415  # after django.setup
    from notifier.delivery.models import Delivery  # noqa: PLC0415  # after django.setup
    from notifier.delivery.prepare import Composer  # noqa: PLC0415  # after django.setup

    call_command("migrate", verbosity=0)
    _fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    ids = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))
    claims = [ids[start : start + CLAIM] for start in range(0, len(ids), CLAIM)]

    def ordinary(claim: list[int]) -> list[bytes]:
        return [message(letter).message().as_bytes(linesep="\r\n") for letter in load(list(Delivery.objects.filter(pk__in=claim)))]

    composer = Composer()

    def fast(claim: list[int]) -> list[bytes]:
        return [mail.content for mail in composer.prepare(claim).values() if not isinstance(mail, Exception)]

    _measured("ordinary", ordinary, claims[:3], 0)
    _measured("fast, from cold", fast, claims, 0)
    median = _measured("fast, compiled", fast, claims, len(composer._compiled))
    return int(connection.vendor == "postgresql" and median >= LIMIT_MICROSECONDS)


def _measured(name: str, work: Callable[[list[int]], list[bytes]], claims: list[list[int]], shapes: int) -> float:
    """Print a line, and return the median of the claims in microseconds a mail."""
    from django.db import connection  # noqa: PLC0415  # after django.setup
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415  # after django.setup

    spent, octets, mails = [], 0, 0
    for claim in claims:
        begun = time.process_time()
        made = work(claim)
        spent.append((time.process_time() - begun) / len(claim) * 1e6)
        mails += len(made)
        octets += sum(map(len, made))
    with CaptureQueriesContext(connection) as captured:
        work(claims[0])
    median = statistics.median(spent)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    times = f"{median:>9.1f} {statistics.mean(spent):>8.1f}"
    _line(f"{connection.vendor:<10} {name:<22} {mails:>6} {octets // mails:>7} {shapes:>6} {times} {len(captured):>15} {peak:>8}")
    return median


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _fill() -> None:
    """Add customers with a contact each, announce one night to them, and make the deliveries."""
    from customers.models import Component, Contact, ContactRole, Customer, Region, Service, Tier  # noqa: PLC0415  # after django.setup
    from maintenance import booking  # noqa: PLC0415  # after django.setup
    from maintenance.draft import ScopeDraft  # noqa: PLC0415  # after django.setup
    from notifier.calendars import feeds  # noqa: PLC0415  # after django.setup
    from notifier.delivery.fanout import fan_out_due  # noqa: PLC0415  # after django.setup
    from tests.factories import draft  # noqa: PLC0415  # after django.setup

    regions, tiers = list(Region.objects.all()), list(Tier.objects.all())
    components = {component.slug: component for component in Component.objects.filter(slug__in=["netpro.ipsec", "data.mobile-core"])}
    customers = Customer.objects.bulk_create(
        Customer(
            account=f"WLXX{number:06d}",
            name=f"Customer {number} Ltd",
            region=regions[number % len(regions)],
            tier=tiers[number % len(tiers)],
            language=regions[number % len(regions)].language,
            timezone=regions[number % len(regions)].timezone,
            sim_base=100,
        )
        for number in range(CONTACTS)
    )
    contacts = Contact.objects.bulk_create(
        Contact(email=f"contact{number}@customer{number}.example", name=NAMES[number % len(NAMES)]) for number in range(CONTACTS)
    )
    ContactRole.objects.bulk_create(ContactRole(contact=contact, customer=customer, role="noc") for contact, customer in zip(contacts, customers, strict=True))
    Service.objects.bulk_create(
        Service(customer=customer, component=components[slug], domain="provider", object_id=f"{customer.account}-{slug[-5:].upper()}", sims=10)
        for number, customer in enumerate(customers)
        for slug in ("netpro.ipsec", "data.mobile-core")[: 1 + number % 2]
    )
    scopes = tuple(ScopeDraft(component, "provider") for component in components.values())
    booked = booking.book(draft("MNT-2026-0001", scopes=scopes), by="bench", now=NOW)
    booking.announce(booked, acknowledged="bench", by="bench", now=NOW)
    fan_out_due(now=NOW + timedelta(seconds=1))
    feeds.ensure_contacts(contact.pk for contact in contacts)


if __name__ == "__main__":
    sys.exit(measure() if sys.argv[1:] == ["here"] else main())
