"""Customers, contacts and services from files into the database: all of it or nothing."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import Component, Customer, Region, Tier
from notifier.desk.imports.contact_sheet import ContactRow, contact_form
from notifier.desk.imports.customer_sheet import CustomerRow, FixedLists, customer_form
from notifier.desk.imports.customer_upserts import upsert_contacts, upsert_customers, upsert_services
from notifier.desk.imports.faults import Findings, Refused
from notifier.desk.imports.fields import zone_names
from notifier.desk.imports.files import content_of
from notifier.desk.imports.service_sheet import ServiceRow, service_form
from notifier.desk.imports.sheet import Form, Sheet, Value, read_sheet
from notifier.desk.imports.upsert import Change

Progress = Callable[[str], None]


@dataclass(frozen=True)
class CustomerFiles:
    """The files of one run; None where a kind is left out."""

    customers: Path | None = None
    contacts: Path | None = None
    services: Path | None = None


@dataclass(frozen=True)
class Sheets:
    """What was read from the files of one run."""

    customers: Sheet[CustomerRow] | None
    contacts: Sheet[ContactRow] | None
    services: Sheet[ServiceRow] | None

    def refuse_faults(self) -> None:
        """Raise Refused with the faults of all files, if there are any."""
        read = (self.customers, self.contacts, self.services)
        faults = [fault for sheet in read if sheet is not None for fault in sheet.findings.in_order()]
        if faults:
            raise Refused(faults)


def import_customers(*, files: CustomerFiles, dry_run: bool, progress: Progress) -> dict[str, Counter[Change]]:
    """Insert or update by key in one transaction and return the counts by kind of file; rows absent from the files stay.

    Raises Refused with every fault of every file, having changed nothing. A dry run is rolled back at its end.
    """
    with transaction.atomic():
        sheets = read_sheets(files=files, progress=progress)
        sheets.refuse_faults()
        counts = {}
        if sheets.customers is not None:
            progress(_("writing %(file)s") % {"file": files.customers})
            counts["customers"] = Counter(upsert_customers([row for _line, row in sheets.customers.rows]))
        if sheets.contacts is not None:
            progress(_("writing %(file)s") % {"file": files.contacts})
            counts["contacts"] = Counter(upsert_contacts([row for _line, row in sheets.contacts.rows]))
        if sheets.services is not None:
            progress(_("writing %(file)s") % {"file": files.services})
            counts["services"] = Counter(upsert_services([row for _line, row in sheets.services.rows]))
        if dry_run:
            transaction.set_rollback(True)
    return counts


def read_sheets(*, files: CustomerFiles, progress: Progress) -> Sheets:
    """Read and check the files; contacts and services may name accounts of the same run's customers or of the database."""
    lists = fixed_lists()
    customers = _read(files.customers, customer_form(lists=lists), progress)
    accounts = None
    if customers is None or customers.complete:
        here = {account for (account,) in customers.seen} if customers else set()
        accounts = here | set(Customer.objects.values_list("account", flat=True))
    contacts = _read(files.contacts, contact_form(lists=lists, accounts=accounts), progress)
    services = _read(files.services, service_form(lists=lists, accounts=accounts), progress)
    return Sheets(customers, contacts, services)


def fixed_lists() -> FixedLists:
    """Return what fields choose from."""
    return FixedLists(
        regions=list(Region.objects.values_list("slug", flat=True)),
        tiers=list(Tier.objects.values_list("slug", flat=True)),
        languages=[code for code, _name in settings.LANGUAGES],
        zones=zone_names(),
        components={component.slug: component.domains() for component in Component.objects.all()},
    )


def _read(path: Path | None, form: Form[Value], progress: Progress) -> Sheet[Value] | None:
    if path is None:
        return None
    progress(_("reading %(file)s") % {"file": path})
    findings = Findings(str(path))
    return read_sheet(content_of(path, findings), form=form, findings=findings)
