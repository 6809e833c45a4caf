"""EMAIL_URL and EMAIL_URL_FALLBACK: where mail goes. Refused by name where it is wrong, without showing what may be a password."""

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

_PROVIDERS = ", ".join(f"{name}://" for name in ESPS)
_ALLOWED = f"smtp://user:password@host:port, smtps://..., file:///folder, or one of {_PROVIDERS}"
_FALLBACK_ALLOWED = f"smtp://user:password@host:port, smtps://..., or one of {_PROVIDERS}"
_NO_FILES = "a server or a provider: mail in files would count as accepted and reach nobody"
_NOT_BEHIND_FILES = "only where EMAIL_URL is a server or a provider, too: mail that is to stay in files must never leave"
_NOT_THE_SAME = "another server, provider or account than that of EMAIL_URL"
_SMTP_ALLOWED = "smtp://user:password@host:port?tls=true or smtps://user:password@host:port, port from 1 to 65535, with nothing else"
_TLS_ALLOWED = "after the ? only tls or starttls, once, as true, false, 1, 0, yes or no (smtps:// is TLS from the start and takes no true)"
_FLAGS = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def mail(env: environ.Env, folder: Path) -> Mail:
    """Read EMAIL_URL; without it each mail is a file below ``folder``."""
    raw = text(env, "EMAIL_URL")
    if not raw:
        return _files(folder / "mail", shown=f"file://{folder}/mail")
    parts = split("EMAIL_URL", raw, _ALLOWED)
    return _folder(raw, parts) if _scheme(parts) == "file" else _elsewhere("EMAIL_URL", raw, parts, _ALLOWED)


def fallback(env: environ.Env, primary: Mail) -> Mail | None:
    """Read EMAIL_URL_FALLBACK, the way that mail takes while ``primary`` is down; None where it is not set."""
    name = "EMAIL_URL_FALLBACK"
    raw = text(env, name)
    if not raw:
        return None
    parts = split(name, raw, _FALLBACK_ALLOWED)
    if _scheme(parts) == "file":
        raise refuse(name, masked(raw), _NO_FILES)
    found = _elsewhere(name, raw, parts, _FALLBACK_ALLOWED)
    if primary.folder is not None:
        raise refuse(name, masked(raw), _NOT_BEHIND_FILES)
    if found == primary:
        raise refuse(name, masked(raw), _NOT_THE_SAME)
    return found


def _scheme(parts: SplitResult) -> str:
    return parts.scheme.replace("+", "").replace("-", "")


def _elsewhere(name: str, raw: str, parts: SplitResult, allowed: str) -> Mail:
    """Read the address of a server or a provider."""
    scheme = _scheme(parts)
    if scheme in {"smtp", "smtps"}:
        return _smtp(name, raw, parts)
    if scheme in ESPS:
        return _esp(name, scheme, raw, parts)
    raise refuse(name, masked(raw), allowed)


def _folder(raw: str, parts: SplitResult) -> Mail:
    if not raw.startswith("file:///") or parts.query or parts.fragment:
        raise refuse("EMAIL_URL", masked(raw) if "@" in raw else raw, "file:///folder with three slashes, ? and # in it percent-encoded")
    return _files(Path(unquote(parts.path)), shown=raw)


def _files(folder: Path, *, shown: str) -> Mail:
    return Mail("notifier.delivery.files.FileBackend", "file", folder=writable_folder("EMAIL_URL", folder, shown=shown))


def _smtp(name: str, raw: str, parts: SplitResult) -> Mail:
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    if not is_server(parts.hostname) or parts.path.strip("/") or parts.fragment or bool(user) != bool(password):
        raise refuse(name, masked(raw), _SMTP_ALLOWED)
    use_ssl = parts.scheme == "smtps"
    port = parts.port or (465 if use_ssl else 25)
    return Mail(
        "notifier.delivery.smtp.SmtpBackend",
        f"smtp:{parts.hostname}:{port}",
        host=parts.hostname or "",
        port=port,
        user=user,
        password=password,
        use_tls=_starttls(name, raw, parts.query, use_ssl=use_ssl),
        use_ssl=use_ssl,
    )


def _starttls(name: str, raw: str, query: str, *, use_ssl: bool) -> bool:
    """Read what stands after the question mark; a typing error must not send mail unencrypted."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not query:
        return False
    if len(pairs) != 1 or pairs[0][0] not in {"tls", "starttls"} or pairs[0][1].lower() not in _FLAGS:
        raise refuse(name, masked(raw), _TLS_ALLOWED)
    wanted = _FLAGS[pairs[0][1].lower()]
    if wanted and use_ssl:
        raise refuse(name, masked(raw), _TLS_ALLOWED)
    return wanted


def _esp(name: str, scheme: str, raw: str, parts: SplitResult) -> Mail:
    backend, names = ESPS[scheme]
    values = [unquote(parts.username or ""), unquote(parts.password or "")]
    config = dict(zip(names, values, strict=False))
    missing = [key for key, value in config.items() if not value]
    if missing:
        raise refuse(name, masked(raw), f"{scheme}://KEY@ or {scheme}://KEY:SECRET@ ({', '.join(missing)} is missing)")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise refuse(name, masked(raw), f"{scheme}:// with nothing after the host, key and secret percent-encoded")
    if scheme == "mailgun" and parts.hostname:
        config["MAILGUN_SENDER_DOMAIN"] = parts.hostname
    if scheme == "postal":
        if not is_server(parts.hostname):
            raise refuse(name, masked(raw), "postal://KEY@host (POSTAL_API_URL is missing)")
        config["POSTAL_API_URL"] = "https://" + parts.netloc.rpartition("@")[2]
    return Mail(_OURS.get(scheme, f"anymail.backends.{backend}.EmailBackend"), f"esp:{scheme}", anymail=config)
