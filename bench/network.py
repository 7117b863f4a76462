"""A year of 20 plants: the library's three plants with their warehouses, customers and lanes, laid out again and again
beside the same two suppliers (the last region has two plants), with the systems that describe them, way `none`.

    kyoto, graz --> [lyon-1 brno-1 porto-1 | dc-west-1 dc-east-1 | west-1 east-1] ... [lyon-7 brno-7 | ... ]

Everything of the product is in it: lots, material, transport, orders, ERP with its records, the ledger and its audits.
Events are the fired time advances of the floor and the fired events of SimPy above it.

No other simulator has this network. The floor's peer is the product's own reference: the same world with its lines as
SimPy processes. Both go through the same days, turn by turn (the plants rest at weekends); the ratio is time per day.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from bench.duel import duel
from bench.hold import standing
from bench.race import Contestant, Outcome, Play, Run, Spread, alone
from bench.table import Row, figure
from plants import definition as d
from scenarios.files.library import LIBRARY
from scenarios.files.loader import load_network
from scenarios.twin.assembly import Twin, assemble

DAY_S = 86_400.0
PLANTS, YEAR_DAYS = 20, 365


def measure(run: Run) -> Iterator[Row]:
    """Rows of the table, as they come."""
    plants = run.size(PLANTS, 3)
    yield _against_reference(run, plants)
    yield _year(run, plants)


def world(plants: int, days: float, reference: bool, seed: int) -> Play:
    """The network, `days` a turn. With `reference` its lines are SimPy processes."""
    scenario = d.ScenarioSpec(f"{plants}-plants", network_of(plants), horizon_s=2 * YEAR_DAYS * DAY_S)
    twin = assemble(scenario, "none", seed, reference=reference)
    return Play(lambda: twin.env.advance(twin.env.now + days * DAY_S), Grown(twin, days))


class Grown:
    """Reads what a turn has added to a world."""

    def __init__(self, twin: Twin, days: float) -> None:
        self._twin, self._days = twin, days
        self._events = self._good = 0

    def __call__(self) -> Outcome:
        events = self._twin.env.trace.fired
        good = sum(line.good for line in self._twin.network.lines.values())
        fired, made = events - self._events, good - self._good
        self._events, self._good = events, good
        per_day = {"good parts per working day": made / self._days} if made else {}
        return Outcome(fired, self._days, per_day)


def _against_reference(run: Run, plants: int) -> Row:
    ours = Contestant("floor", partial(world, plants, 1.0, False))
    peer = Contestant("reference", partial(world, plants, 1.0, True))
    return duel(f"{plants}-plant network, days / SimPy lines", partial(standing, lambda: ours),
                partial(standing, lambda: peer), run)  # fmt: skip


def _year(run: Run, plants: int) -> Row:
    """A year in as many turns as there are pairs."""
    days = run.size(YEAR_DAYS, 14)
    turns = alone(standing(lambda: Contestant("floor", partial(world, plants, days / run.pairs, False))), run)
    seconds, events = sum(t.seconds for t in turns), sum(t.events for t in turns)
    speed = Spread.of([t.events / t.seconds / 1e3 for t in turns])
    return Row(
        f"{plants}-plant network, {days} days",
        f"{seconds:.1f} s, {events / 1e6:.1f} M events, "
        f"{figure(speed.median)} [{figure(speed.low)}..{figure(speed.high)}] k/s",
        value=seconds,
        figures={"seconds": seconds, "events": float(events), "events_per_s": events / seconds},
    )


def network_of(plants: int) -> d.NetworkSpec:
    """The network. Raises ValueError when `plants` would leave a region with one plant only."""
    base = load_network(LIBRARY / "three-plants.yaml").network
    per_region = len(base.plants)
    regions = -(-plants // per_region)
    if plants % per_region == 1:
        raise ValueError(f"{plants} plants leave one alone in its region")
    parts = [
        _region(base, f"-{n + 1}", per_region if n < regions - 1 else plants - n * per_region) for n in range(regions)
    ]
    return replace(
        base,
        id=f"{plants}-plants",
        plants=tuple(p for part in parts for p in part.plants),
        warehouses=tuple(w for part in parts for w in part.warehouses),
        lanes=tuple(lane for part in parts for lane in part.lanes),
        customers=tuple(c for part in parts for c in part.customers),
        suppliers=tuple(_stronger(s, regions) for s in base.suppliers),
    )


def _stronger(supplier: d.SupplierSpec, times: int) -> d.SupplierSpec:
    """A supplier that serves `times` as many plants."""
    items = {
        item: replace(offer, capacity_per_day=offer.capacity_per_day and offer.capacity_per_day * times)
        for item, offer in supplier.items.items()
    }
    return replace(supplier, items=items)


def _region(base: d.NetworkSpec, suffix: str, plants: int) -> d.NetworkSpec:
    """One copy of the three plants and what belongs to them, its ids with a suffix; only the first `plants` of them."""
    own = [p.id for p in base.plants[:plants]] + [w.id for w in base.warehouses] + [c.id for c in base.customers]
    here = {i: i + suffix for i in own} | {s.id: s.id for s in base.suppliers}

    def named(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(here[i] for i in ids if i in here)

    def replenished(rules: Mapping[str, d.ReplenishSpec]) -> dict[str, d.ReplenishSpec]:
        return {item: replace(rule, sources=named(rule.sources)) for item, rule in rules.items()}

    return replace(
        base,
        plants=tuple(
            replace(p, id=here[p.id], replenish=replenished(p.replenish)) for p in base.plants if p.id in here
        ),
        warehouses=tuple(
            replace(w, id=here[w.id], replenish=replenished(w.replenish)) for w in base.warehouses
        ),
        customers=tuple(replace(c, id=here[c.id], served_by=named(c.served_by)) for c in base.customers),
        lanes=tuple(
            replace(lane, source=here[lane.source], target=here[lane.target])
            for lane in base.lanes if lane.source in here and lane.target in here
        ),
    )  # fmt: skip
