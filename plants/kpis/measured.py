"""What a KPI reads: the world at the horizon, by source, and what the scenario says about it.

Every source is one attribute of `Measured`, worked out once however many KPIs read it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from plants.kpis.sampler import Sampler
from plants.network.network import Network
from plants.network.shipment import Shipment
from plants.orders import CustomerOrder, Order
from sync.vocabulary.quantities import ceil_ms, late_cost, late_cost_of_pieces

# Source: what it is made of. A KPI names the ones that it reads.
SOURCES = {
    "orders": "customer orders placed after warm-up: when each was placed, due, sent on its way and delivered",
    "departures": "consignments that departed after warm-up, with their freight and handling",
    "receipts": "consignments that were received after warm-up, with the times of their departure and receipt",
    "lines": "what lines counted after warm-up: good pieces, time worked, down and open",
    "samples": "stock, backlog and pieces on lines, looked at every 6 h after warm-up",
    "beliefs": "the books of the systems beside the stock that is there, compared every 2,221 s after warm-up",
    "decisions": "the engine's decisions and the acknowledgements of their commands",
    "messages": "messages that systems lost",
}


@dataclass(frozen=True)
class LineCount:
    """What a line did after the warm-up; busy_s: of its busiest machine; ideal_s: what its good pieces needed at the
    bottleneck's ideal cycle; open_s: by its shifts; in_pieces: whether it counts pieces (orders otherwise)."""

    good: int
    busy_s: float
    down_s: float
    ideal_s: float
    open_s: float
    in_pieces: bool


@dataclass(eq=False)
class Measured:
    """unservable: order -> why no way could serve it; latencies_ms: of every decision whose commands were answered."""

    network: Network
    sampler: Sampler
    horizon_s: float
    warmup_s: float
    unservable: dict[str, str]
    lost_messages: int
    latencies_ms: list[int]

    # --- the time that counts --------------------------------------------------------------------------------------
    @property
    def horizon_ms(self) -> int:
        return ceil_ms(self.horizon_s)

    @property
    def warmup_ms(self) -> int:
        return ceil_ms(self.warmup_s)

    @property
    def hours(self) -> float:
        """Hours after the warm-up."""
        return (self.horizon_s - self.warmup_s) / 3600

    @property
    def years(self) -> float:
        """Years of 365 days after the warm-up."""
        return (self.horizon_s - self.warmup_s) / (365 * 86_400)

    # --- sources -----------------------------------------------------------------------------------------------------
    @cached_property
    def orders(self) -> list[CustomerOrder]:
        """Customer orders placed after the warm-up, in that order."""
        begin = self.warmup_ms
        return [o for o in self.network.book.customer_orders() if o.ordered_ms >= begin]

    @cached_property
    def departures(self) -> list[Shipment]:
        """What departed after the warm-up, in that order."""
        begin = self.warmup_ms
        return [s for s in self.network.shipments if s.departed_ms >= begin]

    @cached_property
    def receipts(self) -> list[Shipment]:
        """What was received after the warm-up, in the order of departure."""
        begin = self.warmup_ms  # from 0 on: what was never received has -1
        return [s for s in self.network.shipments if s.received_ms >= begin]

    @cached_property
    def lines(self) -> dict[str, LineCount]:
        """Line -> what it did after the warm-up."""
        found = {}
        for name, line in self.network.lines.items():
            good, busy, _, ideal_s = self.sampler.at_warmup.get(name, (0, {}, 0.0, 0.0))
            found[name] = LineCount(
                good=line.good - good,
                busy_s=max((s - busy.get(machine, 0.0) for machine, s in line.busy_s().items()), default=0.0),
                down_s=line.downtime.seconds(self.warmup_s, self.horizon_s),
                ideal_s=line.ideal_s - ideal_s,
                open_s=line.shifts.between(self.warmup_s, self.horizon_s),
                in_pieces=line.spec.counts == "pcs",
            )
        return found

    @property
    def samples(self) -> Sampler:
        """Stock, backlog and WIP as they were sampled."""
        return self.sampler

    @property
    def beliefs(self) -> dict[str, float]:
        """System -> mean of |book - true stock|, summed over sites and items."""
        return {system: gap / self.sampler.beliefs for system, gap in self.sampler.gaps.items()}

    @property
    def decisions(self) -> list[int]:
        """Milliseconds from what triggered each decision to its last acknowledged command."""
        return self.latencies_ms

    @property
    def messages(self) -> int:
        """How many messages systems lost."""
        return self.lost_messages

    # --- what several of them need -----------------------------------------------------------------------------------
    @cached_property
    def due(self) -> list[CustomerOrder]:
        """The orders that are due by the horizon."""
        end = self.horizon_ms
        return [o for o in self.orders if 0 <= o.due_ms <= end]

    @cached_property
    def timely(self) -> list[CustomerOrder]:
        """Of those due, the ones delivered complete by their due date: nothing of them lost or cancelled."""
        return [o for o in self.due if o.complete and 0 <= o.done_ms <= o.due_ms]

    @cached_property
    def served(self) -> list[CustomerOrder]:
        """The orders that have left their site complete: nothing of them lost or cancelled."""
        return [o for o in self.orders if o.complete]

    @cached_property
    def lateness_minor(self) -> int:
        """What lateness of all orders has cost by the horizon."""
        return sum(map(self.late_minor, self.orders))

    def late_minor(self, order: Order) -> int:
        """What lateness of one customer order has cost by the horizon: per piece each piece by its own delivery, per
        order until it is complete. What was cancelled is not late."""
        if not isinstance(order, CustomerOrder) or order.due_ms < 0:
            return 0
        if order.penalty_per != "pcs":
            return late_cost(order.penalty_minor, order.penalty_per, order.quantity, self.late_ms(order))
        came = [*order.deliveries, (self.horizon_ms, order.standing - order.delivered)]
        return late_cost_of_pieces(order.penalty_minor, [(pieces, at - order.due_ms) for at, pieces in came])

    def late_ms(self, order: Order) -> int:
        """How long after its due date a customer order was complete, or the horizon came; 0 without a due date, and
        when it was cancelled."""
        if not isinstance(order, CustomerOrder) or order.due_ms < 0 or order.state == "cancelled":
            return 0
        return max((order.done_ms if order.done_ms >= 0 else self.horizon_ms) - order.due_ms, 0)


def percentile(values: Sequence[int], share: float) -> int | None:
    """The value that `share` of them lie below; None of none."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))] if ranked else None
