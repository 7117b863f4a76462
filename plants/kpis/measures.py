"""KPIs: their names, units, directions and formulas in one table, and how a finished world is measured.

Sums before ratios, never averages of ratios (ISO 22400-2). Orders count when they were placed after the warm-up; flows
(lane cost, throughput) when they happened after it. Day n is the interval (n-1, n] x 86,400,000 ms from the start.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from plants.network.network import Network
from plants.orders import CustomerOrder, Order
from sync.vocabulary.quantities import MS_PER_DAY, ceil_ms, late_cost


@dataclass(frozen=True)
class Kpi:
    """unit: pcs, pcs/h, share, money, orders, d, h, s, 1/a; better: higher, lower or "" (neither)."""

    unit: str
    better: str
    formula: str


KPIS: dict[str, Kpi] = {
    "throughput": Kpi("pcs/h", "higher", "good pieces out of all lines after warm-up / hours after warm-up"),
    "otif": Kpi("share", "higher", "orders delivered complete by their due date / orders placed after warm-up and due by the horizon"),
    "fill_rate": Kpi("share", "higher", "pieces of orders delivered by their due date / pieces of orders placed after warm-up and due by the horizon"),
    "late_cost": Kpi("money", "lower", "sum over orders placed after warm-up: penalty x (pieces, or 1 per order) x exact days from due to delivery or horizon"),
    "lane_cost": Kpi("money", "lower", "freight of everything that departed after warm-up"),
    "transfer_cost": Kpi("money", "lower", "the part of lane_cost that transfers between sites caused"),
    "handling_cost": Kpi("money", "lower", "handling price x pieces that left plants after warm-up"),
    "total_cost": Kpi("money", "lower", "late_cost + lane_cost + handling_cost"),
    "orders_total": Kpi("orders", "", "customer orders placed after warm-up"),
    "orders_served": Kpi("orders", "higher", "of those, how many have left their plant or warehouse complete before the horizon"),
    "orders_unservable": Kpi("orders", "lower", "of those, how many no way could serve under the scenario's disruptions"),
    "orders_unpriced": Kpi("orders", "lower", "of those served, how many fell outside every weight band of their lane"),
    "orders_rerouted": Kpi("orders", "", "of those, how many left from another site than first planned"),
    "clear_days": Kpi("d", "lower", "the day on which the last servable order was completed (left its site); none if never, or if orders are drawn without end"),
    "first_day_orders": Kpi("orders", "higher", "orders completed on day 1"),
    "backlog_peak": Kpi("pcs", "lower", "most pieces of customer orders that had been placed and had not left, sampled every 6 h after warm-up"),
    "wip": Kpi("pcs", "lower", "mean pieces on lines, sampled every 6 h after warm-up"),
    "unplanned_downtime": Kpi("h", "lower", "hours machines were down after breakdowns, summed over machines"),
    "inventory_turns": Kpi("1/a", "higher", "value shipped to customers per year / mean value in stock, sampled every 6 h after warm-up"),
    "decision_latency_p99": Kpi("s", "lower", "99th percentile of the time from what triggered a decision (from the look itself, where it was a regular one) to its last acknowledged command"),
    "messages_lost": Kpi("messages", "lower", "messages that systems lost"),
    "utilisation": Kpi("share", "", "time the bottleneck machine worked / open time of the line"),
    "oee": Kpi("share", "higher", "ideal cycle of the bottleneck x good pieces / open time (ISO 22400-2, elements summed)"),
    "belief_gap": Kpi("pcs", "lower", "mean over time of |book - true stock|, summed over sites and items, sampled every 2,221 s after warm-up (a prime: no batch interval hides it)"),
}  # fmt: skip


def kpi(name: str) -> Kpi:
    """The definition of a KPI; `utilisation.lyon.L1` is looked up by its first word. Raises KeyError."""
    return KPIS.get(name) or KPIS[name.split(".", 1)[0]]


SAMPLE_S = 21_600.0
BELIEF_S = 2_221.0


@dataclass(eq=False)
class Sampler:
    """Takes inventory, backlog, WIP and belief every 6 h. `series` is columnar: time_ms, name, site, item, value."""

    network: Network
    books: dict[str, dict[tuple[str, str], int]]  # system -> its book stock
    warmup_s: float
    series: dict[str, list[object]] = field(
        default_factory=lambda: {k: [] for k in ("time_ms", "name", "site", "item", "value")}
    )
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
            there[key] = there.get(key, 0) + order.open_quantity
        return there

    def note_warmup(self) -> None:
        """Remember the counters of the lines at the end of the warm-up."""
        self.at_warmup = {i: (x.good, x.busy_s(), x.down_s(), x.ideal_s) for i, x in self.network.lines.items()}


@dataclass
class Measured:
    """What is measured from: the world at the horizon, and what the scenario says about it."""

    network: Network
    sampler: Sampler
    horizon_s: float
    warmup_s: float
    unservable: dict[str, str]
    lost_messages: int
    latencies_ms: list[int]

    def all(self) -> dict[str, float | None]:
        """Every KPI of the world, by name."""
        values: dict[str, float | None] = {}
        values |= self._production()
        values |= self._service()
        values |= self._money()
        values |= self._clearing()
        values |= self._stock()
        return values

    @property
    def horizon_ms(self) -> int:
        return ceil_ms(self.horizon_s)

    def _orders(self) -> list[CustomerOrder]:
        warmup_ms = ceil_ms(self.warmup_s)
        return [o for o in self.network.book.customer_orders() if o.ordered_ms >= warmup_ms]

    def _production(self) -> dict[str, float | None]:
        values: dict[str, float | None] = {}
        hours = (self.horizon_s - self.warmup_s) / 3600
        good = 0
        down = 0.0
        for name, line in self.network.lines.items():
            before = self.sampler.at_warmup.get(name, (0, {}, 0.0, 0.0))
            good += line.good - before[0]
            down += line.down_s() - before[2]
            busy = max((s - before[1].get(machine, 0.0) for machine, s in line.busy_s().items()), default=0.0)
            open_s = line.shifts.between(self.warmup_s, self.horizon_s)
            values[f"utilisation.{name}"] = busy / open_s if open_s else None
            if line.spec.counts == "pcs":
                values[f"oee.{name}"] = (line.ideal_s - before[3]) / open_s if open_s else None
        return {"throughput": good / hours if hours else None, "unplanned_downtime": down / 3600} | values

    def _service(self) -> dict[str, float | None]:
        orders = self._orders()
        due = [o for o in orders if 0 <= o.due_ms <= self.horizon_ms]
        timely = [o for o in due if 0 <= o.done_ms <= o.due_ms]
        pieces = sum(o.quantity for o in due)
        served = [o for o in orders if o.left_ms >= 0]
        return {
            "orders_total": float(len(orders)),
            "orders_served": float(len(served)),
            "orders_unservable": float(sum(1 for o in orders if self.unservable.get(o.id))),
            "orders_unpriced": float(sum(1 for o in served if not o.priced)),
            "orders_rerouted": float(sum(1 for o in served if o.site != o.first_site)),
            "otif": len(timely) / len(due) if due else None,
            "fill_rate": sum(o.quantity for o in timely) / pieces if pieces else None,
        }

    def late_minor(self, order: Order) -> int:
        """What lateness of one customer order has cost by the horizon."""
        if not isinstance(order, CustomerOrder) or order.state == "cancelled" or order.due_ms < 0:
            return 0
        end = order.done_ms if order.done_ms >= 0 else self.horizon_ms
        return late_cost(order.penalty_minor, order.penalty_per, order.quantity, end - order.due_ms)

    def _money(self) -> dict[str, float | None]:
        warmup_ms = ceil_ms(self.warmup_s)
        late = sum(self.late_minor(o) for o in self._orders())
        departed = [row for row in self.network.freight if row[0] >= warmup_ms]
        lane = sum(cost for _, _, cost, _ in departed)
        transfers = sum(cost for _, kind, cost, _ in departed if kind == "transfer")
        handling = sum(cost for _, _, _, cost in departed)
        return {
            "late_cost": late / 100,
            "lane_cost": lane / 100,
            "transfer_cost": transfers / 100,
            "handling_cost": handling / 100,
            "total_cost": (late + lane + handling) / 100,
        }

    def _clearing(self) -> dict[str, float | None]:
        """Only where the orders are a given list: a stream of orders is never cleared."""
        if not any(c.orders for c in self.network.spec.customers):
            return {"clear_days": None, "first_day_orders": None}
        orders = self._orders()
        left = [o for o in orders if not self.unservable.get(o.id)]
        cleared = bool(left) and all(o.left_ms >= 0 for o in left)
        last = max((o.left_ms for o in left), default=0)
        first = sum(1 for o in orders if 0 <= o.left_ms <= MS_PER_DAY)
        return {
            "clear_days": float(max(-(-last // MS_PER_DAY), 1)) if cleared else None,
            "first_day_orders": float(first),
        }

    def _stock(self) -> dict[str, float | None]:
        n = self.sampler.samples
        value = {i.id: i.value_minor for i in self.network.spec.items}
        shipped = sum(o.quantity * value[o.item] for o in self._orders() if o.left_ms >= 0)
        years = (self.horizon_s - self.warmup_s) / (365 * 86_400)
        mean = self.sampler.stock_value / n if n else 0.0
        lags = sorted(self.latencies_ms)
        return {
            "backlog_peak": float(self.sampler.backlog_peak),
            "wip": self.sampler.wip / n if n else None,
            "inventory_turns": shipped / years / mean if mean and years else None,
            "decision_latency_p99": lags[min(len(lags) - 1, int(0.99 * len(lags)))] / 1000 if lags else None,
            "messages_lost": float(self.lost_messages),
        } | {f"belief_gap.{system}": gap / self.sampler.beliefs for system, gap in self.sampler.gaps.items()}


def mser5(values: Iterable[float]) -> int:
    """Warm-up length, in observations, by MSER-5: batches of five, the cut (in the first half) that minimises the
    standard error of what remains (White, Cobb & Spratt 2000)."""
    xs = list(values)
    batches = [sum(xs[i : i + 5]) / 5 for i in range(0, len(xs) - 4, 5)]
    best, cut = float("inf"), 0
    for d in range(len(batches) // 2):
        rest = batches[d:]
        mean = sum(rest) / len(rest)
        error = sum((x - mean) ** 2 for x in rest) / len(rest) ** 2
        if error < best:
            best, cut = error, d
    return cut * 5
