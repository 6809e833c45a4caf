"""Whom several pieces of work hit, in one query for a whole list (``maintenance.impact`` answers for one, in more detail)."""

from typing import Any

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q

from maintenance.models import NamedObject, Scope, Window


def hit_rows() -> Any:  # noqa: ANN401  # a queryset with annotations
    """Return rows of scope and service (``held``) that belong together by the rules of ``impact.hit_by_any_window``.

    To be narrowed by ``maintenance``, which is a column of the rows; ``held_customer`` and ``held_zone`` are to be asked for by
    these names, as each path through ``held`` would join all services once more.
    """
    named = NamedObject.objects.filter(maintenance=OuterRef("maintenance"))
    of_all, of_windows = named.filter(window__isnull=True), named.filter(window__isnull=False)
    wide = Window.objects.filter(~Exists(NamedObject.objects.filter(window=OuterRef("pk"))), maintenance=OuterRef("maintenance"))
    same = {"object_id": OuterRef("held_object")}
    return (
        Scope.objects.annotate(
            held=FilteredRelation("component__service"),
            held_object=F("held__object_id"),
            held_operator=F("held__operator_id"),
            held_domain=F("held__domain"),
            held_customer=F("held__customer_id"),
            held_zone=F("held__customer__timezone"),
        )
        .filter(Q(operator__isnull=True) | Q(held_operator=F("operator")), held_domain=F("domain"))
        .filter(~Exists(of_all) | Exists(of_all.filter(**same)))
        .filter(Exists(wide) | Exists(of_windows.filter(**same)))
        .order_by()
    )
