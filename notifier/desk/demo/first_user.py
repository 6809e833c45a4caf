"""The planner who can log in after the first start."""

import os
import secrets
from pathlib import Path

from django.contrib.auth.models import User

NAME = "planner"
EMAIL = "planner@provider.example"
"""Reserved (RFC 2606): alerts to the planners stand in the mailbox of a first start, and can go nowhere else."""
FILE = "planner_password"


def planner(*, data_dir: Path) -> tuple[str, str]:
    """Return name and password of the demo's planner, made as a superuser where there is no user at all.

    The password is kept in a file that only its owner can read, so that each start can show it; it is empty where it is not the
    user's any more, or the user was taken away.
    """
    path = data_dir / FILE
    if not User.objects.exists():
        password = secrets.token_urlsafe(12)
        _keep(path, password)
        User.objects.create_superuser(NAME, email=EMAIL, password=password)
        return NAME, password
    user = User.objects.filter(username=NAME, is_active=True).first()
    kept = path.read_text().strip() if path.exists() else ""
    return NAME, kept if kept and user and user.check_password(kept) else ""


def _keep(path: Path, password: str) -> None:
    path.unlink(missing_ok=True)  # an older file may be readable by others
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(password + "\n")
