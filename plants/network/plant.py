"""A plant: a site with lines. It takes work orders, feeds its lines from stock and receives what they count.

stock --(BOM, piece by piece)--> line --(lot counted)--> stock --(demands)--> lanes
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from plants import definition
from plants.floor.line import ENDLESS, Line
from plants.floor.lots import Lot
from plants.network.lane import Consignment
from plants.network.sites import Site
from plants.orders import Order
from sim.ahead.runs import Run
from sync.vocabulary.planning import choice
from sync.vocabulary.planning.choice import Maker
from sync.vocabulary.quantities import ceil_ms


@dataclass(eq=False)
class Plant(Site):
    """needs: item -> {component: pieces}; the callbacks tell the plant's systems what happens on the floor."""

    spec: definition.PlantSpec = field(kw_only=True)
    needs: dict[str, dict[str, int]] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    on_lot: list[Callable[[Line, Lot], None]] = field(default_factory=list)
    on_short: list[Callable[[Line, Lot], None]] = field(default_factory=list)
    on_machine: list[Callable[[Line, str, str], None]] = field(default_factory=list)
    on_piece: list[Callable[[Line, bool], None]] = field(default_factory=list)
    on_count: list[Callable[[Line, str, int], None]] = field(default_factory=list)
    on_broken: list[Callable[[Line, str, bool], None]] = field(default_factory=list)
    _hungry: dict[str, list[Line]] = field(default_factory=dict)

    @property
    def on_hand(self) -> dict[str, int]:
        """Stock by item now, less what the lines have used by now."""
        self._settle()
        return self._stock

    def _settle(self) -> None:
        for line in self.lines.values():
            line.settle()

    def line_for(self, item: str, named: str = "", work: Callable[[Line], Fraction] | None = None) -> Line | None:
        """The line that gets an order for the item, where `work` says what each has still to do (None: they are idle);
        None when no line here makes it."""
        makers = [line for line in self.lines.values() if item in line.makes]
        if len(makers) < 2:
            return makers[0] if makers else None
        idle = Fraction(0)
        return self.lines[
            choice.line([Maker(x.id, work(x) if work else idle, x.makes[item].prefer) for x in makers], named)
        ]

    def makes(self, item: str) -> bool:
        """Can any line here make it?"""
        return any(item in line.makes for line in self.lines.values())

    def release(self, order: Order, quantity: int) -> None:
        """Put a production order (or more of it) on its line."""
        self.lines[order.line].enqueue(order, quantity)

    # --- what lines ask (plants.floor.line.Shop) -----------------------------------------------------------------
    def take_materials(self, line: Line, lot: Lot) -> bool:
        """Consume the components of one piece (of the whole order where the line counts orders). While a counted lot
        finds no room in the plant, its line takes in nothing new."""
        if line.parked:
            return False
        pieces = lot.size if line.spec.counts == "orders" else 1
        if self._possible(self._needs(line, lot)) < pieces:
            self.starving(line, lot)
            return False
        self.use(line, lot, pieces)
        for item, each in self._needs(line, lot).items():
            self.ledger.note(item, each * pieces, self.account, f"consumed:{self.id}", _cause(lot), lot.id)
        for other in self.lines.values():
            other.recheck()
        return True

    def _needs(self, line: Line, lot: Lot) -> dict[str, int]:
        """Components of one piece that come from this plant's stock."""
        return {} if line.spec.supply_unlimited else self.needs.get(lot.item, {})

    def _possible(self, needs: dict[str, int]) -> int:
        """For how many pieces the stock is enough."""
        on_hand = self.on_hand
        return min((on_hand.get(item, 0) // each for item, each in needs.items()), default=ENDLESS)

    def pieces_possible(self, line: Line, lot: Lot) -> int:
        """For how many pieces of `lot` there is material that nobody else may want first. Lines that share a scarce
        component, and all lines while goods wait for room that using components will make, take piece by piece."""
        if line.parked:
            return 0
        needs = self._needs(line, lot)
        if not needs:
            return ENDLESS
        on_hand, possible = self.on_hand, self._possible(needs)
        left = lot.size - lot.entered
        others = [(other, o) for other in self.lines.values() if other is not line and (o := other.entering())]
        for item, each in needs.items():
            wanted = sum(self._needs(other, o).get(item, 0) * (o.size - o.entered) for other, o in others)
            if on_hand.get(item, 0) < each * left + wanted:
                possible = min(possible, 1)
        return min(possible, 1) if self._door or any(other.parked for other in self.lines.values()) else possible

    def lot_begins(self, line: Line) -> None:
        """A line has its next lot: others that were promised the same components may have to share them."""
        for other in self.lines.values():
            if other is not line:
                other.recheck()

    def starving(self, line: Line, lot: Lot) -> None:
        """The line waits for material for `lot`; it is woken on receipt of what is missing."""
        if line.parked:
            return
        on_hand = self.on_hand
        for item, each in self._needs(line, lot).items():
            if on_hand.get(item, 0) < each * (lot.size if line.spec.counts == "orders" else 1):
                hungry = self._hungry.setdefault(item, [])
                if line not in hungry:
                    hungry.append(line)
                for call in self.on_short:
                    call(line, lot)
                return

    def use(self, line: Line, lot: Lot, pieces: int) -> None:
        """Consume the components of `pieces` pieces that have entered."""
        needs = self._needs(line, lot)
        stock = self._stock
        for item, each in needs.items():
            stock[item] -= each * pieces
            self.ledger.post(item, each * pieces, self.account, f"consumed:{self.id}", _cause(lot))
            self.ledger.compare(self.account, item, stock[item], f"{lot.id} uses {item}")
        if needs and self.capacity is not None:
            self._open_door()

    def write_use(self, line: Line, lot: Lot, entered: Sequence[Run]) -> None:
        """What pieces of `lot` used that entered at these instants, for the ledger."""
        for item, each in self._needs(line, lot).items():
            self.ledger.write((item, each, self.account, f"consumed:{self.id}", _cause(lot)), lot.id, entered)

    def _take(self, item: str, quantity: int) -> None:
        """As any site; lines that were promised material look again."""
        super()._take(item, quantity)
        for line in self.lines.values():
            line.recheck()

    def arrive(self, c: Consignment) -> None:
        """As any site; while something waits at the door, lines take material piece by piece."""
        self._settle()  # what the lines used before this made room before it
        super().arrive(c)
        if self._door:
            for line in self.lines.values():
                line.recheck()

    def _open_door(self) -> None:
        """As any site; counted lots that wait on a line come in first."""
        self._settle()  # booking a use opens the door too: it must not happen in the middle of this
        for line in self.lines.values():
            while line.parked and not self.closed and self.room_for(line.parked[0].good):
                self._take_in(line, line.parked.pop(0))
                line.wake()
        super()._open_door()

    def put(
        self, item: str, quantity: int, account: str, cause: str, lot: str = "", made_for: str = ""
    ) -> None:  # fmt: skip
        """As any site; the lines that starved for the item are woken, in the order in which the floor goes: lines of
        machines in the file's order, then plain rates."""
        self._settle()  # what the lines used before this belongs before it
        super().put(item, quantity, account, cause, lot, made_for)
        hungry = self._hungry.pop(item, [])
        for line in sorted(self.lines.values(), key=lambda each: not each.spec.machines):
            if line in hungry:
                line.wake()

    def lot_done(self, line: Line, lot: Lot) -> None:
        """Receive the good pieces of a counted lot, then confirm it."""
        self.ledger.close(lot.id)
        order = lot.order
        if order is None:
            return
        order.make(lot.good, lot.size - lot.good, ceil_ms(self.env.now))
        if lot.good and not line.spec.demand_unlimited and not self.room_for(lot.good):
            line.parked.append(lot)
            for other in self.lines.values():
                other.recheck()
            return
        self._take_in(line, lot)

    def _take_in(self, line: Line, lot: Lot) -> None:
        """A counted lot goes into stock (to customers, where demand is unlimited) and is confirmed."""
        order = lot.order
        if order is None:
            return
        if lot.good:
            if line.spec.demand_unlimited:
                self.ledger.move(lot.item, lot.good, line.account, f"shipped:{self.id}", order.id, lot.id)
            else:
                self.put(lot.item, lot.good, line.account, order.id, lot.id, made_for=order.for_order)
        for call in self.on_lot:
            call(line, lot)

    def machine_changed(self, line: Line, machine: str, state: str) -> None:
        for call in self.on_machine:
            call(line, machine, state)

    def machine_broke(self, line: Line, machine: str, broken: bool) -> None:
        for call in self.on_broken:
            call(line, machine, broken)

    def piece_out(self, line: Line, good: bool) -> None:
        for call in self.on_piece:
            call(line, good)

    def machine_counted(self, line: Line, machine: str, done: int) -> None:
        for call in self.on_count:
            call(line, machine, done)


def _cause(lot: Lot) -> str:
    return lot.order.id if lot.order is not None else lot.id
