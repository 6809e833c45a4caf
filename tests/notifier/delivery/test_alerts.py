"""Alerts reach the planners: once, whatever fails, and without holding up anything else."""

from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from notifier.delivery import alerts
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.models import Alert, AlertKind
from notifier.env import Mail
from tests.factories import NOW
from tests.servers.smtp import HANG_UP, OK, SmtpServer

pytestmark = pytest.mark.django_db
FACTS = {"reference": "INC-1", "title": "Core down", "incident": 1, "due": NOW.isoformat()}


@pytest.fixture(autouse=True)
def _planners(settings: Settings) -> None:
    settings.PLANNERS_EMAIL = ["petra@provider.example", "otto@provider.example"]


@pytest.fixture
def to_server(settings: Settings, smtp: SmtpServer) -> SmtpServer:
    """Send mail to the tests' server."""
    backend = "notifier.delivery.smtp.SmtpBackend"
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = backend, "127.0.0.1", smtp.port, 3
    settings.MAIL = Mail(backend, f"smtp:127.0.0.1:{smtp.port}", host="127.0.0.1", port=smtp.port)
    return smtp


def raised(*keys: str) -> None:
    """Raise an alert for each key."""
    for key in keys or ("one",):
        alerts.raise_alert(AlertKind.ROOT_CAUSE, key, FACTS, now=NOW)


def rows() -> list[tuple[str, int, bool, str]]:
    """Return key, attempts, whether it was sent, and the problem."""
    return [(row.key, row.attempts, row.sent_at is not None, row.problem) for row in Alert.objects.order_by("pk")]


def test_raise_alert_twice_is_one_alert_with_the_first_facts() -> None:
    assert alerts.raise_alert(AlertKind.ROOT_CAUSE, "one", FACTS, now=NOW)
    assert not alerts.raise_alert(AlertKind.ROOT_CAUSE, "one", {"reference": "other"}, now=NOW + timedelta(days=1))
    assert list(Alert.objects.values_list("kind", "key", "facts", "made_at", "due_at")) == [("root_cause", "one", FACTS, NOW, NOW)]


def test_unraised_tells_which_keys_are_new() -> None:
    raised("one")
    assert alerts.unraised(["one", "two"]) == {"two"}
    assert alerts.unraised([]) == set()


def test_send_due_sends_each_once_as_one_mail_to_all_planners(mail_folder: Path) -> None:
    raised("one", "two")
    assert (alerts.send_due(now=NOW), alerts.send_due(now=NOW)) == (2, 0)
    mails = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(mail_folder.glob("*.eml"))]
    assert [(mail["To"], mail["Subject"]) for mail in mails] == [
        ("petra@provider.example, otto@provider.example", "[INC-1] Root-cause report due"),
    ] * 2
    assert rows() == [("one", 1, True, ""), ("two", 1, True, "")]


def test_send_due_not_before_its_time() -> None:
    raised()
    assert alerts.send_due(now=NOW - timedelta(microseconds=1)) == 0
    assert rows() == [("one", 0, False, "")]


def test_send_due_with_nothing_to_send_is_one_query() -> None:
    with CaptureQueriesContext(connection) as captured:
        alerts.send_due(now=NOW)
    assert len(captured) == 1


def test_send_due_that_fails_delays_itself_alone(to_server: SmtpServer) -> None:
    raised("one", "two", "three")
    answers = iter([OK, "550 5.7.1 Not this one", OK])
    to_server.answer_mail = lambda _received: next(answers)
    assert alerts.send_due(now=NOW) == 2
    assert rows() == [("one", 1, True, ""), ("two", 1, False, "550 5.7.1 Not this one"), ("three", 1, True, "")]
    due_at = Alert.objects.get(key="two").due_at
    assert NOW < due_at <= NOW + timedelta(seconds=30)
    to_server.answer_mail = lambda _received: OK
    assert alerts.send_due(now=due_at) == 1
    assert rows()[1] == ("two", 2, True, "")


def test_send_due_without_an_answer_sends_the_same_mail_again(to_server: SmtpServer) -> None:
    """An alert twice is better than none; the Message-ID tells a mail program that it is the same."""
    raised()
    cut = iter([HANG_UP])
    to_server.answer_mail = lambda _received: next(cut, OK)
    assert alerts.send_due(now=NOW) == 0
    assert alerts.send_due(now=NOW + timedelta(minutes=1)) == 1
    first, second = (mail.data for mail in to_server.received)
    assert first == second


def test_send_due_to_a_host_that_is_down_keeps_all(to_server: SmtpServer, settings: Settings) -> None:
    settings.EMAIL_PORT = 9  # nobody listens there
    raised("one", "two")
    assert alerts.send_due(now=NOW) == 0
    assert [(key, attempts, sent) for key, attempts, sent, _problem in rows()] == [("one", 0, False), ("two", 0, False)]
    settings.EMAIL_PORT = to_server.port
    assert alerts.send_due(now=NOW + timedelta(hours=1)) == 2


def test_send_due_without_planners_waits_for_one(settings: Settings) -> None:
    settings.PLANNERS_EMAIL = []
    raised()
    assert alerts.send_due(now=NOW) == 0
    assert rows() == [("one", 1, False, "no planner has an address: set PLANNERS_EMAIL, or give the planners' accounts one")]
    settings.PLANNERS_EMAIL = ["petra@provider.example"]
    assert alerts.send_due(now=NOW + timedelta(hours=1)) == 1


def test_send_due_that_cannot_be_composed_says_why_and_goes_on() -> None:
    alerts.raise_alert(AlertKind.ROOT_CAUSE, "broken", FACTS | {"due": "soon"}, now=NOW)
    raised("whole")
    assert alerts.send_due(now=NOW) == 1
    assert rows() == [("broken", 1, False, "ValueError: Invalid isoformat string: 'soon'"), ("whole", 1, True, "")]


def test_send_due_leaves_what_another_worker_holds_until_its_lease_runs_out() -> None:
    raised()
    Alert.objects.update(lease_until=DatabaseTime(timedelta(seconds=30)))
    assert alerts.send_due(now=NOW) == 0
    Alert.objects.update(lease_until=DatabaseTime(timedelta(seconds=-1)))
    assert alerts.send_due(now=NOW) == 1


def test_claim_of_two_workers_is_given_to_one() -> None:
    raised()
    one, other = Alert.objects.get(), Alert.objects.get()
    assert (alerts._claim(one), alerts._claim(other)) == (True, False)
    assert Alert.objects.get().attempts == 1


def test_send_due_leaves_the_rest_for_the_next_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(alerts, "MOST", 2)
    raised("one", "two", "three")
    assert (alerts.send_due(now=NOW), alerts.send_due(now=NOW)) == (2, 1)
