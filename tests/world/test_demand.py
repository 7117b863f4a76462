"""Demand that changes, has seasons or grows: what is ordered in sum is what the factors say, to less than a piece."""

from collections import Counter
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest

from plants.orders import CustomerOrder
from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import Twin, assemble

DAY_MS = 86_400_000
NETWORK = """\
version: 1
network: n
timezone: Europe/Paris
items: [{id: A}, {id: B}]
warehouses: [{id: w, stock: {A: 100000, B: 100000}}]
lanes: [{from: w, to: c, time: 1h}]
customers:
  - {id: c, served_by: [w], orders: {every: EVERY, items: ITEMS, quantity: QUANTITY, due: 2d, MORE}}
"""


def world(folder: Path, *rows: str, horizon: str = "400d", start: str = "2026-01-05T00:00", **put: str) -> Twin:
    """The world at its horizon. rows: disruptions; put: EVERY, ITEMS, QUANTITY, MORE."""
    network = NETWORK
    for name, value in {"EVERY": "1d", "ITEMS": "{A: 1}", "QUANTITY": "10", "MORE": "partial: false", **put}.items():
        network = network.replace(name, value)
    (folder / "net.yaml").write_text(network)
    written = "".join(f"  - {row}\n" for row in rows)
    (folder / "sc.yaml").write_text(
        f"version: 1\nscenario: s\nnetwork: net.yaml\nstart: {start}\nhorizon: {horizon}\n"
        + (f"disruptions:\n{written}" if rows else "")
    )
    scenario = load_scenario("sc.yaml", at=folder).scenario
    twin = assemble(scenario, "none", 0)
    twin.env.run(until=scenario.horizon_s)
    return twin


def placed(twin: Twin) -> list[CustomerOrder]:
    return twin.network.book.customer_orders()


@pytest.mark.parametrize("factor", ["0.01", "0.05", "0.1", "0.333", "0.7", "1.4", "2.5"])
@pytest.mark.parametrize("quantity", [1, 3, 10])
def test_the_sum_is_right_for_every_factor(tmp_path: Path, factor: str, quantity: int) -> None:
    row = f"{{id: d, kind: demand-change, target: c, at: 0d, factor: {factor}}}"
    twin = world(tmp_path, row, QUANTITY=str(quantity), horizon="300.5d")
    orders = placed(twin)
    assert sum(o.ordered for o in orders) == floor(300 * quantity * Fraction(factor))
    assert all(o.ordered for o in orders)


def test_nothing_is_ordered_while_the_factor_is_0_and_numbers_go_on(tmp_path: Path) -> None:
    twin = world(tmp_path, "{id: d, kind: demand-change, target: c, at: 5.5d, for: 10d, factor: 0}", horizon="20.5d")
    assert [o.id for o in placed(twin)] == [f"c-{n}" for n in (*range(1, 6), *range(16, 21))]
    assert {o.ordered for o in placed(twin)} == {10}


def test_an_item_carries_its_own_remainder(tmp_path: Path) -> None:
    row = "{id: d, kind: demand-change, target: c, item: A, at: 0d, factor: 0.25}"
    orders = placed(world(tmp_path, row, ITEMS="{A: 0.5, B: 0.5}", QUANTITY="3"))
    sums = Counter[str]()
    for order in orders:
        sums[order.item] += order.ordered
    drawn_b = sum(o.item == "B" for o in orders)
    plain = Counter(o.item for o in placed(world(tmp_path, ITEMS="{A: 0.5, B: 0.5}", QUANTITY="3")))
    assert drawn_b == plain["B"] and sums["B"] == 3 * plain["B"]
    assert sums["A"] == floor(plain["A"] * 3 * Fraction("0.25"))


def test_orders_stay_the_same_orders_whatever_the_factor(tmp_path: Path) -> None:
    drawn = {"EVERY": "{exponential: 1d}", "QUANTITY": "{uniform: [5, 20]}", "MORE": "patience: {exponential: 30d}"}
    plain = {o.id: o for o in placed(world(tmp_path, **drawn))}
    changed = placed(world(tmp_path, "{id: d, kind: demand-change, target: c, at: 0d, factor: 0.04}", **drawn))
    assert 50 < len(changed) < len(plain)
    for order in changed:
        same = plain[order.id]
        assert (order.ordered_ms, order.due_ms, order.patience_ms) == (same.ordered_ms, same.due_ms, same.patience_ms)


def test_a_week_is_the_networks_and_begins_on_monday(tmp_path: Path) -> None:
    orders = placed(world(tmp_path, MORE="season: {weekly: [1, 1, 1, 1, 1, 0.5, 0]}", EVERY="12h", horizon="14d"))
    by_day = Counter[int]()
    for order in orders:
        by_day[(order.ordered_ms // DAY_MS) % 7] += order.ordered
    # two weeks of orders at midnight and noon, but for the midnight of the first Monday, when nothing is ordered yet
    assert by_day == {0: 30, 1: 40, 2: 40, 3: 40, 4: 40, 5: 20}


def test_months_are_those_of_the_clock_on_the_wall(tmp_path: Path) -> None:
    orders = placed(world(tmp_path, MORE="season: {yearly: {Jan: 0.8, Feb: 1.5, Mar: 0}}", EVERY="1h", horizon="90d",
                          start="2026-01-31T12:00"))  # fmt: skip
    january = [o for o in orders if o.ordered_ms < DAY_MS // 2]
    february = [o for o in orders if DAY_MS // 2 <= o.ordered_ms < DAY_MS * 57 // 2]
    assert [o.ordered for o in january] == [8] * 11
    assert [o.ordered for o in february] == [15] * 672
    # clocks go forward on 29 March: April begins one hour earlier after the start
    assert orders[len(january) + len(february)].ordered_ms == DAY_MS * 119 // 2 - 3_600_000


@pytest.mark.parametrize(("trend", "per_year"), [("10%/a", 1.1), ("-30%/a", 0.7), ("100%/a", 2.0)])
def test_a_trend_compounds(tmp_path: Path, trend: str, per_year: float) -> None:
    orders = placed(world(tmp_path, MORE=f"trend: {trend}", QUANTITY="1000", horizon="731d"))
    day = {o.ordered_ms // DAY_MS: o.ordered for o in orders}
    assert abs(day[365] / 1000 - per_year ** (365 / 365.25)) < 0.002
    assert abs(day[730] / 1000 - per_year ** (730 / 365.25)) < 0.002
    assert abs(sum(o.ordered for o in orders) - sum(1000 * per_year ** (n / 365.25) for n in range(1, 731))) < 2
