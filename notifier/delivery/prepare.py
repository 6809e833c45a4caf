"""One claim's primary keys -> mails ready to be sent: by compiled messages where the values are usual, else one by one."""

import logging
from collections import Counter, OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from django.core.exceptions import ObjectDoesNotExist
from django.db import InterfaceError, OperationalError

from notifier.delivery import claimed, compose
from notifier.delivery.claimed import MailRow, Shared
from notifier.delivery.compiled import Compiled, envelope_address
from notifier.delivery.personal import ADDRESS, NAME, are_usual, recipient_header, shape_of, values_of
from notifier.delivery.prepared import Prepared
from notifier.delivery.same_mail import same_mail

logger = logging.getLogger(__name__)

WORTH_COMPILING = 2
"""A shape is compiled when so many mails of it were seen: that takes about as long as two mails of the ordinary path."""
MOST_COMPILED = 256
"""Compiled messages that are kept: of the order of 50 kB each."""
MOST_SEEN = 4096
_NEVER_TRIED = object()


@dataclass(frozen=True)
class Draft:
    """A delivery's row and what it shares with others, or the ``error`` why there is none. ``seen``: so many mails of its shape it stands for."""

    pk: int
    mail: MailRow | None = None
    shared: Shared | None = None
    shape: object = None
    seen: int = 0
    error: Exception | None = None


class Composer:
    """Makes mails; to be kept while a dispatch lasts. One thread may ``read`` while another ``make``s."""

    def __init__(self, *, worth_compiling: int = WORTH_COMPILING, most_compiled: int = MOST_COMPILED) -> None:
        """Start with nothing compiled."""
        self._worth_compiling = worth_compiling
        self._most_compiled = most_compiled
        self._shared = Shared()
        self._compiled: OrderedDict[object, object] = OrderedDict()
        self._seen: OrderedDict[object, int] = OrderedDict()

    def prepare(self, ids: Sequence[int]) -> dict[int, Prepared | Exception]:
        """Return each delivery's mail, or why there is none: it cannot be composed, or its row is gone. A constant number of queries.

        Only what keeps the database from answering is raised (OperationalError, InterfaceError): it is no mail's fault.
        """
        return {draft.pk: self.make(draft) for draft in self.read(ids)}

    def read(self, ids: Sequence[int]) -> list[Draft]:
        """Return what mails are made of, in the order of ``ids``. Raises as ``prepare`` does."""
        if not ids:
            return []
        try:
            return self._read(ids)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # one broken row holds up nobody else
            if len(ids) == 1:
                return [Draft(ids[0], error=error)]
            logger.exception("a claim cannot be loaded; loading its deliveries one by one")
        return [draft for one in ids for draft in self.read([one])]

    def make(self, draft: Draft) -> Prepared | Exception:
        """Return the mail of a draft, or why there is none. No query is made."""
        if draft.mail is None or draft.shared is None:
            return draft.error or ObjectDoesNotExist(f"delivery {draft.pk} is gone, or lists no account")
        if draft.seen:
            self._note(draft.shape, draft.seen)
        try:
            return self._made(draft.mail, draft.shape, draft.shared)
        except Exception as error:  # noqa: BLE001  # one broken row holds up nobody else; the caller records why
            return error

    def _read(self, ids: Sequence[int]) -> list[Draft]:
        rows = claimed.read(ids, self._shared)
        shared = self._shared.copy()
        shapes: dict[int, object] = {}
        drafts = {pk: Draft(pk) for pk in ids}
        for pk, mail in rows.items():
            try:
                shapes[pk] = shape_of(mail, shared)
            except Exception as error:  # noqa: BLE001  # as above
                drafts[pk] = Draft(pk, error=error)
        numbers = Counter(shapes.values())
        for pk in ids:
            if pk in shapes:  # the first of each shape stands for all
                drafts[pk] = Draft(pk, rows[pk], shared, shapes[pk], numbers.pop(shapes[pk], 0))
        return list(drafts.values())

    def _made(self, mail: MailRow, shape: object, shared: Shared) -> Prepared:
        values = values_of(mail)
        recipient = recipient_header(values[NAME], values[ADDRESS]) if are_usual(values) else None
        if recipient is None:
            return self._ordinary(mail, shared)
        compiled = self._compiled.get(shape, _NEVER_TRIED)
        if isinstance(compiled, Compiled):
            name = f"{shared.notices[mail.notice_id].uid.hex}-{mail.pk}"
            return Prepared(mail.pk, name, compiled.sender, mail.address, compiled.content(name, recipient, values))
        ordinary = self._ordinary(mail, shared)
        if compiled is _NEVER_TRIED and self._seen.get(shape, 0) >= self._worth_compiling:
            self._compile(mail, shape, shared, recipient, ordinary)
        return ordinary

    def _ordinary(self, mail: MailRow, shared: Shared) -> Prepared:
        letter = claimed.letter(mail, shared)
        content = compose.message(letter).message().as_bytes(linesep="\r\n")
        sender = envelope_address(letter.accounts[0].customer.region.sender_email)
        return Prepared(mail.pk, letter.name, sender, envelope_address(letter.address), content)

    def _compile(self, mail: MailRow, shape: object, shared: Shared, recipient: bytes, ordinary: Prepared) -> None:
        """Compile, and keep the result only if it makes the same mail as the ordinary path has made."""
        compiled = None
        try:
            found = Compiled(mail, shared)
            if same_mail(found.content(ordinary.name, recipient, values_of(mail)), ordinary.content):
                compiled = found
            else:
                logger.error("compiled mails of delivery %s would be others than composed ones; composing them one by one", mail.pk)
        except Exception:  # the ordinary path has made the mail: this only costs time
            logger.exception("mails like delivery %s cannot be compiled; composing them one by one", mail.pk)
        self._compiled[shape] = compiled
        while len(self._compiled) > self._most_compiled:
            self._compiled.popitem(last=False)

    def _note(self, shape: object, number: int) -> None:
        """Remember that mails of a shape are made, in both least-recently-used stores."""
        if shape in self._compiled:
            self._compiled.move_to_end(shape)
        self._seen[shape] = self._seen.pop(shape, 0) + number
        while len(self._seen) > MOST_SEEN:
            self._seen.popitem(last=False)
