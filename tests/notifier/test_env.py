"""Every variable is read, checked, and refused by name."""

import stat
from collections.abc import Callable
from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from notifier import env as read


def environment(**values: str) -> environ.Env:
    """Return an environment that holds only ``values``."""
    made = environ.Env()
    made.ENVIRON = values  # type: ignore[assignment]  # any mapping of text serves
    return made


def refusal(reading: Callable[[], object]) -> str:
    """Return what is said where a value is refused; the error must carry no other one, which a traceback would show."""
    with pytest.raises(ImproperlyConfigured) as refused:
        reading()
    assert refused.value.__context__ is None
    return str(refused.value)


@pytest.mark.parametrize("value", ["9", "0", "-10", "ten", "10.5", "366", "１０", pytest.param("9" * 5000, id="5000 digits")])
def test_notice_days_below_ten_or_no_number_refused(value: str) -> None:
    """The floor of the promise cannot be configured away."""
    with pytest.raises(ImproperlyConfigured) as refused:
        read.whole(environment(NOTICE_DAYS=value), "NOTICE_DAYS", 10, least=10, most=365)
    assert str(refused.value) == f"NOTICE_DAYS={value!r} is not possible: a whole number from 10 to 365."


@pytest.mark.parametrize(("value", "days"), [("10", 10), (" 14 ", 14), ("365", 365), ("", 10)])
def test_notice_days_of_ten_or_more_taken(value: str, days: int) -> None:
    """Ten itself is allowed."""
    assert read.whole(environment(NOTICE_DAYS=value), "NOTICE_DAYS", 10, least=10, most=365) == days


def test_flag_other_than_yes_or_no_refused() -> None:
    """A typing error must not silently switch something off."""
    with pytest.raises(ImproperlyConfigured, match=r"DEBUG='maybe' is not possible: true or false\."):
        read.flag(environment(DEBUG="maybe"), "DEBUG", default=False)
    assert read.flag(environment(DEBUG="Yes"), "DEBUG", default=False) is True


def test_choice_of_another_word_refused() -> None:
    """Named with the words that are allowed; capitals do not matter, and nothing is the default."""
    words = ("office_hours", "at_once")
    refused = refusal(lambda: read.choice(environment(FIRST_NOTICE="later"), "FIRST_NOTICE", "at_once", allowed=words))
    assert refused == "FIRST_NOTICE='later' is not possible: office_hours or at_once."
    assert read.choice(environment(FIRST_NOTICE=" Office_Hours "), "FIRST_NOTICE", "at_once", allowed=words) == "office_hours"
    assert read.choice(environment(), "FIRST_NOTICE", "at_once", allowed=words) == "at_once"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        *[
            (same, same)
            for same in (
                "maintenance.example.com",
                "ftp://x.example",
                "https:",
                "https://x.example/?a=b",
                "https://x.example?",
                "https://x.example#a",
                "http://h:notaport",
                "http://h:99999",
                "http://h:0",
                "http://h:",
                "http://[::1",
                "http://[::1%25eth0]",
                "http://h h",
                "http://h/a b",
                "http://h\n.example",
                "http://my_host",
                "http://-h",
            )
        ],
        ("https://user:hush@h", "https:..."),
        ("https://user@h", "https:..."),
        ("https://user:hush@[::1", "https:..."),
        ("user:hush@h", "..."),
    ],
)
def test_site_url_that_is_no_web_address_refused(value: str, shown: str) -> None:
    """Links in mails begin with it; a password in it is not shown."""
    allowed = "an address such as https://maintenance.example.com or http://127.0.0.1:8000, without user name, password, ? and #"
    assert refusal(lambda: read.web_address(environment(SITE_URL=value), "SITE_URL", "")) == f"SITE_URL={shown!r} is not possible: {allowed}."


@pytest.mark.parametrize("value", ["http://h", "http://127.0.0.1:8000", "http://[::1]:8000", "https://x.example:8443/below"])
def test_site_url_with_or_without_port_taken(value: str) -> None:
    """Names and both kinds of IP address."""
    assert read.web_address(environment(SITE_URL=value), "SITE_URL", "") == value


def test_site_url_slash_at_the_end_dropped() -> None:
    """So that links have one slash."""
    assert read.web_address(environment(SITE_URL="https://x.example/"), "SITE_URL", "") == "https://x.example"


@pytest.mark.parametrize("host", ["http://foo", "foo/", "foo bar", "foo:8000", ".", "*.example.com", "my_host", "::1", "[127.0.0.1]", "[::1"])
def test_allowed_hosts_other_than_host_names_refused(host: str) -> None:
    """Django would take it and never find it in a request."""
    allowed = "host names without scheme, port and path, .example.com for all below it, or *, with commas between"
    found = refusal(lambda: read.allowed_hosts(environment(ALLOWED_HOSTS=f"a.example,{host}"), "http://h"))
    assert found == f"ALLOWED_HOSTS={host!r} is not possible: {allowed}."


