"""A part of the networks that maintenance can touch (DOMAIN.md, the component catalogue)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.catalogue import COMPONENTS


class Domain(models.TextChoices):
    """Whose systems something is part of (DOMAIN.md, domains)."""

    PROVIDER = "provider", _("provider")  # our own core, links and platforms
    MNO = "mno", _("mobile network operator")  # a supplier's network
    CUSTOMER = "customer", _("customer")  # the customer's own SIMs, devices and edge


class Component(models.Model):
    """A row of the catalogue; slugs are public (imports, API)."""

    slug = models.CharField(_("slug"), max_length=40, unique=True)
    mno = models.BooleanField(_("can be in an MNO's domain"))
    provider = models.BooleanField(_("can be in the provider's domain"))

    class Meta:
        verbose_name = _("component")
        verbose_name_plural = _("components")
        ordering = ["id"]

    def __str__(self) -> str:
        """Return slug and name: planners know the slug from files, the name from the contract."""
        return f"{self.slug} ({COMPONENTS.get(self.slug, self.slug)})"

    @property
    def name(self) -> str:
        """The component's name in the reader's language."""
        return str(COMPONENTS.get(self.slug, self.slug))

    @property
    def group(self) -> str:
        """What stands before the dot: data, voice, sms, general, netpro, access or platform."""
        return self.slug.partition(".")[0]

    def domains(self) -> list[str]:
        """Return the domains that it can be in."""
        return [str(domain) for domain, possible in ((Domain.MNO, self.mno), (Domain.PROVIDER, self.provider)) if possible]
