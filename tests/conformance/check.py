"""``python check.py FOLDER``: read each file with circuit-maintenance-parser and compare all that it finds with ``expected.json``.

Runs in an environment of its own (the parser needs an icalendar of before version 6), so it imports nothing of the program.
"""

import email
import json
import sys
from collections import defaultdict
from itertools import pairwise
from pathlib import Path
from typing import Any

import icalendar
from circuit_maintenance_parser import NotificationData, init_provider


def main(folder: Path) -> int:
    """Print what differs and how much passed; return the exit code."""
    wanted = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    expected = wanted["files"]
    files = {path.name for path in folder.iterdir()} - {"expected.json"}
    faults = dict.fromkeys(files ^ set(expected), "not both written and expected")
    faults |= {name: fault for name in files & set(expected) if (fault := _fault(folder / name, expected[name]))}
    faults |= _course_faults([folder / name for name in wanted["looks"]], wanted["courses"])
    if not any(expected.values()) or not wanted["courses"]:
        faults["expected.json"] = "nothing is expected at all"
    for name, fault in sorted(faults.items()):
        _tell(f"{name}: {fault}")
    passed = len((files & set(expected)) | set(wanted["courses"])) - len(faults.keys() & (files | set(wanted["courses"])))
    _tell(f"{passed} passed, {len(faults)} failed")
    return 1 if faults else 0


def _fault(path: Path, expected: list[dict[str, Any]] | None) -> str:
    """Return what is wrong with a file; nothing where all is found. None is expected of a mail without a calendar."""
    if expected is None:
        parts = email.message_from_bytes(path.read_bytes()).walk()
        return "a calendar that is not expected" if any(part.get_content_type() == "text/calendar" for part in parts) else ""
    try:
        found = sorted((_plain(one) for one in _read(path)), key=lambda one: str(one["uid"]))
    except Exception as error:  # noqa: BLE001  # whatever the parser refuses is a fault of the file
        return f"the parser refuses it: {type(error).__name__}: {error}"
    if len(found) != len(expected):
        return f"{len(found)} found, {len(expected)} expected: {_ids(found) ^ _ids(expected)}"
    for one, other in zip(found, expected, strict=True):
        wrong = [f"{name}: {one[name]!r} found, {other[name]!r} expected" for name in other if one[name] != other[name]]
        if wrong or one.keys() != other.keys():
            return f"{other['maintenance_id']} of {other['account']}: " + "; ".join(wrong)
    return ""


def _course_faults(looks: list[Path], courses: dict[str, list[str]]) -> dict[str, str]:
    """Return what is wrong with how one feed changed from look to look, by the id of the window."""
    found = defaultdict(list)
    for look in looks:
        events = {str(event["UID"]): event for event in icalendar.Calendar.from_ical(look.read_bytes()).walk("VEVENT")}
        for one in _read(look):
            found[one.maintenance_id].append((look.stem, one, events[one.uid]))
    faults = dict.fromkeys(found.keys() ^ courses.keys(), "not both found and expected")
    for window in found.keys() & courses.keys():
        statuses = [one.status.value for _look, one, _event in found[window]]
        course = [status for number, status in enumerate(statuses) if statuses[:number][-1:] != [status]]
        if course != courses[window]:
            faults[window] = f"{' '.join(course)} found, {' '.join(courses[window])} expected"
        elif fault := _steps_fault(found[window], until=looks[-1].stem):
            faults[window] = fault
    return faults


def _steps_fault(steps: list[tuple[str, Any, Any]], *, until: str) -> str:
    """Return what is wrong between two looks: an entry keeps its UID, does not vanish, and every change of it raises SEQUENCE (RFC 5545, 3.8.7.4)."""
    if len({one.uid for _look, one, _event in steps}) > 1:
        return "more than one UID"
    if steps[-1][0] != until or int(until[-3:]) - int(steps[0][0][-3:]) != len(steps) - 1:
        return f"vanished: shown only by {[look for look, _one, _event in steps]}"
    for look, one, event in steps:
        if str(event["STATUS"]) != (one.status.value if one.status.value in ("TENTATIVE", "CANCELLED") else "CONFIRMED"):
            return f"{look}: STATUS {event['STATUS']} with {one.status.value}"
    for (_look, one, before), (look, other, after) in pairwise(steps):
        if before.to_ical() != after.to_ical() and (other.sequence <= one.sequence or other.stamp < one.stamp):
            names = [name for name in {*before, *after} if before.get(name) != after.get(name)]
            return f"{look}: {sorted(names)} changed, SEQUENCE {one.sequence} -> {other.sequence}, stamp {one.stamp} -> {other.stamp}"
    return ""


def _read(path: Path) -> list[Any]:
    raw = path.read_bytes()
    from_file = path.suffix == ".ics"
    data = NotificationData.init_from_raw("ical", raw) if from_file else NotificationData.init_from_emailmessage(email.message_from_bytes(raw))
    if data is None:
        message = "no notification"
        raise ValueError(message)
    return list(init_provider().get_maintenances(data))


def _plain(one: Any) -> dict[str, Any]:  # noqa: ANN401  # the parser's own class
    """Return the facts of a maintenance that must not be lost."""
    return {
        "provider": one.provider,
        "account": one.account,
        "maintenance_id": one.maintenance_id,
        "status": one.status.value,
        "circuits": sorted([circuit.circuit_id, circuit.impact.value] for circuit in one.circuits),
        "start": one.start,
        "end": one.end,
        "stamp": one.stamp,
        "organizer": one.organizer,
        "uid": one.uid,
        "sequence": one.sequence,
    }


def _ids(entries: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(entry["maintenance_id"], entry["account"]) for entry in entries}


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
