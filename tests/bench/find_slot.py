"""``python -m tests.bench.find_slot``: how long the slot finder takes over 100,000 services, 60 days and a grid of quarter hours.

A temporary database is filled and dropped for each of SQLite and PostgreSQL. The exit code is 1 where the median is not below the limit.
"""

import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.environment import SECRET_KEY, outside
from tests.servers.postgres import Postgres

LIMIT_SECONDS = 1.0
CUSTOMERS, SERVICES, OTHERS = 25_000, 100_000, 120
DAYS, RUNS = 60, 7
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
ZONES = ("Europe/London", "Europe/Madrid", "Atlantic/Canary", "Europe/Paris", "Europe/Berlin", "America/New_York", "America/Los_Angeles", "Asia/Shanghai")
KINDS = (("netpro.ipsec", "provider"), ("data.mobile-core", "provider"), ("data.mobile-core", "mno"), ("data.private-apn", "mno"), ("platform.api", "provider"))


def main() -> int:
    """Measure both databases, each in a process of its own; return the exit code."""
    _line(f"{'database':<10} {'searched by':<11} {'customers':>9} {'services':>9} {'offered':>7} {'queries':>7} {'median s':>9} {'worst s':>8}")
    folder = Path(tempfile.mkdtemp(prefix="notifier-bench-"))
    (folder / "static").mkdir()
    variables = {"DATA_DIR": str(folder), "SECRET_KEY": SECRET_KEY}
    command = [sys.executable, "-W", "ignore", "-m", "tests.bench.find_slot", "here"]
    try:
        codes = [subprocess.run(command, check=False, env=outside(**variables)).returncode]
        with Postgres() as server:
            codes.append(subprocess.run(command, check=False, env=outside(**variables, DATABASE_URL=server.create("bench"))).returncode)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return max(codes)


def measure() -> int:
    """Fill the database of the environment and print a line for each way to search."""
    import django  # noqa: PLC0415  # it reads the environment

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415  # after django.setup
    from django.db import connection  # noqa: PLC0415  # after django.setup
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415  # after django.setup

    call_command("migrate", verbosity=0)
    _fill()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    medians = []
    for name, work in _works().items():
        with CaptureQueriesContext(connection) as captured:
            offered, hit = _find(work)
        seconds = []
        for _ in range(RUNS):
            begun = time.perf_counter()
            _find(work)
            seconds.append(time.perf_counter() - begun)
        medians.append(statistics.median(seconds))
        _line(
            f"{connection.vendor:<10} {name:<11} {hit:>9} {SERVICES:>9} {offered:>7} {len(captured):>7} {medians[-1]:>9.3f} {max(seconds):>8.3f}",
        )
    return int(max(medians) >= LIMIT_SECONDS)


def _works() -> dict[str, Any]:
    """Return work that hits all services, as the scopes of a form and as a stored draft."""
    from customers.models import Component  # noqa: PLC0415  # after django.setup
    from maintenance import slot_search  # noqa: PLC0415  # after django.setup
    from maintenance.draft import ScopeDraft  # noqa: PLC0415  # after django.setup
    from maintenance.models import Maintenance, Scope, Window  # noqa: PLC0415  # after django.setup

    components = {component.slug: component for component in Component.objects.all()}
    row = Maintenance.objects.create(reference="DRAFT", timezone="UTC", impact="outage", expected_outage_minutes=30, created_at=NOW, created_by="bench")
    Scope.objects.bulk_create(Scope(maintenance=row, component=components[slug], domain=domain) for slug, domain in KINDS)
    Window.objects.create(maintenance=row, number=1, start=NOW + timedelta(days=20), end=NOW + timedelta(days=20, hours=2), changed_at=NOW)
    return {"scopes": slot_search.work_on([ScopeDraft(components[slug], domain) for slug, domain in KINDS]), "draft": slot_search.work_of(row)}


def _find(work: Any) -> tuple[int, int]:  # noqa: ANN401  # slot_search.Work, which can be imported only after django.setup
    """Find slots; return how many are offered, and for how many customers."""
    from maintenance import slot_search  # noqa: PLC0415  # after django.setup
    from maintenance.states import Impact  # noqa: PLC0415  # after django.setup

    first = NOW.date()
    last = first + timedelta(days=DAYS - 1)
    asked = slot_search.wanted(length=timedelta(hours=2), first=first, last=last, zone=ZoneInfo("Europe/London"), impact=Impact.OUTAGE)
    slots = slot_search.search(work, asked, now=NOW)
    return len(slots.offered), slots.customers


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _fill() -> None:
    """Add customers, services, other work (each fourth on objects of its own) and freezes; an index stands for what is random."""
    from customers.models import Component, Customer, Operator, Region, Service, Tier  # noqa: PLC0415  # after django.setup

    regions, tier = list(Region.objects.all()), Tier.objects.get(slug="standard")
    operators = Operator.objects.bulk_create([Operator(code=f"mno-{number}") for number in range(20)])
    components = {component.slug: component for component in Component.objects.all()}
    customers = [
        Customer(
            account=f"ACC{number:06d}",
            name=f"Customer {number}",
            region=regions[number % len(regions)],
            tier=tier,
            language="en",
            timezone=ZONES[number % len(ZONES)],
            sim_base=100 + number % 5000,
            notice_days=14 if number % 50 == 0 else None,
        )
        for number in range(CUSTOMERS)
    ]
    Customer.objects.bulk_create(customers, batch_size=5000)
    services = []
    for number in range(SERVICES):
        slug, domain = KINDS[(number // 7) % len(KINDS)]
        operator = operators[number % len(operators)] if domain == "mno" else None
        services.append(
            Service(
                customer=customers[number % CUSTOMERS],
                component=components[slug],
                domain=domain,
                operator=operator,
                object_id=f"OBJ-{number:06d}",
                sims=1 + number % 900,
            ),
        )
    Service.objects.bulk_create(services, batch_size=5000)
    _fill_others(components, regions)


def _fill_others(components: dict[str, Any], regions: list[Any]) -> None:
    from maintenance import notices  # noqa: PLC0415  # after django.setup
    from maintenance.models import Freeze, Maintenance, NamedObject, Scope, Window  # noqa: PLC0415  # after django.setup

    for number in range(OTHERS):
        slug, domain = KINDS[number % len(KINDS)]
        row = Maintenance.objects.create(
            reference=f"MNT-{number}", timezone="UTC", impact="outage", expected_outage_minutes=30, state="announced", created_at=NOW, created_by="bench"
        )
        Scope.objects.create(maintenance=row, component=components[slug], domain=domain)
        if number % 4 == 0:
            NamedObject.objects.bulk_create(NamedObject(maintenance=row, object_id=f"OBJ-{one:06d}") for one in range(number * 100, number * 100 + 200))
        starts = [NOW + timedelta(days=11 + (number * 3 + night * 5) % 49, hours=10 + number % 8) for night in range(4)]
        windows = [
            Window(maintenance=row, number=n, start=start, end=start + timedelta(hours=3), state="announced", promised_since=NOW, changed_at=NOW)
            for n, start in enumerate(starts, start=1)
        ]
        notices.issue(row, said=notices.snapshot(row, windows), by="bench", now=NOW, decision={})  # the database asks for what promised them
        Window.objects.bulk_create(windows)
    Freeze.objects.create(name="Black Friday", start=NOW + timedelta(days=4), end=NOW + timedelta(days=9))
    Freeze.objects.create(name="Year end", start=NOW + timedelta(days=28), end=NOW + timedelta(days=44), region=regions[0])


if __name__ == "__main__":
    sys.exit(measure() if "here" in sys.argv[1:] else main())
