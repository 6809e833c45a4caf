"""One claim's primary keys -> mails ready to be sent."""

from datetime import timedelta
from unittest import mock

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import OperationalError, connection
from pytest_django import DjangoAssertNumQueries

from customers.models import Contact, ContactRole, Region
from maintenance import booking
from maintenance.models import Notice
from maintenance.said import Said
from notifier.calendars import feeds
from notifier.calendars.models import Feed
from notifier.delivery import claimed, compose, prepare
from notifier.delivery.compiled import Compiled
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from notifier.delivery.prepare import Composer
from notifier.delivery.prepared import Prepared
from tests.factories import BY, NOW, ContactRoleFactory, ServiceFactory, draft, reader, window
from tests.notifier.delivery.mail_rows import parsed
from tests.notifier.delivery.test_load import announced, remind

pytestmark = pytest.mark.django_db


def keys() -> list[int]:
    """Return the keys of all deliveries, the last first."""
    return list(Delivery.objects.order_by("-pk").values_list("pk", flat=True))


def assert_as_loaded(composer: Composer) -> None:
    """Assert that all mails, in one claim, are those that are made of loaded rows."""
    deliveries = list(Delivery.objects.order_by("pk"))
    wanted = {letter.name: letter for letter in load(deliveries)}
    made = composer.prepare([delivery.pk for delivery in deliveries])
    assert list(made) == [delivery.pk for delivery in deliveries]
    for delivery in deliveries:
        mail = made[delivery.pk]
        assert isinstance(mail, Prepared), mail
        letter = wanted[delivery.name]
        assert parsed(mail.content) == parsed(compose.message(letter).message().as_bytes(linesep="\r\n"))
        assert (mail.pk, mail.name, mail.recipient, mail.sender) == (
            delivery.pk,
            delivery.name,
            delivery.address,
            letter.accounts[0].customer.region.sender_email,
        )


def test_mails_are_those_of_loaded_deliveries() -> None:
    """In several languages, with several accounts and services, a contact who is gone, and reminders; at first, and compiled."""
    for number, language in enumerate(("", "de", "zh-hans", "de", "de", "")):
        customer = reader(account=f"B{number}", object_id=f"b-{number}", language=language, timezone="Europe/Berlin" if language else "")
        ServiceFactory.create(customer=customer, object_id=f"A-{number}")
        ServiceFactory.create(customer=customer, object_id=f"A-{number}.2")
    contact = Contact.objects.get(roles__customer__account="B5")
    for account in ("A1", "C1"):
        customer = reader(account=account, object_id=f"{account}-VPN", region_slug="de", tier_slug="plus", timezone="Europe/London", language="en")
        ContactRole.objects.filter(customer=customer).delete()
        ContactRoleFactory.create(contact=contact, customer=customer)
    scope = draft("MNT-9", windows=(window(), window(31, objects=("b-1", "A-2"))))
    booking.announce(booking.book(scope, by=BY, now=NOW), acknowledged="works of one night", by=BY, now=NOW)
    announced()
    remind(now=NOW + timedelta(days=20))
    Contact.objects.filter(roles__customer__account="B0").delete()
    assert Delivery.objects.count() > 16
    for composer in (Composer(), Composer(worth_compiling=1)):
        for _time in range(2):
            assert_as_loaded(composer)


def test_mails_follow_what_a_region_says_now() -> None:
    """It is read anew for each claim; notices are immutable."""
    reader()
    announced()
    composer = Composer(worth_compiling=1)
    assert_as_loaded(composer)
    Region.objects.update(support_phone="+44 1632 960001", sender_email="other@provider.example")
    assert_as_loaded(composer)
    assert_as_loaded(composer)


