"""A bounce is about the delivery that it proves to be about, and about none otherwise."""

import hashlib
from datetime import timedelta

import pytest
from pytest_django import Settings

from notifier.delivery.bounces import receipts_in
from notifier.delivery.receipt import Receipt, What, digest
from notifier.delivery.verp import return_path
from tests.factories import NOW
from tests.notifier.delivery.returned import BOUNCES, LATER, WRITTEN, accepted, returned

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _bounces_come_back(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = BOUNCES


def found(content: bytes) -> list[tuple[str, What]]:
    """Return which deliveries a mail is about, and what became of them."""
    return [(receipt.delivery_name, receipt.what) for receipt in receipts_in(content, now=LATER)]


def test_bounce_gives_a_receipt() -> None:
    [delivery] = accepted()
    content = returned("postfix_user_unknown", delivery)
    reason = f"550 5.1.1 <{delivery.address}>: Recipient address rejected: User unknown in virtual mailbox table"
    event = digest(hashlib.sha256(content).hexdigest(), 0)
    assert receipts_in(content, now=LATER) == [Receipt("dsn", event, delivery.name, delivery.address, What.BOUNCED_HARD, WRITTEN, reason)]


def test_bounce_of_several_recipients_gives_a_receipt_each_and_names_other_addresses() -> None:
    [delivery] = accepted()
    receipts = receipts_in(returned("sendmail", delivery), now=LATER)
    assert [(receipt.what, receipt.address, receipt.reason) for receipt in receipts] == [
        (What.BOUNCED_HARD, delivery.address, "5.1.1 user unknown"),
        (What.DEFERRED, delivery.address, "desk@customer.example: 421 4.4.2 dropped by inside.customer.example"),
    ]
    assert len({receipt.event_id for receipt in receipts}) == 2


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Sun, 22 Nov 2026 11:31:02 +0200", WRITTEN),
        ("Sun, 22 Nov 2026 09:31:02", WRITTEN),
        ("Sun, 22 Nov 2036 09:31:02 +0000", LATER),
        ("Mon, 1 Jan 0001 00:00:00 +1400", NOW),
        ("Fri, 31 Dec 9999 23:59:59 -1400", LATER),
        ("yesterday", LATER),
        ("", LATER),
    ],
)
def test_bounce_happened_between_the_notice_and_now(date: str, expected: object) -> None:
    [delivery] = accepted()
    content = returned("postfix_user_unknown", delivery).replace(b"\nDate: Sun, 22 Nov 2026 09:31:02 +0000 (UTC)", b"\nDate: " + date.encode(), 1)
    assert [receipt.at for receipt in receipts_in(content, now=LATER)] == [expected]


def test_bounce_that_anybody_can_make_up_is_about_nothing() -> None:
    """Whoever reads a notice knows half of the Message-IDs of all its mails."""
    _ours, theirs = accepted(2)
    forged = [
        returned("postfix_user_unknown", theirs, sent_with=BOUNCES),
        returned("postfix_user_unknown", theirs, sent_with=return_path(theirs.name, address=BOUNCES, key="x" * 32)),
        returned("postfix_user_unknown", theirs, sent_with=return_path(f"{'0' * 32}-{theirs.pk}", address=BOUNCES, key="x" * 32)),
    ]
    assert [found(content) for content in forged] == [[], [], []]


def test_bounce_is_about_whom_its_address_names_whatever_else_it_says(settings: Settings) -> None:
    ours, theirs = accepted(2)
    sent_with = return_path(ours.name, address=BOUNCES, key=settings.SECRET_KEY)
    assert found(returned("postfix_user_unknown", theirs, sent_with=sent_with)) == [(ours.name, What.BOUNCED_HARD)]


def test_bounce_of_a_delivery_that_is_gone_is_about_nothing() -> None:
    [delivery] = accepted()
    content = returned("postfix_user_unknown", delivery)
    delivery.customers.clear()
    delivery.delete()
    assert found(content) == []


def test_mail_that_is_no_bounce_is_about_nothing() -> None:
    [delivery] = accepted()
    assert found(returned("no_absence_note", delivery)) == []


def test_bounce_to_the_senders_address_is_known_by_message_id_and_recipient(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ""
    ours, theirs = accepted(2)
    content = returned("postfix_user_unknown", ours, sent_with="maintenance@provider.example")
    assert found(content) == [(ours.name, What.BOUNCED_HARD)]
    assert found(content.replace(ours.address.encode(), ours.address.upper().encode())) == [(ours.name, What.BOUNCED_HARD)]
    assert found(content.replace(ours.address.encode(), theirs.address.encode())) == []
    assert found(content.replace(ours.notice.uid.hex.encode(), b"0" * 32)) == []
    assert found(content.replace(f"-{ours.pk}@".encode(), b"-99999999999999999999@")) == []


def test_bounce_to_the_senders_address_is_known_by_envelope_id_too(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = ""
    [delivery] = accepted()
    content = returned("sendmail", delivery).replace(b"Message-ID:", b"X-Gone:")
    assert found(content) == [(delivery.name, What.BOUNCED_HARD), (delivery.name, What.DEFERRED)]
    assert found(content.replace(b"Original-Envelope-Id:", b"X-Gone:")) == []


def test_bounce_read_later_gives_the_same_event() -> None:
    [delivery] = accepted()
    content = returned("qmail", delivery)
    assert [receipt.event_id for receipt in receipts_in(content, now=LATER)] == [
        receipt.event_id for receipt in receipts_in(content, now=LATER + timedelta(days=1))
    ]
