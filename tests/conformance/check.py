"""``python check.py FOLDER``: read each file with circuit-maintenance-parser and compare all that it finds with ``expected.json``.

Runs in an environment of its own (the parser needs an icalendar of before version 6), so it imports nothing of the program.
"""

import email
import json
import sys
from pathlib import Path
from typing import Any

from circuit_maintenance_parser import NotificationData, init_provider


def main(folder: Path) -> int:
    """Print what differs and how many files passed; return the exit code."""
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    files = {path.name for path in folder.iterdir()} - {"expected.json"}
    failed = sorted(files ^ set(expected))
    for name in failed:
        _tell(f"{name}: not both written and expected")
    passed = 0
    for name in sorted(files & set(expected)):
        fault = _fault(folder / name, expected[name])
        passed += not fault
        if fault:
            failed.append(name)
            _tell(f"{name}: {fault}")
    if not any(expected.values()):
        failed.append("expected.json")
        _tell("expected.json: no maintenance is expected at all")
    _tell(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


def _fault(path: Path, expected: list[dict[str, Any]]) -> str:
    """Return what is wrong with a file; nothing where all is found."""
    try:
        found = sorted((_plain(one) for one in _read(path)), key=lambda one: str(one["uid"]))
    except Exception as error:  # noqa: BLE001  # whatever the parser refuses is a fault of the file
        return f"the parser refuses it: {type(error).__name__}: {error}"
    if len(found) != len(expected):
        return f"{len(found)} found, {len(expected)} expected"
    for one, other in zip(found, expected, strict=True):
        wrong = [f"{name}: {one[name]!r} found, {other[name]!r} expected" for name in other if one[name] != other[name]]
        if wrong or one.keys() != other.keys():
            return f"{other['maintenance_id']} of {other['account']}: " + "; ".join(wrong)
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


def _tell(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
