"""One file a model."""

from maintenance.models.breach import Breach
from maintenance.models.incident import Incident
from maintenance.models.incident_customer import IncidentCustomer
from maintenance.models.maintenance import Maintenance
from maintenance.models.maintenance_text import MaintenanceText
from maintenance.models.named_object import NamedObject
from maintenance.models.notice import Notice
from maintenance.models.notice_customer import NoticeCustomer
from maintenance.models.notice_service import NoticeService
from maintenance.models.scope import Scope
from maintenance.models.served import Served
from maintenance.models.window import Window

__all__ = [
    "Breach",
    "Incident",
    "IncidentCustomer",
    "Maintenance",
    "MaintenanceText",
    "NamedObject",
    "Notice",
    "NoticeCustomer",
    "NoticeService",
    "Scope",
    "Served",
    "Window",
]
