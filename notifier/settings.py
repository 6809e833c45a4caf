"""Django's settings, all of them derived from the environment (docs/configuration.md)."""

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ

from notifier import bounce_url, hook_secrets, mail_url
from notifier import env as read
from notifier.ticks import Ticks

django_stubs_ext.monkeypatch()  # lets classes such as ModelAdmin[Customer] say their type, as the stubs want it

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()

# -- where the program stands
DATA_DIR = read.data_dir(env, BASE_DIR / "data")
PORT = read.whole(env, "PORT", 8000, least=1, most=65535)
SITE_URL = read.web_address(env, "SITE_URL", f"http://127.0.0.1:{PORT}")
REDIS_URL = read.redis_address(env)
DATABASES = {"default": read.database(env, DATA_DIR)}
EMBEDDED = not REDIS_URL
SECRET_KEY = read.secret_key(env, DATA_DIR, embedded=EMBEDDED and not read.text(env, "DATABASE_URL"))
DEBUG = read.flag(env, "DEBUG", default=False)
_site = urlsplit(SITE_URL)
ALLOWED_HOSTS = read.allowed_hosts(env, SITE_URL)
CSRF_TRUSTED_ORIGINS = [f"{_site.scheme}://{_site.netloc}"]

# -- the promise (DOMAIN.md, 1)
NOTICE_DAYS = read.whole(env, "NOTICE_DAYS", 10, least=read.LEAST_NOTICE_DAYS, most=365)
NOTICE_MARGIN_HOURS = read.whole(env, "NOTICE_MARGIN_HOURS", 24, least=0, most=24 * 30)
LATE_NOTICE = read.choice(env, "LATE_NOTICE", "forbid", allowed=("forbid", "breach"))
EMERGENCY_DAYS_AFTER_P1 = read.whole(env, "EMERGENCY_DAYS_AFTER_P1", 7, least=0, most=90)
ROOT_CAUSE_BUSINESS_DAYS = read.whole(env, "ROOT_CAUSE_BUSINESS_DAYS", 5, least=1, most=60)
GO_NO_GO_HOURS = read.whole(env, "GO_NO_GO_HOURS", 48, least=1, most=240)
PROVIDER_NAME = read.one_line(env, "PROVIDER_NAME", "Example Connectivity")
PROVIDER_DOMAIN = read.domain(env, "PROVIDER_DOMAIN", "provider.example")

