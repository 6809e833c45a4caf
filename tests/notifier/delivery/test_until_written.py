"""Writing what must not be lost: again while the database cannot be reached, and never for another error."""

import pytest
from django.db import DataError, InterfaceError, OperationalError, connection, transaction

from notifier.delivery.until_written import until_written


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("notifier.delivery.until_written.time.sleep", lambda _seconds: None)


class Writing:
    """Fails with each error in turn, then writes."""

    def __init__(self, *errors: Exception) -> None:
        """Keep the errors."""
        self.errors, self.calls = list(errors), 0

    def __call__(self) -> str:
        """Write."""
        self.calls += 1
        if self.errors:
            raise self.errors.pop(0)
        return "written"


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_until_written_goes_on_by_a_new_connection_after_the_database_was_away() -> None:
    connection.ensure_connection()
    before = connection.connection
    writing = Writing(OperationalError("restart"), InterfaceError("closed"))
    assert (until_written(writing), writing.calls) == ("written", 3)
    connection.ensure_connection()
    assert connection.connection is not before


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_until_written_raises_what_another_try_would_not_mend() -> None:
    writing = Writing(DataError("too long"))
    with pytest.raises(DataError, match="too long"):
        until_written(writing)
    assert writing.calls == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_until_written_raises_when_its_patience_ends() -> None:
    with pytest.raises(OperationalError, match="away"):
        until_written(Writing(*[OperationalError("away")] * 3), patience_seconds=0.25)


@pytest.mark.django_db
def test_until_written_inside_a_transaction_raises_at_once() -> None:
    writing = Writing(OperationalError("away"))
    with pytest.raises(OperationalError, match="away"), transaction.atomic():
        until_written(writing)
    assert writing.calls == 1
