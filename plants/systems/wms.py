"""WMS: the clerk at a site's dock. Posts receipts, departures and adjustments with the stock it counts afterwards."""

from typing import TYPE_CHECKING

from plants.orders import CustomerOrder, Order
from plants.systems.system import System
from sync.vocabulary import messages as m
from sync.vocabulary.quantities import ceil_ms

if TYPE_CHECKING:
    from plants.network.lane import Consignment


class Wms(System):
    """The `Clerk` of a site (see plants.network.sites)."""

    name, per = "wms", "site"
    publishes = (m.StockPosted, m.ReceiptPosted, m.TransferDeparted, m.ShipmentDeparted)

    def attach(self) -> None:
        """Stand at the dock."""
        self.network.sites[self.owner].clerk = self

    def received(self, item: str, quantity: int, on_hand: int, order: str) -> None:
        """Goods were received into stock."""
        body = m.ReceiptPosted(site=self.owner, item=self.code(item), quantity=quantity, on_hand=on_hand, order=order)
        self.channel.post(order, body)

    def departed(self, order: Order, c: "Consignment", quantity: int, on_hand: int, eta_s: float) -> None:
        """`quantity` pieces left the dock; at a gate without room for all of them the consignment is only a part."""
        left = m.ShipmentDeparted if isinstance(order, CustomerOrder) else m.TransferDeparted
        body = left(
            shipment=c.id,
            order=order.id,
            item=self.code(c.item),
            quantity=quantity,
            source=self.owner,
            target=c.target,
            on_hand=on_hand,
            eta_ms=ceil_ms(eta_s),
        )
        self.channel.post(order.id, body)

    def adjusted(self, item: str, quantity: int, on_hand: int, reason: str) -> None:
        """Stock was corrected without a receipt or a departure."""
        body = m.StockPosted(site=self.owner, item=self.code(item), quantity=quantity, on_hand=on_hand, reason=reason)
        self.channel.post(item, body)
