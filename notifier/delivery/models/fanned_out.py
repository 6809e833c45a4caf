"""That a notice's deliveries have been made."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from maintenance.models import Notice


class FannedOut(models.Model):
    """Written in the transaction that makes the deliveries: a notice without it is still to be fanned out."""

    notice = models.OneToOneField(Notice, models.PROTECT, primary_key=True, verbose_name=_("notice"))
    done_at = models.DateTimeField(_("done at"))

    class Meta:
        verbose_name = _("notice fanned out")
        verbose_name_plural = _("notices fanned out")
        ordering = ["notice_id"]

    def __str__(self) -> str:
        """Return the notice."""
        return str(self.notice)
