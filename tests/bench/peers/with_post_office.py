"""django-post-office: ``send_many``, then ``send_queued_mail_until_done`` in one process."""

import os
from collections.abc import Callable

from django.core.files.base import ContentFile
from django.core.management import call_command
from post_office import mail
from post_office.models import STATUS, Attachment, Email

from tests.bench.peers.content import Scene

_AT_ONCE = 1000


def queue(scene: str, number: int) -> Callable[[], int]:
    """Queue the mails. ``send_many`` takes no attachments, so that all share one, linked by one insertion; each for itself would cost more."""
    call_command("migrate", verbosity=0)
    content = Scene.read(scene)
    attachment = Attachment(name=content.file, mimetype="text/calendar")
    attachment.file.save(content.file, ContentFile(content.ics), save=True)
    linked = Attachment.emails.through
    for first in range(0, number, _AT_ONCE):
        wanted = [content.addressed(one) for one in range(first, min(number, first + _AT_ONCE))]
        made = mail.send_many(
            [
                {"recipients": [to], "sender": content.sender, "subject": content.subject, "message": text, "html_message": html, "headers": content.headers}
                for text, html, to in wanted
            ],
        )
        linked.objects.bulk_create(linked(attachment_id=attachment.pk, email_id=one.pk) for one in made)

    def send() -> int:
        before = Email.objects.filter(status=STATUS.sent).count()
        mail.send_queued_mail_until_done(lockfile=f"{os.environ['BENCH_FOLDER']}/post_office")
        return int(Email.objects.filter(status=STATUS.sent).count() - before)

    return send
