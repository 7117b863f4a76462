"""Lots on the shelf: what lies in stock of an item by receipt, so that a hold can name the newest.

A receipt is a lot: a consignment, a counted production lot, the stock of the file. The oldest leave first. Nothing is
noted while goods leave: what has left is taken off the oldest when somebody asks, or receives.
"""

from collections import deque
from dataclasses import dataclass, field


@dataclass
class Lot:
    """`pieces` that came together. number: of all receipts of the item at the site, in their order."""

    number: int
    name: str
    pieces: int


@dataclass(eq=False)
class Shelf:
    """The lots of one item at one site, the oldest first; their pieces are at least those that are there."""

    lots: deque[Lot] = field(default_factory=deque)
    pieces: int = 0
    received: int = 0

    def receive(self, name: str, pieces: int, there: int) -> None:
        """A lot comes in; `there` pieces are in stock with it."""
        self.received += 1
        self.lots.append(Lot(self.received, name, pieces))
        self.pieces += pieces
        self._settle(there)

    def take_newest(self, count: int | None, there: int) -> list[Lot]:
        """Take the newest lots off the shelf (None: all), the oldest of them first; `there` pieces were in stock."""
        self._settle(there)
        first = 0 if count is None else max(len(self.lots) - count, 0)
        taken = [self.lots.pop() for _ in range(len(self.lots) - first)][::-1]
        self.pieces -= sum(lot.pieces for lot in taken)
        return taken

    def put_back(self, lots: list[Lot], there: int) -> None:
        """Lots that were taken stand in their old places again; `there` pieces are in stock without them."""
        self._settle(there)
        self.lots = deque(sorted([*self.lots, *lots], key=lambda lot: lot.number))
        self.pieces += sum(lot.pieces for lot in lots)

    def _settle(self, there: int) -> None:
        """What has left was of the oldest."""
        while self.lots and self.pieces > there:
            gone = min(self.lots[0].pieces, self.pieces - there)
            self.pieces -= gone
            self.lots[0].pieces -= gone
            if not self.lots[0].pieces:
                self.lots.popleft()
