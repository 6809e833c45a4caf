"""contacts.csv: one row for each account that a person serves."""

from collections.abc import Collection
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from customers.models import Contact, Role
from notifier.desk.imports.customer_sheet import FixedLists
from notifier.desk.imports.faults import Findings, shown
from notifier.desk.imports.fields import account, address, line_of_text, longest, one_of, zone
from notifier.desk.imports.sheet import Form, Values


@dataclass(frozen=True)
class ContactRow:
    """A person who serves an account; empty language or time zone: the customer's."""

    account: str
    name: str
    email: str
    role: str
    language: str
    timezone: str


@dataclass
class _People:
    """What was first said of each person: a person has one name, language and time zone, whatever the accounts."""

    first: dict[str, tuple[int, Values]] = field(default_factory=dict)

    def same_everywhere(self, line: int, values: Values, findings: Findings) -> None:
        if "email" not in values:
            return
        first_line, said = self.first.setdefault(values["email"], (line, values))
        for column in ("name", "language", "timezone"):
            if column in values and column in said and values[column] != said[column]:
                findings.add(
                    line,
                    column,
                    _("%(value)s, but line %(line)d has %(other)s for %(email)s; write a person the same on every row")
                    % {"value": shown(values[column]), "line": first_line, "other": shown(said[column]), "email": values["email"]},
                )


def contact_form(*, lists: FixedLists, accounts: Collection[str] | None) -> Form[ContactRow]:
    """Return what contacts.csv must look like; ``accounts`` are those that exist, None where they cannot be known."""
    return Form(
        rules={
            "account": lambda value: account(value=value, known=accounts),
            "name": lambda value: line_of_text(value=value, longest=longest(Contact, "name")),
            "email": lambda value: address(value=value, longest=longest(Contact, "email")),
            "role": lambda value: one_of(value=value, allowed=Role.values),
            "language": lambda value: one_of(value=value, allowed=lists.languages, may_be_empty=True),
            "timezone": lambda value: zone(value=value, known=lists.zones, may_be_empty=True),
        },
        key=("account", "email"),
        make=ContactRow,
        across=_People().same_everywhere,
    )
