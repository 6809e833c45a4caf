"""EMAIL_URL: where mail goes. Refused by name where it is wrong, without showing what may be a password."""

from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, unquote

import environ

from notifier.env import Mail, is_server, masked, refuse, split, text, writable_folder

ESPS = {
    "brevo": ("brevo", ("BREVO_API_KEY",)),
    "mailersend": ("mailersend", ("MAILERSEND_API_TOKEN",)),
    "mailgun": ("mailgun", ("MAILGUN_API_KEY",)),
    "mailjet": ("mailjet", ("MAILJET_API_KEY", "MAILJET_SECRET_KEY")),
    "mailtrap": ("mailtrap", ("MAILTRAP_API_TOKEN",)),
    "postal": ("postal", ("POSTAL_API_KEY",)),
    "postmark": ("postmark", ("POSTMARK_SERVER_TOKEN",)),
    "resend": ("resend", ("RESEND_API_KEY",)),
    "scaleway": ("scaleway", ("SCALEWAY_SECRET_KEY", "SCALEWAY_PROJECT_ID")),
    "sendgrid": ("sendgrid", ("SENDGRID_API_KEY",)),
    "sparkpost": ("sparkpost", ("SPARKPOST_API_KEY",)),
}
"""Scheme of EMAIL_URL -> (django-anymail's backend, the settings that user name and password stand for)."""
_OURS = {"resend": "notifier.delivery.resend_esp.EmailBackend"}
"""Anymail's backend with something added."""

_ALLOWED = "smtp://user:password@host:port, smtps://..., file:///folder, or one of " + ", ".join(f"{name}://" for name in ESPS)
_SMTP_ALLOWED = "smtp://user:password@host:port?tls=true or smtps://user:password@host:port, port from 1 to 65535, with nothing else"
_TLS_ALLOWED = "after the ? only tls or starttls, once, as true, false, 1, 0, yes or no (smtps:// is TLS from the start and takes no true)"
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def mail(env: environ.Env, folder: Path) -> Mail:
    """Read EMAIL_URL; without it each mail is a file below ``folder``."""
    raw = text(env, "EMAIL_URL")
    if not raw:
        return _files(folder / "mail", shown=f"file://{folder}/mail")
    parts = split("EMAIL_URL", raw, _ALLOWED)
    scheme = parts.scheme.replace("+", "").replace("-", "")
    if scheme == "file":
        return _folder(raw, parts)
    if scheme in {"smtp", "smtps"}:
        return _smtp(raw, parts)
    if scheme in ESPS:
        return _esp(scheme, raw, parts)
    raise refuse("EMAIL_URL", masked(raw), _ALLOWED)


def _folder(raw: str, parts: SplitResult) -> Mail:
    if not raw.startswith("file:///") or parts.query or parts.fragment:
        raise refuse("EMAIL_URL", masked(raw) if "@" in raw else raw, "file:///folder with three slashes, ? and # in it percent-encoded")
    return _files(Path(unquote(parts.path)), shown=raw)


def _files(folder: Path, *, shown: str) -> Mail:
    return Mail("notifier.delivery.files.FileBackend", "file", folder=writable_folder("EMAIL_URL", folder, shown=shown))


def _smtp(raw: str, parts: SplitResult) -> Mail:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not is_server(parts.hostname) or parts.path.strip("/") or parts.fragment or bool(user) != bool(password):
        raise refuse("EMAIL_URL", masked(raw), _SMTP_ALLOWED)
    use_ssl = parts.scheme == "smtps"
    port = parts.port or (465 if use_ssl else 25)
    return Mail(
        "notifier.delivery.smtp.SmtpBackend",
        f"smtp:{parts.hostname}:{port}",
        host=parts.hostname or "",
        port=port,
        user=user,
        password=password,
        use_tls=_starttls(raw, parts.query, use_ssl=use_ssl),
        use_ssl=use_ssl,
    )


def _starttls(raw: str, query: str, *, use_ssl: bool) -> bool:
    """Read what stands after the question mark; a typing error must not send mail unencrypted."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not query:
        return False
    if len(pairs) != 1 or pairs[0][0] not in {"tls", "starttls"} or pairs[0][1].lower() not in _FLAGS:
        raise refuse("EMAIL_URL", masked(raw), _TLS_ALLOWED)
    wanted = _FLAGS[pairs[0][1].lower()]
    if wanted and use_ssl:
        raise refuse("EMAIL_URL", masked(raw), _TLS_ALLOWED)
    return wanted


def _esp(scheme: str, raw: str, parts: SplitResult) -> Mail:
    backend, names = ESPS[scheme]
    values = [unquote(parts.username or ""), unquote(parts.password or "")]
    config = dict(zip(names, values, strict=False))
    missing = [name for name, value in config.items() if not value]
    if missing:
        raise refuse("EMAIL_URL", masked(raw), f"{scheme}://KEY@ or {scheme}://KEY:SECRET@ ({', '.join(missing)} is missing)")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise refuse("EMAIL_URL", masked(raw), f"{scheme}:// with nothing after the host, key and secret percent-encoded")
    if scheme == "mailgun" and parts.hostname:
        config["MAILGUN_SENDER_DOMAIN"] = parts.hostname
    if scheme == "postal":
        if not is_server(parts.hostname):
            raise refuse("EMAIL_URL", masked(raw), "postal://KEY@host (POSTAL_API_URL is missing)")
        config["POSTAL_API_URL"] = "https://" + parts.netloc.rpartition("@")[2]
    return Mail(_OURS.get(scheme, f"anymail.backends.{backend}.EmailBackend"), f"esp:{scheme}", anymail=config)
