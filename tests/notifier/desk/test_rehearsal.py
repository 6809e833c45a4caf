"""The rehearsal: what a verb would tell and record, with nothing of it left behind."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from maintenance import booking
from maintenance.models import Breach, Maintenance
from maintenance.states import Kind
from notifier.desk.rehearsal import KindRow, Rehearsal, rehearse
from notifier.desk.rehearsed_mail import RehearsedMail, rehearsed_mail
from notifier.desk.shown import ShownMoment
from tests import factories
from tests.notifier.desk import pages

pytestmark = pytest.mark.django_db
NOW = factories.NOW


def announcing(maintenance: Maintenance) -> Rehearsal:
    """Return what announcing would do; assert that it did not."""
    with factories.nothing_changes():
        return rehearse(maintenance, lambda: booking.announce(maintenance, by=factories.BY, now=NOW), now=NOW)


def test_rehearsal_of_first_notice_says_until_when_it_is_in_time() -> None:
    factories.reader(account="A1", language="de")
    factories.reader(account="A2")
    factories.ServiceFactory.create(customer__account="A3")
    until = ShownMoment("12 Dec 2026, 09:00 UTC+00:00", "Europe/London", "12 Dec 2026, 09:00 UTC")
    assert announcing(pages.booked()) == Rehearsal(
        mails=2,
        customers=2,
        languages=2,
        unreached=("A3",),
        kinds=(KindRow(Kind.ANNOUNCED, 3, 2, "English, German", "A1, A2, A3", until),),
    )


def test_rehearsal_of_work_that_hits_nobody_sends_no_mail() -> None:
    assert announcing(pages.booked()).sentence() == "No mail will go out."


def test_rehearsal_names_first_ten_and_how_many_more() -> None:
    for number in range(12):
        factories.reader(account=f"A{number:02d}")
    assert [row.accounts for row in announcing(pages.booked()).kinds] == ["A00, A01, A02, A03, A04, A05, A06, A07, A08, A09 (+2)"]


def test_rehearsal_of_refused_verb_raises_its_refusal() -> None:
    factories.reader()
    maintenance = pages.booked(windows=(factories.window(2),))
    with factories.nothing_changes(), pytest.raises(ValidationError, match="Too little notice"):
        rehearse(maintenance, lambda: booking.announce(maintenance, by=factories.BY, now=NOW), now=NOW)


def test_rehearsal_counts_only_breaches_that_the_verb_would_record() -> None:
    old, new = factories.reader(account="A1"), factories.reader(account="A2")
    maintenance = pages.announced(windows=(factories.window(30), factories.window(31)))
    Breach.objects.create(window=maintenance.windows.get(number=1), customer=old, recorded_at=NOW, recorded_by="x")
    start = factories.window(31).start
    found = rehearse(maintenance, lambda: booking.start(maintenance, number=2, by=factories.BY, now=start), now=start)
    assert found.breaches == (old.account, new.account)
    assert Breach.objects.count() == 1


def test_rehearsal_marks_a_moment_that_has_passed() -> None:
    factories.reader()
    maintenance = pages.announced()
    window, now = maintenance.windows.get(), NOW + timedelta(days=25)
    end = window.end - timedelta(minutes=30)
    found = rehearse(maintenance, lambda: booking.move(maintenance, number=1, start=window.start, end=end, by=factories.BY, now=now), now=now)
    assert [row.passed for row in found.kinds] == [True]


def test_rehearsed_mail_of_verb_that_tells_nobody_is_none() -> None:
    maintenance = pages.booked()
    assert rehearsed_mail(maintenance, lambda: booking.announce(maintenance, by=factories.BY, now=NOW), "", now=NOW) == RehearsedMail()


def test_rehearsed_mail_of_unknown_choice_is_the_most_frequent() -> None:
    for language in ("de", "fr", "fr"):
        factories.reader(language=language)
    maintenance = pages.booked()
    with factories.nothing_changes():
        seen = rehearsed_mail(maintenance, lambda: booking.announce(maintenance, by=factories.BY, now=NOW), "late xx Mars", now=NOW)
    assert [(one.key, one.number) for one in seen.choices] == [("announced fr Europe/London", 2), ("announced de Europe/London", 1)]
    assert seen.chosen == seen.choices[0]
    assert seen.mail is not None
    assert "Title (fr)" in seen.mail.subject
