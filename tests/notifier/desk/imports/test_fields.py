"""What may stand in one field."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from notifier.desk.imports import fields

KNOWN = ("netpro.ipsec", "netpro.openvpn", "data.mobile-core")


@pytest.mark.parametrize(
    ("rule", "options", "value", "result"),
    [
        (fields.line_of_text, {"longest": 5}, "Zoë 1", "Zoë 1"),
        (fields.line_of_text, {"longest": 5, "may_be_empty": True}, "", ""),
        (fields.paragraphs, {}, "one\r\ntwo\rthree\t\n", "one\ntwo\nthree\t\n"),
        (fields.address, {"longest": 254}, "Ana@Customer.Example", "ana@customer.example"),
        (fields.one_of, {"allowed": ("a", "b")}, "b", "b"),
        (fields.one_of, {"allowed": ("a", "b"), "may_be_empty": True}, "", ""),
        (fields.component, {"known": KNOWN}, "netpro.ipsec", "netpro.ipsec"),
        (fields.zone, {"known": {"Europe/Madrid"}}, "Europe/Madrid", "Europe/Madrid"),
        (fields.zone, {"known": {"Europe/Madrid"}, "may_be_empty": True}, "", ""),
        (fields.whole_number, {"least": 0}, "0", 0),
        (fields.whole_number, {"least": 0}, "-0", 0),
        (fields.whole_number, {"least": 0}, "2147483647", 2147483647),
        (fields.whole_number, {"least": 0}, "0" * 5000 + "7", 7),
        (fields.account, {"known": None}, "ANY", "ANY"),
        (fields.account, {"known": {"A1"}}, "A1", "A1"),
    ],
)
def test_field_right_value_is_returned(rule: Callable[..., Any], options: dict[str, Any], value: str, result: object) -> None:
    """As it will be stored."""
    assert rule(value=value, **options) == result


@pytest.mark.parametrize(
    ("rule", "options", "value", "message"),
    [
        (fields.line_of_text, {"longest": 5}, "", "is empty"),
        (fields.line_of_text, {"longest": 5}, "123456", "has 6 characters; 5 at most"),
        (fields.line_of_text, {"longest": 5}, " a", "has spaces around it; take them away"),
        (fields.line_of_text, {"longest": 5}, "a\u00a0", "has spaces around it; take them away"),
        (fields.line_of_text, {"longest": 5}, "a\x00", "has a control character or line break (U+0000) at position 2; write it on one line"),
        (fields.line_of_text, {"longest": 5}, "\u202eb", "has a control character or line break (U+202E) at position 1; write it on one line"),
        (fields.paragraphs, {}, " \n ", "is empty"),
        (fields.paragraphs, {}, "a\x1b[31m", "has a control character (U+001B) at position 2; take it out"),
        (fields.paragraphs, {}, "\x85", "is empty"),
        (fields.paragraphs, {}, "a\x85", "has a control character (U+0085) at position 2; take it out"),
        (fields.paragraphs, {}, "\ud800", "has a control character (U+D800) at position 1; take it out"),
        (fields.address, {"longest": 254}, "", "is empty"),
        (fields.address, {"longest": 30}, "a" * 20 + "@customer.example", "has 37 characters; 30 at most"),
        (fields.address, {"longest": 254}, "Ana <ana@customer.example>", "is not an e-mail address such as ana@customer.example"),
        (fields.one_of, {"allowed": ("a", "b")}, "", "is empty; write one of: a, b"),
        (fields.one_of, {"allowed": ("a", "b")}, "A", "'A' is unknown; write one of: a, b"),
        (fields.component, {"known": KNOWN}, "netpro.x", "'netpro.x' is unknown; write one of: netpro.ipsec, netpro.openvpn"),
        (fields.component, {"known": KNOWN}, "x", "'x' is unknown; write one of: data.…, netpro.…"),
        (fields.zone, {"known": set()}, "", "is empty; write an IANA name such as Europe/Madrid"),
        (fields.zone, {"known": {"Europe/Madrid"}}, "europe/madrid", "'europe/madrid' is no time zone; write an IANA name such as Europe/Madrid"),
        (fields.whole_number, {"least": 0}, "", "is empty"),
        (fields.whole_number, {"least": 0}, "1.5", "'1.5' is not a whole number"),
        (fields.whole_number, {"least": 0}, "-", "'-' is not a whole number"),
        (fields.whole_number, {"least": 0}, "٣", "'٣' is not a whole number"),
        (fields.whole_number, {"least": 0}, " 3", "has spaces around it; take them away"),
        (fields.whole_number, {"least": 0}, "-1", "-1 is not from 0 to 2147483647"),
        (fields.whole_number, {"least": 1}, "0", "0 is not from 1 to 2147483647"),
        (fields.whole_number, {"least": 0}, "2147483648", "2147483648 is not from 0 to 2147483647"),
        (fields.whole_number, {"least": 0}, "9" * 5000, "'" + "9" * 80 + "…' is not from 0 to 2147483647"),
        (fields.account, {"known": {"A1"}}, "A2", "'A2' is no account: neither the customers' file nor the database has it"),
        (fields.account, {"known": None}, "", "is empty"),
    ],
)
def test_field_wrong_value_is_refused(rule: Callable[..., Any], options: dict[str, Any], value: str, message: str) -> None:
    """With what is wrong and, where it helps, what is allowed."""
    with pytest.raises(ValidationError) as refused:
        rule(value=value, **options)
    assert refused.value.messages == [message]


def test_zone_names_leaves_out_what_is_no_place() -> None:
    """They stand among the zones of some machines."""
    assert {"Europe/Madrid", "UTC"} <= fields.zone_names()
    assert not {"Factory", "localtime"} & fields.zone_names()
