"""Resend, with its idempotency key: of two posts about one delivery within a day it sends one (resend.com/docs, Idempotency Keys)."""

from typing import Any

from anymail.backends.resend import EmailBackend as AnymailBackend


class EmailBackend(AnymailBackend):
    """The key is ``Mail.once``, the same for every attempt; where a person has a mail sent again it is another, or nothing would be sent."""

    def build_message_payload(self, message: Any, defaults: Any) -> Any:  # noqa: ANN401  # anymail's own, without types
        """Add the header to anymail's."""
        payload = super().build_message_payload(message, defaults)  # type: ignore[no-untyped-call]  # as above
        if getattr(message, "delivery_name", ""):
            payload.headers["Idempotency-Key"] = message.once
        return payload
