"""The preview: a mail as a reader would get it, with links to the other languages, zones and kinds."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from maintenance.models import Maintenance
from maintenance.states import Kind
from notifier.desk.admin.forecast import forecast
from notifier.desk.preview import Readers, kinds, preview, readers, said
from notifier.desk.shown import language_name

if TYPE_CHECKING:
    from django.contrib.admin import ModelAdmin

FRAME_ONLY = "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; frame-ancestors 'self'"
"""Content-Security-Policy: the mail stands in a sandboxed frame, which inherits this, so nothing in it is fetched from elsewhere."""


def show(admin: "ModelAdmin[Maintenance]", request: HttpRequest, pk: int) -> HttpResponse:
    """Return the page; nothing is stored."""
    if not admin.has_view_permission(request):
        raise PermissionDenied
    maintenance = get_object_or_404(Maintenance, pk=pk)
    now = timezone.now()
    possible = kinds(maintenance)
    kind = next((one for one in possible if one.value == request.GET.get("kind")), _usual(maintenance, possible, now=now))
    audience = readers(maintenance)
    chosen = next((one for one in audience if one.language == request.GET.get("language") and one.zone == request.GET.get("zone")), None)
    reader = chosen or next(iter(audience), None)
    context: dict[str, Any] = {
        "title": _("Preview of %(reference)s") % {"reference": maintenance.reference},
        "maintenance": maintenance,
        "opts": Maintenance._meta,
        "kinds": [(one.label, "?" + urlencode({"kind": one.value}), one == kind) for one in possible],
        **_choices(audience, reader, {"kind": kind.value}),
        "mail": preview(maintenance, kind, said(maintenance, kind), reader=reader, now=now) if reader else None,
        "reader": reader,
    }
    response = TemplateResponse(request, "admin/desk/preview.html", {**admin.admin_site.each_context(request), **context})
    response["Content-Security-Policy"] = FRAME_ONLY
    return response


def _usual(maintenance: Maintenance, possible: list[Kind], *, now: datetime) -> Kind:
    """Return the kind that announcing now would give."""
    if Kind.EMERGENCY in possible and Kind.ANNOUNCED in possible and forecast(maintenance, now=now).emergency:
        return Kind.EMERGENCY
    return possible[0]


def _choices(audience: Sequence[Readers], reader: Readers | None, query: dict[str, str]) -> dict[str, list[dict[str, object]]]:
    """Return links to each language, in its most frequent zone, and to each zone of the language that is shown."""
    languages = [
        {
            "query": "?" + urlencode({**query, "language": code, "zone": rows[0].zone}),
            "name": language_name(code),
            "number": sum(row.number for row in rows),
            "chosen": reader is not None and code == reader.language,
        }
        for code in dict.fromkeys(row.language for row in audience)
        if (rows := [row for row in audience if row.language == code])
    ]
    zones = [
        {"query": "?" + urlencode({**query, "language": row.language, "zone": row.zone}), "name": row.zone, "number": row.number, "chosen": row == reader}
        for row in audience
        if reader is not None and row.language == reader.language
    ]
    return {"languages": languages, "zones": zones}
