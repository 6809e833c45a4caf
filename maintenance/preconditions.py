"""What must hold before a verb changes anything; each raises ValidationError in the planner's words."""

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Customer
from maintenance import impact, notices
from maintenance.decisions import when
from maintenance.models import Maintenance, Window


def check_not_over(windows: Sequence[Window], maintenance: Maintenance, *, now: datetime) -> None:
    """Refuse windows that have ended."""
    for window in windows:
        if window.end <= now:
            raise ValidationError(
                _("Window %(window)s was over on %(end)s."),
                code="over",
                params={"window": str(window), "end": when(window.end, maintenance.timezone)},
            )


def check_languages(maintenance: Maintenance, customers: QuerySet[Customer]) -> None:
    """Refuse where a reader's language has no text, unless English is written and accepted for it."""
    languages = impact.reading_languages(customers)
    missing = notices.missing_languages(maintenance, languages)
    readers = sum(languages[language] for language in missing)
    english = maintenance.texts.filter(language="en").exists()
    if missing and not (maintenance.accept_english and english):
        raise ValidationError(
            ngettext(
                "The text is missing in %(languages)s, which %(contacts)d contact reads. "
                "Write it, or accept that they get it in English (which must be written then).",
                "The text is missing in %(languages)s, which %(contacts)d contacts read. "
                "Write it, or accept that they get it in English (which must be written then).",
                readers,
            ),
            code="language",
            params={"languages": ", ".join(missing), "contacts": readers},
        )


def wrong_state(window: Window, rule: str) -> ValidationError:
    """Return the refusal of a verb that the window's state does not allow."""
    return ValidationError(
        _("Window %(window)s is %(state)s; %(rule)s."),
        code="state",
        params={"window": str(window), "state": window.get_state_display(), "rule": rule},
    )


def not_a_draft(maintenance: Maintenance, rule: str) -> ValidationError:
    """Return the refusal of a verb that wants a draft."""
    return ValidationError(
        _("%(reference)s is %(state)s; %(rule)s."),
        code="state",
        params={"reference": maintenance.reference, "state": maintenance.get_state_display(), "rule": rule},
    )
