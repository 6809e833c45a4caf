"""A service that a notice says will be hit, frozen when it was issued."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Component, Customer
from maintenance.models.notice import Notice
from maintenance.said import EVERY_WINDOW
from maintenance.states import Impact


class NoticeService(models.Model):
    """``window_number`` is ``EVERY_WINDOW``, or that of the one window meant (``SaidWindow.named_by``); ``fresh``: named for the first time to this customer.

    ``joined``: added after the work was announced, and named for the first time since: it needs no ten days.
    """

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="services", verbose_name=_("notice"))
    customer = models.ForeignKey(Customer, models.PROTECT, verbose_name=_("customer"))
    window_number = models.PositiveSmallIntegerField(_("window"), default=EVERY_WINDOW)
    object_id = models.CharField(_("object id"), max_length=100)
    component = models.ForeignKey(Component, models.PROTECT, verbose_name=_("component"))
    impact = models.CharField(_("impact"), max_length=20, choices=Impact)
    fresh = models.BooleanField(_("named for the first time"), default=False, db_default=False)
    joined = models.BooleanField(pgettext_lazy("notice kind", "joined later"), default=False, db_default=False)

    class Meta:
        verbose_name = _("service hit")
        verbose_name_plural = _("services hit")
        ordering = ["customer_id", "object_id", "window_number"]
        constraints = [models.UniqueConstraint(fields=["notice", "customer", "object_id", "window_number"], name="notice_service_once")]

    def __str__(self) -> str:
        """Return the object id."""
        return self.object_id
