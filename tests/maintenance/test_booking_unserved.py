"""Late notice of work that was announced: to whoever notice in time cannot reach any more; and that less work needs none of it."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from pytest_django import Settings

from maintenance import booking
from maintenance.coverage import unserved
from maintenance.draft import Late, ScopeDraft
from maintenance.models import Breach, Maintenance
from maintenance.states import Impact
from maintenance.stored_draft import as_draft
from tests.factories import BY, NOW, ServiceFactory, component, draft, nothing_changes, reader, window
from tests.maintenance.telling import DAY, HOUR, announced, named, serve, told

pytestmark = pytest.mark.django_db
LATE = NOW + 28 * DAY


def short(maintenance: Maintenance) -> list[str]:
    """Return the accounts not served in time."""
    return [one.account for one in unserved(maintenance.windows.get(number=1))]


@pytest.fixture
def forgotten() -> Maintenance:
    """It is too late to tell OLD, who held it all along, and A of its second service."""
    customer = reader(account="A", object_id="a-1")
    maintenance = announced(scopes=(*draft().scopes, ScopeDraft(component("platform.api"), "provider")))
    serve(maintenance)
    reader(account="OLD", object_id="o-1")
    ServiceFactory.create(customer=customer, object_id="a-2", held_since=NOW - DAY)
    return maintenance


def test_less_work_is_not_refused_for_a_record_that_was_wrong(forgotten: Maintenance) -> None:
    """The shortfall was there before; nothing of it goes out as if it were in time."""
    less = replace(as_draft(forgotten), scopes=draft().scopes, impact=Impact.DEGRADED)
    notice = booking.revise(forgotten, less, by=BY, now=LATE)
    assert (told(notice), named(notice)) == ({"A": ("eased", None)}, {("A", "a-1", 0)})
    assert sorted(short(forgotten)) == ["A", "OLD"]


def test_late_notice_reaches_whom_notice_in_time_cannot(forgotten: Maintenance, settings: Settings) -> None:
    """Nothing changes of the work: the forgotten are told late, and whoever was never reached; each is a breach, and the window stays planned."""
    settings.LATE_NOTICE = "breach"
    reader(account="FINE", object_id="f-1")
    assert booking.revise(forgotten, as_draft(forgotten), by=BY, now=LATE) is None
    notice = booking.revise(forgotten, as_draft(forgotten), late=Late("our records were wrong", LATE), by=BY, now=LATE)
    assert told(notice) == {"A": ("late", None), "OLD": ("late", None), "FINE": ("late", None)}
    assert notice is not None
    assert notice.said.learned_at == LATE
    assert sorted(Breach.objects.values_list("customer__account", flat=True)) == ["A", "FINE", "OLD"]
    assert forgotten.windows.get().basis == "planned"
    serve(forgotten, at=LATE)
    assert booking.revise(forgotten, as_draft(forgotten), late=Late("again", LATE), by=BY, now=LATE + HOUR) is None


def test_late_notice_to_whom_no_mail_has_reached(settings: Settings) -> None:
    """A customer whose mail failed until its line had passed, beside one that was served."""
    settings.LATE_NOTICE = "breach"
    reader(account="A")
    reader(account="B")
    maintenance = announced(windows=(window(30), window(60)))
    serve(maintenance, "A")
    notice = booking.revise(maintenance, as_draft(maintenance), late=Late("the mail server was down", LATE), by=BY, now=LATE)
    assert (told(notice), notice.customers.get().bases if notice else None) == ({"B": ("late", None)}, {"1": "late"})
    serve(maintenance, at=LATE)
    assert [[one.account for one in unserved(row)] for row in maintenance.windows.order_by("number")] == [["B"], []]


def test_tell_late_names_whom_it_would_tell_before_it_is_allowed(forgotten: Maintenance, settings: Settings) -> None:
    """Without the reason it tells nobody and says who they are; afterwards there is nobody left."""
    settings.LATE_NOTICE = "breach"
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.tell_late(forgotten, by=BY, now=LATE)
    assert (refusal.value.code, refusal.value.messages) == (
        "notice",
        ["2 customers were not served in time, and notice in time cannot reach them any more: A, OLD."],
    )
    late = Late("our records were wrong", LATE)
    assert told(booking.tell_late(forgotten, late=late, by=BY, now=LATE)) == {"A": ("late", None), "OLD": ("late", None)}
    serve(forgotten, at=LATE)
    with nothing_changes(), pytest.raises(ValidationError) as refusal:
        booking.tell_late(forgotten, by=BY, now=LATE + HOUR)
    assert refusal.value.code == "nobody"  # who was told so is not named again
