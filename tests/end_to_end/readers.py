"""Files for a world of our own: a customer for each language and zone, and work that crosses changes of clocks."""

import csv
import json
from pathlib import Path
from typing import Any

ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe")
REGIONS = {"en": "uk", "es": "es", "fr": "fr", "de": "de", "it": "it", "nl": "nl", "da": "dk", "nb": "no", "zh-hans": "cn"}
"""A region for each language."""
TITLES = {
    "en": "New line cards",
    "es": "Nuevas tarjetas de línea",
    "fr": "Nouvelles cartes de ligne",
    "de": "Neue Leitungskarten",
    "it": "Nuove schede di linea",
    "nl": "Nieuwe lijnkaarten",
    "da": "Nye linjekort",
    "nb": "Nye linjekort på plass",
    "zh-hans": "更换线路卡",
}
REFERENCE = "NET-2026-0077"


def account_of(language: str, zone: str) -> str:
    """Return the account of the customer whose contact reads that language in that zone."""
    return f"WL{REGIONS[language].upper()}{ZONES.index(zone) + 1:06d}"


def write_customers(folder: Path) -> dict[str, Path]:
    """Write the CSV files; return them by kind. Language stands with the customer, zone with the contact; one service of two is hit."""
    customers, contacts, services = [], [], []
    for language, region in REGIONS.items():
        for zone in ZONES:
            account = account_of(language, zone)
            customers.append([account, f"Customer {account}", region, "standard", language, "UTC", 100])
            contacts.append([account, "Zoë Núñez", f"noc@{account.lower()}.example", "operations", "", zone])
            services += [[account, "netpro.ipsec", "provider", "", f"{account}-IPSEC-{number:02d}", 10] for number in (1, 2)]
            services.append([account, "netpro.openvpn", "provider", "", f"{account}-OPENVPN-03", 10])
    return {
        "customers": _write(folder / "customers.csv", ["account", "name", "region", "tier", "language", "timezone", "sim_base"], customers),
        "contacts": _write(folder / "contacts.csv", ["account", "name", "email", "role", "language", "timezone"], contacts),
        "services": _write(folder / "services.csv", ["account", "component", "domain", "operator", "object_id", "sims"], services),
    }


def work(windows: list[tuple[str, str]]) -> dict[str, Any]:
    """Return a piece of work with these windows (UTC), and a text in each language."""
    return {
        "reference": REFERENCE,
        "supplier": "",
        "supplier_reference": "",
        "scope": [{"component": "netpro.ipsec", "domain": "provider", "operator": ""}],
        "timezone": "UTC",
        "windows": [{"start": start, "end": end} for start, end in windows],
        "impact": "outage",
        "expected_outage_minutes": 20,
        "texts": {language: {"title": title, "impact": f"{title}: 20", "description": f"**{title}**"} for language, title in TITLES.items()},
    }


def write_work(folder: Path, piece: dict[str, Any]) -> Path:
    """Write the maintenance file."""
    path = folder / "maintenance.json"
    path.write_text(json.dumps([piece], ensure_ascii=False), encoding="utf-8")
    return path


def _write(path: Path, header: list[str], rows: list[list[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as lines:
        csv.writer(lines).writerows([header, *rows])
    return path
