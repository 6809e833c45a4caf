"""The site, and everything that leaves it."""

from notifier.celery import app as celery_app

__all__ = ["celery_app"]  # Django loads it, so that every process sends tasks by our broker and not by Celery's default
