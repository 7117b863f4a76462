"""A supplier: works on purchase orders for a drawn lead time, at most at its capacity, and hands them to a lane.

purchase order -> [lead time, capacity queue] -> ready -> consignment over the route to the plant
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from plants import definition
from plants.ledger import Ledger
from plants.network.lane import Consignment
from plants.network.sites import Carrier
from plants.orders import Order
from plants.shifts import Shifts
from sim.environment import Environment
from sim.streams import Draw, Streams
from sync.vocabulary.quantities import ceil_ms

DAY_S = 86_400.0


@dataclass
class Late:
    """Deliveries of `item` promised in [start, end), in seconds, come `by` seconds later."""

    item: str
    start: float
    end: float
    by: float

    def hits(self, item: str, promised: float) -> bool:
        return item == self.item and self.start <= promised < self.end


@dataclass(eq=False)
class Supplier:
    """`lates`: windows in which every promised delivery is late."""

    env: Environment
    spec: definition.SupplierSpec
    ledger: Ledger
    carrier: Carrier
    leads: dict[str, Draw]
    shifts: Shifts
    free_at: dict[str, float] = field(default_factory=dict)
    lates: list[Late] = field(default_factory=list)
    down: int = 0
    waiting: list[Order] = field(default_factory=list)
    on_promise: list[Callable[[Order, float], None]] = field(default_factory=list)
    on_ready: list[Callable[[Order, Consignment], None]] = field(default_factory=list)
    on_late: list[Callable[[Order, float], None]] = field(default_factory=list)
    promised: dict[str, float] = field(default_factory=dict)
    at_work: dict[str, Order] = field(default_factory=dict)

    @classmethod
    def build(
        cls, env: Environment, spec: definition.SupplierSpec, ledger: Ledger, carrier: Carrier, streams: Streams,
        shifts: Shifts,
    ) -> "Supplier":  # fmt: skip
        leads = {i: streams.draw(f"supplier/{spec.id}/{i}/lead", s.lead) for i, s in spec.items.items()}
        return cls(env, spec, ledger, carrier, leads, shifts)

    @property
    def id(self) -> str:
        return self.spec.id

    def order(self, order: Order) -> None:
        """Accept a purchase order: promise a date, and set to work."""
        item = self.spec.items[order.item]
        ready = self.env.now + self.leads[order.item]()
        if item.capacity_per_day:
            begin = max(self.env.now, self.free_at.get(order.item, 0.0))
            self.free_at[order.item] = begin + order.quantity / item.capacity_per_day * DAY_S
            ready = max(ready, self.free_at[order.item])
        ready = self.shifts.next_open(ready)
        self.promised[order.id] = ready
        for call in self.on_promise:
            call(order, ready)
        self.at_work[order.id] = order
        if self._lateness(order):
            self._tell_late(order)
        self.env.call_at(ready, lambda: self._ready(order))

    def delay(self, item: str, start: float, end: float, by: float) -> Late:
        """Every delivery of `item` promised in [start, end) comes `by` seconds late, those at work included."""
        late = Late(item, start, end, by)
        self.lates.append(late)
        for order in self.at_work.values():
            if late.hits(order.item, self.promised[order.id]):
                self._tell_late(order)
        return late

    def delay_ends(self, late: Late) -> None:
        """What is promised from now on is not late any more, and who was told so is told anew."""
        relieved = [o for o in self.at_work.values() if late.hits(o.item, self.promised[o.id])]
        late.end = min(late.end, self.env.now)
        for order in relieved:
            if not late.hits(order.item, self.promised[order.id]):
                self._tell_late(order)

    def _lateness(self, order: Order) -> float:
        return sum(late.by for late in self.lates if late.hits(order.item, self.promised[order.id]))

    def _tell_late(self, order: Order) -> None:
        for call in self.on_late:
            call(order, self.promised[order.id] + self._lateness(order))

    def _ready(self, order: Order) -> None:
        due = self.promised[order.id] + self._lateness(order)
        if due > self.env.now:
            self.env.call_at(due, lambda: self._ready(order))
        elif self.down:
            self.waiting.append(order)
        else:
            self._hand_over(order)

    def _hand_over(self, order: Order) -> None:
        item = self.spec.items[order.item]
        quantity = max(1, round(order.quantity * item.fill))
        route = self.carrier.route(self.id, order)
        if route is None:
            raise ValueError(f"no route from {self.id} to {order.target} for {order.id}")
        c = self.carrier.load(self.id, order, quantity, route)
        del self.at_work[order.id]
        order.fall_short(order.wanted - quantity)
        order.send(quantity, ceil_ms(self.env.now))
        route[0].take(c, f"supplied:{self.id}")
        for call in self.on_ready:
            call(order, c)

    def stop(self) -> None:
        """Nothing is handed over until every stop is lifted."""
        self.down += 1

    def resume(self) -> None:
        """Lift one stop; what was ready leaves at once."""
        self.down -= 1
        if not self.down:
            waiting, self.waiting = self.waiting, []
            for order in waiting:
                self._hand_over(order)
