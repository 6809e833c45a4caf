"""The program's settings, with what only tests want: a database file of their own, and speed where safety is not the matter."""

from notifier.settings import *  # noqa: F403  # the settings under test
from notifier.settings import DATA_DIR, DATABASES, STATIC_ROOT

STATIC_ROOT.mkdir(exist_ok=True)  # WhiteNoise warns when it is not there, and a warning fails a test
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}  # a file: in memory there is neither WAL nor a second connection
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON;"  # type: ignore[index]  # a dictionary for SQLite
