"""A line: takes lots of production orders in the order of release and counts good pieces out, lot by lot.

This file is what every line has in common: its queue, its halts and its counters. How pieces go through it is the
business of `serial` (machines in series) and `rate` (a plain capacity).
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod
from typing import TYPE_CHECKING, Protocol

from simpy.events import Event

from plants import definition
from plants.floor import words
from plants.floor.changes import Changes, Said
from plants.floor.downtime import Downtime
from plants.floor.lots import Lot, Lots
from plants.ledger import Ledger
from plants.orders import Order
from plants.shifts import Shifts
from sim.ahead.runs import Run
from sim.environment import Environment

if TYPE_CHECKING:
    from sim.streams import Draw

ENDLESS = 1 << 60


class Shop(Protocol):
    """What a line asks of the plant it stands in."""

    id: str

    def take_materials(self, line: "Line", lot: Lot) -> bool:
        """Consume the components of one piece; False when something is missing (the line is woken on receipt)."""
        ...

    def lot_done(self, line: "Line", lot: Lot) -> None:
        """The last piece of `lot` is out: receive it into stock and confirm it."""
        ...

    def machine_changed(self, line: "Line", machine: str, state: str) -> None:
        """A machine of the line is in another state now."""
        ...

    def piece_out(self, line: "Line", good: bool) -> None:
        """A piece left the line."""
        ...

    def machine_broke(self, line: "Line", machine: str, broken: bool) -> None:
        """A machine of the line broke down, or is whole again."""
        ...

    def pieces_possible(self, line: "Line", lot: Lot) -> int:
        """For how many pieces of `lot` there is material that nobody else may want first."""
        ...

    def lot_begins(self, line: "Line") -> None:
        """The line has its next lot; others may have to share material with it."""
        ...

    def starving(self, line: "Line", lot: Lot) -> None:
        """The line waits for material for `lot`; wake it on receipt."""
        ...

    def use(self, line: "Line", lot: Lot, pieces: int) -> None:
        """Consume the components of `pieces` pieces that have entered."""
        ...

    def write_use(self, line: "Line", lot: Lot, entered: Sequence[Run]) -> None:
        """Pieces of `lot` entered at these instants (blocks of first, last, how many): the ledger learns what they
        used when."""
        ...

    def machine_counted(self, line: "Line", machine: str, done: int) -> None:
        """A machine has finished its `done`-th part (asked for only while the line is traced)."""
        ...


def units(machine: definition.MachineSpec) -> list[str]:
    """The names of the equal machines of one station."""
    return [machine.id] if machine.parallel == 1 else [f"{machine.id}:{n + 1}" for n in range(machine.parallel)]


@dataclass(eq=False)
class Line(ABC):
    """Base of all lines. `id` is dotted (`lyon.L1`); `halts` counts the reasons it stands still for."""

    env: Environment
    id: str
    spec: definition.LineSpec
    shop: Shop
    shifts: Shifts
    ledger: Ledger
    yields: "dict[str, Draw]"
    halts: list[str] = field(default_factory=list)
    factor: float = 1.0
    last_item: str = ""
    traced: bool = False
    parked: list[Lot] = field(default_factory=list)  # counted lots for which the plant has no room yet
    _queue: dict[str, Lots] = field(default_factory=dict)  # by production order, in the order of release
    _good: int = 0
    _scrap: int = 0
    _units: dict[str, int] = field(default_factory=dict)  # good ones by item: pieces, or orders where it counts those
    _wake: list[Event] = field(default_factory=list)
    _resumed: list[Event] = field(default_factory=list)
    _slowed: list[float] = field(default_factory=list)
    _lot_count: dict[str, int] = field(default_factory=dict)
    _said: Said = field(default_factory=Said)

    def __post_init__(self) -> None:
        self.account = f"wip:{self.id}"
        self.makes = {m.item: m for m in self.spec.makes}
        self.endless = self.spec.supply_unlimited and self.spec.demand_unlimited
        if self.endless:
            make = self.spec.makes[0]
            self._queue["endless"] = Lots(None, make, Lot(f"{self.id}/endless", None, make, ENDLESS))
        self.ledger.count_with(self.account, self.count)
        self.downtime = Downtime([units(m) for m in self.spec.machines], self.shifts)

    # --- what it has done so far -------------------------------------------------------------------------------------
    def settle(self) -> None:  # noqa: B027 - most have nothing to book
        """Book what happened on the line up to now, where that is not booked piece by piece."""

    @property
    def good(self) -> int:
        """Good pieces so far."""
        self.settle()
        return self._good

    @property
    def scrap(self) -> int:
        """Pieces scrapped so far."""
        self.settle()
        return self._scrap

    @property
    def ideal_s(self) -> float:
        """Seconds the good pieces would have taken at the ideal cycle."""
        self.settle()
        return sum(n * self.ideal_cycle_s() * self.makes[item].cycle_factor for item, n in sorted(self._units.items()))

    @property
    def queue(self) -> list[str]:
        """Production orders with pieces that have not entered, in the order of release."""
        self.settle()
        return list(self._queue)

    def entering(self) -> Lot | None:
        """The lot that material is held ready for, if there is one."""
        return None

    def recheck(self) -> None:  # noqa: B027 - only the machine floor is promised anything
        """Less material is there than a moment ago: a line that was promised some looks again."""

    def unit_s(self, item: str) -> Fraction:
        """Planned open seconds of a piece (of an order where it counts those) at normal speed, exactly: that of the
        busiest station."""
        return Fraction(self.ideal_cycle_s()) * Fraction(self.makes[item].cycle_factor)

    # --- work orders ---------------------------------------------------------------------------------------------
    def enqueue(self, order: Order, quantity: int) -> None:
        """Release `quantity` pieces of `order` in lots (one lot where the line counts orders), which are cut when their
        turn comes."""
        make = self.makes[order.item]
        size = quantity if self.spec.counts == "orders" else make.lot
        self._queue.setdefault(order.id, Lots(order, make)).release(quantity, size)
        self.wake()

    def withdraw(self, order: Order, quantity: int) -> int:
        """Take back at most `quantity` pieces in whole lots that are not started, last first; returns how many. A line
        that starved for one of them turns to the next."""
        first = self._current_lot()
        taken = self._take_back(order, quantity)
        if self._current_lot() is not first:
            self.wake()
        return taken

    def _take_back(self, order: Order, quantity: int) -> int:
        self.settle()
        lots = self._queue.get(order.id)
        if lots is None:
            return 0
        taken = lots.take_back(quantity)
        if lots.empty:
            del self._queue[order.id]
        return taken

    @abstractmethod
    def producing(self, for_order: str) -> bool:
        """Is a piece pegged to that order on the line now?"""

    def _current_lot(self) -> Lot | None:
        """The lot whose turn it is: cut from its order now, when it was not yet."""
        for name, lots in self._queue.items():
            if lots.first is not None:
                return lots.first
            n = self._lot_count[name] = self._lot_count.get(name, 0) + 1
            return lots.cut(f"{name}/{n}")
        return None

    def _leave_queue(self, lot: Lot) -> None:
        """The last piece of a lot has entered."""
        if lot.order is None:
            return
        lots = self._queue[lot.order.id]
        lots.first = None
        if lots.empty:
            del self._queue[lot.order.id]

    def setup_s(self, item: str) -> float:
        """Setup owed before a piece of `item`: the matrix entry, else the item's own, when the item changes."""
        if item == self.last_item:
            return 0.0
        from_to = self.spec.setups_s.get((self.last_item, item))
        return self.makes[item].setup_s if from_to is None else from_to

    def _entered(self, lot: Lot) -> None:
        """One more piece of `lot` is on the line (the whole lot where the line counts orders)."""
        pieces = lot.size if self.spec.counts == "orders" else 1
        lot.entered += pieces
        self.last_item = lot.item
        self.ledger.move_part(lot.item, pieces, f"made:{self.shop.id}", self.account, self._cause(lot), lot.id)
        if lot.entered >= lot.size:
            self._leave_queue(lot)

    def _cause(self, lot: Lot) -> str:
        return lot.order.id if lot.order is not None else lot.id

    def _out(self, lot: Lot, pieces: int = 1) -> None:
        """A piece (a whole order's pieces) is through; yield decides whether it is good."""
        draw = self.yields.get(lot.item)
        if draw is None or draw() < lot.make.yield_share:
            lot.good += pieces
            self._good += pieces
            self._units[lot.item] = self._units.get(lot.item, 0) + 1
            self.shop.piece_out(self, True)
        else:
            self._scrapped(lot, pieces)
        if lot.order is None and lot.good:
            self.ledger.move_part(lot.item, lot.good, self.account, f"shipped:{self.shop.id}", self._cause(lot), lot.id)
            lot.good = 0
        elif lot.counted:
            self.shop.lot_done(self, lot)

    def _scrapped(self, lot: Lot, pieces: int) -> None:
        lot.scrap += pieces
        self._scrap += pieces
        self.ledger.move_part(lot.item, pieces, self.account, f"scrapped:{self.shop.id}", self._cause(lot), lot.id)
        self.shop.piece_out(self, False)

    # --- waking and halting --------------------------------------------------------------------------------------
    def wake(self) -> None:
        """Something the first station waits for may be there: look again."""
        waiting, self._wake = self._wake, []
        for event in waiting:
            event.succeed()

    def _woken(self) -> Event:
        event = self.env.event()
        self._wake.append(event)
        return event

    def halt(self, reason: str) -> None:
        """Stand still until every halt is lifted. Work in progress keeps what was done."""
        self.halts.append(reason)
        self.downtime.halted(len(self.halts), self.env.now)
        if len(self.halts) == 1:
            self._stand()

    def lift(self, reason: str) -> None:
        """Lift one halt."""
        self.halts.remove(reason)
        self.downtime.halted(len(self.halts), self.env.now)
        if not self.halts:
            self._go_on()

    def broke(self, machine: str, broken: bool) -> None:
        """A machine broke down, or is whole again."""
        self.downtime.broke(machine, broken, self.env.now)
        self.shop.machine_broke(self, machine, broken)

    def changed(self, machine: str, state: str) -> None:
        """A machine shows another state from now on."""
        self._said.say(self.env.now, machine, state, words.HALTING if self.halts else words.BREAKING)
        self.shop.machine_changed(self, machine, state)

    def _stand(self) -> None:
        for name, _, working in self.machines():
            if not working:  # those that work say so themselves, once they are interrupted
                self.changed(name, "down")
        self._interrupt()

    def _go_on(self) -> None:
        for name, state, _ in self.machines():
            if state != "down":
                self.changed(name, state)
        resumed, self._resumed = self._resumed, []
        for event in resumed:
            event.succeed()

    def _until_lifted(self) -> Event:
        event = self.env.event()
        self._resumed.append(event)
        return event

    def slow(self, factor: float) -> None:
        """Work at `factor` x the speed it has now, until that is undone by `unslow`: all that is left of the piece in
        progress, too."""
        self._slowed.append(factor)
        self.set_factor(prod(self._slowed))

    def unslow(self, factor: float) -> None:
        """Undo one `slow`."""
        self._slowed.remove(factor)
        self.set_factor(prod(self._slowed))

    @abstractmethod
    def set_factor(self, factor: float) -> None:
        """Work at `factor` x normal speed from now on: of every cycle that has begun, what is left of it too."""

    @abstractmethod
    def start(self) -> None:
        """Set the processes of the line going."""

    @abstractmethod
    def machines(self) -> list[tuple[str, str, bool]]:
        """(name, state, is it working now) of every machine; a plain rate is one machine of the line's own name."""

    def _interrupt(self) -> None:  # noqa: B027 - the floor does that itself
        """Stop the work that is going on now."""

    def stop_machine(self, machine: str) -> None:
        """Break a machine (of parallel ones the first). Stops stack. Raises ValueError where there are no machines."""
        raise ValueError(f"line {self.id} has no machine {machine}")

    def mend_machine(self, machine: str) -> None:
        """Undo one stop of a machine."""
        raise ValueError(f"line {self.id} has no machine {machine}")

    @abstractmethod
    def count(self) -> Iterator[tuple[str, int]]:
        """What is physically on the line: (item, pieces)."""

    # --- for the measures ----------------------------------------------------------------------------------------
    @abstractmethod
    def busy_s(self) -> dict[str, float]:
        """Seconds every machine has worked so far, the work in progress included."""

    def down_s(self) -> float:
        """Seconds a machine was down (breakdowns, not halts) so far, summed over machines."""
        return 0.0

    def state_s(self) -> dict[str, dict[str, float]]:
        """Machine -> state (a word of words.STATES) -> planned seconds it has shown that so far, `down` while the line
        is halted too. They sum up to the line's open time: what a machine shows outside its shifts is not planned and
        counts nowhere. {} for lines that do not count it."""
        return {}

    def changes(self) -> Changes:
        """Every change of state of every machine so far."""
        return self._said.changes([name for name, _, _ in self.machines()])

    @abstractmethod
    def ideal_cycle_s(self) -> float:
        """Shortest possible seconds between two pieces."""
