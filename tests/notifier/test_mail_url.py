"""Each form of EMAIL_URL and EMAIL_URL_FALLBACK is read; what is none of them is refused by name, without secrets."""

from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from notifier.env import Mail
from notifier.mail_url import ESPS, fallback, mail

SMTP = "notifier.delivery.smtp.SmtpBackend"
OTHERS = "smtp://user:password@host:port, smtps://..., file:///folder, or one of " + ", ".join(f"{name}://" for name in ESPS)
SERVER = "smtp://user:password@host:port?tls=true or smtps://user:password@host:port, port from 1 to 65535, with nothing else"
TLS = "after the ? only tls or starttls, once, as true, false, 1, 0, yes or no (smtps:// is TLS from the start and takes no true)"
FOLDER = "file:///folder with three slashes, ? and # in it percent-encoded"


def read(url: str, folder: Path) -> Mail:
    """Read ``url`` as the only value of the environment."""
    made = environ.Env()
    made.ENVIRON = {"EMAIL_URL": url}  # type: ignore[assignment]  # any mapping of text serves
    return mail(made, folder)


def refusal(url: str, folder: Path) -> str:
    """Return what is said where a value is refused; the error must carry no other one, which a traceback would show."""
    with pytest.raises(ImproperlyConfigured) as refused:
        read(url, folder)
    assert refused.value.__context__ is None
    return str(refused.value)


@pytest.mark.parametrize("name", ["plain", "a#b?c%41 d"])
def test_mail_without_url_is_files(name: str, tmp_path: Path) -> None:
    """Nothing leaves the machine by default, whatever the folder is called."""
    assert read("", tmp_path / name) == Mail("notifier.delivery.files.FileBackend", "file", folder=tmp_path / name / "mail")


def test_mail_into_a_folder_made_where_it_is_not_there(tmp_path: Path) -> None:
    """The path is percent-encoded."""
    assert read(f"file://{tmp_path}/a/mail%20box", tmp_path) == Mail("notifier.delivery.files.FileBackend", "file", folder=tmp_path / "a" / "mail box")
    assert (tmp_path / "a" / "mail box").is_dir()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtp://127.0.0.1:2525", Mail(SMTP, "smtp:127.0.0.1:2525", host="127.0.0.1", port=2525)),
        ("smtp://[::1]:2525/", Mail(SMTP, "smtp:::1:2525", host="::1", port=2525)),
        ("smtp://mail_out", Mail(SMTP, "smtp:mail_out:25", host="mail_out", port=25)),
        (
            "smtp://a%40b:p%2Fw@mx.example?tls=true",
            Mail(SMTP, "smtp:mx.example:25", host="mx.example", port=25, user="a@b", password="p/w", use_tls=True),  # noqa: S106  # a made-up one
        ),
        ("smtp://mx.example?starttls=Yes", Mail(SMTP, "smtp:mx.example:25", host="mx.example", port=25, use_tls=True)),
        ("smtp://mx.example?tls=1", Mail(SMTP, "smtp:mx.example:25", host="mx.example", port=25, use_tls=True)),
        ("smtp://mx.example?tls=no", Mail(SMTP, "smtp:mx.example:25", host="mx.example", port=25)),
        ("smtp://mx.example?starttls=0", Mail(SMTP, "smtp:mx.example:25", host="mx.example", port=25)),
        ("smtps://mx.example", Mail(SMTP, "smtp:mx.example:465", host="mx.example", port=465, use_ssl=True)),
        ("smtps://mx.example?tls=false", Mail(SMTP, "smtp:mx.example:465", host="mx.example", port=465, use_ssl=True)),
        ("postmark://token@", Mail("anymail.backends.postmark.EmailBackend", "esp:postmark", anymail={"POSTMARK_SERVER_TOKEN": "token"})),
        (
            "mailgun://key@mg.example",
            Mail("anymail.backends.mailgun.EmailBackend", "esp:mailgun", anymail={"MAILGUN_API_KEY": "key", "MAILGUN_SENDER_DOMAIN": "mg.example"}),
        ),
        (
            "postal://key@postal.example:8443",
            Mail("anymail.backends.postal.EmailBackend", "esp:postal", anymail={"POSTAL_API_KEY": "key", "POSTAL_API_URL": "https://postal.example:8443"}),
        ),
        (
            "scaleway://key:project@",
            Mail("anymail.backends.scaleway.EmailBackend", "esp:scaleway", anymail={"SCALEWAY_SECRET_KEY": "key", "SCALEWAY_PROJECT_ID": "project"}),
        ),
    ],
)
def test_mail_url_read(url: str, expected: Mail, tmp_path: Path) -> None:
    """Each form of the documentation."""
    assert read(url, tmp_path) == expected


