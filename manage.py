#!/usr/bin/env python
"""Run one of the program's commands: ``python manage.py help`` lists them."""

import os
import sys


def main() -> None:
    """Hand the command line to Django."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "notifier.settings")
    from django.core.exceptions import ImproperlyConfigured  # noqa: PLC0415  # settings must be named first
    from django.core.management import execute_from_command_line  # noqa: PLC0415  # as above

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()
