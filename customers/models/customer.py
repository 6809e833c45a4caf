"""A customer: an account with its region, tier, language and time zone."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from customers.languages import LanguageField
from customers.models.region import Region
from customers.models.tier import Tier
from customers.notice_days import NoticeDaysField, never_below_the_floor
from customers.plain_text import single_line


class Customer(models.Model):
    """``account`` is the customer's code and the key of imports; ``timezone`` decides the second clock of the promise."""

    account = models.CharField(_("account"), max_length=40, unique=True, validators=[single_line])
    name = models.CharField(_("name"), max_length=200, validators=[single_line])
    region = models.ForeignKey(Region, models.PROTECT, verbose_name=_("region"))
    tier = models.ForeignKey(Tier, models.PROTECT, verbose_name=_("tier"))
    language = LanguageField(_("language"))
    timezone = TimeZoneField(_("time zone"))
    sim_base = models.PositiveIntegerField(_("SIM base"), help_text=_("SIMs that the customer has on the provider's infrastructure"))
    notice_days = NoticeDaysField(_("notice agreed"))
    contacts: "models.ManyToManyField[models.Model, models.Model]" = models.ManyToManyField("Contact", through="ContactRole", verbose_name=_("contacts"))

    class Meta:
        verbose_name = _("customer")
        verbose_name_plural = _("customers")
        ordering = ["account"]
        constraints = [never_below_the_floor("customer_notice_never_below_ten_days")]

    def __str__(self) -> str:
        """Return account and name."""
        return f"{self.account} {self.name}"
