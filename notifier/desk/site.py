"""The admin site of the planners."""

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """Django's admin with the planners' first page."""

    default_site = "notifier.desk.planners_site.PlannersSite"
