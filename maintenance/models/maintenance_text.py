"""What the planner says of a maintenance, in one language."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.languages import LanguageField
from customers.plain_text import single_line
from maintenance.models.maintenance import Maintenance


class MaintenanceText(models.Model):
    """Data in every channel: never a template. ``description`` is Markdown."""

    maintenance = models.ForeignKey(Maintenance, models.CASCADE, related_name="texts", verbose_name=_("maintenance"))
    language = LanguageField(_("language"))
    title = models.CharField(_("title"), max_length=200, validators=[single_line])
    impact = models.TextField(_("impact in words"))
    description = models.TextField(_("description"), help_text=_("Markdown"))

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                fields=["maintenance", "language"],
                name="text_once_a_language",
                violation_error_message=_("There is a text in this language already."),
            ),
        ]

    def __str__(self) -> str:
        """Return language and title."""
        return f"{self.language}: {self.title}"