@pytest.mark.parametrize(
    ("value", "site", "hosts"),
    [
        ("", "https://x.example:8443", ["x.example", "127.0.0.1", "localhost"]),
        (" , ", "http://[::1]:8000", ["[::1]", "127.0.0.1", "localhost"]),
        ("a.example, .b.example,*,10.0.0.1,[::1]", "https://x.example", ["a.example", ".b.example", "*", "10.0.0.1", "[::1]"]),
    ],
)
def test_allowed_hosts_read(value: str, site: str, hosts: list[str]) -> None:
    """The site's own where nothing is set, in the form in which Django compares."""
    assert read.allowed_hosts(environment(ALLOWED_HOSTS=value), site) == hosts


@pytest.mark.parametrize(
    "value", ["foo bar", "foo..bar", "-foo.example", "foo-.example", ".example", "foo.example.", "a_b.example", "a" * 64, "ü.example", "a." * 126 + "aa"]
)
def test_provider_domain_that_is_no_domain_name_refused(value: str) -> None:
    """It stands in Message-IDs."""
    allowed = "a domain name such as provider.example, in letters a to z, digits, hyphens and dots"
    found = refusal(lambda: read.domain(environment(PROVIDER_DOMAIN=value), "PROVIDER_DOMAIN", "provider.example"))
    assert found == f"PROVIDER_DOMAIN={value!r} is not possible: {allowed}."


@pytest.mark.parametrize(
    ("value", "expected"), [("", "provider.example"), (" ", "provider.example"), ("Net-1.example.com", "Net-1.example.com"), ("a" * 63, "a" * 63)]
)
def test_provider_domain_empty_is_the_default(value: str, expected: str) -> None:
    """Labels of up to 63 characters (RFC 1123, 2.1)."""
    assert read.domain(environment(PROVIDER_DOMAIN=value), "PROVIDER_DOMAIN", "provider.example") == expected


@pytest.mark.parametrize("value", ["Acme\nBcc: x", "Acme\rInc", "Acme\x00Inc", "Acme\tInc", "Acme\u2028Inc", "Acme\u202eInc", "Acme\x85Inc"])
def test_provider_name_with_control_characters_refused(value: str) -> None:
    """It stands in headers of mails."""
    found = refusal(lambda: read.one_line(environment(PROVIDER_NAME=value), "PROVIDER_NAME", "Example"))
    assert found == f"PROVIDER_NAME={value!r} is not possible: a text on one line, without control characters."


@pytest.mark.parametrize(
    ("value", "expected"), [("", "Example"), ("Ünïted 联通 & Söhne", "Ünïted 联通 & Söhne"), ("$HOME", "$HOME"), ("می\u200cشود", "می\u200cشود")]
)
def test_provider_name_taken_as_it_stands(value: str, expected: str) -> None:
    """A dollar sign names no other variable."""
    assert read.one_line(environment(PROVIDER_NAME=value), "PROVIDER_NAME", "Example") == expected


def test_database_default_is_a_file_with_immediate_transactions(tmp_path: Path) -> None:
    """SQLite in WAL mode; a writer waits for its turn at the start of the transaction, not in the middle."""
    found = read.database(environment(), tmp_path)
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", str(tmp_path / "db.sqlite3"))
    assert found["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("mysql://me:hush@db.example/x", "mysql:..."),
        ("me:hush@db.example/x", "..."),
        ("postgres://me:hush@h:notaport/db", "postgres:..."),
        ("postgres://me:hush@h:99999/db", "postgres:..."),
        ("postgres://me:hush@[::1", "postgres:..."),
        ("postgres://me:hush@h", "postgres:..."),
        ("postgresql://me:hush@h/", "postgresql:..."),
        ("postgres://me:hu/sh@h/db", "postgres:..."),
        ("sqlite:////nonexist/x", "sqlite:////nonexist/x"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///", "sqlite:///"),
        ("sqlite://:memory:", "sqlite://:memory:"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("sqlite:x", "sqlite:x"),
        ("sqlite:////tmp", "sqlite:////tmp"),
        ("sqlite:////tmp/a?mode=memory", "sqlite:////tmp/a?mode=memory"),
        ("sqlite:////tmp/a%00b", "sqlite:////tmp/a%00b"),
        ("sqlite://me:hush@h/x", "sqlite:..."),
    ],
)
def test_database_that_cannot_be_used_refused_without_showing_its_password(url: str, shown: str, tmp_path: Path) -> None:
    """A password must reach neither the terminal nor a traceback."""
    allowed = {
        "sqlite": "sqlite:////path/to/file, a file in a folder that is there and can be written",
        "postgres": "postgres://user:password@host:port/name, user name and password percent-encoded, port from 1 to 65535",
    }.get(url.split(":", 1)[0].removesuffix("ql"), "sqlite:////path/to/file or postgres://user:password@host:port/name")
    assert refusal(lambda: read.database(environment(DATABASE_URL=url), tmp_path)) == f"DATABASE_URL={shown!r} is not possible: {allowed}."


def test_database_sqlite_file_taken(tmp_path: Path) -> None:
    """Percent-encoded; a plus sign stays one."""
    assert read.database(environment(DATABASE_URL=f"sqlite:///{tmp_path}/a%20b+c.db"), tmp_path)["NAME"] == f"{tmp_path}/a b+c.db"


def test_database_postgres_taken(tmp_path: Path) -> None:
    """With percent-encoded secrets."""
    assert read.database(environment(DATABASE_URL="postgres://me:p%2Fw@db.example:5433/notifier"), tmp_path) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "notifier",
        "USER": "me",
        "PASSWORD": "p/w",
        "HOST": "db.example",
        "PORT": 5433,
        "CONN_HEALTH_CHECKS": True,
        "CONN_MAX_AGE": 60,
    }


