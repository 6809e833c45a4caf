"""A maintenance: the work, with one or more windows."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from customers.models import Operator
from customers.plain_text import single_line
from maintenance.models.incident import Incident
from maintenance.states import Impact, WindowState


class Maintenance(models.Model):
    """Written by ``booking`` alone. ``revision`` rises with every change; ``state`` sums up the windows' states.

    ``timezone`` is the zone in which the planner thinks; the windows are stored in UTC.
    """

    reference = models.CharField(_("reference"), max_length=40, unique=True, validators=[single_line])
    supplier = models.ForeignKey(
        Operator,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("supplier"),
        help_text=_("whose work it is, if not ours"),
    )
    supplier_reference = models.CharField(_("supplier's reference"), max_length=100, blank=True, validators=[single_line])
    timezone = TimeZoneField(_("time zone"))
    impact = models.CharField(_("impact"), max_length=20, choices=Impact)
    expected_outage_minutes = models.PositiveIntegerField(
        _("expected outage (minutes)"),
        help_text=_("minutes in each window in which service is really affected"),
    )
    incident = models.ForeignKey(Incident, models.PROTECT, null=True, blank=True, verbose_name=_("incident"), help_text=_("the P1, for an emergency"))
    learned_at = models.DateTimeField(_("learned of at"), null=True, blank=True, help_text=_("when we learned of work that cannot keep the full notice"))
    supplier_notified_at = models.DateTimeField(_("supplier told us at"), null=True, blank=True)
    accept_english = models.BooleanField(
        _("send English where a translation is missing"),
        default=False,
        help_text=_("the mail says in the reader's language that the provider's text is in English"),
    )
    state = models.CharField(_("state"), max_length=16, choices=WindowState, default=WindowState.DRAFT, editable=False)
    revision = models.PositiveIntegerField(_("revision"), default=0, editable=False)
    created_at = models.DateTimeField(_("booked at"), editable=False)
    created_by = models.CharField(_("booked by"), max_length=150, editable=False)

    class Meta:
        verbose_name = _("maintenance")
        verbose_name_plural = _("maintenance")
        ordering = ["-id"]
        permissions = [
            ("announce_maintenance", "Can announce, change, start and finish maintenance"),
            ("send_late_notice", "Can send late notice, which breaks the promise"),
        ]

    def __str__(self) -> str:
        """Return the reference."""
        return self.reference
