"""Who is told of what: muted kinds, withdrawals to whoever was told, reports on incidents, and mails that go stale."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from customers.models import Customer
from maintenance.models import Incident, Notice, NoticeCustomer, Served
from maintenance.states import PROGRESS_KINDS, WITHDRAWING_KINDS, Hop, Kind
from notifier.delivery import outbox
from notifier.delivery.fanout import fan_out, fan_out_due
from notifier.delivery.models import Delivery
from notifier.delivery.outbox import HandOver
from tests.factories import BY, NOW, ContactFactory, ContactRoleFactory, CustomerFactory
from tests.notifier.delivery.notices import issue, work

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)
P1 = {"priority": "P1", "computed_priority": "P1", "p1_identified_at": NOW}


def customer(**contact: object) -> Customer:
    """Return a customer with a contact."""
    made = CustomerFactory.create()
    ContactRoleFactory.create(customer=made, contact=ContactFactory.create(**contact))
    return made


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in WITHDRAWING_KINDS])
def test_contact_who_muted_reminders_and_progress_gets_all_the_rest(kind: Kind) -> None:
    """An extension and work that was not completed cannot be muted."""
    muted = customer(reminders=False, progress=False)
    fan_out(issue(work(), {muted: kind}), now=NOW)
    assert Delivery.objects.count() == (0 if kind in {Kind.REMINDER, Kind.STARTED, Kind.COMPLETED} else 1)


@pytest.mark.parametrize(
    ("muted", "kinds"),
    [("reminders", {Kind.STARTED, Kind.COMPLETED}), ("progress", {Kind.REMINDER})],
)
def test_each_is_muted_by_itself(muted: str, kinds: set[Kind]) -> None:
    """And only for the contact who asked for it."""
    one = customer(**{muted: False})
    ContactRoleFactory.create(customer=one, contact__email="other@customer.example")
    for number, kind in enumerate([Kind.REMINDER, Kind.STARTED, Kind.COMPLETED]):
        fan_out(issue(work(f"MNT-{number}"), {one: kind}), now=NOW)
    got = Delivery.objects.exclude(address="other@customer.example")
    assert set(got.values_list("kind", flat=True)) == kinds
    assert Delivery.objects.filter(address="other@customer.example").count() == 3


@pytest.mark.parametrize("kind", WITHDRAWING_KINDS)
def test_withdrawal_reaches_a_contact_who_muted_what_can_be_muted(kind: Kind) -> None:
    """Whoever was told must hear that it does not take place."""
    maintenance, muted = work(), customer(reminders=False, progress=False)
    fan_out(issue(maintenance, {muted: Kind.ANNOUNCED}), now=NOW)
    Delivery.objects.update(state="sent", accepted_at=NOW)
    assert fan_out(issue(maintenance, {muted: kind}), now=NOW) == 1


@pytest.mark.parametrize("kind", WITHDRAWING_KINDS)
def test_withdrawal_from_a_customer_never_told_makes_no_mail(kind: Kind) -> None:
    """Its announcement still waits: it is taken back, and nothing is said of either."""
    maintenance, untold = work(), customer()
    fan_out(issue(maintenance, {untold: Kind.ANNOUNCED}), now=NOW)
    assert fan_out(issue(maintenance, {untold: kind}), now=NOW) == 0
    assert list(Delivery.objects.values_list("kind", "state")) == [("announced", "withdrawn")]


@pytest.mark.parametrize("kind", WITHDRAWING_KINDS)
@pytest.mark.parametrize(("hop", "mails"), [(Hop.PHONE, 1), (Hop.LETTER, 1), (Hop.MEETING, 1), (Hop.RELAY, 0)])
def test_withdrawal_goes_to_the_contacts_of_a_customer_told_by_a_person(kind: Kind, hop: Hop, mails: int) -> None:
    """The mail never left, but somebody called; what a server took is known by its delivery."""
    maintenance, called = work(), customer()
    notice = issue(maintenance, {called: Kind.ANNOUNCED})
    fan_out(notice, now=NOW)
    Served.objects.create(notice=notice, customer=called, accepted_at=NOW, hop=hop)
    assert fan_out(issue(maintenance, {called: kind}), now=NOW) == mails
    assert Delivery.objects.filter(kind=kind, customers=called).count() == mails


def test_withdrawal_of_one_told_by_mail_and_by_a_person_is_one_mail() -> None:
    """For each contact."""
    maintenance, told = work(), customer()
    notice = issue(maintenance, {told: Kind.ANNOUNCED})
    fan_out(notice, now=NOW)
    Delivery.objects.update(state="sent", accepted_at=NOW)
    Served.objects.create(notice=notice, customer=told, accepted_at=NOW, hop=Hop.PHONE)
    assert fan_out(issue(maintenance, {told: Kind.POSTPONED}), now=NOW) == 1


@pytest.mark.parametrize("kind", WITHDRAWING_KINDS)
@pytest.mark.parametrize(
    ("went_out", "mails"),
    [
        ({"state": "sent", "accepted_at": NOW}, 1),
        ({"state": "unknown", "reason": "x", "handed_over_at": NOW}, 1),
        ({"state": "failed", "reason": "x", "handed_over_at": NOW}, 1),
        ({"state": "failed", "reason": "x"}, 0),
        ({}, 0),
    ],
)
def test_withdrawal_goes_to_whoever_serves_the_customer_now_where_who_was_told_is_gone(kind: Kind, went_out: dict[str, Any], mails: int) -> None:
    """If the mail may have gone out; the customer knows of the work, whoever reads for it."""
    maintenance, told = work(), customer()
    fan_out(issue(maintenance, {told: Kind.ANNOUNCED}), now=NOW)
    Delivery.objects.update(**went_out)
    told.roles.get().contact.delete()
    ContactRoleFactory.create(customer=told, contact__email="new@customer.example")
    other = customer()
    fan_out(issue(maintenance, {other: Kind.ANNOUNCED}), now=NOW)
    assert fan_out(issue(maintenance, {told: kind, other: kind}), now=NOW) == mails
    assert Delivery.objects.filter(kind=kind, address="new@customer.example", customers=told).count() == mails


def test_withdrawal_reaches_old_and_new_contacts_once_where_one_who_was_told_is_gone() -> None:
    """Of two who were told one is deleted: the other, who serves the customer no more, and the one who does now."""
    maintenance, told = work(), customer(email="gone@customer.example")
    for name in ("moved", "stays"):
        ContactRoleFactory.create(customer=told, contact__email=f"{name}@customer.example")
    fan_out(issue(maintenance, {told: Kind.ANNOUNCED}), now=NOW)
    Delivery.objects.update(state="sent", accepted_at=NOW)
    told.roles.get(contact__email="gone@customer.example").contact.delete()
    told.roles.get(contact__email="moved@customer.example").delete()
    ContactRoleFactory.create(customer=told, contact__email="new@customer.example")
    assert fan_out(issue(maintenance, {told: Kind.CANCELLED}), now=NOW) == 3
    addresses = Delivery.objects.filter(kind=Kind.CANCELLED).order_by("address").values_list("address", flat=True)
    assert list(addresses) == [f"{name}@customer.example" for name in ("moved", "new", "stays")]


def test_root_cause_goes_to_the_contacts_of_an_incident() -> None:
    """It has no maintenance; a second report replaces nothing."""
    hit = customer()
    incident = Incident.objects.create(reference="INC-1", title="Core down", domain="provider", sims=600, opened_at=NOW, **P1)
    for revision in (1, 2):
        notice = Notice.objects.create(incident=incident, revision=revision, issued_at=NOW, issued_by=BY, said_json={})
        NoticeCustomer.objects.create(notice=notice, customer=hit, kind=Kind.ROOT_CAUSE)
    assert fan_out_due(now=NOW) == 2
    claimed = outbox.claim(now=NOW, most=9)
    assert [outbox.hand_over(pk, claimed.token, now=NOW) for pk in claimed.ids] == [HandOver.READY, HandOver.READY]


@pytest.mark.parametrize("kind", [Kind.REMINDER, *PROGRESS_KINDS])
def test_mail_of_no_use_any_more_is_not_handed_over(kind: Kind) -> None:
    """From that moment on; a microsecond before, it is sent."""
    stale_at = NOW + SECOND
    notice = issue(work(), {customer(): kind, customer(): kind}, stale_at=stale_at)
    fan_out(notice, now=NOW)
    assert set(notice.deliveries.values_list("stale_at", flat=True)) == {stale_at}
    claimed = outbox.claim(now=NOW, most=9)
    moments = [stale_at - timedelta(microseconds=1), stale_at]
    verdicts = [outbox.hand_over(pk, claimed.token, now=moment) for pk, moment in zip(claimed.ids, moments, strict=True)]
    assert verdicts == [HandOver.READY, HandOver.STALE]


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in {*PROGRESS_KINDS, Kind.REMINDER, *WITHDRAWING_KINDS}])
def test_first_notice_is_never_of_no_use(kind: Kind) -> None:
    """Whatever its row says, and the database holds to it."""
    notice = issue(work(), {customer(): kind}, stale_at=NOW - SECOND)
    fan_out(notice, now=NOW)
    assert notice.deliveries.get().stale_at is None
    with pytest.raises(IntegrityError, match="delivery_first_notice_never_stale"), transaction.atomic():
        Delivery.objects.update(stale_at=NOW)


def test_claim_takes_what_is_urgent_first_and_then_the_oldest() -> None:
    """Emergencies, late notices, cancellations and postponements pass a long queue."""
    told, maintenance = customer(), work()
    fan_out(issue(maintenance, {told: Kind.ANNOUNCED}), now=NOW)
    Delivery.objects.update(state="sent", accepted_at=NOW)
    kinds = [Kind.REMINDER, Kind.ANNOUNCED, Kind.LATE, Kind.STARTED, Kind.EMERGENCY]
    for number, kind in enumerate(kinds):
        fan_out(issue(work(f"MNT-{number + 2}"), {told: kind}), now=NOW + SECOND * number)
    for number, kind in enumerate(WITHDRAWING_KINDS):
        fan_out(issue(maintenance, {told: kind}), now=NOW + SECOND * (9 + number))
    rows = dict(Delivery.objects.values_list("pk", "kind"))
    claims = [[rows[pk] for pk in outbox.claim(now=NOW + timedelta(minutes=1), most=most).ids] for most in (3, 2, 9)]
    assert claims == [["late", "emergency", "cancelled"], ["postponed", "reminder"], ["announced", "started"]]
