"""The ten-day promise, through files: what is too late is not mailed to anybody, and only a P1 makes it an emergency."""

import pytest

from tests.end_to_end.conftest import MakeWorks, write_works
from tests.end_to_end.expected import Files, Work, smallest
from tests.end_to_end.program import Installation, until
from tests.end_to_end.proof import Inbox, prove_exact
from tests.servers.smtp import SmtpServer

pytestmark = [pytest.mark.servers, pytest.mark.timeout(240)]

SPREAD = 4
"""First windows start on the day given or one of the next three: from days 2 and 6 on, they start on days 2 to 9."""


def _refused(program: Installation, works: list[Work]) -> None:
    """Every piece of work stays a draft, is listed by its reference with the reason, and nobody is told."""
    done = program.manage("import_maintenance", write_works(program, works), "--announce")
    listed = [line.partition(": ") for line in done.stderr.splitlines()]
    reasons = {reference: reason for reference, _, reason in listed if reference.startswith("MNT-")}
    assert (done.returncode, set(reasons)) == (1, {work["reference"] for work in works}), done.stderr
    assert all(reasons.values())
    assert done.stdout == f"{len(works)} booked, 0 rewritten, 0 unchanged, 0 announced, {len(works)} refused\n"
    assert program.must("deliver", "--until-idle") == "0 mails dealt with.\n"
    assert program.deliveries() == []


@pytest.mark.parametrize("day", [2, 6])
def test_work_without_ten_days_is_told_to_nobody(day: int, program: Installation, smtp: SmtpServer, make_works: MakeWorks) -> None:
    """Days 2 to 9: all pieces of work are refused."""
    program.variables["EMAIL_URL"] = smtp.url
    works = make_works(day, SPREAD)
    with program:
        _refused(program, works)
    assert (len(works) >= 40, smtp.received) == (True, [])


def test_p2_excuses_nothing(program: Installation, smtp: SmtpServer, make_works: MakeWorks) -> None:
    """500 SIMs of the provider's domain are a P2."""
    program.variables["EMAIL_URL"] = smtp.url
    works = [work | {"incident": "INC-500"} for work in make_works(2, SPREAD)]
    with program:
        opened = program.must("incident", "open", "INC-500", "--title", "Packet loss", "--domain", "provider", "--sims", "500")
        assert opened == "INC-500 is open: P2\n"
        _refused(program, works)
    assert smtp.received == []


def _as_emergencies(program: Installation, smtp: SmtpServer, files: Files, works: list[Work]) -> None:
    program.variables["EMAIL_URL"] = smtp.url
    works = [work | {"incident": "INC-501"} for work in works]
    with program:
        opened = program.must("incident", "open", "INC-501", "--title", "Packet loss", "--domain", "provider", "--sims", "501")
        assert opened == "INC-501 is open: P1\n"
        announced = program.must("import_maintenance", write_works(program, works), "--announce")
        assert announced == f"{len(works)} booked, 0 rewritten, 0 unchanged, {len(works)} announced, 0 refused\n"
        inbox, process = Inbox(smtp), program.start("deliver", "--until-idle")
        until(inbox.when(process.ended), seconds=3000, what=program.wrote)
        prove_exact(program, inbox.all(), files.mails(works), kind="emergency")


@pytest.mark.parametrize("day", [2, 6])
def test_p1_makes_emergencies(day: int, program: Installation, smtp: SmtpServer, files: Files, make_works: MakeWorks) -> None:
    """501 SIMs of the provider's domain are a P1: each of the four smallest pieces of work goes out as an emergency."""
    _as_emergencies(program, smtp, files, smallest(files, make_works(day, SPREAD), 4))


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_p1_makes_emergencies_of_all(program: Installation, smtp: SmtpServer, files: Files, make_works: MakeWorks) -> None:
    """All pieces of work."""
    _as_emergencies(program, smtp, files, make_works(2, SPREAD))
