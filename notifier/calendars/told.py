"""Which notice a customer's entry of a window follows: the last that says anything of it, and whether the window was taken away since."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from maintenance.models import NoticeCustomer
from maintenance.said import Said, SaidWindow
from maintenance.states import FIRST_KINDS, Kind, WindowState
from notifier.calendars.entries import BEGUN, WITHDRAWN, Progress


@dataclass(frozen=True)
class Word:
    """What ``told`` says of one window: ``said`` holds that window alone.

    ``withdrawn``: the state in which it is for this customer, if it is called off; ``taken_back``: that by a later notice, which does not name it.
    """

    told: NoticeCustomer
    said: Said
    withdrawn: WindowState | None = None
    taken_back: Progress | None = None


def last_words(history: Iterable[tuple[NoticeCustomer, Said, Collection[int]]]) -> list[Word]:
    """Return the last word on each window, by number; ``history`` is what one customer was told of one maintenance, the oldest first.

    With each notice stand what it says and the window numbers of the customer's services in it (NoticeService).
    """
    found: dict[int, Word | None] = {}
    for told, said, named in history:
        for window in said.windows:
            found[window.number] = _next(found.get(window.number), told, replace(said, windows=(window,)), window, named)
    return [word for _number, word in sorted(found.items()) if word]


def _next(before: Word | None, told: NoticeCustomer, said: Said, window: SaidWindow, named: Collection[int]) -> Word | None:
    """Return the word that holds from this notice on.

    What has begun goes on as it was told before: only the window itself raises its SEQUENCE then, and a notice of other windows does not.
    Nothing vanishes: a window whose services a notice does not name any more (others' objects narrow it now) is called off.
    """
    hit = bool(window.named_by & set(named))
    if window.state in BEGUN:
        comes_late = window.state == WindowState.IN_PROGRESS and hit and (before is None or before.withdrawn)
        return Word(told, said) if comes_late else before
    if window.state in WITHDRAWN and told.kind in FIRST_KINDS:  # it never was a newcomer's
        return _called_off(before, told, window, window.state, reason=said.reason) if before else None
    if told.kind == Kind.CANCELLED or window.state in WITHDRAWN:
        state = WindowState.CANCELLED if told.kind == Kind.CANCELLED else window.state
        own = Word(told, said, state) if hit or not (before or named) else None
        return _called_off(before, told, window, state, reason=said.reason, own=own)
    return Word(told, said) if hit else _called_off(before, told, window, WindowState.CANCELLED)


def _called_off(before: Word | None, told: NoticeCustomer, window: SaidWindow, state: WindowState, *, reason: str = "", own: Word | None = None) -> Word | None:
    """Return the word that calls a window off, ``own`` if the notice names its services; what is called off already stays so, as it was told."""
    if before and before.withdrawn and (before.withdrawn, state) != (WindowState.POSTPONED, WindowState.CANCELLED):
        return before
    if own or before is None:
        return own
    return Word(before.told, replace(before.said, reason=reason), state, Progress(state, window.sequence, told.notice.issued_at))
