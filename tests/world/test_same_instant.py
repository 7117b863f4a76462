"""What happens at one instant: ends before beginnings, closing before loading, and the instant of the horizon."""

from itertools import permutations
from pathlib import Path

import pytest

from scenarios.twin.assembly import Twin
from sim.environment import LAST, NORMAL, URGENT, Environment
from sim.ranks import BEGINS, ENDS
from tests.common.worlds import load, ran

H = 3_600_000
NETWORK = """\
items: [{id: P}]
warehouses: [{id: W, stock: {P: 1000}}, {id: V}]
lanes: [{from: W, to: C, time: 6h}, {from: W, to: V, time: 6h}, {from: V, to: C, time: 6h}]
customers: [{id: C, served_by: [W], orders: {every: 6h, items: {P: 1}, quantity: 10, due: 6h}}]
"""


def _run(folder: Path, rows: list[str], horizon: str = "30h", network: str = NETWORK) -> Twin:
    more = "disruptions:\n" + "".join(f"  - {{{row}}}\n" for row in rows) if rows else ""
    return ran(load(folder, network, horizon, more=more))


def _hours(twin: Twin) -> list[tuple[float, float]]:
    """(left, received) of every shipment, in hours; -1: not."""
    return [tuple(at / H if at >= 0 else -1 for at in (s.departed_ms, s.received_ms)) for s in twin.network.shipments]  # type: ignore[misc]


def test_ranks_order_what_is_planned_for_one_instant() -> None:
    env, seen = Environment(), list[str]()
    plan = [
        ("last", LAST, 0),
        ("plain", NORMAL, 0),
        ("begins", NORMAL, BEGINS),
        ("ends", NORMAL, ENDS),
        ("first", URGENT, 0),
    ]
    for name, priority, rank in plan:
        env.call_at(5.0, lambda name=name: seen.append(name), priority, rank)  # type: ignore[misc]
    env.run(until=5.0)
    assert seen == ["first"]  # as in SimPy: an urgent event that was planned before the stop
    env.drain()
    assert seen == ["first", "ends", "begins", "plain", "last"] and env.now == 5.0
    env.drain()
    assert len(seen) == 5


def test_an_order_of_the_horizon_counts_and_what_comes_then_is_in_time(tmp_path: Path) -> None:
    """Orders at 6, 12, 18, 24 and 30 h, due 6 h later: the one of 24 h is delivered at the horizon, in time."""
    twin = _run(tmp_path, [])
    assert _hours(twin) == [(6, 12), (12, 18), (18, 24), (24, 30), (30, -1)]
    kpis = twin.result().kpis
    assert kpis["otif"] == 1.0
    assert len(twin.network.book.customer_orders()) == 5


@pytest.mark.parametrize("goods", ["hold", "lose", "return", "divert, via: W>V"])
def test_what_arrives_at_the_instant_of_a_closing_has_arrived_and_nothing_leaves(tmp_path: Path, goods: str) -> None:
    twin = _run(tmp_path, [f"id: d, kind: lane-closed, target: W>C, at: 12h, for: 3h, goods: {goods}"])
    assert _hours(twin)[:2] == [(6, 12), (15, 21)]


def test_a_closing_at_the_end_of_another_lets_nothing_through(tmp_path: Path) -> None:
    rows = [
        "id: a, kind: lane-closed, target: W>C, at: 10h, for: 4h",
        "id: b, kind: lane-closed, target: W>C, at: 14h, for: 4h, goods: hold",
    ]
    for n, order in enumerate(permutations(rows)):
        (tmp_path / str(n)).mkdir()
        twin = _run(tmp_path / str(n), list(order))
        assert _hours(twin)[:3] == [(6, 20), (18, 24), (18, 24)]


@pytest.mark.parametrize("second", ["at: 14h", "after: {id: z, delay: 12h}", "after: {id: a, delay: 4h}"])
@pytest.mark.parametrize("first", [0, 1, 2])
def test_at_and_after_give_the_same_order_of_events(tmp_path: Path, second: str, first: int) -> None:
    """One closing loses, the other diverts, both at 14 h: the one that the file names first decides."""
    rows = [
        "id: z, kind: lane-slow, target: V>C, at: 2h, for: 1h, factor: 0.5",
        "id: a, kind: lane-slow, target: V>C, at: 10h, for: 1h, factor: 0.5",
    ]
    lose = f"id: l, kind: lane-closed, target: W>C, {second}, for: 1h, goods: lose"
    divert = "id: v, kind: lane-closed, target: W>C, at: 14h, for: 1h, goods: divert, via: W>V"
    twin = _run(tmp_path, [*rows, lose, divert] if first else [divert, *rows, lose], horizon="40h")
    (ended,) = [
        leg.ended for s in twin.network.shipments for leg in s.legs if leg.end_ms == 14 * H and leg.ended != "there"
    ]
    assert ended == ("lost" if first else "diverted")


