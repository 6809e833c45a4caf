"""Rows that other rows refer to are kept: the page that asks before deleting says what stands in the way."""

from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from django.db.models import PROTECT, ManyToOneRel, Model, QuerySet
from django.http import HttpRequest
from django.utils.text import capfirst

from customers.admin.typed import ModelAdmin

Row = TypeVar("Row", bound=Model)


class KeptWhereReferredTo(ModelAdmin[Row], Generic[Row]):
    """Counts by kind what protects a row: evidence can run to thousands of rows, which nobody wants to read one by one."""

    def get_deleted_objects(self, objs: Sequence[Row] | QuerySet[Row], request: HttpRequest) -> tuple[list[Any], dict[Any, int], set[Any], list[str]]:
        """Return what Django's own does; where rows are protected, nothing but those."""
        protecting = _protecting(self.model, objs)
        if protecting:
            return [], {}, set(), protecting
        return super().get_deleted_objects(objs, request)


def _protecting(model: type[Model], rows: Iterable[Model]) -> list[str]:
    relations = [relation for relation in model._meta.related_objects if isinstance(relation, ManyToOneRel) and relation.on_delete is PROTECT]
    numbers = {relation: relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": rows}).count() for relation in relations}
    return [f"{capfirst(relation.related_model._meta.verbose_name_plural)}: {number}" for relation, number in numbers.items() if number]
