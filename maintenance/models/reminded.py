"""That a window's reminder has had its turn."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from maintenance.models.window import Window


class Reminded(models.Model):
    """Unique by window, start and hours: whichever worker writes it first reminds, the others do not. A window that moves is reminded of anew."""

    window = models.ForeignKey(Window, models.CASCADE, related_name="reminded", verbose_name=_("window"))
    start = models.DateTimeField(_("start"))
    hours = models.PositiveSmallIntegerField(_("hours before"))
    done_at = models.DateTimeField(_("done at"))

    class Meta:
        verbose_name = _("reminder done")
        verbose_name_plural = _("reminders done")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["window", "start", "hours"], name="reminded_once")]

    def __str__(self) -> str:
        """Return window and hours."""
        return f"{self.window}: {self.hours} h"
