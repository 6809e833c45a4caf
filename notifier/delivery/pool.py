"""Several SMTP connections driven by one loop: each goes at its own pace, and none waits for another."""

import contextlib
import math
import selectors
import socket
import time
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from notifier.delivery.plain_reason import plain_reason
from notifier.delivery.prepared import Prepared
from notifier.delivery.transport import Answer, Outcome, timed_out
from notifier.delivery.wire import BrokenWireError, Said, SilentWireError, Wire

_LONGEST_WAIT_SECONDS = 0.5
_CHECK_SECONDS = 0.1
"""So often, at most, somebody looks whether a server is silent too long."""
_REFUSED_SECONDS = 10
"""So long no further connection is tried after one was refused: some servers take few from one client."""
_BELL_OCTETS = 4096


class Desk(Protocol):
    """Where mails come from and answers go."""

    def next(self) -> Prepared | None:
        """Return the next mail to begin; None where there is none, or none may go now."""

    def pause(self) -> float:
        """Return after how many seconds to ask for the next mail again, where there is one that may not go yet; else 0."""

    def settle(self, ready: Sequence[Prepared], outcomes: Sequence[tuple[Prepared, Outcome]]) -> "Future[set[int]]":
        """Have the outcomes written down and the markers of those that are ready committed; the future tells whose content may go then (by ``pk``)."""

    def settled(self, ready: Sequence[Prepared], outcomes: Sequence[tuple[Prepared, Outcome]], granted: Collection[int]) -> None:
        """Take note of it; called when ``settle`` is done, and before it is called again."""


@dataclass
class _Work:
    """What came from the connections and is not yet written, or is being written."""

    ready: list[tuple[Wire, Prepared]] = field(default_factory=list)
    outcomes: list[tuple[Prepared, Outcome]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.ready or self.outcomes)


