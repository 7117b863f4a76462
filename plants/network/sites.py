"""A site holds stock and ships it to those who asked, the earliest due first.

Plants and warehouses are sites. Demands for one item queue by due date, then priority, then arrival; a demand that must
ship complete (a customer order, unless partial) keeps what is there for itself until there is enough.
"""

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Protocol

from plants.ledger import Ledger
from plants.network.lane import SAME_S, Consignment, Lane
from plants.network.shelf import Lot, Shelf
from plants.orders import CustomerOrder, Order
from sim.environment import Environment
from sync.vocabulary.quantities import ceil_ms

NEVER_DUE = 1 << 60


@dataclass(order=True, frozen=True)
class Demand:
    """A place in the queue: (due, priority, sequence); customer orders go before transfers at equal due dates."""

    due_ms: int
    priority: int
    seq: int
    order: Order = field(compare=False)


class Carrier(Protocol):
    """What a site asks of the network: a route, its price, and the hand-over at the end."""

    def route(self, source: str, order: Order) -> list[Lane] | None:
        """Lanes from `source` to the order's target, or None when no route exists."""
        ...

    def way(self, source: str, order: Order) -> list[Lane] | None:
        """The lanes by which it leaves now: its route, unless somebody phones for a faster mode."""
        ...

    def load(self, source: str, order: Order, quantity: int, route: list[Lane]) -> Consignment:
        """A priced consignment for `quantity` pieces of the order."""
        ...


class Clerk(Protocol):
    """The warehouse system of a site: it notices what happens at the dock. on_hand: pieces there after it, held ones
    included."""

    def received(self, item: str, quantity: int, on_hand: int, order: str) -> None: ...

    def departed(self, order: Order, c: Consignment, quantity: int, on_hand: int, eta_s: float) -> None: ...

    def adjusted(self, item: str, quantity: int, on_hand: int, reason: str) -> None: ...


