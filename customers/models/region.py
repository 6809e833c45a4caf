"""A region: who writes to its customers, and where they reach support."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from customers.catalogue import REGIONS
from customers.languages import LanguageField
from customers.plain_text import single_line


class Region(models.Model):
    """A country that the provider writes from; the list is fixed (DOMAIN.md), mailboxes are configuration."""

    slug = models.SlugField(_("slug"), max_length=8, unique=True, editable=False)
    language = LanguageField(_("language"))
    timezone = TimeZoneField(_("time zone of the office"))
    sender_name = models.CharField(_("sender's name"), max_length=80, validators=[single_line])
    sender_email = models.EmailField(_("sender's address"))
    reply_to = models.EmailField(_("reply to"))
    support_email = models.EmailField(_("support's address"))
    support_phone = models.CharField(_("support's telephone"), max_length=40, blank=True, validators=[single_line])

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["slug"]

    def __str__(self) -> str:
        """Return the region's name in the reader's language."""
        return str(REGIONS.get(self.slug, self.slug))
