"""Suppliers that make nothing, or deliver late."""

from math import inf
from typing import TYPE_CHECKING

from plants.definition import DisruptionSpec, NetworkSpec
from plants.disruptions.harm import Harm
from plants.disruptions.kind import Key, Kind
from plants.disruptions.undo import Undo

if TYPE_CHECKING:
    from plants.disruptions.world import World


class SupplierDown(Kind):
    """A supplier makes nothing and hands nothing over; what it has promised moves by the time it stood."""

    name, targets, says = "supplier-down", ("suppliers",), ("asn.delayed",)

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        return (Harm("supplier", d.target),)


class SupplierLate(Kind):
    """Every delivery that a supplier promised for the time it lasts comes later."""

    name, targets, says = "supplier-late", ("suppliers",), ("asn.delayed",)
    keys = (
        Key("item", "item", "the item; every one when left out."),
        Key("by", "time law", "how much later deliveries are.", required=True),
    )

    def begin(self, world: "World", d: DisruptionSpec, expected: float | None, drawn: float | None) -> Undo | None:
        """With a duration it is settled at the beginning which deliveries are late, and nothing is undone; else those
        promised from its end on are not."""
        env, item = world.network.env, self.value(d, "item")
        supplier = world.network.suppliers[d.target]
        by = world.draw(d.id, "by_s", self.value(d, "by"))
        end = inf if drawn is None else env.now + drawn
        lates = [supplier.delay(each, env.now, end, by) for each in ([item] if item else list(supplier.spec.items))]
        if drawn is not None:
            return None

        def undo() -> None:
            for late in lates:
                supplier.delay_ends(late)

        return undo
