"""``manage.py run``: the whole program in one process, on SQLite, for trying it and for small sites."""

import os
import signal
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from waitress.server import create_server

from customers.models import Customer
from notifier.desk import demo
from notifier.desk.embedded import Hands
from notifier.wsgi import application


class Command(BaseCommand):
    """Migrates, loads the demo the first time, then serves web, worker and beat until Ctrl-C."""

    help = "Serve web, worker and beat in one process; migrate first, and load demo data into an empty database."

    def handle(self, *_arguments: object, **_options: object) -> None:
        """Serve until interrupted."""
        if not settings.EMBEDDED:
            raise CommandError(_("REDIS_URL is set: start web, worker and beat by themselves (docs/production.md)."))
        call_command("migrate", verbosity=0, interactive=False)
        if not Customer.objects.exists():
            demo.load(now=timezone.now())
        name, password = demo.planner(data_dir=settings.DATA_DIR)
        server = self._server()
        self._greet(name, password)
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            with Hands() as hands:
                server.run()  # returns after Ctrl-C
        finally:
            server.close()
        self.stdout.write(_("Stopped."))
        self.stdout.flush()
        if hands.busy:
            os._exit(0)  # Python would wait for the thread; the lease of its mail recovers it

    def _server(self) -> Any:  # noqa: ANN401  # waitress has no types
        try:
            return create_server(application, host="127.0.0.1", port=settings.PORT, threads=8, ident=None)
        except OSError as error:
            raise CommandError(_("PORT=%(port)d cannot be used: %(why)s.") % {"port": settings.PORT, "why": error.strerror}) from error

    def _greet(self, name: str, password: str) -> None:
        site = settings.SITE_URL if urlsplit(settings.SITE_URL).port == settings.PORT else f"http://127.0.0.1:{settings.PORT}"
        self.stdout.write(_("Address:  %(address)s") % {"address": site + "/"})
        self.stdout.write(_("Login:    %(name)s / %(password)s") % {"name": name, "password": password or _("(changed by hand)")})
        if settings.MAIL.folder:
            self.stdout.write(_("Mailbox:  %(address)s") % {"address": site + reverse("mailbox")})
        self.stdout.write(_("Ctrl-C stops it."))
        self.stdout.flush()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
