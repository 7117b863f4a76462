"""Whatever leaves stock by a side door has its word in information: on hand means the same in every message, what is
held or scrapped leaves ERP's position, and is ordered anew."""

from pathlib import Path

import pytest

from plants.systems.channel import Fault
from scenarios.twin.assembly import Twin, assemble
from tests.common.worlds import load, ran

DAY = 86_400.0

HOUSE = """\
items: [{{id: A, value: 10}}]
suppliers: [{{id: s, items: {{A: {{lead: 12h}}}}}}]
warehouses: [{{id: w, stock: {{A: {stock}}}, replenish: {{A: {{s: {s}, S: {big}, from: [s]}}}}}}]
lanes: [{{from: s, to: w, time: 12h}}, {{from: w, to: c, time: 1h}}]
customers: [{{id: c, served_by: [w], orders: {{every: 6h, items: {{A: 1}}, quantity: 10, due: 2d}}}}]
"""


def house(folder: Path, rows: str = "", way: str = "synced", **parts: int) -> Twin:
    words = {"stock": 500, "s": 200, "big": 500} | parts
    more = f"disruptions:\n{rows}" if rows else ""
    return assemble(load(folder, HOUSE.format(**words), "20d", more=more).scenario, way, 5)


def hold(disposition: str, at: str = "2d 01:00", for_: str = "3d") -> str:
    how = f"item: A, disposition: {disposition}, at: {at}, decided_after: {for_}"
    return f"  - {{id: h, kind: quality-hold, target: w, {how}}}\n"


@pytest.mark.parametrize("disposition", ["release", "scrap", "rework"])
@pytest.mark.parametrize("stock", [500, 130])
def test_what_the_engine_believes_to_be_free_is_free_while_a_hold_lasts_and_after(
    tmp_path: Path, disposition: str, stock: int
) -> None:
    twin = house(tmp_path, hold(disposition), stock=stock)
    key, site = ("w", "A"), twin.network.sites["w"]
    assert twin.engine is not None
    for hour in range(30, 20 * 24, 7):
        twin.env.advance(hour * 3600.0 + 1800.0)  # half an hour after anything that happens: all is heard
        known = twin.engine.shell.state
        assert known.on_hand[key] - known.held.get(key, 0) == site.on_hand["A"], hour
        assert twin.erp.records.book[key] == site.on_hand["A"], hour


def test_what_is_held_is_ordered_anew(tmp_path: Path) -> None:
    twin = house(tmp_path, hold("scrap"), "none")
    twin.env.advance(2.1 * DAY)
    bought = [o for o in twin.network.book.orders.values() if o.kind == "purchase"]
    # 80 of 500 are sold, 420 held: the position is 0
    assert [o.ordered for o in bought] == [500]
    twin.env.advance(20 * DAY)
    twin.finish()
    assert twin.result().kpis["otif"] == 1.0
    assert twin.network.ledger.balance("scrapped:w", "A") == 420


LATE = Fault("quality.held", delay_s=lambda _: 5 * DAY)


@pytest.mark.parametrize("disposition", ["scrap", "release"])
@pytest.mark.parametrize("fault", [Fault("quality.held", loses=1.0), LATE])
def test_a_hold_nobody_heard_of_is_booked_when_it_is_decided(tmp_path: Path, disposition: str, fault: Fault) -> None:
    twin = house(tmp_path, hold(disposition), "none")
    twin.systems.by_source["w.qms"].channel.faults.append(fault)
    twin.env.advance(10.02 * DAY)
    assert twin.erp.records.book["w", "A"] == twin.network.sites["w"].on_hand["A"]


@pytest.mark.parametrize(("share", "left"), [(0.5, 210), (1, 0), (0.1, 378)])
def test_stock_that_is_lost_is_told_and_ordered_anew(tmp_path: Path, share: float, left: int) -> None:
    row = f"  - {{id: x, kind: stock-loss, target: w, item: A, share: {share}, at: 2d 01:00}}\n"
    twin = house(tmp_path, row, "none")
    twin.env.advance(2.1 * DAY)
    assert twin.network.sites["w"].on_hand["A"] == twin.erp.records.book["w", "A"] == left
    assert twin.erp.records.position("w", "A") == (500 if left <= 200 else left)


def test_what_a_line_scraps_is_made_anew_for_who_waits_for_it(tmp_path: Path) -> None:
    world = """\
items: [{id: A}]
plants: [{id: p, lines: [{id: L, rate: 50/d, supply: unlimited, makes: [{item: A, lot: 5, yield: 0.6}]}]}]
lanes: [{from: p, to: c, time: 1h}]
customers: [{id: c, served_by: [p], orders: {every: 30d, items: {A: 1}, quantity: 40, due: 9d}}]
"""
    twin = ran(load(tmp_path, world, "40d"))
    (order,) = twin.network.book.customer_orders()
    made = [o for o in twin.network.book.orders.values() if o.kind == "production"]
    assert order.delivered == 40 and len(made) > 1
    assert sum(o.delivered for o in made) >= 40 and all(o.missing == 0 and o.state == "done" for o in made)
    assert sum(o.cancelled for o in made) == twin.network.lines["p.L"].scrap
