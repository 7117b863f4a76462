"""What a KPI reads: the world at the horizon, by source, and what the scenario says about it.

Every source is one attribute of `Measured`, worked out once however many KPIs read it. A source that KPIs add up has a
Table beside it, which knows the places its rows belong to: so a formula gives every place as well as the whole.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from plants.definition import LineSpec
from plants.floor.line import Line, units
from plants.kpis.figures import Peak, Sum, Table
from plants.kpis.ledgered import Ledgered
from plants.kpis.standard import Standards
from plants.network.network import Network
from plants.network.shipment import Leg, Shipment
from plants.orders import ERP, CustomerOrder, Order
from sync.vocabulary.quantities import MICRO_PER_MINOR, ceil_ms, late_cost, late_cost_of_pieces

if TYPE_CHECKING:
    from plants.kpis.levels import Array

# Source: what it is made of. A KPI names the ones that it reads.
SOURCES = {
    "orders": "customer orders placed after warm-up: when each was placed, due, sent on its way and delivered",
    "moves": "transfers and purchases that somebody else than ERP's own rule created after warm-up",
    "backlog": "every customer order: what was placed, left, was lost and was cancelled, and when",
    "departures": "consignments that departed after warm-up, with their handling",
    "legs": "lanes that consignments began to travel after warm-up, with freight and CO2 of the way really gone",
    "receipts": "consignments that were received after warm-up, with the times of their departure and receipt",
    "lines": "what lines counted after warm-up: good pieces, time worked, down and open",
    "ledger": "the stock ledger: what lay where for how long after warm-up, and what moved",
    "beliefs": "the books of the systems beside the stock that is there, for as long as each was so after warm-up",
    "decisions": "the engine's decisions and the acknowledgements of their commands",
    "messages": "messages that systems lost, damaged or wrote with a code that nobody knows",
}


@dataclass(frozen=True)
class LineCount:
    """What a line did after the warm-up; busy_s: of its busiest machine; down_s: it stood unplanned; ideal_s: what its
    good pieces needed at the bottleneck's ideal cycle; open_s: by its shifts; in_pieces: whether it counts pieces
    (orders otherwise); states: machine -> state -> planned seconds, which add up to open_s (a plain rate is one machine
    of the line's own name); bottleneck: the machines whose ideal cycle the line's is."""

    good: int
    scrap: int
    busy_s: float
    down_s: float
    ideal_s: float
    open_s: float
    in_pieces: bool
    states: Mapping[str, Mapping[str, float]]
    bottleneck: Sequence[str]

    def bottleneck_s(self, state: str) -> float:
        """Planned seconds that the bottleneck showed a state, of parallel machines on average."""
        return sum(self.states[m].get(state, 0.0) for m in self.bottleneck) / len(self.bottleneck)


@dataclass(frozen=True)
class LineStart:
    """The counters of a line at the end of the warm-up."""

    good: int = 0
    scrap: int = 0
    busy_s: Mapping[str, float] = field(default_factory=dict)
    ideal_s: float = 0.0
    states: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @classmethod
    def of(cls, line: Line) -> "LineStart":
        """Those of a line now."""
        return cls(line.good, line.scrap, line.busy_s(), line.ideal_s, line.state_s())


NEW = LineStart()


@dataclass(frozen=True)
class MessageCount:
    """What went wrong with messages: (source of the message, fate) of each."""

    went_wrong: Sequence[tuple[str, str]] = ()
    sources: Sequence[str] = ()


class Formulated(Protocol):
    """What is asked of a KPI here."""

    @property
    def name(self) -> str: ...
    @property
    def of(self) -> Callable[[Any], Any]: ...


@dataclass(eq=False)
class Measured:
    """starts: line -> its counters at the end of the warm-up; unservable: order -> why no way could serve it;
    latencies_ms: of every decision whose commands were answered; books: system -> what it believed, a table of
    time_ms, site, item, quantity."""

    network: Network
    horizon_s: float
    warmup_s: float
    starts: Mapping[str, LineStart] = field(default_factory=dict)
    unservable: Mapping[str, str] = field(default_factory=dict)
    latencies_ms: Sequence[int] = ()
    books: Mapping[str, Mapping[str, Sequence[object]]] = field(default_factory=dict)
    said: MessageCount = MessageCount()
    _figures: dict[str, Any] = field(default_factory=dict)

    def figure(self, kpi: "Formulated") -> Any:
        """What a KPI is here. Each is computed once: some are parts of others."""
        if kpi.name not in self._figures:
            self._figures[kpi.name] = kpi.of(self)
        return self._figures[kpi.name]

    # --- the time that counts --------------------------------------------------------------------------------------
    @property
    def horizon_ms(self) -> int:
        return ceil_ms(self.horizon_s)

    @property
    def warmup_ms(self) -> int:
        return ceil_ms(self.warmup_s)

    @property
    def hours(self) -> float:
        """Hours after the warm-up."""
        return (self.horizon_s - self.warmup_s) / 3600

    @property
    def ms(self) -> int:
        """Milliseconds after the warm-up."""
        return self.horizon_ms - self.warmup_ms

    @property
    def years(self) -> float:
        """Years of 365 days after the warm-up."""
        return (self.horizon_s - self.warmup_s) / (365 * 86_400)

    # --- places and standards ----------------------------------------------------------------------------------------
    @cached_property
    def names(self) -> dict[str, list[str]]:
        """Dimension -> every place there is."""
        net = self.network.spec
        return {
            "customer": [c.id for c in net.customers],
            "item": [i.id for i in net.items],
            "plant": [p.id for p in net.plants],
            "warehouse": [w.id for w in net.warehouses],
            "supplier": [s.id for s in net.suppliers],
            "line": [f"{p.id}.{line.id}" for p in net.plants for line in p.lines],
            "lane": [lane.id for lane in net.lanes],
        }

    @cached_property
    def standards(self) -> Standards:
        """What a piece of an item is worth, whatever was paid for it."""
        return Standards(self.network.spec)

    @cached_property
    def prices(self) -> dict[str, int]:
        """Item -> what a customer pays for a piece, in micro currency units, where it is given."""
        return {i.id: i.price_minor * MICRO_PER_MINOR for i in self.network.spec.items if i.price_minor is not None}

    def valued(self, pieces: Sum, value: Mapping[str, float] | None = None) -> Sum:
        """Pieces as money: each of so many micro currency units (the standard of its item when not given)."""
        micro = self.standards.micro if value is None else value
        place = pieces.table.places["item"]
        each = np.array([float(micro.get(name, 0)) for name in place.names] or [0.0])
        return Sum(pieces.table, pieces.values * each[place.codes] if len(place.codes) else pieces.values, 1e6)

    # --- sources -----------------------------------------------------------------------------------------------------
    @cached_property
    def orders(self) -> list[CustomerOrder]:
        """Customer orders placed after the warm-up, in that order."""
        begin = self.warmup_ms
        return [o for o in self.network.book.customer_orders() if o.ordered_ms >= begin]

    @cached_property
    def moves(self) -> list[Order]:
        """Transfers and purchases placed after the warm-up by people, at another source than the rule's, or engine."""
        begin = self.warmup_ms
        orders = self.network.book.orders.values()
        return [o for o in orders if o.kind in ("transfer", "purchase") and o.by != ERP and o.ordered_ms >= begin]

    @cached_property
    def backlog(self) -> Peak:
        """Pieces of customer orders that were placed and have not left, over time. What was lost has not left, unless
        the customer had taken back the rest before."""
        events: list[tuple[int, int, CustomerOrder]] = []
        left: dict[str, list[Shipment]] = {}
        for s in self.network.shipments:
            if s.kind == "customer" and s.departed_ms >= 0:
                left.setdefault(s.order, []).append(s)
        for o in self.network.book.customer_orders():
            events.append((o.ordered_ms, o.ordered, o))
            there, end = o.ordered, o.cancelled_ms if o.cancelled_ms >= 0 else self.horizon_ms + 1
            changes = [(s.departed_ms, -s.quantity) for s in left.get(o.id, ())]
            changes += [(s.lost_ms, s.quantity) for s in left.get(o.id, ()) if s.lost_ms >= 0]
            for at, pieces in sorted(changes):
                if at < end:
                    events.append((at, pieces, o))
                    there += pieces
            if o.cancelled_ms >= 0 and there:
                events.append((end, -there, o))
        table = self._ordered([o for _, _, o in events], sites=False)
        return Peak(table, *self._columns(events), self.warmup_ms)

    @staticmethod
    def _columns(events: "list[tuple[int, int, CustomerOrder]]") -> "tuple[Array, Array]":
        both = np.array([(at, pieces) for at, pieces, _ in events], dtype=np.int64).reshape(-1, 2)
        return both[:, 0], both[:, 1]

    @cached_property
    def departures(self) -> list[Shipment]:
        """What departed after the warm-up, in that order."""
        begin = self.warmup_ms
        return [s for s in self.network.shipments if s.departed_ms >= begin]

    @cached_property
    def legs(self) -> list[tuple[Shipment, Leg]]:
        """The lanes that goods set out on after the warm-up."""
        begin = self.warmup_ms
        return [(s, leg) for s in self.network.shipments for leg in s.legs if leg.begin_ms >= begin]

    @cached_property
    def receipts(self) -> list[Shipment]:
        """What was received after the warm-up, in the order of departure."""
        begin = self.warmup_ms  # from 0 on: what was never received has -1
        return [s for s in self.network.shipments if s.received_ms >= begin]

    @cached_property
    def lines(self) -> dict[str, LineCount]:
        """Line -> what it did after the warm-up."""
        return {name: self._counted(line, self.starts.get(name, NEW)) for name, line in self.network.lines.items()}

    def _counted(self, line: Line, start: LineStart) -> LineCount:
        busy = {machine: s - start.busy_s.get(machine, 0.0) for machine, s in line.busy_s().items()}
        down_s, open_s = (
            line.downtime.seconds(self.warmup_s, self.horizon_s),
            line.shifts.between(self.warmup_s, self.horizon_s),
        )
        states: dict[str, dict[str, float]] = {
            machine: {state: s - start.states.get(machine, {}).get(state, 0.0) for state, s in of.items()}
            for machine, of in line.state_s().items()
        }
        if not states:  # a plain rate: it works, stands, or has nothing to do
            worked = busy.get(line.id, 0.0)
            states = {line.id: {"working": worked, "down": down_s, "idle": max(open_s - worked - down_s, 0.0)}}
        return LineCount(
            good=line.good - start.good,
            scrap=line.scrap - start.scrap,
            busy_s=max(busy.values(), default=0.0),
            down_s=down_s,
            ideal_s=line.ideal_s - start.ideal_s,
            open_s=open_s,
            in_pieces=line.spec.counts == "pcs",
            states=states,
            bottleneck=_bottleneck(line.spec) or [line.id],
        )

    @cached_property
    def _ledger(self) -> Ledgered:
        return Ledgered(self.network.ledger.rows, self.names, self.warmup_ms, self.horizon_ms)

    @property
    def ledger(self) -> Ledgered:
        """The stock ledger after the warm-up."""
        return self._ledger

    @cached_property
    def beliefs(self) -> dict[str, Sum]:
        """System -> pieces x ms by which its book was off the free stock."""
        return {system: self._ledger.gap(book) for system, book in self.books.items()}

    @property
    def decisions(self) -> Sequence[int]:
        """Milliseconds from what triggered each decision to its last acknowledged command."""
        return self.latencies_ms

    @property
    def messages(self) -> MessageCount:
        """What went wrong with messages."""
        return self.said

    # --- tables of the sources ---------------------------------------------------------------------------------------
    @cached_property
    def order_table(self) -> Table:
        """Of `orders`: by customer, item, and plant or warehouse that serves."""
        return self._ordered(self.orders)

    def _ordered(self, orders: Sequence[CustomerOrder], sites: bool = True) -> Table:
        columns: dict[str, Iterable[str]] = {"customer": [o.customer for o in orders], "item": [o.item for o in orders]}
        if sites:
            columns["plant"] = columns["warehouse"] = [o.site for o in orders]
        return Table.of(len(orders), self.names, columns)

    @cached_property
    def move_table(self) -> Table:
        """Of `moves`: by item and by the plant or warehouse that gets the goods."""
        moves, targets = self.moves, [o.target for o in self.moves]
        columns = {"customer": [""] * len(moves), "item": [o.item for o in moves]}
        return Table.of(len(moves), self.names, columns | {"plant": targets, "warehouse": targets})

    @cached_property
    def departure_table(self) -> Table:
        """Of `departures`."""
        return self.shipped(self.departures)

    @cached_property
    def receipt_table(self) -> Table:
        """Of `receipts`."""
        return self.shipped(self.receipts)

    def shipped(self, shipments: Sequence[Shipment], lanes: Sequence[str] | None = None) -> Table:
        """Of shipments: by item, by where they left (plant, warehouse, supplier), by the customer they are for, and by
        lane where that is said."""
        columns: dict[str, Iterable[str]] = {"item": [s.item for s in shipments]}
        columns["plant"] = columns["warehouse"] = columns["supplier"] = [s.source for s in shipments]
        columns["customer"] = [s.target if s.kind == "customer" else "" for s in shipments]
        if lanes is not None:
            columns["lane"] = lanes
        return Table.of(len(shipments), self.names, columns)

    @cached_property
    def leg_table(self) -> Table:
        """Of `legs`."""
        return self.shipped([s for s, _ in self.legs], [leg.lane for _, leg in self.legs])

    @cached_property
    def line_table(self) -> Table:
        """Of `lines`: by line and plant."""
        names = list(self.lines)
        plants = [name.partition(".")[0] for name in names]
        return Table.of(len(names), self.names, {"line": names, "plant": plants})

    # --- what several of them need -----------------------------------------------------------------------------------
    @cached_property
    def due(self) -> list[CustomerOrder]:
        """The orders that are due by the horizon."""
        end = self.horizon_ms
        return [o for o in self.orders if 0 <= o.due_ms <= end]

    @cached_property
    def timely(self) -> list[CustomerOrder]:
        """Of those due, the ones delivered complete by their due date: nothing of them lost or cancelled."""
        return [o for o in self.due if is_timely(o)]

    @cached_property
    def served(self) -> list[CustomerOrder]:
        """The orders that have left their site complete: nothing of them lost or cancelled, or at the gate of a lane
        that has no room yet."""
        return [o for o in self.orders if is_served(o)]

    def late_minor(self, order: Order) -> int:
        """What lateness of one customer order has cost by the horizon: per piece each piece by its own delivery, per
        order until it is complete. What was cancelled is not late."""
        if not isinstance(order, CustomerOrder) or order.due_ms < 0:
            return 0
        if order.penalty_per != "pcs":
            return late_cost(order.penalty_minor, order.penalty_per, order.quantity, self.late_ms(order))
        came = [*order.deliveries, (self.horizon_ms, order.standing - order.delivered)]
        return late_cost_of_pieces(order.penalty_minor, [(pieces, at - order.due_ms) for at, pieces in came])

    def late_ms(self, order: Order) -> int:
        """How long after its due date a customer order was complete, or the horizon came; 0 without a due date, and
        when it was cancelled."""
        if not isinstance(order, CustomerOrder) or order.due_ms < 0 or order.state == "cancelled":
            return 0
        return max((order.done_ms if order.done_ms >= 0 else self.horizon_ms) - order.due_ms, 0)


def _bottleneck(line: LineSpec) -> list[str]:
    """The machines of the station with the longest ideal cycle; none on a plain rate."""
    return units(max(line.machines, key=lambda m: m.cycle.mean / m.parallel)) if line.machines else []


def is_served(order: CustomerOrder) -> bool:
    """Has all of it left, with nothing lost, cancelled or waiting at the gate of a full lane?"""
    return order.complete and order.left_ms >= 0


def is_timely(order: CustomerOrder) -> bool:
    """Was it delivered complete by its due date?"""
    return order.complete and 0 <= order.done_ms <= order.due_ms


def percentile(values: Sequence[int], share: float) -> int | None:
    """The value that `share` of them lie below; None of none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else None
