"""An operator: an MNO or another supplier whose work we pass on."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.notice_days import NoticeDaysField, never_below_the_floor
from customers.plain_text import single_line


class Operator(models.Model):
    """Imports create unknown ones."""

    code = models.CharField(_("code"), max_length=64, unique=True, validators=[single_line])
    notice_days = NoticeDaysField(_("notice for its work"))

    class Meta:
        verbose_name = _("operator")
        verbose_name_plural = _("operators")
        ordering = ["code"]
        constraints = [never_below_the_floor("operator_notice_never_below_ten_days")]

    def __str__(self) -> str:
        """Return the code, which is what files and mails call it."""
        return self.code
