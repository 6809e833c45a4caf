"""Compiled mails are those that Django makes, for every kind, language and name."""

from dataclasses import replace
from functools import cache

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from maintenance.states import Impact, Kind
from notifier.delivery.letter import Letter
from notifier.delivery.prepared import Prepared
from notifier.delivery.same_mail import same_mail
from tests.notifier.delivery.kinds import of_kind
from tests.notifier.delivery.letters import LANGUAGES, letter, region, service, told
from tests.notifier.delivery.mail_rows import Bench, expected, parsed

USUAL = ("Ana Lefèvre", "Pat O'Neil, NOC (night) & Co.", "张伟", "Ærø: 1/2 + #3 – O’Neil_x.y@z", "Ω" * 10, "x" * 60, "Müller-Lüdenscheidt, Jürgen")
"""They take the fast path."""
HOSTILE = (
    "{{ title }} {% now 'Y' %} %s %(title)s %b {0} <b>&amp;</b> \"'",
    "a\r\nBcc: all@customer.example",
    "=?utf-8?q?=0D=0ABcc:?=",
    "zq0123456789abcdefx0003qz",
    "a\u202eb\u2066c",
    "Ω" * 200,
    " a  b ",
    "x\x00y\u2028z\x85",
    "back\\slash; semi\\, \\n",
    "e\u0301 \u00a0 \ufeff",
    '"Ana" <ana@other.example>',
    "😀 👩‍👩‍👧",
    "x" * 200,
    "\n",
    "",
)


def assert_same(made: Prepared | Exception, letter: Letter) -> None:
    """Assert that a mail is the letter's: equal after parsing, and as RFC 5322 wants lines."""
    assert isinstance(made, Prepared), made
    assert parsed(made.content) == parsed(expected(letter))
    lines = made.content.split(b"\r\n")
    assert (made.content.isascii(), b"\r" in b"".join(lines), b"\n" in b"".join(lines), max(map(len, lines)) <= 998) == (True, False, False, True)
    assert (made.name, made.recipient) == (letter.name, letter.address)


def plain(letter: Letter, contact: str = "Bo") -> Letter:
    """Return the letter to be compiled first: another contact's, by another delivery."""
    return replace(letter, contact_name=contact, name="12345678123456781234567812345678-7")


def named(letter: Letter, name: str, number: int = 0) -> Letter:
    """Return the letter with a name everywhere where a person has typed one."""
    accounts = tuple(
        told(
            f"{name} {account.customer.account}",
            f"{name} Ltd",
            services=[
                service(f"{name}/{row.object_id}", row.component.slug, Impact(row.impact), row.window_number, fresh=row.fresh) for row in account.services
            ],
            office=account.customer.region,
            level=account.customer.tier.slug,
        )
        for account in letter.accounts
    )
    return replace(letter, contact_name=name, accounts=accounts, name=f"{letter.name}{number}", address=f"contact{number}@customer.example")


@pytest.mark.parametrize("kind", Kind.values)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_language_is_compiled(kind: str, language: str) -> None:
    """And is the mail that Django makes, for names of several scripts."""
    made = of_kind(kind, language)
    bench = Bench()
    assert_same(bench.made(plain(made)), plain(made))
    first = LANGUAGES.index(language) + list(Kind.values).index(kind)
    for number in (first, first + 3):
        other = named(made, USUAL[number % len(USUAL)], number)
        assert_same(bench.made_fast(other), other)
    hostile = named(made, HOSTILE[first % len(HOSTILE)], 99)
    assert_same(bench.made(hostile), hostile)


@pytest.mark.parametrize("name", USUAL)
@pytest.mark.parametrize("language", ["en", "de", "zh-hans"])
def test_usual_names_take_the_fast_path(name: str, language: str) -> None:
    """In the contact's place, the customer's, in codes and in object ids."""
    bench = Bench()
    bench.made(plain(of_kind("revised", language)))
    letter = named(of_kind("revised", language), name)
    assert_same(bench.made_fast(letter), letter)


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_hostile_names_are_shown_as_django_shows_them(name: str, language: str) -> None:
    """Wherever they stand."""
    bench = Bench()
    bench.made(plain(of_kind("announced", language)))
    letter = named(of_kind("announced", language), name)
    assert_same(bench.made(letter), letter)


