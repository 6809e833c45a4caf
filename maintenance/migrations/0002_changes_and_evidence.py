import datetime

import django.db.models.deletion
from django.db import migrations, models

import customers.languages
import customers.plain_text
import maintenance.floor


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_notice_days_and_offices"),
        ("maintenance", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Acknowledgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("obstacle", models.CharField(choices=[("freeze", "freeze"), ("conflict", "conflict")], max_length=10, verbose_name="obstacle")),
                ("what", models.TextField(verbose_name="what was known")),
                ("reason", models.TextField(verbose_name="reason")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                ("recorded_by", models.CharField(max_length=150, verbose_name="recorded by")),
            ],
            options={
                "verbose_name": "acknowledgement",
                "verbose_name_plural": "acknowledgements",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start", models.DateTimeField(verbose_name="start agreed to")),
                ("end", models.DateTimeField(verbose_name="end agreed to")),
                (
                    "impact",
                    models.CharField(
                        choices=[("no_impact", "no impact"), ("reduced_redundancy", "reduced redundancy"), ("degraded", "degraded"), ("outage", "outage")],
                        default="no_impact",
                        max_length=20,
                        verbose_name="impact agreed to",
                    ),
                ),
                ("minutes", models.PositiveIntegerField(default=0, verbose_name="minutes of outage agreed to")),
                ("given_at", models.DateTimeField(verbose_name="given at")),
                ("given_by", models.CharField(help_text="who at the customer", max_length=200, verbose_name="given by")),
                ("document", models.CharField(help_text="where the writing is kept", max_length=300, verbose_name="document")),
                ("recorded_at", models.DateTimeField(verbose_name="recorded at")),
                ("recorded_by", models.CharField(max_length=150, verbose_name="recorded by")),
            ],
            options={
                "verbose_name": "consent",
                "verbose_name_plural": "consents",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="Freeze",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, validators=[customers.plain_text.single_line], verbose_name="name")),
                ("start", models.DateTimeField(verbose_name="start")),
                ("end", models.DateTimeField(verbose_name="end")),
                (
                    "asked_for_by",
                    models.CharField(blank=True, default="", help_text="who at the customer; empty: our own", max_length=200, verbose_name="asked for by"),
                ),
            ],
            options={
                "verbose_name": "freeze",
                "verbose_name_plural": "freezes",
                "ordering": ["-start", "id"],
            },
        ),
        migrations.CreateModel(
            name="Reminded",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("start", models.DateTimeField(verbose_name="start")),
                ("hours", models.PositiveSmallIntegerField(verbose_name="hours before")),
                ("done_at", models.DateTimeField(verbose_name="done at")),
            ],
            options={
                "verbose_name": "reminder done",
                "verbose_name_plural": "reminders done",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="RootCauseReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("opened_at", models.DateTimeField(verbose_name="opened at")),
                ("due_at", models.DateTimeField(verbose_name="due at")),
                ("chased_at", models.DateTimeField(blank=True, null=True, verbose_name="chased at")),
                ("filed_at", models.DateTimeField(blank=True, null=True, verbose_name="filed at")),
                ("filed_by", models.CharField(blank=True, default="", max_length=150, verbose_name="filed by")),
            ],
            options={
                "verbose_name": "root-cause report",
                "verbose_name_plural": "root-cause reports",
                "ordering": ["due_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="RootCauseText",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("language", customers.languages.LanguageField(verbose_name="language")),
                ("title", models.CharField(max_length=200, validators=[customers.plain_text.single_line], verbose_name="title")),
                ("cause", models.TextField(help_text="Markdown", verbose_name="what caused it")),
                ("measures", models.TextField(help_text="Markdown", verbose_name="what was done about it")),
            ],
            options={
                "verbose_name": "text",
                "verbose_name_plural": "texts",
                "ordering": ["language"],
            },
        ),
        migrations.CreateModel(
            name="Shortfall",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "cause",
                    models.CharField(
                        choices=[
                            ("no_contact", "no contact"),
                            ("failed", "every mail failed"),
                            ("unknown", "acceptance is not known"),
                            ("bounced", "bounced"),
                            ("too_late", "too late"),
                            ("record", "the record was wrong"),
                        ],
                        max_length=12,
                        verbose_name="cause",
                    ),
                ),
                ("found_at", models.DateTimeField(verbose_name="found at")),
                ("cleared_at", models.DateTimeField(blank=True, null=True, verbose_name="cleared at")),
                ("reason", models.TextField(blank=True, default="", verbose_name="reason")),
                ("reason_by", models.CharField(blank=True, default="", max_length=150, verbose_name="reason by")),
                ("reason_at", models.DateTimeField(blank=True, null=True, verbose_name="reason at")),
            ],
            options={
                "verbose_name": "shortfall",
                "verbose_name_plural": "shortfalls",
                "ordering": ["-found_at", "id"],
            },
        ),
        migrations.CreateModel(
            name="UpdateRule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "impact",
                    models.CharField(
                        choices=[("no_impact", "no impact"), ("reduced_redundancy", "reduced redundancy"), ("degraded", "degraded"), ("outage", "outage")],
                        max_length=20,
                        verbose_name="impact",
                    ),
                ),
                ("reminder_hours", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="reminder (hours before)")),
                ("progress", models.BooleanField(default=False, verbose_name="start and completion")),
            ],
            options={
                "verbose_name": "reminders and progress",
                "verbose_name_plural": "reminders and progress",
                "ordering": ["tier_id", "id"],
            },
        ),
        migrations.AlterModelOptions(
            name="incident",
            options={
                "ordering": ["-opened_at", "-id"],
                "permissions": [("override_priority", "Can raise or lower an incident's priority")],
                "verbose_name": "incident",
                "verbose_name_plural": "incidents",
            },
        ),
        migrations.AlterModelOptions(
            name="maintenance",
            options={
                "ordering": ["-id"],
                "permissions": [
                    ("announce_maintenance", "Can announce, change, start and finish maintenance"),
                    ("send_late_notice", "Can send late notice, which breaks the promise"),
                ],
                "verbose_name": "maintenance",
                "verbose_name_plural": "maintenance",
            },
        ),
        migrations.RemoveConstraint(
            model_name="served",
            name="served_once",
        ),
        migrations.RemoveConstraint(
            model_name="window",
            name="window_emergency_has_incident",
        ),
        migrations.RemoveConstraint(
            model_name="window",
            name="window_promised_ten_days_ahead",
        ),
        migrations.AddField(
            model_name="breach",
            name="reason_by",
            field=models.CharField(blank=True, default="", max_length=150, verbose_name="reason by"),
        ),
        migrations.AddField(
            model_name="incident",
            name="computed_priority",
            field=models.CharField(
                choices=[("P1", "P1"), ("P2", "P2"), ("P3", "P3"), ("P4", "P4"), ("none", "none (customer's own domain)")],
                default="none",
                editable=False,
                max_length=4,
                verbose_name="computed priority",
            ),
        ),
        migrations.AddField(
            model_name="incident",
            name="customer_view",
            field=models.TextField(blank=True, default="", verbose_name="customer's own view"),
        ),
        migrations.AddField(
            model_name="incident",
            name="override_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="priority set at"),
        ),
        migrations.AddField(
            model_name="incident",
            name="override_by",
            field=models.CharField(blank=True, default="", editable=False, max_length=150, verbose_name="priority set by"),
        ),
        migrations.AddField(
            model_name="incident",
            name="override_reason",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="reason for the priority"),
        ),
        migrations.AddField(
            model_name="incident",
            name="p1_until",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="was a P1 until"),
        ),
        migrations.AddField(
            model_name="incident",
            name="refuted_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="found never to have been a P1 at"),
        ),
        migrations.AddField(
            model_name="incident",
            name="refuted_by",
            field=models.CharField(blank=True, default="", editable=False, max_length=150, verbose_name="found by"),
        ),
        migrations.AddField(
            model_name="incident",
            name="refuted_reason",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="why it never was a P1"),
        ),
        migrations.AddField(
            model_name="maintenance",
            name="learned_at",
            field=models.DateTimeField(
                blank=True, help_text="when we learned of work that cannot keep the full notice", null=True, verbose_name="learned of at"
            ),
        ),
        migrations.AddField(
            model_name="maintenance",
            name="supplier_notified_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="supplier told us at"),
        ),
        migrations.AddField(
            model_name="notice",
            name="about",
            field=models.PositiveSmallIntegerField(default=0, verbose_name="window"),
        ),
        migrations.AddField(
            model_name="notice",
            name="incident",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="notices", to="maintenance.incident", verbose_name="incident"
            ),
        ),
        migrations.AddField(
            model_name="noticecustomer",
            name="bases",
            field=models.JSONField(blank=True, default=dict, verbose_name="not with full notice"),
        ),
        migrations.AddField(
            model_name="noticecustomer",
            name="stale_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="of no use from"),
        ),
        migrations.AddField(
            model_name="served",
            name="document",
            field=models.CharField(blank=True, default="", max_length=300, verbose_name="document"),
        ),
        migrations.AddField(
            model_name="served",
            name="recorded_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="recorded at"),
        ),
        migrations.AddField(
            model_name="served",
            name="recorded_by",
            field=models.CharField(blank=True, default="", max_length=150, verbose_name="recorded by"),
        ),
        migrations.AddField(
            model_name="window",
            name="start_decision",
            field=models.JSONField(blank=True, default=dict, editable=False, verbose_name="decision at the start"),
        ),
        migrations.AddField(
            model_name="window",
            name="alternate",
            field=models.BooleanField(default=False, verbose_name="alternate"),
        ),
        migrations.AddField(
            model_name="window",
            name="follow_up",
            field=models.CharField(
                blank=True,
                choices=[("new_date", "a new date will be announced"), ("at_work", "we are working on it"), ("none", "none")],
                default="",
                editable=False,
                max_length=10,
                verbose_name="follow-up",
            ),
        ),
        migrations.AddField(
            model_name="window",
            name="late_reason",
            field=models.TextField(blank=True, default="", editable=False, verbose_name="reason for late notice"),
        ),
        migrations.AddField(
            model_name="window",
            name="overran_from",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="end that was announced"),
        ),
        migrations.AddField(
            model_name="window",
            name="presumed",
            field=models.BooleanField(default=False, editable=False, verbose_name="presumed"),
        ),
        migrations.AddField(
            model_name="window",
            name="service_now",
            field=models.CharField(
                blank=True,
                choices=[("as_before", "as before"), ("degraded", "degraded"), ("down", "down")],
                default="",
                editable=False,
                max_length=10,
                verbose_name="service now",
            ),
        ),
        migrations.AlterField(
            model_name="breach",
            name="reason",
            field=models.TextField(blank=True, verbose_name="reason"),
        ),
        migrations.AlterField(
            model_name="maintenance",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("announced", "announced"),
                    ("in_progress", "in progress"),
                    ("completed", "completed"),
                    ("not_completed", "not completed"),
                    ("postponed", "postponed"),
                    ("cancelled", "cancelled"),
                    ("presumed_ended", "presumed ended"),
                ],
                default="draft",
                editable=False,
                max_length=16,
                verbose_name="state",
            ),
        ),
        migrations.AlterField(
            model_name="notice",
            name="maintenance",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="notices",
                to="maintenance.maintenance",
                verbose_name="maintenance",
            ),
        ),
        migrations.AlterField(
            model_name="noticecustomer",
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
        migrations.AlterField(
            model_name="window",
            name="basis",
            field=models.CharField(
                choices=[("planned", "planned"), ("emergency", "emergency"), ("late", "late")],
                default="planned",
                editable=False,
                max_length=10,
                verbose_name="basis",
            ),
        ),
        migrations.AlterField(
            model_name="window",
            name="state",
            field=models.CharField(
                choices=[
                    ("draft", "draft"),
                    ("announced", "announced"),
                    ("in_progress", "in progress"),
                    ("completed", "completed"),
                    ("not_completed", "not completed"),
                    ("postponed", "postponed"),
                    ("cancelled", "cancelled"),
                    ("presumed_ended", "presumed ended"),
                ],
                default="draft",
                editable=False,
                max_length=16,
                verbose_name="state",
            ),
        ),
        migrations.AddField(
            model_name="noticeservice",
            name="fresh",
            field=models.BooleanField(db_default=False, default=False, verbose_name="named for the first time"),
        ),
        migrations.AddField(
            model_name="noticecustomer",
            name="zone",
            field=models.CharField(blank=True, db_default="", default="", max_length=63, verbose_name="time zone"),
        ),
        migrations.AddField(
            model_name="noticecustomer",
            name="days",
            field=models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name="days of notice"),
        ),
        migrations.AddField(
            model_name="noticeservice",
            name="joined",
            field=models.BooleanField(db_default=False, default=False, verbose_name="joined later"),
        ),
        migrations.AddIndex(
            model_name="noticecustomer",
            index=models.Index(fields=["customer", "notice"], name="told_by_customer"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(fields=("incident", "revision"), name="notice_once_a_report"),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("incident__isnull", True), ("maintenance__isnull", False)),
                    models.Q(("incident__isnull", False), ("maintenance__isnull", True)),
                    _connector="OR",
                ),
                name="notice_of_maintenance_or_incident",
            ),
        ),
        migrations.AddConstraint(
            model_name="served",
            constraint=models.UniqueConstraint(condition=models.Q(("revoked_at__isnull", True)), fields=("notice", "customer", "hop"), name="served_once"),
        ),
        migrations.AddConstraint(
            model_name="window",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("basis", "emergency"), ("incident__isnull", False)),
                    models.Q(("basis__in", ["planned", "late"]), ("incident__isnull", True)),
                    _connector="OR",
                ),
                name="window_emergency_has_incident",
                violation_error_message="An emergency names its incident, planned work names none.",
            ),
        ),
        migrations.AddConstraint(
            model_name="window",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("basis", "late"), _negated=True), models.Q(("late_reason", ""), _negated=True), _connector="OR"),
                name="window_late_has_reason",
                violation_error_message="Late notice names its reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="window",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state__in", ("announced", "in_progress", "completed", "not_completed", "presumed_ended")), _negated=True),
                    ("basis__in", ["emergency", "late"]),
                    models.Q(
                        ("promised_since__gte", datetime.datetime(2000, 1, 1, 0, 0, tzinfo=datetime.UTC)),
                        ("promised_since__isnull", False),
                        ("promised_since__lte", maintenance.floor.FloorBefore(models.F("start"))),
                    ),
                    _connector="OR",
                ),
                name="window_promised_ten_days_ahead",
                violation_error_message="Planned work needs at least ten days' notice.",
            ),
        ),
        migrations.AddField(
            model_name="acknowledgement",
            name="maintenance",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="acknowledgements", to="maintenance.maintenance", verbose_name="maintenance"
            ),
        ),
        migrations.AddField(
            model_name="consent",
            name="customer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="customers.customer", verbose_name="customer"),
        ),
        migrations.AddField(
            model_name="consent",
            name="window",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="consents", to="maintenance.window", verbose_name="window"),
        ),
        migrations.AddField(
            model_name="freeze",
            name="component",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="customers.component", verbose_name="component"),
        ),
        migrations.AddField(
            model_name="freeze",
            name="customer",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="freezes", to="customers.customer", verbose_name="customer"
            ),
        ),
        migrations.AddField(
            model_name="freeze",
            name="region",
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to="customers.region", verbose_name="region"),
        ),
        migrations.AddField(
            model_name="reminded",
            name="window",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="reminded", to="maintenance.window", verbose_name="window"),
        ),
        migrations.AddField(
            model_name="rootcausereport",
            name="incident",
            field=models.OneToOneField(
                on_delete=django.db.models.deletion.PROTECT, related_name="root_cause", to="maintenance.incident", verbose_name="incident"
            ),
        ),
        migrations.AddField(
            model_name="rootcausetext",
            name="report",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="texts", to="maintenance.rootcausereport", verbose_name="root-cause report"
            ),
        ),
        migrations.AddField(
            model_name="shortfall",
            name="customer",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, to="customers.customer", verbose_name="customer"),
        ),
        migrations.AddField(
            model_name="shortfall",
            name="window",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="shortfalls", to="maintenance.window", verbose_name="window"),
        ),
        migrations.AddField(
            model_name="updaterule",
            name="tier",
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="update_rules", to="customers.tier", verbose_name="tier"),
        ),
        migrations.AddConstraint(
            model_name="acknowledgement",
            constraint=models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="acknowledgement_has_reason"),
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.CheckConstraint(condition=models.Q(("document", ""), _negated=True), name="consent_is_written"),
        ),
        migrations.AddIndex(
            model_name="freeze",
            index=models.Index(fields=["end"], name="freeze_by_end"),
        ),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.CheckConstraint(
                condition=models.Q(("end__gt", models.F("start"))),
                name="freeze_ends_after_it_starts",
                violation_error_message="A freeze must end after it starts.",
            ),
        ),
        migrations.AddConstraint(
            model_name="freeze",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("component__isnull", True), ("region__isnull", True)),
                    models.Q(("customer__isnull", True), ("region__isnull", True)),
                    models.Q(("component__isnull", True), ("customer__isnull", True)),
                    _connector="OR",
                ),
                name="freeze_of_one_thing",
                violation_error_message="A freeze is of everything, or of one region, component or customer.",
            ),
        ),
        migrations.AddConstraint(
            model_name="reminded",
            constraint=models.UniqueConstraint(fields=("window", "start", "hours"), name="reminded_once"),
        ),
        migrations.AddConstraint(
            model_name="rootcausetext",
            constraint=models.UniqueConstraint(
                fields=("report", "language"), name="root_cause_text_once_a_language", violation_error_message="There is a text in this language already."
            ),
        ),
        migrations.AddConstraint(
            model_name="shortfall",
            constraint=models.UniqueConstraint(condition=models.Q(("cleared_at__isnull", True)), fields=("window", "customer"), name="shortfall_open_once"),
        ),
        migrations.AddConstraint(
            model_name="shortfall",
            constraint=models.CheckConstraint(
                condition=models.Q(("reason", ""), models.Q(models.Q(("reason_by", ""), _negated=True), ("reason_at__isnull", False)), _connector="OR"),
                name="shortfall_reason_is_somebodys",
            ),
        ),
        migrations.AddConstraint(
            model_name="updaterule",
            constraint=models.UniqueConstraint(fields=("tier", "impact"), name="update_rule_once"),
        ),
        migrations.AddConstraint(
            model_name="updaterule",
            constraint=models.CheckConstraint(
                condition=models.Q(("reminder_hours__isnull", True), models.Q(("reminder_hours__gte", 1), ("reminder_hours__lte", 240)), _connector="OR"),
                name="update_rule_reminds_within_ten_days",
                violation_error_message="A reminder goes out 1 to 240 hours before the start.",
            ),
        ),
        migrations.CreateModel(
            name="IncidentJudgement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "verdict",
                    models.CharField(
                        choices=[("set", "priority set"), ("taken_back", "taken back"), ("refuted", "never was a P1")], max_length=10, verbose_name="decision"
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[("P1", "P1"), ("P2", "P2"), ("P3", "P3"), ("P4", "P4"), ("none", "none (customer's own domain)")],
                        max_length=4,
                        verbose_name="priority",
                    ),
                ),
                (
                    "computed_priority",
                    models.CharField(
                        choices=[("P1", "P1"), ("P2", "P2"), ("P3", "P3"), ("P4", "P4"), ("none", "none (customer's own domain)")],
                        max_length=4,
                        verbose_name="computed priority",
                    ),
                ),
                ("reason", models.TextField(verbose_name="reason")),
                ("made_by", models.CharField(max_length=150, verbose_name="made by")),
                ("made_at", models.DateTimeField(verbose_name="made at")),
                (
                    "incident",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="judgements", to="maintenance.incident", verbose_name="incident"
                    ),
                ),
            ],
            options={
                "verbose_name": "decision on the priority",
                "verbose_name_plural": "decisions on the priority",
                "ordering": ["id"],
                "constraints": [models.CheckConstraint(condition=models.Q(("reason", ""), _negated=True), name="incident_judgement_has_reason")],
            },
        ),
    ]
