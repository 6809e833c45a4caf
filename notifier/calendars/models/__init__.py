"""One file a model."""

from notifier.calendars.models.feed import Feed

__all__ = ["Feed"]
