"""What a piece of work in a maintenance file must look like (docs/commands.md)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from customers.models import Operator, Service
from maintenance import walltime
from maintenance.draft import WindowDraft
from maintenance.models import Incident, Maintenance, MaintenanceText
from maintenance.said import SaidText
from maintenance.states import Impact
from notifier.desk.imports.customer_sheet import FixedLists
from notifier.desk.imports.faults import shown
from notifier.desk.imports.fields import bounded, component, line_of_text, longest, one_of, paragraphs, zone
from notifier.desk.imports.json_fields import Fields, Place, flag, full_list, full_object, number, text
from notifier.desk.imports.service_sheet import DOMAINS, possible_domain

KEYS = (
    "reference",
    "supplier",
    "supplier_reference",
    "scope",
    "objects",
    "timezone",
    "windows",
    "impact",
    "expected_outage_minutes",
    "texts",
    "incident",
    "accept_english",
)
IMPOSSIBLE_TIMES = frozenset({"end", "gap", "fold"})
"""Codes of faults that stop one piece of work and not the file: the clocks, or a supplier's own times, are not its writer's mistake."""


@dataclass(frozen=True)
class ScopeLine:
    """A component in a domain; an empty operator means any."""

    component: str
    domain: str
    operator: str


@dataclass(frozen=True)
class Work:
    """A piece of work as the file has it, with its codes and slugs; moments in UTC."""

    reference: str
    supplier: str
    supplier_reference: str
    scopes: tuple[ScopeLine, ...]
    objects: tuple[str, ...]
    timezone: ZoneInfo
    windows: tuple[WindowDraft, ...]
    impact: Impact
    expected_outage_minutes: int
    texts: dict[str, SaidText]
    incident: str
    accept_english: bool


def read_work(value: Any, *, place: Place, lists: FixedLists, incidents: Collection[str]) -> Work | None:  # noqa: ANN401  # any JSON value
    """Return the piece of work that begins at ``place``; None where something is wrong, all of which is noted."""
    before = len(place.findings.faults)
    fields = Fields.of(value, place=place, known=KEYS)
    if fields is None:
        return None
    where = fields.required("timezone", lambda value: ZoneInfo(zone(value=text(value), known=lists.zones)))
    values = {
        "reference": fields.required("reference", _line(longest(Maintenance, "reference"))),
        "supplier": fields.optional("supplier", _line(longest(Operator, "code"), may_be_empty=True), default=""),
        "supplier_reference": fields.optional("supplier_reference", _line(longest(Maintenance, "supplier_reference"), may_be_empty=True), default=""),
        "scopes": fields.objects("scope", lambda value, place: _scope(value, place=place, lists=lists)),
        "objects": _object_ids(fields),
        "timezone": where,
        "windows": fields.objects("windows", lambda value, place: _window(value, place=place, where=where)),
        "impact": fields.required("impact", lambda value: Impact(one_of(value=text(value), allowed=Impact.values))),
        "expected_outage_minutes": fields.required("expected_outage_minutes", lambda value: bounded(value=number(value), least=0)),
        "texts": _texts(fields, languages=lists.languages),
        "incident": fields.optional("incident", lambda value: _incident(text(value), known=incidents), default=""),
        "accept_english": fields.optional("accept_english", flag, default=False),
    }
    return Work(**values) if len(place.findings.faults) == before else None


def _line(most: int, *, may_be_empty: bool = False) -> Any:  # noqa: ANN401  # a rule
    return lambda value: line_of_text(value=text(value), longest=most, may_be_empty=may_be_empty)


def _scope(value: Any, *, place: Place, lists: FixedLists) -> ScopeLine | None:  # noqa: ANN401  # any JSON value
    fields = Fields.of(value, place=place, known=("component", "domain", "operator"))
    if fields is None:
        return None
    slug = fields.required("component", lambda value: component(value=text(value), known=lists.components))
    domain = fields.required("domain", lambda value: one_of(value=text(value), allowed=DOMAINS))
    operator = fields.optional("operator", _line(longest(Operator, "code"), may_be_empty=True), default="")
    if slug and domain:
        place.field("domain").take(lambda domain: possible_domain(slug=slug, domain=domain, possible=lists.components[slug]), domain)
    if domain == "provider" and operator:
        place.field("operator").refuse(_("must be empty: only the domain mno has operators"))
    return ScopeLine(slug, domain, operator)


def _window(value: Any, *, place: Place, where: ZoneInfo | None) -> WindowDraft | None:  # noqa: ANN401  # any JSON value
    fields = Fields.of(value, place=place, known=("start", "end", "objects", "alternate"))
    if fields is None:
        return None
    start, end = (fields.required(name, lambda value: _moment(text(value), where=where)) for name in ("start", "end"))
    objects = _object_ids(fields)
    alternate = fields.optional("alternate", flag, default=False)
    if start is None or end is None:
        return None
    if end <= start:
        place.field("end").refuse(
            _("%(end)s is not after the start, %(start)s") % {"end": shown(fields.value["end"]), "start": shown(fields.value["start"])},
            code="end",
        )
    return WindowDraft(start, end, objects, alternate)


def _moment(written: str, *, where: ZoneInfo | None) -> datetime | None:
    """Return the moment in UTC; None where the zone is not known, so that nothing can be said."""
    return None if where is None else walltime.parse(written, where)


def _object_ids(fields: Fields) -> tuple[str, ...]:
    """Return the object ids of a maintenance or of a window; left out, nothing is narrowed."""
    items = fields.optional("objects", full_list, default=())
    place = fields.place.field("objects")
    rule = _line(longest(Service, "object_id"))
    found: list[str] = []
    for position, item in enumerate(items or ()):
        object_id = place.item(position).take(rule, item)
        if object_id in found:
            place.item(position).refuse(_("%(value)s is named twice") % {"value": shown(object_id)})
        elif object_id is not None:
            found.append(object_id)
    return tuple(found)


def _texts(fields: Fields, *, languages: Collection[str]) -> dict[str, SaidText]:
    place = fields.place.field("texts")
    written = fields.required("texts", full_object) or {}
    for language in getattr(written, "doubled", ()):
        place.item(language if language in languages else shown(language)).refuse(_("is written more than once"))
    found = {}
    for language, value in written.items():
        here = place.item(language if language in languages else shown(language))
        here.take(lambda language: one_of(value=language, allowed=languages), language)
        words = Fields.of(value, place=here, known=("title", "impact", "description"))
        if words is not None:
            found[language] = SaidText(
                title=words.required("title", _line(longest(MaintenanceText, "title"))),
                impact=words.required("impact", lambda value: paragraphs(value=text(value))),
                description=words.required("description", lambda value: paragraphs(value=text(value))),
            )
    return found


def _incident(reference: str, *, known: Collection[str]) -> str:
    line_of_text(value=reference, longest=longest(Incident, "reference"), may_be_empty=True)
    if reference and reference not in known:
        raise ValidationError(
            _("%(value)s is no incident; open it first: manage.py incident open"),
            code="unknown",
            params={"value": shown(reference)},
        )
    return reference
