"""Registers the app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    """The app ``notifier.delivery``, called ``delivery`` in the database."""

    name = "notifier.delivery"
    verbose_name = _("Delivery")
