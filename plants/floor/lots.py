"""Lots, and the lots of one production order that a line has still to begin.

    release 1,000,000 in lots of 40 --> counts --the line can take one--> Lot PO-7/1 --entered--> gone from here

A lot exists from when a line could take it; before that there are only numbers, so that neither time nor memory depends
on how much was ordered.
"""

from dataclasses import dataclass, field

from plants import definition
from plants.orders import Order


@dataclass(eq=False)
class Lot:
    """A release of `size` pieces of one production order. `entered`, `good` and `scrap` count its pieces."""

    id: str
    order: Order | None
    make: definition.MakeSpec
    size: int
    entered: int = 0
    good: int = 0
    scrap: int = 0

    @property
    def item(self) -> str:
        return self.make.item

    @property
    def counted(self) -> bool:
        return self.good + self.scrap >= self.size


@dataclass(eq=False)
class Batch:
    """Pieces released together: `left` of them are not cut yet, in lots of `size` (the last takes what remains)."""

    size: int
    left: int

    def cut(self) -> int:
        """Take the first lot; returns its pieces."""
        pieces = min(self.size, self.left)
        self.left -= pieces
        return pieces

    def take_back(self, quantity: int) -> tuple[int, bool]:
        """Give up whole lots, last first, at most `quantity` pieces; returns how many pieces, and whether it stopped
        before a lot that is larger than what was still to be taken."""
        last = self.left % self.size
        if last > quantity:
            return 0, True
        whole = min(self.left // self.size, (quantity - last) // self.size)
        taken = last + whole * self.size
        self.left -= taken
        return taken, self.left > 0


@dataclass(eq=False)
class Lots:
    """What a line has still to make of one order: the lot whose turn it is, if it was cut already, and the rest."""

    order: Order | None
    make: definition.MakeSpec
    first: Lot | None = None
    batches: list[Batch] = field(default_factory=list)

    def release(self, quantity: int, size: int) -> None:
        """So many pieces more, in lots of `size`."""
        last = self.batches[-1] if self.batches else None
        if last is not None and last.size == size and last.left % size == 0:
            last.left += quantity
        elif quantity > 0:
            self.batches.append(Batch(size, quantity))

    def cut(self, name: str) -> Lot | None:
        """The next lot, named so; None when there is nothing left."""
        if not self.batches:
            return None
        batch = self.batches[0]
        self.first = Lot(name, self.order, self.make, batch.cut())
        if not batch.left:
            self.batches.pop(0)
        return self.first

    def take_back(self, quantity: int) -> int:
        """Give up whole lots of which nothing has entered, last first, at most `quantity` pieces; returns how many."""
        taken, stopped = 0, False
        while self.batches and not stopped:
            more, stopped = self.batches[-1].take_back(quantity - taken)
            taken += more
            if not self.batches[-1].left:
                self.batches.pop()
        first = self.first
        if not stopped and first is not None and first.entered == 0 and taken + first.size <= quantity:
            taken += first.size
            self.first = None
        return taken

    @property
    def empty(self) -> bool:
        """Is nothing left that has not wholly entered?"""
        return self.first is None and not self.batches
