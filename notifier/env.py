"""The environment variables that configure the program: read once, checked, and refused by name when wrong. Empty is unset.

docs/configuration.md lists them for the person who runs the program; keep both in step. EMAIL_URL is read in mail_url.py, BOUNCE_MAILBOX in bounce_url.py.
"""

import os
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from ipaddress import IPv6Address
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_email

LEAST_NOTICE_DAYS = 10
"""The promise to customers (DOMAIN.md, 1): no setting goes below it."""

_LABEL = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"(?=.{{1,253}}\Z){_LABEL}(\.{_LABEL})*")
_SCHEME = re.compile("([A-Za-z][A-Za-z0-9+.-]*)://")
_CONTROL = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
_JOINERS = {"\u200c", "\u200d"}


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


def masked(url: str) -> str:
    """Return no more of an address than its scheme: the rest may hold a password."""
    found = _SCHEME.match(url)
    return f"{found[1]}:..." if found else "..."


def text(env: environ.Env, name: str) -> str:
    """Read a value as it stands, without spaces around it; empty when it is not set."""
    return str(env.ENVIRON.get(name, "")).strip()  # env.str would take $X for the name of another variable


def whole(env: environ.Env, name: str, default: int, *, least: int, most: int) -> int:
    """Read a whole number between two bounds, both allowed."""
    raw = text(env, name) or str(default)
    if not re.fullmatch("[0-9]{1,9}", raw) or not least <= int(raw) <= most:
        raise refuse(name, raw, f"a whole number from {least} to {most}")
    return int(raw)


def flag(env: environ.Env, name: str, *, default: bool) -> bool:
    """Read yes or no."""
    raw = text(env, name).lower() or str(default).lower()
    if raw not in {"1", "0", "true", "false", "yes", "no", "on", "off"}:
        raise refuse(name, raw, "true or false")
    return raw in {"1", "true", "yes", "on"}


def choice(env: environ.Env, name: str, default: str, *, allowed: tuple[str, ...]) -> str:
    """Read one of a few words."""
    raw = text(env, name).lower() or default
    if raw not in allowed:
        raise refuse(name, raw, " or ".join(allowed))
    return raw


def one_line(env: environ.Env, name: str, default: str) -> str:
    """Read a text that stands in headers of mails: no line break, no control character."""
    raw = text(env, name) or default
    if any(unicodedata.category(character) in _CONTROL and character not in _JOINERS for character in raw):
        raise refuse(name, raw, "a text on one line, without control characters")
    return raw


def addresses(env: environ.Env, name: str) -> list[str]:
    """Read plain e-mail addresses with commas between; none where it is not set."""
    found = [address.strip() for address in text(env, name).split(",") if address.strip()]
    for address in found:
        if not _is_address(address):
            raise refuse(name, address, "plain e-mail addresses with commas between, without names")
    return list(dict.fromkeys(found))


def _is_address(raw: str) -> bool:
    try:
        validate_email(raw)
    except ValidationError:
        return False
    return True


def domain(env: environ.Env, name: str, default: str) -> str:
    """Read a domain name (RFC 1123, 2.1)."""
    raw = text(env, name) or default
    if not _DOMAIN.fullmatch(raw):
        raise refuse(name, raw, "a domain name such as provider.example, in letters a to z, digits, hyphens and dots")
    return raw


def is_host(host: str | None) -> bool:
    """Tell whether this is a domain name, an IPv4 address, or an IPv6 address without its brackets."""
    if not host or _DOMAIN.fullmatch(host):
        return bool(host)
    try:
        return IPv6Address(host).scope_id is None
    except ValueError:
        return False


def is_server(host: str | None) -> bool:
    """As ``is_host``, for servers: names in networks of containers may hold underscores."""
    return is_host((host or "").replace("_", "x"))


def split(name: str, url: str, allowed: str, *, shown: str = "") -> SplitResult:
    """Take an address apart; what cannot be one is refused, with ``shown`` (left out: its scheme alone) for the value."""
    try:
        parts = urlsplit(url)
        wrong = not url.isprintable() or parts.port == 0 or parts.netloc.endswith(":")
    except ValueError:
        wrong = True
    if wrong:  # not inside "except": its error quotes the address, and a traceback would show it
        raise refuse(name, shown or masked(url), allowed)
    return parts


def web_address(env: environ.Env, name: str, default: str) -> str:
    """Read the address that links in mails begin with, without a slash at the end."""
    raw = (text(env, name) or default).rstrip("/")
    shown = masked(raw) if "@" in raw else raw
    allowed = "an address such as https://maintenance.example.com or http://127.0.0.1:8000, without user name, password, ? and #"
    parts = split(name, raw, allowed, shown=shown)
    if parts.scheme not in {"http", "https"} or not is_host(parts.hostname) or "@" in parts.netloc or re.search(r"[?#\s]", raw):
        raise refuse(name, shown, allowed)
    return raw


