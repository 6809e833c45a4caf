"""What a notice says, as plain values: the snapshot that mails and calendars are made of."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from maintenance.states import FollowUp, Impact, Outcome, ServiceNow, WindowState


@dataclass(frozen=True)
class Interval:
    """From ``start`` to ``end``, both UTC."""

    start: datetime
    end: datetime


EVERY_WINDOW = 0
"""The window number that stands for every window without objects of its own."""


@dataclass(frozen=True)
class SaidWindow:
    """One window as told. ``previous`` is the interval told before, where it has changed; ``narrowed``: it names objects of its own.

    ``emergency``: it takes place without the full notice, for a P1; ``late``: without it and without a P1, which breaks the promise.
    ``alternate``: it is used only if the work cannot be done in the others. ``overran_from``: the end that was announced, where
    the work takes longer.
    """

    number: int
    start: datetime
    end: datetime
    state: WindowState
    sequence: int
    narrowed: bool = False
    emergency: bool = False
    previous: Interval | None = None
    late: bool = False
    alternate: bool = False
    overran_from: datetime | None = None

    @property
    def named_by(self) -> frozenset[int]:
        """The window numbers of the services (NoticeService) that it hits: its own, and ``EVERY_WINDOW`` unless it is narrowed."""
        return frozenset({self.number} if self.narrowed else {self.number, EVERY_WINDOW})


@dataclass(frozen=True)
class SaidEnding:
    """How a window ended that was not completed; ``note`` is the planner's own words."""

    outcome: Outcome
    service_now: ServiceNow
    follow_up: FollowUp
    note: str = ""


@dataclass(frozen=True)
class SaidText:
    """The planner's words in one language."""

    title: str
    impact: str
    description: str


@dataclass(frozen=True)
class Said:
    """A snapshot. ``reason`` is the planner's reason for a cancellation or a postponement, ``incident`` the P1's reference in an emergency.

    ``learned_at`` and ``supplier_notified_at`` stand in late notices: when we learned of the work, and when the supplier told us.
    ``ending`` stands in notices of work that was not completed; ``previous_impact`` and ``previous_minutes`` are what was told before,
    where they have changed. Moments are UTC.
    """

    reference: str
    impact: Impact
    expected_outage_minutes: int
    windows: tuple[SaidWindow, ...]
    texts: Mapping[str, SaidText]
    supplier: str = ""
    supplier_reference: str = ""
    incident: str = ""
    incident_title: str = ""
    reason: str = ""
    learned_at: datetime | None = None
    supplier_notified_at: datetime | None = None
    ending: SaidEnding | None = None
    previous_impact: Impact | None = None
    previous_minutes: int | None = None

    def window(self, number: int) -> SaidWindow | None:
        """Return the window of that number."""
        return next((window for window in self.windows if window.number == number), None)

    def text(self, language: str) -> tuple[SaidText, str]:
        """Return the words for a reader and the language that they are in: the reader's own, else English, else any."""
        for candidate in (language, "en", *self.texts):
            if candidate in self.texts:
                return self.texts[candidate], candidate
        return SaidText(self.reference, "", ""), language

    def to_json(self) -> dict[str, Any]:
        """Return what ``from_json`` reads: moments in ISO 8601 with offset."""

        def plain(value: Any) -> Any:  # noqa: ANN401  # any JSON value
            if isinstance(value, datetime):
                return value.isoformat()
            if isinstance(value, Mapping):
                return {key: plain(item) for key, item in value.items()}
            if isinstance(value, (list, tuple)):
                return [plain(item) for item in value]
            return value

        result: dict[str, Any] = plain(asdict(self))
        return result

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Said":
        """Return the snapshot that ``to_json`` wrote."""
        return cls(
            **{
                **data,
                "impact": Impact(data["impact"]),
                "windows": tuple(_window(item) for item in data["windows"]),
                "texts": {language: SaidText(**text) for language, text in data["texts"].items()},
                "learned_at": _moment(data.get("learned_at")),
                "supplier_notified_at": _moment(data.get("supplier_notified_at")),
                "ending": _ending(data.get("ending")),
                "previous_impact": Impact(data["previous_impact"]) if data.get("previous_impact") else None,
            },
        )


def _window(data: Mapping[str, Any]) -> SaidWindow:
    previous = data.get("previous")
    return SaidWindow(
        **{
            **data,
            "start": datetime.fromisoformat(data["start"]),
            "end": datetime.fromisoformat(data["end"]),
            "state": WindowState(data["state"]),
            "previous": previous and Interval(datetime.fromisoformat(previous["start"]), datetime.fromisoformat(previous["end"])),
            "overran_from": _moment(data.get("overran_from")),
        },
    )


def _ending(data: Mapping[str, Any] | None) -> SaidEnding | None:
    if data is None:
        return None
    return SaidEnding(Outcome(data["outcome"]), ServiceNow(data["service_now"]), FollowUp(data["follow_up"]), data.get("note", ""))


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
