from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0001_initial"),
    ]

    operations = [
        migrations.AddField(
            model_name="delivery",
            name="stale_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="of no use from"),
        ),
        migrations.AddField(
            model_name="delivery",
            name="first_due_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="first due at"),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="kind",
            field=models.CharField(
                choices=[
                    ("announced", "announced"),
                    ("joined", "joined later"),
                    ("revised", "revised"),
                    ("eased", "eased"),
                    ("corrected", "corrected"),
                    ("cancelled", "cancelled"),
                    ("postponed", "postponed"),
                    ("emergency", "emergency"),
                    ("late", "late"),
                    ("reminder", "reminder"),
                    ("started", "started"),
                    ("extended", "extended"),
                    ("completed", "completed"),
                    ("not_completed", "not completed"),
                    ("root_cause", "root cause"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="Alert",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("shortfall", "shortfall"),
                            ("go_no_go", "go or no go"),
                            ("not_started", "not started"),
                            ("overrun", "overrun"),
                            ("not_a_p1", "not a P1"),
                            ("root_cause", "root-cause report"),
                            ("joined", "service entered later"),
                        ],
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                ("key", models.CharField(max_length=120, unique=True, verbose_name="key")),
                ("facts", models.JSONField(default=dict, verbose_name="facts")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("lease_until", models.DateTimeField(blank=True, null=True)),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent at")),
                ("problem", models.CharField(blank=True, default="", max_length=500, verbose_name="problem")),
            ],
            options={
                "verbose_name": "alert",
                "verbose_name_plural": "alerts",
                "ordering": ["-made_at", "-id"],
                "indexes": [models.Index(condition=models.Q(("sent_at__isnull", True)), fields=["due_at"], name="alert_waiting")],
            },
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("kind__in", ["emergency", "late", "cancelled", "postponed"]), ("state", "queued")),
                fields=["due_at", "id"],
                name="delivery_urgent",
            ),
        ),
        migrations.AddConstraint(
            model_name="delivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("stale_at__isnull", True), ("kind__in", ["reminder", "started", "extended", "completed", "not_completed"]), _connector="OR"
                ),
                name="delivery_first_notice_never_stale",
            ),
        ),
    ]
