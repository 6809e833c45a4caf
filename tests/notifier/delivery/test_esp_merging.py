"""Mails that go as one content and what differs: put together again they are what was composed."""

import re
from dataclasses import replace
from typing import Any

import pytest

from maintenance.states import Kind
from notifier.delivery.compose import Mail, message
from notifier.delivery.esp_batches import MOST, groups, takes
from notifier.delivery.esp_lists import FORMS
from notifier.delivery.esp_merging import LONGEST, MERGES, address_of, fits, merged
from notifier.delivery.letter import Letter
from tests.notifier.delivery.letters import LANGUAGES, ZONES, letter, service, told

HOSTILE = "{0} %s \\1 \\g<0> $1 &amp; <b>\"' %"


def person(number: int, **changes: Any) -> Letter:  # noqa: ANN401  # any field
    """Return a letter to one of an account's contacts."""
    url = f"https://maintenance.provider.example/calendar/{number:032x}.ics"
    own = {"name": f"{'1' * 32}-{number}", "address": f"p{number}@customer1.example", "contact_name": f"Person {number} {'von ' * number}", "feed_url": url}
    return replace(letter(), **{**own, **changes})


def mails(*letters: Letter) -> dict[int, Mail]:
    """Return the mails, by place."""
    return {number: message(one) for number, one in enumerate(letters)}


def put_together(made: Any, address: str) -> tuple[str, str]:  # noqa: ANN401  # with anymail's attributes
    """Return text and HTML as the ESP would make them for one recipient."""
    text, html = made.body, made.alternatives[0][0]
    for key, value in made.merge_data[address].items():
        mark = re.compile(f"%recipient\\.{key}%|{key}")
        assert len(mark.findall(text + html)) == 1
        text, html = mark.sub(lambda _found, value=value: value, text), mark.sub(lambda _found, value=value: value, html)  # type: ignore[misc]  # bound at once
    return text, html


@pytest.mark.parametrize("esp", MERGES)
@pytest.mark.parametrize("language", LANGUAGES)
def test_each_gets_what_was_composed(language: str, esp: str) -> None:
    """In every language, and with names that look like templates."""
    zone = replace(letter(), language=language).zone.__class__(ZONES[language])
    own = [person(number, language=language, zone=zone) for number in range(3)] + [person(9, language=language, zone=zone, contact_name=HOSTILE)]
    composed = list(mails(*own).values())
    made = merged(MERGES[esp], composed)
    assert [put_together(made, address_of(mail)) for mail in composed] == [(mail.body, mail.alternatives[0][0]) for mail in composed]
    assert vars(made)["merge_metadata"] == {one.address: {"delivery": one.name} for one in own}
    assert {address: headers["Message-ID"] for address, headers in vars(made)["merge_headers"].items()} == {
        one.address: f"<{one.name}@provider.example>" for one in own
    }


def test_equal_texts_are_merged_as_well() -> None:
    """Nothing differs but to whom it goes."""
    same = {"contact_name": "Network team", "feed_url": ""}
    composed = list(mails(person(1, **same), person(2, **same)).values())
    made = merged(MERGES["Mailgun"], composed)
    assert [put_together(made, address_of(mail)) for mail in composed] == [(mail.body, mail.alternatives[0][0]) for mail in composed]


@pytest.mark.parametrize("esp", MERGES)
def test_calendar_and_subject_are_of_all_or_the_mail_goes_elsewhere(esp: str) -> None:
    other = (told("WLUK100002", services=(service("WLUK100002-IPSEC-01"),)),)
    of_two = mails(person(1), person(2, accounts=other), person(3), person(4, accounts=other), person(5, language="de"))
    assert groups(esp, of_two) == [[0, 2], [1, 3]]


@pytest.mark.parametrize(
    ("esp", "typed"),
    [("Mailgun", "%recipient.name%"), ("Mailgun", "%Recipient_email%"), ("SendGrid", "{{name}}"), ("SendGrid", "<%body%>")],
)
def test_sign_of_the_esp_keeps_a_mail_by_itself(esp: str, typed: str) -> None:
    """In a name; what the provider typed stands in all of them."""
    assert groups(esp, mails(person(1), person(2, contact_name=typed), person(3))) == [[0, 2]]
    with_title = replace(letter().said, reference=typed)
    assert groups(esp, mails(person(1, said=with_title), person(2, said=with_title))) == []


@pytest.mark.parametrize("address", ["ü@customer1.example", "p@büro.example", "P1@customer1.example", "o'neil@customer1.example", '"a b"@customer1.example'])
def test_address_that_may_be_written_otherwise_keeps_a_mail_by_itself(address: str) -> None:
    """Values are found by the address."""
    assert groups("Mailgun", mails(person(1), person(2), person(3, address=address))) == [[0, 1]]


def test_two_mails_to_one_address_do_not_go_together() -> None:
    """There is one value for an address."""
    assert groups("SendGrid", mails(person(1), person(2, address="p1@customer1.example"), person(3))) == [[0, 2]]


def test_what_differs_by_much_goes_one_by_one() -> None:
    """Without a calendar in common, as root-cause reports are, accounts may be as long as they like."""
    many = [told(f"WLUK20000{number}", services=[service(f"SIM-{number}-{row:05}") for row in range(900)]) for number in range(2)]
    few = [told(f"WLUK20000{number}") for number in range(2)]
    for accounts, together in ((few, [[0, 1]]), (many, [])):
        found = mails(*[person(number, kind=Kind.ROOT_CAUSE.value, accounts=(account,)) for number, account in enumerate(accounts)])
        assert groups("SendGrid", found) == together
        assert fits(list(found.values())) is bool(together)
    assert LONGEST < 10_000


@pytest.mark.parametrize("esp", FORMS)
def test_lists_take_anything_up_to_so_many(esp: str) -> None:
    found = dict.fromkeys(range(MOST * 2 + 1), message(letter()))
    assert groups(esp, found) == [list(range(MOST)), list(range(MOST, MOST * 2))]


def test_esps_that_take_several_mails() -> None:
    """Those with keys against doubles do not: a key is one call's, and the same mails do not come together again."""
    every = ["Brevo", "MailerSend", "Mailgun", "Mailjet", "Mailtrap", "Postal", "Postmark", "Resend", "Scaleway", "SendGrid", "SparkPost", ""]
    assert [esp for esp in every if takes(esp)] == ["Mailgun", "Mailjet", "Mailtrap", "Postmark", "SendGrid"]
