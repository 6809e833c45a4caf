"""Fixtures for all tests: real servers, and a mail folder for each test."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from hypothesis import settings as hypothesis_settings
from pytest_django import Settings
from pytest_django.plugin import blocking_manager_key

from notifier.delivery import line_watch, standstill
from tests.servers.postgres import Postgres
from tests.servers.redis import Redis
from tests.servers.smtp import SmtpServer

# The same examples in every run, and no deadline: a machine that is busy with other things is no fault of the code.
hypothesis_settings.register_profile("house", deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.load_profile("house")

DATA = Path(__file__).parent / "data"


@pytest.fixture(scope="session", autouse=True)
def files_for_mail(django_test_environment: None) -> None:  # noqa: ARG001  # it must have run: it points mail at a list in memory
    """Send mail as the settings say, to files: what leaves the program is what tests look at."""
    django_settings.EMAIL_BACKEND = django_settings.MAIL.backend


@pytest.fixture(autouse=True)
def mail_folder(settings: Settings, tmp_path: Path) -> Path:
    """The folder that this test's mails are written to (it is made by the first)."""
    folder = tmp_path / "mail"
    settings.MAIL = replace(settings.MAIL, folder=folder)
    return folder


@pytest.fixture(autouse=True)
def _nothing_found_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Begin as a process that has not looked at how mail stands: it remembers what its last look found."""
    monkeypatch.setattr(standstill, "_found", {"before": False})
    monkeypatch.setattr(line_watch, "_found", {"before": set()})


@pytest.fixture
def smtp() -> Iterator[SmtpServer]:
    """A mail server that takes everything, until the test tells it otherwise."""
    with SmtpServer() as server:
        yield server


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A PostgreSQL for processes that the tests start; ``postgres.create(name)`` gives a database of one's own."""
    with Postgres() as server:
        yield server


@pytest.fixture
def redis() -> Iterator[Redis]:
    """A Redis for processes that the test starts."""
    with Redis() as server:
        yield server


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Put the fixed lists back after a test with transactions of its own: it ends with empty tables, and under xdist it is not the last."""
    yield
    marker = item.get_closest_marker("django_db")
    if nextitem is not None and marker is not None and marker.kwargs.get("transaction"):  # after the last one there is no database any more
        with item.config.stash[blocking_manager_key].unblock():
            connection.creation.deserialize_db_from_string(connection._test_serialized_contents)  # type: ignore[attr-defined]  # Django's own place
