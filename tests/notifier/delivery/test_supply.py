"""Mails ahead of the connections: how many are claimed and when, and that nothing that was claimed is forgotten."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

import pytest
from django.db import OperationalError

from maintenance import booking
from notifier.delivery import outbox, supply
from notifier.delivery.background import Background
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.held import Held
from notifier.delivery.models import Delivery
from notifier.delivery.prepare import Composer, Draft
from notifier.delivery.supply import Supply
from tests.factories import BY, NOW, draft, reader
from tests.notifier.delivery.aside import aside

pytestmark = pytest.mark.django_db


class Later(Background):
    """Does nothing until it is told to: as a thread that takes its time."""

    def __init__(self) -> None:
        """Nothing is asked for yet."""
        super().__init__("later", done=lambda: None)
        self.is_thread = True
        self.waiting: list[tuple[Future[Any], Callable[[], Any]]] = []

    def submit(self, act: Callable[[], Any]) -> "Future[Any]":
        """Note it."""
        future: Future[Any] = Future()
        self.waiting.append((future, act))
        return future

    def work(self) -> None:
        """Do all that was asked for."""
        for future, act in self.waiting:
            future.set_result(act())
        self.waiting = []


def made(held: Held, background: Background, *, most: int = 4, once: bool = False) -> Supply:
    """Return a supply of what is due now."""
    return Supply(held, background, clock=lambda: NOW, look=lambda: None, most=most, once=once)


def queue(number: int) -> None:
    """Announce to so many contacts."""
    for _ in range(number):
        reader()
    booking.announce(booking.book(draft(), by=BY, now=NOW), by=BY, now=NOW)
    fan_out_due(now=NOW)


def sending() -> int:
    """Return how many are claimed."""
    return Delivery.objects.filter(state="sending").count()


def test_without_a_thread_more_is_claimed_when_all_is_used() -> None:
    queue(9)
    mails = made(Held(), aside("claim"))
    assert [(isinstance(mails.next(), Draft), sending()) for _ in range(9)] == [(True, 4)] * 4 + [(True, 8)] * 4 + [(True, 9)]
    assert (mails.next(), mails.is_coming) == (None, False)


def test_a_thread_claims_more_in_time_and_nobody_waits_for_it() -> None:
    """The quicker mails go, the earlier: when no more are left than go during two claims."""
    queue(40)
    later = Later()
    mails = made(Held(), later, most=8)
    assert (mails.next(), mails.is_coming, sending()) == (None, True, 0)
    later.work()
    for _ in range(7):  # nothing was used up during the first claim: it comes when one is left
        assert (mails.next() is not None, mails.is_coming, sending()) == (True, False, 8)
    assert (mails.next() is not None, mails.is_coming) == (True, True)
    later.work()  # one was used up: the next claim comes when two are left
    assert [(mails.next() is not None, mails.is_coming) for _ in range(7)] == [(True, False)] * 6 + [(True, True)]
    assert (mails.next() is not None, mails.next(), sending()) == (True, None, 16)
    later.work()  # and now four, as two were
    assert [(mails.next() is not None, mails.is_coming) for _ in range(5)] == [(True, False)] * 4 + [(True, True)]


def test_where_nothing_is_left_the_database_is_left_alone_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The loop asks after every answer of a server."""
    queue(1)
    held = Held()
    mails = made(held, aside("claim"))
    assert mails.next() is not None
    claims: list[int] = []

    def claim(*, most: int, **_given: object) -> outbox.Claim:
        claims.append(most)
        return outbox.Claim("", ())

    monkeypatch.setattr(outbox, "claim", claim)
    for _ in range(5):
        assert mails.next() is None
    assert claims == [4]
    monkeypatch.setattr(mails, "_empty_until", -1.0)
    mails.next()
    assert claims == [4, 4]


def test_a_mail_at_which_a_worker_was_lost_comes_last_and_alone() -> None:
    queue(3)
    suspects = list(Delivery.objects.order_by("pk").values_list("pk", flat=True))[:2]
    Delivery.objects.filter(pk__in=suspects).update(lost_workers=1)
    held = Held()
    mails = made(held, aside("claim"))
    first = mails.next()
    assert first is not None
    assert first.pk not in suspects
    assert mails.next() is None  # the other one is held still
    for pk in suspects:
        held.done(first.pk, held[first.pk])
        mails._empty_until = -1.0
        first = mails.next()
        assert first is not None
        assert (first.pk, sending() <= 3) == (pk, True)
        assert mails.next() is None


def test_once_claims_once() -> None:
    queue(3)
    held = Held()
    mails = made(held, aside("claim"), most=1, once=True)
    first = mails.next()
    assert first is not None
    held.done(first.pk, held[first.pk])
    assert (mails.next(), sending()) == (None, 1)


def test_what_is_not_fit_to_go_is_told_and_not_composed() -> None:
    queue(3)
    late = Delivery.objects.order_by("pk")[1].pk
    Delivery.objects.filter(pk=late).update(deadline=NOW)
    mails = made(Held(), aside("claim"))
    found = [mails.next(), mails.next()]
    assert late not in {one.pk for one in found if one is not None}
    assert (mails.next(), mails.unfit) == (None, [late])


def test_claimed_mails_are_held_where_they_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """So they are given back, instead of waiting until their lease runs out."""
    queue(2)

    def away(_composer: Composer, _ids: object) -> list[Draft]:
        raise OperationalError

    monkeypatch.setattr(Composer, "read", away)
    held = Held()
    mails = made(held, aside("claim"))
    with pytest.raises(OperationalError):
        mails.next()
    assert (bool(held), sending()) == (True, 2)
    held.give_back(due_at=NOW)
    assert sending() == 0


def test_stop_holds_what_is_still_coming(monkeypatch: pytest.MonkeyPatch) -> None:
    queue(2)
    monkeypatch.setattr(supply, "EMPTY_SECONDS", 0)
    later, held = Later(), Held()
    mails = made(held, later)
    mails.next()
    later.work()
    mails.stop()
    assert (bool(held), mails.is_coming) == (True, False)
    held.give_back(due_at=NOW)
    assert sorted(Delivery.objects.values_list("state", "attempts")) == [("queued", 0)] * 2
