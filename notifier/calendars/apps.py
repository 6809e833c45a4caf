"""Registers the app with Django."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CalendarsConfig(AppConfig):
    """The app ``notifier.calendars``, called ``calendars`` in the database."""

    name = "notifier.calendars"
    verbose_name = _("Calendars")
