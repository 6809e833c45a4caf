"""An empty database with customers, each with one contact, one role and one service: rows made by SQL, as Python would take minutes."""

import time

from django.core.management import call_command
from django.db import connection

from customers.models import Component, Contact, Region, Tier
from notifier.calendars import feeds
from tests.bench.measured import say

NUMBERS = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < %s)"
_CUSTOMERS = """INSERT INTO customers_customer (account, name, region_id, tier_id, language, timezone, sim_base)
{numbers} SELECT 'ACC' || (10000000 + n), 'Customer ' || n || ' Ltd', %s, %s, 'en', 'Europe/London', 10 FROM numbers"""
_CONTACTS = """INSERT INTO customers_contact (email, name, language, timezone, progress, reminders, bounce_reason)
{numbers} SELECT 'contact' || n || '@customer.example', 'Contact ' || n, '', '', TRUE, TRUE, '' FROM numbers"""
_ROLES = """INSERT INTO customers_contactrole (contact_id, customer_id, role)
{numbers} SELECT contacts.first + n, customers.first + n, 'noc'
FROM numbers, (SELECT min(id) - 1 AS first FROM customers_contact) contacts, (SELECT min(id) - 1 AS first FROM customers_customer) customers"""
_SERVICES = """INSERT INTO customers_service (customer_id, component_id, domain, object_id, sims, held_since)
SELECT id, %s, 'provider', account || '-IPSEC', 10, '2020-01-01 00:00:00+00:00' FROM customers_customer"""
_AT_ONCE = 5000


def main(number: str, with_feeds: str = "") -> None:
    """Migrate and add ``number`` of each; with feeds each contact has an address of its own for its calendar already."""
    call_command("migrate", verbosity=0)
    begun = time.perf_counter()
    people(int(number))
    seconds = time.perf_counter() - begun
    if with_feeds:
        keys = list(Contact.objects.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(keys), _AT_ONCE):
            feeds.ensure_contacts(keys[start : start + _AT_ONCE])
    look_at_rows()
    say({"contacts": int(number), "seconds": seconds})


def people(number: int) -> None:
    """Add that many customers, with a contact and a service each."""
    region, tier = Region.objects.get(slug="uk"), Tier.objects.get(slug="standard")
    component = Component.objects.get(slug="netpro.ipsec")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("ALTER SYSTEM SET max_wal_size = '4GB'")  # as whoever has so many rows would: no checkpoint every few seconds
            cursor.execute("SELECT pg_reload_conf()")
        cursor.execute(_CUSTOMERS.format(numbers=NUMBERS), [number, region.pk, tier.pk])
        cursor.execute(_CONTACTS.format(numbers=NUMBERS), [number])
        cursor.execute(_ROLES.format(numbers=NUMBERS), [number])
        cursor.execute(_SERVICES, [component.pk])


def look_at_rows() -> None:
    """Let the database plan by what is in it, as it does by itself after a while."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")
