"""customers.csv: one row an account."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from customers.models import Customer
from notifier.desk.imports.fields import line_of_text, longest, one_of, whole_number, zone
from notifier.desk.imports.sheet import Form


@dataclass(frozen=True)
class FixedLists:
    """What fields choose from; ``components`` are slugs with the domains that each can be in."""

    regions: Collection[str]
    tiers: Collection[str]
    languages: Collection[str]
    zones: Collection[str]
    components: Mapping[str, Collection[str]]


@dataclass(frozen=True)
class CustomerRow:
    """A customer as the file has it; ``timezone`` is an IANA name."""

    account: str
    name: str
    region: str
    tier: str
    language: str
    timezone: str
    sim_base: int


def customer_form(*, lists: FixedLists) -> Form[CustomerRow]:
    """Return what customers.csv must look like."""
    return Form(
        rules={
            "account": lambda value: line_of_text(value=value, longest=longest(Customer, "account")),
            "name": lambda value: line_of_text(value=value, longest=longest(Customer, "name")),
            "region": lambda value: one_of(value=value, allowed=lists.regions),
            "tier": lambda value: one_of(value=value, allowed=lists.tiers),
            "language": lambda value: one_of(value=value, allowed=lists.languages),
            "timezone": lambda value: zone(value=value, known=lists.zones),
            "sim_base": lambda value: whole_number(value=value, least=0),
        },
        key=("account",),
        make=CustomerRow,
    )
