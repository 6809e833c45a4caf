import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("delivery", "0002_alerts"),
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
                    ("joined", "service entered later"),
                ],
                max_length=12,
                verbose_name="kind",
            ),
        ),
        migrations.CreateModel(
            name="StoredReceipt",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=40, verbose_name="from")),
                ("event_id", models.CharField(max_length=200, verbose_name="event")),
                ("delivery_name", models.CharField(blank=True, default="", max_length=200, verbose_name="delivery's name")),
                ("address", models.CharField(blank=True, default="", max_length=254, verbose_name="address")),
                (
                    "what",
                    models.CharField(
                        choices=[
                            ("accepted", "accepted by the ESP"),
                            ("delivered", "delivered"),
                            ("deferred", "deferred"),
                            ("bounced", "bounced"),
                            ("bounced_soft", "bounced, for now"),
                            ("rejected", "rejected"),
                            ("complained", "complained"),
                            ("other", "other"),
                        ],
                        max_length=12,
                        verbose_name="what",
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="happened at")),
                ("reason", models.CharField(blank=True, default="", max_length=500, verbose_name="reason")),
                ("bad_address", models.BooleanField(default=False, verbose_name="the address is bad")),
                ("received_at", models.DateTimeField(verbose_name="received at")),
                ("applied_at", models.DateTimeField(blank=True, null=True, verbose_name="dealt with at")),
                (
                    "effect",
                    models.CharField(
                        blank=True,
                        choices=[("", "waits"), ("applied", "applied"), ("recorded", "recorded only"), ("not_ours", "not about a notice")],
                        default="",
                        max_length=8,
                        verbose_name="effect",
                    ),
                ),
                (
                    "delivery",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="receipts",
                        to="delivery.delivery",
                        verbose_name="delivery",
                    ),
                ),
            ],
            options={
                "verbose_name": "receipt",
                "verbose_name_plural": "receipts",
                "ordering": ["-id"],
                "indexes": [models.Index(condition=models.Q(("applied_at__isnull", True)), fields=["id"], name="receipt_waiting")],
                "constraints": [
                    models.UniqueConstraint(fields=("source", "event_id"), name="receipt_once"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("applied_at__isnull", True), ("effect", "")),
                            models.Q(("applied_at__isnull", False), models.Q(("effect", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="receipt_dealt_with",
                    ),
                ],
            },
        ),
    ]
