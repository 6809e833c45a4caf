"""Whether one of the ways that mail takes is in trouble."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Breaker(models.Model):
    """One row a way, written by workers; a way without one has never been in trouble.

    ``troubles``: so many times in a row it was tried in vain. ``since``: when that began. ``retry_at``: when it is tried again, by a single mail.
    ``probe_until``: till then, by the database's clock, whoever has ``probe_token`` is about that.
    """

    way = models.CharField(_("way"), max_length=8, primary_key=True)
    troubles = models.PositiveIntegerField(_("times in vain"), default=0)
    since = models.DateTimeField(_("since"), null=True, blank=True)
    retry_at = models.DateTimeField(_("next try"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")
    probe_token = models.CharField(max_length=32, blank=True, default="")
    probe_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("way of mail")
        verbose_name_plural = _("ways of mail")
        ordering = ["way"]
        constraints = [
            models.CheckConstraint(condition=Q(way__in=["primary", "fallback"]), name="breaker_of_a_way"),
            models.CheckConstraint(
                condition=Q(troubles=0, since__isnull=True, retry_at__isnull=True, reason="")
                | Q(troubles__gt=0, since__isnull=False, retry_at__isnull=False) & ~Q(reason=""),
                name="breaker_open_has_reason",
            ),
        ]

    def __str__(self) -> str:
        """Return the way."""
        return self.way
