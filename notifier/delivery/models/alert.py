"""A mail to the planners: something needs their eye now."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class AlertKind(models.TextChoices):
    """What it is about."""

    SHORTFALL = "shortfall", pgettext_lazy("alert", "shortfall")  # customers are not served in time
    GO_NO_GO = "go_no_go", pgettext_lazy("alert", "go or no go")  # work is near, and this is still open
    NOT_STARTED = "not_started", pgettext_lazy("alert", "not started")  # its start has passed, and nobody has said anything
    OVERRUN = "overrun", pgettext_lazy("alert", "overrun")  # work in progress is past its end
    NOT_A_P1 = "not_a_p1", pgettext_lazy("alert", "not a P1")  # emergencies were stopped
    ROOT_CAUSE = "root_cause", pgettext_lazy("alert", "root-cause report")  # one is due
    COMPLAINT = "complaint", pgettext_lazy("alert", "complaint")  # a contact called our mail spam, or asked for no more
    NOT_ACCEPTED = "not_accepted", pgettext_lazy("alert", "not accepted yet")  # the line of an announcement is near
    STANDSTILL = "standstill", pgettext_lazy("alert", "mail stands still")  # nothing goes out although it is due
    JOINED = "joined", pgettext_lazy("alert", "service entered later")  # a customer is hit that was not when the work was announced


class Alert(models.Model):
    """Written once for each thing (``key``), sent by the dispatcher until the first hop takes it. ``facts`` are what the mail is made of."""

    kind = models.CharField(_("kind"), max_length=12, choices=AlertKind)
    key = models.CharField(_("key"), max_length=120, unique=True)
    facts = models.JSONField(_("facts"), default=dict)
    made_at = models.DateTimeField(_("made at"))
    due_at = models.DateTimeField(_("due at"))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)
    problem = models.CharField(_("problem"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("alert")
        verbose_name_plural = _("alerts")
        ordering = ["-made_at", "-id"]
        indexes = [models.Index(fields=["due_at"], name="alert_waiting", condition=models.Q(sent_at__isnull=True))]

    def __str__(self) -> str:
        """Return kind and key."""
        return f"{self.get_kind_display()}: {self.key}"
