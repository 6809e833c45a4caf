"""The admin of rows that machines write: they can be looked at, and nothing else."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest

Row = TypeVar("Row", bound=Model)

if TYPE_CHECKING:  # the stubs' class takes types, Django's own does not

    class _ModelAdmin(admin.ModelAdmin[Row]):
        """Takes a type."""

else:

    class _ModelAdmin(admin.ModelAdmin):
        """Takes a type, and forgets it."""

        def __class_getitem__(cls, _row: object) -> type:
            return cls


class ReadOnlyAdmin(_ModelAdmin[Row]):
    """No add, change or delete, whatever permissions a person has."""

    actions: Sequence[str] | None = None
    list_per_page = 50
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # Django's own signature
        """Nobody."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:  # noqa: ARG002  # Django's own signature
        """Nobody."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:  # noqa: ARG002  # Django's own signature
        """Nobody."""
        return False
