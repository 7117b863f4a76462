"""Lanes: goods leave the gate, travel for a drawn time, and arrive; closing holds, diverts, returns or loses them.

    site --[gate: closed? room today?]--> lane (transit account) --> next lane of the route, or the target's door

**The gate.** Goods that find the lane closed or full wait at its gate in an account of their own, first come first
served; they have not left, and no freight is due. A day's room (day n is (n-1, n] x 24 h) takes a part of a
consignment, which then goes on as a shipment of its own; with `ships: whole` a consignment waits until there is room
for all of it, and what a day has left is carried over for as long as somebody waits. Goods that pass through a site on
the way do not become its stock: they wait at the gate of the next lane.

**The way.** What is under way has a way left, in seconds at the lane's normal speed: a slow-down takes its toll of it
for as long as it lasts, and no longer. Closing decides what becomes of what is on the lane: `hold` (it stands, and goes
on with the way that is left), `divert` (over other lanes, from here on), `return` (back to the gate in the time it has
travelled, then the whole way anew; nothing else that happens to the lane touches it on its way back), `lose`. What ends
at the very instant of a closing has arrived. A closing decides anew about what another one holds.

**Freight** is due when goods leave the gate, for the way really gone: diverted goods pay the lanes they take, and have
back of what they paid the share `refund`; those that turn round pay the way back by its share of the whole way, and the
whole way when they leave again.
"""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from math import prod

from simpy.events import Event

from plants import definition
from plants.ledger import Ledger
from plants.network.shipment import Leg, Shipment
from sim.environment import Environment
from sim.streams import Keyed, Streams
from sync.vocabulary.quantities import MS_PER_DAY, ceil_ms
from sync.vocabulary.tariff import Quote

SAME_S = 1e-6  # instants that are no further apart are one


@dataclass(eq=False)
class Consignment:
    """Goods on their way together. `route` are the lanes still ahead, the present one first. weight_g: of all of it;
    service, carrier: what it was promised, and the carrier it keeps. left_s: way that is left on the present lane, of
    way_s, at normal speed."""

    id: str
    order: str
    item: str
    quantity: int
    source: str
    target: str
    route: list["Lane"]
    arrive: Callable[["Consignment"], None]
    shipment: Shipment
    records: list[Shipment]  # where the records of its parts go
    cause: str  # what draws that concern it are keyed by: its order, and the how-manieth of its shipments it is
    weight_g: int = 0
    service: str = ""
    carrier: str = ""
    own_transit_s: float = 0.0
    way_s: float = 0.0
    left_s: float = 0.0
    travelled_s: float = 0.0  # time in motion on the present lane
    since_s: float = 0.0  # when left_s was true
    due_s: float = 0.0
    event: Event | None = None
    last_lane: str = ""
    eta_s: float = 0.0  # when it should be there, by mean transit times
    parts: list[int] = field(default_factory=lambda: [1])  # how many it was cut into, shared by all of them
    _quoted: tuple[str, int, Quote | None] | None = None

    def cut(self, quantity: int) -> "Consignment":
        """A part of it that goes on alone, with a record of its own; the first keeps the name."""
        self.parts[0] += 1
        share = quantity / self.quantity
        record = self.shipment
        handling, weight = round(record.handling_minor * share), round(self.weight_g * share)
        part = Consignment(
            self.id, self.order, self.item, quantity, self.source, self.target, list(self.route), self.arrive, record,
            self.records, self.cause, weight, self.service, self.carrier, self.own_transit_s,
            last_lane=self.last_lane, eta_s=self.eta_s, parts=self.parts,
        )  # fmt: skip
        self.id = f"{self.id.partition('.')[0]}.{self.parts[0]}"
        self.cause = f"{self.cause.partition(' part ')[0]} part {self.parts[0]}"
        self.shipment = Shipment(
            record.kind, record.departed_ms if record.legs else -1, record.handling_minor - handling, id=self.id,
            order=self.order, item=self.item, quantity=self.quantity - quantity, source=self.source, target=self.target,
        )  # fmt: skip
        self.records.append(self.shipment)
        record.quantity, record.handling_minor = quantity, handling
        self.quantity -= quantity
        self.weight_g -= weight
        return part

    def quote(self, lane: "Lane") -> Quote | None:
        """What the lane asks for it; None: nobody carries it."""
        if self._quoted is None or self._quoted[:2] != (lane.id, self.quantity):
            found = lane.spec.tariff.quote(self.quantity, self.weight_g, self.service, self.carrier)
            self._quoted = lane.id, self.quantity, found
        return self._quoted[2]