@dataclass(eq=False)
class Site:
    """Stock by item, what is held of it, and the queue of demands. `closed` counts the closings that apply."""

    env: Environment
    id: str
    ledger: Ledger
    carrier: Carrier
    capacity: int | None = None
    handling_micro: int = 0
    held: dict[str, int] = field(default_factory=dict)
    demands: dict[str, list[Demand]] = field(default_factory=dict)
    closed: int = 0
    closed_s: float = -1.0  # since when
    clerk: Clerk | None = None
    on_received: list[Callable[[Consignment], None]] = field(default_factory=list)
    _stock: dict[str, int] = field(default_factory=dict)
    _shelves: dict[str, Shelf] = field(default_factory=dict)
    _door: deque[Consignment] = field(default_factory=deque)
    _shipments: int = 0

    def __post_init__(self) -> None:
        self.account, self.held_account = f"stock:{self.id}", f"held:{self.id}"
        self.door_account = f"transit:door of {self.id}"
        self.ledger.count_with(self.account, lambda: list(self.on_hand.items()))
        self.ledger.count_with(self.held_account, lambda: list(self.held.items()))
        self.ledger.count_with(self.door_account, self._at_door)

    @property
    def on_hand(self) -> dict[str, int]:
        """Stock by item, what is held not included."""
        return self._stock

    def open_stock(self, item: str, quantity: int) -> None:
        """Put the stock of the file there, before anything happens."""
        self.on_hand[item] = quantity
        if quantity:
            self.ledger.move(item, quantity, f"initial:{self.id}", self.account, "initial stock")
            self._shelf(item).receive("initial stock", quantity, quantity)

    def _shelf(self, item: str) -> Shelf:
        return self._shelves.get(item) or self._shelves.setdefault(item, Shelf())

    # --- demand --------------------------------------------------------------------------------------------------
    def ask(self, order: Order) -> None:
        """Queue `order` to be shipped from here, and ship what can be."""
        priority = 0 if isinstance(order, CustomerOrder) else 1
        due = order.due_ms if order.due_ms >= 0 else NEVER_DUE
        place, queue = Demand(due, priority, order.seq, order), self.demands.setdefault(order.item, [])
        at = bisect_left(queue, place)
        if at == len(queue) or queue[at].order is not order:  # one place, also for what is asked for again
            queue.insert(at, place)
        self.ship(order.item)

    def withdraw(self, order: Order) -> None:
        """Take `order` off the queue; what has left stays left."""
        queue = self.demands.get(order.item, [])
        self.demands[order.item] = [d for d in queue if d.order is not order]
        self.ship(order.item)

    def ship(self, item: str, made_for: str = "") -> None:
        """Serve the queue of `item` in its order for as long as the stock lasts; what was made for a customer's order
        goes to that order first."""
        queue = self.demands.get(item)
        if not queue or self.closed or self.on_hand.get(item, 0) <= 0:
            return  # a long queue is not looked through when there is nothing to ship
        first = next((n for n, d in enumerate(queue) if d.order.id == made_for), 0) if made_for else 0
        ahead = queue[first] if first else None
        if ahead is not None:
            queue = [ahead, *queue[:first], *queue[first + 1 :]]
        waiting: list[Demand] = []
        reserved, before = 0, self._shipments
        for n, demand in enumerate(queue):
            free = self.on_hand.get(item, 0) - reserved
            if free <= 0:
                waiting += queue[n:]
                break
            kept = self._ship_one(demand.order, free)
            if demand.order.wanted:
                waiting.append(demand)
                reserved += kept
        if ahead is not None and waiting and waiting[0] is ahead:
            insort(waiting, waiting.pop(0))  # back to its place
        self.demands[item] = waiting
        if self._shipments > before:
            self._open_door()  # only now: what comes in is shipped to this very queue

    def _ship_one(self, order: Order, free: int) -> int:
        """Ship of `free` pieces what the order takes; returns how many are kept for it until there are enough. Nothing
        is kept for an order that could not leave anyway, because its lane is closed."""
        wanted = order.wanted
        route = self.carrier.way(self.id, order)
        if route is None or route[0].closed:
            return 0
        if free < wanted and isinstance(order, CustomerOrder) and not order.partial:
            return free
        self._send(order, min(wanted, free), route)
        return 0

    def _send(self, order: Order, quantity: int, route: list[Lane]) -> None:
        c = self.carrier.load(self.id, order, quantity, route)
        self._shipments += 1
        self._take(order.item, quantity)
        order.send(quantity, ceil_ms(self.env.now))
        route[0].take(c, self.account)
        self.ledger.compare(self.account, order.item, self.on_hand[order.item], f"{order.id} leaves")
        if self.clerk is not None:
            self.clerk.departed(order, c, quantity, self.inside(order.item), c.eta_s)

    def ship_all(self) -> None:
        """Look at every queue again (a lane or the site has opened)."""
        for item in list(self.demands):
            self.ship(item)

    def inside(self, item: str) -> int:
        """Pieces of an item that are there, held ones included: what the clerk counts."""
        return self.on_hand.get(item, 0) + self.held.get(item, 0)

    # --- stock ---------------------------------------------------------------------------------------------------
    def _take(self, item: str, quantity: int) -> None:
        self.on_hand[item] = self.on_hand.get(item, 0) - quantity

    def arrive(self, c: Consignment) -> None:
        """A consignment has come to the door; it waits there while the site is closed or full."""
        self.ledger.move(c.item, c.quantity, f"transit:{c.last_lane}", self.door_account, c.order, c.id)
        self._door.append(c)
        self._open_door()

    def _at_door(self) -> list[tuple[str, int]]:
        there: dict[str, int] = {}
        for c in self._door:
            there[c.item] = there.get(c.item, 0) + c.quantity
        return list(there.items())

    def at_door(self) -> Iterator[Consignment]:
        """The consignments that wait at the door."""
        yield from self._door

    def room_for(self, quantity: int) -> bool:
        """Is there room for so many more pieces? Held goods take room too; an empty site takes anything."""
        if self.capacity is None:
            return True
        inside = sum(self.on_hand.values()) + sum(self.held.values())
        return not inside or inside + quantity <= self.capacity

    def _open_door(self) -> None:
        while self._door and (not self.closed or self.env.now <= self.closed_s + SAME_S):
            c = self._door[0]
            if not self.room_for(c.quantity):
                return
            self._door.popleft()
            self.put(c.item, c.quantity, self.door_account, c.order, c.id)
            for call in self.on_received:
                call(c)

    def put(
        self, item: str, quantity: int, account: str, cause: str, lot: str = "", made_for: str = ""
    ) -> None:  # fmt: skip
        """Receive `quantity` pieces from a ledger account into stock, tell the clerk, and ship what waits for them."""
        self.ledger.move(item, quantity, account, self.account, cause, lot)
        self.on_hand[item] = self.on_hand.get(item, 0) + quantity
        self.ledger.compare(self.account, item, self.on_hand[item], f"receipt for {cause}")
        if account != self.held_account:  # what was held is on its shelf again
            self._shelf(item).receive(lot or cause, quantity, self.on_hand[item])
        if self.clerk is not None:
            self.clerk.received(item, quantity, self.inside(item), cause)
        self.ship(item, made_for)

    def lose(self, item: str, quantity: int, cause: str) -> None:
        """`quantity` pieces of stock are gone (fire, theft, water)."""
        quantity = min(quantity, self.on_hand.get(item, 0))
        if quantity:
            self._take(item, quantity)
            self.ledger.move(item, quantity, self.account, f"lost:{self.id}", cause)
            if self.clerk is not None:
                self.clerk.adjusted(item, -quantity, self.inside(item), cause)
            self._open_door()

    def hold(self, item: str, lots: int | None, cause: str) -> list[Lot]:
        """Set the newest `lots` of an item aside (None: all of it): a held lot never ships. Returns them."""
        held = self._shelf(item).take_newest(lots, self.on_hand.get(item, 0))
        quantity = sum(lot.pieces for lot in held)
        if quantity:
            self._take(item, quantity)
            self.held[item] = self.held.get(item, 0) + quantity
            self.ledger.move(item, quantity, self.account, self.held_account, cause)
        return held

    def dispose(self, item: str, lots: list[Lot], disposition: str, cause: str) -> None:
        """End a hold of lots: `release` back to stock, as the lots they were, or `scrap`."""
        quantity = sum(lot.pieces for lot in lots)
        self.held[item] -= quantity
        if disposition == "release":
            self._shelf(item).put_back(lots, self.on_hand.get(item, 0))
            self.put(item, quantity, self.held_account, cause)
        else:
            self.ledger.move(item, quantity, self.held_account, f"scrapped:{self.id}", cause)
            if self.clerk is not None:  # nothing that could be used is gone: that was known when it was held
                self.clerk.adjusted(item, 0, self.inside(item), cause)
            self._open_door()

    def close(self) -> None:
        """Nothing is received or shipped until every closing is lifted; what comes at this very instant is let in."""
        self.closed += 1
        if self.closed == 1:
            self.closed_s = self.env.now

    def open(self) -> None:
        """Lift one closing. Work at the docks begins when whatever closes at this very instant has closed."""
        self.closed -= 1
        if not self.closed:
            self.env.call_at(self.env.now, self._reopen)

    def _reopen(self) -> None:
        self._open_door()
        self.ship_all()

    def waiting(self) -> Iterator[Order]:
        """Orders in the queue."""
        for queue in self.demands.values():
            for demand in queue:
                yield demand.order
