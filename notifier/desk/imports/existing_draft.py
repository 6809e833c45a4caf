"""A maintenance of the database as the draft that would book it, to be compared with what a file says."""

from collections.abc import Iterable
from dataclasses import fields

from maintenance.draft import Draft, ScopeDraft, WindowDraft
from maintenance.models import Maintenance
from maintenance.said import SaidText
from maintenance.states import Impact

_NAMES_IN_FILES = {"scopes": "scope"}


def by_reference(references: Iterable[str]) -> dict[str, Maintenance]:
    """Return those that exist, with all that ``as_draft`` reads, in a constant number of queries."""
    rows = Maintenance.objects.filter(reference__in=list(references)).select_related("supplier", "incident")
    rows = rows.prefetch_related("scopes__component", "scopes__operator", "windows__objects_named", "objects_named", "texts")
    return {maintenance.reference: maintenance for maintenance in rows}


def as_draft(maintenance: Maintenance) -> Draft:
    """Return what is booked, as values."""
    windows = sorted(maintenance.windows.all(), key=lambda window: window.number)
    return Draft(
        reference=maintenance.reference,
        timezone=maintenance.timezone,
        scopes=tuple(ScopeDraft(scope.component, scope.domain, scope.operator) for scope in maintenance.scopes.all()),
        windows=tuple(WindowDraft(window.start, window.end, tuple(named.object_id for named in window.objects_named.all())) for window in windows),
        impact=Impact(maintenance.impact),
        expected_outage_minutes=maintenance.expected_outage_minutes,
        texts={text.language: SaidText(text.title, text.impact, text.description) for text in maintenance.texts.all()},
        supplier=maintenance.supplier,
        supplier_reference=maintenance.supplier_reference,
        objects=tuple(named.object_id for named in maintenance.objects_named.all() if named.window_id is None),
        incident=maintenance.incident,
        accept_english=maintenance.accept_english,
    )


def differences(booked: Draft, wanted: Draft) -> list[str]:
    """Return the keys of the file in which the two differ; the order of scopes and objects says nothing."""
    return [_NAMES_IN_FILES.get(one.name, one.name) for one in fields(Draft) if _compared(booked, one.name) != _compared(wanted, one.name)]


def _compared(draft: Draft, name: str) -> object:
    if name == "scopes":
        return set(draft.scopes)
    if name == "objects":
        return set(draft.objects)
    if name == "windows":
        return [(window.start, window.end, set(window.objects)) for window in draft.windows]
    return getattr(draft, name)
