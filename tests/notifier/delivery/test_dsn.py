"""What real servers send back, file by file; what is no bounce; and that nothing anybody writes is an error."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifier.delivery.dsn import Bounce, Recipient, bounce_in
from notifier.delivery.receipt import LONGEST_REASON, What

FILES = Path(__file__).parents[2] / "data" / "dsn"
NOC = "noc@customer.example"
VERP = ("bounces+ya-abcdefghijklmnop@provider.example",)
FORWARDED = ("bounces@provider.example", *VERP)
NAME = "5f2d0c6b9a7e4c31b8d4e0f1a2b3c4d5-1234"
ID = f"{NAME}@provider.example"
UTC = "Sun, 22 Nov 2026 09:31:02 +0000"
BERLIN = "Sun, 22 Nov 2026 10:31:02 +0100"
GMAIL = "Sun, 22 Nov 2026 01:31:01 -0800 (PST)"


def failed(status: str, diagnostic: str, address: str = NOC) -> Recipient:
    """Return a recipient that the mail did not reach."""
    return Recipient(address, "failed", status, diagnostic)


def postfix(*recipients: Recipient) -> Bounce:
    """Return what every report of Postfix has."""
    return Bounce(recipients, ID, "", FORWARDED, f"{UTC} (UTC)")


def other(*recipients: Recipient, date: str = UTC, to: tuple[str, ...] = VERP) -> Bounce:
    """Return what the others' reports have."""
    return Bounce(recipients, ID, "", to, date)


