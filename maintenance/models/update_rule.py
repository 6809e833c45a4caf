"""What a tier hears of besides the notices themselves, by impact."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Tier
from maintenance.states import Impact


class UpdateRule(models.Model):
    """``reminder_hours`` before the start one reminder goes out (empty: none); ``progress``: the start and the completion are told."""

    tier = models.ForeignKey(Tier, models.CASCADE, related_name="update_rules", verbose_name=_("tier"))
    impact = models.CharField(_("impact"), max_length=20, choices=Impact)
    reminder_hours = models.PositiveSmallIntegerField(_("reminder (hours before)"), null=True, blank=True)
    progress = models.BooleanField(_("start and completion"), default=False)

    class Meta:
        verbose_name = _("reminders and progress")
        verbose_name_plural = _("reminders and progress")
        ordering = ["tier_id", "id"]
        constraints = [
            models.UniqueConstraint(fields=["tier", "impact"], name="update_rule_once"),
            models.CheckConstraint(
                condition=models.Q(reminder_hours__isnull=True) | models.Q(reminder_hours__gte=1, reminder_hours__lte=240),
                name="update_rule_reminds_within_ten_days",
                violation_error_message=_("A reminder goes out 1 to 240 hours before the start."),
            ),
        ]

    def __str__(self) -> str:
        """Return tier and impact."""
        return f"{self.tier}: {self.get_impact_display()}"
