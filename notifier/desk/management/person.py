"""Who types a command."""

import getpass

_LONGEST = 150


def typed_by() -> str:
    """Return the operating system's user, who stands in the records as the author."""
    try:
        return getpass.getuser()[:_LONGEST] or "command line"
    except (KeyError, OSError, ImportError):  # a user id without a name, as in many containers
        return "command line"
