"""The fixed lists of DOMAIN.md with the names that people read; the rows come from a data migration."""

from django.utils.translation import gettext_lazy as _

COMPONENTS = {
    "data.roaming-network": _("roaming network, data"),
    "data.roaming-interconnect": _("roaming interconnect, data"),
    "data.mobile-core": _("mobile core, data"),
    "data.provider-ip-network": _("provider's IP network"),
    "data.customer-interconnect": _("customer interconnects (internet, dedicated links)"),
    "voice.roaming-network": _("roaming network, voice"),
    "voice.roaming-interconnect": _("roaming interconnect, voice"),
    "voice.mobile-core": _("mobile core, voice"),
    "voice.voice-service": _("voice service (termination partner)"),
    "sms.roaming-network": _("roaming network, SMS"),
    "sms.roaming-interconnect": _("roaming interconnect, SMS"),
    "sms.mobile-core": _("mobile core, SMS"),
    "sms.sms-service": _("SMS service (termination partner)"),
    "general.roaming-network": _("roaming network, all connectivity"),
    "general.roaming-interconnect": _("roaming interconnect, all connectivity"),
    "general.mobile-core": _("mobile core, all connectivity"),
    "netpro.shared-services": _("shared services (DNS, SMTP, internet access)"),
    "netpro.ipsec": _("customer IPsec"),
    "netpro.ssl-vpn": _("SSL VPN"),
    "netpro.openvpn": _("OpenVPN"),
    "netpro.sim-to-sim": _("SIM to SIM (hub and spoke)"),
    "netpro.dedicated-interconnect": _("dedicated interconnect"),
    "netpro.dmvpn": _("DMVPN"),
    "netpro.fixed-public-ip": _("fixed public IP"),
    "data.private-apn": _("private APN and its links"),
    "access.radio-network": _("radio access network"),
    "platform.sim-portal": _("SIM management portal"),
    "platform.api": _("provider's APIs"),
}
"""Slug -> name, in the order of DOMAIN.md."""

REGIONS = {
    "uk": _("United Kingdom"),
    "es": _("Spain"),
    "fr": _("France"),
    "de": _("Germany"),
    "at": _("Austria"),
    "it": _("Italy"),
    "nl": _("Netherlands"),
    "dk": _("Denmark"),
    "no": _("Norway"),
    "us": _("United States"),
    "cn": _("China"),
}

TIERS = {
    "standard": _("Standard"),
    "plus": _("Plus"),
    "enterprise": _("Enterprise"),
}
