"""Root-cause reports: written, filed once for whom they are owed, corrected for the same readers, and chased until filed."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from customers.models import Customer
from maintenance.incidents import affect, close_incident, disprove, open_incident
from maintenance.models import Incident, Notice, NoticeCustomer, RootCauseReport
from maintenance.root_causes import Words, chased, file_report, missing_languages, readers, reports_due, write, written
from maintenance.said import Said, SaidText
from maintenance.states import Impact
from tests.factories import BY, NOW, nothing_changes, reader

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def words(*languages: str, cause: str = "A **worn** card") -> dict[str, Words]:
    """Return a report in these languages."""
    return {language: Words(f"Core down ({language})", cause, "* replaced\n* watched") for language in languages}


def hit(tier: str = "enterprise", *, region: str = "uk", account: str = "") -> Customer:
    """Return a customer with a contact."""
    return reader(tier_slug=tier, region_slug=region, **({"account": account} if account else {}))


def owed(*customers: Customer, reference: str = "INC-1") -> RootCauseReport:
    """Return the report of a P1 that hit these customers and is closed."""
    incident = open_incident(reference=reference, title="Core down", domain="provider", sims=501, now=NOW)
    affect(incident, dict.fromkeys(customers, 10), now=NOW)
    close_incident(incident, now=NOW)
    return RootCauseReport.objects.get(incident=incident)


def told(notice: Notice) -> list[tuple[str, str, object, object]]:
    """Return whom a notice tells."""
    rows = NoticeCustomer.objects.filter(notice=notice).order_by("customer__account")
    return list(rows.values_list("customer__account", "kind", "deadline", "stale_at"))


def test_file_tells_the_customers_owed() -> None:
    """Whole notice: of the incident, with the words; the customer of another tier is not told."""
    report = owed(hit(account="A"), hit(region="es", account="B"), hit("standard", account="C"))
    notice = Notice.objects.get(pk=file_report(report, words("en", "es"), by=BY, now=NOW + DAY).pk)
    expected = Said(
        reference="INC-1",
        impact=Impact.OUTAGE,
        expected_outage_minutes=0,
        windows=(),
        texts={language: SaidText(f"Core down ({language})", "A **worn** card", "* replaced\n* watched") for language in ("en", "es")},
        incident="INC-1",
        incident_title="Core down",
    )
    assert notice.said == expected
    assert (notice.incident, notice.maintenance, notice.revision, notice.about) == (report.incident, None, 1, 0)
    assert (notice.issued_at, notice.issued_by) == (NOW + DAY, BY)
    assert notice.decision == {"answer": "root cause", "asked_at": "2026-11-23T09:00:00+00:00", "due_at": "2026-11-27T09:00:00+00:00"}
    assert told(notice) == [("A", "root_cause", None, None), ("B", "root_cause", None, None)]
    report.refresh_from_db()
    assert (report.filed_at, report.filed_by, written(report)) == (NOW + DAY, BY, words("en", "es"))


def test_file_again_tells_the_same_customers() -> None:
    """Who was entered after it was filed is not among them; when it was filed first stays."""
    first, late = hit(account="A"), hit(account="B")
    report = owed(first)
    file_report(report, words("en"), by=BY, now=NOW + DAY)
    affect(report.incident, {late: 10}, now=NOW + DAY)
    notice = file_report(report, words("en", cause="A torn card"), by="paul", now=NOW + 2 * DAY)
    assert (notice.revision, told(notice)) == (2, [("A", "root_cause", None, None)])
    report.refresh_from_db()
    assert (report.filed_at, report.filed_by, written(report)) == (NOW + DAY, BY, words("en", cause="A torn card"))


def test_file_again_unchanged() -> None:
    report = owed(hit())
    file_report(report, words("en"), by=BY, now=NOW)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        file_report(report, words("en"), by=BY, now=NOW + DAY)
    assert refusal.value.messages == ["Nothing has changed since the report was filed."]


def test_customer_entered_after_closing_is_told() -> None:
    report = owed(hit(account="A"))
    affect(report.incident, {hit(account="B"): 10, hit("plus", account="C"): 10}, now=NOW + DAY)
    assert [account for account, *_ in told(file_report(report, words("en"), by=BY, now=NOW + DAY))] == ["A", "B"]


def test_file_without_a_language_of_a_reader() -> None:
    report = owed(hit(), hit(region="es"), hit(region="de"), hit(region="at"), hit("standard", region="fr"))
    assert missing_languages(report, words("en")) == {"de": 2, "es": 1}
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        file_report(report, words("en"), by=BY, now=NOW)
    assert refusal.value.messages == ["The text is missing in de, es, which 3 contacts read. Write it."]


def test_file_without_words() -> None:
    report = owed(hit())
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        file_report(report, {}, by=BY, now=NOW)
    assert refusal.value.message_dict == {"texts": ["write the text in at least one language"]}


def test_file_for_nobody() -> None:
    """The only customer who gets one was entered by mistake."""
    report = owed(customer := hit(), hit("standard"))
    report.incident.customers.filter(customer=customer).delete()
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        file_report(report, words("en"), by=BY, now=NOW)
    assert refusal.value.messages == ["No customer entered for incident INC-1 has a tier that gets a report."]


def test_file_while_no_customer_is_entered() -> None:
    """Filed for nobody, nobody would ever get it."""
    report = owed()
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        file_report(report, words("en"), by=BY, now=NOW)
    assert refusal.value.messages == ["No customer is entered for incident INC-1 yet. Enter whom it hit first."]
    affect(report.incident, {hit(account="A"): 10}, now=NOW)
    assert told(file_report(report, words("en"), by=BY, now=NOW)) == [("A", "root_cause", None, None)]


def test_file_for_what_never_was_a_p1() -> None:
    report = owed(hit())
    disprove(Incident.objects.get(), reason="Probe broken", by=BY, now=NOW)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        file_report(report, words("en"), by=BY, now=NOW)
    assert refusal.value.messages == ["Incident INC-1 was found never to have been a P1; no report is owed."]


def test_filed_report_of_what_never_was_a_p1_can_be_corrected() -> None:
    """Its readers may have to hear that."""
    report = owed(hit())
    file_report(report, words("en"), by=BY, now=NOW)
    disprove(Incident.objects.get(), reason="Probe broken", by=BY, now=NOW)
    assert file_report(report, words("en", cause="There was none"), by=BY, now=NOW).revision == 2


@pytest.mark.parametrize(
    ("language", "text", "messages"),
    [
        ("en", Words("", "c", "m"), {"texts[en].title": ["is missing"]}),
        ("en", Words("t", " \n", ""), {"texts[en].cause": ["is missing"], "texts[en].measures": ["is missing"]}),
        ("en", Words("a\nb", "c", "m"), {"texts[en].title": ["has a control character or line break (U+000A) at position 2; write it on one line"]}),
        ("en", Words("t" * 201, "c", "m"), {"texts[en].title": ["Ensure this value has at most 200 characters (it has 201)."]}),
        ("en", Words("t", "c" * 20_001, "m"), {"texts[en].cause": ["is longer than 20000 characters"]}),
        ("tlh", Words("t", "c", "m"), {"texts[tlh].language": ["Value 'tlh' is not a valid choice."]}),
    ],
)
def test_write_refused(language: str, text: Words, messages: dict[str, list[str]]) -> None:
    """Said by language and field, and the words before stay."""
    report = owed(hit())
    write(report, words("es"))
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        write(report, {"fr": Words("t", "c", "m"), language: text})
    assert refusal.value.message_dict == messages


def test_write_keeps_the_last_words() -> None:
    """Nobody is told; languages left out go."""
    report = owed(hit())
    for languages in (("en", "es"), ("es", "de")):
        write(report, words(*languages))
    assert (written(report), Notice.objects.count()) == (words("de", "es"), 0)


def test_typed_words_are_data() -> None:
    """What looks like a template comes out as typed."""
    report = owed(hit())
    typed = Words("{{ 7 }} %(x)s", "{% now %}\r\n<b>", "%s {0}")
    assert file_report(report, {"en": typed}, by=BY, now=NOW).said.texts == {"en": SaidText("{{ 7 }} %(x)s", "{% now %}\r\n<b>", "%s {0}")}


def test_reports_due_until_filed() -> None:
    """A day ahead, to the microsecond, once a day, and no more when it is filed."""
    report = owed(hit())
    until = report.due_at
    microsecond = timedelta(microseconds=1)
    found = [bool(reports_due(moment)) for moment in (until - DAY - microsecond, until - DAY, until, until + 30 * DAY)]
    assert found == [False, True, True, True]
    chased(report, until)
    assert (RootCauseReport.objects.get().chased_at, [bool(reports_due(moment)) for moment in (until, until + DAY - microsecond, until + DAY)]) == (
        until,
        [False, False, True],
    )
    file_report(report, words("en"), by=BY, now=until)
    assert list(reports_due(until + DAY)) == []


def test_reports_due_only_what_is_owed() -> None:
    """Not of incidents that never were a P1, nor where nobody of those entered gets one; each once."""
    refuted, alone, both, nobody = (owed(*(hit() for _ in range(hits)), reference=f"INC-{hits}{n}") for n, hits in enumerate((2, 1, 2, 0)))
    disprove(refuted.incident, reason="Probe broken", by=BY, now=NOW)
    affect(alone.incident, {hit("standard"): 10}, now=NOW)
    alone.incident.customers.filter(customer__tier__slug="enterprise").delete()
    assert list(reports_due(both.due_at)) == [both, nobody]


def test_readers_before_and_after_filing() -> None:
    first, second = hit(account="A"), hit(account="B")
    report = owed(first)
    affect(report.incident, {second: 1}, now=NOW)
    before = list(readers(report))
    file_report(report, words("en"), by=BY, now=NOW)
    report.incident.customers.all().delete()
    assert (before, list(readers(report))) == ([first, second], [first, second])
