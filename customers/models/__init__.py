"""One file a model."""

from customers.models.component import Component, Domain
from customers.models.contact import Contact
from customers.models.contact_role import ContactRole, Role
from customers.models.customer import Customer
from customers.models.operator import Operator
from customers.models.region import Region
from customers.models.service import Service
from customers.models.tier import Tier

__all__ = ["Component", "Contact", "ContactRole", "Customer", "Domain", "Operator", "Region", "Role", "Service", "Tier"]
