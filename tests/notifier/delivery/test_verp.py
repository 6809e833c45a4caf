"""The envelope sender names its delivery, and nobody else can make one."""

from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from notifier import bounce_url
from notifier.delivery.verp import envelope_sender, number_in, proves, return_path

BOUNCES = "bounces@provider.example"
KEY = "a key of thirty-two characters or more"
NAME = "5f2d0c6b9a7e4c31b8d4e0f1a2b3c4d5-1234"
SENT = "bounces+ya-lnotjujeftrylptz@provider.example"


def test_return_path_is_the_same_for_ever() -> None:
    """Bounces come days later, to whatever version runs then."""
    assert return_path(NAME, address=BOUNCES, key=KEY) == SENT


def test_envelope_sender_is_the_settings(settings: Settings) -> None:
    assert envelope_sender(NAME) == ""
    settings.BOUNCE_ADDRESS, settings.SECRET_KEY = BOUNCES, KEY
    assert envelope_sender(NAME) == SENT


def test_return_path_has_at_most_64_octets_before_the_at() -> None:
    longest = "b" * bounce_url.LONGEST_LOCAL_PART
    sent = return_path(f"{'f' * 32}-{2**63 - 1}", address=f"{longest}@provider.example", key=KEY)
    assert len(sent.partition("@")[0]) == 64
    assert number_in(sent, address=f"{longest}@provider.example") == 2**63 - 1


@given(st.integers(1, 2**63 - 1), st.sampled_from([str, str.lower, str.upper, str.title]))
def test_return_path_is_read_back_in_any_case(number: int, spelt: type[str]) -> None:
    name = f"{'0a' * 16}-{number}"
    returned_to = spelt(return_path(name, address="Bounces@provider.example", key=KEY))
    assert number_in(returned_to, address=BOUNCES) == number
    assert proves(returned_to, name, address=BOUNCES, key=KEY)


def test_return_path_is_known_under_the_name_of_the_host_too() -> None:
    assert proves(SENT.replace("provider.example", "mx1.provider.example"), NAME, address=BOUNCES, key=KEY)


def test_return_path_of_another_delivery_key_or_notice_proves_nothing() -> None:
    others = [
        proves(SENT, "5f2d0c6b9a7e4c31b8d4e0f1a2b3c4d5-1235", address=BOUNCES, key=KEY),
        proves(SENT.replace("+ya-", "+yb-"), "5f2d0c6b9a7e4c31b8d4e0f1a2b3c4d5-1235", address=BOUNCES, key=KEY),
        proves(SENT.replace("+ya-", "+yb-"), NAME, address=BOUNCES, key=KEY),
        proves(SENT, "00000000000000000000000000000000-1234", address=BOUNCES, key=KEY),
        proves(SENT, NAME, address=BOUNCES, key=KEY[::-1]),
        proves(SENT, NAME, address="other@provider.example", key=KEY),
    ]
    assert others == [False] * 6


@given(st.integers(0, len(SENT.partition("@")[0]) - 1), st.sampled_from("abcxyz0123456789+-.@ é\0"))
def test_return_path_with_one_character_changed_proves_nothing(at: int, by: str) -> None:
    changed = SENT[:at] + by + SENT[at + 1 :]
    assert proves(changed, NAME, address=BOUNCES, key=KEY) == (changed == SENT)


@given(st.text() | st.from_regex("bounces\\+[0-9a-z]{0,20}-[a-z2-7]{0,20}@provider.example"))
def test_any_other_address_names_no_delivery_or_one_that_the_database_can_ask_for(returned_to: str) -> None:
    number = number_in(returned_to, address=BOUNCES)
    assert number is None or 0 < number < 2**63
    assert not proves(returned_to, NAME, address=BOUNCES, key=KEY)


def test_address_without_or_with_too_much_behind_the_plus_names_no_delivery() -> None:
    given_to = [BOUNCES, "bounces+@provider.example", "bounces+0-lnotjujeftrylptz@x", "bounces+zzzzzzzzzzzzz-lnotjujeftrylptz@x", SENT.partition("@")[0], ""]
    assert [number_in(address, address=BOUNCES) for address in given_to] == [None] * 6
