"""Known answers of the supply network: stock rules, a supplier that fails, a plant that is out, messages in batches.

Each case is a network and a scenario as anybody would write them; one unit of the books' time is `UNIT_S` here, so that
the delays of messages and the rounding to milliseconds do not count. Lengths are from pilots, as in `cases`.
"""

import json
from collections.abc import Callable
from functools import partial
from math import ceil, log
from operator import attrgetter
from typing import Any

from scenarios.verify import stocks, worlds
from scenarios.verify.case import Measure, WorldCase
from sim.streams import Streams

UNIT_S = 60.0
DAY_S = 86_400.0
PERIOD_S = 3_600.0
BATCH_S = 7_200.0
MOMENT_S = 1.0


def _files(network: dict[str, Any], horizon_s: float, **scenario: Any) -> dict[str, str]:
    """A network and a scenario as the two files they are (JSON is YAML)."""
    run = {"version": 1, "scenario": "run", "network": "network.yaml", "horizon": f"{horizon_s:.3f}s", **scenario}
    return {"network.yaml": json.dumps({"version": 1, "network": "network", **network}), "run.yaml": json.dumps(run)}


def _shop(orders: dict[str, Any], replenish: dict[str, Any], stock: int, lead_s: float, way_s: float = 0.0) -> Any:
    """A supplier, a house that keeps one item, a shop that it serves. lead_s: the supplier's, way_s: of its lane."""
    due = {"items": {"PART": 1}, "due": "0s", "late_penalty": "1/pcs/d"}
    return {
        "items": [{"id": "PART"}],
        "suppliers": [{"id": "supplier", "items": {"PART": {"lead": f"{lead_s:.3f}s"}}}],
        "warehouses": [
            {"id": worlds.HOUSE, "stock": {"PART": stock},
             "replenish": {"PART": {**replenish, "from": ["supplier"]}}}
        ],
        "lanes": [{"from": "supplier", "to": worlds.HOUSE, "time": f"{way_s:.3f}s"},
                  {"from": worlds.HOUSE, "to": "shop", "time": "0s"}],
        "customers": [{"id": "shop", "served_by": [worlds.HOUSE], "orders": {**due, **orders}}],
    }  # fmt: skip


def _long_run(
    name: str, title: str, network: dict[str, Any], demand: float, lead: float, orders: int, count: int,
    *measures: tuple[str, float, Callable[[Any], float]],
) -> WorldCase:  # fmt: skip
    """A house under Poisson demand: `count` worlds of `orders` orders each, behind a warm-up of 20 lead times and 20
    orders. What chance brought in orders, and in waves of them, is taken off every measure."""
    controls = (partial(worlds.more_orders, per_s=demand / UNIT_S), partial(worlds.more_waves, mean=demand * lead))
    warmup_s = 20 * (lead + 1.0 / demand) * UNIT_S
    length_s = orders / demand * UNIT_S
    return WorldCase(
        name, title, tuple(Measure(*m, controls=controls) for m in measures),
        partial(worlds.books, lead_s=lead * UNIT_S), length_s, warmup_s,
        files=partial(_shop_files, network=network), orders=float(orders * count), worlds=count,
    )  # fmt: skip


def _shop_files(case: WorldCase, streams: Streams, network: dict[str, Any]) -> dict[str, str]:
    return _files(network, case.warmup_s + case.length_s)


def _poisson(demand: float, **more: Any) -> dict[str, Any]:
    """One piece an order, `demand` orders a unit of time."""
    return {"every": {"exponential": f"{UNIT_S / demand:.6f}s"}, "quantity": 1, **more}


# --- stock rules --------------------------------------------------------------------------------------------------
def base_stock(demand: float, lead: float, level: int, orders: int, count: int) -> WorldCase:
    """One piece is ordered for every piece that is asked for."""
    return _long_run(
        "base-stock", f"base-stock {level}, Poisson demand {demand:g}, lead {lead:g}",
        _shop(_poisson(demand), {"s": level - 1, "S": level}, level, lead * UNIT_S), demand, lead, orders, count,
        ("ready rate", stocks.ready_rate(demand, lead, level), worlds.ready),
        ("E[B]", stocks.backorders(demand, lead, level), worlds.mean_owed),
    )  # fmt: skip


