"""Bounces are stored before they are marked as read; one broken mail, a slow server or a killed worker holds up and doubles nothing."""

import logging
from datetime import datetime
from pathlib import Path

import pytest
from django.db import OperationalError
from pytest_django import Settings

from customers.models import Contact
from maintenance.models import Served
from notifier.bounce_url import Mailbox
from notifier.delivery import bounce_mailbox, watch
from notifier.delivery.bounce_mailbox import read_bounces
from notifier.delivery.bounces import receipts_in
from notifier.delivery.models import Delivery, StoredReceipt
from notifier.delivery.receipt import Receipt
from tests.factories import nothing_changes
from tests.notifier.delivery.returned import BOUNCES, LATER, accepted, returned

pytestmark = pytest.mark.django_db


@pytest.fixture
def folder(settings: Settings, tmp_path: Path) -> Path:
    """The bounce mailbox: a folder of files."""
    place = tmp_path / "bounces"
    place.mkdir()
    settings.BOUNCE_ADDRESS = BOUNCES
    settings.BOUNCE_MAILBOX = Mailbox("file", folder=place)
    return place


def lying(folder: Path) -> list[str]:
    """Return where each file lies."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def stored() -> list[tuple[str, str, str]]:
    """Return what was taken in: about which mail, what it was, and what it did."""
    return list(StoredReceipt.objects.order_by("pk").values_list("delivery_name", "what", "effect"))


def test_hard_bounce_ends_the_delivery_marks_the_contact_and_revokes_served(folder: Path) -> None:
    bounced, fine = accepted(2)
    assert Served.objects.filter(revoked_at=None).count() == 2
    (folder / "1.eml").write_bytes(returned("postfix_user_unknown", bounced))
    watch.look(now=LATER)
    assert stored() == [(bounced.name, "bounced", "applied")]
    assert list(Delivery.objects.order_by("pk").values_list("state", flat=True)) == ["failed", "sent"]
    assert list(Contact.objects.filter(bounced_at__isnull=False).values_list("email", flat=True)) == [bounced.address]
    assert list(Served.objects.filter(revoked_at=None).values_list("customer__delivery", flat=True)) == [fine.pk]
    assert lying(folder) == ["done/1.eml"]


@pytest.mark.parametrize(
    ("name", "what"),
    [("office365_full", "bounced_soft"), ("postfix_delayed", "deferred"), ("postfix_given_up", "bounced_soft"), ("postfix_spam", "bounced_soft")],
)
def test_bounce_for_now_is_kept_and_changes_nothing(folder: Path, name: str, what: str) -> None:
    [delivery] = accepted()
    (folder / "1.eml").write_bytes(returned(name, delivery))
    assert read_bounces(now=LATER) == 1
    assert stored() == [(delivery.name, what, "recorded")]
    assert (Delivery.objects.get().state, Served.objects.filter(revoked_at=None).count(), Contact.objects.filter(bounced_at=None).count()) == ("sent", 1, 1)


def test_report_of_delivery_is_taken_in(folder: Path) -> None:
    [delivery] = accepted()
    (folder / "1.eml").write_bytes(returned("postfix_delivered", delivery))
    assert read_bounces(now=LATER) == 1
    assert sorted(stored()) == [(delivery.name, "delivered", "applied"), (delivery.name, "other", "recorded")]
    assert Delivery.objects.get().state == "delivered"


def test_mails_that_are_no_bounces_of_ours_are_left_for_a_person(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    [delivery] = accepted()
    caplog.set_level(logging.INFO)
    (folder / "absence.eml").write_bytes(returned("no_absence_note", delivery))
    (folder / "forged.eml").write_bytes(returned("postfix_user_unknown", delivery, sent_with=BOUNCES))
    (folder / "empty.eml").write_bytes(b"")
    with nothing_changes():
        assert read_bounces(now=LATER) == 0
    assert lying(folder) == ["other/absence.eml", "other/empty.eml", "other/forged.eml"]
    assert [record.getMessage() for record in caplog.records] == [
        "mail absence.eml in BOUNCE_MAILBOX is no bounce of ours and is left for a person",
        "mail empty.eml in BOUNCE_MAILBOX is no bounce of ours and is left for a person",
        "mail forged.eml in BOUNCE_MAILBOX is no bounce of ours and is left for a person",
    ]


def test_worker_killed_before_marking_takes_the_same_in_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [delivery] = accepted()
    (folder / "1.eml").write_bytes(returned("postfix_user_unknown", delivery))

    def killed(*_given: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("notifier.delivery.bounce_folder.Folder.done", killed)
        with pytest.raises(KeyboardInterrupt):
            read_bounces(now=LATER)
    assert (stored(), lying(folder)) == ([(delivery.name, "bounced", "applied")], ["1.eml"])
    assert read_bounces(now=LATER) == 1
    assert (stored(), lying(folder)) == ([(delivery.name, "bounced", "applied")], ["done/1.eml"])


def failing(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the first mail be one that nobody thought of."""
    first = [error]

    def read(content: bytes, *, now: datetime) -> list[Receipt]:
        if first:
            raise first.pop()
        return receipts_in(content, now=now)

    monkeypatch.setattr(bounce_mailbox, "receipts_in", read)


def test_broken_mail_holds_up_no_other(folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    [delivery] = accepted()
    for name in ("1.eml", "2.eml"):
        (folder / name).write_bytes(returned("postfix_user_unknown", delivery))
    failing(RuntimeError("broken"), monkeypatch)
    assert read_bounces(now=LATER) == 1
    assert (len(stored()), lying(folder)) == (1, ["done/2.eml", "other/1.eml"])
    assert [record.getMessage() for record in caplog.records] == ["mail 1.eml in BOUNCE_MAILBOX cannot be dealt with and is left for a person"]


def test_database_that_is_away_leaves_all_mails_for_the_next_look(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [delivery] = accepted()
    (folder / "1.eml").write_bytes(returned("postfix_user_unknown", delivery))
    failing(OperationalError("away"), monkeypatch)
    with pytest.raises(OperationalError):
        read_bounces(now=LATER)
    assert lying(folder) == ["1.eml"]
    assert read_bounces(now=LATER) == 1


def test_look_takes_so_many_mails_and_so_long_at_most(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    [delivery] = accepted()
    for number in range(5):
        (folder / f"{number}.eml").write_bytes(returned("qmail", delivery) + b"%d" % number)
    monkeypatch.setattr(bounce_mailbox, "MOST", 2)
    assert read_bounces(now=LATER) == 2
    assert lying(folder) == ["2.eml", "3.eml", "4.eml", "done/0.eml", "done/1.eml"]
    monkeypatch.setattr(bounce_mailbox, "LONGEST_SECONDS", 0)
    assert read_bounces(now=LATER) == 0


def test_mailbox_that_cannot_be_read_is_a_warning(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder.rmdir()
    assert read_bounces(now=LATER) == 0
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("WARNING", f"BOUNCE_MAILBOX cannot be read, the next look tries again: FileNotFoundError: [Errno 2] No such file or directory: '{folder}'")
    ]


def test_without_a_mailbox_nothing_is_looked_at(settings: Settings) -> None:
    assert settings.BOUNCE_MAILBOX is None
    assert read_bounces(now=LATER) == 0
