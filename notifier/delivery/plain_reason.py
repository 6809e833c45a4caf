"""An error as one readable line, for a column that planners read."""

import smtplib

MOST = 500


def plain_reason(error: BaseException) -> str:
    """Return what went wrong on one line of at most ``MOST`` characters: a server's answer with its code, else the error's text."""
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
        text = f"{error.smtp_code} {said}"
    else:
        text = f"{type(error).__name__}: {error}"
    return "".join(character if character.isprintable() else " " for character in text).strip()[:MOST] or type(error).__name__
