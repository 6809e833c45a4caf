"""Every message of the program is there in all nine languages, whole and with its placeholders."""

import pytest
from babel.messages.catalog import Catalog, Message
from django.conf import settings
from django.utils.translation import to_locale

from tests import messages

Key = tuple[str | None, str | tuple[str, ...]]


@pytest.fixture(scope="module")
def source() -> Catalog:
    """All messages of the program."""
    return messages.template()


def _key(message: Message) -> Key:
    return message.context, tuple(message.id) if isinstance(message.id, (list, tuple)) else message.id


def _keys(catalog: Catalog) -> set[Key]:
    return {_key(message) for message in catalog if message.id}


def _fault(message: Message, plurals: int) -> str:
    """Return what is wrong with a translation, or nothing."""
    ids, strings = messages.forms(message.id), messages.forms(message.string)
    if message.fuzzy:
        return "fuzzy"
    if len(strings) != (plurals if message.pluralizable else 1) or not all(string.strip() for string in strings):
        return "empty"
    if any(string.startswith("\n") != ids[0].startswith("\n") or string.endswith("\n") != ids[0].endswith("\n") for string in strings):
        return "begins or ends with a line break, or does not, unlike the source"
    allowed = {messages.placeholders(text) for text in ids}
    if any(messages.placeholders(string) not in allowed for string in strings):
        return f"has placeholders {[messages.placeholders(string) for string in strings]}"
    if messages.placeholders(strings[-1]) != messages.placeholders(ids[-1]):
        return "its last form, that of large numbers, lacks a placeholder"
    return ""


def test_languages_are_those_of_the_settings() -> None:
    """English is the source; each other language has a file of its own."""
    assert sorted(to_locale(code) for code, _name in settings.LANGUAGES if code != "en") == list(messages.LOCALES)


def test_source_has_messages(source: Catalog) -> None:
    """The extraction finds messages in Python, with context, and in the plural."""
    keys = _keys(source)
    assert (None, "no impact") in keys
    assert ("window state", "announced") in keys


@pytest.mark.parametrize("locale", messages.LOCALES)
def test_translation_has_exactly_the_messages_of_the_source(locale: str, source: Catalog) -> None:
    """A new message is in no file until ``make messages`` has run; an old one goes the same way."""
    there, wanted = _keys(messages.read(locale)), _keys(source)
    assert {"missing": sorted(map(str, wanted - there)), "unused": sorted(map(str, there - wanted))} == {"missing": [], "unused": []}


@pytest.mark.parametrize("locale", messages.LOCALES)
def test_translation_is_complete(locale: str) -> None:
    """No message is empty or fuzzy, or has lost or invented a placeholder."""
    catalog = messages.read(locale)
    faults = {str(_key(message)): _fault(message, catalog.num_plurals) for message in catalog if message.id}
    assert {key: fault for key, fault in faults.items() if fault} == {}
    assert faults


@pytest.mark.parametrize(
    ("source_text", "translation", "fault"),
    [
        ("%(n)s of 100%%", "%(n)s von 100 %%", ""),
        ("%(n)s of", "%(m)s von", "has placeholders [('%(m)s',)]"),
        ("of", "", "empty"),
        ("of\n", "von", "begins or ends with a line break, or does not, unlike the source"),
        (("one", "%(n)d"), ("ein", "%(n)d"), ""),
        (("one", "%(n)d"), ("ein", "viele"), "its last form, that of large numbers, lacks a placeholder"),
        (("one", "%(n)d"), ("ein", ""), "empty"),
    ],
)
def test_fault_of_a_translation(source_text: str | tuple[str, str], translation: str | tuple[str, str], fault: str) -> None:
    """The check itself: what it lets pass and what it finds."""
    assert _fault(Message(source_text, translation), plurals=2) == fault


def test_fuzzy_translation_is_a_fault() -> None:
    """A guess that nobody has looked at is none."""
    assert _fault(Message("of", "von", flags=["fuzzy"]), plurals=2) == "fuzzy"
