"""More notice than the promise gives: a number of days that a region, a supplier or a customer's contract asks for."""

from typing import Any

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.sql.compiler import SQLCompiler
from django.utils.translation import gettext_lazy as _

FLOOR_DAYS = 10
"""DOMAIN.md, 1: nothing gets below it, no setting, form, import, shell or database write."""
MOST_DAYS = 365


class NoticeDaysField(models.PositiveSmallIntegerField[int | None, int | None]):
    """Days of notice, ``FLOOR_DAYS`` or more; empty where nothing more was agreed."""

    def __init__(self, *args: Any, **options: Any) -> None:  # noqa: ANN401  # whatever Django's field takes
        """Empty by default."""
        usual: dict[str, Any] = {"null": True, "blank": True, "help_text": _("days; empty: the usual notice")}
        super().__init__(*args, **usual | options)


class IsWhole(models.Func):
    """Whether a number is stored as a whole one: SQLite keeps 10.5 in a column of whole numbers."""

    output_field = models.BooleanField()

    def as_sqlite(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # noqa: ANN401  # Django's own signature
        """``typeof(x) = 'integer'``."""
        return self.as_sql(compiler, connection, template="typeof(%(expressions)s) = 'integer'", **context)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, **context: Any) -> tuple[str, Any]:  # noqa: ANN401  # Django's own signature
        """The column's type sees to it."""
        return self.as_sql(compiler, connection, template="(%(expressions)s) IS NOT NULL", **context)


def never_below_the_floor(name: str) -> models.CheckConstraint:
    """Return the constraint that keeps ``notice_days`` at the floor or above it, whoever writes the row."""
    return models.CheckConstraint(
        condition=models.Q(notice_days__isnull=True) | models.Q(IsWhole("notice_days"), notice_days__gte=FLOOR_DAYS, notice_days__lte=MOST_DAYS),
        name=name,
        violation_error_message=_("Notice is ten days at least, and a year at most."),
    )
