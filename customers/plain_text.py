"""What may stand in a name that later stands in a mail's header or a calendar's line."""

import unicodedata

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

_REFUSED = {"Cc", "Cf", "Zl", "Zp", "Cs", "Co"}
_JOINERS = {"\u200c", "\u200d"}


def single_line(value: str) -> None:
    """Refuse line breaks, control characters and invisible direction marks: they would end up in headers."""
    for position, character in enumerate(value, start=1):
        if unicodedata.category(character) in _REFUSED and character not in _JOINERS:
            raise ValidationError(
                _("has a control character or line break (U+%(code)s) at position %(position)d; write it on one line"),
                code="control",
                params={"code": f"{ord(character):04X}", "position": position},
            )


def single_address(value: str) -> None:
    """Refuse whatever is not exactly one plain e-mail address (RFC 5321 mailbox, without a name)."""
    single_line(value)
    if value != value.strip():
        raise ValidationError(_("has spaces around it; write the bare address"), code="spaces")
    if "," in value or ";" in value:
        raise ValidationError(_("must be one address; give each person a row of their own"), code="several")
    try:
        validate_email(value)
    except ValidationError as error:
        raise ValidationError(_("is not an e-mail address such as ana@customer.example"), code="invalid") from error
