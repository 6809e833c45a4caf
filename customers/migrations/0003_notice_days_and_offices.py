import datetime

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import customers.notice_days


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0002_fixed_lists"),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="progress",
            field=models.BooleanField(default=True, verbose_name="hears of start and completion"),
        ),
        migrations.AddField(
            model_name="contact",
            name="reminders",
            field=models.BooleanField(default=True, verbose_name="gets reminders"),
        ),
        migrations.AddField(
            model_name="customer",
            name="notice_days",
            field=customers.notice_days.NoticeDaysField(blank=True, help_text="days; empty: the usual notice", null=True, verbose_name="notice agreed"),
        ),
        migrations.AddField(
            model_name="operator",
            name="notice_days",
            field=customers.notice_days.NoticeDaysField(blank=True, help_text="days; empty: the usual notice", null=True, verbose_name="notice for its work"),
        ),
        migrations.AddField(
            model_name="region",
            name="closes",
            field=models.TimeField(default=datetime.time(18, 0), verbose_name="office closes"),
        ),
        migrations.AddField(
            model_name="region",
            name="notice_days",
            field=customers.notice_days.NoticeDaysField(blank=True, help_text="days; empty: the usual notice", null=True, verbose_name="notice in this region"),
        ),
        migrations.AddField(
            model_name="region",
            name="opens",
            field=models.TimeField(default=datetime.time(9, 0), verbose_name="office opens"),
        ),
        migrations.AddField(
            model_name="service",
            name="backup",
            field=models.ForeignKey(
                blank=True,
                help_text="the service that takes over while this one is down",
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="backs_up",
                to="customers.service",
                verbose_name="backup",
            ),
        ),
        migrations.AddField(
            model_name="service",
            name="held_since",
            field=models.DateTimeField(
                default=django.utils.timezone.now,
                help_text="when the customer got it; earlier than today where the record was missing",
                verbose_name="held since",
            ),
        ),
        migrations.AddConstraint(
            model_name="customer",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("notice_days__isnull", True),
                    models.Q(customers.notice_days.IsWhole("notice_days"), ("notice_days__gte", 10), ("notice_days__lte", 365)),
                    _connector="OR",
                ),
                name="customer_notice_never_below_ten_days",
                violation_error_message="Notice is ten days at least, and a year at most.",
            ),
        ),
        migrations.AddConstraint(
            model_name="operator",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("notice_days__isnull", True),
                    models.Q(customers.notice_days.IsWhole("notice_days"), ("notice_days__gte", 10), ("notice_days__lte", 365)),
                    _connector="OR",
                ),
                name="operator_notice_never_below_ten_days",
                violation_error_message="Notice is ten days at least, and a year at most.",
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("notice_days__isnull", True),
                    models.Q(customers.notice_days.IsWhole("notice_days"), ("notice_days__gte", 10), ("notice_days__lte", 365)),
                    _connector="OR",
                ),
                name="region_notice_never_below_ten_days",
                violation_error_message="Notice is ten days at least, and a year at most.",
            ),
        ),
        migrations.AddConstraint(
            model_name="region",
            constraint=models.CheckConstraint(
                condition=models.Q(("closes__gt", models.F("opens"))),
                name="region_closes_after_it_opens",
                violation_error_message="The office must close after it opens.",
            ),
        ),
    ]
