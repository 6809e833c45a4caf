"""services.csv: one row for each component that a customer holds."""

from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from customers.models import Domain, Operator, Service
from notifier.desk.imports.customer_sheet import FixedLists
from notifier.desk.imports.faults import Findings
from notifier.desk.imports.fields import account, component, line_of_text, longest, one_of, whole_number
from notifier.desk.imports.sheet import Form, Values

DOMAINS = (Domain.PROVIDER.value, Domain.MNO.value)
"""Where a service or a scope can be; what is in the customer's own domain is no service of ours."""


@dataclass(frozen=True)
class ServiceRow:
    """A component that an account holds; ``operator`` is empty in the provider's domain."""

    account: str
    component: str
    domain: str
    operator: str
    object_id: str
    sims: int


def service_form(*, lists: FixedLists, accounts: Collection[str] | None) -> Form[ServiceRow]:
    """Return what services.csv must look like; ``accounts`` are those that exist, None where they cannot be known."""

    def across(line: int, values: Values, findings: Findings) -> None:
        if "component" in values and "domain" in values:
            with findings.at(line, "domain"):
                possible_domain(slug=values["component"], domain=values["domain"], possible=lists.components[values["component"]])
        if "domain" in values and "operator" in values:
            with findings.at(line, "operator"):
                operator_where_mno(domain=values["domain"], operator=values["operator"])

    return Form(
        rules={
            "account": lambda value: account(value=value, known=accounts),
            "component": lambda value: component(value=value, known=lists.components),
            "domain": lambda value: one_of(value=value, allowed=DOMAINS),
            "operator": lambda value: line_of_text(value=value, longest=longest(Operator, "code"), may_be_empty=True),
            "object_id": lambda value: line_of_text(value=value, longest=longest(Service, "object_id")),
            "sims": lambda value: whole_number(value=value, least=1),
        },
        key=("account", "object_id"),
        make=ServiceRow,
        across=across,
    )


def possible_domain(*, slug: str, domain: str, possible: Collection[str]) -> None:
    """Refuse a domain that the catalogue does not give the component (DOMAIN.md, the component catalogue)."""
    if domain not in possible:
        raise ValidationError(
            _("%(component)s cannot be in the domain %(domain)s; possible: %(possible)s"),
            code="domain",
            params={"component": slug, "domain": domain, "possible": ", ".join(possible)},
        )


def operator_where_mno(*, domain: str, operator: str) -> None:
    """Refuse a service in an MNO's domain without its operator, and one in the provider's with one."""
    if domain == Domain.MNO and not operator:
        raise ValidationError(_("is empty; a service in the domain mno names its operator"), code="operator")
    if domain == Domain.PROVIDER and operator:
        raise ValidationError(_("must be empty: a service in the domain provider has no operator"), code="operator")