BOUNCES = {
    "broken_groups_base64": other(
        failed("5.2.1", "550 5.2.1 The account is disabled, ask the office of customer.example 550 5.2.1 again"),
        failed("5.1.1", "", ""),
        date="",
    ),
    "exchange_not_found": other(
        failed("5.1.10", f"550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient {NOC} not found by SMTP address lookup"),
    ),
    "exim_report": other(failed("5.1.1", f"550 5.1.1 <{NOC}>: no such person")),
    "exim_text": other(
        failed(
            "5.0.0",
            f"(generated from all@customer.example) SMTP error from remote mail server after RCPT TO:<{NOC}>: "
            "host inside.customer.example [192.0.2.26]: 550 unknown user",
        ),
        failed("5.0.0", "retry timeout exceeded", "old@customer.example"),
        date=BERLIN,
    ),
    "expanded": Bounce((Recipient(NOC, "expanded", "2.1.5", ""),), "", "", VERP, UTC),
    "global": other(failed("5.1.1", "550 5.1.1 没有这个用户", "运维@customer.example")),
    "gmail_full": other(
        failed(
            "5.2.2",
            "552-5.2.2 The recipient's inbox is out of storage space and inactive. Please 552-5.2.2 direct the recipient to "
            "552 5.2.2 https://support.gmail.example/mail/?p=OverQuotaPerm q15si1 - gsmtp",
        ),
        date=GMAIL,
        to=FORWARDED,
    ),
    "gmail_not_found": other(
        failed(
            "5.1.1",
            "550-5.1.1 The email account that you tried to reach does not exist. Please try 550-5.1.1 double-checking the recipient's email address "
            "for typos or 550-5.1.1 unnecessary spaces. For more information, go to 550 5.1.1 https://support.gmail.example/mail/?p=NoSuchUser q15si1 - gsmtp",
        ),
        date=GMAIL,
        to=FORWARDED,
    ),
    "latin1_no_status": other(failed("5.0.0", "550 Boîte aux lettres inconnue à cette adresse !"), date=BERLIN),
    "office365_edge": other(
        failed("5.4.1", "550 5.4.1 Recipient address rejected: Access denied. AS(201806281) [DB5EUR01FT001.eop-EUR01.prod.protection.outlook.example]"),
    ),
    "office365_full": other(
        failed(
            "5.2.2",
            "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException.MapiExceptionShutoffQuotaExceeded; "
            "Failed to process message due to a permanent exception",
        ),
    ),
    "office365_group_closed": other(
        failed(
            "5.7.133",
            "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required; "
            "Delivery restriction check failed because the sender was not authenticated",
        ),
    ),
    "postfix_delayed": postfix(
        Recipient(
            NOC,
            "delayed",
            "4.2.0",
            f"450 4.2.0 <{NOC}>: Recipient address rejected: Greylisted, see https://postgrey.example/help/customer.example",
        ),
    ),
    "postfix_delivered": postfix(
        Recipient(NOC, "relayed", "2.0.0", "250 2.0.0 Ok: queued as 7A1"),
        Recipient("stored@customer.example", "delivered", "2.0.0", "delivered to maildir"),
    ),
    "postfix_given_up": postfix(failed("4.4.1", "connect to mx.customer.example[192.0.2.25]:25: Connection timed out")),
    "postfix_host_not_found": postfix(
        failed("5.4.4", "Host or domain name not found. Name service error for name=customer.example type=A: Host not found"),
    ),
    "postfix_no_enhanced_code": postfix(failed("5.0.0", f"550 {NOC}... we do not know that one")),
    "postfix_spam": postfix(failed("5.0.0", "550 High probability of spam, see https://filter.example/?ip=192.0.2.7")),
    "postfix_too_big": postfix(failed("5.3.4", "552 5.3.4 Message size exceeds fixed limit")),
    "postfix_user_unknown": postfix(failed("5.1.1", f"550 5.1.1 <{NOC}>: Recipient address rejected: User unknown in virtual mailbox table")),
    "qmail": other(
        failed("5.1.1", "Sorry, no mailbox here by that name. (#5.1.1)"),
        failed(
            "4.2.2",
            "192.0.2.26 does not like recipient. Remote host said: 452 4.2.2 mailbox full "
            "I'm not going to try again; this message has been in the queue too long.",
            "desk@customer.example",
        ),
        date="22 Nov 2026 09:31:02 -0000",
    ),
    "sendmail": Bounce(
        (failed("5.1.1", "user unknown"), Recipient("desk@customer.example", "delayed", "4.4.2", "421 4.4.2 dropped by inside.customer.example")),
        ID,
        NAME,
        VERP,
        BERLIN,
    ),
}
HARD, SOFT = What.BOUNCED_HARD, What.BOUNCED_SOFT
WHAT = {
    "broken_groups_base64": [HARD, HARD],
    "exchange_not_found": [HARD],
    "exim_report": [HARD],
    "exim_text": [HARD, SOFT],
    "expanded": [What.OTHER],
    "global": [HARD],
    "gmail_full": [SOFT],
    "gmail_not_found": [HARD],
    "latin1_no_status": [HARD],
    "office365_edge": [HARD],
    "office365_full": [SOFT],
    "office365_group_closed": [SOFT],
    "postfix_delayed": [What.DEFERRED],
    "postfix_delivered": [What.OTHER, What.DELIVERED],
    "postfix_given_up": [SOFT],
    "postfix_host_not_found": [HARD],
    "postfix_no_enhanced_code": [HARD],
    "postfix_spam": [SOFT],
    "postfix_too_big": [SOFT],
    "postfix_user_unknown": [HARD],
    "qmail": [HARD, SOFT],
    "sendmail": [HARD, What.DEFERRED],
}


def content(name: str) -> bytes:
    """Return one of the files."""
    return (FILES / f"{name}.eml").read_bytes()


def test_every_file_is_either_a_bounce_that_is_expected_or_none() -> None:
    names = sorted(path.stem for path in FILES.glob("*.eml") if not path.stem.startswith("no_"))
    assert names == sorted(BOUNCES) == sorted(WHAT)


@pytest.mark.parametrize("name", sorted(BOUNCES))
def test_bounce_is_read_whole(name: str) -> None:
    assert bounce_in(content(name)) == BOUNCES[name]


@pytest.mark.parametrize("name", sorted(WHAT))
def test_bounce_means(name: str) -> None:
    assert [recipient.what for recipient in BOUNCES[name].recipients] == WHAT[name]


@pytest.mark.parametrize("name", sorted(path.stem for path in FILES.glob("no_*.eml")))
def test_mail_that_is_no_bounce_is_none(name: str) -> None:
    assert bounce_in(content(name)) is None


