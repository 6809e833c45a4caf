"""A maintenance of the database as the draft that would book it."""

from collections.abc import Collection

from maintenance.draft import Draft, ScopeDraft, WindowDraft
from maintenance.models import Maintenance, Window
from maintenance.said import SaidText
from maintenance.states import Impact, WindowState


def as_draft(maintenance: Maintenance, *, also: Collection[int] = ()) -> Draft:
    """Return what is booked or announced and still to come, as values; ``also``: numbers of other windows, such as postponed ones."""
    windows = sorted(maintenance.windows.all(), key=lambda window: window.number)
    coming = {WindowState.DRAFT, WindowState.ANNOUNCED}
    return Draft(
        reference=maintenance.reference,
        timezone=maintenance.timezone,
        scopes=tuple(ScopeDraft(scope.component, scope.domain, scope.operator) for scope in maintenance.scopes.all()),
        windows=tuple(_window(window) for window in windows if window.state in coming or window.number in also),
        impact=Impact(maintenance.impact),
        expected_outage_minutes=maintenance.expected_outage_minutes,
        texts={text.language: SaidText(text.title, text.impact, text.description) for text in maintenance.texts.all()},
        supplier=maintenance.supplier,
        supplier_reference=maintenance.supplier_reference,
        objects=tuple(named.object_id for named in maintenance.objects_named.all() if named.window_id is None),
        incident=maintenance.incident,
        accept_english=maintenance.accept_english,
        supplier_notified_at=maintenance.supplier_notified_at,
    )


def _window(window: Window) -> WindowDraft:
    objects = tuple(named.object_id for named in window.objects_named.all())
    return WindowDraft(window.start, window.end, objects, window.alternate, window.number)
