"""One file a model."""

from maintenance.models.acknowledgement import Acknowledgement
from maintenance.models.breach import Breach
from maintenance.models.consent import Consent
from maintenance.models.freeze import Freeze
from maintenance.models.incident import Incident
from maintenance.models.incident_customer import IncidentCustomer
from maintenance.models.incident_judgement import IncidentJudgement
from maintenance.models.maintenance import Maintenance
from maintenance.models.maintenance_text import MaintenanceText
from maintenance.models.named_object import NamedObject
from maintenance.models.notice import Notice
from maintenance.models.notice_customer import NoticeCustomer
from maintenance.models.notice_service import NoticeService
from maintenance.models.reminded import Reminded
from maintenance.models.root_cause_report import RootCauseReport
from maintenance.models.root_cause_text import RootCauseText
from maintenance.models.scope import Scope
from maintenance.models.served import Served
from maintenance.models.shortfall import Shortfall
from maintenance.models.update_rule import UpdateRule
from maintenance.models.window import Window

__all__ = [
    "Acknowledgement",
    "Breach",
    "Consent",
    "Freeze",
    "Incident",
    "IncidentCustomer",
    "IncidentJudgement",
    "Maintenance",
    "MaintenanceText",
    "NamedObject",
    "Notice",
    "NoticeCustomer",
    "NoticeService",
    "Reminded",
    "RootCauseReport",
    "RootCauseText",
    "Scope",
    "Served",
    "Shortfall",
    "UpdateRule",
    "Window",
]
