"""What comes back is written down once, whatever it is about, and applied as soon as it can be."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from maintenance.states import Hop
from notifier.delivery import receipt_effects, receipts, settle
from notifier.delivery.models import Delivery, DeliveryState, StoredReceipt
from notifier.delivery.receipt import Receipt, What, digest, is_delivery_name, one_line
from notifier.delivery.receipts import PATIENCE, apply_waiting, take_in
from tests.factories import NOW, nothing_changes
from tests.maintenance.telling import DAY
from tests.notifier.delivery.coming_back import LATER, TOKEN, comes, handed_over, mail, receipt, sent, served, told

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def stored() -> list[tuple[str, str, str]]:
    """Return event, what and effect of all receipts."""
    return list(StoredReceipt.objects.order_by("pk").values_list("event_id", "what", "effect"))


def test_take_in_writes_down_the_whole() -> None:
    told()
    delivery = sent()
    assert take_in([receipt(delivery, What.REJECTED, reason="  suppressed\r\nfor good ", bad_address=True)], now=LATER + SECOND) == 1
    assert StoredReceipt.objects.values().get() == {
        "id": StoredReceipt.objects.get().pk,
        "source": "esp:mailgun",
        "event_id": f"rejected-{delivery.pk}",
        "delivery_id": delivery.pk,
        "delivery_name": delivery.name,
        "address": "c0@customer.example",
        "what": "rejected",
        "at": LATER,
        "reason": "suppressed for good",
        "bad_address": True,
        "received_at": LATER + SECOND,
        "applied_at": LATER + SECOND,
        "effect": "applied",
    }


def test_take_in_of_what_came_before_changes_nothing() -> None:
    """Doubled in one post, replayed as it was, replayed with other words."""
    told()
    delivery = sent()
    one = receipt(delivery, What.DELIVERED, event_id="one")
    assert take_in([one, one], now=LATER) == 1
    with nothing_changes():
        assert take_in([one], now=LATER + DAY) == 0
        assert take_in([receipt(delivery, What.BOUNCED_HARD, event_id="one")], now=LATER + DAY) == 0


def test_take_in_of_one_id_from_two_sources_takes_both() -> None:
    told()
    delivery = sent()
    assert take_in([receipt(delivery, What.DELIVERED, event_id="1"), receipt(delivery, What.OTHER, event_id="1", source="dsn")], now=LATER) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"event_id": "e" * 5000, "reason": "x\0y\ud800" * 5000, "address": "a" * 5000, "delivery_name": "n" * 5000, "source": "s" * 5000},
        {"event_id": "\0", "delivery_name": "0" * 32 + "-" + "9" * 18, "address": "", "reason": "\u2028"},
        {"delivery_name": "alert-20261122090000-1"},
        {"delivery_name": ""},
    ],
)
def test_take_in_of_hostile_words_is_kept_and_does_nothing(changes: dict[str, Any]) -> None:
    """Strangers write them; neither database refuses them."""
    told()
    delivery = sent()
    assert take_in([receipt(delivery, What.BOUNCED_HARD, **changes)], now=LATER) == 1
    assert take_in([receipt(delivery, What.BOUNCED_HARD, **changes)], now=LATER) == 0
    assert mail().state == "sent"


def test_take_in_by_the_number_of_another_notice_finds_nothing() -> None:
    """The key alone could be guessed."""
    told()
    delivery = sent()
    assert comes(delivery, What.BOUNCED_HARD, delivery_name=f"{'0' * 32}-{delivery.pk}") == ""
    assert mail().state == "sent"


def test_receipt_of_a_mail_in_hand_waits_for_the_workers_own_word(caplog: pytest.LogCaptureFixture) -> None:
    """The ESP was quicker than our commit."""
    told()
    delivery = handed_over()
    assert comes(delivery, What.DELIVERED) == ""
    with nothing_changes():
        assert apply_waiting(now=LATER) == 0
    assert settle.accepted(mail(), TOKEN, at=NOW + SECOND, hop=Hop.ESP, detail="server")
    assert apply_waiting(now=LATER + SECOND) == 1
    assert (mail().state, mail().accepted_at, mail().hop_detail) == ("delivered", NOW + SECOND, "server")
    assert served() == [("ACC", NOW + SECOND, "server", True)]
    assert caplog.records == []
    with nothing_changes():
        assert apply_waiting(now=LATER + DAY) == 0


def test_receipt_of_a_mail_in_hand_whose_worker_is_lost_settles_it() -> None:
    told()
    delivery = handed_over()
    comes(delivery, What.DELIVERED)
    settle.unknown(delivery, TOKEN, at=LATER, reason="the worker was lost")
    assert apply_waiting(now=LATER) == 1
    assert (mail().state, served()) == ("delivered", [("ACC", LATER, "esp:mailgun, by its event", True)])


def test_apply_waiting_of_a_mail_that_is_not_known_gives_up_after_a_day() -> None:
    """Kept for the record: another program may use the same ESP."""
    stranger = Receipt("esp:mailgun", "one", "f" * 32 + "-77", "x@customer.example", What.BOUNCED_HARD, LATER)
    assert take_in([stranger], now=NOW) == 1
    assert apply_waiting(now=NOW + PATIENCE - SECOND) == 0
    assert stored() == [("one", "bounced", "")]
    assert apply_waiting(now=NOW + PATIENCE) == 1
    assert stored() == [("one", "bounced", "not_ours")]


def test_apply_waiting_finds_a_mail_that_came_to_be_known() -> None:
    """As after the database was put back from its copy."""
    told()
    delivery = sent()
    comes(delivery, What.DELIVERED)
    StoredReceipt.objects.update(delivery=None, effect="", applied_at=None)
    Delivery.objects.update(state=DeliveryState.SENT)
    assert apply_waiting(now=LATER) == 1
    assert (mail().state, StoredReceipt.objects.get().delivery_id) == ("delivered", delivery.pk)


def test_receipts_in_one_post_are_applied_by_their_time_not_their_place() -> None:
    told()
    delivery = handed_over(state=DeliveryState.UNKNOWN)
    bounced = receipt(delivery, What.BOUNCED_HARD, event_id="a", at=LATER + SECOND)
    assert take_in([bounced, receipt(delivery, What.ACCEPTED, event_id="b", at=LATER)], now=LATER + DAY) == 2
    assert (mail().state, served()) == ("failed", [("ACC", LATER, "esp:mailgun, by its event", False)])


def test_receipt_that_cannot_be_applied_waits_and_holds_up_no_other(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    told(contacts=2)
    poison, other = sent(0), sent(1)
    apply = receipt_effects.apply

    def fails_for_one(row: StoredReceipt, delivery: Delivery, **when: Any) -> Any:  # noqa: ANN401  # as the original
        if delivery.pk == poison.pk:
            raise RuntimeError(delivery.pk)
        return apply(row, delivery, **when)

    with monkeypatch.context() as patched:
        patched.setattr(receipts, "apply", fails_for_one)
        assert take_in([receipt(poison, What.DELIVERED), receipt(other, What.DELIVERED)], now=LATER) == 2
    assert (mail(0).state, mail(1).state) == ("sent", "delivered")
    assert f"the receipts of delivery {poison.pk} wait" in caplog.text
    assert apply_waiting(now=LATER) == 1
    assert mail(0).state == "delivered"


def test_apply_waiting_costs_one_query_where_none_waits() -> None:
    told()
    comes(sent(), What.DELIVERED)
    with CaptureQueriesContext(connection) as asked:
        assert apply_waiting(now=LATER) == 0
    assert len(asked) == 1


def test_take_in_costs_the_same_for_one_and_for_three_but_for_the_changes() -> None:
    """Read, locked and written together; each mail that changes is one statement."""
    told(contacts=4)
    events = [receipt(sent(number), What.DELIVERED) for number in range(4)]
    costs = []
    for batch in (events[:1], events[1:]):
        with CaptureQueriesContext(connection) as asked:
            take_in(batch, now=LATER)
        costs.append(len(asked) - len(batch))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("name", "known"),
    [("0" * 32 + "-1", True), ("0" * 32 + "-" + "9" * 19, False), ("0" * 31 + "-1", False), ("0" * 32 + "-1\n", False), ("alert-1-2", False), ("", False)],
)
def test_is_delivery_name(name: str, known: bool) -> None:  # noqa: FBT001  # a parameter of a test
    assert is_delivery_name(name) is known


def test_digest_is_of_the_parts_and_their_borders() -> None:
    assert digest("a", "b") == digest("a", "b")
    assert len({digest("a", "b"), digest("ab"), digest("b", "a"), digest("a", "b", "")}) == 4


@pytest.mark.parametrize(
    ("text", "line"), [(" a\r\n\tb ", "a b"), ("a\0\x1b[31m\u202eb", "a[31mb"), ("é" * 600, "é" * 500), ("\ud800", ""), ("x" * 499 + " y", "x" * 499)]
)
def test_one_line(text: str, line: str) -> None:
    assert one_line(text) == line
