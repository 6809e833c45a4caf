"""The environment variables that configure the program: read once, checked, and refused by name when wrong. Empty is unset.

docs/configuration.md lists them for the person who runs the program; keep both in step.
"""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

LEAST_NOTICE_DAYS = 10
"""The promise to customers (DOMAIN.md, 1): no setting goes below it."""

ESPS = {
    "amazonses": ("amazon_ses", ()),
    "brevo": ("brevo", ("BREVO_API_KEY",)),
    "mailersend": ("mailersend", ("MAILERSEND_API_TOKEN",)),
    "mailgun": ("mailgun", ("MAILGUN_API_KEY",)),
    "mailjet": ("mailjet", ("MAILJET_API_KEY", "MAILJET_SECRET_KEY")),
    "mailtrap": ("mailtrap", ("MAILTRAP_API_TOKEN",)),
    "postal": ("postal", ("POSTAL_API_KEY",)),
    "postmark": ("postmark", ("POSTMARK_SERVER_TOKEN",)),
    "resend": ("resend", ("RESEND_API_KEY",)),
    "scaleway": ("scaleway", ("SCALEWAY_SECRET_KEY",)),
    "sendgrid": ("sendgrid", ("SENDGRID_API_KEY",)),
    "sparkpost": ("sparkpost", ("SPARKPOST_API_KEY",)),
}
"""Scheme of EMAIL_URL -> (django-anymail's backend, the settings that user name and password stand for)."""


@dataclass(frozen=True)
class Mail:
    """Where mail goes: Django's backend, its settings, and the name that evidence calls the first hop by."""

    backend: str
    hop: str
    host: str = ""
    port: int = 0
    user: str = ""
    password: str = ""
    use_tls: bool = False
    use_ssl: bool = False
    folder: Path | None = None
    anymail: Mapping[str, str] | None = None


def refuse(name: str, value: object, allowed: str) -> ImproperlyConfigured:
    """Return the error that stops the start: which variable, what it holds, what it may hold."""
    return ImproperlyConfigured(f"{name}={value!r} is not possible: {allowed}.")


def whole(env: environ.Env, name: str, default: int, *, least: int, most: int) -> int:
    """Read a whole number between two bounds, both allowed."""
    raw = env.str(name, default="").strip() or str(default)
    if not raw.isascii() or not raw.isdigit() or not least <= int(raw) <= most:
        raise refuse(name, raw, f"a whole number from {least} to {most}")
    return int(raw)


def flag(env: environ.Env, name: str, *, default: bool) -> bool:
    """Read yes or no."""
    raw = env.str(name, default="").strip().lower() or str(default).lower()
    if raw not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        raise refuse(name, raw, "true or false")
    return raw in {"1", "true", "yes", "on"}


def web_address(env: environ.Env, name: str, default: str) -> str:
    """Read the address that links in mails begin with, without a slash at the end."""
    raw = (env.str(name, default="").strip() or default).rstrip("/")
    parts = urlsplit(raw)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise refuse(name, raw, "an address such as https://maintenance.example.com")
    return raw


def data_dir(env: environ.Env, default: Path) -> Path:
    """Read the folder for everything the program writes by itself; make it when it is not there."""
    folder = Path(env.str("DATA_DIR", default="").strip() or default).expanduser().absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise refuse("DATA_DIR", str(folder), f"a folder that can be written ({error.strerror})") from error
    if not os.access(folder, os.W_OK):
        raise refuse("DATA_DIR", str(folder), "a folder that can be written")
    return folder


def database(env: environ.Env, folder: Path) -> dict[str, object]:
    """Read DATABASE_URL; without it the database is a SQLite file in ``folder``."""
    raw = env.str("DATABASE_URL", default="").strip() or f"sqlite:///{folder / 'db.sqlite3'}"
    scheme = raw.split(":", 1)[0]
    if scheme not in {"sqlite", "postgres", "postgresql"}:
        raise refuse("DATABASE_URL", f"{scheme}:...", "sqlite:////path/to/file or postgres://user:password@host:port/name")
    config: dict[str, object] = dict(environ.Env.db_url_config(raw))
    if scheme == "sqlite":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    else:
        config["CONN_HEALTH_CHECKS"] = True
        config["CONN_MAX_AGE"] = 60
    return config


