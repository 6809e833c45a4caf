"""The promise again, from its one sentence (DESIGN.md section 4) and with its own arithmetic; nothing of the program is imported.

"For every customer and every instant of planned impact on a service there is a notice which was accepted for that customer at
least ten days before the start, and which named that instant, that service and at least that impact." Ten days means both
clocks; what a later notice took back is named no more; a service that was got after the work was announced has no breach.

Nothing changes between two boundaries of what was said, so the boundaries are all the instants that need looking at.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from tests.promise.facts import Facts, Named, Statement, Who, Word

Hit = Mapping[str, Sequence[Named]]
"""What a window hits, by customer."""


@lru_cache(maxsize=100_000)
def shown(moment: datetime, zone: str) -> datetime:
    """Return what a clock on the wall shows."""
    utc = moment.astimezone(UTC)
    offset = utc.astimezone(ZoneInfo(zone)).utcoffset()
    assert offset is not None
    return utc.replace(tzinfo=None) + offset


def in_time(accepted_at: datetime, start: datetime, who: Who) -> bool:
    """Tell whether both clocks have gone on by the days agreed, and by ten at least."""
    days = timedelta(days=max(10, who.days))
    elapsed = (start.timestamp() - accepted_at.timestamp()) >= days.total_seconds()
    return elapsed and shown(start, who.zone) >= shown(accepted_at, who.zone) + days


def short(hit: Hit, facts: Facts, *, emergencies: bool = False) -> set[str]:
    """Return the customers for whom the sentence does not hold of a window that is about to start.

    ``emergencies``: a P1 allows it to whoever was told of the window as one.
    """
    return {customer for customer, wanted in hit.items() if any(_open(one, customer, facts, emergencies=emergencies) for one in wanted)}


def foreseen(customer: str, wanted: Sequence[Named], facts: Facts, *, in_hand: datetime, emergencies: bool) -> bool:
    """Tell whether a window may be announced to a customer: each instant stands promised, or a notice that arrives at ``in_hand`` is in time.

    What was said of the same window as an emergency counts where ``emergencies`` do; it makes nothing planned.
    """
    last = next((word for word in reversed(facts.words) if word.customer == customer), None)
    said = last.named if last else ()
    for one in wanted:
        counts = [named for named in said if named.planned or (emergencies and named.window == one.window)]
        stands = all(any(_names(named, one, instant) for named in counts) for instant in _instants(one, counts))
        if not stands and not in_time(in_hand, one.start, facts.customers[customer]):
            return False
    return True


def _open(wanted: Named, customer: str, facts: Facts, *, emergencies: bool) -> bool:
    words = [word for word in facts.words if word.customer == customer]
    who = facts.customers[customer]
    said = [named for word in words for named in word.named] + [Named(0, "", span.start, span.end, 0, 0) for one in facts.statements for span in one.spans]
    return any(
        not _promised(wanted, instant, words, who)
        and not (emergencies and _told(wanted, instant, words, as_emergency=True))
        and not (_told(wanted, instant, words) and _joined(wanted, instant, facts.statements, who.held[wanted.service]))
        for instant in _instants(wanted, said)
    )


def _promised(wanted: Named, instant: datetime, words: Sequence[Word], who: Who) -> bool:
    return any(
        word.accepted_at is not None
        and in_time(word.accepted_at, wanted.start, who)
        and all(any(_names(said, wanted, instant) for said in one.named) for one in words[number:])
        for number, word in enumerate(words)
    )


def _told(wanted: Named, instant: datetime, words: Sequence[Word], *, as_emergency: bool = False) -> bool:
    """Tell whether it was said at all, in time or not, and stands."""
    return any(
        word.accepted_at is not None
        and (not as_emergency or any(said.window == wanted.window and not said.planned for said in word.named))
        and all(any(_names(said, wanted, instant) for said in one.named) for one in words[number:])
        for number, word in enumerate(words)
    )


def _joined(wanted: Named, instant: datetime, statements: Sequence[Statement], held: datetime) -> bool:
    """Tell whether the work stood announced for that instant before the service was there, and has ever since."""
    return any(
        one.issued_at < held
        and all(
            any(
                wanted.service in span.hits
                and span.start <= instant < span.end
                and span.rank >= wanted.rank
                and (wanted.rank == 0 or span.minutes >= wanted.minutes)
                for span in later.spans
            )
            for later in statements[number:]
        )
        for number, one in enumerate(statements)
    )


def _names(said: Named, wanted: Named, instant: datetime) -> bool:
    return (
        said.service == wanted.service
        and said.start <= instant < said.end
        and said.rank >= wanted.rank
        and (wanted.rank == 0 or said.minutes >= wanted.minutes)
    )


def _instants(wanted: Named, said: Iterable[Named]) -> set[datetime]:
    bounds = {bound for one in said for bound in (one.start, one.end)}
    return {wanted.start, *(bound for bound in bounds if wanted.start <= bound < wanted.end)}
