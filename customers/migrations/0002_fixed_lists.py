"""The fixed lists of DOMAIN.md: components, tiers, regions. Mailboxes use a reserved domain until they are configured."""

import datetime as dt

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

COMPONENTS = [
    ("data.roaming-network", "mno"),
    ("data.roaming-interconnect", "mno"),
    ("data.mobile-core", "mno provider"),
    ("data.provider-ip-network", "provider"),
    ("data.customer-interconnect", "mno"),
    ("voice.roaming-network", "mno"),
    ("voice.roaming-interconnect", "mno"),
    ("voice.mobile-core", "mno provider"),
    ("voice.voice-service", "mno"),
    ("sms.roaming-network", "mno"),
    ("sms.roaming-interconnect", "mno"),
    ("sms.mobile-core", "mno provider"),
    ("sms.sms-service", "mno"),
    ("general.roaming-network", "mno"),
    ("general.roaming-interconnect", "mno"),
    ("general.mobile-core", "mno provider"),
    ("netpro.shared-services", "provider"),
    ("netpro.ipsec", "provider"),
    ("netpro.ssl-vpn", "provider"),
    ("netpro.openvpn", "provider"),
    ("netpro.sim-to-sim", "provider"),
    ("netpro.dedicated-interconnect", "mno"),
    ("netpro.dmvpn", "provider"),
    ("netpro.fixed-public-ip", "provider"),
    ("data.private-apn", "mno provider"),
    ("access.radio-network", "mno"),
    ("platform.sim-portal", "provider"),
    ("platform.api", "provider"),
]
NINE, SIX = dt.time(9), dt.time(18)
TIERS = [
    {"slug": "standard", "opens": NINE, "closes": SIX},
    {"slug": "plus", "opens": NINE, "closes": SIX, "around_the_clock": True},
    {
        "slug": "enterprise",
        "opens": dt.time(8, 30),
        "closes": SIX,
        "around_the_clock": True,
        "service_review": True,
        "root_cause_report": True,
        "adviser": True,
    },
]
REGIONS = [
    ("uk", "en", "Europe/London"),
    ("es", "es", "Europe/Madrid"),
    ("fr", "fr", "Europe/Paris"),
    ("de", "de", "Europe/Berlin"),
    ("at", "de", "Europe/Vienna"),
    ("it", "it", "Europe/Rome"),
    ("nl", "nl", "Europe/Amsterdam"),
    ("dk", "da", "Europe/Copenhagen"),
    ("no", "nb", "Europe/Oslo"),
    ("us", "en", "America/New_York"),
    ("cn", "zh-hans", "Asia/Shanghai"),
]
MAILBOXES = {"uk": "uk", "es": "es", "fr": "fr", "de": "de", "dk": "nordics", "no": "nordics"}
"""The documents give a mailbox of its own to these; the others write from the United Kingdom's until configured."""


def fill(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Insert the rows."""
    apps.get_model("customers", "Component").objects.bulk_create(
        apps.get_model("customers", "Component")(slug=slug, mno="mno" in domains, provider="provider" in domains) for slug, domains in COMPONENTS
    )
    apps.get_model("customers", "Tier").objects.bulk_create(apps.get_model("customers", "Tier")(**row) for row in TIERS)
    apps.get_model("customers", "Region").objects.bulk_create(
        apps.get_model("customers", "Region")(
            slug=slug,
            language=language,
            timezone=zone,
            sender_name="Network Operations",
            sender_email=f"maintenance-{MAILBOXES.get(slug, 'uk')}@provider.example",
            reply_to=f"support-{MAILBOXES.get(slug, 'uk')}@provider.example",
            support_email=f"support-{MAILBOXES.get(slug, 'uk')}@provider.example",
        )
        for slug, language, zone in REGIONS
    )


def empty(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Take the rows away again; refused by the database where customers use them."""
    for model in ("Region", "Tier", "Component"):
        apps.get_model("customers", model).objects.all().delete()


class Migration(migrations.Migration):
    """Data apart from schema."""

    dependencies = [("customers", "0001_initial")]
    operations = [migrations.RunPython(fill, empty)]
