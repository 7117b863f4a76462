"""A supplier: works on purchase orders for a drawn lead time, at most at its capacity, and hands them to a lane.

purchase order -> [lead time, capacity queue] -> ready -> consignment over the route to the plant

A supplier with a calendar hands over in its hours only. One that is stopped makes nothing: whatever it has promised,
and the queue for its capacity, moves by the time it stood; what is ordered meanwhile is begun when it is back. Whether
a delivery is late (`Late`) is settled by the date that was promised first; a stop comes on top.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from plants import definition
from plants.ledger import Ledger
from plants.network.lane import SAME_S, Consignment
from plants.network.sites import Carrier
from plants.orders import Order
from plants.shifts import Shifts
from sim.environment import Environment
from sim.streams import Keyed, Streams
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


@dataclass(eq=False, slots=True)
class Purchase:
    """One at work. promised_s: what was acknowledged; stood_s: how long the supplier had stood by then."""

    order: Order
    promised_s: float
    stood_s: float


@dataclass(eq=False)
class Supplier:
    """`lates`: windows in which every promised delivery is late. free_at: item -> when its capacity is free, on a clock
    that stands while the supplier does."""

    env: Environment
    spec: definition.SupplierSpec
    ledger: Ledger
    carrier: Carrier
    leads: dict[str, Keyed]
    shifts: Shifts
    free_at: dict[str, float] = field(default_factory=dict)
    lates: list[Late] = field(default_factory=list)
    down: int = 0
    on_promise: list[Callable[[Order, float], None]] = field(default_factory=list)
    on_ready: list[Callable[[Order, Consignment, int], None]] = field(default_factory=list)
    on_late: list[Callable[[Order, float], None]] = field(default_factory=list)
    at_work: dict[str, Purchase] = field(default_factory=dict)
    _since_s: float = 0.0  # when it came to stand
    _stood_s: float = 0.0  # how long it stood before that

    @classmethod
    def build(
        cls, env: Environment, spec: definition.SupplierSpec, ledger: Ledger, carrier: Carrier, streams: Streams,
        shifts: Shifts,
    ) -> "Supplier":  # fmt: skip
        leads = {i: streams.keyed(f"supplier/{spec.id}/{i}/lead", s.lead) for i, s in spec.items.items()}
        return cls(env, spec, ledger, carrier, leads, shifts)

    @property
    def id(self) -> str:
        return self.spec.id

    def _stood(self) -> float:
        """Seconds that it has stood until now."""
        return self._stood_s + (self.env.now - self._since_s if self.down else 0.0)

    def order(self, order: Order) -> None:
        """Accept a purchase order: promise a date, and set to work."""
        item, stood = self.spec.items[order.item], self._stood()
        ready = self.env.now + self.leads[order.item](order.cause or order.id)
        if item.capacity_per_day:
            begin = max(self.env.now - stood, self.free_at.get(order.item, 0.0))
            self.free_at[order.item] = begin + order.quantity / item.capacity_per_day * DAY_S
            ready = max(ready, self.free_at[order.item] + stood)
        purchase = self.at_work[order.id] = Purchase(order, self.shifts.next_open(ready), stood)
        for call in self.on_promise:
            call(order, purchase.promised_s)
        if self._lateness(purchase):
            self._tell_late(purchase)
        self._wake(purchase, purchase.promised_s)

    def _wake(self, p: Purchase, at_s: float) -> None:
        self.env.call_at(at_s, lambda: self._ready(p))

    def delay(self, item: str, start: float, end: float, by: float) -> Late:
        """Every delivery of `item` promised in [start, end) comes `by` seconds late, those at work included."""
        late = Late(item, start, end, by)
        self.lates.append(late)
        for purchase in self.at_work.values():
            if late.hits(purchase.order.item, purchase.promised_s):
                self._tell_late(purchase)
        return late

    def delay_ends(self, late: Late) -> None:
        """What is promised from now on is not late any more, and who was told so is told anew."""
        relieved = [p for p in self.at_work.values() if late.hits(p.order.item, p.promised_s)]
        late.end = min(late.end, self.env.now)
        for purchase in relieved:
            if not late.hits(purchase.order.item, purchase.promised_s):
                self._tell_late(purchase)

    def _lateness(self, p: Purchase) -> float:
        return sum(late.by for late in self.lates if late.hits(p.order.item, p.promised_s))

    def _moved(self, p: Purchase) -> float:
        """The promise, moved by the time it stood since."""
        stood = self._stood() - p.stood_s
        return self.shifts.next_open(p.promised_s + stood) if stood else p.promised_s

    def _tell_late(self, p: Purchase) -> None:
        for call in self.on_late:
            call(p.order, self._moved(p) + self._lateness(p))

    def _ready(self, p: Purchase) -> None:
        if self.at_work.get(p.order.id) is not p:
            return
        due = self._moved(p) + self._lateness(p)
        if due <= self.env.now + SAME_S:
            if not self.down or self._since_s == self.env.now:
                self._hand_over(p.order)  # else it was ordered while it stood, and waits for its return (`resume`)
        elif not self.down:
            self._wake(p, due)

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
            call(order, c, quantity)  # all of it: the gate may have let go a part only

    def stop(self) -> None:
        """It makes nothing until every stop is lifted. What is ready at this very instant still leaves."""
        self.down += 1
        if self.down == 1:
            self._since_s = self.env.now

    def resume(self) -> None:
        """Lift one stop; on the last, everything that was promised moves by the time it stood, and who waits is
        told."""
        stood = self._stood()
        self.down -= 1
        if self.down:
            return
        self._stood_s = stood
        for purchase in list(self.at_work.values()):
            if stood > purchase.stood_s:
                self._tell_late(purchase)
                self._wake(purchase, self._moved(purchase))
