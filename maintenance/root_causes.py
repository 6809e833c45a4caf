"""Write and file root-cause reports: what caused a P1 and what was done about it, told to the customers hit whose tier gets one."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from customers.models import Customer
from maintenance import impact
from maintenance.draft_rules import MOST_WORDS
from maintenance.models import Notice, NoticeCustomer, RootCauseReport, RootCauseText
from maintenance.root_cause_due import owed_to, still_owed
from maintenance.said import Said, SaidText
from maintenance.states import Impact, Kind

CHASED_BEFORE = timedelta(days=1)
"""From so long before it is due a report is chased, and once in as long."""


@dataclass(frozen=True)
class Words:
    """A report in one language; ``cause`` and ``measures`` are Markdown."""

    title: str
    cause: str
    measures: str


def written(report: RootCauseReport) -> dict[str, Words]:
    """Return what is written so far, by language."""
    return {text.language: Words(text.title, text.cause, text.measures) for text in report.texts.all()}


@transaction.atomic
def write(report: RootCauseReport, texts: Mapping[str, Words]) -> None:
    """Keep these words instead of those before; nobody is told. Raises ValidationError by ``texts[language].field``."""
    rows = [RootCauseText(report=report, language=language, **asdict(words)) for language, words in texts.items()]
    errors: dict[str, list[str]] = {}
    for row in rows:
        try:
            row.clean_fields(exclude=["report"])
        except ValidationError as error:
            errors |= {f"texts[{row.language}].{name}": messages for name, messages in error.message_dict.items()}
        for name in ("title", "cause", "measures"):
            if not getattr(row, name).strip():
                errors[f"texts[{row.language}].{name}"] = [_("is missing")]
            elif len(getattr(row, name)) > MOST_WORDS:
                errors[f"texts[{row.language}].{name}"] = [_("is longer than %(most)d characters") % {"most": MOST_WORDS}]
    if errors:
        raise ValidationError(errors)
    report.texts.all().delete()
    RootCauseText.objects.bulk_create(rows)


def readers(report: RootCauseReport) -> QuerySet[Customer]:
    """Return who gets the report: the customers owed one or, once it is filed, those whom it was sent to."""
    if report.filed_at is None:
        return owed_to(report.incident)
    told = NoticeCustomer.objects.filter(notice__incident=report.incident_id, kind=Kind.ROOT_CAUSE)
    return Customer.objects.filter(pk__in=told.values("customer")).order_by("account")


def missing_languages(report: RootCauseReport, texts: Mapping[str, Words]) -> dict[str, int]:
    """Return the languages that are read and not written, with how many contacts read them."""
    languages = impact.reading_languages(readers(report))
    return {language: number for language, number in sorted(languages.items()) if language not in texts}


@transaction.atomic
def file_report(report: RootCauseReport, texts: Mapping[str, Words], *, by: str, now: datetime) -> Notice:
    """Store the words and tell every reader; filed again with other words, the same customers get the corrected report.

    Raises ValidationError where nobody is owed it, a reader's language is missing, or nothing has changed since it was filed.
    """
    report.refresh_from_db(from_queryset=RootCauseReport.objects.select_related("incident").select_for_update())
    _check(report, texts)
    customers = list(readers(report))
    write(report, texts)
    earlier = Notice.objects.filter(incident=report.incident_id).order_by("-revision").first()
    said = _said(report, texts)
    if earlier is not None and earlier.said.texts == said.texts:
        raise ValidationError(_("Nothing has changed since the report was filed."), code="same")
    notice = Notice.objects.create(
        incident=report.incident,
        revision=earlier.revision + 1 if earlier else 1,
        issued_at=now,
        issued_by=by,
        said_json=said.to_json(),
        decision={"answer": "root cause", "asked_at": now.isoformat(), "due_at": report.due_at.isoformat()},
    )
    NoticeCustomer.objects.bulk_create(NoticeCustomer(notice=notice, customer=customer, kind=Kind.ROOT_CAUSE) for customer in customers)
    if report.filed_at is None:
        report.filed_at, report.filed_by = now, by
        report.save(update_fields=["filed_at", "filed_by"])
    return notice


def reports_due(now: datetime) -> QuerySet[RootCauseReport]:
    """Return the reports to chase: owed, not filed, due within a day or overdue, and not chased within the last day."""
    owed = still_owed().filter(due_at__lte=now + CHASED_BEFORE)
    return owed.filter(Q(chased_at__isnull=True) | Q(chased_at__lte=now - CHASED_BEFORE)).select_related("incident")


def chased(report: RootCauseReport, now: datetime) -> None:
    """Note that somebody was reminded of it."""
    report.chased_at = now
    report.save(update_fields=["chased_at"])


def _check(report: RootCauseReport, texts: Mapping[str, Words]) -> None:
    about = {"reference": report.incident.reference}
    if report.filed_at is None and report.incident.refuted_at is not None:
        raise ValidationError(_("Incident %(reference)s was found never to have been a P1; no report is owed."), code="refuted", params=about)
    if report.filed_at is None and not report.incident.customers.exists():
        raise ValidationError(_("No customer is entered for incident %(reference)s yet. Enter whom it hit first."), code="nobody", params=about)
    if not readers(report).exists():
        raise ValidationError(_("No customer entered for incident %(reference)s has a tier that gets a report."), code="nobody", params=about)
    if not texts:
        raise ValidationError({"texts": _("write the text in at least one language")})
    missing = missing_languages(report, texts)
    if missing:
        number = sum(missing.values())
        raise ValidationError(
            ngettext(
                "The text is missing in %(languages)s, which %(contacts)d contact reads. Write it.",
                "The text is missing in %(languages)s, which %(contacts)d contacts read. Write it.",
                number,
            ),
            code="language",
            params={"languages": ", ".join(missing), "contacts": number},
        )


def _said(report: RootCauseReport, texts: Mapping[str, Words]) -> Said:
    """Return the snapshot: the cause stands where other notices have the impact, the measures where they have the description."""
    incident = report.incident
    return Said(
        reference=incident.reference,
        impact=Impact.OUTAGE,
        expected_outage_minutes=0,
        windows=(),
        texts={language: SaidText(words.title, words.cause, words.measures) for language, words in texts.items()},
        incident=incident.reference,
        incident_title=incident.title,
    )
