"""Announce, and change what was announced: covered changes at once, anything else with full notice of its own."""

from dataclasses import replace
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from maintenance.booking.carrying_out import Asker, Wanted, carry_out
from maintenance.booking.drafting import add_windows, narrow, rewrite, write_facts, write_scope, write_texts
from maintenance.booking.rows import OPEN, find_window, locked, store
from maintenance.coverage import unserved_by_window
from maintenance.draft import Draft, Late
from maintenance.draft_rules import check
from maintenance.models import Maintenance, Notice, Window
from maintenance.notices import not_told_of
from maintenance.preconditions import check_not_over, not_a_draft, wrong_state
from maintenance.standing import Standing, account_sample
from maintenance.states import WindowState
from maintenance.stored_draft import as_draft

_GIVEN_UP = (WindowState.POSTPONED, WindowState.CANCELLED, WindowState.NOT_COMPLETED)
"""States of a window that did not, or will not, do the work."""
MOVABLE = (*OPEN, WindowState.POSTPONED)
"""States in which a window can be given other times: a postponed one takes place again, with its own notice."""


@transaction.atomic
def announce(maintenance: Maintenance, *, late: Late | None = None, acknowledged: str = "", by: str, now: datetime) -> Notice:
    """Tell every customer hit. ``acknowledged``: why freezes and conflicts that are known do not stand in the way.

    ``late``: work that cannot keep the notice is told all the same, as a breach. Raises ValidationError where notice is too short, a
    reader's language is missing, or something stands in the way.
    """
    held = locked(maintenance)
    if held.state != WindowState.DRAFT:
        raise not_a_draft(held, _("only a draft can be announced"))
    windows = list(held.windows.all())
    check_not_over(windows, held, now=now)
    wanted = Wanted(windows, windows, frozenset(window.number for window in windows))
    notice = carry_out(held, wanted, Asker(by, now, late, acknowledged))
    if notice is None:
        raise not_a_draft(held, _("only a draft can be announced"))
    return notice


@transaction.atomic
def move(  # noqa: PLR0913  # each is a fact of its own, given by name
    maintenance: Maintenance,
    *,
    number: int,
    start: datetime,
    end: datetime,
    late: Late | None = None,
    acknowledged: str = "",
    by: str,
    now: datetime,
) -> Notice | None:
    """Give a window other times: within the announced ones at once, otherwise with full notice of its own. A draft is just changed."""
    held = locked(maintenance)
    window = find_window(held, number)
    if end <= start:
        raise ValidationError(_("A window must end after it starts."), code="end")
    if (start, end) == (window.start, window.end) and window.state != WindowState.POSTPONED:
        raise ValidationError(_("Window %(window)s has these times already."), code="same", params={"window": str(window)})
    if window.state not in MOVABLE:
        raise wrong_state(window, _("only a window that has not begun can be moved"))
    if held.state == WindowState.DRAFT:
        window.start, window.end = start, end
        store([window], now=now)
        return None
    draft = as_draft(held, also=[number])
    windows = tuple(replace(one, start=start, end=end) if one.number == number else one for one in draft.windows)
    return revise(held, replace(draft, windows=windows), late=late, acknowledged=acknowledged, by=by, now=now)


@transaction.atomic
def take_alternate(maintenance: Maintenance, *, number: int, instead_of: int | None = None, acknowledged: str = "", by: str, now: datetime) -> Notice | None:
    """Use an announced alternate window: it needs no notice of its own. ``instead_of``: the window that it replaces, which is cancelled.

    Raises ValidationError where something stands in the way.
    """
    held = locked(maintenance)
    window = find_window(held, number)
    if not window.alternate or window.state != WindowState.ANNOUNCED:
        raise wrong_state(window, _("only an announced alternate can be taken"))
    draft = as_draft(held)
    if instead_of is None and not held.windows.filter(state__in=_GIVEN_UP).exists():
        raise wrong_state(window, _("say which window it replaces, as none has been given up"))
    if instead_of is not None and instead_of not in {one.number for one in draft.windows if not one.alternate}:
        raise wrong_state(find_window(held, instead_of), _("only a window that has not begun can be replaced"))
    windows = tuple(replace(one, alternate=False) if one.number == number else one for one in draft.windows if one.number != instead_of)
    return revise(held, replace(draft, windows=windows), acknowledged=acknowledged, by=by, now=now)


@transaction.atomic
def revise(maintenance: Maintenance, draft: Draft, *, late: Late | None = None, acknowledged: str = "", by: str, now: datetime) -> Notice | None:
    """Make announced work what the draft says; windows are known by their numbers, those left out are cancelled. A draft is rewritten.

    Returns the notice, or None where nothing changes for anybody. Raises ValidationError as ``announce`` does; a change that is covered by
    what was promised (shorter, milder, within the announced times) is never refused for want of notice.
    """
    held = locked(maintenance, incident=draft.incident)
    if held.state == WindowState.DRAFT:
        rewrite(held, draft, by=by, now=now)
        return None
    check(draft)
    before = as_draft(held, also=[window.number for window in draft.windows if window.number is not None])
    _check_incident(held, draft)
    _check_alternates(held, draft)
    forgotten = {pk: (customer, name) for pk, customer, name in not_told_of(held).values_list("pk", "customer_id", "object_id")}
    wanted = replace(_wanted(held, draft, before, now=now), forgotten=forgotten)
    if not wanted.coming:
        raise ValidationError(
            _("%(reference)s is %(state)s; only work that has not begun can be changed."),
            code="state",
            params={"reference": held.reference, "state": held.get_state_display()},
        )
    check_not_over([window for window in wanted.coming if window.number in wanted.new | _moved(before, wanted)], held, now=now)
    write_facts(held, draft)
    if not wanted.same_scope:
        write_scope(held, draft)
    write_texts(held, draft)
    return carry_out(held, wanted, Asker(by, now, late, acknowledged))


