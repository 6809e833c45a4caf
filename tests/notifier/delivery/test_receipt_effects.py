"""The rules: nothing goes back, doubt is settled, a bounce ends it, a complaint asks for a call, and the rest is only kept."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from customers.models import Contact
from maintenance.models import Notice
from maintenance.states import Hop
from notifier.delivery import settle
from notifier.delivery.models import Alert, Delivery, DeliveryState
from notifier.delivery.receipt import What
from tests.factories import NOW
from tests.maintenance.telling import DAY, HOUR
from tests.notifier.delivery.coming_back import LATER, TOKEN, comes, handed_over, mail, marks, sent, served, told

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


def stands(state: str) -> Delivery:
    """Return a mail in that state."""
    if state in {"sent", "delivered"}:
        delivery = sent()
        Delivery.objects.update(state=state)
    else:
        delivery = handed_over()
        Delivery.objects.update(state=state, reason="why", settled_at=NOW)
    delivery.refresh_from_db()
    return delivery


@pytest.mark.parametrize(
    ("state", "what", "becomes"),
    [
        ("sent", What.ACCEPTED, "sent"),
        ("sent", What.DELIVERED, "delivered"),
        ("delivered", What.ACCEPTED, "delivered"),
        ("delivered", What.DELIVERED, "delivered"),
        ("unknown", What.ACCEPTED, "sent"),
        ("unknown", What.DELIVERED, "delivered"),
        ("sent", What.BOUNCED_HARD, "failed"),
        ("delivered", What.BOUNCED_HARD, "failed"),
        ("unknown", What.BOUNCED_HARD, "failed"),
        ("sent", What.REJECTED, "failed"),
        ("unknown", What.REJECTED, "failed"),
        ("failed", What.ACCEPTED, "failed"),
        ("failed", What.DELIVERED, "failed"),
        ("withdrawn", What.DELIVERED, "withdrawn"),
        ("withdrawn", What.BOUNCED_HARD, "withdrawn"),
        *[(state, what, state) for state in ("sent", "delivered", "unknown") for what in (What.DEFERRED, What.BOUNCED_SOFT, What.OTHER, What.COMPLAINED)],
    ],
)
def test_states_go_forward_only(state: str, what: What, becomes: str) -> None:
    told()
    effect = comes(stands(state), what)
    assert mail().state == becomes
    assert effect == ("applied" if becomes != state or what is What.COMPLAINED else "recorded")


@pytest.mark.parametrize("what", [What.DEFERRED, What.BOUNCED_SOFT, What.OTHER])
def test_what_nothing_is_concluded_from_leaves_everything_as_it_is(what: What) -> None:
    """Full mailbox, greylisting, absence, policy."""
    told()
    delivery = sent()
    before = Delivery.objects.values().get(), served(), marks()
    assert comes(delivery, what, reason="452 4.2.2 mailbox full") == "recorded"
    assert (Delivery.objects.values().get(), served(), marks()) == before
    assert before[2] == (None, "", None)


@pytest.mark.parametrize(
    ("said", "counts"),
    [(LATER, LATER), (NOW - DAY, NOW), (LATER + 9 * DAY, LATER + DAY)],
    ids=["as it says", "not before it was handed over", "not in the future"],
)
@pytest.mark.parametrize("what", [What.ACCEPTED, What.DELIVERED])
def test_unknown_is_settled_as_accepted_when_the_event_says(what: What, said: datetime, counts: datetime) -> None:
    """With the customer served; the ESP's clock may be wrong."""
    told()
    delivery = handed_over(state=DeliveryState.UNKNOWN)
    assert comes(delivery, what, at=said, now=LATER + DAY) == "applied"
    row = mail()
    assert (row.accepted_at, row.hop, row.hop_detail, row.reason) == (counts, "esp", "esp:mailgun, by its event", "")
    assert served() == [("ACC", counts, "esp:mailgun, by its event", True)]


