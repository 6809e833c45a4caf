"""A mail as its receiver reads it: from the bytes."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from html.parser import HTMLParser

from notifier.delivery.compose import message
from notifier.delivery.letter import Letter


def received(letter: Letter) -> EmailMessage:
    """Compose, write and parse again."""
    raw = message(letter).message().as_bytes(linesep="\r\n")
    return message_from_bytes(raw, policy=policy.default)


def part(mail: EmailMessage, kind: str) -> str:
    """Return the only part of a content type, decoded, with plain line ends."""
    (found,) = (one for one in mail.walk() if one.get_content_type() == kind)
    payload = found.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode().replace("\r\n", "\n")


class _Words(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.struck: list[str] = []
        self.languages: list[str] = []
        self.tags: set[str] = set()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.languages += [value for name, value in attrs if name == "lang" and value]
        if tag not in {"meta", "br", "hr", "link", "img"}:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self._open):
            (self.struck if "s" in self._open else self.words).append(data)


class Page:
    """What a page shows: the words, those struck through apart, the languages it names and the tags it uses."""

    def __init__(self, html: str) -> None:
        """Read it; tags must be balanced."""
        reader = _Words()
        reader.feed(html)
        reader.close()
        self.text = " ".join("".join(reader.words).split())
        self.struck = " ".join("".join(reader.struck).split())
        self.languages = reader.languages
        self.tags = reader.tags
