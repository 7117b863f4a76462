"""WMS: receipts, transfers and adjustments of a site. `on_hand` is the site's stock of the item after the move."""

from sync.vocabulary.messages.envelope import Body, message


@message("stock.posted")
class StockPosted(Body, frozen=True, kw_only=True):
    site: str
    item: str
    quantity: int
    on_hand: int
    reason: str


@message("receipt.posted")
class ReceiptPosted(Body, frozen=True, kw_only=True):
    """Goods came in: from production (`order` PO-...), from another site (TO-...) or from a supplier (PU-...)."""

    site: str
    item: str
    quantity: int
    on_hand: int
    order: str


class Departed(Body, frozen=True, kw_only=True):
    """Goods left `source`: `transfer.departed` for transfers, `shipment.departed` for customer orders."""

    shipment: str
    order: str
    item: str
    quantity: int
    source: str
    target: str
    on_hand: int
    eta_ms: int


@message("transfer.departed")
class TransferDeparted(Departed, frozen=True, kw_only=True):
    """Goods of a transfer order left a dock."""


@message("shipment.departed")
class ShipmentDeparted(Departed, frozen=True, kw_only=True):
    """Goods of a customer order left a dock."""