class Pool:
    """Up to ``most`` connections, opened when there is work and kept from one ``run`` to the next."""

    def __init__(self, open_wire: Callable[[], Wire], *, most: int, greeting_seconds: float = 60) -> None:
        """Nothing is opened before there is a mail. ``greeting_seconds``: how long opening may take altogether."""
        self._open_wire, self._most, self._greeting_seconds = open_wire, most, greeting_seconds
        self._selector = selectors.DefaultSelector()
        self._wires: dict[int, Wire] = {}
        self._opening: dict[Future[Wire], float] = {}
        self._openers = ThreadPoolExecutor(max_workers=most, thread_name_prefix="smtp")
        self._next: Prepared | None = None
        self._checked, self._refused_until = time.monotonic(), -math.inf
        self._came, self._written = _Work(), _Work()
        self._writing: Future[set[int]] | None = None
        self._bell, self._alarm = socket.socketpair()
        for end in (self._bell, self._alarm):
            end.settimeout(0)
        self._selector.register(self._bell, selectors.EVENT_READ)

    def close(self) -> None:
        """Say good-bye on all connections."""
        for future in self._opening:
            future.add_done_callback(_quit_when_open)
        self._opening = {}
        for wire in list(self._wires.values()):
            self._forget(wire)
            wire.quit()
        self._openers.shutdown(wait=False)
        self._selector.close()
        self._bell.close()
        self._alarm.close()

    def wake(self) -> None:
        """End the wait of ``run``, from any thread: the desk may have something."""
        with contextlib.suppress(OSError):  # closed, or awake already
            self._alarm.send(b"!")

    def run(self, desk: Desk) -> Outcome | None:
        """Send all that the desk gives; return at the end what stands in the way where no connection could be opened, or None.

        A mail that was taken from the desk and not begun then is told as UNREACHABLE.
        """
        problem: Outcome | None = None
        while True:
            problem = self._opened() or problem
            if problem is None:
                self._begin(desk)
            busy = self._writing or self._came or any(not wire.wants_mail for wire in self._wires.values())
            if not busy and (problem is not None or (not self._opening and self._peek(desk) is None and not desk.pause())):
                break
            waits = self._writing or not self._came
            self._look(at_most=min(desk.pause() or math.inf, self._patience()) if waits else 0)
            self._settle(desk)
        if self._next is not None:
            left, self._next = self._next, None
            self._came.outcomes.append((left, problem or Outcome(Answer.UNREACHABLE, "no connection", of_service=True)))
            self._settle(desk)
            self._noted(desk)
        return problem

    def _settle(self, desk: Desk) -> None:
        """Take in what was written, and have written what came meanwhile."""
        while self._writing is None or self._writing.done():
            granted = self._noted(desk)
            if self._came:
                self._written, self._came = self._came, _Work()
                self._writing = desk.settle([mail for _wire, mail in self._written.ready], self._written.outcomes)
            for wire, mail in granted:  # only now: meanwhile the database works
                self._guarded(wire, partial(wire.grant, mail, partial(self._take, desk)))
            if self._writing is None:
                break

    def _noted(self, desk: Desk) -> list[tuple[Wire, Prepared]]:
        """Wait for what is being written, and return whose content may go."""
        if self._writing is None:
            return []
        granted, written = self._writing.result(), self._written
        self._writing, self._written = None, _Work()
        desk.settled([mail for _wire, mail in written.ready], written.outcomes, granted)
        for wire, mail in written.ready:
            if mail.pk not in granted:  # it was settled otherwise; after 354 there is no way back but to hang up
                self._forget(wire)
                wire.close()
                self._came.outcomes = [(other, outcome) for other, outcome in self._came.outcomes if other is not mail]
        return [(wire, mail) for wire, mail in written.ready if mail.pk in granted]

    def _peek(self, desk: Desk) -> Prepared | None:
        if self._next is None:
            self._next = desk.next()
        return self._next

    def _take(self, desk: Desk) -> Prepared | None:
        mail = self._peek(desk)
        self._next = None
        return mail

    def _begin(self, desk: Desk) -> None:
        """Give idle connections a mail each; open another where there are more mails than connections."""
        for wire in list(self._wires.values()):
            if wire.wants_mail and (mail := self._take(desk)) is not None:
                self._guarded(wire, partial(wire.give, mail))
        few = len(self._wires) + len(self._opening) < self._most
        free = time.monotonic() >= self._refused_until if self._wires else not self._opening  # the first is waited for: the server may be down
        if few and free and self._peek(desk) is not None:
            self._opening[self._openers.submit(self._open_wire)] = time.monotonic()

    def _opened(self) -> Outcome | None:
        """Take in the connections that have been opened; return what stands in the way where there is none at all."""
        trouble: Outcome | None = None
        for future in [one for one, since in self._opening.items() if not one.done() and time.monotonic() - since > self._greeting_seconds]:
            del self._opening[future]
            future.add_done_callback(_quit_when_open)
            trouble = Outcome(Answer.UNREACHABLE, "the server is too slow with its greeting", of_service=True, hung=True)
            self._refused_until = time.monotonic() + _REFUSED_SECONDS
        for future in [one for one in self._opening if one.done()]:
            del self._opening[future]
            try:
                wire = future.result()
            except Exception as error:  # noqa: BLE001  # a refused log-in, a host name that is none
                trouble = Outcome(Answer.UNREACHABLE, plain_reason(error), of_service=True, hung=timed_out(error))
                self._refused_until = time.monotonic() + _REFUSED_SECONDS
            else:
                self._wires[wire.fileno()] = wire
                self._selector.register(wire, selectors.EVENT_READ)
        return trouble if not self._wires and not self._opening else None

    def _look(self, *, at_most: float) -> None:
        """Wait until something comes, for so many seconds ``at_most``, and take it in."""
        for key, events in self._selector.select(at_most):
            if key.fileobj is self._bell:
                self._bell.recv(_BELL_OCTETS)
                continue
            wire: Wire = key.fileobj  # type: ignore[assignment]  # all others are wires
            if events & selectors.EVENT_WRITE:
                self._guarded(wire, wire.push)
            if events & selectors.EVENT_READ and wire.fileno() in self._wires:
                self._hear(wire)
        now = time.monotonic()
        if now - self._checked > _CHECK_SECONDS:
            self._checked = now
            for wire in list(self._wires.values()):
                self._guarded(wire, partial(wire.check, now=now))

    def _patience(self) -> float:
        if not self._wires and self._opening:
            time.sleep(0.001)  # nothing to select on yet
            return 0
        return 0.01 if self._opening else _LONGEST_WAIT_SECONDS

    def _hear(self, wire: Wire) -> None:
        said: Said = wire.pull()
        self._came.ready += [(wire, mail) for mail in said.ready]
        self._came.outcomes += said.outcomes
        if said.broken:
            self._lose(wire, said.broken)

    def _guarded(self, wire: Wire, act: Callable[[], None]) -> None:
        try:
            act()
        except BrokenWireError as error:
            self._lose(wire, str(error), hung=isinstance(error, SilentWireError))
            return
        if wire.fileno() in self._wires:
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if wire.wants_to_write else 0)
            if self._selector.get_key(wire).events != wanted:
                self._selector.modify(wire, wanted)

    def _lose(self, wire: Wire, reason: str, *, hung: bool = False) -> None:
        self._forget(wire)
        self._came.ready = [(one, mail) for one, mail in self._came.ready if one is not wire]
        self._came.outcomes += wire.give_up(reason, hung=hung)

    def _forget(self, wire: Wire) -> None:
        if self._wires.pop(wire.fileno(), None) is not None:
            self._selector.unregister(wire)


def _quit_when_open(future: "Future[Wire]") -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().quit()
