"""Mails are taken apart as far as bounces need it, with limits."""

import pytest

from notifier.delivery.mail_parts import Field, Part, Read, fields, read, text, without_encoded_words


def test_mail_without_parts_is_one_leaf() -> None:
    mail = read(b"From: a@b.example\r\nTo: c@d.example\r\n\r\nHello\r\n")
    assert mail == Read((Field("from", "a@b.example"), Field("to", "c@d.example")), (Part("text/plain", b"Hello\n"),))
    assert mail.all("to", "from", "cc") == ["c@d.example", "a@b.example"]


def test_parts_are_leaves_in_order_and_a_mail_within_is_one() -> None:
    mail = read(
        b'Content-Type: MULTIPART/mixed; charset=x;\n\tboundary = "a b"\n\npreamble\n--a b\n\nfirst\n--a b \n'
        b"Content-Type: multipart/alternative; boundary=in.ner\n\n--in.ner\nContent-Type: text/html\n\nsecond\n--in.ner--\nepilogue\n"
        b"--a b\nContent-Type: message/rfc822\n\nSubject: third\n\n--a bc\nbody\n--a b--\n--a b\n\nafter the end\n",
    )
    assert mail.parts == (Part("text/plain", b"first"), Part("text/html", b"second"), Part("message/rfc822", b"Subject: third\n\n--a bc\nbody"))


def test_mail_that_was_cut_off_gives_what_is_there() -> None:
    assert read(b"Content-Type: multipart/report; boundary=x\n\n--x\n\nfirst\n--x\nContent-Type: text/html\n\nsec").parts == (
        Part("text/plain", b"first"),
        Part("text/html", b"sec"),
    )


@pytest.mark.parametrize(
    ("encoding", "body", "expected"),
    [
        (b"quoted-printable", b"a=3Db=\nc=C3=A9=", b"a=bc\xc3\xa9"),
        (b"Base64", b"aGVs\nbG8h", b"hello!"),
        (b"base64", b"aGVsbG8", b"hello"),
        (b"base64", b"aGVsbG8h-*a", b"hello!"),
        (b"base64", b"aGVsb", b"hel"),
        (b"base64", b"", b""),
        (b"8bit", b"=3D", b"=3D"),
        (b"x-none", b"=3D", b"=3D"),
    ],
)
def test_transfer_encoding_undone_as_far_as_it_goes(encoding: bytes, body: bytes, expected: bytes) -> None:
    assert read(b"Content-Transfer-Encoding: " + encoding + b"\n\n" + body).parts == (Part("text/plain", expected),)


def test_header_with_lost_folds_and_without_names() -> None:
    assert list(fields(b"no name: x\nA: 1\n 2\nlost fold\nB:\n\t3\n: 4\nC: 5")) == [Field("a", "1 2 lost fold"), Field("b", "3 : 4"), Field("c", "5")]


def test_values_are_limited() -> None:
    assert [len(field.value) for field in fields(b"A: " + b"x" * 10_000 + b"\nB: y\n" + b" y\n" * 5_000)] == [1999, 1999]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("plain =é", "plain =é"),
        ("=?utf-8?Q?Bo=C3=AEte?= x", "Boîte x"),
        ("=?iso-8859-1?B?6Q==?=", "é"),
        ("=?utf-8?Q?=FF?=", "\ufffd"),
        ("=?no-such?Q?a?=", "=?no-such?Q?a?="),
        ("=?utf-8?B?a?=", "=?utf-8?B?a?="),
    ],
)
def test_encoded_words_are_decoded_or_left(value: str, expected: str) -> None:
    assert without_encoded_words(value) == expected


def test_text_of_any_bytes() -> None:
    assert [text(b"\xc3\xa9"), text(b"\xe9\0")] == ["é", "é\0"]
