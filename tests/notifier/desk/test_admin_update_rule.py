"""Reminders and progress, changed in the list by tier and impact."""

import pytest
from django.urls import reverse

from maintenance.models import UpdateRule
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db


def test_update_rules_have_their_defaults() -> None:
    """A reminder 48 hours before degraded work and outages, start and completion of outages; nothing of work without impact."""
    rules = UpdateRule.objects.order_by("pk").values_list("tier__slug", "impact", "reminder_hours", "progress")
    of_a_tier = [("no_impact", None, False), ("reduced_redundancy", None, False), ("degraded", 48, False), ("outage", 48, True)]
    assert list(rules) == [(tier, *rule) for tier in ("standard", "plus", "enterprise") for rule in of_a_tier]


def test_update_rules_are_changed_in_the_list() -> None:
    """All at once; hours out of bounds are refused."""
    planner = pages.planner()
    address = reverse("admin:maintenance_updaterule_changelist")
    rules = list(UpdateRule.objects.order_by("tier_id", "pk"))
    data = {"form-TOTAL_FORMS": len(rules), "form-INITIAL_FORMS": len(rules), "_save": "Save"}
    for number, rule in enumerate(rules):
        data |= {f"form-{number}-id": rule.pk, f"form-{number}-reminder_hours": 72}
    response = planner.post(address, data)
    assert response.status_code == 302
    assert set(UpdateRule.objects.values_list("reminder_hours", "progress")) == {(72, False)}
    refused = planner.post(address, data | {"form-0-reminder_hours": 241})
    assert "A reminder goes out 1 to 240 hours before the start." in refused.text