def test_a_dock_that_closes_takes_in_what_comes_at_that_instant_and_ships_nothing(tmp_path: Path) -> None:
    network = """\
items: [{id: P}]
warehouses:
  - {id: W, stock: {P: 1000}}
  - {id: V, stock: {P: 0}, replenish: {P: {s: 0, S: 10, from: [W]}}}
lanes: [{from: W, to: V, time: 6h}, {from: V, to: C, time: 1h}]
customers: [{id: C, served_by: [V], orders: {every: 3h, items: {P: 1}, quantity: 10, due: 6h}}]
"""
    probe = _run(tmp_path, [], "12h", network)
    there = next(s for s in probe.network.shipments if s.target == "V").received_ms
    rows = [f"id: d, kind: site-closed, target: V, at: {there}ms, for: 2h"]
    twin = _run(tmp_path, rows, "12h", network)
    first, second = (next(s for s in twin.network.shipments if s.target == to) for to in ("V", "C"))
    assert (first.received_ms, second.departed_ms) == (there, there + 2 * H)


@pytest.mark.parametrize("line", ["rate: 24/d", "machines: [{id: m, cycle: 1h}]"])
def test_a_piece_that_is_through_when_the_line_stops_is_through(tmp_path: Path, line: str) -> None:
    network = f"""\
items: [{{id: P}}]
plants:
  - id: p
    lines: [{{id: L, supply: unlimited, demand: unlimited, makes: [{{item: P}}], {line}}}]
"""
    rows = [
        "id: a, kind: line-down, target: p.L, at: 5h, for: 2h",
        "id: b, kind: line-down, target: p.L, at: 7h, for: 1h",
    ]
    made = []
    for hours in (5, 7, 8, 9, 10):
        (tmp_path / str(hours)).mkdir()
        made.append(_run(tmp_path / str(hours), rows, f"{hours}h", network).network.lines["p.L"].good)
    assert made == [5, 5, 5, 6, 7]


def test_a_disruption_at_the_start_is_there_before_anything_leaves(tmp_path: Path) -> None:
    network = NETWORK.replace("every: 6h, items: {P: 1}, quantity: 10, due: 6h", "file: o.csv")
    (tmp_path / "o.csv").write_text("id,at,item,quantity,due\nO1,0d,P,10,1d\n")
    twin = _run(tmp_path, ["id: d, kind: lane-closed, target: W>C, at: 0d, for: 5h"], network=network)
    assert _hours(twin) == [(5, 11)]


@pytest.mark.parametrize("cuts", [1, 2, 7, 50])
def test_splitting_the_horizon_changes_nothing(tmp_path: Path, cuts: int) -> None:
    from scenarios.twin.assembly import assemble

    loaded = load(
        tmp_path,
        NETWORK,
        "30h",
        more="disruptions: [{id: d, kind: lane-slow, target: W>C, at: 9h, for: 6h, factor: 0.5}]",
    )
    twin = assemble(loaded.scenario, "none", 5)
    for n in range(1, cuts + 1):
        twin.env.advance(30 * 3600.0 * n / cuts)
    twin.finish()
    assert _hours(twin) == [(6, 15), (12, 19.5), (18, 24), (24, 30), (30, -1)]


def test_the_nth_of_many_equal_steps_comes_at_its_millisecond(tmp_path: Path) -> None:
    """Floats add up with an error; a stamp is the whole millisecond that is meant."""
    twin = _run(tmp_path, [], "300d", NETWORK.replace("every: 6h", "every: 35895091ms"))
    orders = twin.network.book.customer_orders()
    assert len(orders) > 700 and [o.ordered_ms for o in orders] == [35_895_091 * n for n in range(1, len(orders) + 1)]


@pytest.mark.parametrize(("patience", "there"), [("3599999ms", 0), ("1h", 4), ("3600001ms", 4)])
@pytest.mark.parametrize(
    "comes",
    ["lanes: [{from: S, to: W, time: 2h}, {from: W, to: C, time: 1h}]|lead: 7h|", "lanes: [{from: S, to: W, time: 2h}, "
     "{from: W, to: C, time: 1h}]|lead: 1h|id: d, kind: lane-closed, target: W>C, at: 2h, for: 7h"],
)  # fmt: skip
def test_what_comes_at_the_instant_at_which_patience_ends_comes_in_time(
    tmp_path: Path, comes: str, patience: str, there: int
) -> None:
    """Ordered at 8 h; goods come into stock at 9 h, or the closed way opens at 9 h: so long a patience is enough."""
    lanes, lead, row = comes.split("|")
    network = f"""\
items: [{{id: P}}]
suppliers: [{{id: S, items: {{P: {{{lead}}}}}}}]
warehouses: [{{id: W, stock: {{P: 0}}, replenish: {{P: {{s: 3, S: 4, from: [S]}}}}}}]
{lanes}
customers:
  - {{id: C, served_by: [W], orders: {{every: 8h, items: {{P: 1}}, quantity: 4, due: 2h, patience: {patience}}}}}
"""
    twin = _run(tmp_path, [row] if row else [], "12h", network)
    (order,) = twin.network.book.customer_orders()
    assert (order.delivered, order.cancelled) == (there, 4 - there)