def test_database_postgres_without_psycopg_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs embedded is installed without it."""
    monkeypatch.setattr(read, "find_spec", {"psycopg": None}.__getitem__)
    found = refusal(lambda: read.database(environment(DATABASE_URL="postgres://me:hush@h/db"), tmp_path))
    assert found == "DATABASE_URL='postgres:...' is not possible: PostgreSQL needs psycopg, which is not installed (requirements-prod.txt has it)."


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("amqp://127.0.0.1", "amqp:..."),
        ("redis://h:bad", "redis:..."),
        ("redis://:hush@h:99999/0", "redis:..."),
        ("redis://[::1", "redis:..."),
        ("redis://", "redis:..."),
        ("rediss:///0", "rediss:..."),
        ("redis://:hush@/0", "redis:..."),
        ("redis://h/zero", "redis:..."),
        ("redis:h", "..."),
        ("unix://", "unix:..."),
        ("unix://host/path", "unix:..."),
    ],
)
def test_redis_url_wrong_refused(url: str, shown: str) -> None:
    """Only Redis is a broker here, and it must have a place."""
    allowed = "redis://host:port/0, rediss://host:port/0 or unix:///path/to/socket, or nothing for embedded mode"
    assert refusal(lambda: read.redis_address(environment(REDIS_URL=url))) == f"REDIS_URL={shown!r} is not possible: {allowed}."


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", ""),
        ("redis://my_redis", "redis://my_redis"),
        ("redis://:secret@127.0.0.1:6379/1", "redis://:secret@127.0.0.1:6379/1"),
        ("rediss://[::1]:6379/", "rediss://[::1]:6379/"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
    ],
)
def test_redis_url_read_as_celery_wants_it(url: str, expected: str) -> None:
    """Celery has a name of its own for a socket."""
    assert read.redis_address(environment(REDIS_URL=url)) == expected


def test_secret_key_embedded_made_once_and_readable_by_the_owner_alone(tmp_path: Path) -> None:
    """The second start finds the first one's key."""
    first = read.secret_key(environment(), tmp_path, embedded=True)
    assert read.secret_key(environment(), tmp_path, embedded=True) == first
    assert len(first) == 64
    assert stat.S_IMODE((tmp_path / "secret_key").stat().st_mode) == 0o600


@pytest.mark.parametrize(("key", "why"), [("", "needed with DATABASE_URL or REDIS_URL"), ("short", "32 characters or more")])
def test_secret_key_missing_or_short_in_production_refused_unseen(key: str, why: str, tmp_path: Path) -> None:
    """A guessable key would open every feed."""
    with pytest.raises(ImproperlyConfigured, match=why) as refused:
        read.secret_key(environment(SECRET_KEY=key), tmp_path, embedded=False)
    assert "short" not in str(refused.value)


def test_data_dir_that_is_a_file_refused(tmp_path: Path) -> None:
    """By name, before anything is written."""
    (tmp_path / "taken").write_text("")
    with pytest.raises(ImproperlyConfigured, match=r"^DATA_DIR="):
        read.data_dir(environment(DATA_DIR=str(tmp_path / "taken")), tmp_path)


def test_data_dir_of_nobody_refused(tmp_path: Path) -> None:
    """A tilde with a name that this machine does not know."""
    with pytest.raises(ImproperlyConfigured, match=r"^DATA_DIR='~nobody-at-all/x' is not possible: a folder that can be written"):
        read.data_dir(environment(DATA_DIR="~nobody-at-all/x"), tmp_path)
