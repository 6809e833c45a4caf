"""What each tier hears of besides the notices, and the computed priority of incidents that are there already."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F

RULES = [("no_impact", None, False), ("reduced_redundancy", None, False), ("degraded", 48, False), ("outage", 48, True)]
"""Impact, hours before the start at which a reminder goes out, and whether start and completion are told."""


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give every tier the default rules."""
    using = schema_editor.connection.alias
    rule = apps.get_model("maintenance", "UpdateRule")
    tiers = apps.get_model("customers", "Tier").objects.using(using).order_by("pk")
    rule.objects.using(using).bulk_create(
        rule(tier=tier, impact=impact, reminder_hours=hours, progress=progress) for tier in tiers for impact, hours, progress in RULES
    )
    apps.get_model("maintenance", "Incident").objects.using(using).update(computed_priority=F("priority"))


def empty(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the rules away again."""
    apps.get_model("maintenance", "UpdateRule").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    """Data."""

    dependencies = [("maintenance", "0002_changes_and_evidence"), ("customers", "0003_notice_days_and_offices")]

    operations = [migrations.RunPython(fill, empty)]
