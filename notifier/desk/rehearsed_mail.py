"""The very mails that a verb would send, composed in a rehearsal: one for each kind, language and time zone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Count

from maintenance.models import Maintenance, Notice
from maintenance.states import Kind
from notifier.delivery.compose import message
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from notifier.desk.preview import Shown, hidden_feed, shown
from notifier.desk.rehearsal import Verb, taken_back


@dataclass(frozen=True)
class Choice:
    """So many mails of a kind go to readers of a language in a time zone."""

    kind: Kind
    language: str
    zone: str
    number: int = 0

    @property
    def key(self) -> str:
        """As a form sends it."""
        return f"{self.kind.value} {self.language} {self.zone}"


@dataclass(frozen=True)
class RehearsedMail:
    """All that would go out, and one of it."""

    choices: tuple[Choice, ...] = ()
    chosen: Choice | None = None
    mail: Shown | None = None


def rehearsed_mail(maintenance: Maintenance, verb: Verb, key: str, *, now: datetime) -> RehearsedMail:
    """Return the mail of the choice ``key``, or the most frequent one. Raises the ValidationError with which the verb refuses."""

    def look(issued: Sequence[Notice], _mails: int) -> RehearsedMail:
        mails = Delivery.objects.filter(notice__in=issued)
        rows = mails.order_by().values_list("kind", "language", "timezone").annotate(number=Count("pk"))
        choices = sorted((Choice(Kind(kind), language, str(zone), number) for kind, language, zone, number in rows), key=lambda one: (-one.number, one.key))
        chosen = next((one for one in choices if one.key == key), choices[0] if choices else None)
        if chosen is None:
            return RehearsedMail()
        delivery = mails.filter(kind=chosen.kind, language=chosen.language, timezone=chosen.zone).order_by("address", "pk")[0]
        (letter,) = load([delivery])
        return RehearsedMail(tuple(choices), chosen, shown(message(replace(letter, feed_url=hidden_feed()))))

    return taken_back(maintenance, verb, look, now=now)
