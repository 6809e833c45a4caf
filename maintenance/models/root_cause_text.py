"""The words of a root-cause report, in one language."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.languages import LanguageField
from customers.plain_text import single_line
from maintenance.models.root_cause_report import RootCauseReport


class RootCauseText(models.Model):
    """Data in every channel: never a template. ``cause`` and ``measures`` are Markdown."""

    report = models.ForeignKey(RootCauseReport, models.CASCADE, related_name="texts", verbose_name=_("root-cause report"))
    language = LanguageField(_("language"))
    title = models.CharField(_("title"), max_length=200, validators=[single_line])
    cause = models.TextField(_("what caused it"), help_text=_("Markdown"))
    measures = models.TextField(_("what was done about it"), help_text=_("Markdown"))

    class Meta:
        verbose_name = _("text")
        verbose_name_plural = _("texts")
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "language"],
                name="root_cause_text_once_a_language",
                violation_error_message=_("There is a text in this language already."),
            ),
        ]

    def __str__(self) -> str:
        """Return language and title."""
        return f"{self.language}: {self.title}"
