"""What is other than it was told before, and how work ended: sentences made inside ``translation.override`` of the reader's language."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from maintenance.said import SaidEnding
from maintenance.states import FollowUp, Impact, Kind, Outcome, ServiceNow
from notifier.delivery.letter import Letter
from notifier.durations import duration

_SHOW_CHANGES = (Kind.JOINED, Kind.REVISED, Kind.EASED, Kind.EMERGENCY, Kind.LATE)

_OUTCOMES: dict[Outcome, Promise] = {
    Outcome.ROLLED_BACK: gettext_lazy("The work was broken off, and its changes have been undone."),
    Outcome.PARTIAL: gettext_lazy("Part of the work has been done; the rest has not."),
    Outcome.FAILED: gettext_lazy("The work has failed."),
}
_SERVICE_NOW: dict[ServiceNow, Promise] = {
    ServiceNow.AS_BEFORE: gettext_lazy("Your services work as they did before."),
    ServiceNow.DEGRADED: gettext_lazy("Your services work, but may be slow or interrupted now and then."),
    ServiceNow.DOWN: gettext_lazy("Your services are down."),
}
_FOLLOW_UPS: dict[FollowUp, Promise] = {
    FollowUp.NEW_DATE: gettext_lazy("A new date will be announced in a notice of its own."),
    FollowUp.AT_WORK: gettext_lazy("We are working to bring your services back to normal."),
    FollowUp.NONE: gettext_lazy("No further work is planned."),
}


@dataclass(frozen=True)
class ShownEnding:
    """How work ended that was not completed, in sentences; ``note`` is what the planner typed."""

    outcome: str
    service_now: str
    follow_up: str
    note: str


def changes(letter: Letter, impact: Impact) -> list[str]:
    """Return a sentence for each thing that has changed; ``impact`` is the worst that the reader is told now."""
    said = letter.said
    if letter.kind not in _SHOW_CHANGES or letter.is_first:
        return []
    sentences = []
    if any(window.previous for window in letter.windows()):
        sentences.append(_("The times have changed. The new and the old ones are given below."))
    if said.previous_impact not in {None, impact}:
        labels = {"before": said.previous_impact.label, "now": impact.label}
        sentences.append(_("The expected impact has changed from “%(before)s” to “%(now)s”.") % labels)
    if said.previous_minutes not in {None, said.expected_outage_minutes}:
        lengths = {"before": duration(said.previous_minutes), "now": duration(said.expected_outage_minutes)}
        sentences.append(_("The time for which service is affected has changed from up to %(before)s to up to %(now)s.") % lengths)
    if any(row.fresh for account in letter.accounts for row in account.services if not all(one.fresh for one in account.services)):
        sentences.append(_("Services of yours are affected that we had not named before. They are marked as new below."))
    return sentences


def ending(said: SaidEnding | None, note: str) -> ShownEnding | None:
    """Return how work ended, in the reader's words; ``note`` is the planner's, made fit to be shown."""
    if said is None:
        return None
    return ShownEnding(str(_OUTCOMES[said.outcome]), str(_SERVICE_NOW[said.service_now]), str(_FOLLOW_UPS[said.follow_up]), note)
