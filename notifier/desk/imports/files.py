"""Files as bytes."""

from pathlib import Path

from django.utils.translation import gettext as _

from notifier.desk.imports.faults import Findings

FILE = "file"
"""What stands in a report's column where the file could not be read at all."""


def content_of(path: Path, findings: Findings) -> bytes | None:
    """Return what the file holds; note where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as error:
        findings.add(1, FILE, _("cannot be read (%(reason)s)") % {"reason": error.strerror})
        return None
