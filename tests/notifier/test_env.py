"""Every variable is read, checked, and refused by name."""

import stat
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


@pytest.mark.parametrize("value", ["9", "0", "-10", "ten", "10.5", "366", "１０"])
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


@pytest.mark.parametrize("value", ["maintenance.example.com", "ftp://x.example", "https://", "https://x.example/?a=b"])
def test_site_url_that_is_no_web_address_refused(value: str) -> None:
    """Links in mails begin with it."""
    with pytest.raises(ImproperlyConfigured, match="SITE_URL="):
        read.web_address(environment(SITE_URL=value), "SITE_URL", "")


def test_site_url_slash_at_the_end_dropped() -> None:
    """So that links have one slash."""
    assert read.web_address(environment(SITE_URL="https://x.example/"), "SITE_URL", "") == "https://x.example"


def test_database_default_is_a_file_with_immediate_transactions(tmp_path: Path) -> None:
    """SQLite in WAL mode; a writer waits for its turn at the start of the transaction, not in the middle."""
    found = read.database(environment(), tmp_path)
    assert (found["ENGINE"], found["NAME"]) == ("django.db.backends.sqlite3", str(tmp_path / "db.sqlite3"))
    assert found["OPTIONS"] == {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    }


def test_database_other_than_the_two_refused_without_showing_its_password(tmp_path: Path) -> None:
    """A password must not reach the terminal."""
    with pytest.raises(ImproperlyConfigured) as refused:
        read.database(environment(DATABASE_URL="mysql://me:hush@db.example/x"), tmp_path)
    assert "DATABASE_URL='mysql:...'" in str(refused.value)
    assert "hush" not in str(refused.value)


def test_mail_without_url_is_files(tmp_path: Path) -> None:
    """Nothing leaves the machine by default."""
    assert read.mail(environment(), tmp_path) == read.Mail("notifier.delivery.files.FileBackend", "file", folder=tmp_path / "mail")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("file:///var/mail%20box", read.Mail("notifier.delivery.files.FileBackend", "file", folder=Path("/var/mail box"))),
        ("smtp://127.0.0.1:2525", read.Mail("notifier.delivery.smtp.SmtpBackend", "smtp:127.0.0.1:2525", host="127.0.0.1", port=2525)),
        (
            "smtp://a%40b:p%2Fw@mx.example?tls=true",
            read.Mail("notifier.delivery.smtp.SmtpBackend", "smtp:mx.example:25", host="mx.example", port=25, user="a@b", password="p/w", use_tls=True),  # noqa: S106  # a made-up one
        ),
        ("smtps://mx.example", read.Mail("notifier.delivery.smtp.SmtpBackend", "smtp:mx.example:465", host="mx.example", port=465, use_ssl=True)),
        ("postmark://token@", read.Mail("anymail.backends.postmark.EmailBackend", "esp:postmark", anymail={"POSTMARK_SERVER_TOKEN": "token"})),
        (
            "mailgun://key@mg.example",
            read.Mail("anymail.backends.mailgun.EmailBackend", "esp:mailgun", anymail={"MAILGUN_API_KEY": "key", "MAILGUN_SENDER_DOMAIN": "mg.example"}),
        ),
    ],
)
def test_mail_url_read(url: str, expected: read.Mail, tmp_path: Path) -> None:
    """Each form of the documentation."""
    assert read.mail(environment(EMAIL_URL=url), tmp_path) == expected


@pytest.mark.parametrize("url", ["carrier-pigeon://x", "smtp://", "file://", "smtp://mx.example:99999", "postmark://", "mailjet://key@"])
def test_mail_url_wrong_refused_by_name(url: str, tmp_path: Path) -> None:
    """With what is allowed, and without secrets."""
    with pytest.raises(ImproperlyConfigured, match=r"^EMAIL_URL="):
        read.mail(environment(EMAIL_URL=url), tmp_path)


def test_redis_url_of_another_kind_refused() -> None:
    """Only Redis is a broker here."""
    with pytest.raises(ImproperlyConfigured, match=r"^REDIS_URL='amqp:\.\.\.'"):
        read.redis_address(environment(REDIS_URL="amqp://127.0.0.1"))


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
