"""What a device will notice: by the part of the network that is worked on (the group of the component) and the impact."""

from collections.abc import Iterable

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from maintenance.states import Impact

EFFECTS: dict[str, dict[Impact, Promise]] = {
    "data": {
        Impact.OUTAGE: _(
            "Devices lose their data session and cannot open a new one while service is down. Transfers in progress break off. "
            "Devices must attach and open their session again afterwards; those that do not retry by themselves may need a restart.",
        ),
        Impact.DEGRADED: _(
            "Data may be slow or break off now and then. Sessions can drop and have to be opened again; devices that retry recover by themselves."
        ),
        Impact.REDUCED_REDUNDANCY: _("Data keeps flowing. Its backup path is out of use meanwhile, so a second fault would interrupt data sessions."),
        Impact.NO_IMPACT: _("Data sessions stay up. Devices should not notice anything."),
    },
    "voice": {
        Impact.OUTAGE: _(
            "Devices can neither make nor receive calls while service is down. Calls in progress are cut off. "
            "Emergency and alarm lines over these SIMs do not work."
        ),
        Impact.DEGRADED: _("Some calls may fail to connect, sound poor or be cut off. A second attempt usually succeeds."),
        Impact.REDUCED_REDUNDANCY: _("Calls keep working. Their backup path is out of use meanwhile, so a second fault would interrupt calls."),
        Impact.NO_IMPACT: _("Calls keep working. Devices should not notice anything."),
    },
    "sms": {
        Impact.OUTAGE: _(
            "Devices can neither send nor receive SMS while service is down. Messages to devices wait and arrive afterwards, unless they expire before; "
            "messages from devices are refused and have to be sent again. Wake-up messages do not reach devices.",
        ),
        Impact.DEGRADED: _("SMS may arrive late or twice, and some may be refused at the first attempt. Allow for delay in what you trigger by SMS."),
        Impact.REDUCED_REDUNDANCY: _("SMS keep working. Their backup path is out of use meanwhile, so a second fault would delay or stop messages."),
        Impact.NO_IMPACT: _("SMS keep working. Devices should not notice anything."),
    },
    "general": {
        Impact.OUTAGE: _(
            "Devices lose the network for data, SMS and voice while service is down. Sessions and calls in progress break off. "
            "Devices must register again afterwards; spread out their attempts, so that they do not all come back in the same second.",
        ),
        Impact.DEGRADED: _(
            "Data, SMS and voice may be slow or fail now and then. Devices may lose the network for short times and register again by themselves."
        ),
        Impact.REDUCED_REDUNDANCY: _(
            "Devices stay connected. The backup of this network is out of use meanwhile, so a second fault would interrupt data, SMS and voice."
        ),
        Impact.NO_IMPACT: _("Devices stay connected for data, SMS and voice, and should not notice anything."),
    },
    "netpro": {
        Impact.OUTAGE: _(
            "Devices stay on the mobile network, but their traffic does not get through this service: tunnels and links go down, "
            "and fixed addresses cannot be reached. "
            "Tunnels that do not come back by themselves have to be set up again from your side.",
        ),
        Impact.DEGRADED: _(
            "Traffic through this service may be slow or lose packets. Tunnels may drop and come up again; connections through them can break off."
        ),
        Impact.REDUCED_REDUNDANCY: _(
            "Traffic keeps flowing. The backup of this service is out of use meanwhile, so a second fault would interrupt tunnels and links."
        ),
        Impact.NO_IMPACT: _("Tunnels, links and addresses stay up. Neither devices nor your systems should notice anything."),
    },
    "access": {
        Impact.OUTAGE: _(
            "Devices within reach of the radio sites concerned lose signal. They move to another cell or network where there is one, "
            "and otherwise stay offline until the sites are back.",
        ),
        Impact.DEGRADED: _(
            "Signal and throughput may be weaker where the radio sites concerned are. Devices may change cell or technology more often, which costs battery."
        ),
        Impact.REDUCED_REDUNDANCY: _("Coverage stays. Fewer cells overlap meanwhile, so a second fault would leave some devices without signal."),
        Impact.NO_IMPACT: _("Coverage stays as it is. Devices should not notice anything."),
    },
    "platform": {
        Impact.OUTAGE: _(
            "Devices stay connected. You cannot manage SIMs meanwhile: calls to the platform are refused, "
            "so activations, changes and reports have to be tried again afterwards.",
        ),
        Impact.DEGRADED: _("Devices stay connected. The platform may answer slowly or with errors now and then; try again what fails."),
        Impact.REDUCED_REDUNDANCY: _(
            "Devices stay connected and the platform works. Its backup is out of use meanwhile, so a second fault would make it unavailable."
        ),
        Impact.NO_IMPACT: _("Devices stay connected and the platform works. You should not notice anything."),
    },
}
"""Group -> impact -> what is noticed."""


def effects(hits: Iterable[tuple[str, Impact]]) -> list[str]:
    """Return a sentence for each pair of group and impact, the worst first and in the catalogue's order."""
    groups = list(EFFECTS)
    ordered = sorted(set(hits), key=lambda hit: (-hit[1].severity, groups.index(hit[0])))
    return [str(EFFECTS[group][impact]) for group, impact in ordered]
