"""Many mails in one call to an ESP, each with a state of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_django import Settings

from customers.models import Contact
from maintenance import booking
from maintenance.models import Served
from notifier.delivery import esp_batches
from notifier.delivery.load import load
from notifier.delivery.models import Delivery
from tests.factories import BY, NOW, reader, window
from tests.maintenance.telling import announced
from tests.notifier.delivery import esp_bodies as body
from tests.notifier.delivery.batching import LISTS, MERGES, address, customers, go, standing_in, states
from tests.notifier.delivery.esp_server import Esp
from tests.notifier.delivery.posting import post

pytestmark = pytest.mark.django_db


@pytest.fixture
def esp(request: pytest.FixtureRequest, settings: Settings) -> Iterator[Esp]:
    """Send mail to an ESP, Postmark unless the test says otherwise."""
    with standing_in(getattr(request, "param", "postmark"), settings) as server:
        yield server


@pytest.mark.parametrize("esp", LISTS, indirect=True)
def test_mails_to_different_customers_go_whole_in_one_call(esp: Esp) -> None:
    """Each with a name, an id, a calendar and a record of its own."""
    customers(3)
    assert go() == 3
    assert esp.sizes() == [3]
    rows = Delivery.objects.order_by("pk")
    assert [(mail.to, mail.name, mail.headers["Message-ID"]) for mail in esp.all()] == [
        (row.address, row.name, f"<{row.name}@provider.example>") for row in rows
    ]
    assert [row.hop_detail for row in rows] == [f"esp:{esp.kind} id-{row.name}" for row in rows]
    assert len({mail.calendar for mail in esp.all()}) == len({mail.text for mail in esp.all()}) == 3
    assert states() == ["sent"] * 3
    assert sorted(Served.objects.values_list("detail", flat=True)) == sorted(row.hop_detail for row in rows)


@pytest.mark.parametrize("esp", [*LISTS, *MERGES], indirect=True)
def test_mails_sent_together_are_those_sent_alone(esp: Esp, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever way they go, people get the same."""
    customers(1, contacts=3)
    with monkeypatch.context() as patched:
        patched.setattr(esp_batches, "takes", lambda _esp: False)
        go()
    alone = {mail.to: mail for mail in esp.all()}
    esp.got.clear()
    Delivery.objects.update(state="queued", attempts=0, lease_token="", handed_over_at=None)
    go()
    assert esp.sizes() == [3]
    assert [_folded(mail.headers) for mail in esp.all()] == [_folded(alone[mail.to].headers) for mail in esp.all()]
    assert [(mail.to, mail.name, mail.text, mail.html, mail.calendar) for mail in esp.all()] == [
        (mail.to, mail.name, mail.text, mail.html, mail.calendar) for mail in (alone[mail.to] for mail in esp.all())
    ]
    assert len({mail.text for mail in esp.all()}) == 3


@pytest.mark.parametrize("esp", MERGES, indirect=True)
def test_merged_mails_are_those_with_one_calendar(esp: Esp) -> None:
    """What is attached is the same for all in the call: two customers are two calls."""
    customers(2, contacts=2)
    go()
    assert sorted(esp.sizes()) == [2, 2]
    assert states() == ["sent"] * 4
    assert all(len({mail.calendar for mail in mails}) == 1 for mails in esp.got)


def test_mail_that_may_not_go_out_is_left_out_of_the_call(esp: Esp) -> None:
    """And told why, as ever; the others go together. The host was down for two days, and one customer has twenty days of notice."""
    made = [reader(notice_days=days) for days in (None, 20, None)]
    announced(windows=(window(22),))
    go(days=2, hours=1)
    found = dict(Delivery.objects.values_list("accounts__customer", "state"))
    assert [found[customer.pk] for customer in made] == ["sent", "failed", "sent"]
    assert esp.sizes() == [2]


def test_notice_cancelled_at_the_last_moment_does_not_go_out(esp: Esp, monkeypatch: pytest.MonkeyPatch) -> None:
    """The mails were claimed and composed already."""
    made = customers(3)
    groups = esp_batches.groups

    def cancelled_before(name: str, mails: Any) -> list[list[int]]:  # noqa: ANN401  # as groups takes them
        monkeypatch.setattr(esp_batches, "groups", groups)
        booking.cancel(made, by=BY, now=NOW)
        return groups(name, mails)

    monkeypatch.setattr(esp_batches, "groups", cancelled_before)
    go()
    assert sorted(Delivery.objects.values_list("kind", "state")) == [("announced", "withdrawn")] * 3
    assert esp.got == []


@pytest.mark.parametrize("esp", ["mailgun"], indirect=True)
def test_typed_sign_of_a_mark_goes_the_ordinary_way(esp: Esp) -> None:
    """What a person typed is no template, at our end or the ESP's."""
    customers(1, contacts=3)
    Contact.objects.filter(email=address(0)).update(name="Ana %RECIPIENT.name%")
    go()
    assert sorted(esp.sizes()) == [1, 2]
    assert [mail.text.count("%RECIPIENT.name%") for mail in esp.all() if mail.to == address(0)] == [1]


def test_mail_that_cannot_be_composed_holds_up_no_other(esp: Esp, monkeypatch: pytest.MonkeyPatch) -> None:
    customers(3)
    Contact.objects.filter(email=address(1)).update(name="Broken")
    _break(monkeypatch, "Broken")
    go()
    assert (states(), Delivery.objects.filter(reason__startswith="cannot be composed").count()) == (["sent", "queued", "sent"], 1)
    assert esp.sizes() == [2]


@pytest.mark.parametrize(
    ("esp", "event"),
    [
        ("mailgun", lambda mail: body.mailgun(mail.name, recipient=mail.to)),
        ("sendgrid", lambda mail: [body.sendgrid(mail.name, email=mail.to, sg_event_id=mail.name)]),
        ("postmark", lambda mail: {**body.postmark_delivered(mail.name), "Recipient": mail.to, "MessageID": mail.name}),
        ("mailjet", lambda mail: body.mailjet(mail.name, email=mail.to)),
        ("mailtrap", lambda mail: body.mailtrap(mail.name, email=mail.to, event_id=mail.name)),
    ],
    indirect=["esp"],
)
def test_event_finds_its_delivery_of_the_call(esp: Esp, event: Callable[[Any], Any], settings: Settings) -> None:
    """By the name that the ESP was given for that recipient."""
    customers(1, contacts=3)
    settings.WEBHOOK_ESPS, settings.WEBHOOK_SECRETS = [esp.kind], [body.SECRET]
    settings.WEBHOOK_SIGNING_KEYS = [body.KEY] if esp.kind == "mailgun" else []
    go()
    assert esp.sizes() == [3]
    assert post(esp.kind, event(esp.all()[1])) == 200
    assert list(Delivery.objects.filter(receipts__isnull=False).values_list("address", "state")) == [(esp.all()[1].to, "delivered")]


def _folded(headers: dict[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}


def _break(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Let letters to a person of that name raise when they are composed."""
    real = load

    def broken(deliveries: Any) -> Any:  # noqa: ANN401  # as load
        letters = real(deliveries)
        for letter in letters:
            if letter.contact_name == name:
                object.__setattr__(letter, "language", "no language \0")
        return letters

    monkeypatch.setattr("notifier.delivery.handing_over.load", broken)
