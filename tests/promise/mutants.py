"""Small mistakes, each of which breaks the promise: what stands in the source, what would stand there, and which tests must notice."""

from dataclasses import dataclass

PURE = (
    "tests/maintenance/test_clocks.py",
    "tests/maintenance/test_clock_tables.py",
    "tests/maintenance/test_policy.py",
    "tests/maintenance/test_promises.py",
    "tests/promise/test_memory.py",
)
ROWS = ("tests/maintenance/test_coverage.py", "tests/maintenance/test_booking_revise.py", "tests/promise/test_rows.py")
JOINING = ("tests/maintenance/test_booking_join.py",)
FLOOR = ("tests/maintenance/test_constraints.py",)
INCIDENTS = ("tests/maintenance/test_incidents.py", "tests/maintenance/test_incident_judgements.py", "tests/maintenance/test_emergencies.py")


@dataclass(frozen=True)
class Mutant:
    """One mistake; ``old`` stands exactly once in the file."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...] = PURE


CLOCKS, POLICY, PROMISES = "maintenance/clocks.py", "maintenance/policy.py", "maintenance/promises.py"
STANDING, TELLING, NIGHTS = "maintenance/standing.py", "maintenance/booking/telling.py", "maintenance/booking/nights.py"
ELAPSED = "start.astimezone(UTC) - accepted_at.astimezone(UTC) >= period"
ON_THE_WALL = "wall(accepted_at, zone) + period <= wall(start, zone)"

LINE = "return min(elapsed, target.replace(tzinfo=zone).astimezone(UTC))"

MUTANTS = (
    Mutant("exactly 240 hours are too few", CLOCKS, ELAPSED, ELAPSED.replace(">=", ">")),
    Mutant("exactly ten days on the wall are too few", CLOCKS, ON_THE_WALL, ON_THE_WALL.replace("<=", "<")),
    Mutant("elapsed hours only", CLOCKS, f"return {ELAPSED} and {ON_THE_WALL}", f"return {ELAPSED}"),
    Mutant("the wall's days only", CLOCKS, f"return {ELAPSED} and {ON_THE_WALL}", f"return {ON_THE_WALL}"),
    Mutant("days of UTC only", CLOCKS, "return moment.astimezone(zone).replace", "return moment.astimezone(UTC).replace"),
    Mutant("the first passing of a repeated hour for its second", CLOCKS, "target.replace(tzinfo=zone, fold=1)", "target.replace(tzinfo=zone, fold=0)"),
    Mutant("a line in the second passing of a repeated hour", CLOCKS, LINE, LINE.replace("zone)", "zone, fold=1)")),
    Mutant("the line by elapsed hours only", CLOCKS, LINE, "return elapsed"),
    Mutant("no margin", POLICY, "accepted_at = now.astimezone(UTC) + rules.margin", "accepted_at = now.astimezone(UTC)"),
    Mutant("the contract's days are not asked for", POLICY, "days=max(clock.days, rules.days)", "days=rules.days"),
    Mutant("the line of the last start", POLICY, "return min((latest_acceptance", "return max((latest_acceptance"),
    Mutant("a closed P1 justifies for ever", POLICY, "return incident.ended_at is None or start <=", "return True or start <="),
    Mutant("an incident that was no P1 justifies", POLICY, "if incident.identified_at is None:", "if incident.identified_at is incident:"),
    Mutant("one window in time lets the others through", POLICY, "return any(shortage.window == asked.window", "return all(shortage.window == asked.window"),
    Mutant("impact is not compared", PROMISES, "return self.impact.severity >= other.impact.severity and", "return"),
    Mutant("minutes are not compared", PROMISES, "self.minutes >= other.minutes", "self.minutes >= 0"),
    Mutant("a later end needs nothing", PROMISES, "return [*left, Interval(begin, interval.end)] if begin < interval.end else left", "return left"),
    Mutant("an earlier start needs nothing", PROMISES, "if one.start > begin:", "if one.start > begin > interval.start:"),
    Mutant("what was taken back still counts", PROMISES, "standing = _common(standing, [", "standing = _common([Interval(wanted.start, wanted.end)], ["),
    Mutant("a notice that was late counts", PROMISES, "        if in_time:\n", "        if said:\n"),
    Mutant("what was revoked counts", STANDING, "notice__maintenance=maintenance, revoked_at__isnull=True)", "notice__maintenance=maintenance)", ROWS),
    Mutant("what was postponed still stands", STANDING, "if window.state in TOLD_STATES and number in", "if number in", ROWS),
    Mutant(
        "one service stands for the others",
        STANDING,
        "told).get(service, [])\n",
        "told).get(service) or sum(self._pieces(customer, told).values(), [])\n",
        ROWS,
    ),
    Mutant("what joined and was never heard counts", STANDING, "if heard and any(joined", "if any(joined", JOINING),
    Mutant("a P1 that was closed long ago excuses", STANDING, "if self.excuses(piece.start) and told", "if told", ("tests/maintenance/test_bases.py",)),
    Mutant("the line is not passed on", TELLING, "starts |= set(starts_not_covered(", "starts &= set(starts_not_covered(", ROWS),
    Mutant("the customer's contract is forgotten", "maintenance/concerned.py", "max(least, own, regional)", "max(least, regional)", ROWS),
    Mutant("a breach is not recorded", NIGHTS, "    if not presumed:\n        record", "    if presumed:\n        record", ROWS),
    Mutant("the end that was announced is forgotten", NIGHTS, "window.overran_from = window.overran_from or window.end", "window.overran_from = None", ROWS),
    Mutant("a refuted P1 justifies", "maintenance/incidents.py", "None if incident.refuted_at else incident", "incident", INCIDENTS),
    Mutant(
        "a P1 that was lowered justifies until it is closed",
        "maintenance/incidents.py",
        "incident.p1_until if identified_at",
        "incident.closed_at if identified_at",
        INCIDENTS,
    ),
    Mutant("NULL is let through", "maintenance/migrations/0002_changes_and_evidence.py", '("promised_since__isnull", False),\n', "\n", FLOOR),
)
