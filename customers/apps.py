"""Who is told: regions, tiers, customers, contacts, components, operators, services held."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    """The app at the bottom of the house: it imports no other."""

    name = "customers"
    verbose_name = _("Customers")