@pytest.mark.parametrize(
    ("url", "shown", "allowed"),
    [
        *[
            (f"smtp://h:587?{query}", "smtp:...", TLS)
            for query in ("tls=ture", "tls=", "tls", "tls=on", "ssl=true", "tls=true&x=1", "tls=true&tls=false", "tls=true&starttls=false")
        ],
        ("smtps://me:hush@h?tls=true", "smtps:...", TLS),
        ("smtp://", "smtp:...", SERVER),
        ("smtp://me:hush@", "smtp:...", SERVER),
        ("smtp://me@h", "smtp:...", SERVER),
        ("smtp://:hush@h", "smtp:...", SERVER),
        ("smtp://h h", "smtp:...", SERVER),
        ("smtp://h:587/tls=true", "smtp:...", SERVER),
        ("smtp://h#x", "smtp:...", SERVER),
        ("smtp://me:hush@mx.example:99999", "smtp:...", OTHERS),
        ("smtp://me:hush@h:5%38", "smtp:...", OTHERS),
        ("smtp://me:hush@h:0", "smtp:...", OTHERS),
        ("smtp://me:hush@h:", "smtp:...", OTHERS),
        ("smtp://me:hu/sh@h", "smtp:...", OTHERS),
        ("smtp://[::1", "smtp:...", OTHERS),
        ("carrier-pigeon://x", "carrier-pigeon:...", OTHERS),
        ("amazonses://", "amazonses:...", OTHERS),
        ("hush", "...", OTHERS),
        ("file://data/mail", "file://data/mail", FOLDER),
        ("file://", "file://", FOLDER),
        ("file:mail", "file:mail", FOLDER),
        ("file:///mail?x", "file:///mail?x", FOLDER),
        ("file://me:hush@h/mail", "file:...", FOLDER),
        ("postmark://", "postmark:...", "postmark://KEY@ or postmark://KEY:SECRET@ (POSTMARK_SERVER_TOKEN is missing)"),
        ("mailjet://hush@", "mailjet:...", "mailjet://KEY@ or mailjet://KEY:SECRET@ (MAILJET_SECRET_KEY is missing)"),
        ("postal://hush@", "postal:...", "postal://KEY@host (POSTAL_API_URL is missing)"),
        ("mailgun://hush@mg.example?region=eu", "mailgun:...", "mailgun:// with nothing after the host, key and secret percent-encoded"),
    ],
)
def test_mail_url_wrong_refused_by_name_without_secrets(url: str, shown: str, allowed: str, tmp_path: Path) -> None:
    """Above all where mail would silently go unencrypted, or elsewhere."""
    assert refusal(url, tmp_path) == f"EMAIL_URL={shown!r} is not possible: {allowed}."


@pytest.mark.parametrize("url", ["file:///proc/nope", "file:///dev/null", "file:///tmp/a%00b"])
def test_mail_folder_that_cannot_be_made_refused(url: str, tmp_path: Path) -> None:
    """At the start, not with the first mail."""
    with pytest.raises(ImproperlyConfigured) as refused:
        read(url, tmp_path)
    assert str(refused.value).startswith(f"EMAIL_URL={url!r} is not possible: a folder that can be written (")


RELAY = Mail(SMTP, "smtp:mx.example:25", host="mx.example", port=25)


def second(url: str, primary: Mail = RELAY) -> Mail | None:
    """Read ``url`` as EMAIL_URL_FALLBACK."""
    made = environ.Env()
    made.ENVIRON = {"EMAIL_URL_FALLBACK": url}  # type: ignore[assignment]  # any mapping of text serves
    return fallback(made, primary)


def test_fallback_not_set_is_none() -> None:
    assert second("") is None


@pytest.mark.parametrize("url", ["smtps://a:b@backup.example", "smtp://mx.example:587?tls=true", "postmark://token@", "mailgun://key@mg.example"])
def test_fallback_is_read_as_the_primary_is(url: str, tmp_path: Path) -> None:
    assert second(url) == read(url, tmp_path)


@pytest.mark.parametrize(
    ("url", "primary", "shown", "allowed"),
    [
        ("file:///mail", RELAY, "file:...", "a server or a provider: mail in files would count as accepted and reach nobody"),
        (
            "smtp://mx.example",
            Mail("", "file", folder=Path("mail")),
            "smtp:...",
            "only where EMAIL_URL is a server or a provider, too: mail that is to stay in files must never leave",
        ),
        ("smtp://mx.example:25", RELAY, "smtp:...", "another server, provider or account than that of EMAIL_URL"),
        ("smtp://me:hush@h?tls=ture", RELAY, "smtp:...", TLS),
        ("smtp://me@h", RELAY, "smtp:...", SERVER),
        ("postmark://", RELAY, "postmark:...", "postmark://KEY@ or postmark://KEY:SECRET@ (POSTMARK_SERVER_TOKEN is missing)"),
        ("postal://hush@", RELAY, "postal:...", "postal://KEY@host (POSTAL_API_URL is missing)"),
        ("mailgun://hush@mg.example?region=eu", RELAY, "mailgun:...", "mailgun:// with nothing after the host, key and secret percent-encoded"),
        ("hush", RELAY, "...", OTHERS.replace("file:///folder, ", "")),
        ("smtp://me:hush@h:0", RELAY, "smtp:...", OTHERS.replace("file:///folder, ", "")),
    ],
)
def test_fallback_wrong_refused_by_its_own_name_without_secrets(url: str, primary: Mail, shown: str, allowed: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        second(url, primary)
    assert str(refused.value) == f"EMAIL_URL_FALLBACK={shown!r} is not possible: {allowed}."
    assert refused.value.__context__ is None