def test_unknown_without_a_marker_is_not_accepted_before_the_notice_was_issued() -> None:
    """Rows of earlier versions may have none."""
    told()
    delivery = handed_over(state=DeliveryState.UNKNOWN)
    Delivery.objects.update(handed_over_at=None)
    comes(delivery, What.ACCEPTED, at=NOW - DAY)
    assert mail().accepted_at == Notice.objects.get().issued_at


def test_accepted_by_a_notification_of_delivery_names_the_relay() -> None:
    told()
    comes(handed_over(state=DeliveryState.UNKNOWN), What.DELIVERED, source="dsn")
    assert (mail().hop, mail().hop_detail) == ("relay", "dsn, by its event")


def test_mail_that_waits_for_another_try_is_not_sent_again_when_the_first_had_been_taken() -> None:
    """The ESP answered "later" and sent it all the same."""
    told()
    delivery = handed_over()
    settle.again(delivery, TOKEN, at=NOW, reason="503")
    assert mail().state == "queued"
    assert comes(delivery, What.ACCEPTED) == "applied"
    assert (mail().state, mail().reason, [row[3] for row in served()]) == ("sent", "", [True])


@pytest.mark.parametrize("what", [What.ACCEPTED, What.DELIVERED, What.BOUNCED_HARD, What.REJECTED])
def test_mail_that_was_never_handed_over_is_left_to_be_sent(what: What) -> None:
    told()
    assert comes(mail(), what) == "recorded"
    assert (mail().state, served(), marks()) == ("queued", [], (None, "", None))


def test_hard_bounce_ends_the_mail_with_a_reason_and_marks_the_contact() -> None:
    told()
    assert comes(sent(), What.BOUNCED_HARD, reason="550 5.1.1 No\r\nsuch person") == "applied"
    row = mail()
    assert (row.state, row.reason, row.settled_at, row.accepted_at) == ("failed", "bounced: 550 5.1.1 No such person", LATER, NOW)
    assert marks() == (LATER, "550 5.1.1 No such person", None)


def test_hard_bounce_without_words_has_a_reason_all_the_same() -> None:
    told()
    comes(sent(), What.BOUNCED_HARD, reason="")
    assert mail().reason == "bounced: no reason given"


def test_late_answer_of_a_slow_worker_does_not_undo_a_bounce() -> None:
    told()
    delivery = handed_over(state=DeliveryState.UNKNOWN)
    comes(delivery, What.BOUNCED_HARD)
    assert not settle.accepted(delivery, TOKEN, at=LATER, hop=Hop.ESP, detail="server")
    assert (mail().state, served()) == ("failed", [])


@pytest.mark.parametrize(("bad", "marked"), [(False, (None, "")), (True, (LATER, "on the list"))])
def test_rejected_ends_the_mail_and_marks_the_contact_only_where_the_address_is_bad(bad: bool, marked: tuple[Any, str]) -> None:  # noqa: FBT001  # a parameter of a test
    told()
    assert comes(sent(), What.REJECTED, reason="on the list", bad_address=bad) == "applied"
    assert (mail().state, mail().reason) == ("failed", "refused by the ESP: on the list")
    assert marks()[:2] == marked
    assert [row[3] for row in served()] == [False]


def test_bounce_of_an_address_that_is_no_longer_the_contacts_marks_nobody() -> None:
    told()
    delivery = sent()
    contact = Contact.objects.get()
    contact.email = "new@customer.example"
    contact.save()
    assert comes(delivery, What.BOUNCED_HARD) == "applied"
    assert Contact.objects.filter(bounced_at__isnull=False).count() == 0


