"""A priority other than the computed one needs a reason, and what was a P1 an end: after both are filled in."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Schema."""

    dependencies = [("maintenance", "0003_update_rules")]

    operations = [
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("priority", models.F("computed_priority")),
                    models.Q(("override_reason", ""), _negated=True),
                    ("refuted_at__isnull", False),
                    _connector="OR",
                ),
                name="incident_override_has_reason",
                violation_error_message="A priority other than the computed one needs a reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("refuted_at__isnull", True), models.Q(("priority", "P1"), _negated=True), _connector="OR"),
                name="incident_refuted_is_no_p1",
                violation_error_message="What was found never to have been a P1 is none.",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(("refuted_at__isnull", True), models.Q(("refuted_reason", ""), _negated=True), _connector="OR"),
                name="incident_refuted_has_reason",
                violation_error_message="Finding that an incident never was a P1 needs a reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="incident",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("p1_identified_at__isnull", True),
                    models.Q(("closed_at__isnull", True), ("priority", "P1")),
                    ("p1_until__isnull", False),
                    _connector="OR",
                ),
                name="incident_former_p1_has_end",
                violation_error_message="What was a P1 has the time at which it ceased to be one.",
            ),
        ),
    ]
