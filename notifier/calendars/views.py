"""Serve the feeds; the address is the only key, so nothing here may end up in a log, a cache or a search engine."""

import hashlib
from datetime import UTC

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from notifier.calendars import bodies, feeds, ics


@csrf_exempt  # nothing is ever changed here; other methods get their 405, not a 403
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponseBase:
    """Return the feed of a token; an unknown and a rotated one are the same 404. Nothing is written."""
    found = feeds.find(token)
    if found is None:
        raise Http404
    calendar = bodies.published(found, now=timezone.now().astimezone(UTC))
    body = ics.write(calendar)
    response = HttpResponse(body, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = 'inline; filename="maintenance.ics"'
    response["Cache-Control"] = "private, max-age=300"
    response["ETag"] = f'"{hashlib.sha256(body).hexdigest()}"'
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    if calendar.entries:
        response["Last-Modified"] = http_date(max(entry.stamp for entry in calendar.entries).timestamp())
    # Compared by ETag alone: an entry that grows too old changes the body without a later stamp.
    answer = get_conditional_response(request, etag=response["ETag"], response=response) or response
    answer["Content-Language"] = ics.tag(calendar.language)
    return answer
