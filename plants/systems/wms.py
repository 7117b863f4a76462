"""WMS: the clerk at a site's dock. Posts receipts, departures and adjustments with the stock it counts afterwards."""

from dataclasses import dataclass

from plants.network.lane import Consignment
from plants.orders import CustomerOrder, Order
from plants.systems.channel import Channel
from sync.vocabulary import messages as m
from sync.vocabulary.quantities import ceil_ms


@dataclass(eq=False)
class Wms:
    """The `Clerk` of a site (see plants.network.sites)."""

    site: str
    channel: Channel
    codes: dict[str, str]

    def received(self, item: str, quantity: int, on_hand: int, order: str) -> None:
        """Goods were received into stock."""
        body = m.ReceiptPosted(
            site=self.site, item=self.codes.get(item, item), quantity=quantity, on_hand=on_hand, order=order
        )
        self.channel.post(order, body)

    def departed(self, order: Order, c: Consignment, on_hand: int, eta_s: float) -> None:
        """Goods left the dock."""
        left = m.ShipmentDeparted if isinstance(order, CustomerOrder) else m.TransferDeparted
        body = left(
            shipment=c.id,
            order=order.id,
            item=self.codes.get(c.item, c.item),
            quantity=c.quantity,
            source=self.site,
            target=c.target,
            on_hand=on_hand,
            eta_ms=ceil_ms(eta_s),
        )
        self.channel.post(order.id, body)

    def adjusted(self, item: str, quantity: int, on_hand: int, reason: str) -> None:
        """Stock was corrected without a receipt or a departure."""
        body = m.StockPosted(
            site=self.site, item=self.codes.get(item, item), quantity=quantity, on_hand=on_hand, reason=reason
        )
        self.channel.post(item, body)
