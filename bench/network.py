"""A year of 20 plants: the library's three plants with their warehouses, customers and lanes, laid out again and again
beside the same two suppliers (the last region has two plants), with the systems that describe them, way `none`.

    kyoto, graz --> [lyon-1 brno-1 porto-1 | dc-west-1 dc-east-1 | west-1 east-1] ... [lyon-7 brno-7 | ... ]

Everything of the product is in it: lots, material, transport, orders, ERP with its records, the ledger and its audits.
Model events are the fired time advances of the floor and the fired events of SimPy above it.
"""

from collections.abc import Mapping
from dataclasses import replace

from plants import definition as d
from scenarios.loader import LIBRARY, load_network

DAY_S = 86_400.0
PLANTS, YEAR_DAYS = 20, 365


def twenty_plants(plants: int = PLANTS) -> d.Network:
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


def _stronger(supplier: d.Supplier, times: int) -> d.Supplier:
    """A supplier that serves `times` as many plants."""
    items = {
        item: replace(offer, capacity_per_day=offer.capacity_per_day and offer.capacity_per_day * times)
        for item, offer in supplier.items.items()
    }
    return replace(supplier, items=items)


def _region(base: d.Network, suffix: str, plants: int) -> d.Network:
    """One copy of the three plants and what belongs to them, its ids with a suffix; only the first `plants` of them."""
    own = [p.id for p in base.plants[:plants]] + [w.id for w in base.warehouses] + [c.id for c in base.customers]
    here = {i: i + suffix for i in own} | {s.id: s.id for s in base.suppliers}

    def named(ids: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(here[i] for i in ids if i in here)

    def replenished(rules: Mapping[str, d.Replenish]) -> dict[str, d.Replenish]:
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
