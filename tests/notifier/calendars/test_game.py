"""Whatever is done to a piece of work, in any order: no feed changes an entry without a higher SEQUENCE, or loses one."""

from datetime import datetime
from typing import NamedTuple

import icalendar
import pytest
from django.db.models import Max

from customers.models import Customer, Tier
from maintenance.models import UpdateRule, Window
from maintenance.states import Impact
from notifier.calendars import feeds
from notifier.calendars.bodies import CANCELLED_STAY, PAST_STAY, published
from notifier.calendars.ics import write
from tests.notifier.calendars.game import Game
from tests.notifier.calendars.reading import events, value

MOVES = 14
SHOWN_AS = {
    "announced": {"CONFIRMED", "TENTATIVE", "CANCELLED"},
    "in_progress": {"IN-PROCESS", "CANCELLED"},
    "completed": {"COMPLETED", "CANCELLED"},
    "not_completed": {"COMPLETED", "CANCELLED"},
    "postponed": {"CANCELLED"},
    "cancelled": {"CANCELLED"},
}
"""What any customer may see of a window: CANCELLED too where it does not hit that customer any more."""


class Seen(NamedTuple):
    """An entry as it was shown last; ``gone_from``: when it may vanish."""

    raw: bytes
    sequence: int
    stamp: datetime
    gone_from: datetime


def look(owner: Customer, *, now: datetime) -> dict[str, icalendar.Component]:
    """Return the entries of the owner's feed by id, which asking again does not change."""
    feed = feeds.feed_of_customer(owner)
    body = write(published(feed, now=now))
    assert write(published(feed, now=now)) == body
    return {value(event, "X-MAINTNOTE-MAINTENANCE-ID"): event for event in events(body)}


def seen(event: icalendar.Component) -> Seen:
    """Return what is kept of an entry until the next look."""
    stamp: datetime = event.decoded("DTSTAMP")
    end: datetime = event.decoded("DTEND")
    cancelled = value(event, "STATUS") == "CANCELLED"
    return Seen(event.to_ical(), event.decoded("SEQUENCE"), stamp, stamp + CANCELLED_STAY if cancelled else end + PAST_STAY)


def check(before: dict[str, Seen], after: dict[str, Seen], *, now: datetime) -> None:
    """Compare two looks at one feed (RFC 5545, 3.8.7.4; DESIGN.md section 4, Calendars)."""
    assert [name for name, one in before.items() if name not in after and now <= one.gone_from] == []
    for name in before.keys() & after.keys():
        old, new = before[name], after[name]
        if old.raw != new.raw:
            assert (name, new.sequence > old.sequence, new.stamp >= old.stamp) == (name, True, True)


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(5))
def test_feeds_in_a_game(seed: int) -> None:
    """After each move; in every other game progress is told by mail as well."""
    if seed % 2:
        UpdateRule.objects.all().delete()
        UpdateRule.objects.bulk_create(UpdateRule(tier=tier, impact=impact, progress=True) for tier in Tier.objects.all() for impact in Impact)
    game = Game(seed)
    last: dict[int, dict[str, Seen]] = {one.pk: {} for one in game.customers}
    done = 0
    for _move in range(MOVES):
        done += game.move()
        states = {f"MNT-1.{number}": state for number, state in Window.objects.values_list("number", "state")}
        for one in game.customers:
            found = look(one, now=game.now)
            assert {name: states[name] for name, event in found.items() if value(event, "X-MAINTNOTE-STATUS") not in SHOWN_AS[states[name]]} == {}
            now = {name: seen(event) for name, event in found.items()}
            check(last[one.pk], now, now=game.now)
            last[one.pk] = now
    assert done > MOVES // 4
    assert Window.objects.aggregate(most=Max("sequence"))["most"] > 1
