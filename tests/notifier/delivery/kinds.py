"""A letter of each kind, in each language and a zone of its own, that has all that the kind can say."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from maintenance.said import Interval, SaidEnding, SaidText
from maintenance.states import FollowUp, Impact, Kind, Outcome, ServiceNow, WindowState
from notifier.delivery.letter import Letter, Told
from tests.notifier.delivery.letters import CLOCKS_CHANGE, ISSUED, NEXT_NIGHT, NIGHT, TEXTS, ZONES, letter, region, said, service, told

THIRD_NIGHT = replace(NEXT_NIGHT, number=3, start=NEXT_NIGHT.start + timedelta(days=1), end=NEXT_NIGHT.end + timedelta(days=1), alternate=True)
"""An alternate."""
MOVED = replace(NIGHT, sequence=1, previous=Interval(NIGHT.start + timedelta(hours=1), NIGHT.end - timedelta(hours=1)))
SHORTENED = replace(NIGHT, sequence=1, previous=Interval(NIGHT.start - timedelta(hours=1), NIGHT.end + timedelta(hours=2)))
RUNNING = replace(NIGHT, sequence=1, state=WindowState.IN_PROGRESS)
OVERRAN = replace(NIGHT, sequence=2, state=WindowState.IN_PROGRESS, end=NIGHT.end + timedelta(hours=2), overran_from=NIGHT.end)
NOTE = "Fault in **slot 3**.\nSpare part on its way."
REPORT = {
    language: replace(text, impact="A *filter* was wrong.\n\n- found at once\n- corrected", description="1. Filter corrected\n2. Test added")
    for language, text in TEXTS.items()
}

SAID: dict[Kind, dict[str, Any]] = {
    Kind.ANNOUNCED: {"windows": (NIGHT, NEXT_NIGHT, THIRD_NIGHT), "supplier": "carrier-one", "supplier_reference": "CHG 42"},
    Kind.JOINED: {"windows": (NIGHT,)},
    Kind.REVISED: {"windows": (MOVED, NEXT_NIGHT), "previous_impact": Impact.DEGRADED, "previous_minutes": 30},
    Kind.EASED: {"windows": (SHORTENED,), "impact": Impact.DEGRADED, "previous_impact": Impact.OUTAGE, "previous_minutes": 60},
    Kind.CORRECTED: {"windows": (replace(NIGHT, sequence=1),)},
    Kind.CANCELLED: {"windows": (replace(NIGHT, sequence=1, state=WindowState.CANCELLED),), "reason": "The spare part has not arrived."},
    Kind.POSTPONED: {
        "windows": (NIGHT, replace(NEXT_NIGHT, sequence=1, state=WindowState.POSTPONED), replace(THIRD_NIGHT, alternate=False)),
        "reason": "A storm is coming.",
    },
    Kind.EMERGENCY: {"windows": (replace(CLOCKS_CHANGE, emergency=True),), "incident": "INC-7", "incident_title": "Packet loss in the core"},
    Kind.LATE: {
        "windows": (replace(NIGHT, late=True),),
        "supplier": "carrier-one",
        "learned_at": datetime(2026, 12, 10, 8, 15, tzinfo=UTC),
        "supplier_notified_at": datetime(2026, 12, 9, 16, tzinfo=UTC),
    },
    Kind.REMINDER: {"windows": (NIGHT, NEXT_NIGHT)},
    Kind.STARTED: {"windows": (RUNNING, NEXT_NIGHT)},
    Kind.EXTENDED: {"windows": (OVERRAN, NEXT_NIGHT)},
    Kind.COMPLETED: {"windows": (replace(RUNNING, state=WindowState.COMPLETED), NEXT_NIGHT)},
    Kind.NOT_COMPLETED: {
        "windows": (replace(RUNNING, state=WindowState.NOT_COMPLETED),),
        "ending": SaidEnding(Outcome.PARTIAL, ServiceNow.DEGRADED, FollowUp.NEW_DATE, NOTE),
    },
    Kind.ROOT_CAUSE: {"reference": "INC-7", "windows": (), "expected_outage_minutes": 0, "texts": REPORT},
}
_NOTICES: dict[Kind, dict[str, Any]] = {
    Kind.POSTPONED: {"about": 2, "issued_at": datetime(2026, 12, 15, 12, tzinfo=UTC)},
    Kind.LATE: {"issued_at": datetime(2026, 12, 10, 9, tzinfo=UTC)},
    Kind.REMINDER: {"about": 1, "issued_at": datetime(2026, 12, 12, 22, tzinfo=UTC), "told_at": ISSUED},
    Kind.STARTED: {"about": 1, "issued_at": datetime(2026, 12, 14, 22, 5, tzinfo=UTC)},
    Kind.EXTENDED: {"about": 1, "issued_at": datetime(2026, 12, 15, 1, 30, tzinfo=UTC)},
    Kind.COMPLETED: {"about": 1, "issued_at": datetime(2026, 12, 15, 1, 40, tzinfo=UTC)},
    Kind.NOT_COMPLETED: {"about": 1, "issued_at": datetime(2026, 12, 15, 1, 50, tzinfo=UTC)},
    Kind.ROOT_CAUSE: {"issued_at": datetime(2026, 12, 18, 15, tzinfo=UTC)},
}


def of_kind(kind: str, language: str = "en", **changes: Any) -> Letter:  # noqa: ANN401  # any field of Said
    """Return a letter of a kind to a contact of two accounts; ``changes``: other than usual for the kind in what is said."""
    return letter(
        kind=str(kind),
        language=language,
        zone=ZoneInfo(ZONES[language]),
        said=said(**SAID[Kind(kind)] | changes),
        accounts=(
            _first(Kind(kind)),
            told("WLES100004", "Levante Health S.A.U.", services=_services(Kind(kind), "WLES100004"), office=region("es"), level="plus"),
        ),
        **_NOTICES.get(Kind(kind), {}),
    )


def texts(title: str, impact: str, description: str) -> dict[str, SaidText]:
    """Return words in English."""
    return {"en": SaidText(title, impact, description)}


def _first(kind: Kind) -> Told:
    fresh = (service("WLUK100001-VPN-03", "netpro.openvpn", fresh=True),) if kind in {Kind.REVISED, Kind.JOINED} else ()
    return told(services=(*_services(kind, "WLUK100001"), *fresh))


def _services(kind: Kind, account: str) -> tuple[Any, ...]:
    impact = Impact.DEGRADED if kind == Kind.EASED else Impact.OUTAGE
    return service(f"{account}-IPSEC-01", impact=impact), service(f"{account}-CORE-02", "data.mobile-core", impact=impact)
