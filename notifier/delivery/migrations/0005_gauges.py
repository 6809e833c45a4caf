from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0004_suspects"),
    ]

    operations = [
        migrations.AlterField(
            model_name="alert",
            name="kind",
            field=models.CharField(
                choices=[
                    ("shortfall", "shortfall"),
                    ("go_no_go", "go or no go"),
                    ("not_started", "not started"),
                    ("overrun", "overrun"),
                    ("not_a_p1", "not a P1"),
                    ("root_cause", "root-cause report"),
                    ("complaint", "complaint"),
                    ("not_accepted", "not accepted yet"),
                    ("standstill", "mail stands still"),
                    ("joined", "service entered later"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("state", "unknown")), fields=["settled_at"], name="delivery_unknown"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("state", "failed")), fields=["settled_at"], name="delivery_failed"),
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(condition=models.Q(("accepted_at__isnull", False)), fields=["accepted_at"], name="delivery_accepted"),
        ),
    ]
