"""BOUNCE_ADDRESS and BOUNCE_MAILBOX are read; what is none is refused by name, without secrets."""

from pathlib import Path

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured

from notifier.bounce_url import Mailbox, bounce_address, bounce_mailbox

ANY = "file:///folder, maildir:///folder or imaps://user:password@host/INBOX"
FOLDER = "file:///folder or maildir:///folder with three slashes, ? and # in it percent-encoded, not DATA_DIR and not the folder of EMAIL_URL"
IMAP = "imaps://user:password@host:port/INBOX (imap:// only for 127.0.0.1), user name, password and mailbox of printable ASCII characters and percent-encoded"
ADDRESS = "an address such as bounces@provider.example, before the @ at most 33 letters, digits, dots, hyphens and underscores"


def given(**variables: str) -> environ.Env:
    """Return an environment with these values alone."""
    made = environ.Env()
    made.ENVIRON = variables  # type: ignore[assignment]  # any mapping of text serves
    return made


def refusal(url: str, *others: Path) -> str:
    """Return what is said where a mailbox is refused; the error must carry no other one, which a traceback would show."""
    with pytest.raises(ImproperlyConfigured) as refused:
        bounce_mailbox(given(BOUNCE_MAILBOX=url), others=others)
    assert refused.value.__context__ is None
    return str(refused.value)


@pytest.mark.parametrize("address", ["", "bounces@provider.example", "Bounce-1_x.y@mail.provider.example", f"{'b' * 33}@provider.example", "b@p.example"])
def test_bounce_address_read(address: str) -> None:
    assert bounce_address(given(BOUNCE_ADDRESS=f" {address} ")) == address


@pytest.mark.parametrize(
    "address",
    [
        "bounces",
        "@provider.example",
        "bounces@",
        "bounces@localhost",
        "b+x@provider.example",
        "-b@provider.example",
        "é@provider.example",
        "a b@provider.example",
        "a@b@provider.example",
        "bounces@pro_vider.example",
        f"{'b' * 34}@provider.example",
    ],
)
def test_bounce_address_wrong_refused_by_name(address: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        bounce_address(given(BOUNCE_ADDRESS=address))
    assert str(refused.value) == f"BOUNCE_ADDRESS={address!r} is not possible: {ADDRESS}."


def test_bounce_mailbox_is_none_without_a_url() -> None:
    assert bounce_mailbox(given(), others=()) is None


@pytest.mark.parametrize("kind", ["file", "maildir"])
def test_bounce_mailbox_in_a_folder_made_where_it_is_not_there(kind: str, tmp_path: Path) -> None:
    found = bounce_mailbox(given(BOUNCE_MAILBOX=f"{kind}://{tmp_path}/a%23b"), others=(tmp_path, None))
    assert found == Mailbox(kind, folder=tmp_path / "a#b")  # type: ignore[arg-type]  # a parameter of the test
    assert (tmp_path / "a#b").is_dir()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("imaps://me:p%2Fw@mx.example", Mailbox("imaps", host="mx.example", port=993, user="me", password="p/w", name="INBOX")),  # noqa: S106  # a made-up one
        (
            "imaps://me%40x:pw@mx.example:1993/Mail/No%20thing/",
            Mailbox("imaps", host="mx.example", port=1993, user="me@x", password="pw", name="Mail/No thing/"),  # noqa: S106  # as above
        ),
        ("imap://me:pw@127.0.0.1/INBOX", Mailbox("imap", host="127.0.0.1", port=143, user="me", password="pw", name="INBOX")),  # noqa: S106  # as above
        ("imap://me:pw@[::1]:1143", Mailbox("imap", host="::1", port=1143, user="me", password="pw", name="INBOX")),  # noqa: S106  # as above
    ],
)
def test_bounce_mailbox_on_a_server(url: str, expected: Mailbox) -> None:
    found = bounce_mailbox(given(BOUNCE_MAILBOX=url), others=())
    assert found == expected
    assert expected.password not in repr(found).replace(repr(expected.name), "")


@pytest.mark.parametrize(
    ("url", "shown", "allowed"),
    [
        ("hush", "...", ANY),
        ("pop3://me:hush@mx.example", "pop3:...", ANY),
        ("imaps://me:hush@mx.example:99999", "imaps:...", ANY),
        ("imap://me:hush@mx.example", "imap:...", IMAP),
        ("imaps://mx.example", "imaps:...", IMAP),
        ("imaps://me@mx.example", "imaps:...", IMAP),
        ("imaps://me:hush@", "imaps:...", IMAP),
        ("imaps://me:hush@h h", "imaps:...", IMAP),
        ("imaps://me:hush@mx.example?tls=no", "imaps:...", IMAP),
        ("imaps://me:hush@mx.example#x", "imaps:...", IMAP),
        ("imaps://me:hush%0D%0Ax@mx.example", "imaps:...", IMAP),
        ("imaps://me:h%C3%BCsh@mx.example", "imaps:...", IMAP),
        ("imaps://me:hush@mx.example/B%C3%B6se", "imaps:...", IMAP),
        ("file://", "file://", FOLDER),
        ("file:///", "file:///", FOLDER),
        ("file://bounces", "file://bounces", FOLDER),
        ("maildir:///bounces?x", "maildir:///bounces?x", FOLDER),
        ("maildir:///bounces#x", "maildir:///bounces#x", FOLDER),
        ("file://me:hush@h/bounces", "file:...", FOLDER),
    ],
)
def test_bounce_mailbox_wrong_refused_by_name_without_secrets(url: str, shown: str, allowed: str) -> None:
    assert refusal(url) == f"BOUNCE_MAILBOX={shown!r} is not possible: {allowed}."


def test_bounce_mailbox_that_holds_other_files_refused(tmp_path: Path) -> None:
    """Every file in it is moved, the database and sent mails as well."""
    (tmp_path / "mail").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "mail")
    for url in (f"file://{tmp_path}/mail", f"maildir://{tmp_path}/mail/../mail", f"file://{tmp_path}/link"):
        assert refusal(url, tmp_path / "other", tmp_path / "mail") == f"BOUNCE_MAILBOX={url!r} is not possible: {FOLDER}."


@pytest.mark.parametrize("url", ["file:///proc/nope", "maildir:///dev/null", "file:///tmp/a%00b"])
def test_bounce_mailbox_that_cannot_be_made_refused(url: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refused:
        bounce_mailbox(given(BOUNCE_MAILBOX=url), others=(Path("/x"),))
    assert str(refused.value).startswith(f"BOUNCE_MAILBOX={url!r} is not possible: a folder that can be written (")
