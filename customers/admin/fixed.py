"""Lists that are fixed (DOMAIN.md): their rows come from a migration, people neither add nor delete any."""

from typing import Generic, TypeVar

from django.db.models import Model
from django.http import HttpRequest

from customers.admin.typed import ModelAdmin

Row = TypeVar("Row", bound=Model)


class FixedRows(ModelAdmin[Row], Generic[Row]):
    """Refuses to add and to delete, whoever asks."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002  # Django's signature
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:  # noqa: ARG002  # Django's signature
        """Refuse."""
        return False
