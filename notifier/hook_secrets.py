"""WEBHOOK_SECRETS and WEBHOOK_SIGNING_KEY: by what an ESP's events are known to be genuine. Refused by name, and never shown."""

import environ

from notifier.env import refuse, text

LEAST_SECRET = 16
"""Characters."""
_SECRETS_ALLOWED = f"user:password, or two with a comma between; passwords of {LEAST_SECRET} ASCII characters or more, without spaces and commas"
_KEYS_ALLOWED = f"the key that the ESP shows, on one line without BEGIN and END, or two with a comma between; {LEAST_SECRET} ASCII characters or more"


def webhook_secrets(env: environ.Env) -> list[str]:
    """Read WEBHOOK_SECRETS: user:password pairs with commas between, any of which an ESP may show; none where it is not set."""
    found = [pair.strip() for pair in text(env, "WEBHOOK_SECRETS").split(",") if pair.strip()]
    for pair in found:
        user, _colon, password = pair.partition(":")
        if not user or len(password) < LEAST_SECRET or not _is_visible(pair):
            raise refuse("WEBHOOK_SECRETS", "...", _SECRETS_ALLOWED)
    return found


def webhook_signing_keys(env: environ.Env) -> list[str]:
    """Read WEBHOOK_SIGNING_KEY: the key by which an ESP signs its events, or two with a comma between while they change."""
    found = [key.strip() for key in text(env, "WEBHOOK_SIGNING_KEY").split(",") if key.strip()]
    if any(len(key) < LEAST_SECRET or not _is_visible(key) for key in found):
        raise refuse("WEBHOOK_SIGNING_KEY", "...", _KEYS_ALLOWED)
    return found


def _is_visible(secret: str) -> bool:
    """Tell whether it has only what a header can carry: ASCII without spaces."""
    return secret.isascii() and secret.isprintable() and " " not in secret
