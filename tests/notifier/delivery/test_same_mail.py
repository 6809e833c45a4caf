"""Whether two mails say the same."""

import pytest

from notifier.delivery.same_mail import same_mail
from tests.notifier.delivery.letters import letter
from tests.notifier.delivery.mail_rows import expected


def test_other_line_breaks_are_no_difference() -> None:
    """Folded headers and soft breaks."""
    mail = expected(letter())
    assert same_mail(mail, mail.replace(b"?= <ana@", b"?=\r\n <ana@").replace(b"ser=\r\nvice", b"service").replace(b"Sessions", b"Ses=\r\nsions"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"X-Notice-Kind: announced", b"X-Notice-Kind: late"),
        (b"Ana_Lef=C3=A8vre", b"Ana_Lefevre"),
        (b"\r\nX-Notice-Kind", b"\r\nX-More: 1\r\nX-Notice-Kind"),
        (b"Sessions", b"sessions"),
        (b"text/html", b"text/plain"),
        (b"Content-Transfer-Encoding: quoted-printable", b"Content-Transfer-Encoding: 8bit"),
        (b"QkVHSU46", b"QkVHSU47"),
        (b"maintenance-MNT-2026-0001.ics", b"maintenance-MNT-2026-0002.ics"),
    ],
)
def test_anything_else_is_a_difference(old: bytes, new: bytes) -> None:
    """In a header, in a body, in the structure."""
    mail = expected(letter())
    assert old in mail
    assert not same_mail(mail, mail.replace(old, new, 1))