def rq(demand: float, lead: float, r: int, q: int, orders: int, count: int) -> WorldCase:
    """`q` pieces are ordered when the position is down to `r`."""
    return _long_run(
        "rq", f"(R,Q) = ({r},{q}), Poisson demand {demand:g}, lead {lead:g}",
        _shop(_poisson(demand), {"r": r, "q": q}, r + q, lead * UNIT_S), demand, lead, orders, count,
        ("fill rate", stocks.fill_rq(demand, lead, r, q), worlds.at_once),
        ("E[I]", stocks.stock_rq(demand, lead, r, q), worlds.mean_stock),
    )  # fmt: skip


def lost_sales(demand: float, lead: float, level: int, orders: int, count: int) -> WorldCase:
    """As base_stock, but customers do not wait."""
    return _long_run(
        "lost-sales", f"lost sales, base-stock {level}, Poisson demand {demand:g}, lead {lead:g}",
        _shop(_poisson(demand, patience="0s"), {"s": level - 1, "S": level}, level, lead * UNIT_S),
        demand, lead, orders, count,
        ("lost", stocks.lost_share(demand, lead, level), worlds.lost),
    )  # fmt: skip


# --- a supplier that fails ----------------------------------------------------------------------------------------
def disrupted(hold: float, owe: float, demand: int, fails: float, recovers: float, outages: int) -> WorldCase:
    """A base-stock of least cost before a supplier that delivers by the next period or, while it is down, not at all.

    A replication is `outages` outages with the times between them, so it begins and ends alike, and their lengths are
    drawn one from each stratum: what is rare and dear is there in its share in every replication. What chance is left
    in their lengths and in the times between them is taken off.
    """
    level = stocks.disrupted_level(hold, owe, demand, fails, recovers)
    orders = {"every": f"{PERIOD_S:.0f}s", "quantity": demand, "partial": True}
    network = _shop(orders, {"s": level - 1, "S": level}, level, 0.0, PERIOD_S - MOMENT_S)
    periods = outages * (1.0 / fails + 1.0 / recovers)
    controls = (
        partial(worlds.longer_outages, mean_s=PERIOD_S / recovers),
        partial(worlds.wilder_outages, square_s2=PERIOD_S**2 * (2.0 - recovers) / recovers**2),
        partial(worlds.rarer_outages, mean_s=PERIOD_S * (1.0 / fails + 1.0 / recovers)),
    )
    return WorldCase(
        "disrupted", f"base-stock {level}, demand {demand}, supplier fails {fails:g}, recovers {recovers:g}",
        (Measure("cost", stocks.disrupted_cost(hold, owe, demand, fails, recovers, level),
                 partial(worlds.cost, hold=hold, owe=owe), controls=controls),),
        worlds.books, periods * PERIOD_S, PERIOD_S,
        files=partial(_outages, network=network, fails=fails, recovers=recovers, outages=outages), orders=periods,
    )  # fmt: skip


def _outages(
    case: WorldCase, streams: Streams, network: dict[str, Any], fails: float, recovers: float, outages: int
) -> dict[str, str]:
    """The supplier's outages, each a disruption of whole periods that begins a moment before an order."""
    ups = worlds.shuffled_strata(streams, f"verify/{case.name}/up", outages)
    downs = worlds.shuffled_strata(streams, f"verify/{case.name}/down", outages)
    rows, period = [], 1
    for n, (up, down) in enumerate(zip(ups, downs, strict=True)):
        period += _geometric(up, fails)
        lasts = _geometric(down, recovers)
        rows.append({"id": f"outage-{n}", "kind": "supplier-down", "target": "supplier",
                     "at": f"{period * PERIOD_S - MOMENT_S:.0f}s", "for": f"{lasts * PERIOD_S:.0f}s"})  # fmt: skip
        period += lasts
    return _files(network, period * PERIOD_S, disruptions=rows)


def _geometric(u: float, share: float) -> int:
    """The number of periods, at least one, until something happens that happens in each with chance `share`."""
    return max(1, ceil(log(1.0 - u) / log(1.0 - share)))


# --- a plant that is out ------------------------------------------------------------------------------------------
def plant_out(a: int, b: int, capacity: int, out_days: int, elsewhere: int = 0) -> WorldCase:
    """Plants A and B under steady orders of one piece, `a` and `b` a day; A is out for `out_days`. elsewhere: how many
    of A's a day B makes until nothing is owed. The books' answer is fluid: one piece, or one piece for as long as it
    lasts at each plant, is what whole pieces may differ by."""
    peak = stocks.outage_backlog(a, out_days, elsewhere)
    cleared = stocks.outage_cleared(a, capacity, out_days, elsewhere)
    plants = 2 if elsewhere else 1
    return WorldCase(
        f"plant-out-{'rerouted' if elsewhere else 'alone'}",
        f"plants of {capacity}/d with {a}/d and {b}/d, one out {out_days} d, {elsewhere}/d rerouted",
        (
            Measure("peak", peak, attrgetter("peak"), tolerance=float(plants)),
            Measure("cleared d", cleared, worlds.cleared_d, tolerance=1.01 / (capacity + elsewhere - a)),
            Measure("area", stocks.outage_area(a, capacity, out_days, elsewhere), worlds.area_d,
                    tolerance=plants * cleared),
        ),
        worlds.trouble, 1.2 * cleared * DAY_S,
        files=partial(_plants, a=a, b=b, capacity=capacity, out_days=out_days, elsewhere=elsewhere, until=cleared),
        orders=2.4 * cleared * (a + b),
    )  # fmt: skip