# -- delivery
SMTP_CONNECTIONS = read.whole(env, "SMTP_CONNECTIONS", 16, least=1, most=50)
ALARM_HOURS = read.whole(env, "ALARM_HOURS", 24, least=1, most=240)
WATCHDOG_SECONDS = read.whole(env, "WATCHDOG_SECONDS", 120, least=0, most=3600)
DELIVERY_LEASE_SECONDS = read.whole(env, "DELIVERY_LEASE_SECONDS", 45, least=10, most=3600)
MAIL = mail_url.mail(env, DATA_DIR)
MAIL_FALLBACK = mail_url.fallback(env, MAIL)
# Mails a second, shared by all workers (0: no limit), and how many may go at once after a rest (0: one second's worth).
MAIL_RATE = read.whole(env, "MAIL_RATE", 0, least=0, most=100_000)
MAIL_RATE_FALLBACK = read.whole(env, "MAIL_RATE_FALLBACK", 0, least=0, most=100_000)
MAIL_BURST = read.whole(env, "MAIL_BURST", 0, least=0, most=1_000_000)
BOUNCE_ADDRESS = bounce_url.bounce_address(env)
BOUNCE_MAILBOX = bounce_url.bounce_mailbox(env, others=(DATA_DIR, MAIL.folder))
# Mail in files wakes nobody, so there a first notice need not wait for the morning.
FIRST_NOTICE = read.choice(env, "FIRST_NOTICE", "at_once" if MAIL.folder else "office_hours", allowed=("office_hours", "at_once"))
MAILS_PER_HOUR = read.whole(env, "MAILS_PER_HOUR", 20_000, least=0, most=1_000_000)
UNKNOWN_MAIL = read.choice(env, "UNKNOWN_MAIL", "wait", allowed=("wait", "again"))
UNKNOWN_MINUTES = read.whole(env, "UNKNOWN_MINUTES", 15, least=1, most=1440)
PLANNERS_EMAIL = read.addresses(env, "PLANNERS_EMAIL")
EMAIL_BACKEND = MAIL.backend
EMAIL_HOST, EMAIL_PORT = MAIL.host, MAIL.port
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = MAIL.user, MAIL.password
EMAIL_USE_TLS, EMAIL_USE_SSL = MAIL.use_tls, MAIL.use_ssl
# An answer must have come, or be given up, before the lease runs out: otherwise another worker judges the mail.
EMAIL_TIMEOUT = max(3, DELIVERY_LEASE_SECONDS // 3)
# What an ESP tells later: hooks answer for those ESPs that mail goes to, and only with a secret or a signature.
WEBHOOK_ESPS = list(dict.fromkeys(way.hop.removeprefix("esp:") for way in (MAIL, MAIL_FALLBACK) if way and way.hop.startswith("esp:")))
WEBHOOK_SECRETS = hook_secrets.webhook_secrets(env)
WEBHOOK_SIGNING_KEYS = hook_secrets.webhook_signing_keys(env)
ANYMAIL = {**(MAIL.anymail or {}), "REQUESTS_TIMEOUT": EMAIL_TIMEOUT}

# -- Django
INSTALLED_APPS = [
    "notifier.desk.site.DeskAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "anymail",
    "customers",
    "maintenance",
    "notifier.calendars",
    "notifier.delivery",
    "notifier.desk",
]
if find_spec("django_linear_migrations"):  # a tool of those who write migrations; not installed where the program runs
    INSTALLED_APPS.append("django_linear_migrations")
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "notifier.urls"
WSGI_APPLICATION = "notifier.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024  # an ESP posts thousands of events together; hooks take no more either
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # the booking form of a year of nights has some thousand
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns where it is not there, even though finders serve all files
WHITENOISE_USE_FINDERS = True

# -- languages and time: UTC inside, each reader's own outside
LANGUAGE_CODE = "en"
LANGUAGES = [
    ("en", "English"),
    ("es", "Español"),
    ("fr", "Français"),
    ("de", "Deutsch"),
    ("it", "Italiano"),
    ("nl", "Nederlands"),
    ("da", "Dansk"),
    ("nb", "Norsk bokmål"),
    ("zh-hans", "简体中文"),
]
LOCALE_PATHS = [BASE_DIR / "notifier" / "locale"]
USE_I18N = USE_TZ = True
TIME_ZONE = "UTC"

# -- security: as strict as the address allows
_https = _site.scheme == "https"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = _https
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = _https
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _https else None
SECURE_REFERRER_POLICY = "same-origin"

# -- Celery: only the hands; the database is the schedule (DESIGN.md, 1)
CELERY_BROKER_URL = REDIS_URL or "memory://localhost/"
CELERY_BROKER_TRANSPORT_OPTIONS = (
    {"polling_interval": 0.01} if EMBEDDED else {"socket_timeout": 10, "socket_connect_timeout": 2, "socket_keepalive": True, "visibility_timeout": 3600}
)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = False  # a task that dies is not run again: the lease of its rows recovers them
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_DIRECT = not EMBEDDED  # a queue of its own for each worker: by it the watchdog asks whether it still hears
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1, "interval_max": 0.2}
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
TICK_SECONDS = 5
CELERY_BEAT_SCHEDULE = {
    "tick": {"task": "notifier.delivery.dispatch", "schedule": Ticks(TICK_SECONDS)},
}
CELERY_BEAT_SCHEDULER = "notifier.ticks:TickScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(DATA_DIR / "celerybeat-schedule")

# -- logs: to standard error; links that are secrets are masked
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"mask": {"()": "notifier.logs.MaskTokens"}},
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["mask"], "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "notifier": {"level": "INFO"},
        "django": {"handlers": [], "level": "WARNING", "propagate": True},
    },
}
