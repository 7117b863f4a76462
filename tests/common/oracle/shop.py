"""What the oracle's lines ask of their plant: components, and room for what is through."""

from typing import Any

from tests.common.oracle.floor import Line, Lot


class Shop:
    """What a line asks of its plant."""

    def __init__(self, world: Any, plant: str) -> None:
        self.world, self.plant = world, plant

    def needs(self, line: Line, lot: Lot) -> bool:
        """Take the components of one piece from stock, if all are there."""
        site, needs = self.world.sites[self.plant], self.world.needs.get(lot.item, {})
        if needs:
            self.world.met(self.plant, line, needs)
        if any(site.stock(item) < each for item, each in needs.items()):
            return False
        for item, each in needs.items():
            site.take(item, each)
        if needs:
            self.world.doors(site)
        return True

    def _told(self, lot: Lot, pieces: int) -> list[tuple[str, str, str, int]]:
        pieces, lot.used = pieces - lot.used, pieces
        rows = list[tuple[str, str, str, int]]()
        for item, each in self.world.needs.get(lot.item, {}).items():
            if pieces:
                rows.append(("book", self.plant, item, -pieces * each))
                if (self.plant, item) in self.world.dependent:
                    rows.append(("demand", self.plant, item, -pieces * each))
        return rows

    def short(self, line: Line, lot: Lot) -> None:
        """The line starves: what the lot has used so far is told."""
        for row in self._told(lot, lot.entered):
            self.world.tell(row)

    def counted(self, line: Line, lot: Lot) -> None:
        """A lot is through: into stock, and confirmed."""
        world, order = self.world, lot.order
        order.there += lot.size
        order.wanted -= lot.size
        if not order.wanted:
            order.done_ms = order.left_ms = world.clock.stamp
        pegged = order.pegged
        world.put(self.plant, lot.item, lot.size, pegged)  # goes first to the order that it was made for
        for row in self._told(lot, lot.size):
            world.tell(row)
        last = None if order.wanted else lambda: world.lacking(self.plant, lot.item, pegged)
        rows = ("book", self.plant, lot.item, lot.size), ("making", self.plant, lot.item, -lot.size)
        world.tell(*rows, ("left", order.line, lot.item, -lot.size), then=last)
