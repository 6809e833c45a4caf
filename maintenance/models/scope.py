"""What a maintenance works on."""

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from customers.models import Component, Domain, Operator
from maintenance.models.maintenance import Maintenance


class Scope(models.Model):
    """A component in a domain, of one operator or (none named) of any."""

    maintenance = models.ForeignKey(Maintenance, models.CASCADE, related_name="scopes", verbose_name=_("maintenance"))
    component = models.ForeignKey(Component, models.PROTECT, verbose_name=_("component"))
    domain = models.CharField(_("domain"), max_length=8, choices=[(Domain.PROVIDER.value, Domain.PROVIDER.label), (Domain.MNO.value, Domain.MNO.label)])
    operator = models.ForeignKey(Operator, models.PROTECT, null=True, blank=True, verbose_name=_("operator"), help_text=_("empty: any"))

    class Meta:
        verbose_name = _("scope")
        verbose_name_plural = _("scopes")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                "maintenance",
                "component",
                "domain",
                Coalesce("operator", 0),
                name="scope_once",
                violation_error_message=_("This scope is named already."),
            ),
            models.CheckConstraint(
                condition=models.Q(domain="mno") | models.Q(operator__isnull=True),
                name="scope_operator_only_mno",
                violation_error_message=_("Only a scope in an MNO's domain names an operator."),
            ),
        ]

    def __str__(self) -> str:
        """Return component, domain and operator."""
        return f"{self.component.slug} / {self.domain} / {self.operator or '*'}"
