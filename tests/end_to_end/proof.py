"""What is claimed of a run: exactly one mail for each key; after a crash, doubt for as few as were in the air."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from tests.end_to_end.expected import Key, Said
from tests.end_to_end.program import Installation, Row
from tests.end_to_end.received import Mail, read
from tests.servers.smtp import SmtpServer

Expected = dict[Key, Said]


def taken_by(server: SmtpServer) -> list[Mail]:
    """Return what the mail server was given for customers, each mail read from its bytes."""
    return [read(received.data, received.recipients) for received in list(server.received) if not _is_alert(received.data)]


def _is_alert(data: bytes) -> bool:
    """Tell a mail to the planners, who may have an address in the first user's account: on a slow machine there is time for one."""
    return b"X-Notice-Kind: alert-" in data


def given(server: SmtpServer, number: int) -> Callable[[], bool]:
    """Return the question whether the server was given that many mails."""
    return lambda: len(server.received) >= number


class Inbox:
    """For a great many mails: reads them as they come and forgets their bytes."""

    def __init__(self, server: SmtpServer) -> None:
        """Nothing has come."""
        self.server = server
        self.mails: list[Mail] = []

    def when(self, condition: Callable[[], bool]) -> Callable[[], bool]:
        """Return a condition that also reads what has come meanwhile."""
        return lambda: self._read() and condition()

    def all(self) -> list[Mail]:
        """Return every mail."""
        self._read()
        return self.mails

    def _read(self) -> bool:
        fresh = self.server.received[:]
        del self.server.received[: len(fresh)]
        self.mails += [replace(read(received.data, received.recipients), body="") for received in fresh if not _is_alert(received.data)]
        return True


def files_in(folder: Path) -> list[Mail]:
    """Return the mails that are files."""
    return [read(path.read_bytes()) for path in sorted(folder.glob("*.eml"))]


def prove_exact(program: Installation, mails: list[Mail], expected: Expected, *, kind: str = "announced") -> None:
    """Exactly one mail for each key, saying what it should in all its parts, and sent by the program's own account."""
    prove_nothing_twice(mails)
    assert {mail.key: mail.said for mail in mails} == {key: (said, said, said) for key, said in expected.items()}
    assert {mail.kind for mail in mails} == {kind}
    assert {row.state for row in program.deliveries()} == {"sent"}
    prove_same(program.deliveries(), mails)


def prove_after_kills(program: Installation, mails: list[Mail], expected: Expected, *, most_unknown: int) -> None:
    """Received plus flagged unknown is what was expected; nothing twice; at most one unknown a connection and kill."""
    prove_nothing_twice(mails)
    rows = program.deliveries()
    received = {mail.key for mail in mails}
    by_state = {state: {_key(row) for row in rows if row.state == state} for state in {row.state for row in rows}}
    unknown = by_state.pop("unknown", set())
    assert (set(by_state), received | unknown) == ({"sent"}, set(expected))
    assert by_state["sent"] <= received
    assert len(unknown) <= most_unknown
    assert {mail.key: mail.said for mail in mails} == {key: (said, said, said) for key, said in expected.items() if key in received}
    prove_same([row for row in rows if _key(row) in received], mails)


def prove_nothing_twice(mails: list[Mail]) -> None:
    """No key and no Message-ID came more than once."""
    assert _more_than_once(mail.key for mail in mails) == set()
    assert _more_than_once(mail.message_id for mail in mails) == set()


def prove_same(rows: list[Row], mails: list[Mail]) -> None:
    """Each row of the program and each mail are one another's."""
    assert {(_key(row), f"<{row.name}@provider.example>") for row in rows} == {(mail.key, mail.message_id) for mail in mails}


def _more_than_once(names: Iterable[object]) -> set[object]:
    seen: set[object] = set()
    return {name for name in names if name in seen or seen.add(name)}  # type: ignore[func-returns-value]  # add returns None, which is false


def _key(row: Row) -> Key:
    return Key(row.reference, row.email, row.language, row.zone)
