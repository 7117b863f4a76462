"""Looks at stock and backlog every 6 h, for pictures. Nothing is measured by them."""

from dataclasses import dataclass, field
from itertools import islice

from plants.network.network import Network
from plants.orders import CustomerOrder
from sync.vocabulary.quantities import ceil_ms

LOOK_S = 21_600.0
COLUMNS = {"time_ms": int, "name": str, "site": str, "item": str, "value": float}  # of its looks -> type of value


@dataclass(eq=False)
class Looks:
    """`series` has every look, columnar as COLUMNS (name: inventory, backlog)."""

    network: Network
    series: dict[str, list[object]] = field(default_factory=lambda: {column: [] for column in COLUMNS})
    _open: list[CustomerOrder] = field(default_factory=list)
    _known: int = 0

    def look(self) -> None:
        """One look at everything."""
        net, now = self.network, ceil_ms(self.network.env.now)
        for site in net.sites.values():
            for item, pieces in site.on_hand.items():
                self._row(now, "inventory", site.id, item, pieces)
        for (where, item), pieces in self._backlog().items():
            self._row(now, "backlog", where, item, pieces)

    def _row(self, *values: object) -> None:
        for column, value in zip(self.series.values(), values, strict=True):
            column.append(value)

    def _backlog(self) -> dict[tuple[str, str], int]:
        orders = self.network.book.orders
        self._open += [o for o in islice(orders.values(), self._known, None) if isinstance(o, CustomerOrder)]
        self._known = len(orders)
        self._open = [o for o in self._open if o.wanted or o.under_way or o.missing]  # what is lost may be sent again
        there: dict[tuple[str, str], int] = {}
        for order in self._open:
            if order.wanted:
                key = (order.site, order.item)
                there[key] = there.get(key, 0) + order.wanted
        return there
