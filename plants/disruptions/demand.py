"""Customers who want more, less or nothing."""

from typing import TYPE_CHECKING

from plants.definition import DisruptionSpec, NetworkSpec
from plants.disruptions.harm import Harm, exact
from plants.disruptions.kind import Key, Kind
from plants.systems.erp import Erp

if TYPE_CHECKING:
    from plants.disruptions.world import World


class DemandChange(Kind):
    """A customer orders more or less of an item at a time, or nothing (0); how often is as ever.

    The sum is right for every factor: what is left of a piece counts for the next order, and an order that comes out as
    0 is not placed.
    """

    name, targets = "demand-change", ("customers",)
    keys = (
        Key("item", "item", "the item; every one when left out."),
        Key("factor", "factor", "new demand as a share of normal.", required=True, zero=True),
    )

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        return (Harm("demand", d.target, exact(self.value(d, "factor")), self.value(d, "item") or ""),)


class OrderCancelled(Kind):
    """Each open order of a customer is cancelled with the probability `share`; what has left its site is not."""

    name, targets, lasts, says = "order-cancelled", ("customers",), False, ("order.changed",)
    keys = (
        Key("item", "item", "the item; every one when left out."),
        Key("share", "share", "the probability with which an open order is cancelled.", required=True),
    )

    def begin(self, world: "World", d: DisruptionSpec, expected: float | None, drawn: float | None) -> None:
        """Drawn per order, so an order open in two ways of working is cancelled in both. The last in the queue goes
        first: what it gives back is wanted by nobody who stands before it."""
        item, share, streams = self.value(d, "item"), self.value(d, "share"), world.network.streams
        lost = [
            order
            for order in world.network.book.customer_orders()
            if order.customer == d.target and order.state in ("open", "started") and item in (None, order.item)
            if streams.share(f"disruption/{d.id}/{order.id}")() < share
        ]
        for order in sorted(lost, key=lambda o: (o.due_ms < 0, o.due_ms, o.seq), reverse=True):
            world.systems.of(Erp).give_up(order)
        world.over(d.id)
