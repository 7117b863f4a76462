"""The sampler: what has to be looked at while time passes, because nothing at the horizon remembers it.

Stock, backlog and WIP every 6 h; belief beside truth every 2,221 s (a prime: no batch interval hides it).
"""

from dataclasses import dataclass, field

from plants.network.network import Network
from plants.orders import CustomerOrder
from sync.vocabulary.quantities import ceil_ms

SAMPLE_S = 21_600.0
BELIEF_S = 2_221.0
COLUMNS = {"time_ms": int, "name": str, "site": str, "item": str, "value": float}  # of its looks -> type of value


@dataclass(eq=False)
class Sampler:
    """What was seen so far. `series` has every look, columnar as COLUMNS (name: inventory, backlog); what is summed
    counts after the warm-up alone."""

    network: Network
    books: dict[str, dict[tuple[str, str], int]]  # system -> its book stock
    warmup_s: float
    series: dict[str, list[object]] = field(default_factory=lambda: {column: [] for column in COLUMNS})
    backlog_peak: int = 0
    samples: int = 0
    stock_value: float = 0.0
    wip: float = 0.0
    beliefs: int = 0
    gaps: dict[str, float] = field(default_factory=dict)
    at_warmup: dict[str, tuple[int, dict[str, float], float, float]] = field(default_factory=dict)
    _open: list[CustomerOrder] = field(default_factory=list)
    _known: int = 0

    def sample(self) -> None:
        """One look at everything."""
        net, now = self.network, ceil_ms(self.network.env.now)
        counted = net.env.now >= self.warmup_s
        value = {i.id: i.value_minor for i in net.spec.items}
        for site in net.sites.values():
            for item, pieces in site.on_hand.items():
                self._row(now, "inventory", site.id, item, pieces)
                if counted:
                    self.stock_value += pieces * value[item]
        backlog = self._backlog()
        for (where, item), pieces in backlog.items():
            self._row(now, "backlog", where, item, pieces)
        if not counted:
            return
        self.samples += 1
        self.backlog_peak = max(self.backlog_peak, sum(backlog.values()))
        self.wip += sum(pieces for line in net.lines.values() for _, pieces in line.count())

    def sample_belief(self) -> None:
        """Compare every book with the stock that is really there."""
        net = self.network
        if net.env.now < self.warmup_s:
            return
        self.beliefs += 1
        for system, book in self.books.items():
            gap = sum(abs(book.get((s.id, i), 0) - n) for s in net.sites.values() for i, n in s.on_hand.items())
            self.gaps[system] = self.gaps.get(system, 0.0) + gap

    def _row(self, *values: object) -> None:
        for column, value in zip(self.series.values(), values, strict=True):
            column.append(value)

    def _backlog(self) -> dict[tuple[str, str], int]:
        orders = list(self.network.book.orders.values())
        self._open += [o for o in orders[self._known :] if isinstance(o, CustomerOrder)]
        self._known = len(orders)
        self._open = [o for o in self._open if o.state in ("open", "started")]
        there: dict[tuple[str, str], int] = {}
        for order in self._open:
            key = (order.site, order.item)
            there[key] = there.get(key, 0) + order.wanted
        return there

    def note_warmup(self) -> None:
        """Remember the counters of the lines at the end of the warm-up."""
        self.at_warmup = {i: (x.good, x.busy_s(), x.down_s(), x.ideal_s) for i, x in self.network.lines.items()}
