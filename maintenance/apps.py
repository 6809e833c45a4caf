"""What is planned, by which rules, what was said of it, and who was served."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MaintenanceConfig(AppConfig):
    """Imports customers only."""

    name = "maintenance"
    verbose_name = _("Maintenance")
