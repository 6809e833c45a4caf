"""The program's own settings with the plainest look: a mail of one window and one account is about 8 kB then, and 16 kB with the usual style sheet."""

from pathlib import Path

from notifier.settings import *  # noqa: F403  # all of them, and one more
from notifier.settings import TEMPLATES

TEMPLATES[0]["DIRS"] = [Path(__file__).parent / "templates", *TEMPLATES[0]["DIRS"]]  # type: ignore[misc]  # it is a list
