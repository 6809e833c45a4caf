"""Two planners at once: one waits, and then judges what the other has done."""

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait

import pytest
from django.core.exceptions import ValidationError
from django.db import connections, transaction

from maintenance import booking
from maintenance.emergencies import refute
from maintenance.models import Maintenance
from tests.factories import BY, NOW, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, booked, kinds, p1, serve, states

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
Verb = Callable[[Maintenance], object]
LATER = NOW + HOUR


def announce(maintenance: Maintenance) -> object:
    """The one planner."""
    return booking.announce(maintenance, by="petra", now=NOW)


def cancel(maintenance: Maintenance) -> object:
    """The other."""
    return booking.cancel(maintenance, by="otto", now=LATER)


def move(maintenance: Maintenance) -> object:
    """A third: ten days on."""
    return booking.move(maintenance, number=1, start=NOW + 40 * DAY, end=NOW + 41 * DAY, by="otto", now=LATER)


def start(maintenance: Maintenance) -> object:
    """Somebody at night."""
    return booking.start(maintenance, by="nina", now=NOW + 30 * DAY)


def at_once(first: Verb, second: Verb, maintenance: Maintenance) -> list[str]:
    """Run the second while the first has written and not yet committed; return what the second was told, having looked that it waited."""
    written, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                first(Maintenance.objects.get(pk=maintenance.pk))
                written.set()
                assert go_on.wait(20)
        finally:
            connections.close_all()

    def follow() -> None:
        try:
            second(maintenance)  # as it was read before the first began
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        holding: Future[None] = threads.submit(hold)
        try:
            assert written.wait(20)
            following: Future[None] = threads.submit(follow)
            waited = not wait([following], timeout=0.5).done
        finally:
            go_on.set()
        holding.result(20)
        try:
            following.result(20)
            refusal: list[str] = []
        except ValidationError as error:
            refusal = error.messages
    assert waited
    return refusal


def story(maintenance: Maintenance) -> list[tuple[int, str, dict[str, str]]]:
    """Return revision, state told and kinds of each notice."""
    return [(notice.revision, notice.said.windows[0].state, kinds(notice)) for notice in maintenance.notices.order_by("revision")]


def test_cancel_while_it_is_being_announced() -> None:
    """It is announced, then cancelled, and everybody told of both."""
    reader(account="A")
    maintenance = booked()
    assert at_once(announce, cancel, maintenance) == []
    assert story(maintenance) == [(1, "announced", {"A": "announced"}), (2, "cancelled", {"A": "cancelled"})]
    assert states(maintenance) == ("cancelled", 2, [("cancelled", 1, LATER)])


def test_announce_while_it_is_being_cancelled() -> None:
    """It stays cancelled, and nobody is told anything."""
    reader(account="A")
    maintenance = booked()
    assert at_once(cancel, announce, maintenance) == ["MNT-1 is cancelled; only a draft can be announced."]
    assert (story(maintenance), states(maintenance)) == ([], ("cancelled", 1, [("cancelled", 1, LATER)]))


def test_announce_twice_at_once() -> None:
    """One notice."""
    reader(account="A")
    maintenance = booked()
    assert at_once(announce, announce, maintenance) == ["MNT-1 is announced; only a draft can be announced."]
    assert story(maintenance) == [(1, "announced", {"A": "announced"})]


def test_move_while_it_is_being_announced() -> None:
    """The move is one of announced work: told, and promised anew."""
    reader(account="A")
    maintenance = booked()
    assert at_once(announce, move, maintenance) == []
    assert story(maintenance) == [(1, "announced", {"A": "announced"}), (2, "announced", {"A": "announced"})]  # A has not heard of it so far
    window = maintenance.windows.get()
    assert (window.start, window.promised_since, window.sequence) == (NOW + 40 * DAY, LATER, 1)


def test_announce_while_it_is_being_moved() -> None:
    """What is announced are the times after the move."""
    reader(account="A")
    maintenance = booked()
    assert at_once(move, announce, maintenance) == []
    assert [(said.start, said.previous) for said in maintenance.notices.get().said.windows] == [(NOW + 40 * DAY, None)]


def test_move_while_it_is_being_cancelled() -> None:
    """What is cancelled is not moved."""
    reader(account="A")
    maintenance = announced()
    assert at_once(cancel, move, maintenance) == ["Window MNT-1.1 is cancelled; only a window that has not begun can be moved."]
    assert story(maintenance)[1:] == [(2, "cancelled", {"A": "cancelled"})]


def test_cancel_while_it_is_being_started() -> None:
    """It runs, and is not called off."""
    reader(account="A")
    maintenance = announced()
    serve(maintenance)
    assert at_once(start, cancel, maintenance) == ["MNT-1 is in progress; only work that has not begun can be cancelled."]
    assert story(maintenance)[1:] == [(2, "in_progress", {"A": "started"})]
    assert states(maintenance)[0] == "in_progress"


def test_start_while_it_is_being_cancelled() -> None:
    """It is called off, and does not start."""
    reader(account="A")
    maintenance = announced()
    assert at_once(cancel, start, maintenance) == ["Window MNT-1.1 is cancelled; only an announced window can start."]
    assert story(maintenance)[1:] == [(2, "cancelled", {"A": "cancelled"})]


def test_verbs_of_different_work_share_the_customers() -> None:
    """Two pieces of work that hit the same customer contradict each other in nothing."""
    reader(account="A")
    first, second = booked(reference="MNT-1"), booked(reference="MNT-2")
    with ThreadPoolExecutor(2) as threads:

        def run(maintenance: Maintenance) -> None:
            try:
                booking.announce(maintenance, acknowledged="known", by=BY, now=NOW)
            finally:
                connections.close_all()

        for done in [threads.submit(run, maintenance) for maintenance in (first, second)]:
            done.result(20)
    assert [story(maintenance) for maintenance in (first, second)] == [[(1, "announced", {"A": "announced"})]] * 2


def test_announce_an_emergency_while_its_p1_is_being_refuted() -> None:
    """It waits, and then there is no P1 to allow it."""
    reader(account="A")
    incident = p1()
    maintenance = booked(incident=incident, windows=(window(1),))

    def find(_maintenance: Maintenance) -> object:
        return refute(incident, reason="wrong numbers", by="otto", now=NOW)

    assert "only a P1 allows emergency maintenance" in " ".join(at_once(find, announce, maintenance))
    assert story(maintenance) == []


def test_refute_a_p1_while_its_emergency_is_being_announced() -> None:
    """It is announced, and stopped."""
    reader(account="A")
    incident = p1()
    maintenance = booked(incident=incident, windows=(window(1),))

    def find(_maintenance: Maintenance) -> object:
        return refute(incident, reason="wrong numbers", by="otto", now=NOW)

    assert at_once(announce, find, maintenance) == []
    assert story(maintenance) == [(1, "announced", {"A": "emergency"}), (2, "postponed", {"A": "postponed"})]
