"""Registers the app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    """The app ``notifier.delivery``, called ``delivery`` in the database."""

    name = "notifier.delivery"
    verbose_name = _("Delivery")

    def ready(self) -> None:
        """Register the system checks."""
        from notifier import checks  # noqa: F401, PLC0415  # they read the settings, which must stand first
