"""Operators: MNOs and other suppliers."""

from django.contrib import admin

from customers.admin.kept import KeptWhereReferredTo
from customers.models import Operator


@admin.register(Operator)
class OperatorAdmin(KeptWhereReferredTo[Operator]):
    """Mostly written by imports."""

    list_display = ["code", "notice_days"]
    search_fields = ["code"]