@pytest.mark.parametrize(
    "characters",
    ["".join(map(chr, range(start, start + 16))) for start in range(0, 128, 16)]
    + [
        "\x80\x85\x9f\u00a0\u00ad\u00b2\u0301\u034f\u0378\u061c\u115f",
        "\u200b\u200e\u200f\u2028\u202e\u2066\u20ac\u3000\u3164\ufeff\ufffd\U0001f600\U000e0041",
    ],
)
def test_every_character_is_shown_as_django_shows_it(characters: str) -> None:
    """Alone of its kind in a name, so that nothing else sends the mail the ordinary way; within a name and by itself."""
    bench = Bench()
    for character in characters:
        for contact, name in ((f"a{character}b", "N"), ("Bo", f"a{character}b"), ("Bo", character)):
            assert_alone(bench, contact, name)


@pytest.mark.parametrize("name", [" a", "a ", "a  b", "\na", "a\n"])
def test_spaces_are_shown_as_django_shows_them(name: str) -> None:
    """Headers have one at most, and none at an end; texts have all."""
    bench = Bench()
    assert_alone(bench, name, "N")
    assert_alone(bench, "Bo", name)


def assert_alone(bench: Bench, contact: str, name: str) -> None:
    """Assert that a name of a contact, or of all else, makes the mail that Django makes, once such mails are compiled."""
    first, one = (
        letter(contact_name=person, accounts=(told(other, f"{other} Ltd", services=[service(f"A{other}"), service(f"B{other}")]),))
        for person, other in (("Bo", "N"), (contact, name))
    )
    bench.made(first)
    made = bench.made(one)
    assert isinstance(made, Prepared)
    assert same_mail(made.content, expected(one)), (contact, name)


@cache
def _warm(language: str) -> Bench:
    """Return a composer that has compiled the letters of the property below."""
    bench = Bench()
    for contact, url in (("Bo", "u"), ("", "u"), ("Bo", ""), ("", "")):
        bench.made(replace(_letter(language, contact, "A", "N", "O", "P"), feed_url=url))
    return bench


def _letter(language: str, contact: str, account: str, customer: str, first: str, second: str) -> Letter:
    rows = [service(name, "netpro.ipsec") for name in (first, second)]
    accounts = (told(account, customer, services=rows), told("Z", "Other", services=[service("Z1", "data.mobile-core")], office=region("es"), level="plus"))
    return replace(of_kind("announced", language), contact_name=contact, accounts=accounts, name="12345678123456781234567812345678-1")


_NAME = st.one_of(st.text(max_size=60), st.sampled_from(USUAL), st.text("Aé中 .,'()&/+@#:_’–-", max_size=90), st.text('ab \\"<>=?%;{}\t\n', max_size=40))


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["en", "da", "zh-hans"]), _NAME, _NAME, _NAME, _NAME, _NAME, st.sampled_from(["", "https://example.com/c/x_-9.ics", "http://a/%b?c=d&e"])
)
@example("en", "", "A", "N", "O", "P", "")
@example("en", "(a), @b:", "A, B & C", "中" * 40, "x, y", "x, z", "u")
def test_any_names_give_the_mail_that_django_makes(language: str, contact: str, account: str, customer: str, first: str, second: str, url: str) -> None:
    """Whatever people are called, and whatever the path."""
    letter = replace(_letter(language, contact, account, customer, first, second), feed_url=url)
    assert_same(_warm(language).made(letter), letter)


@pytest.mark.parametrize("address", ["a.b+c-d_e@sub-1.customer.example", "ana@customer.test", "x" * 60 + "@customer.example", "o'neil@customer.example"])
def test_addresses_are_those_of_the_envelope_and_of_the_header(address: str) -> None:
    """With a name and without."""
    bench = Bench()
    for name in ("Bo", "Jürgen", ""):
        bench.made(plain(of_kind("announced"), name))
        letter = replace(of_kind("announced"), address=address, contact_name=name)
        assert_same(bench.made(letter), letter)
        assert getattr(bench.made(letter), "sender", "") == "maintenance-uk@provider.example"


def test_address_in_another_script_goes_as_punycode() -> None:
    """Its domain, that is; in the header and on the envelope."""
    made = Bench().made(replace(of_kind("announced"), address="ana@kunde-münchen.example"))
    assert isinstance(made, Prepared)
    assert made.recipient == "ana@xn--kunde-mnchen-jlb.example"
    assert b"<ana@xn--kunde-mnchen-jlb.example>" in made.content
