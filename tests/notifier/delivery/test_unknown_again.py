"""While a mail waits to be sent again, and is: a late answer, an event about the first attempt, a newer notice."""

import pytest

from maintenance import booking
from maintenance.models import Maintenance
from maintenance.states import Hop
from notifier.delivery import outbox, settle
from notifier.delivery.database_clock import DatabaseTime
from notifier.delivery.fanout import fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.receipt import What
from notifier.delivery.recovery import MOST_LOST_WORKERS, recover
from tests.factories import BY, NOW, nothing_changes
from tests.maintenance.telling import DAY, HOUR
from tests.notifier.delivery.coming_back import TOKEN, comes, mail, served, told
from tests.notifier.delivery.without_answer import MINUTE, claim, resend, unknown

pytestmark = pytest.mark.django_db


def test_late_acceptance_settles_what_waits_to_be_sent_again() -> None:
    """The worker was slow, not dead: nothing is sent twice."""
    told()
    unknown()
    resend()
    assert settle.accepted(mail(), TOKEN, at=NOW + HOUR, hop=Hop.RELAY, detail="smtp:mx.example:25 250 OK")
    assert (mail().state, mail().hop_detail, served()) == ("sent", "smtp:mx.example:25 250 OK", [("ACC", NOW + HOUR, "smtp:mx.example:25 250 OK", True)])
    assert outbox.claim(now=NOW + DAY, most=9).ids == ()


def test_late_acceptances_of_several_settle_what_waits_to_be_sent_again() -> None:
    told()
    unknown()
    resend()
    assert settle.all_accepted({mail().pk: "250 OK"}, TOKEN, at=NOW + HOUR, hop=Hop.RELAY) == 1
    assert (mail().state, served()) == ("sent", [("ACC", NOW + HOUR, "250 OK", True)])


def test_late_refusal_settles_what_waits_to_be_sent_again() -> None:
    told()
    unknown()
    resend()
    assert settle.failed(mail(), TOKEN, at=NOW + HOUR, reason="550 no such person")
    assert (mail().state, mail().reason) == ("failed", "550 no such person")


def test_late_word_that_there_is_no_answer_changes_nothing() -> None:
    """It goes on waiting to be sent again."""
    told()
    unknown()
    resend()
    with nothing_changes():
        assert not settle.unknown(mail(), TOKEN, at=NOW + HOUR, reason="no answer")


def test_late_answer_after_the_second_claim_changes_nothing() -> None:
    """The mail is the second worker's; whatever the first one heard, there is one acceptance."""
    told()
    unknown()
    resend()
    token = claim()
    with nothing_changes():
        assert not settle.accepted(mail(), TOKEN, at=NOW + HOUR, hop=Hop.RELAY, detail="")
        assert not settle.failed(mail(), TOKEN, at=NOW + HOUR, reason="no")
    assert settle.accepted(mail(), token, at=NOW + HOUR, hop=Hop.RELAY, detail="250 OK")
    assert served() == [("ACC", NOW + HOUR, "250 OK", True)]


def test_event_about_the_first_attempt_settles_what_waits_to_be_sent_again() -> None:
    told()
    unknown()
    resend(NOW + 2 * MINUTE)
    assert (comes(mail(), What.DELIVERED), mail().state) == ("applied", "delivered")


def test_cancellation_goes_to_whoever_may_have_been_told_though_it_waits_to_be_sent_again() -> None:
    """The first attempt may have arrived; the second never leaves, and the mail is unknown as before."""
    maintenance, _customer = told()
    row = unknown()
    resend()
    booking.cancel(maintenance, by=BY, now=NOW)
    fan_out_due(now=NOW)
    states = list(Delivery.objects.order_by("pk").values_list("kind", "state", "address", "reason"))
    assert states == [("announced", "unknown", row.address, "replaced by revision 2"), ("cancelled", "queued", row.address, "")]


def test_mail_refused_a_moment_before_it_leaves_again_is_unknown_as_before() -> None:
    """A newer notice came while it was claimed: nothing of the second attempt has left."""
    maintenance, _customer = told()
    unknown()
    resend()
    token = claim()
    booking.cancel(maintenance, by=BY, now=NOW)
    assert outbox.hand_over(mail().pk, token, now=NOW + HOUR) is outbox.HandOver.REPLACED
    assert settle.withdrawn(mail(), token, at=NOW + HOUR, reason="replaced by a newer notice")
    assert (mail().state, mail().reason) == ("unknown", "replaced by a newer notice")
    fan_out_due(now=NOW)
    assert Delivery.objects.filter(kind="cancelled").count() == 1


def test_second_attempt_that_is_refused_for_good_has_failed() -> None:
    """It was handed over and answered; the cancellation goes to that contact still, as the first may have arrived."""
    told()
    unknown()
    resend()
    token = claim()
    outbox.hand_over(mail().pk, token, now=NOW + HOUR)
    assert settle.failed(mail(), token, at=NOW + HOUR, reason="550 no such person")
    assert (mail().state, mail().reason) == ("failed", "550 no such person")
    booking.cancel(Maintenance.objects.get(), by=BY, now=NOW + HOUR)
    fan_out_due(now=NOW + HOUR)
    assert Delivery.objects.filter(kind="cancelled").count() == 1


def test_second_attempt_that_ends_workers_is_unknown_as_before() -> None:
    """The mail is set aside, and its first attempt may have arrived all the same."""
    told()
    unknown(lost_workers=MOST_LOST_WORKERS - 1)
    resend()
    claimed = outbox.claim_suspect(now=NOW + HOUR)
    Delivery.objects.filter(pk__in=claimed.ids).update(lease_until=DatabaseTime(-MINUTE))
    assert recover(now=NOW + HOUR) == 1
    assert (mail().state, "workers were lost" in mail().reason) == ("unknown", True)


def test_doubt_outlasts_a_second_attempt_that_is_to_be_tried_again() -> None:
    """The server says "later" to the copy, then all is cancelled: the contact may have the first."""
    maintenance, _customer = told()
    unknown()
    resend()
    token = claim()
    outbox.hand_over(mail().pk, token, now=NOW + HOUR)
    assert settle.again(mail(), token, at=NOW + HOUR, reason="451 later")
    assert (mail().state, mail().lease_token) == ("queued", "")
    booking.cancel(maintenance, by=BY, now=NOW + HOUR)
    fan_out_due(now=NOW + HOUR)
    assert [(row.kind, row.state) for row in Delivery.objects.order_by("pk")] == [("announced", "unknown"), ("cancelled", "queued")]
