"""Orders: customer (CO), transfer (TO), production (PO) and purchase (PU) orders, each in exactly one state.

An order is the promise on paper; goods are moved by sites, lines and lanes, which report back here. Its quantities are
kept apart, and each is changed in one place only:

    ordered + surplus = wanted + under way + delivered + cancelled + missing

    place --> wanted --send--> under way --deliver--> delivered
                 |                 |
               cancel             lose --> missing --write off--> wanted (sent again) or cancelled (ordered anew)
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from plants.errors import InvariantViolation
from sim.streams import Occurrences

State = Literal["open", "started", "left", "done", "cancelled"]

# An order of these kinds is sent again when goods are lost; what others lack is ordered anew under another id.
ERP, PLANNER = "erp", "planner"  # who placed an order, or chose where: ERP by its rules, people instead of them
SENT_AGAIN = ("customer", "transfer")


@dataclass(eq=False)
class Order:
    """What the four kinds have in common. All pieces:

    ordered     what was asked for when it was placed
    surplus     what a supplier's minimum or whole lots made more
    wanted      has not left its site or supplier (production: its lot is not counted)
    under_way   has left, and is not there
    delivered   is with its target (production: good pieces counted); `deliveries`: when (ms), and how many
    cancelled   will not come, and nobody waits for it under this order
    missing     was lost, scrapped or never sent, and ERP has not dealt with it
    lost        a memo beside the equation: what was lost on the way so far
    """

    id: str
    kind: str
    item: str
    ordered: int
    ordered_ms: int
    due_ms: int = -1
    site: str = ""  # who serves it: the shipping site, the making plant, the supplier
    target: str = ""
    line: str = ""
    for_order: str = ""
    surplus: int = 0
    left_ms: int = -1  # when its last piece left
    done_ms: int = -1  # when its last piece was there
    cancelled_ms: int = -1  # when pieces of it were cancelled first
    first_site: str = ""
    lane_cost_minor: int = 0
    handling_cost_minor: int = 0
    priced: bool = True
    seq: int = 0
    by: str = ERP
    mode: str = ""  # of the lanes it is to take, where there is a choice; "": the first that the file names
    cause: str = ""  # what draws that concern it are keyed by: the same whatever else is ordered
    under_way: int = 0
    delivered: int = 0
    cancelled: int = 0
    missing: int = 0
    lost: int = 0
    deliveries: list[tuple[int, int]] = field(default_factory=list)
    touched: "dict[str, Order]" = field(default_factory=dict, repr=False)  # of its book: changed since the last audit

    def __post_init__(self) -> None:
        self.wanted = self.ordered + self.surplus

    # --- what it says --------------------------------------------------------------------------------------------
    @property
    def quantity(self) -> int:
        """Pieces that were ordered of who serves it: a minimum and whole lots included."""
        return self.ordered + self.surplus

    @property
    def standing(self) -> int:
        """Pieces that are asked for now: what was ordered, less what was cancelled."""
        return self.quantity - self.cancelled

    @property
    def gone(self) -> int:
        """Pieces that have left, or have been made."""
        return self.under_way + self.delivered + self.missing

    @property
    def complete(self) -> bool:
        """Has everything that was ordered left (been made), with nothing of it lost or cancelled?"""
        return not self.wanted and not self.missing and not self.cancelled

    @property
    def state(self) -> State:
        """What its quantities say: open, started (a part has left), left, done or cancelled (nothing came of it)."""
        if self.done_ms >= 0:
            return "done"
        if self.wanted:
            return "started" if self.gone else "open"
        return "left" if self.gone else "cancelled"

    def check(self, now_ms: int, moving: int | None = None) -> None:
        """Raise InvariantViolation unless the quantities add up, and `moving` (the pieces of it that somebody counted
        on lanes and at doors) are those under way."""
        arrived = 0
        for _, pieces in self.deliveries:
            arrived += pieces
        wanted, under_way, delivered, cancelled = self.wanted, self.under_way, self.delivered, self.cancelled
        if (
            self.ordered + self.surplus != wanted + under_way + delivered + cancelled + self.missing
            or min(wanted, under_way, delivered, cancelled, self.missing, self.ordered, self.surplus) < 0
            or delivered != arrived
            or (moving is not None and moving != under_way)
        ):
            self._complain(now_ms, arrived, moving)

    def _complain(self, now_ms: int, arrived: int, moving: int | None) -> None:
        """Say which of what `check` asks for does not hold."""
        parts = {
            "wanted": self.wanted, "under way": self.under_way, "delivered": self.delivered,
            "cancelled": self.cancelled, "missing": self.missing,
        }  # fmt: skip
        left = f"ordered {self.ordered} + surplus {self.surplus} = {self.quantity}"
        right = f"{' + '.join(f'{name} {n}' for name, n in parts.items())} = {sum(parts.values())}"
        if self.quantity == sum(parts.values()) and min(*parts.values(), self.ordered, self.surplus) >= 0:
            if self.delivered != arrived:
                left = f"{arrived} pieces in its deliveries"
            else:
                left = f"{moving} pieces of it on lanes and at doors"
        raise InvariantViolation("pieces of an order", now_ms, "audit of orders", f"order {self.id}", left, right)

    # --- what happens to it --------------------------------------------------------------------------------------
    def send(self, pieces: int, now_ms: int) -> None:
        """`pieces` of those wanted leave."""
        self.touched[self.id] = self
        self.wanted -= pieces
        self.under_way += pieces
        if not self.wanted:
            self.left_ms = now_ms

    def deliver(self, pieces: int, now_ms: int) -> None:
        """`pieces` of those under way are there."""
        self.touched[self.id] = self
        self.under_way -= pieces
        self._came(pieces, now_ms)

    def make(self, good: int, scrap: int, now_ms: int) -> None:
        """A lot is counted: so many good pieces are there, the others will be missing."""
        self.touched[self.id] = self
        self.wanted -= good + scrap
        self.missing += scrap
        if not self.wanted:
            self.left_ms = now_ms
        self._came(good, now_ms)

    def _came(self, pieces: int, now_ms: int) -> None:
        self.delivered += pieces
        if pieces:
            self.deliveries.append((now_ms, pieces))
        self._end(now_ms)

    def _end(self, now_ms: int) -> None:
        """It is done when nothing is to come: of what is sent again, nothing missing either."""
        if self.wanted or self.under_way or (self.missing and self.kind in SENT_AGAIN) or not self.gone:
            return
        if self.done_ms < 0 and (self.delivered or self.kind == "production"):
            self.done_ms = now_ms if self.kind == "production" else self.deliveries[-1][0]

    def fall_short(self, pieces: int) -> None:
        """`pieces` of those wanted are not to be had: they will be missing."""
        self.touched[self.id] = self
        self.wanted -= pieces
        self.missing += pieces

    def lose(self, pieces: int) -> None:
        """`pieces` of those under way are lost."""
        self.touched[self.id] = self
        self.under_way -= pieces
        self.missing += pieces
        self.lost += pieces

    def cancel(self, pieces: int, now_ms: int) -> None:
        """`pieces` of those wanted are not wanted any more. What has left stays left."""
        self.touched[self.id] = self
        self.wanted -= pieces
        self._cancelled(pieces, now_ms)
        if not self.wanted and self.gone:
            self.left_ms = now_ms
        self._end(now_ms)

    def _cancelled(self, pieces: int, now_ms: int) -> None:
        self.cancelled += pieces
        if pieces and self.cancelled_ms < 0:
            self.cancelled_ms = now_ms

    def send_again(self, pieces: int) -> None:
        """`pieces` of those missing are written off, and wanted once more."""
        self.touched[self.id] = self
        self.missing -= pieces
        self.wanted += pieces
        self.left_ms = self.done_ms = -1

    def give_up_missing(self, pieces: int, now_ms: int) -> None:
        """`pieces` of those missing are written off, and will not come under this order."""
        self.touched[self.id] = self
        self.missing -= pieces
        self._cancelled(pieces, now_ms)
        self._end(now_ms)


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
    given_up: bool = False  # the customer waits for nothing any more that has not left


@dataclass
class OrderBook:
    """Every order ever placed, by id, and the counters behind TO-, PO- and PU- ids."""

    orders: dict[str, Order] = field(default_factory=dict)
    _counters: dict[str, int] = field(default_factory=dict)
    _changed: dict[str, Order] = field(default_factory=dict)  # since the last audit; shared with every order
    _moving: list[Order] = field(default_factory=list)  # had goods on their way then
    _causes: Occurrences = field(default_factory=Occurrences)

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
        self.orders[order.id] = self._changed[order.id] = order
        order.touched = self._changed
        order.cause = order.id if isinstance(order, CustomerOrder) else self._cause(order)
        return order

    def _cause(self, order: Order) -> str:
        """Ids count every order there is; the cause counts those that the same need has raised."""
        behind = self.orders.get(order.for_order)
        return self._causes.next(f"{order.kind} {order.item} for {behind.cause if behind else order.target}")

    def cause(self, subject: str) -> str:
        """What draws that concern `subject` are keyed by: an order's cause, anything else by its name."""
        order = self.orders.get(subject)
        return subject if order is None else order.cause

    def __getitem__(self, order_id: str) -> Order:
        return self.orders[order_id]

    def customer_orders(self) -> list[CustomerOrder]:
        """In the order of placing."""
        return [o for o in self.orders.values() if isinstance(o, CustomerOrder)]

    def audit(self, now_ms: int, moving: Callable[[], Iterable[tuple[str, int]]], *, whole: bool = False) -> None:
        """Check the quantities of every order that something happened to since the last audit (`whole`: of every
        order), beside what `moving` counts of it on its way: (order, pieces) pairs. Raises InvariantViolation."""
        there: dict[str, int] = {}
        for order_id, pieces in moving():
            there[order_id] = there.get(order_id, 0) + pieces
        looked_at = dict.fromkeys(self.orders if whole else (*(o.id for o in self._moving), *self._changed, *there))
        for order_id in looked_at:
            self.orders[order_id].check(now_ms, there.get(order_id, 0))
        self._moving = [o for i in looked_at if (o := self.orders[i]).under_way]
        self._changed.clear()
