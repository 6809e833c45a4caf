"""Registers the app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DeskConfig(AppConfig):
    """The app ``notifier.desk``, called ``desk`` in the database."""

    name = "notifier.desk"
    verbose_name = _("Desk")
