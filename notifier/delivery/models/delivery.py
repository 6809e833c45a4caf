"""A delivery: one mail to one contact."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from timezone_field import TimeZoneField

from customers.languages import LanguageField
from customers.models import Contact, Customer
from maintenance.models import Notice
from maintenance.states import Hop, Kind

URGENT_KINDS = ["emergency", "late", "cancelled", "postponed"]
"""They are claimed before all others: whoever reads them has to act, or not to act, at once."""
STALE_KINDS = ["reminder", "started", "extended", "completed", "not_completed"]
"""They may come too late to be of use."""


class DeliveryState(models.TextChoices):
    """Where a mail stands."""

    QUEUED = "queued", pgettext_lazy("delivery state", "queued")  # waits for its time and a worker
    SENDING = "sending", pgettext_lazy("delivery state", "sending")  # a worker holds its lease
    SENT = "sent", pgettext_lazy("delivery state", "sent")  # the first hop took it over
    DELIVERED = "delivered", pgettext_lazy("delivery state", "delivered")  # the ESP says that the customer's server took it
    FAILED = "failed", pgettext_lazy("delivery state", "failed")  # refused for good, given up or too late: see the reason
    UNKNOWN = "unknown", pgettext_lazy("delivery state", "unknown")  # handed over, and the answer was never seen
    WITHDRAWN = "withdrawn", pgettext_lazy("delivery state", "withdrawn")  # not sent: a newer notice has replaced it, or it is of no use any more


class Delivery(models.Model):
    """Unique by (notice, contact, language, time zone, kind); keeps its own address, language and zone.

    ``handed_over_at`` is the marker committed right before the hand-over: a lease that runs out without it goes back to the
    queue, with it the delivery becomes unknown. ``deadline``: acceptance after it would not be in time; it is not sent then.
    ``stale_at``: from then on a reminder or progress is of no use; it is not sent then. ``due_at`` is when the next try is due,
    ``first_due_at`` when the first was (empty in rows of earlier versions: when the notice was issued). ``lost_workers``: so many workers
    were lost while they held it and had not handed it over. ``in_doubt_since``: it is to be sent again although it may have arrived (``doubt``).
    """

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="deliveries", verbose_name=_("notice"))
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="deliveries", verbose_name=_("contact"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    address = models.CharField(_("address"), max_length=254)
    language = LanguageField(_("language"))
    timezone = TimeZoneField(_("time zone"))
    customers: "models.ManyToManyField[Customer, models.Model]" = models.ManyToManyField(Customer, through="delivery.Account", verbose_name=_("accounts"))
    state = models.CharField(_("state"), max_length=10, choices=DeliveryState, default=DeliveryState.QUEUED)
    due_at = models.DateTimeField(_("due at"))
    first_due_at = models.DateTimeField(_("first due at"), null=True, blank=True)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    stale_at = models.DateTimeField(_("of no use from"), null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lost_workers = models.PositiveSmallIntegerField(_("lost workers"), default=0, db_default=0)
    lease_token = models.CharField(max_length=32, blank=True, default="")
    lease_until = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    in_doubt_since = models.DateTimeField(_("in doubt since"), null=True, blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    hop = models.CharField(_("accepted by"), max_length=10, choices=Hop, blank=True, default="")
    hop_detail = models.CharField(_("server"), max_length=300, blank=True, default="")
    reason = models.CharField(_("reason"), max_length=500, blank=True, default="")

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["id"]
        indexes = [
            # the claim: what is due, oldest first; only rows that wait are in it
            models.Index(fields=["due_at", "id"], name="delivery_waiting", condition=Q(state="queued")),
            # the same for those that go before all others; few, so that it costs nearly nothing to keep
            models.Index(fields=["due_at", "id"], name="delivery_urgent", condition=Q(state="queued", kind__in=URGENT_KINDS)),
            # and for those at which a worker was lost
            models.Index(fields=["due_at", "id"], name="delivery_suspect", condition=Q(state="queued", lost_workers__gt=0)),
            # what a person, an event or the setting has to resolve
            models.Index(fields=["settled_at"], name="delivery_unknown", condition=Q(state="unknown")),
            # recovery and settling: the few rows that a worker holds
            models.Index(fields=["lease_until"], name="delivery_leased", condition=Q(state="sending")),
            # the gauges: what failed lately, how long the last hour's mails took
            models.Index(fields=["settled_at"], name="delivery_failed", condition=Q(state="failed")),
            models.Index(fields=["accepted_at"], name="delivery_accepted", condition=Q(accepted_at__isnull=False)),
        ]
        constraints = [
            models.UniqueConstraint(fields=["notice", "contact", "language", "timezone", "kind"], name="delivery_once"),
            models.CheckConstraint(condition=~Q(state__in=["sent", "delivered"]) | Q(accepted_at__isnull=False), name="delivery_sent_was_accepted"),
            models.CheckConstraint(condition=~Q(state__in=["failed", "unknown", "withdrawn"]) | ~Q(reason=""), name="delivery_not_sent_has_reason"),
            models.CheckConstraint(condition=Q(stale_at__isnull=True) | Q(kind__in=STALE_KINDS), name="delivery_first_notice_never_stale"),
        ]

    def __str__(self) -> str:
        """Return the name that the mail's file and Message-ID have."""
        return self.name

    @property
    def name(self) -> str:
        """A name that no other delivery of any installation has; it stays the same for every attempt."""
        return f"{self.notice.uid.hex}-{self.pk}"
