"""Suppliers that hand nothing over, or late."""

from math import inf
from typing import TYPE_CHECKING

from plants.definition import DisruptionSpec, NetworkSpec
from plants.disruptions.harm import Harm
from plants.disruptions.kind import Key, Kind

if TYPE_CHECKING:
    from plants.disruptions.world import World


class SupplierDown(Kind):
    """A supplier hands nothing over; what was ready leaves when it is back."""

    name, targets = "supplier-down", ("suppliers",)

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        return (Harm("supplier", d.target),)


class SupplierLate(Kind):
    """Every delivery that a supplier promised for the time it lasts comes later."""

    name, targets, says = "supplier-late", ("suppliers",), ("asn.delayed",)
    keys = (
        Key("item", "item", "the item; every one when left out."),
        Key("by", "time law", "how much later deliveries are.", required=True),
    )

    def begin(self, world: "World", d: DisruptionSpec, expected: float | None, drawn: float | None) -> None:
        """Which deliveries are late is settled at the beginning, so there is nothing to undo."""
        now, item = world.network.env.now, self.value(d, "item")
        supplier = world.network.suppliers[d.target]
        by = world.draw(d.id, "by_s", self.value(d, "by"))
        for each in [item] if item else list(supplier.spec.items):
            supplier.delay(each, now, now + (inf if drawn is None else drawn), by)
