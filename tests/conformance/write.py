"""``python -m tests.conformance.write FOLDER``: write feeds, mails, and ``expected.json`` with what a parser must find in each."""

import json
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from tests.conformance import scene

MAILS_OF_A_KIND = 8
"""So many mails of each kind in each language."""


def main(folder: Path) -> None:
    """Play the scene and write its files into ``folder``, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as data:
        scene.set_up(Path(data))
        scene.play(Path(data))
        expected = {**_feeds(folder), **_mails(folder)}
    (folder / "expected.json").write_text(json.dumps(expected, indent=1, ensure_ascii=False), encoding="utf-8")


def _feeds(folder: Path) -> dict[str, Any]:
    """Fetch each customer's and each contact's feed as its reader would."""
    from django.test import Client  # noqa: PLC0415  # after scene.set_up

    from customers.models import Contact, Customer  # noqa: PLC0415  # after scene.set_up
    from maintenance.models import NoticeCustomer  # noqa: PLC0415  # after scene.set_up
    from notifier.calendars import feeds  # noqa: PLC0415  # after scene.set_up
    from tests.conformance.expected import of_feed  # noqa: PLC0415  # after scene.set_up

    told = NoticeCustomer.objects.select_related("notice", "customer__region")
    owners: list[tuple[str, str, Any]] = [(f"customer-{one.pk}.ics", feeds.address_for_customer(one), {"customer": one}) for one in Customer.objects.all()]
    owners += [(f"contact-{one.pk}.ics", feeds.address_for_contact(one), {"customer__roles__contact": one}) for one in Contact.objects.all()]
    expected = {}
    for name, address, whose in owners:
        answer = Client(headers={"host": "127.0.0.1"}).get("/calendar/" + address.rpartition("/")[2])
        (folder / name).write_bytes(answer.content)
        expected[name] = of_feed(told.filter(**whose))
    return expected


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
