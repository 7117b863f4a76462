"""Lanes: goods leave, travel for a drawn time, and arrive; a closed lane holds, diverts, returns or loses them.

    site --[gate: closed? room today?]--> lane (transit account) --> next lane of the route, or the target's door

A consignment departs whole, on the first day on which the lane has room for it (day n is (n-1, n] x 24 h). Goods that
pass through a site on the way do not become its stock: they wait at the gate of the next lane, in that lane's account.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from simpy.events import Event

from plants import definition
from plants.ledger import Ledger
from plants.network.shipment import Shipment
from sim.environment import Environment
from sim.streams import Draw, Streams
from sync.vocabulary.tariff import Quote

DAY_S = 86_400.0


@dataclass(eq=False)
class Consignment:
    """Goods on their way together. `route` are the lanes still ahead, the present one first."""

    id: str
    order: str
    item: str
    quantity: int
    source: str
    target: str
    route: list["Lane"]
    arrive: Callable[["Consignment"], None]
    shipment: Shipment
    quote: Quote | None = None  # of the lane with a rates table
    own_transit_s: float = -1.0
    due_at: float = 0.0
    left_s: float = 0.0  # remaining transit while held
    event: Event | None = None
    last_lane: str = ""
    eta_s: float = 0.0  # when it should be there, by mean transit times


@dataclass(eq=False)
class Lane:
    """One directed link of the network, `source>target`."""

    env: Environment
    spec: definition.LaneSpec
    ledger: Ledger
    transit: Draw | None
    id: str = ""
    closed: int = 0
    factor: float = 1.0
    goods: str = "hold"  # what happens to goods on it while it is closed
    detour: "list[Lane]" = field(default_factory=list)
    waiting: deque[Consignment] = field(default_factory=deque)
    moving: dict[str, Consignment] = field(default_factory=dict)
    held: list[Consignment] = field(default_factory=list)
    _day: int = -1
    _used: int = 0
    _retry: bool = False
    on_open: list[Callable[[], None]] = field(default_factory=list)
    on_lost: list[Callable[[Consignment], None]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.id = self.spec.id
        self.account = f"transit:{self.id}"
        self.ledger.count_with(self.account, self.count)

    @classmethod
    def build(cls, env: Environment, spec: definition.LaneSpec, ledger: Ledger, streams: Streams) -> "Lane":
        draw = None if spec.time is None else streams.draw(f"lane/{spec.id}/transit", spec.time)
        return cls(env, spec, ledger, draw)

    def count(self) -> list[tuple[str, int]]:
        """What is physically on the lane and at its gate."""
        there: dict[str, int] = {}
        for c in self.carried():
            there[c.item] = there.get(c.item, 0) + c.quantity
        return list(there.items())

    def carried(self) -> tuple[Consignment, ...]:
        """The consignments at its gate and on it."""
        return (*self.waiting, *self.moving.values(), *self.held)

    # --- entering ------------------------------------------------------------------------------------------------
    def take(self, c: Consignment, account: str) -> None:
        """Take over a consignment from `account`; it departs when the lane is open and has room."""
        self.ledger.move(c.item, c.quantity, account, self.account, c.order, c.id)
        self.waiting.append(c)
        self._depart_waiting()

    def _depart_waiting(self) -> None:
        while self.waiting and not self.closed:
            c = self.waiting[0]
            if not self._room_for(c.quantity):
                break
            self.waiting.popleft()
            self._start(c, self._transit_s(c))

    def _room_for(self, quantity: int) -> bool:
        capacity = self.spec.capacity_per_day
        if capacity is None:
            return True
        day = int(self.env.now // DAY_S)
        if day > self._day:
            # what a consignment larger than a day's capacity took beyond its day is taken off the days after it
            self._used = max(self._used - capacity * (day - self._day), 0) if self._day >= 0 else 0
            self._day = day
        if self._used and self._used + quantity > capacity:
            if not self._retry:
                self._retry = True
                self.env.call_at((day + 1) * DAY_S, self._next_day)
            return False
        self._used += quantity
        return True

    def _next_day(self) -> None:
        self._retry = False
        self._depart_waiting()

    def expected_s(self, quote: Quote | None, own_s: float) -> float:
        """Mean transit in seconds, at the present speed of the lane."""
        if self.spec.time is not None:
            return self.spec.time.mean / self.factor
        return (
            quote.transit_ms / 1000 if quote is not None and quote.transit_ms >= 0 else max(own_s, 0.0)
        ) / self.factor

    def _transit_s(self, c: Consignment) -> float:
        if self.transit is not None:
            seconds = self.transit()
        elif c.quote is not None and c.quote.transit_ms >= 0:
            seconds = c.quote.transit_ms / 1000
        else:
            seconds = max(c.own_transit_s, 0.0)
        return seconds / self.factor

    # --- moving --------------------------------------------------------------------------------------------------
    def _start(self, c: Consignment, seconds: float) -> None:
        c.due_at = self.env.now + seconds
        self.moving[c.id] = c
        event = c.event = self.env.timeout(seconds)
        event.callbacks.append(lambda _: self._end(c, event))

    def _end(self, c: Consignment, event: Event) -> None:
        if c.event is not event:
            return  # it was held, diverted or lost meanwhile
        del self.moving[c.id]
        c.route.pop(0)
        c.last_lane = self.id
        if c.route:
            c.route[0].take(c, self.account)
        else:
            c.arrive(c)

    # --- closing -------------------------------------------------------------------------------------------------
    def close(self, goods: str = "hold", detour: "list[Lane] | None" = None) -> None:
        """Close the lane (closings stack). What is on it is held, diverted over `detour`, returned or lost."""
        self.closed += 1
        self.goods, self.detour = goods, detour or []
        on_it = [*self.held, *self.moving.values()]  # a second closing decides anew about what the first one held
        for c in self.held:
            c.due_at = self.env.now + c.left_s
        self.held = []
        for c in on_it:
            c.event = None
            self.moving.pop(c.id, None)
            _CLOSING[goods](self, c)

    def _hold(self, c: Consignment) -> None:
        c.left_s = c.due_at - self.env.now
        self.held.append(c)

    def _divert(self, c: Consignment) -> None:
        if not self.detour:
            self._hold(c)
            return
        c.route[:1] = self.detour
        c.route[0].take(c, self.account)

    def _return(self, c: Consignment) -> None:
        """Back to the gate: it leaves again when the lane opens, and travels the whole way."""
        self.waiting.append(c)

    def _lose(self, c: Consignment) -> None:
        self.ledger.move(c.item, c.quantity, self.account, f"lost:{self.id}", c.order, c.id)
        for call in self.on_lost:
            call(c)

    def open(self) -> None:
        """Undo one closing; on the last, what was held resumes with its remaining time and the gate opens."""
        self.closed -= 1
        if self.closed:
            return
        held, self.held = self.held, []
        for c in held:
            self._start(c, c.left_s)
        self._depart_waiting()
        for call in self.on_open:
            call()


_CLOSING: dict[str, Callable[[Lane, Consignment], None]] = {
    "hold": Lane._hold,
    "divert": Lane._divert,
    "return": Lane._return,
    "lose": Lane._lose,
}
