"""``python -m tests.conformance.write FOLDER``: write feeds, mails, and ``expected.json`` with what a parser must find in each."""

import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.conformance import scene

MAILS_OF_A_KIND = 5
"""So many mails of each kind in each language."""


def main(folder: Path) -> None:
    """Play the scene and write its files into ``folder``, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as data:
        scene.set_up(Path(data))
        looks: dict[str, Any] = {}
        courses = scene.play(Path(data), lambda: looks.update(_look(folder, len(looks))))
        files = {**looks, **_feeds(folder), **_mails(folder)}
    expected = {"files": files, "looks": list(looks), "courses": {window: course.split() for window, course in courses.items()}}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False), encoding="utf-8")


def _look(folder: Path, number: int) -> dict[str, Any]:
    """Fetch the feed of the customer whom all work hits, as it is at this moment."""
    from customers.models import Customer  # noqa: PLC0415  # after scene.set_up
    from notifier.calendars import feeds  # noqa: PLC0415  # after scene.set_up

    customer = Customer.objects.get(account=scene.HOSTILE)
    name = f"look-{number:03}.ics"
    return {name: _fetch(folder / name, feeds.address_for_customer(customer), customer=customer)}


def _feeds(folder: Path) -> dict[str, Any]:
    """Fetch each customer's and each contact's feed as its reader would."""
    from customers.models import Contact, Customer  # noqa: PLC0415  # after scene.set_up
    from notifier.calendars import feeds  # noqa: PLC0415  # after scene.set_up

    found = {}
    for customer in Customer.objects.all():
        name = f"customer-{customer.pk}.ics"
        found[name] = _fetch(folder / name, feeds.address_for_customer(customer), customer=customer)
    for contact in Contact.objects.all():
        name = f"contact-{contact.pk}.ics"
        found[name] = _fetch(folder / name, feeds.address_for_contact(contact), customer__roles__contact=contact)
    return found


def _fetch(path: Path, address: str, **whose: object) -> list[dict[str, Any]]:
    """Store the feed as its reader gets it; return what it must hold."""
    from django.test import Client  # noqa: PLC0415  # after scene.set_up

    from maintenance.models import NoticeCustomer  # noqa: PLC0415  # after scene.set_up
    from tests.conformance.expected import of_feed  # noqa: PLC0415  # after scene.set_up

    answer = Client(headers={"host": "127.0.0.1"}).get("/calendar/" + address.rpartition("/")[2])
    path.write_bytes(answer.content)
    return of_feed(NoticeCustomer.objects.filter(**whose).select_related("notice", "customer__region"))


def _mails(folder: Path) -> dict[str, Any]:
    """Copy some mails of each kind in each language."""
    from django.conf import settings  # noqa: PLC0415  # after scene.set_up

    from maintenance.models import NoticeCustomer  # noqa: PLC0415  # after scene.set_up
    from maintenance.states import Kind  # noqa: PLC0415  # after scene.set_up
    from notifier.delivery.files import FileBackend  # noqa: PLC0415  # after scene.set_up
    from notifier.delivery.models import Delivery  # noqa: PLC0415  # after scene.set_up
    from tests.conformance.expected import of_mail  # noqa: PLC0415  # after scene.set_up

    seen: Counter[tuple[str, str]] = Counter()
    expected = {}
    for delivery in Delivery.objects.filter(state="sent").select_related("notice").order_by("pk"):
        seen[delivery.kind, delivery.language] += 1
        if seen[delivery.kind, delivery.language] <= MAILS_OF_A_KIND:
            name = f"{delivery.name}.eml"
            shutil.copy(FileBackend().path(delivery.name), folder / name)
            told = NoticeCustomer.objects.filter(notice=delivery.notice, customer__in=delivery.customers.all())
            expected[name] = of_mail(told.select_related("notice", "customer__region"))
    wanted = {(kind, language) for kind in Kind.values for language, _name in settings.LANGUAGES}
    if missing := sorted(wanted - set(seen)):
        message = f"the scene gives no mail of {missing}"
        raise SystemExit(message)
    return expected


if __name__ == "__main__":
    main(Path(sys.argv[1]))