@transaction.atomic
def tell_late(maintenance: Maintenance, *, late: Late | None = None, acknowledged: str = "", by: str, now: datetime) -> Notice:
    """Tell late, as a breach, whoever was not served in time and whom notice in time cannot reach any more; the work stays as it is.

    Raises ValidationError where there is nobody, and without ``late``: then it says who they are.
    """
    held = locked(maintenance)
    coming = list(held.windows.filter(state=WindowState.ANNOUNCED, start__gt=now).order_by("number"))
    standing = Standing.of(held)
    short = [(number, one) for number, some in unserved_by_window(held, coming).items() for one in some if one.line < now]
    accounts = {one.account for number, one in short if not standing.has_heard_late(one.customer_id, number)}
    if late is None and accounts:
        number = ngettext("%(count)d customer was not served in time", "%(count)d customers were not served in time", len(accounts)) % {"count": len(accounts)}
        line = _("%(customers)s, and notice in time cannot reach them any more: %(accounts)s.")
        error = ValidationError([line % {"customers": number, "accounts": account_sample(accounts)}])
        error.code = "notice"  # a list of messages loses the code that is given with it
        raise error
    notice = revise(held, as_draft(held), late=late, acknowledged=acknowledged, by=by, now=now) if accounts else None
    if notice is None:
        raise ValidationError(
            _("There is nobody to be told late of %(reference)s: whoever was not served in time can still be reached in time, or has been told."),
            code="nobody",
            params={"reference": held.reference},
        )
    return notice


def _wanted(held: Maintenance, draft: Draft, before: Draft, *, now: datetime) -> Wanted:
    """Return the windows as the draft wants them, in memory; new ones are added as drafts, and objects stored."""
    windows = {window.number: window for window in held.windows.order_by("number")}
    named = {window.number: window for window in draft.windows if window.number is not None}
    for number in sorted(set(named) - set(windows)):
        find_window(held, number)  # there is none: it says so
    again = {number for number in named if windows[number].state == WindowState.POSTPONED}
    firmed = {number for number, window in named.items() if windows[number].alternate != window.alternate}
    for number, window in windows.items():
        window.maintenance = held
        if number in named:
            _change(window, number, draft, held)
        elif window.state in OPEN:
            window.state = WindowState.CANCELLED
    fresh = [window for window in draft.windows if window.number is None]
    added = add_windows(held, fresh, first=max(windows, default=0) + 1, now=now)
    coming = [window for number, window in windows.items() if number in named and window.state in MOVABLE] + added
    return Wanted(
        windows=[*windows.values(), *added],
        coming=coming,
        new=frozenset(again | {window.number for window in added}),
        firmed=frozenset(firmed),
        # services are told by window where objects narrow one: what was told of the others would be read otherwise
        reworded=_narrowed(before) != _narrowed(draft)
        or (before.texts, before.supplier, before.supplier_reference) != (dict(draft.texts), draft.supplier, draft.supplier_reference),
        same_scope=_scope(replace(before, windows=tuple(one for one in before.windows if one.number in named))) == _scope(draft),
    )


def _change(window: Window, number: int, draft: Draft, held: Maintenance) -> None:
    wanted = next(one for one in draft.windows if one.number == number)
    if window.state not in MOVABLE:
        if (wanted.start, wanted.end) != (window.start, window.end):
            raise wrong_state(window, _("only a window that has not begun can be moved"))
        return
    window.start, window.end, window.alternate = wanted.start, wanted.end, wanted.alternate
    narrow(held, window, wanted.objects)


def _moved(before: Draft, wanted: Wanted) -> set[int]:
    times = {window.number: (window.start, window.end) for window in before.windows}
    return {window.number for window in wanted.coming if times.get(window.number) != (window.start, window.end)}


def _scope(draft: Draft) -> tuple[object, ...]:
    return set(draft.scopes), set(draft.objects), _narrowed(draft)


def _narrowed(draft: Draft) -> dict[int | None, set[str]]:
    return {window.number: set(window.objects) for window in draft.windows if window.objects}


def _check_alternates(held: Maintenance, draft: Draft) -> None:
    """Refuse to use an alternate beside the windows that it was announced to stand in for: nobody was told of both."""
    alternates = {window.number: window for window in held.windows.filter(alternate=True, state=WindowState.ANNOUNCED)}
    firm = [window.number for window in draft.windows if window.number in alternates and not window.alternate]
    kept = {window.number for window in draft.windows}
    dropped = held.windows.filter(state=WindowState.ANNOUNCED, alternate=False).exclude(number__in=[number for number in kept if number is not None])
    if len(firm) > dropped.count() + held.windows.filter(state__in=_GIVEN_UP).count():
        raise wrong_state(alternates[firm[0] or 0], _("say which window it replaces, as none has been given up"))


def _check_incident(held: Maintenance, draft: Draft) -> None:
    """Refuse to take away what an emergency rests on."""
    resting = held.windows.filter(incident__isnull=False, state__in=[*OPEN, WindowState.IN_PROGRESS]).exclude(incident=draft.incident).first()
    if resting is not None:
        raise ValidationError(
            _("Window %(window)s is an emergency for incident %(incident)s, which the work must go on naming."),
            code="incident",
            params={"window": str(resting), "incident": resting.incident.reference if resting.incident else ""},
        )
