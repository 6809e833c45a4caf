"""Whom several pieces of work hit, in one query for a whole list (``maintenance.impact`` answers for one, in more detail)."""

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from maintenance.models import NamedObject, Scope, Window


def hit_rows() -> QuerySet[Scope]:
    """Return rows of scope and service (``held``) that belong together by the rules of ``impact.hit_by_any_window``.

    To be narrowed by ``maintenance``, which is a column of the rows.
    """
    named = NamedObject.objects.filter(maintenance=OuterRef("maintenance"))
    of_all, of_windows = named.filter(window__isnull=True), named.filter(window__isnull=False)
    wide = Window.objects.filter(~Exists(NamedObject.objects.filter(window=OuterRef("pk"))), maintenance=OuterRef("maintenance"))
    same = {"object_id": OuterRef("held_object")}  # by its alias: a path would join all services once more
    return (
        Scope.objects.annotate(held=FilteredRelation("component__service"), held_object=F("held__object_id"))
        .filter(Q(operator__isnull=True) | Q(held__operator=F("operator")), held__domain=F("domain"))
        .filter(~Exists(of_all) | Exists(of_all.filter(**same)))
        .filter(Exists(wide) | Exists(of_windows.filter(**same)))
        .order_by()
    )
