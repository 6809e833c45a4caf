"""One claim's primary keys -> mails ready to be sent: by compiled messages where the values are usual, else one by one."""

import logging
from collections import OrderedDict, defaultdict
from collections.abc import Sequence

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


class Composer:
    """Makes mails; to be kept while a dispatch lasts, by one thread."""

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
        if not ids:
            return {}
        try:
            return self._prepare(ids)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # one broken row holds up nobody else
            if len(ids) == 1:
                return {ids[0]: error}
            logger.exception("a claim cannot be loaded; loading its deliveries one by one")
        found: dict[int, Prepared | Exception] = {}
        for one in ids:
            found |= self.prepare([one])
        return found

    def _prepare(self, ids: Sequence[int]) -> dict[int, Prepared | Exception]:
        groups: dict[object, list[MailRow]] = defaultdict(list)
        ready: dict[int, Prepared | Exception] = {pk: ObjectDoesNotExist(f"delivery {pk} is gone, or lists no account") for pk in ids}
        for mail in claimed.read(ids, self._shared).values():
            try:
                groups[shape_of(mail, self._shared)].append(mail)
            except Exception as error:  # noqa: BLE001  # one broken row holds up nobody else; the caller records why
                ready[mail.pk] = error
        for shape, mails in groups.items():
            self._note(shape, len(mails))
            for mail in mails:
                try:
                    ready[mail.pk] = self._ready(mail, shape)
                except Exception as error:  # noqa: BLE001  # as above
                    ready[mail.pk] = error
        return ready

    def _ready(self, mail: MailRow, shape: object) -> Prepared:
        values = values_of(mail)
        recipient = recipient_header(values[NAME], values[ADDRESS]) if are_usual(values) else None
        if recipient is None:
            return self._ordinary(mail)
        compiled = self._compiled.get(shape, _NEVER_TRIED)
        if isinstance(compiled, Compiled):
            name = f"{self._shared.notices[mail.notice_id].uid.hex}-{mail.pk}"
            return Prepared(mail.pk, name, compiled.sender, mail.address, compiled.content(name, recipient, values))
        ordinary = self._ordinary(mail)
        if compiled is _NEVER_TRIED and self._seen[shape] >= self._worth_compiling:
            self._compile(mail, shape, recipient, ordinary)
        return ordinary

    def _ordinary(self, mail: MailRow) -> Prepared:
        letter = claimed.letter(mail, self._shared)
        content = compose.message(letter).message().as_bytes(linesep="\r\n")
        sender = envelope_address(letter.accounts[0].customer.region.sender_email)
        return Prepared(mail.pk, letter.name, sender, envelope_address(letter.address), content)

    def _compile(self, mail: MailRow, shape: object, recipient: bytes, ordinary: Prepared) -> None:
        """Compile, and keep the result only if it makes the same mail as the ordinary path has made."""
        compiled = None
        try:
            found = Compiled(mail, self._shared)
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
