"""A plant: a site with lines. It takes work orders, feeds its lines from stock and receives what they count.

stock --(BOM, piece by piece)--> line --(lot counted)--> stock --(demands)--> lanes
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from plants import definition
from plants.floor.line import Line, Lot
from plants.orders import Order
from plants.sites import Site
from sync.vocabulary.quantities import ceil_ms


@dataclass(eq=False)
class Plant(Site):
    """needs: item -> {component: pieces}; the callbacks tell the plant's systems what happens on the floor."""

    spec: definition.Plant = field(kw_only=True)
    needs: dict[str, dict[str, int]] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    on_lot: list[Callable[[Line, Lot], None]] = field(default_factory=list)
    on_short: list[Callable[[Line, Lot], None]] = field(default_factory=list)
    on_machine: list[Callable[[Line, str, str], None]] = field(default_factory=list)
    on_piece: list[Callable[[Line, bool], None]] = field(default_factory=list)
    on_count: list[Callable[[Line, str, int], None]] = field(default_factory=list)
    _hungry: dict[str, list[Line]] = field(default_factory=dict)

    def line_for(self, item: str, line: str = "") -> Line | None:
        """The line named, or the first one that lists the item."""
        for candidate in self.lines.values():
            if item in candidate.makes and (not line or candidate.id == line):
                return candidate
        return None

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
        needs = self.needs.get(lot.item)
        if not needs or line.spec.supply_unlimited:
            return True
        pieces = lot.size if line.spec.counts == "orders" else 1
        on_hand = self.on_hand
        for item, each in needs.items():
            if on_hand.get(item, 0) < each * pieces:
                hungry = self._hungry.setdefault(item, [])
                if line not in hungry:
                    hungry.append(line)
                for call in self.on_short:
                    call(line, lot)
                return False
        cause = lot.order.id if lot.order is not None else lot.id
        for item, each in needs.items():
            on_hand[item] -= each * pieces
            self.ledger.move_part(item, each * pieces, self.account, f"consumed:{self.id}", cause, lot.id)
            self.ledger.compare(self.account, item, on_hand[item], f"{lot.id} uses {item}")
        if self.capacity is not None:
            self._open_door()
        return True

    def _open_door(self) -> None:
        """As any site; counted lots that wait on a line come in first."""
        for line in self.lines.values():
            while line.parked and not self.closed and self.room_for(line.parked[0].good):
                self._take_in(line, line.parked.pop(0))
                line.wake()
        super()._open_door()

    def put(
        self, item: str, quantity: int, account: str, cause: str, lot: str = "", made_for: str = ""
    ) -> None:  # fmt: skip
        """As any site; a line that starved for the item is woken."""
        super().put(item, quantity, account, cause, lot, made_for)
        for line in self._hungry.pop(item, []):
            line.wake()

    def lot_done(self, line: Line, lot: Lot) -> None:
        """Receive the good pieces of a counted lot, then confirm it."""
        self.ledger.close(lot.id)
        order = lot.order
        if order is None:
            return
        order.sent += lot.size
        order.arrived += lot.good
        if order.open_quantity == 0:
            order.done_ms = order.left_ms = ceil_ms(self.env.now)
            order.go("done")
        elif order.state == "open":
            order.go("started")
        if lot.good and not line.spec.demand_unlimited and not self.room_for(lot.good):
            line.parked.append(lot)
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

    def piece_out(self, line: Line, good: bool) -> None:
        for call in self.on_piece:
            call(line, good)

    def machine_counted(self, line: Line, machine: str, done: int) -> None:
        for call in self.on_count:
            call(line, machine, done)
