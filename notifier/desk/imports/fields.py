"""What may stand in one field of a file; each rule takes text, returns the value or raises ValidationError."""

from collections.abc import Collection
from zoneinfo import available_timezones

from django.core.exceptions import ValidationError
from django.db.models import Field, Model
from django.utils.translation import gettext as _

from customers.models import Customer
from customers.plain_text import single_address, single_line
from notifier.desk.imports.faults import shown

MOST = 2**31 - 1
"""The largest number that a column of the database holds."""

_NO_PLACES = {"Factory", "localtime"}


def zone_names() -> frozenset[str]:
    """Return the IANA names that this machine knows; reads folders, so call it once a run."""
    return frozenset(available_timezones() - _NO_PLACES)


def longest(model: type[Model], name: str) -> int:
    """Return how many characters a column of the database holds."""
    column = model._meta.get_field(name)
    if not isinstance(column, Field) or column.max_length is None:
        raise TypeError(name)
    return column.max_length


def account(*, value: str, known: Collection[str] | None) -> str:
    """Take a customer's account; any where those known are not given."""
    line_of_text(value=value, longest=longest(Customer, "account"))
    if known is not None and value not in known:
        raise ValidationError(_("%(value)s is no account: neither the customers' file nor the database has it"), code="unknown", params={"value": shown(value)})
    return value


def line_of_text(*, value: str, longest: int, may_be_empty: bool = False) -> str:
    """Take text on one line without spaces around it, at most ``longest`` characters."""
    if not value and not may_be_empty:
        raise ValidationError(_("is empty"), code="empty")
    _within(value, longest)
    single_line(value)
    _no_spaces_around(value)
    return value


def paragraphs(*, value: str) -> str:
    """Take text of any number of lines, with line feeds for line breaks; no other control characters than tabs."""
    text = value.replace("\r\n", "\n").replace("\r", "\n")
    if not text.strip():
        raise ValidationError(_("is empty"), code="empty")
    for position, character in enumerate(text, start=1):
        if (ord(character) < ord(" ") and character not in "\n\t") or "\x7f" <= character <= "\x9f" or "\ud800" <= character <= "\udfff":
            raise ValidationError(
                _("has a control character (U+%(code)s) at position %(position)d; take it out"),
                code="control",
                params={"code": f"{ord(character):04X}", "position": position},
            )
    return text


def address(*, value: str, longest: int) -> str:
    """Take one e-mail address; return it in lower case, as people are known by it."""
    if not value:
        raise ValidationError(_("is empty"), code="empty")
    _within(value, longest)
    single_address(value)
    return value.lower()


def one_of(*, value: str, allowed: Collection[str], may_be_empty: bool = False) -> str:
    """Take a word of a list; a short list is named in the refusal."""
    if value in allowed or (not value and may_be_empty):
        return value
    if not value:
        raise ValidationError(_("is empty; write one of: %(allowed)s"), code="empty", params={"allowed": _named(allowed)})
    single_line(value)
    raise ValidationError(_("%(value)s is unknown; write one of: %(allowed)s"), code="unknown", params={"value": shown(value), "allowed": _named(allowed)})


def component(*, value: str, known: Collection[str]) -> str:
    """Take a slug of the catalogue; the refusal names those of the same group, or the groups."""
    if value in known:
        return value
    group = value.partition(".")[0]
    alike = [slug for slug in known if slug.partition(".")[0] == group] or sorted({slug.partition(".")[0] + ".…" for slug in known})
    return one_of(value=value, allowed=alike)


def zone(*, value: str, known: Collection[str], may_be_empty: bool = False) -> str:
    """Take an IANA name."""
    if value in known or (not value and may_be_empty):
        return value
    if not value:
        raise ValidationError(_("is empty; write an IANA name such as Europe/Madrid"), code="empty")
    single_line(value)
    raise ValidationError(_("%(value)s is no time zone; write an IANA name such as Europe/Madrid"), code="unknown", params={"value": shown(value)})


def whole_number(*, value: str, least: int) -> int:
    """Take digits that make a number from ``least`` to ``MOST``."""
    if not value:
        raise ValidationError(_("is empty"), code="empty")
    single_line(value)
    _no_spaces_around(value)
    digits = value.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()):
        raise ValidationError(_("%(value)s is not a whole number"), code="number", params={"value": shown(value)})
    significant = digits.lstrip("0") or "0"
    if len(significant) > len(str(MOST)):  # int() refuses thousands of digits with an error of its own
        raise _out_of_bounds(value, least)
    return bounded(value=int(significant) if digits == value else -int(significant), least=least)


def bounded(*, value: int, least: int) -> int:
    """Take a number from ``least`` to ``MOST``."""
    if not least <= value <= MOST:
        raise _out_of_bounds(value, least)
    return value


def _out_of_bounds(value: object, least: int) -> ValidationError:
    return ValidationError(
        _("%(value)s is not from %(least)d to %(most)d"),
        code="bounds",
        params={"value": value if isinstance(value, int) else shown(value), "least": least, "most": MOST},
    )


def _within(value: str, longest: int) -> None:
    if len(value) > longest:
        raise ValidationError(_("has %(length)d characters; %(longest)d at most"), code="long", params={"length": len(value), "longest": longest})


def _no_spaces_around(value: str) -> None:
    if value != value.strip():
        raise ValidationError(_("has spaces around it; take them away"), code="spaces")


def _named(allowed: Collection[str]) -> str:
    return ", ".join(allowed)
