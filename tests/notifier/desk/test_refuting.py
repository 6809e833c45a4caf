"""Found never to have been a P1: its emergencies stop, and the planners are told."""

import pytest

from maintenance.models import Window
from notifier.delivery.models import Alert
from notifier.desk.refuting import refute
from tests.factories import BY, NOW, reader, window
from tests.maintenance.telling import announced, p1

pytestmark = pytest.mark.django_db


def test_refute_tells_the_planners_which_windows_stop() -> None:
    """Which, for which incident, by whom and why."""
    reader(account="A")
    incident = p1()
    announced(incident=incident, windows=(window(1), window(30)))
    (notice,) = refute(incident, reason="it was a P3", by=BY, now=NOW)
    assert list(Window.objects.order_by("number").values_list("state", flat=True)) == ["postponed", "announced"]
    assert notice.issued_by == BY
    facts = {"incident": incident.pk, "reference": "INC-1", "title": "Core down", "by": BY, "reason": "it was a P3", "stopped": ["MNT-1.1"]}
    assert list(Alert.objects.values_list("kind", "facts")) == [("not_a_p1", facts)]


def test_refute_without_emergencies_tells_nobody() -> None:
    """There is nothing to do about it."""
    reader(account="A")
    incident = p1()
    announced(incident=incident)
    assert (refute(incident, reason="it was a P3", by=BY, now=NOW), Alert.objects.count()) == ([], 0)
