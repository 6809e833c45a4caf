"""An object id that narrows what a maintenance, or one of its windows, hits."""

from django.db import models
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from customers.plain_text import single_line
from maintenance.models.maintenance import Maintenance
from maintenance.models.window import Window


class NamedObject(models.Model):
    """Without a window it narrows the whole maintenance; with one, that window only."""

    maintenance = models.ForeignKey(Maintenance, models.CASCADE, related_name="objects_named", verbose_name=_("maintenance"))
    window = models.ForeignKey(Window, models.CASCADE, null=True, blank=True, related_name="objects_named", verbose_name=_("window"))
    object_id = models.CharField(_("object id"), max_length=100, validators=[single_line])

    class Meta:
        verbose_name = _("object")
        verbose_name_plural = _("objects")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                "maintenance",
                Coalesce("window", 0),
                "object_id",
                name="named_object_once",
                violation_error_message=_("This object is named already."),
            ),
        ]

    def __str__(self) -> str:
        """Return the object id."""
        return self.object_id
