"""A region: who writes to its customers, and where they reach support."""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from customers.catalogue import REGIONS
from customers.languages import LanguageField
from customers.notice_days import NoticeDaysField, never_below_the_floor
from customers.plain_text import single_line


class Region(models.Model):
    """A country that the provider writes from; the list is fixed (DOMAIN.md), mailboxes are configuration."""

    slug = models.SlugField(_("slug"), max_length=8, unique=True, editable=False)
    language = LanguageField(_("language"))
    timezone = TimeZoneField(_("time zone of the office"))
    opens = models.TimeField(_("office opens"), default=dt.time(9))
    closes = models.TimeField(_("office closes"), default=dt.time(18))
    notice_days = NoticeDaysField(_("notice in this region"))
    sender_name = models.CharField(_("sender's name"), max_length=80, validators=[single_line])
    sender_email = models.EmailField(_("sender's address"))
    reply_to = models.EmailField(_("reply to"))
    support_email = models.EmailField(_("support's address"))
    support_phone = models.CharField(_("support's telephone"), max_length=40, blank=True, validators=[single_line])

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["slug"]
        constraints = [
            never_below_the_floor("region_notice_never_below_ten_days"),
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F("opens")),
                name="region_closes_after_it_opens",
                violation_error_message=_("The office must close after it opens."),
            ),
        ]

    def __str__(self) -> str:
        """Return the region's name in the reader's language."""
        return str(REGIONS.get(self.slug, self.slug))
