"""What the settings read from the environment, set before pytest-django loads them (``-p tests.environment``).

``--database=sqlite`` (a file in WAL mode) runs everything; ``--database=postgres`` starts a PostgreSQL of its own and runs
what touches the database once more. Tests marked ``servers`` choose their databases themselves and run in the first only.
"""

import os
import shutil
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.postgres import Postgres

SECRET_KEY = "tests-only-tests-only-tests-only-tests-only-tests"  # noqa: S105  # golden files hold links that are derived from it
VARIABLES = (
    "ALARM_HOURS",
    "ALLOWED_HOSTS",
    "BOUNCE_ADDRESS",
    "BOUNCE_MAILBOX",
    "DATABASE_URL",
    "DATA_DIR",
    "DEBUG",
    "DELIVERY_LEASE_SECONDS",
    "DJANGO_SETTINGS_MODULE",
    "EMAIL_URL",
    "EMAIL_URL_FALLBACK",
    "EMERGENCY_DAYS_AFTER_P1",
    "FIRST_NOTICE",
    "GO_NO_GO_HOURS",
    "LATE_NOTICE",
    "MAILS_PER_HOUR",
    "MAIL_BURST",
    "MAIL_RATE",
    "MAIL_RATE_FALLBACK",
    "NOTICE_DAYS",
    "NOTICE_MARGIN_HOURS",
    "PLANNERS_EMAIL",
    "PORT",
    "PROVIDER_DOMAIN",
    "PROVIDER_NAME",
    "REDIS_URL",
    "ROOT_CAUSE_BUSINESS_DAYS",
    "SECRET_KEY",
    "SITE_URL",
    "WATCHDOG_SECONDS",
    "WEBHOOK_SECRETS",
    "WEBHOOK_SIGNING_KEY",
)
"""Everything that the program reads: the developer's own values must not reach a test."""
_DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}


def outside(**variables: str) -> dict[str, str]:
    """Return an environment for a process of the program: this one without its variables, then ``variables``."""
    kept = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return {**kept, "DJANGO_SETTINGS_MODULE": "notifier.settings", **variables}


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add ``--database``."""
    parser.addoption("--database", choices=("sqlite", "postgres"), default="sqlite", help="the database that tests run on")


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Set the environment; it must stand before pytest-django's own hook of this name loads the settings."""
    if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:  # a shell's background job: what it starts would not hear Ctrl-C either
        signal.signal(signal.SIGINT, signal.default_int_handler)
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker:  # under xdist: folder and server are those of the process that started the workers
        folder = Path(os.environ["DATA_DIR"]) / worker
        folder.mkdir()
    else:
        for name in VARIABLES:
            os.environ.pop(name, None)
        folder = Path(tempfile.mkdtemp(prefix="notifier-tests-"))
        early_config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        if early_config.known_args_namespace.database == "postgres":
            server = Postgres()
            early_config.add_cleanup(server.stop)
            os.environ["DATABASE_URL"] = server.start().url("notifier")
    os.environ |= {"DATA_DIR": str(folder), "SECRET_KEY": SECRET_KEY, "SITE_URL": "http://testserver"}
    return (yield)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out, on PostgreSQL, what does not touch the database or brings its own."""
    if config.getoption("database") == "sqlite":
        return
    chosen = [item for item in items if _touches_database(item) and not item.get_closest_marker("servers")]
    config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
    items[:] = chosen


def _touches_database(item: pytest.Item) -> bool:
    fixtures = set(getattr(item, "fixturenames", ()))
    return item.get_closest_marker("django_db") is not None or bool(fixtures & _DATABASE_FIXTURES)
