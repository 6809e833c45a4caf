"""Settings for all of them: the same databases, opened the same way as ours, and Django's own SMTP backend behind each queue."""

import os
from urllib.parse import urlsplit

SECRET_KEY = "bench-only"  # noqa: S105  # it guards nothing
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["post_office", "mailer"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates"}]
EMAIL_HOST, EMAIL_PORT = "127.0.0.1", int(os.environ["BENCH_PORT"])
EMAIL_TIMEOUT = 15
_url = urlsplit(os.environ.get("BENCH_DATABASE", ""))
_sqlite = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": f"{os.environ['BENCH_FOLDER']}/peers.sqlite3",
    "OPTIONS": {
        "transaction_mode": "IMMEDIATE",
        "timeout": 30,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
    },
}
_postgres = {
    "ENGINE": "django.db.backends.postgresql",
    "NAME": _url.path.lstrip("/"),
    "USER": _url.username or "",
    "HOST": _url.hostname or "",
    "PORT": _url.port or "",
    "CONN_MAX_AGE": 60,
}
DATABASES = {"default": _postgres if _url.scheme else _sqlite}
MEDIA_ROOT = os.environ["BENCH_FOLDER"]  # where django-post-office keeps attachments

# django-post-office: what its documentation offers for speed; measured with 1 and 5 threads, see docs/bench.md
POST_OFFICE = {
    "BACKENDS": {"default": "django.core.mail.backends.smtp.EmailBackend"},
    "BATCH_SIZE": 1000,
    "THREADS_PER_PROCESS": int(os.environ.get("BENCH_THREADS", "5")),
    "LOG_LEVEL": 1,  # only failures: a row less a mail
}
# django-mailer
MAILER_EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
MAILER_EMAIL_LOG_MESSAGE_DATA = False  # does not write each mail a second time into its log
MAILER_LOCK_PATH = f"{os.environ['BENCH_FOLDER']}/mailer"
LOGGING = {
    "version": 1,
    "handlers": {"nowhere": {"class": "logging.NullHandler"}},
    "loggers": {"post_office": {"level": "ERROR", "handlers": ["nowhere"]}, "mailer": {"level": "ERROR", "handlers": ["nowhere"]}},
}
