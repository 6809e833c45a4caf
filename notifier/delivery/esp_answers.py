"""What an ESP's answer says of a mail beyond that the call went through."""

from anymail.exceptions import AnymailError, AnymailRecipientsRefused, AnymailRequestsAPIError
from django.core.mail import EmailMessage

_TAKEN = frozenset({"sent", "queued"})
_NOT_TAKEN = frozenset({"failed", "invalid", "rejected"})
_REFUSED = 300


def refusal(message: EmailMessage) -> AnymailError | None:
    """Return the error that says why a mail was not taken, where anymail raises none: Mailjet and Postmark refuse mails within an answer that it reads."""
    status = getattr(message, "anymail_status", None)
    if status is None or not status.status or status.status & _TAKEN:
        return None
    response = status.esp_response
    if response is not None and response.status_code >= _REFUSED:
        return AnymailRequestsAPIError("The mail was not taken.", response=response)
    return AnymailRecipientsRefused() if status.status <= _NOT_TAKEN else None
