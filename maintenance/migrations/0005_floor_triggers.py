"""The floor, where a CHECK cannot see it: rules that look at other rows, and evidence that stays as it was written."""

from django.db import migrations

from maintenance.triggers import put_up


class Migration(migrations.Migration):
    """Triggers."""

    dependencies = [("maintenance", "0004_override_has_reason")]

    operations = [put_up()]
