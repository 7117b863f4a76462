"""Supplier portal: acknowledgements and advance shipping notices of one supplier."""

from typing import TYPE_CHECKING

from plants.orders import Order
from plants.systems.system import System
from sync.vocabulary import messages as m
from sync.vocabulary.quantities import ceil_ms

if TYPE_CHECKING:
    from plants.network.lane import Consignment


class Portal(System):
    """Promises are dates at the supplier's door; the lane's transit comes on top."""

    name, per = "portal", "supplier"
    publishes = (m.SupplierAcknowledged, m.AsnSent, m.AsnDelayed)

    def attach(self) -> None:
        """Listen to the supplier."""
        supplier = self.network.suppliers[self.owner]
        supplier.on_promise.append(self._promised)
        supplier.on_late.append(self._late)
        supplier.on_ready.append(self._sent)

    def _promised(self, order: Order, ready_s: float) -> None:
        body = m.SupplierAcknowledged(order=order.id, promised_ms=ceil_ms(ready_s))
        self.channel.post(order.id, body)

    def _late(self, order: Order, ready_s: float) -> None:
        body = m.AsnDelayed(order=order.id, item=order.item, quantity=order.wanted, eta_ms=ceil_ms(ready_s))
        self.channel.post(order.id, body)

    def _sent(self, order: Order, c: "Consignment", quantity: int) -> None:
        body = m.AsnSent(order=order.id, item=order.item, quantity=quantity, eta_ms=ceil_ms(c.eta_s))
        self.channel.post(order.id, body)
