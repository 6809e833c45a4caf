"""A person who is told."""

from typing import Any

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from timezone_field import TimeZoneField

from customers.languages import LanguageField
from customers.plain_text import single_address, single_line

MARKS: dict[str, Any] = {"bounced_at": None, "bounce_reason": "", "complained_at": None}
"""The fields that say what became of mails to the address, with their values for one of which nothing is known."""


class Contact(models.Model):
    """One person, known by the e-mail address in lower case; empty language or time zone: those of each account served.

    ``bounced_at``: since then the address is known not to take mail; ``complained_at``: since then it is known that the reader called
    ours spam, so that mail may not be shown or sent. Delivery writes them, and goes on trying; they end with the address, or when
    a person clears them.
    """

    email = models.CharField(_("e-mail"), max_length=254, unique=True, validators=[single_address])
    name = models.CharField(_("name"), max_length=200, validators=[single_line])
    language = LanguageField(_("language"), blank=True, default="", help_text=_("empty: the customer's"))
    timezone = TimeZoneField(_("time zone"), blank=True, default="", help_text=_("empty: the customer's"))

    reminders = models.BooleanField(_("gets reminders"), default=True)
    progress = models.BooleanField(_("hears of start and completion"), default=True)

    bounced_at = models.DateTimeField(_("bounced at"), null=True, blank=True)
    bounce_reason = models.CharField(_("why it bounced"), max_length=500, blank=True, default="")
    complained_at = models.DateTimeField(_("complained at"), null=True, blank=True)

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

    def save(self, **options: Any) -> None:  # noqa: ANN401  # whatever Django's own takes
        """Forget, of an address that is not this contact's any more, what became of mails to it."""
        if Contact.objects.filter(pk=self.pk).exclude(email=self.email).exists():
            self.clear_marks()
            if options.get("update_fields") is not None:
                options["update_fields"] = {*options["update_fields"], *MARKS}
        super().save(**options)

    def clear_marks(self) -> None:
        """Say that nothing is known against the address; not saved."""
        for name, value in MARKS.items():
            setattr(self, name, value)
