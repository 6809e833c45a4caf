"""What a planner must say before a window passes, and what is kept of it."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from django.utils.translation import override

from maintenance import booking, obstacles
from maintenance.models import Acknowledgement, Freeze, Maintenance
from maintenance.stored_draft import as_draft
from tests.factories import BY, NOW, OperatorFactory, nothing_changes, reader, window
from tests.maintenance.telling import DAY, announced, kinds, serve
from tests.maintenance.works import HOUR, START, freeze, windows_of, work

pytestmark = pytest.mark.django_db

TIMES = "2026-12-22 09:00 +0000 Europe/London to 2026-12-22 11:00 +0000 Europe/London"
MEETS = f"Window MNT-1.1 meets MNT-2.1, {TIMES}; both hit 1 customer: A."
ASKS = "To go on all the same, give a reason."
FIELDS = ("maintenance__reference", "obstacle", "what", "reason", "recorded_at", "recorded_by")


def check(maintenance: Maintenance, *, acknowledged: str = "") -> None:
    """Let all its windows pass."""
    obstacles.check(maintenance, windows_of(maintenance), acknowledged=acknowledged, by=BY, now=NOW)


def refusal(maintenance: Maintenance, *, acknowledged: str = "") -> tuple[str | None, list[str]]:
    """Return code and messages; nothing is stored."""
    with nothing_changes(), pytest.raises(ValidationError) as caught:
        check(maintenance, acknowledged=acknowledged)
    assert {error.code for error in caught.value.error_list} == {caught.value.code}
    return caught.value.code, caught.value.messages


def test_check_without_obstacles_stores_nothing() -> None:
    """A reason that nobody needs is not kept."""
    reader(account="A")
    mine = work("MNT-1", state="draft")
    with nothing_changes():
        check(mine)
        check(mine, acknowledged="because")


def test_check_freeze_of_own_work_is_refused_whatever_is_said() -> None:
    """The conflict beside it is told when the freeze is out of the way."""
    reader(account="A")
    freeze()
    work("MNT-2")
    mine = work("MNT-1", state="draft")
    what = f"Window MNT-1.1 is in the freeze “Black Friday” of everything, {TIMES}; it hits 1 customer: A."
    line = f"{what} Our own work waits; this window could begin on 2026-12-22 11:00 +0000 Europe/London."
    assert refusal(mine) == refusal(mine, acknowledged="because") == ("freeze", [line])


def test_check_percent_signs_in_names_are_kept() -> None:
    """What a person typed is never a format."""
    freeze("50 %(off)s")
    code, (line,) = refusal(work("MNT-1", state="draft"))
    assert (code, "“50 %(off)s”" in line) == ("freeze", True)


@pytest.mark.parametrize("acknowledged", ["", "  \n"])
def test_check_conflict_needs_a_reason(acknowledged: str) -> None:
    reader(account="A")
    work("MNT-2")
    assert refusal(work("MNT-1", state="draft"), acknowledged=acknowledged) == ("acknowledge", [MEETS, ASKS])


def test_check_keeps_the_reason_for_each_obstacle_once() -> None:
    """What was acknowledged is not asked for again; what is new, or is new for another piece of work, is."""
    reader(account="A")
    work("MNT-2")
    freeze()
    mine = work("MNT-1", state="draft", supplier=OperatorFactory.create())
    frozen = f"Window MNT-1.1 is in the freeze “Black Friday” of everything, {TIMES}; it hits 1 customer: A."
    assert refusal(mine) == ("acknowledge", [frozen, MEETS, ASKS])
    check(mine, acknowledged=" the supplier insists ")
    kept = [("MNT-1", "freeze", frozen, "the supplier insists", NOW, BY), ("MNT-1", "conflict", MEETS, "the supplier insists", NOW, BY)]
    assert list(Acknowledgement.objects.values_list(*FIELDS)) == kept
    with nothing_changes():
        check(mine)
        check(mine, acknowledged="again")
    work("MNT-3", (START, START + HOUR))
    _code, lines = refusal(mine)
    assert [line.partition(",")[0] for line in lines] == ["Window MNT-1.1 meets MNT-3.1", "To go on all the same"]
    check(mine, acknowledged="that too")
    assert [row.reason for row in Acknowledgement.objects.all()] == ["the supplier insists", "the supplier insists", "that too"]
    assert refusal(work("MNT-4", state="draft", supplier=mine.supplier))[0] == "acknowledge"


def test_check_acknowledged_freeze_is_hard_again_without_the_supplier() -> None:
    """The reason was given for a supplier's work."""
    freeze()
    mine = work("MNT-1", state="draft", supplier=OperatorFactory.create())
    check(mine, acknowledged="the supplier insists")
    mine.supplier = None
    mine.save()
    assert refusal(mine, acknowledged="because")[0] == "freeze"


