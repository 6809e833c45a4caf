from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0004_contact_bounces"),
        ("delivery", "0003_receipts"),
        ("maintenance", "0005_floor_triggers"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="lost_workers",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="lost workers"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("lost_workers__gt", 0), ("state", "queued")), fields=["due_at", "id"], name="delivery_suspect"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="in_doubt_since",
            field=models.DateTimeField(blank=True, null=True, verbose_name="in doubt since"),
        ),
    ]
