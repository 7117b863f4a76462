"""The oracle's orders and sites: quantities on paper, stock in lots."""

from collections import defaultdict
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.common.oracle.floor import Line


@dataclass(eq=False)
class Order:
    """Any order: `wanted` is what has not left (or been made)."""

    kind: str
    item: str
    ordered: int
    site: str
    target: str
    placed: Fraction  # exactly; `ordered_ms` is its stamp
    ordered_ms: int = 0
    due: int = -1
    wanted: int = 0
    sent: int = 0
    there: int = 0
    cancelled: int = 0
    missing: int = 0
    partial: bool = False
    left_ms: int = -1
    done_ms: int = -1
    last_ms: int = -1
    given_up: bool = False
    pegged: "Order | None" = None
    line: str = ""
    id: str = ""
    seq: int = 0

    def row(self) -> tuple[Any, ...]:
        """What is compared."""
        left = -1 if self.cancelled else self.left_ms
        return (
            self.kind, self.item, self.site, self.target, self.line, self.ordered_ms, self.ordered, left,
            self.done_ms, self.there, self.cancelled,
        )  # fmt: skip


@dataclass(eq=False)
class Site:
    """Stock in lots (number, pieces), oldest first, what is held of it, the queue of demands and the door."""

    id: str
    spec: dict[str, Any]
    lots: dict[str, list[list[int]]] = field(default_factory=lambda: defaultdict(list))
    held: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    queue: list[Order] = field(default_factory=list)
    door: list[tuple[Any, ...]] = field(default_factory=list)
    closed: int = 0
    received: int = 0
    asked: dict[str, None] = field(default_factory=dict)  # items in the order in which they were first asked for
    lines: dict[str, Line] = field(default_factory=dict)

    def stock(self, item: str) -> int:
        return sum(pieces for _, pieces in self.lots[item])

    def add(self, item: str, quantity: int) -> None:
        self.received += 1
        self.lots[item].append([self.received, quantity])

    def enter(self, order: Order) -> None:
        self.asked[order.item] = None
        self.queue.append(order)

    def take(self, item: str, quantity: int) -> None:
        lots = self.lots[item]
        while quantity:
            part = min(lots[0][1], quantity)
            lots[0][1] -= part
            quantity -= part
            if not lots[0][1]:
                lots.pop(0)

    def room(self, quantity: int) -> bool:
        if "capacity" not in self.spec:
            return True
        full = sum(self.stock(item) for item in list(self.lots)) + sum(self.held.values())
        return full == 0 or full + quantity <= self.spec["capacity"]
