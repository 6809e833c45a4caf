"""The words for impact, states, kinds and bases (DESIGN.md section 5), a sentence on each."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Impact(models.TextChoices):
    """How bad it is, from best to worst, as in the NANOG maintnote draft."""

    NO_IMPACT = "no_impact", _("no impact")  # nothing should be noticed
    REDUCED_REDUNDANCY = "reduced_redundancy", _("reduced redundancy")  # service runs, its backup does not
    DEGRADED = "degraded", _("degraded")  # service is slower or interrupted now and then
    OUTAGE = "outage", _("outage")  # service is gone for a time

    @property
    def severity(self) -> int:
        """0 for no impact up to 3 for an outage."""
        return list(Impact).index(self)


class WindowState(models.TextChoices):
    """What has become of a window, and of the maintenance as a whole."""

    DRAFT = "draft", pgettext_lazy("window state", "draft")  # booked, nobody was told
    ANNOUNCED = "announced", pgettext_lazy("window state", "announced")  # a notice was issued
    IN_PROGRESS = "in_progress", pgettext_lazy("window state", "in progress")  # somebody said that it started
    COMPLETED = "completed", pgettext_lazy("window state", "completed")  # done as planned
    NOT_COMPLETED = "not_completed", pgettext_lazy("window state", "not completed")  # ended otherwise, see the outcome
    POSTPONED = "postponed", pgettext_lazy("window state", "postponed")  # withdrawn, a new date comes as a revision
    CANCELLED = "cancelled", pgettext_lazy("window state", "cancelled")  # will not happen
    PRESUMED_ENDED = "presumed_ended", pgettext_lazy("window state", "presumed ended")  # a supplier's: its time is over, and nobody has said how it went


TOLD_STATES = (WindowState.ANNOUNCED, WindowState.IN_PROGRESS, WindowState.COMPLETED, WindowState.NOT_COMPLETED, WindowState.PRESUMED_ENDED)
"""States that a window reaches only through a notice that promised it."""


class Outcome(models.TextChoices):
    """How a window ended that was not completed."""

    ROLLED_BACK = "rolled_back", _("rolled back")  # everything is as before
    PARTIAL = "partial", _("partial")  # some of it is done
    FAILED = "failed", _("failed")  # service is not as it should be


class ServiceNow(models.TextChoices):
    """How service is when work ends that was not completed."""

    AS_BEFORE = "as_before", pgettext_lazy("service now", "as before")  # nothing is felt
    DEGRADED = "degraded", pgettext_lazy("service now", "degraded")  # slower or interrupted now and then
    DOWN = "down", pgettext_lazy("service now", "down")  # gone


class FollowUp(models.TextChoices):
    """What comes after work that was not completed."""

    NEW_DATE = "new_date", pgettext_lazy("follow-up", "a new date will be announced")  # with its own notice
    AT_WORK = "at_work", pgettext_lazy("follow-up", "we are working on it")  # until service is as it should be
    NONE = "none", pgettext_lazy("follow-up", "none")  # nothing more will be done


class Basis(models.TextChoices):
    """By which rule a window may be announced."""

    PLANNED = "planned", pgettext_lazy("basis", "planned")  # with the full notice
    EMERGENCY = "emergency", pgettext_lazy("basis", "emergency")  # without it, for an identified P1
    LATE = "late", pgettext_lazy("basis", "late")  # without it and without a P1: a breach, told in honest words


class Kind(models.TextChoices):
    """What a notice tells one customer."""

    ANNOUNCED = "announced", pgettext_lazy("notice kind", "announced")  # planned work, for the first time
    JOINED = "joined", pgettext_lazy("notice kind", "joined later")  # the same, for a service that was added after it was announced
    REVISED = "revised", pgettext_lazy("notice kind", "revised")  # more than was promised: other times, a worse impact, another service
    EASED = "eased", pgettext_lazy("notice kind", "eased")  # less than was promised, or other times within it
    CORRECTED = "corrected", pgettext_lazy("notice kind", "corrected")  # the same work in other words
    CANCELLED = "cancelled", pgettext_lazy("notice kind", "cancelled")  # announced work that will not touch this customer
    POSTPONED = "postponed", pgettext_lazy("notice kind", "postponed")  # announced work that will not take place then; a new date comes later
    EMERGENCY = "emergency", pgettext_lazy("notice kind", "emergency")  # work without the usual notice, for a P1
    LATE = "late", pgettext_lazy("notice kind", "late")  # work without the usual notice, which breaks the promise
    REMINDER = "reminder", pgettext_lazy("notice kind", "reminder")  # work that was announced comes soon
    STARTED = "started", pgettext_lazy("notice kind", "started")  # work has begun
    EXTENDED = "extended", pgettext_lazy("notice kind", "extended")  # work in progress takes longer than was announced
    COMPLETED = "completed", pgettext_lazy("notice kind", "completed")  # work is done
    NOT_COMPLETED = "not_completed", pgettext_lazy("notice kind", "not completed")  # work has ended otherwise
    ROOT_CAUSE = "root_cause", pgettext_lazy("notice kind", "root cause")  # what caused a P1 and what was done about it


FIRST_KINDS = (Kind.ANNOUNCED, Kind.JOINED, Kind.EMERGENCY, Kind.LATE)
"""By which a customer hears of the work for the first time (an emergency or late notice also tells of other times)."""
CONTENT_KINDS = (*FIRST_KINDS, Kind.REVISED, Kind.EASED, Kind.CORRECTED)
"""They say all that is to come, and replace what was said before and still waits."""
WITHDRAWING_KINDS = (Kind.CANCELLED, Kind.POSTPONED)
"""They take back what was said; they go to whoever may have been told, and nothing replaces them."""
PROGRESS_KINDS = (Kind.STARTED, Kind.EXTENDED, Kind.COMPLETED, Kind.NOT_COMPLETED)
"""They say how one window goes; a newer one about the same window replaces one that still waits."""


class Hop(models.TextChoices):
    """How a customer was served: who took the notice over first, or how else it was given."""

    FILE = "file", _("file")  # written to the mail folder (no server involved)
    RELAY = "relay", _("our relay or the customer's server")  # accepted by SMTP
    ESP = "esp", _("e-mail service provider")  # accepted by the ESP's API
    PHONE = "phone", _("telephone")  # told by a person
    LETTER = "letter", _("letter")  # on paper
    MEETING = "meeting", _("meeting")  # face to face


SPOKEN = (Hop.PHONE, Hop.LETTER, Hop.MEETING)
"""Notice that a person gave and recorded."""


class Cause(models.TextChoices):
    """Why a customer is not served in time."""

    NO_CONTACT = "no_contact", pgettext_lazy("shortfall", "no contact")  # nobody to tell
    FAILED = "failed", pgettext_lazy("shortfall", "every mail failed")  # refused for good or given up
    UNKNOWN = "unknown", pgettext_lazy("shortfall", "acceptance is not known")  # handed over, the answer was never seen
    BOUNCED = "bounced", pgettext_lazy("shortfall", "bounced")  # accepted first and refused afterwards
    TOO_LATE = "too_late", pgettext_lazy("shortfall", "too late")  # accepted after the line, or not sent because it would have been
    RECORD = "record", pgettext_lazy("shortfall", "the record was wrong")  # a service that was held all along was entered after the line


class Obstacle(models.TextChoices):
    """What stands in the way of a window without breaking the promise."""

    FREEZE = "freeze", pgettext_lazy("obstacle", "freeze")  # no work was to be done then
    CONFLICT = "conflict", pgettext_lazy("obstacle", "conflict")  # other work hits the same customer, or its backup, at the same time


class Priority(models.TextChoices):
    """An incident's priority (DOMAIN.md, Priorities)."""

    P1 = "P1", "P1"
    P2 = "P2", "P2"
    P3 = "P3", "P3"
    P4 = "P4", "P4"
    NONE = "none", _("none (customer's own domain)")


class PrivateApn(models.TextChoices):
    """What an incident in an MNO's domain does to a private APN."""

    UNAFFECTED = "unaffected", _("not affected")  # no private APN is concerned
    IMPAIRED = "impaired", _("serious trouble, loss of service on the dedicated infrastructure")  # P2
    DOWN = "down", _("total outage: every SIM on it")  # P1
