"""``manage.py deliver``: the dispatcher without Celery or Redis."""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from notifier.delivery.tick import everything


class Command(BaseCommand):
    """Claims and sends what is due, then ends; several at once do no harm."""

    help = "Send what is due, then end. Several at once do no harm."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """One option."""
        parser.add_argument(
            "--until-idle", action="store_true", help="also wait for retries that are due within a minute and for mails that others are sending"
        )

    def handle(self, *, until_idle: bool, **_options: object) -> None:
        """Say how many mails were dealt with."""
        dealt_with = everything(until_idle=until_idle)
        self.stdout.write(_("%(number)d mails dealt with.") % {"number": dealt_with})
