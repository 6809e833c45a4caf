"""The languages that the provider writes in: those of the settings, as a model field."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models

if TYPE_CHECKING:  # the stubs' class takes types, Django's own does not
    CharField = models.CharField[str, str]
else:
    CharField = models.CharField


class LanguageField(CharField):
    """One of ``settings.LANGUAGES``; the list is kept out of migrations, as it is not the database's business."""

    def __init__(self, *args: object, **options: object) -> None:
        """Take what ``CharField`` takes, less length and choices."""
        options["max_length"] = 10
        options["choices"] = settings.LANGUAGES
        super().__init__(*args, **options)  # type: ignore[arg-type]  # CharField types each option by itself

    def deconstruct(self) -> tuple[str, str, list[object], dict[str, object]]:
        """Leave out what ``__init__`` sets by itself."""
        name, path, args, options = super().deconstruct()
        del options["max_length"]
        options.pop("choices", None)
        return name, path, list(args), options
