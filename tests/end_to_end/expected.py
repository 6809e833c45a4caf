"""What has to be received, worked out from the files alone, by the rules of data/README.md; nothing of the program is used."""

import csv
import json
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo


class Key(NamedTuple):
    """There is exactly one mail for each of these."""

    reference: str
    email: str
    language: str
    zone: str


@dataclass(frozen=True)
class Said:
    """What the mail has to say: accounts, object ids, and start and end (UTC) of each window by its number."""

    accounts: frozenset[str]
    objects: frozenset[str]
    windows: tuple[tuple[datetime, datetime], ...]


Work = dict[str, Any]
"""A piece of work as it stands in a maintenance file."""


@dataclass(frozen=True)
class Files:
    """The rows of customers.csv, contacts.csv and services.csv in one folder."""

    customers: dict[str, dict[str, str]]
    contacts: tuple[dict[str, str], ...]
    services: tuple[dict[str, str], ...]

    @classmethod
    def read(cls, folder: Path) -> "Files":
        """Read the three files."""
        customers, contacts, services = (_rows(folder / f"{name}.csv") for name in ("customers", "contacts", "services"))
        return cls({row["account"]: row for row in customers}, contacts, services)

    def mails(self, works: list[Work]) -> dict[Key, Said]:
        """Return every mail that announces the pieces of work, none of whose windows names objects of its own."""
        found: dict[Key, Said] = {}
        for work in works:
            found |= self._mails(work)
        return found

    def _mails(self, work: Work) -> dict[Key, Said]:
        objects = self.hit(work)
        accounts = defaultdict(set)
        for contact in self.contacts:
            account = contact["account"]
            if account in objects:
                customer = self.customers[account]
                key = Key(
                    work["reference"],
                    contact["email"].lower(),
                    contact["language"] or customer["language"],
                    contact["timezone"] or customer["timezone"],
                )
                accounts[key].add(account)
        windows = windows_of(work)
        return {key: Said(frozenset(of), frozenset(one for account in of for one in objects[account]), windows) for key, of in accounts.items()}

    def hit(self, work: Work) -> dict[str, set[str]]:
        """Return the object ids hit, by account."""
        hit = defaultdict(set)
        for service in self.services:
            matches = any(
                (scope["component"], scope["domain"]) == (service["component"], service["domain"]) and scope["operator"] in ("", service["operator"])
                for scope in work["scope"]
            )
            if matches and (not work.get("objects") or service["object_id"] in work["objects"]):
                hit[service["account"]].add(service["object_id"])
        return hit


def windows_of(work: Work) -> tuple[tuple[datetime, datetime], ...]:
    """Return start and end of each window in UTC."""
    zone = ZoneInfo(work["timezone"])
    return tuple((_utc(window["start"], zone), _utc(window["end"], zone)) for window in work["windows"])


def told_by_clocks(work: Work) -> bool:
    """Tell whether each start and end is one moment: on the days when clocks change some are none, and some are two."""
    zone = ZoneInfo(work["timezone"])
    return all(_once(datetime.fromisoformat(window[end]), zone) for window in work["windows"] for end in ("start", "end"))


def smallest(files: Files, works: list[Work], most: int) -> list[Work]:
    """Return the pieces of work with the fewest mails, at most four of a scope, in the order of the file."""
    chosen: list[Work] = []
    of_scope = Counter[str]()
    numbers = {work["reference"]: len(files.mails([work])) for work in works}
    for work in sorted(works, key=lambda one: (numbers[one["reference"]], one["reference"])):
        scope = json.dumps(work["scope"])
        if numbers[work["reference"]] and of_scope[scope] < 4 and len(chosen) < most:
            of_scope[scope] += 1
            chosen.append(work)
    return [work for work in works if work in chosen]


def narrowed(files: Files, work: Work) -> Work:
    """Return the piece of work for some objects only: all that hit persons with several accounts, and one account for each language read."""
    objects = files.hit(work)
    serves, read_in = defaultdict(set), dict[str, str]()
    for contact in files.contacts:
        account = contact["account"]
        if account in objects:
            serves[contact["email"].lower()].add(account)
            read_in.setdefault(contact["language"] or files.customers[account]["language"], account)
    several = {account for accounts in serves.values() if len(accounts) > 1 for account in accounts}
    return {**work, "objects": sorted(name for account in several | set(read_in.values()) for name in objects[account])}


def read_works(path: Path) -> list[Work]:
    """Read a maintenance file."""
    works: list[Work] = json.loads(path.read_text(encoding="utf-8"))
    return works


def _rows(path: Path) -> tuple[dict[str, str], ...]:
    with path.open(encoding="utf-8", newline="") as lines:
        return tuple(csv.DictReader(lines))


def _utc(wall: str, zone: ZoneInfo) -> datetime:
    return datetime.fromisoformat(wall).replace(tzinfo=zone).astimezone(UTC)


def _once(wall: datetime, zone: ZoneInfo) -> bool:
    return len({wall.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1)}) == 1
