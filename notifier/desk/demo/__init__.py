"""Data to try the program with, made on the first start of an empty database: some customers, work and incidents; a planner."""

from notifier.desk.demo.first_user import planner
from notifier.desk.demo.loading import load

__all__ = ["load", "planner"]
