"""Fixed lists for tests that need no database."""

from notifier.desk.imports.customer_sheet import FixedLists
from notifier.desk.imports.fields import zone_names

LISTS = FixedLists(
    regions=["es", "uk"],
    tiers=["standard", "plus"],
    languages=["en", "es"],
    zones=zone_names(),
    components={"netpro.ipsec": ["provider"], "netpro.openvpn": ["provider"], "data.mobile-core": ["mno", "provider"]},
)
