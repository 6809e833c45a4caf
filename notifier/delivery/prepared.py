"""A mail that is ready to be handed over, as bytes."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Prepared:
    """``pk`` and ``name`` are the delivery's; ``content`` has CRLF line ends and seven bits."""

    pk: int
    name: str
    sender: str
    recipient: str
    content: bytes
