"""Bounce mailboxes on this machine: what is a mail, in which order, and that moving loses nothing."""

import os
from pathlib import Path

import pytest

from notifier.delivery.bounce_folder import Folder, Maildir
from notifier.delivery.mail_parts import MOST_BYTES


def lying(folder: Path) -> dict[str, bytes]:
    """Return every file below with its content."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_folder_has_whole_files_in_order(tmp_path: Path) -> None:
    for name in ("2.eml", "1", "ü.txt", ".hidden", "3.eml.part", "4.tmp"):
        (tmp_path / name).write_bytes(name.encode())
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with Folder(tmp_path) as folder:
        assert list(folder.waiting(10)) == ["1", "2.eml", "ü.txt"]
        assert list(folder.waiting(2)) == ["1", "2.eml"]
        assert folder.content("ü.txt") == "ü.txt".encode()


def test_folder_moves_what_was_read_and_what_is_for_a_person(tmp_path: Path) -> None:
    for name in ("1.eml", "2.eml", "3.eml"):
        (tmp_path / name).write_bytes(name.encode())
    with Folder(tmp_path) as folder:
        folder.done("1.eml")
        folder.aside("2.eml")
        assert list(folder.waiting(10)) == ["3.eml"]
    assert lying(tmp_path) == {"3.eml": b"3.eml", "done/1.eml": b"1.eml", "other/2.eml": b"2.eml"}


def test_folder_keeps_mails_of_the_same_name(tmp_path: Path) -> None:
    with Folder(tmp_path) as folder:
        for content in (b"first", b"second", b"third"):
            (tmp_path / "mail").write_bytes(content)
            folder.done("mail")
    assert sorted(lying(tmp_path).values()) == [b"first", b"second", b"third"]
    assert {name.rpartition("-")[2] for name in lying(tmp_path)} == {"done/mail", "mail"}


def maildir(place: Path, **mails: str) -> Maildir:
    """Return a Maildir with these mails: their base names, and below which folder with which flags each lies."""
    made = Maildir(place)
    with made:
        for base, below in mails.items():
            folder, _slash, flags = below.partition("/")
            (place / folder / f"{base}{flags}").write_bytes(base.encode())
    return made


def test_maildir_has_what_nobody_has_seen_or_flagged_in_order(tmp_path: Path) -> None:
    made = maildir(tmp_path, a5="new/", a1="cur/:2,", a2="cur/:2,S", a3="cur/:2,F", a4="cur/:2,R", a0="tmp/", a6="new/:1,S")
    with made as opened:
        assert list(opened.waiting(10)) == ["cur/a1:2,", "cur/a4:2,R", "new/a5", "new/a6:1,S"]
        assert list(opened.waiting(1)) == ["cur/a1:2,"]
        assert opened.content("new/a5") == b"a5"


def test_maildir_marks_what_was_read_as_seen_and_what_is_for_a_person_as_flagged(tmp_path: Path) -> None:
    made = maildir(tmp_path, a1="new/", a2="cur/:2,R", a3="new/", a4="cur/:2,DR")
    with made as opened:
        opened.done("new/a1")
        opened.done("cur/a2:2,R")
        opened.aside("new/a3")
        opened.aside("cur/a4:2,DR")
        assert list(opened.waiting(10)) == []
    assert lying(tmp_path) == {"cur/a1:2,S": b"a1", "cur/a2:2,RS": b"a2", "cur/a3:2,F": b"a3", "cur/a4:2,DFR": b"a4"}


@pytest.mark.parametrize(("kind", "key"), [(Folder, "gone"), (Maildir, "new/gone")])
def test_mail_that_another_worker_has_moved_is_nobodys_trouble(kind: type[Folder] | type[Maildir], key: str, tmp_path: Path) -> None:
    with kind(tmp_path) as opened:
        assert opened.content(key) is None
        opened.done(key)
        opened.aside(key)
    assert lying(tmp_path) == {}


@pytest.mark.parametrize("kind", [Folder, Maildir])
def test_mail_that_is_huge_is_read_in_part(kind: type[Folder] | type[Maildir], tmp_path: Path) -> None:
    with kind(tmp_path) as opened:
        (tmp_path / "huge").write_bytes(b"x" * (MOST_BYTES + 1))
        assert opened.content("huge") == b"x" * MOST_BYTES


def test_mail_that_cannot_be_read_is_left_where_it_is(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "folder").mkdir()  # as good as a file without the right to read it, which root may all the same
    with Folder(tmp_path) as opened:
        assert opened.content("folder") is None
    assert [record.getMessage() for record in caplog.records] == [
        f"a mail in BOUNCE_MAILBOX cannot be read: [Errno 21] Is a directory: '{tmp_path / 'folder'}'"
    ]
