"""The fixed lists are those of DOMAIN.md, written down here once more."""

from datetime import time

import pytest
from django.utils.translation import override

from customers.catalogue import COMPONENTS, REGIONS, TIERS
from customers.models import Component, Region, Tier

pytestmark = pytest.mark.django_db
CATALOGUE = """
data.roaming-network | roaming network, data | mno
data.roaming-interconnect | roaming interconnect, data | mno
data.mobile-core | mobile core, data | mno, provider
data.provider-ip-network | provider's IP network | provider
data.customer-interconnect | customer interconnects (internet, dedicated links) | mno
voice.roaming-network | roaming network, voice | mno
voice.roaming-interconnect | roaming interconnect, voice | mno
voice.mobile-core | mobile core, voice | mno, provider
voice.voice-service | voice service (termination partner) | mno
sms.roaming-network | roaming network, SMS | mno
sms.roaming-interconnect | roaming interconnect, SMS | mno
sms.mobile-core | mobile core, SMS | mno, provider
sms.sms-service | SMS service (termination partner) | mno
general.roaming-network | roaming network, all connectivity | mno
general.roaming-interconnect | roaming interconnect, all connectivity | mno
general.mobile-core | mobile core, all connectivity | mno, provider
netpro.shared-services | shared services (DNS, SMTP, internet access) | provider
netpro.ipsec | customer IPsec | provider
netpro.ssl-vpn | SSL VPN | provider
netpro.openvpn | OpenVPN | provider
netpro.sim-to-sim | SIM to SIM (hub and spoke) | provider
netpro.dedicated-interconnect | dedicated interconnect | mno
netpro.dmvpn | DMVPN | provider
netpro.fixed-public-ip | fixed public IP | provider
data.private-apn | private APN and its links | mno, provider
access.radio-network | radio access network | mno
platform.sim-portal | SIM management portal | provider
platform.api | provider's APIs | provider
"""


def test_components_are_the_catalogue() -> None:
    """Slug, name and domains of each, in the document's order."""
    expected = [tuple(cell.strip() for cell in line.split("|")) for line in CATALOGUE.strip().splitlines()]
    with override("en"):
        found = [(row.slug, row.name, ", ".join(row.domains())) for row in Component.objects.order_by("pk")]
    assert (found, list(COMPONENTS)) == (expected, [slug for slug, _name, _domains in expected])


def test_component_group_and_name() -> None:
    """The group stands before the dot; planners see the slug and the name."""
    row = Component.objects.get(slug="netpro.ipsec")
    assert (row.group, str(row)) == ("netpro", "netpro.ipsec (customer IPsec)")


def test_regions_with_the_language_to_write_in() -> None:
    """Eleven countries; each office's clocks; mailboxes under a reserved domain until configured."""
    expected = {
        "uk": ("United Kingdom", "en", "Europe/London"),
        "us": ("United States", "en", "America/New_York"),
        "es": ("Spain", "es", "Europe/Madrid"),
        "fr": ("France", "fr", "Europe/Paris"),
        "de": ("Germany", "de", "Europe/Berlin"),
        "at": ("Austria", "de", "Europe/Vienna"),
        "dk": ("Denmark", "da", "Europe/Copenhagen"),
        "no": ("Norway", "nb", "Europe/Oslo"),
        "it": ("Italy", "it", "Europe/Rome"),
        "nl": ("Netherlands", "nl", "Europe/Amsterdam"),
        "cn": ("China", "zh-hans", "Asia/Shanghai"),
    }
    assert {row.slug: (str(row), row.language, str(row.timezone)) for row in Region.objects.all()} == expected
    assert set(REGIONS) == set(expected)
    mailboxes = {"uk": "uk", "es": "es", "fr": "fr", "de": "de", "dk": "nordics", "no": "nordics"}
    assert {row.slug: (row.sender_email, row.reply_to, row.support_email) for row in Region.objects.all()} == {
        slug: (f"maintenance-{box}@provider.example", f"support-{box}@provider.example", f"support-{box}@provider.example")
        for slug, box in ((slug, mailboxes.get(slug, "uk")) for slug in expected)
    }


def test_tiers_with_their_hours_and_reports() -> None:
    """Standard is open in office hours alone; only Enterprise has review, root-cause report and adviser."""
    fields = ("slug", "opens", "closes", "around_the_clock", "service_review", "root_cause_report", "adviser")
    assert list(Tier.objects.order_by("pk").values_list(*fields)) == [
        ("standard", time(9), time(18), False, False, False, False),
        ("plus", time(9), time(18), True, False, False, False),
        ("enterprise", time(8, 30), time(18), True, True, True, True),
    ]
    assert [str(row) for row in Tier.objects.order_by("pk")] == [str(name) for name in TIERS.values()] == ["Standard", "Plus", "Enterprise"]
