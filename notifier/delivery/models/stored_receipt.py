"""A receipt as it came in, and what it did."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from notifier.delivery.models.delivery import Delivery
from notifier.delivery.receipt import LONGEST_NAME, LONGEST_REASON, What


class Effect(models.TextChoices):
    """What a receipt did."""

    WAITING = "", pgettext_lazy("receipt", "waits")  # the worker that holds the mail has not written down its answer, or the mail is not known
    APPLIED = "applied", pgettext_lazy("receipt", "applied")  # it changed the delivery or its contact
    RECORDED = "recorded", pgettext_lazy("receipt", "recorded only")  # it says nothing new, or nothing is concluded from it
    NOT_OURS = "not_ours", pgettext_lazy("receipt", "not about a notice")  # no such delivery


class StoredReceipt(models.Model):
    """Written once for each event of a source and kept; only ``effect`` and ``applied_at`` are filled in later, once.

    ``at`` is the source's time, ``received_at`` ours. ``delivery_name`` stays as it came, also where there is no such delivery.
    """

    source = models.CharField(_("from"), max_length=40)
    event_id = models.CharField(_("event"), max_length=LONGEST_NAME)
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, blank=True, related_name="receipts", verbose_name=_("delivery"))
    delivery_name = models.CharField(_("delivery's name"), max_length=LONGEST_NAME, blank=True, default="")
    address = models.CharField(_("address"), max_length=254, blank=True, default="")
    what = models.CharField(_("what"), max_length=12, choices=What)
    at = models.DateTimeField(_("happened at"))
    reason = models.CharField(_("reason"), max_length=LONGEST_REASON, blank=True, default="")
    bad_address = models.BooleanField(_("the address is bad"), default=False)
    received_at = models.DateTimeField(_("received at"))
    applied_at = models.DateTimeField(_("dealt with at"), null=True, blank=True)
    effect = models.CharField(_("effect"), max_length=8, choices=Effect, blank=True, default=Effect.WAITING)

    class Meta:
        verbose_name = _("receipt")
        verbose_name_plural = _("receipts")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["source", "event_id"], name="receipt_once"),
            models.CheckConstraint(condition=Q(applied_at__isnull=True, effect="") | Q(applied_at__isnull=False) & ~Q(effect=""), name="receipt_dealt_with"),
        ]
        indexes = [
            # the tick: those that wait, which are few
            models.Index(fields=["id"], name="receipt_waiting", condition=Q(applied_at__isnull=True)),
        ]

    def __str__(self) -> str:
        """Return what happened to which mail."""
        return f"{self.get_what_display()}: {self.delivery_name or self.event_id}"
