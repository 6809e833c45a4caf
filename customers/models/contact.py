"""A person who is told."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from customers.languages import LanguageField
from customers.plain_text import single_address, single_line


class Contact(models.Model):
    """One person, known by the e-mail address in lower case; empty language or time zone: those of each account served."""

    email = models.CharField(_("e-mail"), max_length=254, unique=True, validators=[single_address])
    name = models.CharField(_("name"), max_length=200, validators=[single_line])
    language = LanguageField(_("language"), blank=True, default="", help_text=_("empty: the customer's"))
    timezone = TimeZoneField(_("time zone"), blank=True, default="", help_text=_("empty: the customer's"))

    reminders = models.BooleanField(_("gets reminders"), default=True)
    progress = models.BooleanField(_("hears of start and completion"), default=True)

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        ordering = ["email"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="contact_email_lower_case",
                violation_error_message=_("An e-mail address is kept in lower case."),
            ),
        ]

    def __str__(self) -> str:
        """Return the address."""
        return self.email
