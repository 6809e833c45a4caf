"""What kind of notice one customer gets."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from maintenance.models.notice import Notice
from maintenance.states import Kind


class NoticeCustomer(models.Model):
    """``deadline``: the last moment (UTC) at which acceptance is still in time; empty where no fresh notice is needed.

    ``bases``: by window number, by which rule else than with full notice it takes place for this customer (emergency, late).
    ``zone`` and ``days``: by which clock the customer's notice was counted when this was issued; empty in what says nothing of what is to come.
    ``stale_at``: from then on the mail would be of no use any more (reminders and progress); it is not sent then.
    """

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="customers", verbose_name=_("notice"))
    customer = models.ForeignKey(Customer, models.PROTECT, verbose_name=_("customer"))
    kind = models.CharField(_("kind"), max_length=16, choices=Kind)
    deadline = models.DateTimeField(_("deadline"), null=True, blank=True)
    bases = models.JSONField(_("not with full notice"), default=dict, blank=True)
    zone = models.CharField(_("time zone"), max_length=63, blank=True, default="", db_default="")
    days = models.PositiveSmallIntegerField(_("days of notice"), default=0, db_default=0)
    stale_at = models.DateTimeField(_("of no use from"), null=True, blank=True)

    class Meta:
        verbose_name = _("customer told")
        verbose_name_plural = _("customers told")
        ordering = ["id"]
        indexes = [models.Index(fields=["customer", "notice"], name="told_by_customer")]
        constraints = [models.UniqueConstraint(fields=["notice", "customer"], name="notice_customer_once")]

    def __str__(self) -> str:
        """Return customer and kind."""
        return f"{self.customer}: {self.kind}"
