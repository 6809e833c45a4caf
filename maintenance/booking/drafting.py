"""Drafts: booked and rewritten without a word to anybody."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from maintenance.booking.rows import locked, sum_up
from maintenance.draft import Draft, WindowDraft
from maintenance.draft_rules import check
from maintenance.models import Maintenance, MaintenanceText, NamedObject, Scope, Window
from maintenance.preconditions import not_a_draft
from maintenance.states import WindowState


@transaction.atomic
def book(draft: Draft, *, by: str, now: datetime) -> Maintenance:
    """Store a draft; nobody is told."""
    check(draft)
    maintenance = Maintenance(created_at=now, created_by=by)
    write_facts(maintenance, draft)
    write_scope(maintenance, draft)
    write_texts(maintenance, draft)
    add_windows(maintenance, list(draft.windows), first=1, now=now)
    return maintenance


@transaction.atomic
def rewrite(maintenance: Maintenance, draft: Draft, *, by: str, now: datetime) -> Maintenance:
    """Replace what a draft says. Raises ValidationError where it was announced already."""
    held = locked(maintenance)
    if held.state != WindowState.DRAFT:
        raise not_a_draft(held, _("only a draft can be rewritten"))
    check(draft)
    held.windows.all().delete()
    held.created_by = by
    write_facts(held, draft)
    write_scope(held, draft)
    write_texts(held, draft)
    add_windows(held, list(draft.windows), first=1, now=now)
    sum_up(held)
    return held


def write_facts(maintenance: Maintenance, draft: Draft) -> None:
    """Store what is said once of the work."""
    maintenance.reference = draft.reference
    maintenance.supplier = draft.supplier
    maintenance.supplier_reference = draft.supplier_reference
    maintenance.supplier_notified_at = draft.supplier_notified_at
    maintenance.timezone = draft.timezone
    maintenance.impact = draft.impact
    maintenance.expected_outage_minutes = draft.expected_outage_minutes
    maintenance.incident = draft.incident
    maintenance.accept_english = draft.accept_english
    maintenance.full_clean()
    maintenance.save()


def write_scope(maintenance: Maintenance, draft: Draft) -> None:
    """Replace the scopes and the objects that narrow all of them."""
    maintenance.scopes.all().delete()
    maintenance.objects_named.filter(window=None).delete()
    Scope.objects.bulk_create(Scope(maintenance=maintenance, component=scope.component, domain=scope.domain, operator=scope.operator) for scope in draft.scopes)
    NamedObject.objects.bulk_create(NamedObject(maintenance=maintenance, object_id=name) for name in dict.fromkeys(draft.objects))


def write_texts(maintenance: Maintenance, draft: Draft) -> None:
    """Replace the planner's words."""
    maintenance.texts.all().delete()
    MaintenanceText.objects.bulk_create(
        MaintenanceText(maintenance=maintenance, language=language, title=text.title, impact=text.impact, description=text.description)
        for language, text in draft.texts.items()
    )


def add_windows(maintenance: Maintenance, drafts: list[WindowDraft], *, first: int, now: datetime) -> list[Window]:
    """Add windows as drafts, numbered from ``first``, with the objects that narrow them."""
    windows = Window.objects.bulk_create(
        Window(maintenance=maintenance, number=number, start=window.start, end=window.end, alternate=window.alternate, changed_at=now)
        for number, window in enumerate(drafts, start=first)
    )
    for window, wanted in zip(windows, drafts, strict=True):
        narrow(maintenance, window, wanted.objects)
    return windows


def narrow(maintenance: Maintenance, window: Window, objects: tuple[str, ...]) -> None:
    """Replace the objects that narrow one window."""
    window.objects_named.all().delete()
    NamedObject.objects.bulk_create(NamedObject(maintenance=maintenance, window=window, object_id=name) for name in dict.fromkeys(objects))
