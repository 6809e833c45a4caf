"""What planners see: one file a model or page. Importing them registers them."""

from notifier.desk.admin import breach, delivery, incident, maintenance, notice, notice_customer, served

__all__ = ["breach", "delivery", "incident", "maintenance", "notice", "notice_customer", "served"]
