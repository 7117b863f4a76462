"""TMS: what the carriers report. Lanes closed, slowed and opened again, shipments delivered to customers, and goods
that were lost, which a carrier tells some time after it happened (`reports_loss_after` of its lane)."""

from typing import TYPE_CHECKING

from plants.orders import CustomerOrder, Order
from plants.systems.system import System
from sync.vocabulary import messages as m
from sync.vocabulary.quantities import ceil_ms

if TYPE_CHECKING:
    from plants.network.lane import Consignment, Lane


class Tms(System):
    """One for the whole network, source `tms`."""

    name, per = "tms", "network"
    publishes = (m.ShipmentArrived, m.LaneClosed, m.LaneOpened, m.LaneSlowed, m.ShipmentLost)

    def attach(self) -> None:
        """Listen to what reaches customers, and to what nobody gets."""
        self.network.on_delivered.append(self.delivered)
        self.network.on_lost.append(self.lost)

    def lost(self, order: Order, c: "Consignment", lane: "Lane") -> None:
        """Goods are gone; the carrier will say so."""
        body = m.ShipmentLost(
            shipment=c.id, order=order.id, item=c.item, quantity=c.quantity, source=c.source, target=c.target,
            lane=lane.id, since_ms=ceil_ms(self.network.env.now),
        )  # fmt: skip
        self.network.env.call_in(lane.spec.reports_loss_after_s, lambda: self.channel.post(order.id, body))

    def closed(self, lane: str, since_s: float, expected_s: float | None) -> None:
        """A lane is closed; `expected_s` is the estimate of the whole closing (None: nobody knows)."""
        expected = -1 if expected_s is None else ceil_ms(expected_s)
        self.channel.post(lane, m.LaneClosed(lane=lane, since_ms=ceil_ms(since_s), expected_ms=expected))

    def opened(self, lane: str) -> None:
        self.channel.post(lane, m.LaneOpened(lane=lane))

    def slowed(self, lane: str, factor: float, since_s: float, expected_s: float | None) -> None:
        """A lane takes 1 / `factor` times as long."""
        expected = -1 if expected_s is None else ceil_ms(expected_s)
        self.channel.post(
            lane,
            m.LaneSlowed(
                lane=lane, factor_ppm=round(factor * 1_000_000), since_ms=ceil_ms(since_s), expected_ms=expected
            ),
        )

    def delivered(self, order: CustomerOrder, c: "Consignment") -> None:
        """A shipment reached its customer."""
        self.channel.post(
            order.id,
            m.ShipmentArrived(shipment=c.id, order=order.id, item=c.item, quantity=c.quantity, target=c.target),
        )
