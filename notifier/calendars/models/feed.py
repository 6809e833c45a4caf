"""A calendar feed of a customer or of a contact."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Contact, Customer


class Feed(models.Model):
    """The token is derived (``tokens.feed_token``) and never stored: only its hash is, for looking it up.

    Raising ``version`` makes the old address die.
    """

    customer = models.OneToOneField(Customer, models.CASCADE, null=True, blank=True, verbose_name=_("customer"))
    contact = models.OneToOneField(Contact, models.CASCADE, null=True, blank=True, verbose_name=_("contact"))
    version = models.PositiveIntegerField(_("version"), default=1)
    token_hash = models.CharField(_("hash of the token"), max_length=64, unique=True)

    class Meta:
        verbose_name = _("feed")
        verbose_name_plural = _("feeds")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(customer__isnull=False, contact__isnull=True) | models.Q(customer__isnull=True, contact__isnull=False),
                name="feed_of_one_owner",
                violation_error_message=_("A feed belongs to a customer or to a contact."),
            ),
        ]

    def __str__(self) -> str:
        """Return whose it is."""
        return str(self.customer or self.contact)