def _plants(
    case: WorldCase, streams: Streams, a: int, b: int, capacity: int, out_days: int, elsewhere: int, until: float
) -> dict[str, str]:
    """Two plants, each with a customer whose orders come evenly. Until the backlog is gone every so many of A's orders
    is one that B makes: the row of the orders file says so, as a planner's decision would."""
    moved = elsewhere / a
    rows = {}
    for name, rate in (("a", a), ("b", b)):
        times = [n * DAY_S / rate for n in range(1, int(case.length_s / DAY_S * rate) + 1)]
        plants = [_plant(n, t, name, moved if t <= until * DAY_S else 0.0) for n, t in enumerate(times)]
        rows[name] = [f"{name}{n},{t:.3f}s,PART,1,{p}" for n, (t, p) in enumerate(zip(times, plants, strict=True))]
    line = {"id": "line", "rate": f"{capacity}/d", "makes": [{"item": "PART"}]}
    network = {
        "items": [{"id": "PART"}],
        "plants": [{"id": f"plant-{p}", "lines": [line]} for p in "ab"],
        "lanes": [{"from": ["plant-a", "plant-b"], "to": ["a", "b"], "time": "0s"}],
        "customers": [{"id": c, "served_by": [f"plant-{c}", f"plant-{'ba'['ab'.index(c)]}"],
                       "orders": {"file": f"{c}.csv"}} for c in rows],
    }  # fmt: skip
    out = [{"id": "out", "kind": "plant-down", "target": "plant-a", "at": "0s", "for": f"{out_days}d"}]
    orders = {f"{c}.csv": "\n".join(["id,at,item,quantity,plant", *lines]) + "\n" for c, lines in rows.items()}
    return {**_files(network, case.length_s, disruptions=out), **orders}


def _plant(n: int, at_s: float, customer: str, moved: float) -> str:
    """Who makes the n-th order of a customer: of A's a share `moved` goes to B, evenly."""
    goes = customer == "a" and int((n + 1) * moved + 1e-9) > int(n * moved + 1e-9)
    return "plant-b" if goes else f"plant-{customer}"


# --- messages in batches ------------------------------------------------------------------------------------------
def batch(every_s: float, per_hour: float, hours: int) -> WorldCase:
    """A warehouse system that tells of its departures every so often. Orders come at any moment alike."""
    network = _shop({"every": {"exponential": f"{3600 / per_hour:.3f}s"}, "quantity": 1}, {"s": 0, "S": 1}, 1, 0.0)
    house = network["warehouses"][0]
    house["stock"], house["systems"] = {"PART": 10**6}, {"wms": {"posts": "batch", "every": f"{every_s:.0f}s"}}
    horizon_s = ceil(hours * 3600 / every_s) * every_s
    return WorldCase(
        "batch-sync", f"messages posted every {every_s / 60:g} min, events uniform",
        (
            Measure("mean min", stocks.batch_staleness(every_s) / 60, worlds.mean_min),
            Measure("p95 min", stocks.batch_staleness_quantile(every_s, 0.95) / 60,
                    partial(worlds.quantile_min, share=0.95)),
        ),
        partial(worlds.ages, kind="shipment.departed"), horizon_s, 0.0,
        files=partial(_shop_files, network=network), orders=per_hour * hours,
    )  # fmt: skip


def table() -> tuple[WorldCase, ...]:
    """The published rows, in their order."""
    return (
        base_stock(2.0, 1.5, 5, 5_000, 2),
        rq(2.0, 3.0, 5, 10, 7_000, 1),
        lost_sales(2.0, 1.5, 5, 6_000, 2),
        disrupted(0.25, 3.0, 2_000, 0.04, 0.25, 100),
        plant_out(90, 70, 100, 4),
        plant_out(90, 70, 100, 4, 30),
        batch(BATCH_S, 60.0, 60),
    )