@dataclass(eq=False)
class Lane:
    """One directed link of the network. on_lost: told of goods that are gone; on_freight: told of what is due for goods
    (minor units, below zero when refunded); on_wait, on_depart: told of goods that come to wait at the gate, and of
    those that leave it; on_open: called when it is open again and may be loaded."""

    env: Environment
    spec: definition.LaneSpec
    ledger: Ledger
    transit: Keyed | None
    id: str = ""
    closed: int = 0
    waiting: deque[Consignment] = field(default_factory=deque)  # at the gate
    moving: dict[str, Consignment] = field(default_factory=dict)
    returning: dict[str, Consignment] = field(default_factory=dict)
    held: list[Consignment] = field(default_factory=list)
    on_open: list[Callable[[], None]] = field(default_factory=list)
    on_lost: list[Callable[[Consignment], None]] = field(default_factory=list)
    on_freight: list[Callable[[Consignment, int], None]] = field(default_factory=list)
    on_wait: list[Callable[[Consignment], None]] = field(default_factory=list)
    on_depart: list[Callable[[Consignment], None]] = field(default_factory=list)
    factor: float = 1.0  # present speed as a share of normal
    _slow: list[float] = field(default_factory=list)
    _day: int = -1
    _room: int = 0
    _short: bool = False  # somebody waits for room
    _asked: int = -1  # the day after which it looks again

    def __post_init__(self) -> None:
        self.id = self.spec.id
        self.account, self.gate = f"transit:{self.id}", f"transit:gate of {self.id}"
        self.ledger.count_with(self.account, lambda: _counted(self._on_it()))
        self.ledger.count_with(self.gate, lambda: _counted(self.waiting))

    @classmethod
    def build(cls, env: Environment, spec: definition.LaneSpec, ledger: Ledger, streams: Streams) -> "Lane":
        draw = None if spec.time is None else streams.keyed(f"lane/{spec.id}/transit", spec.time)
        return cls(env, spec, ledger, draw)

    def _on_it(self) -> tuple[Consignment, ...]:
        return (*self.moving.values(), *self.returning.values(), *self.held)

    def carried(self) -> tuple[Consignment, ...]:
        """The consignments at its gate and on it."""
        return (*self.waiting, *self._on_it())

    # --- the gate ------------------------------------------------------------------------------------------------
    def take(self, c: Consignment, account: str) -> None:
        """Take over a consignment from `account`; it departs when the lane is open and has room."""
        if not self.waiting and not self.closed and self._room_for(c) == c.quantity:
            self.ledger.move(c.item, c.quantity, account, self.account, c.order, c.id)
            self._depart(c)
            return
        self._wait(c, account)

    def _wait(self, c: Consignment, account: str) -> None:
        self.ledger.move(c.item, c.quantity, account, self.gate, c.order, c.id)
        self.waiting.append(c)
        for call in self.on_wait:
            call(c)
        self._load()

    def _load(self) -> None:
        while self.waiting and not self.closed:
            first = self.waiting[0]
            room = self._room_for(first)
            if not room:
                break
            c = self.waiting.popleft() if room == first.quantity else first.cut(room)
            self.ledger.move(c.item, c.quantity, self.gate, self.account, c.order, c.id)
            self._depart(c)

    def _room_for(self, c: Consignment) -> int:
        """How many pieces of it may leave now. When not all may, the lane looks again as soon as a new day begins."""
        capacity = self.spec.capacity_per_day
        if capacity is None:
            return c.quantity
        whole = self.spec.ships == "whole"
        day = -(-ceil_ms(self.env.now) // MS_PER_DAY)
        if day != self._day:
            self._room = self._room + capacity * (day - self._day) if whole and self._short else capacity
            self._day = day
        room = c.quantity if self._room >= c.quantity else 0 if whole else self._room
        self._short = room < c.quantity
        if self._short and self._asked != day:
            self._asked = day
            self.env.call_at((day * MS_PER_DAY + 1) / 1000, self._load)
        return room

    def _depart(self, c: Consignment) -> None:
        if self.spec.capacity_per_day is not None:
            self._room -= c.quantity
        quote, now = c.quote(self), ceil_ms(self.env.now)
        if c.shipment.departed_ms < 0:
            c.shipment.departed_ms = now
        freight = quote.cost_minor if quote is not None else 0
        c.shipment.legs.append(Leg(self.id, now, -1, freight, round(self.spec.co2_g_per_kg * c.weight_g)))
        for listener in self.on_depart:
            listener(c)
        self._bill(c, freight)
        c.way_s = c.left_s = self._transit_s(c, quote)
        c.travelled_s = 0.0
        self._go(c)

    def _bill(self, c: Consignment, minor: int) -> None:
        if minor:
            for call in self.on_freight:
                call(c, minor)

    # --- the way -------------------------------------------------------------------------------------------------
    def expected_s(self, quote: Quote | None, own_s: float) -> float:
        """Mean transit in seconds, at the present speed of the lane."""
        if self.spec.time is not None:
            return self.spec.time.mean / self.factor
        return (
            quote.transit_ms / 1000 if quote is not None and quote.transit_ms >= 0 else max(own_s, 0.0)
        ) / self.factor

    def _transit_s(self, c: Consignment, quote: Quote | None) -> float:
        """Its way over this lane, in seconds at normal speed."""
        if self.transit is not None:
            trips = sum(leg.lane == self.id and not leg.back for leg in c.shipment.legs)  # it may have turned round
            return self.transit(c.cause if trips == 1 else f"{c.cause} again {trips}")
        if quote is not None and quote.transit_ms >= 0:
            return quote.transit_ms / 1000
        return max(c.own_transit_s, 0.0)

    def _go(self, c: Consignment) -> None:
        seconds = c.left_s / self.factor
        c.since_s, c.due_s = self.env.now, self.env.now + seconds
        self.moving[c.id] = c
        event = c.event = self.env.timeout(seconds)
        event.callbacks.append(lambda _: self._end(c, event))

    def _stand(self, c: Consignment) -> None:
        """It moves no more, and what it has gone is taken off its way."""
        del self.moving[c.id]
        gone = self.env.now - c.since_s
        c.travelled_s += gone
        c.left_s = max(c.left_s - gone * self.factor, 0.0)
        c.event = None

    def _end(self, c: Consignment, event: Event) -> None:
        if c.event is not event:
            return  # it was held, slowed, diverted or lost meanwhile
        c.event = None
        del self.moving[c.id]
        self._end_leg(c, "there")
        c.route.pop(0)
        c.last_lane = self.id
        if c.route:
            c.route[0].take(c, self.account)
        else:
            c.arrive(c)

    def _end_leg(self, c: Consignment, how: str) -> Leg:
        leg = c.shipment.legs[-1]
        leg.end_ms, leg.ended = ceil_ms(self.env.now), how
        return leg

    def _left_early(self, c: Consignment, how: str) -> tuple[Leg, float]:
        """Close the leg of goods that have not come to the end. Returns it, and the share of the way that was gone."""
        leg, gone = self._end_leg(c, how), 1.0 - c.left_s / c.way_s if c.way_s else 1.0
        leg.co2_mg = round(leg.co2_mg * gone)
        return leg, gone

    def slow(self, factor: float) -> None:
        """Everything on the way goes on at `factor` times its speed (slow-downs multiply)."""
        self._slow.append(factor)
        self._change_speed()

    def lift(self, factor: float) -> None:
        """Undo one slow-down."""
        self._slow.remove(factor)
        self._change_speed()

    def _change_speed(self) -> None:
        moving = self._interrupted()
        self.factor = prod(self._slow)
        for c in moving:
            self._go(c)

    def _interrupted(self) -> list[Consignment]:
        """Everything that is on the way now, standing. What ends at this instant is left to arrive."""
        moving = [c for c in self.moving.values() if c.due_s > self.env.now + SAME_S]
        for c in moving:
            self._stand(c)
        return moving

    # --- closing -------------------------------------------------------------------------------------------------
    def close(self, goods: str = "hold", detour: "list[Lane] | None" = None) -> None:
        """Close the lane (closings stack). What is on it is held, diverted over `detour`, returned or lost."""
        self.closed += 1
        there = [*self.held, *self._interrupted()]  # a second closing decides anew about what the first one held
        self.held = []
        for c in there:
            match goods:
                case "divert" if detour:
                    self._divert(c, detour)
                case "return":
                    self._return(c)
                case "lose":
                    self._lose(c)
                case _:
                    self.held.append(c)

    def _divert(self, c: Consignment, detour: "list[Lane]") -> None:
        leg, _ = self._left_early(c, "diverted")
        back = round(leg.freight_minor * self.spec.refund)
        leg.freight_minor -= back
        self._bill(c, -back)
        c.route[:1] = detour
        c.last_lane = self.id
        c.route[0].take(c, self.account)

    def _return(self, c: Consignment) -> None:
        leg, gone = self._left_early(c, "returned")
        quote = c.quote(self)
        freight = round((quote.cost_minor if quote is not None else 0) * gone)
        c.shipment.legs.append(Leg(self.id, leg.end_ms, -1, freight, leg.co2_mg, back=True))
        self._bill(c, freight)
        self.returning[c.id] = c
        self.env.call_in(c.travelled_s, lambda: self._back(c))

    def _back(self, c: Consignment) -> None:
        """At the gate again: it leaves when the lane is open, and travels the whole way."""
        del self.returning[c.id]
        self._end_leg(c, "back")
        self._wait(c, self.account)

    def _lose(self, c: Consignment) -> None:
        self._left_early(c, "lost")
        c.shipment.lost_ms = ceil_ms(self.env.now)
        self.ledger.move(c.item, c.quantity, self.account, f"lost:{self.id}", c.order, c.id)
        for call in self.on_lost:
            call(c)

    def open(self) -> None:
        """Undo one closing; on the last, what was held goes on with the way that is left, and the gate opens: loading
        waits until whatever closes at this very instant has closed."""
        self.closed -= 1
        if self.closed:
            return
        held, self.held = self.held, []
        for c in held:
            self._go(c)
        self.env.call_at(self.env.now, self._reopen)

    def _reopen(self) -> None:
        self._load()
        if not self.closed:
            for call in self.on_open:
                call()


def _counted(goods: "tuple[Consignment, ...] | deque[Consignment]") -> list[tuple[str, int]]:
    there: dict[str, int] = {}
    for c in goods:
        there[c.item] = there.get(c.item, 0) + c.quantity
    return list(there.items())