def test_check_knows_an_obstacle_again_in_every_language() -> None:
    """Each planner reads it in their own; what is kept is in the language of the settings."""
    reader(account="A")
    freeze(region=reader(account="B").region)
    mine = work("MNT-1", state="draft", supplier=OperatorFactory.create())
    frozen = f"Window MNT-1.1 is in the freeze “Black Friday” of United Kingdom, {TIMES}; it hits 2 customers: A, B."
    with override("de"):
        assert [("Vereinigtes Königreich" in one.what, one.kept) for one in obstacles.unacknowledged(mine, windows_of(mine))] == [(True, frozen)]
        check(mine, acknowledged="der Lieferant besteht darauf")
    assert list(Acknowledgement.objects.values_list("what", flat=True)) == [frozen]
    for language in ("de", "en", "fr"):
        with override(language), nothing_changes():
            assert obstacles.unacknowledged(mine, windows_of(mine)) == ()
            check(mine)


def test_change_within_what_was_announced_meets_a_freeze() -> None:
    """No notice is needed, and it is a change all the same: of the times, or an alternate that is used."""
    reader(account="A")
    maintenance = announced(windows=(window(30, hours=4), replace(window(40), alternate=True)))
    serve(maintenance)
    late = Freeze.objects.create(name="F", start=START + HOUR, end=START + 2 * HOUR)
    with nothing_changes(), pytest.raises(ValidationError) as caught:
        booking.move(maintenance, number=1, start=START, end=START + 2 * HOUR, by=BY, now=NOW)
    assert caught.value.code == "freeze"
    late.start, late.end = NOW + 40 * DAY, NOW + 41 * DAY
    late.save()
    with nothing_changes(), pytest.raises(ValidationError) as caught:
        booking.take_alternate(maintenance, number=2, instead_of=1, by=BY, now=NOW)
    assert caught.value.code == "freeze"


def test_change_of_words_alone_meets_no_freeze() -> None:
    """The work stands as it was announced, whatever was frozen since."""
    reader(account="A")
    maintenance = announced()
    serve(maintenance)
    freeze()
    draft = as_draft(maintenance)
    other = {language: replace(text, title="Another") for language, text in draft.texts.items()}
    assert kinds(booking.revise(maintenance, replace(draft, texts=other), by=BY, now=NOW)) == {"A": "corrected"}


def test_alternate_is_taken_beside_other_work_that_is_known() -> None:
    """With a reason, which is kept."""
    reader(account="A")
    maintenance = announced(windows=(window(30), replace(window(40), alternate=True)))
    announced(reference="MNT-2", windows=(window(40),))
    with nothing_changes(), pytest.raises(ValidationError) as caught:
        booking.take_alternate(maintenance, number=2, instead_of=1, by=BY, now=NOW)
    assert caught.value.code == "acknowledge"
    booking.take_alternate(maintenance, number=2, instead_of=1, acknowledged="both are small", by=BY, now=NOW)
    assert Acknowledgement.objects.filter(maintenance=maintenance, reason="both are small").count() == 1
