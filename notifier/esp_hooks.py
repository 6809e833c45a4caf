"""Whose events are taken, and how it is known that they are genuine: django-anymail's own views, with our secrets and keys."""

import contextlib
import functools
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from typing import TYPE_CHECKING

from anymail.exceptions import AnymailNotSupportedWarning
from anymail.webhooks.brevo import BrevoTrackingWebhookView
from anymail.webhooks.mailersend import MailerSendTrackingWebhookView
from anymail.webhooks.mailgun import MailgunTrackingWebhookView
from anymail.webhooks.mailjet import MailjetTrackingWebhookView
from anymail.webhooks.mailtrap import MailtrapTrackingWebhookView
from anymail.webhooks.postal import PostalTrackingWebhookView
from anymail.webhooks.postmark import PostmarkTrackingWebhookView
from anymail.webhooks.resend import ResendTrackingWebhookView
from anymail.webhooks.sendgrid import SendGridTrackingWebhookView
from anymail.webhooks.sparkpost import SparkPostTrackingWebhookView
from django.conf import settings

if TYPE_CHECKING:
    from anymail.webhooks.base import AnymailCoreWebhookView

_VIEWS: dict[str, "type[AnymailCoreWebhookView]"] = {
    "brevo": BrevoTrackingWebhookView,
    "mailersend": MailerSendTrackingWebhookView,
    "mailgun": MailgunTrackingWebhookView,
    "mailjet": MailjetTrackingWebhookView,
    "mailtrap": MailtrapTrackingWebhookView,
    "postal": PostalTrackingWebhookView,
    "postmark": PostmarkTrackingWebhookView,
    "resend": ResendTrackingWebhookView,
    "sendgrid": SendGridTrackingWebhookView,
    "sparkpost": SparkPostTrackingWebhookView,
}
_KEYS = {
    "mailersend": "signing_secret",
    "mailgun": "webhook_signing_key",
    "mailtrap": "tracking_secret",
    "postal": "webhook_key",
    "resend": "signing_secret",
    "sendgrid": "tracking_webhook_verification_key",
}
"""Those that sign, with anymail's name for the key."""
_ALWAYS_SIGN = frozenset({"mailersend", "mailgun", "postal"})
"""Anymail takes their events with a signature only."""

_PACKAGES = {"postal": "cryptography", "resend": "svix", "sendgrid": "cryptography"}
"""What anymail looks at signatures with."""


class HookOffError(Exception):
    """The events of an ESP cannot be taken; the message says what is wanting."""


def views(esp: str) -> "list[AnymailCoreWebhookView]":
    """Return the views one of which must find a request genuine, ready for use by any thread; raise HookOffError where there are none."""
    return _views(esp, tuple(settings.WEBHOOK_SECRETS), tuple(settings.WEBHOOK_SIGNING_KEYS))


@functools.lru_cache(maxsize=16)
def _views(esp: str, secrets: tuple[str, ...], keys: tuple[str, ...]) -> "list[AnymailCoreWebhookView]":
    """Build a view for each key: it may be changing, and there may be a second ESP. A key that is not of this ESP's kind is left out."""
    if esp not in _VIEWS:
        raise HookOffError(f"django-anymail reads no events of {esp}")
    if esp in _KEYS and keys:
        return _signed(esp, secrets, keys)
    if esp in _ALWAYS_SIGN:
        raise HookOffError("WEBHOOK_SIGNING_KEY is not set")
    if not secrets:
        raise HookOffError("WEBHOOK_SECRETS is not set")
    return [_build(esp, webhook_secret=list(secrets))]


def _signed(esp: str, secrets: tuple[str, ...], keys: Sequence[str]) -> "list[AnymailCoreWebhookView]":
    package = _PACKAGES.get(esp)
    if package is not None and find_spec(package) is None:
        raise HookOffError(f"for signatures of {esp} the package {package} is needed, and it is not installed")
    built = []
    for key in keys:
        with contextlib.suppress(Exception):  # each library has errors of its own for what is no key, and may quote it
            built.append(_build(esp, webhook_secret=list(secrets), **{_KEYS[esp]: key}))
    if not built:
        raise HookOffError("WEBHOOK_SIGNING_KEY is no key of its kind")
    return built


def _build(esp: str, **options: object) -> "AnymailCoreWebhookView":
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", AnymailNotSupportedWarning)  # of one ESP, whose events are read all the same
        return _VIEWS[esp](**options)
