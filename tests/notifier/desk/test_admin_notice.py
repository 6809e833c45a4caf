"""A notice's page: the decision behind it, in words."""

import pytest
import time_machine
from django.urls import reverse

from maintenance.models import Notice
from notifier.desk.admin.notice import decision_lines
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db


def test_decision_names_policy_windows_and_answers() -> None:
    factories.reader()
    factories.reader(region_slug="us")
    pages.announced(windows=(factories.window(30), factories.window(31)))
    decision = Notice.objects.get().decision
    clocks = "America/New_York 10, Europe/London 10"
    assert decision_lines(decision) == [
        f"Policy {decision['policy']}, asked on 22 Nov 2026, 09:00 UTC, with a margin of 24 hours.",
        f"Window 1, which starts on 22 Dec 2026, 09:00 UTC: planned, for 2 customers (zones and days of notice: {clocks}).",
        f"Window 2, which starts on 23 Dec 2026, 09:00 UTC: planned, for 2 customers (zones and days of notice: {clocks}).",
    ]


def test_decision_without_notice_needed_says_so() -> None:
    assert decision_lines({"answer": "cancelled: no notice needed", "asked_at": "2026-11-22T09:00:00+00:00"}) == ["cancelled: no notice needed"]
    assert decision_lines({"windows": []}) == ["Nothing needed notice of its own."]
    assert decision_lines({}) == []


def test_page_shows_decision() -> None:
    factories.reader()
    pages.announced()
    with time_machine.travel(factories.NOW, tick=False):
        response = pages.planner().get(reverse("admin:maintenance_notice_change", args=[Notice.objects.get().pk]))
    assert "planned, for 1 customer (zones and days of notice: Europe/London 10)." in pages.text_of(response)
