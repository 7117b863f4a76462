"""ERP: customer orders, production orders, transfer orders, purchase orders."""

from sync.vocabulary.messages.envelope import Body, message


@message("order.created")
class OrderCreated(Body, frozen=True, kw_only=True):
    """A customer order, as ERP accepted it. `site` ships it in the plan in force. Times ms, money minor units."""

    order: str
    customer: str
    item: str
    quantity: int
    ordered_ms: int
    due_ms: int
    site: str
    penalty_minor: int = 0
    penalty_per: str = "pcs"
    weight_g: int = 0
    service: str = ""
    carrier: str = ""
    port: str = ""
    transit_ms: int = -1
    partial: bool = False


@message("order.reopened")
class OrderReopened(OrderCreated, frozen=True, kw_only=True):
    """Goods of the order were lost and are written off: `quantity` pieces of it are to be sent again, or still."""


@message("order.changed")
class OrderChanged(Body, frozen=True, kw_only=True):
    order: str
    site: str
    port: str = ""
    carrier: str = ""


@message("order.delivered")
class OrderDelivered(Body, frozen=True, kw_only=True):
    order: str
    quantity: int


@message("production_order.released")
class ProductionOrderReleased(Body, frozen=True, kw_only=True):
    """`for_order`: the transfer or customer order it is pegged to ("" = to stock)."""

    order: str
    site: str
    line: str
    item: str
    quantity: int
    for_order: str = ""


@message("production_order.changed")
class ProductionOrderChanged(Body, frozen=True, kw_only=True):
    order: str
    quantity: int


@message("production_order.completed")
class ProductionOrderCompleted(ProductionOrderChanged, frozen=True, kw_only=True):
    """The last lot is counted: `quantity` good pieces came of it."""


@message("transfer_order.created")
class TransferOrderCreated(Body, frozen=True, kw_only=True):
    order: str
    item: str
    quantity: int
    source: str
    target: str
    ordered_ms: int
    due_ms: int


@message("transfer_order.changed")
class TransferOrderChanged(Body, frozen=True, kw_only=True):
    """`quantity` is the new total asked for; what has left stays counted."""

    order: str
    quantity: int


@message("purchase_order.created")
class PurchaseOrderCreated(Body, frozen=True, kw_only=True):
    order: str
    item: str
    quantity: int
    supplier: str
    target: str
