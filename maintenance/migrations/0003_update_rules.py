"""What each tier hears of besides the notices; and of incidents that are there already, the computed priority and until when they were a P1."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models import F
from django.utils import timezone

RULES = [("no_impact", None, False), ("reduced_redundancy", None, False), ("degraded", 48, False), ("outage", 48, True)]
"""Impact, hours before the start at which a reminder goes out, and whether start and completion are told."""


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Give every tier the default rules, and incidents what they lack: when one was lowered is not known, at the latest it was now."""
    using = schema_editor.connection.alias
    rule = apps.get_model("maintenance", "UpdateRule")
    tiers = apps.get_model("customers", "Tier").objects.using(using).order_by("pk")
    rule.objects.using(using).bulk_create(
        rule(tier=tier, impact=impact, reminder_hours=hours, progress=progress) for tier in tiers for impact, hours, progress in RULES
    )
    incidents = apps.get_model("maintenance", "Incident").objects.using(using)
    incidents.update(computed_priority=F("priority"))
    once = incidents.filter(p1_identified_at__isnull=False)
    once.filter(closed_at__isnull=False).update(p1_until=F("closed_at"))
    once.filter(closed_at__isnull=True).exclude(priority="P1").update(p1_until=timezone.now())


def empty(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the rules away again."""
    apps.get_model("maintenance", "UpdateRule").objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    """Data."""

    dependencies = [("maintenance", "0002_changes_and_evidence"), ("customers", "0003_notice_days_and_offices")]

    operations = [migrations.RunPython(fill, empty)]
