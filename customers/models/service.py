"""A service: a component that a customer holds."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models.component import Component, Domain
from customers.models.customer import Customer
from customers.models.operator import Operator
from customers.plain_text import single_line


class Service(models.Model):
    """``object_id`` is the identifier in the customer's own configuration; ``sims`` use it. Services share SIMs: never add them up."""

    customer = models.ForeignKey(Customer, models.CASCADE, related_name="held", verbose_name=_("customer"))
    component = models.ForeignKey(Component, models.PROTECT, verbose_name=_("component"))
    domain = models.CharField(_("domain"), max_length=8, choices=[(Domain.PROVIDER.value, Domain.PROVIDER.label), (Domain.MNO.value, Domain.MNO.label)])
    operator = models.ForeignKey(Operator, models.PROTECT, null=True, blank=True, verbose_name=_("operator"))
    object_id = models.CharField(_("object id"), max_length=100, validators=[single_line])
    sims = models.PositiveIntegerField(_("SIMs"))
    held_since = models.DateTimeField(
        _("held since"),
        default=timezone.now,
        help_text=_("when the customer got it; earlier than today where the record was missing"),
    )
    backup = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="backs_up",
        verbose_name=_("backup"),
        help_text=_("the service that takes over while this one is down"),
    )

    class Meta:
        verbose_name = _("service")
        verbose_name_plural = _("services")
        ordering = ["customer_id", "object_id"]
        indexes = [models.Index(fields=["component", "domain", "operator"], name="service_hit_by_scope")]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "object_id"],
                name="service_object_id_once_a_customer",
                violation_error_message=_("The customer has a service with this object id already."),
            ),
            models.CheckConstraint(
                condition=models.Q(domain="mno", operator__isnull=False) | models.Q(domain="provider", operator__isnull=True),
                name="service_operator_where_mno",
                violation_error_message=_("A service in an MNO's domain names its operator; one in the provider's names none."),
            ),
            models.CheckConstraint(
                condition=models.Q(sims__gt=0),
                name="service_has_sims",
                violation_error_message=_("A service has at least one SIM."),
            ),
        ]

    def __str__(self) -> str:
        """Return the object id."""
        return self.object_id
