"""When a mail is due: a first notice with time in hand waits for the office to open and is paced; everything else goes at once."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from django.conf import settings
from django.db.models import Case, DateTimeField, DurationField, ExpressionWrapper, F, IntegerField, Min, Q, QuerySet, Value, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Least, RowNumber

from customers.models import Region
from customers.office_hours import OfficeHours, next_opening, office_of, sessions
from maintenance.models import Notice
from maintenance.states import Kind

WAITING_KINDS = (Kind.ANNOUNCED, Kind.REVISED)
"""Those for which there can be time in hand: they need days of notice of their own."""
MOST_SESSIONS = 20
"""Working days over which the mails of one notice are spread; whatever they do not take is due when the last moment has come."""

_HOUR = timedelta(hours=1)
_MOMENT = DateTimeField()
_TOLD = "customer__noticecustomer"

Rows: TypeAlias = "QuerySet[Any, Any]"


class AfterGrouping(Case):
    """A CASE over a window function: Django would group by it, though rows are numbered only when they are grouped already."""

    def get_group_by_cols(self) -> list[Any]:
        """Nothing."""
        return []


@dataclass(frozen=True)
class Share:
    """What one working day takes of the mails that wait for an opening: those numbered (from 0) from ``first`` on, below ``end``."""

    first: int
    end: int
    since: datetime


def with_due_times(rows: Rows, notice: Notice, *, contact: str, most: Callable[[], int], now: datetime) -> Rows:
    """Annotate ``due``. ``rows``: customers of the notice, grouped to ``most`` mails or fewer, with ``until``, each mail's deadline.

    A mail waits for the first opening among its accounts' offices, unless that leaves one of them less than the margin.
    """
    at_once = Value(now, output_field=_MOMENT)
    offices = _offices(notice)
    if not offices:
        return _annotated(rows, at_once)
    openings = {region: next_opening(now, office) for region, office in offices.items()}
    margin = _HOUR * settings.NOTICE_MARGIN_HOURS
    in_hand = {region: Q(**_in_hand(opens + margin), customer__region=region) for region, opens in openings.items()}
    waiting: Rows = rows.alias(
        opening=Min(Case(*[When(in_hand[region], then=Value(opens, output_field=_MOMENT)) for region, opens in openings.items()], default=at_once)),
        waits=Min(Case(*[When(condition, then=1) for condition in in_hand.values()], default=0, output_field=IntegerField())),
        last=ExpressionWrapper(F("until") - Value(margin, output_field=DurationField()), output_field=_MOMENT),
        number=Window(RowNumber(), partition_by=[F("waits"), F("opening")], order_by=[F("until"), F(f"{contact}_id")]),
    )
    if not settings.MAILS_PER_HOUR:
        return _annotated(waiting, F("opening"))
    return _annotated(waiting, _paced(waits_for=_by_opening(openings, offices, now), most=most(), now=now))


def _paced(*, waits_for: dict[datetime, OfficeHours], most: int, now: datetime) -> AfterGrouping:
    """Return when the row's mail is due: by its ``number`` after its ``opening``; where a day does not take all, on the days that follow."""
    pace = _HOUR / settings.MAILS_PER_HOUR
    later = []
    for opens, office in waits_for.items():
        first, *shares = _shares(sessions(now, office), pace, most)
        later += [When(opening=opens, number__gt=one.first, number__lte=one.end, then=_one_by_one(one.since, one.first, pace)) for one in shares]
        taken = shares[-1].end if shares else first.end
        if taken < most:
            later.append(When(opening=opens, number__gt=taken, then=F("last")))
    return AfterGrouping(When(waits=0, then=Value(now, output_field=_MOMENT)), *later, default=_one_by_one(F("opening"), 0, pace), output_field=_MOMENT)


def _one_by_one(since: datetime | F, first: int, pace: timedelta) -> Least:
    """Return ``since`` and a pace later for each number after ``first``, but never later than the row's ``last`` moment."""
    begins = since if isinstance(since, F) else Value(since, output_field=_MOMENT)
    after = ExpressionWrapper((F("number") - (first + 1)) * Value(pace, output_field=DurationField()), output_field=DurationField())
    return Least(ExpressionWrapper(begins + after, output_field=_MOMENT), F("last"))


def _annotated(rows: Rows, due: Combinable) -> Rows:
    annotated: Rows = rows.annotate(due=due)
    return annotated


def _offices(notice: Notice) -> dict[int, OfficeHours]:
    """Return the office of each region, by its key, whose customers the notice tells with days of notice; none where nothing waits."""
    if settings.FIRST_NOTICE == "at_once":
        return {}
    told = notice.customers.filter(kind__in=WAITING_KINDS, deadline__isnull=False)
    return {region.pk: office_of(region) for region in Region.objects.filter(pk__in=told.values("customer__region"))}


def _in_hand(moment: datetime) -> dict[str, object]:
    return {f"{_TOLD}__kind__in": WAITING_KINDS, f"{_TOLD}__deadline__gte": moment}


def _by_opening(openings: dict[int, datetime], offices: dict[int, OfficeHours], now: datetime) -> dict[datetime, OfficeHours]:
    """Return an office for each opening: of those that open together the one that closes first, as it sets how many mails go out that day."""
    latest_first = sorted(offices, key=lambda region: next(sessions(now, offices[region]))[1], reverse=True)
    return {openings[region]: offices[region] for region in latest_first}


def _shares(days: Iterable[tuple[datetime, datetime]], pace: timedelta, most: int) -> Iterator[Share]:
    """Yield what each working day takes, until ``most`` mails are placed."""
    end = 0
    for (opens, closes), _ in zip(days, range(MOST_SESSIONS), strict=False):
        first, end = end, end - (opens - closes) // pace  # rounded up: one goes out at the opening itself
        yield Share(first, end, opens)
        if end >= most:
            return
