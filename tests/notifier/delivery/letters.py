"""Letters to compose mails of: unsaved rows, so that no database is needed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from customers.models import Component, Customer, Region, Tier
from maintenance.models import Maintenance, Notice, NoticeService
from maintenance.said import Said, SaidText, SaidWindow
from maintenance.states import Impact, Kind, WindowState
from notifier.delivery.letter import Letter, Told

LANGUAGES = ("en", "es", "fr", "de", "it", "nl", "da", "nb", "zh-hans")
ZONES = {
    "en": "Europe/London",
    "es": "Atlantic/Canary",
    "fr": "Europe/Paris",
    "de": "Europe/Berlin",
    "it": "Europe/Rome",
    "nl": "America/New_York",
    "da": "Asia/Kolkata",
    "nb": "Australia/Lord_Howe",
    "zh-hans": "Asia/Shanghai",
}
"""A zone for each language of the golden mails."""

ISSUED = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
NIGHT = SaidWindow(1, datetime(2026, 12, 14, 22, tzinfo=UTC), datetime(2026, 12, 15, 2, tzinfo=UTC), WindowState.ANNOUNCED, 0)
NEXT_NIGHT = SaidWindow(2, datetime(2026, 12, 15, 22, tzinfo=UTC), datetime(2026, 12, 16, 2, tzinfo=UTC), WindowState.ANNOUNCED, 0)
CLOCKS_CHANGE = SaidWindow(1, datetime(2026, 10, 24, 14, tzinfo=UTC), datetime(2026, 10, 25, 4, tzinfo=UTC), WindowState.ANNOUNCED, 0)
"""Over the night in which Europe's clocks go back, and after Lord Howe's went forward by half an hour."""

TEXTS = {
    "en": SaidText(
        "Core router upgrade",
        "Sessions are moved to another site.",
        "We replace **two routers**.\n\n1. drain\n2. replace\n\nSee [our notes](https://provider.example/notes).",
    ),
    "es": SaidText("Actualización del núcleo", "Las sesiones se trasladan a otro sitio.", "Sustituimos **dos routers**."),
    "fr": SaidText("Mise à niveau du cœur de réseau", "Les sessions sont déplacées vers un autre site.", "Nous remplaçons **deux routeurs**."),
    "de": SaidText("Erneuerung der Kernrouter", "Sitzungen werden an einen anderen Standort verlegt.", "Wir ersetzen **zwei Router**."),
    "it": SaidText("Aggiornamento dei router centrali", "Le sessioni vengono spostate in un’altra sede.", "Sostituiamo **due router**."),
    "nl": SaidText("Vernieuwing van de kernrouters", "Sessies worden naar een andere locatie verplaatst.", "We vervangen **twee routers**."),
    "da": SaidText("Opgradering af kerneroutere", "Sessioner flyttes til et andet sted.", "Vi udskifter **to routere**."),
    "nb": SaidText("Oppgradering av kjernerutere", "Økter flyttes til et annet sted.", "Vi bytter ut **to rutere**."),
    "zh-hans": SaidText("核心路由器升级", "会话将迁移到另一个站点。", "我们更换**两台路由器**。"),
}
_OFFICES = {"uk": ("en", "Europe/London"), "es": ("es", "Europe/Madrid"), "de": ("de", "Europe/Berlin"), "cn": ("zh-hans", "Asia/Shanghai")}


def region(slug: str = "uk", **changes: Any) -> Region:  # noqa: ANN401  # any field
    """Return an unsaved region."""
    language, zone = _OFFICES[slug]
    values: dict[str, Any] = {
        "slug": slug,
        "language": language,
        "timezone": zone,
        "sender_name": "Network Operations",
        "sender_email": f"maintenance-{slug}@provider.example",
        "reply_to": f"support-{slug}@provider.example",
        "support_email": f"support-{slug}@provider.example",
        "support_phone": "+44 20 7946 0000",
    }
    return Region(**{**values, **changes})


def tier(slug: str = "standard") -> Tier:
    """Return an unsaved tier as the data migration has it."""
    return Tier(slug=slug, opens=time(8, 30) if slug == "enterprise" else time(9), closes=time(18), around_the_clock=slug != "standard")


def told(
    account: str = "WLUK100001",
    name: str = "Pennine Fleet Ltd",
    *,
    services: Sequence[NoticeService] | None = None,
    office: Region | None = None,
    level: str = "standard",
) -> Told:
    """Return an account; two services unless given."""
    customer = Customer(account=account, name=name, region=office or region(), tier=tier(level))
    rows = (service(f"{account}-IPSEC-01"), service(f"{account}-CORE-02", "data.mobile-core")) if services is None else tuple(services)
    return Told(customer, rows)


def service(object_id: str, slug: str = "netpro.ipsec", impact: Impact = Impact.OUTAGE, window: int = 0, *, fresh: bool = False) -> NoticeService:
    """Return an unsaved row of what is hit."""
    return NoticeService(object_id=object_id, component=Component(slug=slug), impact=impact, window_number=window, fresh=fresh)


def said(**changes: Any) -> Said:  # noqa: ANN401  # any field
    """Return what is said of one night in nine languages."""
    return replace(Said("MNT-2026-0001", Impact.OUTAGE, 45, (NIGHT,), TEXTS), **changes)


def letter(**changes: Any) -> Letter:  # noqa: ANN401  # any field
    """Return a letter in English that announces one night; ``about`` and ``issued_at`` are the notice's."""
    of_notice = {"about": changes.pop("about", 0), "issued_at": changes.pop("issued_at", ISSUED)}
    notice = Notice(uid=UUID("12345678123456781234567812345678"), maintenance=Maintenance(reference="MNT-2026-0001"), revision=1, **of_notice)
    values: dict[str, Any] = {
        "name": "12345678123456781234567812345678-1",
        "address": "ana@customer1.example",
        "contact_name": "Ana Lefèvre",
        "language": "en",
        "zone": ZoneInfo("Europe/London"),
        "kind": Kind.ANNOUNCED.value,
        "notice": notice,
        "said": said(),
        "accounts": (told(),),
        "feed_url": "https://maintenance.provider.example/calendar/example.ics",
    }
    return Letter(**{**values, **changes})
