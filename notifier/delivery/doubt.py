"""A mail that may have arrived although it waits or is being sent again: an earlier attempt was handed over, and its answer never seen.

``Delivery.in_doubt_since`` says so, through whatever becomes of later attempts, until one is accepted. Such a mail never
ends as if nobody had been told: what is taken back before it leaves again is unknown, as it was before.
"""

from django.db.models import Case, CharField, Q, Value, When

from notifier.delivery.models import Delivery, DeliveryState


def in_doubt(delivery: str = "") -> Q:
    """Return the condition; ``delivery`` is the way to it, ending in two underscores, from rows of another model."""
    return Q(**{f"{delivery}accepted_at__isnull": True, f"{delivery}in_doubt_since__isnull": False})


def is_in_doubt(delivery: Delivery) -> bool:
    """Tell the same of a row."""
    return delivery.accepted_at is None and delivery.in_doubt_since is not None


def ended(state: DeliveryState, *, untouched: Q) -> Case:
    """Return the state in which mails end: ``state``, but unknown where they are in doubt and ``untouched`` holds: this attempt did not leave either."""
    return Case(When(in_doubt() & untouched, then=Value(str(DeliveryState.UNKNOWN))), default=Value(str(state)), output_field=CharField())
