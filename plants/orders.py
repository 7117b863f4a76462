"""Orders: customer (CO), transfer (TO), production (PO) and purchase (PU) orders, each in exactly one state.

An order is the promise on paper; goods are moved by sites, lines and lanes, which report back here.
"""

from dataclasses import dataclass, field
from typing import Literal

State = Literal["open", "started", "left", "done", "cancelled"]

# What may follow what; anything else is a broken invariant.
FOLLOWS: dict[str, tuple[str, ...]] = {
    "open": ("started", "left", "done", "cancelled"),
    "started": ("left", "done", "cancelled"),
    "left": ("done",),
    "done": (),
    "cancelled": (),
}


@dataclass(eq=False)
class Order:
    """What the four kinds have in common. `quantity` is what is asked for now, `sent` what has left or been made."""

    id: str
    kind: str
    item: str
    quantity: int
    ordered_ms: int
    due_ms: int = -1
    site: str = ""  # who serves it: the shipping site, the making plant, the supplier
    target: str = ""
    line: str = ""
    for_order: str = ""
    state: State = "open"
    sent: int = 0
    arrived: int = 0
    left_ms: int = -1
    done_ms: int = -1
    first_site: str = ""
    lane_cost_minor: int = 0
    handling_cost_minor: int = 0
    priced: bool = True
    seq: int = 0
    by: str = "erp"

    @property
    def open_quantity(self) -> int:
        """Pieces still to be sent (made)."""
        return max(self.quantity - self.sent, 0)

    def go(self, state: State) -> None:
        """Change state. Raises ValueError for a step that does not exist."""
        if state != self.state:
            if state not in FOLLOWS[self.state]:
                raise ValueError(f"order {self.id} cannot go from {self.state} to {state}")
            self.state = state


@dataclass(eq=False)
class CustomerOrder(Order):
    """A customer's order for one item. late_penalty in minor units per piece (or order) and day."""

    customer: str = ""
    penalty_minor: int = 0
    penalty_per: str = "pcs"
    partial: bool = False
    weight_g: int = 0
    service: str = ""
    carrier: str = ""
    kept_carrier: str = ""  # the carrier it came with; an order that is moved may change it
    port: str = ""
    transit_ms: int = -1
    patience_ms: int = -1


@dataclass
class OrderBook:
    """Every order ever placed, by id, and the counters behind TO-, PO- and PU- ids."""

    orders: dict[str, Order] = field(default_factory=dict)
    _counters: dict[str, int] = field(default_factory=dict)

    def next_id(self, prefix: str) -> str:
        """`TO-1`, `TO-2`, ... per prefix."""
        n = self._counters.get(prefix, 0) + 1
        while f"{prefix}-{n}" in self.orders:  # somebody from outside has taken it
            n += 1
        self._counters[prefix] = n
        return f"{prefix}-{n}"

    def add(self, order: Order) -> Order:
        """File an order. Raises ValueError when the id is taken."""
        if order.id in self.orders:
            raise ValueError(f"order id {order.id} is taken")
        order.seq = len(self.orders)
        order.first_site = order.site
        self.orders[order.id] = order
        return order

    def __getitem__(self, order_id: str) -> Order:
        return self.orders[order_id]

    def customer_orders(self) -> list[CustomerOrder]:
        """In the order of placing."""
        return [o for o in self.orders.values() if isinstance(o, CustomerOrder)]
