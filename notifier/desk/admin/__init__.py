"""What planners see: one file a model or page. Importing them registers them."""

from notifier.desk.admin import (
    alert,
    breach,
    consent,
    delivery,
    freeze,
    incident,
    maintenance,
    notice,
    notice_customer,
    receipt,
    root_cause,
    served,
    shortfall,
    update_rule,
)

__all__ = [
    "alert",
    "breach",
    "consent",
    "delivery",
    "freeze",
    "incident",
    "maintenance",
    "notice",
    "notice_customer",
    "receipt",
    "root_cause",
    "served",
    "shortfall",
    "update_rule",
]
