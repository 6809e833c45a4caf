"""An incident's priority by DOMAIN.md's table (Priorities), as a pure function of whose domain it is in and how many SIMs it touches."""

from collections.abc import Iterable

from maintenance.states import Priority, PrivateApn

FEW = 25
"""More SIMs than these are a P3. The documents leave exactly 25 out; here it is a P4."""
LEAST_BASE = 250
"""From this base on a customer's share counts, in the provider's domain."""
_PROVIDER = ((Priority.P1, 500, 2), (Priority.P2, 250, 4))
"""Priority, the SIMs that it needs more than, and the part of a base (1/n) that it needs more than."""


def classify(*, domain: str, sims: int, by_customer: Iterable[tuple[int, int]], private_apn: str) -> Priority:
    """Return the priority of an incident.

    ``sims``: affected over all customers; ``by_customer``: (affected, base) of each customer that is known, never added up from
    its services, which share SIMs. A customer's own domain has none.
    """
    if domain == "customer":
        return Priority.NONE
    if domain == "mno":
        if private_apn == PrivateApn.DOWN:
            return Priority.P1
        if private_apn == PrivateApn.IMPAIRED:
            return Priority.P2
        return Priority.P3 if sims > FEW else Priority.P4
    pairs = list(by_customer)
    for priority, most, part in _PROVIDER:
        if sims > most or any(base >= LEAST_BASE and affected * part > base for affected, base in pairs):
            return priority
    return Priority.P3 if sims > FEW else Priority.P4