def redis_address(env: environ.Env) -> str:
    """Read REDIS_URL; empty means that the worker lives in the web process."""
    raw = env.str("REDIS_URL", default="").strip()
    if raw and urlsplit(raw).scheme not in {"redis", "rediss", "unix"}:
        raise refuse("REDIS_URL", urlsplit(raw).scheme + ":...", "redis://host:port/0, rediss:// or unix://, or nothing for embedded mode")
    return raw


def mail(env: environ.Env, folder: Path) -> Mail:
    """Read EMAIL_URL; without it each mail is a file below ``folder``."""
    raw = env.str("EMAIL_URL", default="").strip() or f"file://{folder / 'mail'}"
    parts = urlsplit(raw)
    scheme = parts.scheme.replace("+", "").replace("-", "").replace("_", "")
    if scheme == "file" and parts.path:
        return Mail("notifier.delivery.files.FileBackend", "file", folder=Path(unquote(parts.path)))
    if scheme in {"smtp", "smtps"} and parts.hostname:
        return _smtp(raw, parts)
    if scheme in ESPS:
        return _esp(scheme, parts)
    allowed = "smtp://user:password@host:port, smtps://..., file:///folder, or one of " + ", ".join(f"{name}://" for name in ESPS)
    raise refuse("EMAIL_URL", f"{parts.scheme}:...", allowed)


def _smtp(raw: str, parts: SplitResult) -> Mail:
    try:
        port = parts.port or (465 if parts.scheme == "smtps" else 25)
    except ValueError as error:
        raise refuse("EMAIL_URL", f"{parts.scheme}:...", "a port from 1 to 65535") from error
    query = parse_qs(urlsplit(raw).query)
    return Mail(
        "notifier.delivery.smtp.SmtpBackend",
        f"smtp:{parts.hostname}:{port}",
        host=parts.hostname or "",
        port=port,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        use_tls=query.get("tls", query.get("starttls", ["false"]))[0].lower() in {"1", "true", "yes"},
        use_ssl=parts.scheme == "smtps",
    )


def _esp(scheme: str, parts: SplitResult) -> Mail:
    backend, names = ESPS[scheme]
    values = [unquote(parts.username or ""), unquote(parts.password or "")]
    config = dict(zip(names, values, strict=False))
    missing = [name for name, value in config.items() if not value]
    if missing:
        raise refuse("EMAIL_URL", f"{scheme}:...", f"{scheme}://KEY@ or {scheme}://KEY:SECRET@ ({', '.join(missing)} is missing)")
    if scheme == "mailgun" and parts.hostname:
        config["MAILGUN_SENDER_DOMAIN"] = parts.hostname
    if scheme == "postal" and parts.hostname:
        config["POSTAL_API_URL"] = f"https://{parts.hostname}"
    return Mail(f"anymail.backends.{backend}.EmailBackend", f"esp:{scheme}", anymail=config)


def secret_key(env: environ.Env, folder: Path, *, embedded: bool) -> str:
    """Read SECRET_KEY; embedded mode makes one the first time and keeps it in ``folder``.

    Feed links are derived from it, so it must stay the same on every process and after every restart.
    """
    raw = env.str("SECRET_KEY", default="").strip()
    if raw:
        if len(raw) < 32:  # noqa: PLR2004  # 32 characters hold 128 bits even as hexadecimal digits
            raise refuse("SECRET_KEY", "...", "32 characters or more, as python -c 'import secrets; print(secrets.token_urlsafe(48))' prints")
        return raw
    if not embedded:
        raise refuse("SECRET_KEY", "", "needed with DATABASE_URL or REDIS_URL, and the same for every process")
    kept = folder / "secret_key"
    try:
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_text().strip()
    with os.fdopen(descriptor, "w") as file:
        made = secrets.token_urlsafe(48)
        file.write(made)
    return made
