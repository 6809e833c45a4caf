"""A maintenance of the database as the draft that would book it, to be compared with what a file says."""

from collections.abc import Iterable
from dataclasses import fields

from maintenance.draft import Draft
from maintenance.models import Maintenance
from maintenance.stored_draft import as_draft

_NAMES_IN_FILES = {"scopes": "scope"}


def by_reference(references: Iterable[str]) -> dict[str, Maintenance]:
    """Return those that exist, with all that ``as_draft`` reads, in a constant number of queries."""
    rows = Maintenance.objects.filter(reference__in=list(references)).select_related("supplier", "incident")
    rows = rows.prefetch_related("scopes__component", "scopes__operator", "windows__objects_named", "objects_named", "texts")
    return {maintenance.reference: maintenance for maintenance in rows}


def all_of_it(maintenance: Maintenance) -> Draft:
    """Return it with every window that it ever had."""
    return as_draft(maintenance, also=[window.number for window in maintenance.windows.all()])


def differences(booked: Draft, wanted: Draft) -> list[str]:
    """Return the keys of the file in which the two differ; the order of scopes and objects says nothing."""
    return [_NAMES_IN_FILES.get(one.name, one.name) for one in fields(Draft) if _compared(booked, one.name) != _compared(wanted, one.name)]


def _compared(draft: Draft, name: str) -> object:
    if name == "scopes":
        return set(draft.scopes)
    if name == "objects":
        return set(draft.objects)
    if name == "windows":
        return [(window.start, window.end, set(window.objects), window.alternate) for window in draft.windows]
    return getattr(draft, name)
