"""One file a model; importing them registers them with the admin site."""

from customers.admin.component import ComponentAdmin
from customers.admin.contact import ContactAdmin
from customers.admin.customer import CustomerAdmin
from customers.admin.operator import OperatorAdmin
from customers.admin.region import RegionAdmin
from customers.admin.tier import TierAdmin

__all__ = ["ComponentAdmin", "ContactAdmin", "CustomerAdmin", "OperatorAdmin", "RegionAdmin", "TierAdmin"]
