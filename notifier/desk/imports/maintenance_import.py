"""Pieces of work from a file into drafts; then announced one by one, as far as the policy allows."""

from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from customers.models import Component, Operator
from maintenance import booking
from maintenance.draft import Draft, ScopeDraft
from maintenance.draft_rules import check
from maintenance.models import Incident, Maintenance
from maintenance.states import WindowState
from notifier.desk.imports.customer_import import Progress, fixed_lists
from notifier.desk.imports.existing_draft import all_of_it, by_reference, differences
from notifier.desk.imports.faults import Findings, Refused, shown, worded
from notifier.desk.imports.files import content_of
from notifier.desk.imports.json_fields import Place
from notifier.desk.imports.json_list import read_items
from notifier.desk.imports.upsert import operators_by_code
from notifier.desk.imports.work_form import IMPOSSIBLE_TIMES, Work, read_work


@dataclass
class Report:
    """References by what became of them; ``refused`` pairs a reference with each reason, ``warned`` with what stood in its way and was acknowledged."""

    booked: list[str] = field(default_factory=list)
    rewritten: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    announced: list[str] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    warned: list[tuple[str, str]] = field(default_factory=list)

    @property
    def refused_references(self) -> list[str]:
        """Each refused reference once."""
        return list(dict.fromkeys(reference for reference, _reason in self.refused))


@dataclass(frozen=True)
class Author:
    """Who imports, the clock that is read for each change, and why conflicts do not stand in the way (empty: because the file says so)."""

    by: str
    clock: Callable[[], datetime]
    acknowledged: str = ""


def import_maintenance(*, path: Path, announce: bool, dry_run: bool, author: Author, progress: Progress) -> Report:
    """Book what is new, rewrite drafts that differ, and announce where asked; what is announced already is never changed.

    Raises Refused with every fault of the file, having changed nothing. A piece of work at impossible times (the end not after the
    start, a wall time that does not exist or exists twice) is left out and listed. Each announcement is a transaction of its own,
    so that a refusal costs the others nothing. A dry run does it all in one transaction, which is rolled back.
    """
    with transaction.atomic() if dry_run else nullcontext():
        report = Report()
        with transaction.atomic():
            drafts = _store(path=path, author=author, report=report, progress=progress)
        if announce:
            _announce(drafts, author=author, report=report, progress=progress)
        if dry_run:
            transaction.set_rollback(True)
    return report


def read_works(content: bytes | None, *, findings: Findings, report: Report) -> list[tuple[Place, Work]]:
    """Return place and piece of work, less those with a fault; each reference may stand once. Impossible times go to the report, too."""
    lists, incidents = fixed_lists(), set(Incident.objects.values_list("reference", flat=True))
    items = [] if content is None else read_items(content, findings)
    begin_on = Counter(line for line, _value in items)
    works, first = [], dict[str, Place]()
    for position, (line, value) in enumerate(items):
        place = Place(findings, line, f"[{position}]" if begin_on[line] > 1 else "")
        before = len(findings.faults)
        work = read_work(value, place=place, lists=lists, incidents=incidents)
        reference = value.get("reference") if isinstance(value, dict) else None
        if isinstance(reference, str) and first.setdefault(reference, place) is not place:
            place.field("reference").refuse(_("%(value)s stands on line %(line)d already") % {"value": shown(reference), "line": first[reference].line})
        elif work is not None:
            works.append((place, work))
        report.refused.extend((str(reference), str(fault)) for fault in findings.faults[before:] if fault.code in IMPOSSIBLE_TIMES)
    return works


def _store(*, path: Path, author: Author, report: Report, progress: Progress) -> list[Maintenance]:
    """Book and rewrite; return those that are drafts now."""
    progress(_("reading %(file)s") % {"file": path})
    findings = Findings(str(path))
    works = read_works(content_of(path, findings), findings=findings, report=report)
    existing = by_reference(work.reference for _place, work in works)
    drafts = []
    for place, draft in _drafts(works):
        with findings.at(place.line, place.path):
            check(draft)
            maintenance = _booked(draft, existing.get(draft.reference), author=author, report=report)
            if maintenance.state == WindowState.DRAFT:
                drafts.append(maintenance)
    if any(fault.code not in IMPOSSIBLE_TIMES for fault in findings.faults):
        raise Refused(findings.in_order())
    return drafts


def _drafts(works: list[tuple[Place, Work]]) -> list[tuple[Place, Draft]]:
    components = {component.slug: component for component in Component.objects.all()}
    incidents = {incident.reference: incident for incident in Incident.objects.all()}
    operators = operators_by_code(code for _place, work in works for code in (work.supplier, *(scope.operator for scope in work.scopes)))
    return [(place, _draft(work, components=components, incidents=incidents, operators=operators)) for place, work in works]


def _draft(work: Work, *, components: dict[str, Component], incidents: dict[str, Incident], operators: dict[str, Operator]) -> Draft:
    return Draft(
        reference=work.reference,
        timezone=work.timezone,
        scopes=tuple(ScopeDraft(components[scope.component], scope.domain, operators.get(scope.operator)) for scope in work.scopes),
        windows=work.windows,
        impact=work.impact,
        expected_outage_minutes=work.expected_outage_minutes,
        texts=work.texts,
        supplier=operators.get(work.supplier),
        supplier_reference=work.supplier_reference,
        objects=work.objects,
        incident=incidents.get(work.incident),
        accept_english=work.accept_english,
    )


def _booked(draft: Draft, existing: Maintenance | None, *, author: Author, report: Report) -> Maintenance:
    if existing is None:
        report.booked.append(draft.reference)
        return booking.book(draft, by=author.by, now=author.clock())
    different = differences(all_of_it(existing), draft)
    if not different:
        report.unchanged.append(draft.reference)
        return existing
    if existing.state == WindowState.DRAFT:
        report.rewritten.append(draft.reference)
        return booking.rewrite(existing, draft, by=author.by, now=author.clock())
    reason = _("is %(state)s and differs in: %(keys)s; it was not changed, use manage.py maintenance move or cancel")
    report.refused.append((draft.reference, reason % {"state": existing.get_state_display(), "keys": ", ".join(different)}))
    return existing


def _announce(drafts: list[Maintenance], *, author: Author, report: Report, progress: Progress) -> None:
    for position, maintenance in enumerate(drafts, start=1):
        progress(
            _("announcing %(reference)s (%(position)d of %(all)d)") % {"reference": maintenance.reference, "position": position, "all": len(drafts)},
        )
        try:
            reason = author.acknowledged or _("announced from a file")
            booking.announce(maintenance, acknowledged=reason, by=author.by, now=author.clock())
        except ValidationError as error:
            report.refused.extend((maintenance.reference, message) for _field, message in worded(error))
        else:
            report.announced.append(maintenance.reference)
            report.warned.extend((maintenance.reference, what) for what in maintenance.acknowledgements.values_list("what", flat=True))
