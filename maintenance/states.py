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


TOLD_STATES = (WindowState.ANNOUNCED, WindowState.IN_PROGRESS, WindowState.COMPLETED, WindowState.NOT_COMPLETED)
"""States that a window reaches only through a notice that promised it."""


class Outcome(models.TextChoices):
    """How a window ended that was not completed."""

    ROLLED_BACK = "rolled_back", _("rolled back")  # everything is as before
    PARTIAL = "partial", _("partial")  # some of it is done
    FAILED = "failed", _("failed")  # service is not as it should be


class Basis(models.TextChoices):
    """By which rule a window may be announced."""

    PLANNED = "planned", pgettext_lazy("basis", "planned")  # with the full notice
    EMERGENCY = "emergency", pgettext_lazy("basis", "emergency")  # without it, for an identified P1


class Kind(models.TextChoices):
    """What a notice tells one customer."""

    ANNOUNCED = "announced", pgettext_lazy("notice kind", "announced")  # planned work, for the first time
    REVISED = "revised", pgettext_lazy("notice kind", "revised")  # announced work with other times
    CANCELLED = "cancelled", pgettext_lazy("notice kind", "cancelled")  # announced work that will not touch this customer
    EMERGENCY = "emergency", pgettext_lazy("notice kind", "emergency")  # work without the usual notice, for a P1


class Hop(models.TextChoices):
    """How a customer was served: who took the notice over first, or how else it was given."""

    FILE = "file", _("file")  # written to the mail folder (no server involved)
    RELAY = "relay", _("our relay or the customer's server")  # accepted by SMTP
    ESP = "esp", _("e-mail service provider")  # accepted by the ESP's API
    PHONE = "phone", _("telephone")  # told by a person
    LETTER = "letter", _("letter")  # on paper
    MEETING = "meeting", _("meeting")  # face to face


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
