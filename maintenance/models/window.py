"""A window: an interval in which the work may happen."""

from datetime import UTC, datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from maintenance.floor import FloorBefore
from maintenance.models.incident import Incident
from maintenance.models.maintenance import Maintenance
from maintenance.states import TOLD_STATES, Basis, FollowUp, Outcome, ServiceNow, WindowState

FIRST_MOMENT = datetime(2000, 1, 1, tzinfo=UTC)
LAST_MOMENT = datetime(2200, 1, 1, tzinfo=UTC)
"""SQLite lets anything stand where a moment should, and orders numbers before texts and letters after digits: these bounds keep it out."""


class Window(models.Model):
    """Written by ``booking`` alone; all moments in UTC. ``number`` counts from 1 and stays, as calendars know it.

    ``alternate``: used only if the work cannot be done in the others. ``presumed``: nobody said that it began, or that it ended; the clock did.
    ``overran_from``: the end that was announced, where the work takes longer; ``late_reason``: why it was announced without the full notice.

    ``start_decision``: the policy's version, inputs and answer when it began.

    ``promised_since``: when the notice that named this interval was issued. ``sequence`` and ``changed_at`` are the calendar
    entry's SEQUENCE and DTSTAMP: both change with everything that a feed shows (RFC 5545, 3.8.7.4).
    """

    maintenance = models.ForeignKey(Maintenance, models.CASCADE, related_name="windows", verbose_name=_("maintenance"))
    number = models.PositiveSmallIntegerField(_("number"), editable=False)
    start = models.DateTimeField(_("start"))
    end = models.DateTimeField(_("end"))
    state = models.CharField(_("state"), max_length=16, choices=WindowState, default=WindowState.DRAFT, editable=False)
    basis = models.CharField(_("basis"), max_length=10, choices=Basis, default=Basis.PLANNED, editable=False)
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, editable=False, verbose_name=_("incident"))
    promised_since = models.DateTimeField(_("promised since"), null=True, blank=True, editable=False)
    sequence = models.PositiveIntegerField(_("sequence"), default=0, editable=False)
    changed_at = models.DateTimeField(_("changed at"), editable=False)
    started_at = models.DateTimeField(_("started at"), null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended at"), null=True, blank=True, editable=False)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome, blank=True, default="", editable=False)
    service_now = models.CharField(_("service now"), max_length=10, choices=ServiceNow, blank=True, default="", editable=False)
    follow_up = models.CharField(_("follow-up"), max_length=10, choices=FollowUp, blank=True, default="", editable=False)
    alternate = models.BooleanField(_("alternate"), default=False)
    presumed = models.BooleanField(_("presumed"), default=False, editable=False)
    overran_from = models.DateTimeField(_("end that was announced"), null=True, blank=True, editable=False)
    start_decision = models.JSONField(_("decision at the start"), default=dict, blank=True, editable=False)
    late_reason = models.TextField(_("reason for late notice"), blank=True, default="", editable=False)

    class Meta:
        verbose_name = _("window")
        verbose_name_plural = _("windows")
        ordering = ["maintenance_id", "number"]
        indexes = [models.Index(fields=["start"], name="window_by_start")]
        constraints = [
            models.UniqueConstraint(fields=["maintenance", "number"], name="window_number_once"),
            models.CheckConstraint(
                condition=Q(end__gt=F("start"), start__gte=FIRST_MOMENT, end__lt=LAST_MOMENT),
                name="window_ends_after_it_starts",
                violation_error_message=_("A window must end after it starts."),
            ),
            models.CheckConstraint(
                condition=Q(basis=Basis.EMERGENCY, incident__isnull=False) | Q(basis__in=[Basis.PLANNED, Basis.LATE], incident__isnull=True),
                name="window_emergency_has_incident",
                violation_error_message=_("An emergency names its incident, planned work names none."),
            ),
            models.CheckConstraint(
                condition=~Q(basis=Basis.LATE) | ~Q(late_reason=""),
                name="window_late_has_reason",
                violation_error_message=_("Late notice names its reason."),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=TOLD_STATES)
                | Q(basis__in=[Basis.EMERGENCY, Basis.LATE])
                | Q(promised_since__isnull=False, promised_since__gte=FIRST_MOMENT, promised_since__lte=FloorBefore(F("start"))),
                name="window_promised_ten_days_ahead",
                violation_error_message=_("Planned work needs at least ten days' notice."),
            ),
        ]

    def __str__(self) -> str:
        """Return the number, as in ``REF.n``."""
        return f"{self.maintenance.reference}.{self.number}"
