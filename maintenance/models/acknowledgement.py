"""That a planner knew of a freeze or a conflict and went on, and why."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from maintenance.models.maintenance import Maintenance
from maintenance.states import Obstacle


class Acknowledgement(models.Model):
    """``what`` says in words what was known, in the language of the settings: the planner read the same in their own."""

    maintenance = models.ForeignKey(Maintenance, models.PROTECT, related_name="acknowledgements", verbose_name=_("maintenance"))
    obstacle = models.CharField(_("obstacle"), max_length=10, choices=Obstacle)
    what = models.TextField(_("what was known"))
    reason = models.TextField(_("reason"))
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.CharField(_("recorded by"), max_length=150)

    class Meta:
        verbose_name = _("acknowledgement")
        verbose_name_plural = _("acknowledgements")
        ordering = ["id"]
        constraints = [models.CheckConstraint(condition=~models.Q(reason=""), name="acknowledgement_has_reason")]

    def __str__(self) -> str:
        """Return maintenance and obstacle."""
        return f"{self.maintenance}: {self.get_obstacle_display()}"
