"""A plant with several lines for an item gives each order to the one with the least work, in every way of working."""

from fractions import Fraction
from pathlib import Path

import pytest

from scenarios.twin.assembly import WAYS, Twin, assemble
from sync.vocabulary.planning import choice
from tests.common.worlds import load, ran

DAY = 86_400.0

TWO = """\
items: [{{id: A, value: 100}}, {{id: B, value: 100}}]
plants:
  - id: p
    lines:
      - {{id: L1, {one}, makes: [{{item: A, lot: 10{first}}}, {{item: B, lot: 10}}]}}
      - {{id: L2, {two}, makes: [{{item: A, lot: 10{second}}}]}}
warehouses: [{{id: w, stock: {{A: 600}}, replenish: {{A: {{s: 500, S: 600, from: [p]}}}}}}]
lanes: [{{from: p, to: w, time: 1d, cost: 1/pcs}}, {{from: w, to: c, time: 1d, cost: 1/pcs}}]
customers:
  - id: c
    served_by: [w]
    orders: {{every: {every}, items: {{A: 1}}, quantity: 6, due: 3d, late_penalty: 10/pcs/d}}
"""


def two(folder: Path, way: str = "none", days: int = 40, more: str = "", **parts: str) -> Twin:
    words = {"one": "rate: 100/d", "two": "rate: 100/d", "first": "", "second": "", "every": "1h"} | parts
    return ran(load(folder, TWO.format(**words), f"{days}d", "10d", more), way)


def orders_on(twin: Twin, since_d: float = 0.0, until_d: float = 1e3) -> dict[str, int]:
    """Line -> production orders released to it in a time, by number."""
    found = {"p.L1": 0, "p.L2": 0}
    for order in twin.network.book.orders.values():
        if order.kind == "production" and since_d <= order.ordered_ms / 1000 / DAY < until_d:
            found[order.line] += 1
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("every", ["1h", "50min"])
def test_both_lines_work_where_one_is_not_enough(tmp_path: Path, way: str, every: str) -> None:
    twin = two(tmp_path, way, every=every)  # 144 and 172.8 a day, for two lines that make 100 each
    assert twin.result().kpis["otif"] == 1.0
    made = {line.id: line.good for line in twin.network.lines.values()}
    assert abs(made["p.L1"] - made["p.L2"]) <= 220


@pytest.mark.parametrize("way", WAYS)
def test_while_a_line_stands_new_orders_go_to_the_other_because_its_work_does_not_shrink(
    tmp_path: Path, way: str
) -> None:
    row = "disruptions: [{id: d, kind: line-down, target: p.L1, at: 20d, for: 10d}]"
    twin = two(tmp_path, way, more=row, every="2h")  # 72 a day
    assert twin.result().kpis["otif"] == 1.0
    there = orders_on(twin, 20.5, 30)
    assert there["p.L2"] > 5 * there["p.L1"]


def test_a_line_twice_as_fast_gets_twice_as_much(tmp_path: Path) -> None:
    twin = two(tmp_path, one="rate: 60/d", two="rate: 120/d")
    made = {line.id: line.good for line in twin.network.lines.values()}
    assert made["p.L2"] / made["p.L1"] == pytest.approx(2, rel=0.15)


def test_machines_count_by_their_busiest_station(tmp_path: Path) -> None:
    stations = "machines: [{id: a, cycle: 5min}, {id: b, cycle: 28.8min, parallel: 2}], buffers: 5"
    twin = two(tmp_path, one="rate: 50/d", two=stations)  # 100 a day
    made = {line.id: line.good for line in twin.network.lines.values()}
    assert made["p.L2"] / made["p.L1"] == pytest.approx(2, rel=0.15)


@pytest.mark.parametrize("way", WAYS)
def test_what_is_preferred_gets_every_order(tmp_path: Path, way: str) -> None:
    twin = two(tmp_path, way, second=", prefer: true", every="2h")
    assert orders_on(twin)["p.L1"] == 0 and orders_on(twin)["p.L2"] > 20
    ranked = two(tmp_path, way, first=", prefer: 1", second=", prefer: 2", every="2h")
    assert orders_on(ranked)["p.L2"] == 0


def test_the_first_order_goes_to_the_first_line_and_the_next_to_the_idle_one(tmp_path: Path) -> None:
    words = {"one": "rate: 10/d", "two": "rate: 10/d", "first": "", "second": "", "every": "50d"}
    twin = assemble(load(tmp_path, TWO.format(**words)).scenario, "none", 5)
    twin.env.advance(60.0)
    for quantity in (10, 30, 10, 10, 10, 5):
        twin.erp.transfer("w", "A", quantity, "p")
        twin.env.advance(twin.env.now + 60)
    lines = [o.line for o in twin.network.book.orders.values() if o.kind == "production"]
    # by hand, pieces on L1 and L2 before each: 0 0, 10 0, 10 30, 20 30, 30 30, 40 30
    assert lines == ["p.L1", "p.L2", "p.L1", "p.L1", "p.L1", "p.L2"]


def test_what_a_line_has_made_or_given_back_is_no_work_any_more(tmp_path: Path) -> None:
    words = {"one": "rate: 10/d", "two": "rate: 10/d", "first": "", "second": "", "every": "50d"}
    twin = assemble(load(tmp_path, TWO.format(**words)).scenario, "none", 5)
    twin.env.advance(60.0)
    first, second = twin.erp.transfer("w", "A", 30, "p"), twin.erp.transfer("w", "A", 40, "p")
    twin.env.advance(2.5 * DAY)  # two lots of ten are made on each: 10 and 20 left
    assert twin.erp.records.work == {"p.L1": {"A": [1, 10]}, "p.L2": {"A": [1, 20]}}
    twin.erp.withdraw(second, 10)
    twin.env.advance(5 * DAY)
    assert first.delivered == 30 and twin.erp.records.work["p.L2"]["A"] == [0, 0] and not twin.erp.records.released


def test_the_rule_itself() -> None:
    a, b, c = choice.Maker("a", 3), choice.Maker("b", Fraction(5, 2)), choice.Maker("c", 9, 2)
    assert choice.line([a, b]) == "b" and choice.line([a, b], "a") == "a" and choice.line([a, b], "z") == "b"
    assert choice.line([a, b, c]) == "c" and choice.line([a, b, c, choice.Maker("d", 99, 1)]) == "d"
    assert choice.line([]) == "" and choice.work([(3, Fraction(1, 3)), (2, Fraction(1))]) == 3
