"""Registers the app with Django."""

from anymail.signals import pre_send
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeliveryConfig(AppConfig):
    """The app ``notifier.delivery``, called ``delivery`` in the database."""

    name = "notifier.delivery"
    verbose_name = _("Delivery")

    def ready(self) -> None:
        """Register the system checks, what is done to a mail before an ESP gets it, and what watches over workers."""
        from notifier import checks  # noqa: F401, PLC0415  # they read the settings, which must stand first
        from notifier.delivery import watchdog  # noqa: PLC0415  # as above
        from notifier.delivery.esp_sending import fit  # noqa: PLC0415  # as above

        watchdog.attach()
        pre_send.connect(fit, dispatch_uid="notifier.delivery.fit")