def test_notices_kept_are_bounded_but_never_fewer_than_a_claim_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that the claim speaks of stay, whenever they were read."""
    monkeypatch.setattr(claimed, "_NOTICES", 2)
    reader()
    for number in range(4):
        announced(f"MNT-{number}")
    composer = Composer()
    ids = sorted(keys())
    kept = []
    for chosen in (ids[:2], ids[1:], ids[:1], ids, ids[3:]):
        assert [type(mail) for mail in composer.prepare(chosen).values()] == [Prepared] * len(chosen)
        kept.append(len(composer._shared.notices))
        assert composer._shared._said.keys() <= composer._shared.notices.keys()
    assert kept == [2, 3, 2, 4, 2]


def test_contacts_without_a_feed_are_given_one() -> None:
    """And a feed of another SECRET_KEY is put right."""
    reader()
    reader()
    announced()
    feeds.ensure_contacts([Contact.objects.order_by("pk")[0].pk])
    Feed.objects.update(token_hash="0" * 64)
    composer = Composer()
    found = composer.prepare(keys())
    assert Feed.objects.count() == 2
    urls = {letter.name: letter.feed_url for letter in load(list(Delivery.objects.all()))}
    assert [isinstance(mail, Prepared) and urls[mail.name] in mail.content.decode().replace("=\r\n", "") for mail in found.values()] == [True, True]


def test_nothing_is_asked_for_an_empty_claim(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """There is nothing to make."""
    with django_assert_num_queries(0):
        assert Composer().prepare([]) == {}


@pytest.mark.parametrize("count", [1, 3])
def test_queries_are_as_many_for_three_as_for_one(count: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    """Mails, services, regions, tiers; at first also regions and tiers as objects, notices and components. Reminders ask once more."""
    for number in range(count):
        reader(language=("de", "", "fr")[number])
    announced()
    announced("MNT-2")
    load(list(Delivery.objects.all()))  # makes the feeds
    composer = Composer()
    first = keys()[: 2 * count - 1]
    with django_assert_num_queries(8):
        composer.prepare(first)
    with django_assert_num_queries(4):
        composer.prepare(first)
    reminders = [delivery.pk for delivery in remind(now=NOW + timedelta(days=20))]
    with django_assert_num_queries(6):  # a new notice, too
        composer.prepare(reminders)


def test_a_row_that_is_gone_has_no_mail() -> None:
    """And neither has one without accounts; the others have theirs."""
    for _number in range(3):
        reader()
    announced()
    gone, bare, other = keys()
    Delivery.objects.get(pk=bare).accounts.all().delete()
    Delivery.objects.get(pk=gone).accounts.all().delete()
    Delivery.objects.get(pk=gone).delete()
    found = Composer().prepare([gone, bare, other])
    assert [(pk, type(mail)) for pk, mail in found.items()] == [(gone, ObjectDoesNotExist), (bare, ObjectDoesNotExist), (other, Prepared)]


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ("UPDATE delivery_delivery SET timezone = 'Nowhere/At_All' WHERE id = %s", Exception),
        ("UPDATE delivery_delivery SET kind = 'sung' WHERE id = %s", Exception),
        ("UPDATE delivery_delivery SET address = 'a b' WHERE id = %s", ValueError),
    ],
)
def test_a_broken_row_holds_up_nobody_else(change: str, error: type[Exception]) -> None:
    """Neither at first nor when the others are compiled."""
    for _number in range(4):
        reader()
    announced()
    broken, *others = keys()
    with connection.cursor() as cursor:
        cursor.execute(change, [broken])
    composer = Composer()
    for _time in range(2):
        found = composer.prepare([others[0], broken, *others[1:]])
        assert isinstance(found[broken], error)
        assert [pk for pk, mail in found.items() if isinstance(mail, Prepared)] == others


def test_a_broken_notice_holds_up_no_other_notice() -> None:
    """Each of its mails fails by itself."""
    reader()
    announced("MNT-1")
    announced("MNT-2")
    broken = Notice.objects.order_by("pk")[0].pk
    real = claimed.Shared.said

    def said(shared: claimed.Shared, notice: int) -> Said:
        if notice == broken:
            raise KeyError("reference")
        return real(shared, notice)

    with mock.patch.object(claimed.Shared, "said", said):
        found = Composer().prepare(keys())
    assert {Delivery.objects.get(pk=pk).notice_id == broken: type(mail) for pk, mail in found.items()} == {True: KeyError, False: Prepared}


def test_a_claim_that_cannot_be_loaded_is_loaded_one_by_one(caplog: pytest.LogCaptureFixture) -> None:
    """So that only the row at fault has no mail."""
    for _number in range(3):
        reader()
    announced()
    broken, *others = keys()
    real = claimed.read

    def read(ids: list[int], shared: claimed.Shared) -> dict[int, claimed.MailRow]:
        if broken in ids:
            raise ValueError("cannot be read")
        return real(ids, shared)

    with mock.patch.object(claimed, "read", read):
        found = Composer().prepare([broken, *others])
    assert [(pk, type(mail)) for pk, mail in found.items()] == [(broken, ValueError), *((pk, Prepared) for pk in others)]
    assert "loading its deliveries one by one" in caplog.text


def test_a_database_that_does_not_answer_is_no_fault_of_the_mails() -> None:
    """Nobody's mail is given up for that."""
    with mock.patch.object(claimed, "read", side_effect=OperationalError("gone")), pytest.raises(OperationalError):
        Composer().prepare([1, 2])