def allowed_hosts(env: environ.Env, site_url: str) -> list[str]:
    """Read ALLOWED_HOSTS; without it the host of ``site_url`` and this machine."""
    hosts = [host.strip() for host in text(env, "ALLOWED_HOSTS").split(",") if host.strip()]
    for host in hosts:
        bracketed = host.startswith("[") and host.endswith("]")
        bare = host[1:-1] if bracketed else host.removeprefix(".")
        if host != "*" and (not is_host(bare) or bracketed != (":" in bare)):
            raise refuse("ALLOWED_HOSTS", host, "host names without scheme, port and path, .example.com for all below it, or *, with commas between")
    own = urlsplit(site_url).hostname or ""
    return hosts or [f"[{own}]" if ":" in own else own, "127.0.0.1", "localhost"]


def writable_folder(name: str, folder: Path, *, shown: str) -> Path:
    """Make a folder where it is not there; refuse one that cannot be made or written."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise refuse(name, shown, f"a folder that can be written ({reason})") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise refuse(name, shown, "a folder that can be written")
    return folder


def data_dir(env: environ.Env, default: Path) -> Path:
    """Read the folder for everything the program writes by itself; make it when it is not there."""
    raw = text(env, "DATA_DIR") or str(default)
    try:
        folder = Path(raw).expanduser().absolute()
    except RuntimeError as error:
        raise refuse("DATA_DIR", raw, f"a folder that can be written ({error})") from error
    return writable_folder("DATA_DIR", folder, shown=str(folder))


def database(env: environ.Env, folder: Path) -> dict[str, object]:
    """Read DATABASE_URL; without it the database is a SQLite file in ``folder``."""
    raw = text(env, "DATABASE_URL")
    scheme = raw.split(":", 1)[0]
    if scheme in {"postgres", "postgresql"}:
        return _postgres(raw)
    if raw and scheme != "sqlite":
        raise refuse("DATABASE_URL", masked(raw), "sqlite:////path/to/file or postgres://user:password@host:port/name")
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(_sqlite(raw) if raw else folder / "db.sqlite3"),
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        },
    }


def _sqlite(raw: str) -> Path:
    """Return the file: web and worker need the same one, so there is no database in memory."""
    shown = masked(raw) if "@" in raw else raw
    allowed = "sqlite:////path/to/file, a file in a folder that is there and can be written"
    parts = split("DATABASE_URL", raw, allowed, shown=shown)
    named = unquote(parts.path[1:])
    file = Path(named).absolute()
    whole_file = raw.startswith("sqlite:///") and named not in {"", ":memory:"} and named.isprintable() and not re.search("[?#]", raw)
    if not whole_file or file.is_dir() or not file.parent.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK):
        raise refuse("DATABASE_URL", shown, allowed)
    return file


def _postgres(raw: str) -> dict[str, object]:
    config: dict[str, object] = {}
    try:
        config |= environ.Env.db_url_config(raw)
    except ValueError:
        config["NAME"] = ""
    if not config["NAME"]:  # not inside "except": its error quotes the address, and a traceback would show it
        raise refuse("DATABASE_URL", masked(raw), "postgres://user:password@host:port/name, user name and password percent-encoded, port from 1 to 65535")
    if find_spec("psycopg") is None:
        raise refuse("DATABASE_URL", masked(raw), "PostgreSQL needs psycopg, which is not installed (requirements-prod.txt has it)")
    return {**config, "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 60}


def redis_address(env: environ.Env) -> str:
    """Read REDIS_URL in the form that Celery takes; empty means that the worker lives in the web process."""
    raw = text(env, "REDIS_URL")
    if not raw:
        return ""
    allowed = "redis://host:port/0, rediss://host:port/0 or unix:///path/to/socket, or nothing for embedded mode"
    parts = split("REDIS_URL", raw, allowed)
    if raw.startswith("unix:///") and parts.path != "/":
        return raw.replace("unix", "redis+socket", 1)  # Celery's name for it
    if parts.scheme not in {"redis", "rediss"} or not is_server(parts.hostname) or not re.fullmatch("(/[0-9]*)?", parts.path):
        raise refuse("REDIS_URL", masked(raw), allowed)
    return raw


def secret_key(env: environ.Env, folder: Path, *, embedded: bool) -> str:
    """Read SECRET_KEY; embedded mode makes one the first time and keeps it in ``folder``.

    Feed links are derived from it, so it must stay the same on every process and after every restart.
    """
    raw = text(env, "SECRET_KEY")
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
