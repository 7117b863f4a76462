"""Where goods for a stocking place could come from, at what price and how soon, and which orders could make room."""

from dataclasses import dataclass

from sync.core.projection import Projection, queues, route_opens, transit_ms
from sync.core.state import State, TransferOrder
from sync.vocabulary.planning import choice, lots
from sync.vocabulary.quantities import MICRO_PER_MINOR

Pair = tuple[str, str]
DAYS = 12  # outlook: forecast demand and production of this many days


@dataclass(frozen=True)
class Supply:
    """A way that could be turned into commands: pieces of a pair from `site` (made on `line`, or its stock)."""

    kind: str
    site: str
    line: str
    pair: Pair
    cost_micro: int
    transit_ms: int


class Sources:
    """Questions about supply, answered from the state at `view.now_ms`."""

    def __init__(self, state: State, view: Projection) -> None:
        self.state, self.view, self.now_ms, self.network = state, view, view.now_ms, state.network
        self._carried: dict[tuple[str, str], tuple[int, int] | None] = {}

    def supplies(self, pair: Pair) -> list[Supply]:
        """Every maker and every other place with free stock from which a route leads there, in file order."""
        site, item = pair
        found: list[Supply] = []
        static = self.static_source(pair)
        for line, _ in self.network.makers.get(item, []):
            carry = self.carry(line.site, site)
            if carry is not None:
                kind = "erp" if line.site == static else "make"
                handling = self.network.sites[line.site].handling_micro
                found.append(Supply(kind, line.site, line.id, pair, carry[0] + handling, carry[1]))
        for other in self.network.master.sites:
            carry = self.carry(other.id, site) if other.id != site else None
            if carry is not None and self.free_stock((other.id, item)) > 0:
                found.append(Supply("stock", other.id, "", pair, carry[0] + other.handling_micro, carry[1]))
        return found

    def static_source(self, pair: Pair) -> str:
        """Where ERP orders for the place by its own rule; "" when nowhere."""
        return choice.source(self.network.sites[pair[0]].sources.get(pair[1], ()))

    def carry(self, source: str, target: str) -> tuple[int, int] | None:
        """(micro per piece, transit) of the quickest open route, waiting for it to open included."""
        key = (source, target)
        if key not in self._carried:
            self._carried[key] = self._priced(source, target)
        return self._carried[key]

    def _priced(self, source: str, target: str) -> tuple[int, int] | None:
        route = self.network.quickest(source, target, lambda r: route_opens(self.state, r, self.now_ms) < 0)
        if route is None:
            return None
        carriage = self.network.carriage(route, 1000)
        if carriage is None:
            return None
        wait = max(route_opens(self.state, route, self.now_ms) - self.now_ms, 0)
        return carriage.cost_minor * MICRO_PER_MINOR // 1000, transit_ms(self.state, route) + wait

    def free_stock(self, place: Pair) -> int:
        """Stock not held and not already asked for by transfer orders that no production stands behind."""
        stock = self.state.on_hand.get(place, 0) - self.state.held.get(place, 0)
        if place in self.state.sales:
            return max(stock, 0)
        backed: dict[str, int] = {}
        for production in self.state.production.values():
            backed[production.for_order] = backed.get(production.for_order, 0) + production.remaining
        for transfer in self.state.transfers.values():
            if (transfer.source, transfer.item) == place:
                stock -= max(transfer.outstanding - backed.get(transfer.id, 0), 0)
        return max(stock, 0)

    def static_micro(self, pair: Pair) -> int:
        """Micro per piece for what ERP orders for the place by its own rule; 0 without one."""
        source = self.static_source(pair)
        carry = self.carry(source, pair[0]) if source else None
        return carry[0] + self.network.sites[source].handling_micro if carry else 0

    def spared_micro(self, transfer: TransferOrder) -> int:
        carry = self.carry(transfer.source, transfer.target)
        return (carry[0] if carry else 0) + self.network.sites[transfer.source].handling_micro

    def replaceable(self, pair: Pair, source: str) -> list[TransferOrder]:
        """Open transfer orders for the pair from elsewhere, the latest to arrive first."""
        rivals = [
            t
            for t in self.state.transfers.values()
            if (t.target, t.item) == pair and t.source != source and t.outstanding > 0
        ]
        return sorted(rivals, key=lambda t: (-self.view.last_arrival.get(t.id, 1 << 60), t.id))

    def reducible(self, transfer: TransferOrder) -> int:
        """Whole lots of a transfer order that no line has begun."""
        if transfer.fixed:
            return 0
        total = 0
        for line_id, queue in queues(self.state).items():
            for place, order in enumerate(queue):
                if order.for_order == transfer.id:
                    make = self.network.make.get((line_id, order.item))
                    lot = max(make.lot, 1) if make else 1
                    total += lots.within(max(order.remaining - (lot if place == 0 else 0), 0), lot)
        return min(total, transfer.outstanding)

    def stopped(self, line: str) -> bool:
        belief = self.state.lines.get(line)
        return belief is not None and (belief.down_since_ms >= 0 or belief.factor_ppm < 1_000_000)
