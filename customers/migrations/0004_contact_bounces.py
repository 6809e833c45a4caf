from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("customers", "0003_notice_days_and_offices"),
    ]

    operations = [
        migrations.AddField(
            model_name="contact",
            name="bounce_reason",
            field=models.CharField(blank=True, default="", max_length=500, verbose_name="why it bounced"),
        ),
        migrations.AddField(
            model_name="contact",
            name="bounced_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="bounced at"),
        ),
        migrations.AddField(
            model_name="contact",
            name="complained_at",
            field=models.DateTimeField(blank=True, null=True, verbose_name="complained at"),
        ),
    ]
