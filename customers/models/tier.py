"""A support tier (DOMAIN.md, Support tiers): what a customer has bought, as configuration."""

import datetime as dt

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.catalogue import TIERS


class Tier(models.Model):
    """When support can be reached, and which reports a customer gets; times are wall times of the customer's region."""

    slug = models.SlugField(_("slug"), max_length=16, unique=True, editable=False)
    opens = models.TimeField(_("support opens"), default=dt.time(9))
    closes = models.TimeField(_("support closes"), default=dt.time(18))
    around_the_clock = models.BooleanField(_("support outside office hours (in English)"), default=False)
    service_review = models.BooleanField(_("quarterly service review"), default=False)
    root_cause_report = models.BooleanField(_("root-cause report after a P1"), default=False)
    adviser = models.BooleanField(_("personal adviser"), default=False)

    class Meta:
        verbose_name = _("tier")
        verbose_name_plural = _("tiers")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F("opens")),
                name="tier_closes_after_it_opens",
                violation_error_message=_("Support must close after it opens."),
            ),
        ]

    def __str__(self) -> str:
        """Return the tier's name in the reader's language."""
        return str(TIERS.get(self.slug, self.slug))
