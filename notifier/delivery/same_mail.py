"""Tell whether two mails say the same: by what a parser makes of their bytes."""

from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import Message


def same_mail(first: bytes, second: bytes) -> bool:
    """Tell whether all headers, all parts and all that they decode to are equal; how they are folded and encoded into lines may differ."""
    return _read(first) == _read(second)


def _read(mail: bytes) -> list[object]:
    return [
        (
            [(name, _decoded(value)) for name, value in part.items()],
            None if part.is_multipart() else part.get_payload(decode=True),
            [type(defect) for defect in part.defects],
        )
        for part in message_from_bytes(mail, _class=Message, policy=policy.compat32).walk()
    ]


def _decoded(value: str) -> str:
    unfolded = str(value).replace("\r", "").replace("\n", "")
    return str(make_header(decode_header(unfolded)))
