"""Post to the hooks as an ESP does, or as somebody else."""

import json
import logging
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from tests.factories import NOW, nothing_changes
from tests.notifier.delivery import esp_bodies as body

SOON = NOW + timedelta(minutes=5)


def four_esps(settings: Settings) -> None:
    """Take events of four ESPs, while the secret changes."""
    settings.WEBHOOK_ESPS = ["mailgun", "postmark", "sendgrid", "brevo"]
    settings.WEBHOOK_SECRETS, settings.WEBHOOK_SIGNING_KEYS = [body.OLD_SECRET, body.SECRET], []


def mailgun_alone(settings: Settings) -> None:
    """Take events of the one that signs, while its key changes."""
    settings.WEBHOOK_ESPS, settings.WEBHOOK_SECRETS, settings.WEBHOOK_SIGNING_KEYS = ["mailgun"], [], [body.KEY, body.OLD_KEY]


def post(esp: str, posted: object, *, secret: str | None = body.SECRET, **headers: str) -> int:
    """Post as the ESP does, or as somebody else; return the status."""
    words = posted if isinstance(posted, bytes) else json.dumps(posted)
    given = {**(body.basic(secret) if secret else {}), **headers}
    return Client(raise_request_exception=True).post(f"/hooks/{esp}/", words, content_type="application/json", headers=given).status_code


def refused(caplog: pytest.LogCaptureFixture, esp: str, posted: object, **how: Any) -> int:  # noqa: ANN401  # as ``post``
    """Post, and see that it leaves nothing but a line without a trace or a secret."""
    caplog.clear()
    with caplog.at_level(logging.DEBUG), nothing_changes():
        status = post(esp, posted, **how)
    assert [record for record in caplog.records if record.exc_info] == []
    for secret in (body.SECRET, body.OLD_SECRET, body.KEY, body.OLD_KEY, "wrong-wrong", "c0@customer", "Basic", body.basic()["Authorization"][6:]):
        assert secret not in caplog.text
    return status
