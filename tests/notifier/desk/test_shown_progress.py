"""Progress in words, and the pages that show it and refresh it."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import translation

from notifier.delivery.models import Delivery
from notifier.delivery.progress import Outlook, Progress
from notifier.desk.shown_progress import ShownProgress, about, refresh
from tests import factories
from tests.factories import NOW, nothing_changes
from tests.notifier.desk import pages
from tests.notifier.desk.short import HOUR, work

LONDON = ZoneInfo("Europe/London")
BY_ITSELF = "/admin/on-their-way/"


def shown(**fields: object) -> str:
    """Return it in words."""
    return ShownProgress.of(Progress(**fields), LONDON, now=NOW).text  # type: ignore[arg-type]  # any field


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "5 s"), (36, "40 s"), (90, "90 s"), (91, "2 min"), (700, "12 min"), (5400, "90 min"), (5401, "2 h"), (7200, "2 h"), (7201, "3 h")],
)
def test_length_of_time_is_rounded_as_one_says_it(seconds: int, said: str) -> None:
    assert about(timedelta(seconds=seconds)) == said


def test_progress_is_told_with_an_end() -> None:
    moving = {"outlook": Outlook.MOVING, "remaining": timedelta(seconds=38)}
    assert shown(accepted=3120, failed=4, waiting=1876, **moving) == "3,120 of 5,000 accepted, 4 failed, done in about 40 s"
    with translation.override("de"):
        assert shown(accepted=3120, waiting=1880).startswith("3.120 ")


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"outlook": Outlook.PREPARING}, "mails are being prepared"),
        ({"waiting": 1, "outlook": Outlook.STARTING}, "0 of 1 accepted, sending"),
        ({"accepted": 1, "failed": 1, "unknown": 1, "withdrawn": 1}, "1 of 4 accepted, 1 failed, 1 unknown, 1 withdrawn"),
        (
            {"waiting": 2, "outlook": Outlook.PLANNED, "until": NOW + timedelta(days=1)},
            "0 of 2 accepted, the last is due Monday, 23 November 2026, 09:00 (Europe/London)",
        ),
        (
            {"waiting": 2, "outlook": Outlook.STALLED, "since": NOW - timedelta(minutes=12)},
            "0 of 2 accepted, nothing has moved for about 12 min: the mail server cannot be reached, other mails go first, or no worker runs",
        ),
    ],
)
def test_progress_without_a_pace_says_what_it_waits_for(fields: dict[str, object], said: str) -> None:
    assert shown(**fields) == said


def test_page_looks_again_quickly_while_something_moves_slowly_while_it_waits_and_else_not() -> None:
    moves, waits = (ShownProgress("", 0, 1, stalled=False, waits=waits) for waits in (False, True))
    assert [refresh(rows) for rows in ([], [None], [waits, None], [waits, moves])] == [0, 0, 60, 5]


@pytest.mark.django_db
def test_page_of_the_work_refreshes_its_notices_until_all_is_out() -> None:
    """The part alone, which asks for itself; whoever may see the page may see it, and looking changes nothing."""
    factories.reader()
    maintenance = work()
    address = f"/admin/maintenance/maintenance/{maintenance.pk}/notices/"
    client = pages.planner("maintenance.view_maintenance")
    asks = f'data-refresh="{address}" data-every="5"'
    with time_machine.travel(NOW, tick=False), nothing_changes():
        whole, part = pages.text_of(client.get(pages.change(maintenance))), pages.text_of(client.get(address))
    assert (asks in whole, asks in part, "<html" in part) == (True, True, False)
    assert "<progress" in part
    assert "0 of 1 accepted, sending" in part
    Delivery.objects.update(state="sent", accepted_at=NOW)
    part = pages.text_of(client.get(address))
    assert ("data-refresh" in part, "<progress" in part) == (False, False)
    assert client.post(address).status_code == 405
    assert pages.planner("delivery.view_delivery", name="vera").get(address).status_code == 403
    assert client.get("/admin/maintenance/maintenance/999999/notices/").status_code == 404


@pytest.mark.django_db
def test_first_page_refreshes_what_is_on_its_way_until_nothing_is() -> None:
    factories.reader()
    work()
    client = pages.planner("maintenance.view_maintenance")
    asks = f'data-refresh="{BY_ITSELF}" data-every="5"'
    with time_machine.travel(NOW, tick=False), nothing_changes():
        whole, part = pages.text_of(client.get("/admin/")), pages.text_of(client.get(BY_ITSELF))
    assert (asks in whole, asks in part, "<html" in part) == (True, True, False)
    assert "MNT-1 r1" in part
    Delivery.objects.update(due_at=NOW + 9 * HOUR)
    with time_machine.travel(NOW, tick=False):
        assert f'data-refresh="{BY_ITSELF}" data-every="60"' in pages.text_of(client.get(BY_ITSELF))
    Delivery.objects.update(state="sent", accepted_at=NOW)
    part = pages.text_of(client.get(BY_ITSELF))
    assert ("data-refresh" in part, "Nothing is on its way any more." in part) == (False, True)
    assert "Notices on their way" not in pages.text_of(client.get("/admin/"))
    assert client.post(BY_ITSELF).status_code == 405
    assert pages.planner("delivery.view_delivery", name="vera").get(BY_ITSELF).status_code == 403


@pytest.mark.django_db
def test_parts_that_refresh_cost_the_same_for_one_and_three() -> None:
    factories.reader()
    client, costs = pages.planner(), []
    for number in range(3):
        maintenance = work(f"MNT-{number}")
        costs.append((pages.cost(client, BY_ITSELF), pages.cost(client, f"/admin/maintenance/maintenance/{maintenance.pk}/notices/")))
    assert costs == [costs[0]] * 3