@pytest.mark.parametrize("what", [What.BOUNCED_HARD, What.REJECTED, What.DELIVERED, What.COMPLAINED])
def test_receipt_about_an_earlier_address_says_nothing_of_the_mail_sent_again(what: What) -> None:
    """The same delivery went out anew after a person had corrected the address."""
    told()
    before = sent()
    Contact.objects.update(email="new@customer.example")
    Delivery.objects.update(address="new@customer.example")
    assert comes(before, what) == "recorded"
    assert (Delivery.objects.get().state, [row[3] for row in served()], Contact.objects.filter(complained_at=None, bounced_at=None).count()) == (
        "sent",
        [True],
        1,
    )


@pytest.mark.parametrize("address", ["C0@Customer.Example", " c0@customer.example", ""])
def test_address_in_another_form_or_unknown_is_the_same(address: str) -> None:
    told()
    assert comes(sent(), What.BOUNCED_HARD, address=address) == "applied"


@pytest.mark.parametrize("address", ["c0@b\u00fccher.example", "c0@xn--bcher-kva.example"])
def test_domain_in_either_form_is_the_same(address: str) -> None:
    told()
    delivery = sent()
    Delivery.objects.update(address="c0@b\u00fccher.example")
    assert comes(delivery, What.BOUNCED_HARD, address=address) == "applied"


def test_bounce_of_a_contact_who_is_gone_ends_the_mail() -> None:
    told()
    delivery = sent()
    Delivery.objects.update(contact=None)
    assert comes(delivery, What.BOUNCED_HARD) == "applied"
    assert mail().state == "failed"


def test_older_bounce_that_comes_later_keeps_the_newer_mark() -> None:
    told()
    comes(sent(), What.BOUNCED_HARD, reason="newer")
    told(account="SECOND", contacts=1, reference="MNT-2")
    assert comes(sent(), What.BOUNCED_HARD, reason="older", at=LATER - SECOND) == "applied"
    assert marks() == (LATER, "newer", None)


def test_complaint_revokes_nothing_marks_the_contact_and_asks_for_a_call_once() -> None:
    maintenance, _customer = told()
    delivery = sent()
    assert comes(delivery, What.COMPLAINED, reason="abuse") == "applied"
    assert (mail().state, [row[3] for row in served()], marks()) == ("sent", [True], (None, "", LATER))
    alert = Alert.objects.get()
    assert (alert.kind, alert.made_at) == ("complaint", LATER)
    assert alert.facts == {
        "maintenance": maintenance.pk,
        "reference": "MNT-1",
        "title": "Title (en)",
        "timezone": "Europe/London",
        "contact": Contact.objects.get().pk,
        "said": "abuse",
    }
    assert comes(delivery, What.COMPLAINED, event_id="again") == "recorded"
    assert Alert.objects.count() == 1


def test_complaint_after_a_person_has_cleared_the_mark_asks_again() -> None:
    told()
    delivery = sent()
    comes(delivery, What.COMPLAINED)
    Contact.objects.update(complained_at=None)
    assert comes(delivery, What.COMPLAINED, event_id="again", now=LATER + HOUR) == "applied"
    assert Alert.objects.count() == 2


def test_complaint_comes_through_while_the_mail_is_in_hand_or_has_failed() -> None:
    told()
    assert comes(handed_over(), What.COMPLAINED) == "applied"
    Contact.objects.update(complained_at=None)
    Delivery.objects.update(state="failed", reason="why")
    assert comes(mail(), What.COMPLAINED, event_id="again") == "applied"


def test_everything_again_in_any_order_changes_nothing() -> None:
    """A bounce has ended it."""
    told()
    delivery = sent()
    comes(delivery, What.DELIVERED)
    comes(delivery, What.BOUNCED_HARD)
    before = Delivery.objects.values().get(), served(), marks()
    for what in (What.ACCEPTED, What.DELIVERED, What.BOUNCED_HARD, What.REJECTED, What.BOUNCED_SOFT, What.DEFERRED):
        assert comes(delivery, what, event_id=f"again-{what}", at=LATER + DAY, now=LATER + DAY) == "recorded"
    assert (Delivery.objects.values().get(), served(), marks()) == before
