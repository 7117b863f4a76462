"""A customer places orders: drawn at random, or read from a file. What happens to them is not its business."""

from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import datetime
from fractions import Fraction
from typing import Any

from simpy.events import Event

from plants import definition
from plants.network.season import ONE, Season
from plants.orders import CustomerOrder
from sim.environment import Environment
from sim.streams import Streams, whole
from sync.vocabulary.quantities import MOST_PIECES, ceil_ms


@dataclass(eq=False)
class Customer:
    """`changes`: (item or "", factor) of the demand changes in force; they and the season scale quantities, never the
    times, so the n-th order is the same order in every way of working.

    What scaling leaves of a piece is carried to the next order for the item, so the sum is that of the factors to less
    than one piece. An order that comes out as 0 is not placed, and its number is used up.
    """

    env: Environment
    spec: definition.CustomerSpec
    place: Callable[[CustomerOrder], None]
    streams: Streams
    start_at: datetime
    changes: list[tuple[str, Fraction]] = field(default_factory=list)
    _carried: dict[str, Fraction] = field(default_factory=dict)

    def start(self) -> None:
        if self.spec.stream is not None:
            self.env.process(self._draw_orders(self.spec.stream))
        if self.spec.orders:
            self.env.process(self._read_orders())

    def _scaled(self, item: str, quantity: int, season: Fraction = ONE) -> int:
        """The pieces ordered where `quantity` is normal: at most MOST_PIECES, 0 when nothing is."""
        factor = season
        for changed, change in self.changes:
            if changed in ("", item):
                factor *= change
        if factor == 1:
            return quantity
        exact = quantity * factor + self._carried.get(item, 0)
        pieces = int(exact)
        self._carried[item] = exact - pieces
        return min(pieces, MOST_PIECES)

    def _draw_orders(self, stream: definition.OrderStreamSpec) -> Generator[Event, Any, None]:
        name, draw = f"customer/{self.spec.id}", self.streams.draw
        every, quantity = draw(f"{name}/every", stream.every), draw(f"{name}/quantity", stream.quantity)
        due, which = draw(f"{name}/due", stream.due), self.streams.share(f"{name}/item")
        patience = draw(f"{name}/patience", stream.patience) if stream.patience else None
        shares = list(stream.shares.items())
        season = Season.of(stream, self.start_at)
        n = 0
        while True:
            yield self.env.timeout(every())
            n += 1
            item = _pick(shares, which())
            now = self.env.now
            pieces = self._scaled(item, whole(quantity()), season.factor(now))
            due_ms = ceil_ms(now + due())
            patience_ms = ceil_ms(patience()) if patience else -1
            if not pieces:
                continue
            self.place(
                CustomerOrder(
                    id=f"{self.spec.id}-{n}",
                    kind="customer",
                    item=item,
                    ordered=pieces,
                    ordered_ms=ceil_ms(now),
                    due_ms=due_ms,
                    target=self.spec.id,
                    customer=self.spec.id,
                    penalty_minor=stream.penalty_minor,
                    penalty_per=stream.penalty_per,
                    partial=stream.partial,
                    patience_ms=patience_ms,
                )
            )

    def _read_orders(self) -> Generator[Event, Any, None]:
        for row in sorted(self.spec.orders, key=lambda o: o.at_ms):
            if row.at_ms / 1000 > self.env.now:
                yield self.env.timeout(row.at_ms / 1000 - self.env.now)
            pieces = self._scaled(row.item, row.quantity)
            if not pieces:
                continue
            self.place(
                CustomerOrder(
                    id=row.id,
                    kind="customer",
                    item=row.item,
                    ordered=pieces,
                    ordered_ms=row.at_ms,
                    due_ms=row.due_ms,
                    site=row.plant,
                    target=self.spec.id,
                    customer=self.spec.id,
                    penalty_minor=row.penalty_minor,
                    penalty_per=row.penalty_per,
                    weight_g=row.weight_g,
                    service=row.service,
                    carrier=row.carrier,
                    kept_carrier=row.carrier,
                    port=row.port,
                    transit_ms=row.transit_ms,
                )
            )


def _pick(shares: list[tuple[str, float]], u: float) -> str:
    """The item on whose share the uniform draw falls."""
    for item, share in shares:
        u -= share
        if u < 0:
            return item
    return shares[-1][0]
