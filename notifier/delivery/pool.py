"""Several SMTP connections driven by one loop: each goes at its own pace, and none waits for another."""

import math
import selectors
import time
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Protocol

from notifier.delivery.plain_reason import plain_reason
from notifier.delivery.prepared import Prepared
from notifier.delivery.transport import Answer, Outcome, timed_out
from notifier.delivery.wire import BrokenWireError, Said, SilentWireError, Wire

_LONGEST_WAIT_SECONDS = 0.5
"""So often somebody looks whether a server is silent too long."""


class Desk(Protocol):
    """Where mails come from and answers go."""

    def next(self) -> Prepared | None:
        """Return the next mail to begin; None where there is none, or none may go now."""

    def pause(self) -> float:
        """Return after how many seconds to ask for the next mail again, where there is one that may not go yet; else 0."""

    def settle(self, ready: list[Prepared], outcomes: list[tuple[Prepared, Outcome]]) -> set[int]:
        """Write the outcomes down and commit the markers of those that are ready; return whose content may go now (by ``pk``)."""


class Pool:
    """Up to ``most`` connections, opened when there is work and kept from one ``run`` to the next."""

    def __init__(self, open_wire: Callable[[], Wire], *, most: int) -> None:
        """Nothing is opened before there is a mail."""
        self._open_wire, self._most = open_wire, most
        self._selector = selectors.DefaultSelector()
        self._wires: dict[int, Wire] = {}
        self._opening: list[Future[Wire]] = []
        self._openers = ThreadPoolExecutor(max_workers=most, thread_name_prefix="smtp")
        self._next: Prepared | None = None

    def close(self) -> None:
        """Say good-bye on all connections."""
        for future in self._opening:
            future.add_done_callback(_quit_when_open)
        self._opening = []
        for wire in list(self._wires.values()):
            self._forget(wire)
            wire.quit()
        self._openers.shutdown(wait=False)
        self._selector.close()

    def run(self, desk: Desk) -> Outcome | None:
        """Send all that the desk gives; return at the end what stands in the way where no connection could be opened, or None.

        A mail that was taken from the desk and not begun then is told as UNREACHABLE.
        """
        outcomes: list[tuple[Prepared, Outcome]] = []
        ready: list[tuple[Wire, Prepared]] = []
        problem: Outcome | None = None
        while True:
            problem = self._opened() or problem
            if problem is None:
                outcomes += self._begin(desk)
            busy = [wire for wire in self._wires.values() if not wire.wants_mail]
            idle = not busy and not outcomes and not ready
            if idle and (problem is not None or (not self._opening and self._peek(desk) is None and not desk.pause())):
                break
            outcomes += self._look(ready, at_most=0 if outcomes or ready else min(desk.pause() or math.inf, self._patience()))
            if ready or outcomes:
                granted = desk.settle([mail for _wire, mail in ready], outcomes)
                now_ready, ready, outcomes = ready, [], []
                outcomes = self._grant(now_ready, granted, desk)
        if self._next is not None:
            left, self._next = self._next, None
            desk.settle([], [(left, problem or Outcome(Answer.UNREACHABLE, "no connection", of_service=True))])
        return problem

    def _peek(self, desk: Desk) -> Prepared | None:
        if self._next is None:
            self._next = desk.next()
        return self._next

    def _take(self, desk: Desk) -> Prepared | None:
        mail = self._peek(desk)
        self._next = None
        return mail

    def _begin(self, desk: Desk) -> list[tuple[Prepared, Outcome]]:
        """Give idle connections a mail each; open another where there are more mails than connections."""
        outcomes: list[tuple[Prepared, Outcome]] = []
        for wire in list(self._wires.values()):
            if wire.wants_mail and (mail := self._take(desk)) is not None:
                outcomes += self._guarded(wire, partial(wire.give, mail))
        few = len(self._wires) + len(self._opening) < self._most
        if few and (self._wires or not self._opening) and self._peek(desk) is not None:  # the first is waited for: the server may be down
            self._opening.append(self._openers.submit(self._open_wire))
        return outcomes

    def _opened(self) -> Outcome | None:
        """Take in the connections that have been opened; return what stands in the way where there is none at all."""
        trouble: Outcome | None = None
        for future in [one for one in self._opening if one.done()]:
            self._opening.remove(future)
            try:
                wire = future.result()
            except Exception as error:  # noqa: BLE001  # a refused log-in, a host name that is none
                trouble = Outcome(Answer.UNREACHABLE, plain_reason(error), of_service=True, hung=timed_out(error))
            else:
                self._wires[wire.fileno()] = wire
                self._selector.register(wire, selectors.EVENT_READ)
        return trouble if not self._wires and not self._opening else None

    def _look(self, ready: list[tuple[Wire, Prepared]], *, at_most: float) -> list[tuple[Prepared, Outcome]]:
        """Wait until something comes, for so many seconds ``at_most``, and take it in."""
        outcomes: list[tuple[Prepared, Outcome]] = []
        for key, events in self._selector.select(at_most):
            wire: Wire = key.fileobj  # type: ignore[assignment]  # only wires are registered
            if events & selectors.EVENT_WRITE:
                outcomes += self._guarded(wire, wire.push)
            if events & selectors.EVENT_READ and wire.fileno() in self._wires:
                outcomes += self._heard(wire, ready)
        now = time.monotonic()
        for wire in list(self._wires.values()):
            outcomes += self._guarded(wire, partial(wire.check, now=now))
        return outcomes

    def _patience(self) -> float:
        if not self._wires and self._opening:
            time.sleep(0.001)  # nothing to select on yet
            return 0
        return 0.01 if self._opening else _LONGEST_WAIT_SECONDS

    def _heard(self, wire: Wire, ready: list[tuple[Wire, Prepared]]) -> list[tuple[Prepared, Outcome]]:
        said: Said = wire.pull()
        ready += [(wire, mail) for mail in said.ready]
        if not said.broken:
            return said.outcomes
        ready[:] = [(one, mail) for one, mail in ready if one is not wire]
        return said.outcomes + self._lose(wire, said.broken)

    def _grant(self, ready: Iterable[tuple[Wire, Prepared]], granted: set[int], desk: Desk) -> list[tuple[Prepared, Outcome]]:
        outcomes: list[tuple[Prepared, Outcome]] = []
        for wire, mail in ready:
            if mail.pk in granted:
                outcomes += self._guarded(wire, partial(wire.grant, mail, partial(self._take, desk)))
            else:  # it was settled otherwise; after 354 there is no way back but to hang up
                self._forget(wire)
                wire.close()
        return outcomes

    def _guarded(self, wire: Wire, act: Callable[[], None]) -> list[tuple[Prepared, Outcome]]:
        try:
            act()
        except BrokenWireError as error:
            return self._lose(wire, str(error), hung=isinstance(error, SilentWireError))
        if wire.fileno() in self._wires:
            wanted = selectors.EVENT_READ | (selectors.EVENT_WRITE if wire.wants_to_write else 0)
            if self._selector.get_key(wire).events != wanted:
                self._selector.modify(wire, wanted)
        return []

    def _lose(self, wire: Wire, reason: str, *, hung: bool = False) -> list[tuple[Prepared, Outcome]]:
        self._forget(wire)
        return wire.give_up(reason, hung=hung)

    def _forget(self, wire: Wire) -> None:
        if self._wires.pop(wire.fileno(), None) is not None:
            self._selector.unregister(wire)


def _quit_when_open(future: "Future[Wire]") -> None:
    if not future.cancelled() and future.exception() is None:
        future.result().quit()
