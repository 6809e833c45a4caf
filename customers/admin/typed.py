"""Django's admin classes as the stubs know them: with the model as a parameter, which at run time they do not take."""

from typing import TYPE_CHECKING

from django.contrib import admin

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin
    TabularInline = admin.TabularInline
else:

    class _TakesModel:
        def __class_getitem__(cls, _model: object) -> type:
            return cls

    class ModelAdmin(_TakesModel, admin.ModelAdmin):
        """Written as ``ModelAdmin[Customer]``."""

    class TabularInline(_TakesModel, admin.TabularInline):
        """Written as ``TabularInline[Service, Customer]``."""
