"""Where an ESP posts its events: ``/hooks/<esp>/``. Whoever has neither secret nor signature learns and leaves nothing."""

import json
import logging
import math
import time
from collections.abc import Callable

from anymail.webhooks.base import AnymailCoreWebhookView
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt

from notifier import esp_hooks
from notifier.delivery.esp_events import receipts_of
from notifier.delivery.receipts import take_in

logger = logging.getLogger(__name__)

OLDEST_SECONDS = 2 * 24 * 3600
"""A signature older than this is refused. No sooner: ESPs try again for up to a day, and it is not certain that they sign each try anew. A replay
does nothing at any age, as the signed ids of events are kept for ever."""
AHEAD_SECONDS = 15 * 60
"""So much may our clock be behind the ESP's."""


@csrf_exempt
def hook(request: HttpRequest, esp: str) -> HttpResponse:
    """Take in the events of one ESP. 404: it is not ours, or hooks are off; 403: not genuine; 413 and 400: too large, or not to be read.

    Genuine events are answered with 200 once they are stored; after any other answer the ESP posts them again.
    """
    views = _views(esp)
    if request.method == "HEAD":
        return HttpResponse()  # some ESPs look whether somebody is there
    if request.method != "POST":
        return HttpResponseNotAllowed(["HEAD", "POST"])
    if _length(request) > settings.DATA_UPLOAD_MAX_MEMORY_SIZE:
        return HttpResponse(status=413)
    view = next((one for one in views if _is_genuine(esp, one, request)), None)
    if view is None:
        return HttpResponse(status=403)
    now = timezone.now()
    try:
        receipts = receipts_of(esp, view.parse_events(request), now=now)
    except Exception as error:  # noqa: BLE001  # whatever anymail raises for a form that it does not know; its words may quote the body
        logger.warning("an event of %s cannot be read (%s)", esp, type(error).__name__)
        return HttpResponse(status=400)
    take_in(receipts, now=now)
    return HttpResponse()


def _views(esp: str) -> list[AnymailCoreWebhookView]:
    if esp not in settings.WEBHOOK_ESPS:
        raise Http404
    try:
        return esp_hooks.views(esp)
    except esp_hooks.HookOffError as error:
        raise Http404 from error


def _length(request: HttpRequest) -> int:
    """Return the length of the body. One that has none is not read: Django gives it as empty."""
    given = request.META.get("CONTENT_LENGTH") or "0"
    return int(given[:18]) if given.isdecimal() else 0


def _is_genuine(esp: str, view: AnymailCoreWebhookView, request: HttpRequest) -> bool:
    try:
        view.run_validators(request)
        signed_at = _SIGNED_AT[esp](request) if esp in _SIGNED_AT else time.time()
    except Exception:  # noqa: BLE001  # a stranger may send anything; whatever anymail makes of it, it is not genuine
        return False
    return -AHEAD_SECONDS <= time.time() - signed_at <= OLDEST_SECONDS


def _mailgun_signed_at(request: HttpRequest) -> float:
    """In the body, which is JSON: the older form, with fields, is not taken, as its signed ones can stand there twice."""
    if request.content_type != "application/json":
        return math.nan
    return float(json.loads(request.body)["signature"]["timestamp"])


def _sendgrid_signed_at(request: HttpRequest) -> float:
    """In a header; there is none where SendGrid does not sign."""
    return float(request.headers.get("X-Twilio-Email-Event-Webhook-Timestamp", time.time()))


_SIGNED_AT: dict[str, Callable[[HttpRequest], float]] = {"mailgun": _mailgun_signed_at, "sendgrid": _sendgrid_signed_at}
"""Those whose signature covers a time; that of Resend is looked at by its own library."""
