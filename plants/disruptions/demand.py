"""Customers who want more, less or nothing."""

from plants.definition import DisruptionSpec, NetworkSpec
from plants.disruptions.harm import Harm, exact
from plants.disruptions.kind import Key, Kind


class DemandChange(Kind):
    """A customer orders more or less of an item at a time; how often is as ever."""

    name, targets = "demand-change", ("customers",)
    keys = (
        Key("item", "item", "the item; every one when left out."),
        Key("factor", "factor", "new demand as a share of normal.", required=True),
    )

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        return (Harm("demand", d.target, exact(self.value(d, "factor")), self.value(d, "item") or ""),)
