"""An alert -> a mail to the planners: plain text, in the language of the settings, each time by the clocks of the work and in UTC."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.translation import pgettext

from customers.models import Contact, Region
from maintenance.states import Cause
from notifier import moments
from notifier.delivery.compose import Mail, mailbox
from notifier.delivery.contents import one_line, tag
from notifier.delivery.models import Alert, AlertKind

_MOMENTS = ("start", "end", "due", "line", "since", "ended")
"""Facts that are moments."""
_DECIDED_BY_WINDOW = (AlertKind.GO_NO_GO, AlertKind.SHORTFALL)
"""What is open is settled on the go/no-go page of its window."""


def recipients() -> list[str]:
    """Return who gets alerts: PLANNERS_EMAIL or, where it is empty, the active staff who may announce maintenance and have an address."""
    if settings.PLANNERS_EMAIL:
        return list(settings.PLANNERS_EMAIL)
    planners = get_user_model().objects.with_perm("maintenance.announce_maintenance", backend="django.contrib.auth.backends.ModelBackend")
    addresses = planners.filter(is_staff=True).exclude(email="").order_by("pk").values_list("email", flat=True)
    return list(dict.fromkeys(address for address in addresses if _is_address(address)))


def message(alert: Alert, to: Iterable[str]) -> Mail:
    """Return the mail; the same bytes at every attempt, as long as names and addresses do not change."""
    name = f"alert-{alert.made_at.astimezone(UTC):%Y%m%d%H%M%S}-{alert.pk}"
    region = _region()
    with translation.override(settings.LANGUAGE_CODE):
        shown = _shown(alert)
        return Mail(
            delivery_name=name,
            kind=f"alert-{alert.kind}",
            subject=one_line(render_to_string(f"alerts/{alert.kind}/subject.txt", shown)),
            body=render_to_string(f"alerts/{alert.kind}/body.txt", shown).strip("\n") + "\n",
            from_email=mailbox(region.sender_name, region.sender_email),
            to=list(to),
            headers={
                "Date": format_datetime(alert.made_at.astimezone(UTC)),
                "Message-ID": f"<{name}@{settings.PROVIDER_DOMAIN}>",
                "Content-Language": tag(settings.LANGUAGE_CODE),
                "Auto-Submitted": "auto-generated",
            },
        )


def _shown(alert: Alert) -> dict[str, Any]:
    """Return the context of the templates: the facts, with moments, causes and addresses in words."""
    facts: Mapping[str, Any] = alert.facts
    zone = ZoneInfo(facts.get("timezone", "UTC"))
    moment = datetime.fromisoformat(facts["start"]) if "start" in facts else None
    named = {fault["contact"] for fault in facts.get("faults", ())} | ({facts["contact"]} if "contact" in facts else set())
    addresses = dict(Contact.objects.filter(pk__in=named).values_list("pk", "email")) if named else {}
    return {
        **facts,
        "address": addresses.get(facts.get("contact", 0), ""),
        **{name: _moment(facts[name], zone) for name in _MOMENTS if name in facts},
        "when": f"{moments.short(moment, zone, settings.LANGUAGE_CODE)} {moments.offset(moment, zone)}" if moment else "",
        "title": one_line(facts.get("title", "")),
        "colon": pgettext("after a label", ":"),
        "customers": [_customer(row) for row in facts.get("customers", ())],
        "faults": [{**fault, "address": addresses.get(fault["contact"], "")} for fault in facts.get("faults", ())],
        "link": f"{settings.SITE_URL}{_page(alert.kind, facts)}",
        "provider": settings.PROVIDER_NAME,
    }


def _customer(row: Mapping[str, Any]) -> dict[str, Any]:
    cause = str(Cause(row["cause"]).label) if row.get("cause") else ""
    numbers = row.get("windows", [])
    return {**row, "cause": cause, "numbers": numbers, "windows": ", ".join(str(number) for number in numbers)}


def _moment(text: str, zone: ZoneInfo) -> dict[str, str]:
    moment, language = datetime.fromisoformat(text), settings.LANGUAGE_CODE
    in_utc = "" if zone.key in {"UTC", "Etc/UTC"} else moments.in_utc(moment, language)
    return {"local": moments.full(moment, zone, language), "utc": in_utc}


def _page(kind: str, facts: Mapping[str, Any]) -> str:
    """Return the path of the admin's page on which something can be done."""
    if "contact" in facts:
        return reverse("admin:customers_contact_change", args=[facts["contact"]])
    if kind in _DECIDED_BY_WINDOW and "window" in facts:
        return reverse("admin:desk_go_no_go", args=[facts["maintenance"], facts["window"]])
    for fact, model in (("maintenance", "maintenance"), ("report", "rootcausereport"), ("incident", "incident")):
        if fact in facts:
            return reverse(f"admin:maintenance_{model}_change", args=[facts[fact]])
    return reverse("admin:index")


def _region() -> Region:
    """Return the region whose sender signs: the first whose language alerts are in. Its address is one that mail really comes from."""
    regions = list(Region.objects.order_by("pk"))
    return next((region for region in regions if region.language == settings.LANGUAGE_CODE), regions[0])


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
