"""What becomes of the mails of one call that an ESP refuses, in part or as a whole, or whose answer does not come."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import requests
from pytest_django import Settings

from maintenance.models import Served
from notifier.delivery import send
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.models import Delivery
from notifier.delivery.send import BATCH
from tests.factories import NOW
from tests.notifier.delivery.batching import LISTS, MERGES, address, customers, go, standing_in, states
from tests.notifier.delivery.esp_server import Esp

pytestmark = pytest.mark.django_db


@pytest.fixture
def esp(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Esp]:
    """Send mail to an ESP, Postmark unless the test says otherwise."""
    with standing_in(getattr(request, "param", "postmark"), settings) as server:
        yield server


@pytest.mark.parametrize("esp", LISTS, indirect=True)
def test_one_refused_recipient_fails_alone(esp: Esp) -> None:
    """Within an answer that takes the others."""
    customers(3)
    esp.refused = {address(1)}
    go()
    assert states() == ["sent", "failed", "sent"]
    assert len(esp.urls) == 1
    assert Served.objects.count() == 2


@pytest.mark.parametrize("esp", MERGES, indirect=True)
def test_call_refused_for_one_recipient_is_sent_one_by_one(esp: Esp) -> None:
    """The ESP takes all or none: then each has a call, and an end, of its own."""
    customers(1, contacts=3)
    esp.refused = {address(1)}
    go()
    assert states() == ["sent", "failed", "sent"]
    assert esp.sizes() == [1, 1]
    assert len(esp.urls) == 4


@pytest.mark.parametrize("esp", LISTS, indirect=True)
@pytest.mark.parametrize("status", [400, 413, 422])
def test_list_refused_as_a_whole_is_sent_one_by_one(esp: Esp, status: int) -> None:
    """It may be too large, or one mail of it malformed."""
    customers(3)
    esp.instead = iter([(status, {"ErrorCode": 403, "Message": "no", "ErrorMessage": "no", "success": False, "errors": ["no"]})])
    go()
    assert states() == ["sent"] * 3
    assert esp.sizes() == [1, 1, 1]


@pytest.mark.parametrize("status", [401, 429, 503])
def test_call_answered_with_not_now_is_tried_again_later_one_by_one(esp: Esp, status: int) -> None:
    """Each waits for a time of its own, and counts a try."""
    customers(3)
    esp.instead = iter([(status, {})])
    assert go() == 3
    assert set(Delivery.objects.values_list("state", "attempts", "handed_over_at")) == {("queued", 1, None)}
    assert go(minutes=5) == 3
    assert esp.sizes() == [1, 1, 1]
    assert states() == ["sent"] * 3


@pytest.mark.parametrize("lost", [requests.ReadTimeout("slow"), (200, [{"ErrorCode": 0}]), (200, {"odd": 1})])
def test_call_whose_answer_is_lost_leaves_its_own_mails_in_doubt(esp: Esp, lost: Any) -> None:  # noqa: ANN401  # an error, or an answer
    """As many as went together at most, and none of the next call; nothing is sent again."""
    customers(BATCH + 3)
    esp.instead = iter([lost])
    go()
    assert states() == ["unknown"] * BATCH + ["sent"] * 3
    go(days=1)
    assert esp.sizes() == [3]


def test_answer_that_cannot_be_read_of_one_mail_leaves_that_one_in_doubt(esp: Esp) -> None:
    customers(3)
    taken = {"ErrorCode": 0, "Message": "OK", "MessageID": "m", "To": address(0)}
    esp.instead = iter([(200, [taken, "what?", {"ErrorCode": 0, "Message": "OK"}])])
    go()
    assert states() == ["sent", "unknown", "unknown"]


def test_mail_of_a_list_is_refused_in_whatever_words(esp: Esp) -> None:
    """Postmark may write an address otherwise than we do, or name another reason; 0 is the one code of what it takes."""
    customers(3)
    taken = {"ErrorCode": 0, "Message": "OK", "MessageID": "m", "To": address(0)}
    esp.instead = iter(
        [(200, [taken, {"ErrorCode": 300, "Message": "Invalid 'To' address: 'written otherwise'."}, {"ErrorCode": 405, "Message": "No credits"}])]
    )
    go()
    assert states() == ["sent", "failed", "failed"]


def test_esp_that_is_not_reached_has_nothing(esp: Esp) -> None:
    customers(3)
    esp.instead = iter([requests.ConnectTimeout("down")])
    go()
    assert states() == ["queued"] * 3
    assert esp.got == []


def test_markers_of_all_stand_before_the_call(esp: Esp) -> None:
    """Should the process die while the ESP has them, all are in doubt and none is sent twice."""
    customers(3)
    seen: list[tuple[str, Any]] = []
    esp.look = lambda: seen.extend(Delivery.objects.values_list("state", "handed_over_at"))
    go()
    assert seen == [("sending", NOW)] * 3


def test_what_waits_for_its_call_stays_ours(esp: Esp) -> None:
    """However long the call before took."""
    customers(BATCH - 1)
    Delivery.objects.filter(address=address(0)).update(attempts=1)

    def long_ago() -> None:
        Delivery.objects.filter(state="sending").update(lease_until=DatabaseTime(timedelta(seconds=-1)))

    esp.look = long_ago
    go()
    assert esp.sizes() == [BATCH - 2, 1]
    assert states() == ["sent"] * (BATCH - 1)


def test_call_refused_as_the_process_ends_is_given_back(esp: Esp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of it has left: no marker stands, and the try does not count."""
    customers(3)
    ending = threading.Event()
    monkeypatch.setattr(send, "_ending", ending)
    esp.look, esp.instead = ending.set, iter([(422, {"ErrorCode": 403, "Message": "no"})])
    assert go() == 0
    assert set(Delivery.objects.values_list("state", "attempts", "handed_over_at")) == {("queued", 0, None)}


def test_mail_tried_before_goes_alone(esp: Esp) -> None:
    """One of those tried may have ended the process: it must take no others with it again and again."""
    customers(3)
    Delivery.objects.filter(address=address(0)).update(attempts=1)
    go()
    assert sorted(esp.sizes()) == [1, 2]