def test_compiled_messages_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was used longest ago is forgotten; and so is what was seen."""
    monkeypatch.setattr(prepare, "MOST_SEEN", 3)
    for language in ("da", "de", "es", "fr"):
        reader(language=language)
    announced()
    composer = Composer(worth_compiling=1, most_compiled=2)
    danish, german, spanish, french = sorted(keys())
    for pk in (danish, german, danish, spanish, french):
        composer.prepare([pk])
        assert len(composer._compiled) <= 2
    assert (len(composer._compiled), len(composer._seen)) == (2, 3)
    assert [shape[2] for shape in composer._compiled] == ["es", "fr"]  # type: ignore[index]  # a tuple
    composer.prepare([spanish])
    composer.prepare([german])
    assert [shape[2] for shape in composer._compiled] == ["es", "de"]  # type: ignore[index]  # a tuple


def test_a_shape_is_compiled_when_it_is_worth_it() -> None:
    """Two in a claim, or over several."""
    for _number in range(3):
        reader()
    announced()
    composer = Composer()
    one, two, three = keys()
    composer.prepare([one])
    assert len(composer._compiled) == 0
    composer.prepare([two])
    assert [type(compiled) for compiled in composer._compiled.values()] == [Compiled]
    with mock.patch.object(compose, "message", side_effect=AssertionError("the ordinary path was taken")):
        assert [type(mail) for mail in composer.prepare([one, two, three]).values()] == [Prepared] * 3


def test_a_compiled_mail_that_would_be_another_is_never_sent(caplog: pytest.LogCaptureFixture) -> None:
    """It is compared with the ordinary path's when it is compiled; then all such mails take that."""
    for _number in range(4):
        reader()
    announced()
    real = Compiled.content
    with mock.patch.object(Compiled, "content", lambda *arguments: real(*arguments).replace(b"Contact", b"Kontakt")):
        composer = Composer(worth_compiling=1)
        assert_as_loaded(composer)
        assert_as_loaded(composer)
    assert list(composer._compiled.values()) == [None]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_header_that_we_do_not_know_of_is_no_reason_to_fail(caplog: pytest.LogCaptureFixture) -> None:
    """Whoever adds a personal value to a header gets the ordinary path and a line in the log, once."""
    for _number in range(4):
        reader()
    announced()
    real = compose._headers
    with mock.patch.object(compose, "_headers", lambda letter: {**real(letter), "X-Contact": letter.address}):
        composer = Composer(worth_compiling=1)
        assert_as_loaded(composer)
        assert_as_loaded(composer)
    assert [record.levelname for record in caplog.records] == ["ERROR"]
