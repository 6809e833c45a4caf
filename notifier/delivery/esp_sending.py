"""What an ESP needs to carry the delivery's name, or to send a mail once only; called by django-anymail before each mail (``pre_send``)."""

import uuid

from django.core.mail import EmailMessage

_ONCE = uuid.UUID("0b3c9a52-53a1-4a4e-8f0c-6a6f6f1f2f5d")
"""The namespace of the keys: attempts to send a mail once give the same key on every machine."""


def fit(message: EmailMessage, esp_name: str, **_signal: object) -> None:
    """Change what ``compose.Mail`` carries to what the ESP takes; ``esp_name`` is anymail's name for it.

    MailerSend and Postal have no metadata, and refuse a mail that has: there the delivery's name goes as a tag, of which Postal takes one.
    Brevo takes a UUID as idempotency key, good for half an hour (developers.brevo.com, Idempotency); Resend's goes as a header of the request.
    """
    name = getattr(message, "delivery_name", "")
    if not name:
        return
    message.extra_headers.pop("idempotencyKey", None)  # of an attempt by another transport
    message.metadata = {"delivery": name}  # type: ignore[attr-defined]  # anymail's own attributes of a message
    if esp_name in {"MailerSend", "Postal"}:
        kept = [] if esp_name == "Postal" else [tag for tag in getattr(message, "tags", []) if tag != name]
        message.tags = [*kept, name]  # type: ignore[attr-defined]  # as above
        del message.metadata  # type: ignore[attr-defined]  # as above
    elif esp_name == "Brevo":
        message.extra_headers["idempotencyKey"] = str(uuid.uuid5(_ONCE, getattr(message, "once", name)))