@pytest.mark.parametrize("name", sorted(BOUNCES))
@pytest.mark.parametrize("ends", [b"\n", b"\r\n", b"\r"])
def test_bounce_with_any_line_ends_is_read_the_same(name: str, ends: bytes) -> None:
    if name != "broken_groups_base64" or ends != b"\r":
        assert bounce_in(content(name).replace(b"\r\n", b"\n").replace(b"\n", ends)) == BOUNCES[name]


def test_bounce_with_a_huge_mail_behind_is_read_all_the_same() -> None:
    huge = content("postfix_user_unknown").replace(b"\n--2B9F61E8.1795340000/mx.provider.example--", b"\nx" * 5_000_000)
    assert bounce_in(huge) == BOUNCES["postfix_user_unknown"]


HOSTILE = {
    "parts in parts": b"".join(b"Content-Type: multipart/report; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(20_000)),
    "many parts": b"Content-Type: multipart/report; boundary=b\n\n" + b"--b\nContent-Type: message/delivery-status\n\nStatus: 5.1.1\n" * 20_000,
    "many groups": b"Content-Type: message/delivery-status\n\n" + b"Final-Recipient: rfc822;a@b.example\nAction: failed\n\n" * 20_000,
    "long header": b"Content-Type: multipart/report; boundary=" + b";=" * 400_000,
    "many folds": b"Subject: x\n" + b" \n" * 400_000,
    "encoded words": b"Content-Type: message/delivery-status\n\nAction: failed\nDiagnostic-Code: " + b"=?utf-8?q?" * 80_000,
    "spaces": b"From: mailer-daemon\nX-Failed-Recipients: a@b.example\n\n" + b"  a@b.example" + b" " * 800_000,
    "indented": b"From: mailer-daemon\nX-Failed-Recipients: a@b.example\n\n  a@b.example\n" + b"    x\n" * 100_000,
    "addresses": b"From: mailer-daemon\nX-Failed-Recipients: " + b"a@" * 400_000 + b"\n\nx",
    "paragraphs": b"From: mailer-daemon\n\nHi. This is the qmail\n\n" + b"<a@b.example>:\n\n" * 50_000,
    "codes": b"Content-Type: message/delivery-status\n\nAction: failed\nDiagnostic-Code: " + b"5.1." * 200_000,
    "zeros": b"\0" * 800_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_mail_is_read_quickly(name: str) -> None:
    """A second is a hundred times what they take; with the standard library's parser the first took ten."""
    began = time.process_time()
    bounce = bounce_in(HOSTILE[name])
    assert time.process_time() - began < 1
    assert bounce is None or len(bounce.recipients) <= 50


LINES = st.sampled_from(
    [
        *(line for name in sorted(BOUNCES) for line in content(name).replace(b"\r\n", b"\n").split(b"\n")),
        b"Content-Type: message/delivery-status",
        b"Content-Type: multipart/report; boundary=X",
        b"--X",
        b"Diagnostic-Code: smtp; =?utf-8?B?////?= =?x-none?Q?=FF?= \x00\x1b[31m\xff\xe2\x80\xae",
        b"Status: 5.999999999999.1",
        b"Action: \xc2\xa0",
    ],
)


@given(st.lists(LINES | st.binary(max_size=30), max_size=60).map(b"\n".join) | st.binary())
def test_no_mail_is_an_error_and_what_is_read_is_printable(mail: bytes) -> None:
    report = b"Content-Type: multipart/report; boundary=X\n\n--X\nContent-Type: message/delivery-status\n\nAction: failed\n" + mail
    for given_mail in (mail, report):
        bounce = bounce_in(given_mail)
        if bounce is None:
            continue
        assert {type(recipient.what) for recipient in bounce.recipients} == {What}
        said = [part for recipient in bounce.recipients for part in (recipient.address, recipient.diagnostic)]
        said += [bounce.message_id, bounce.envelope_id, *bounce.returned_to]
        assert [part for part in said if not part.isprintable() or len(part) > LONGEST_REASON] == []
