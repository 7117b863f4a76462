"""Lanes: what happens to goods on a lane that closes, and how much a lane takes on a day."""

from pathlib import Path

import pytest

from scenarios.twin.assembly import Twin, assemble
from tests.common.worlds import load, ran

NETWORK = """\
items: [{id: A}]
warehouses:
  - {id: hub, stock: {A: 1000}}
  - {id: far, stock: {A: 0}, replenish: {A: {s: 0, S: 100, from: [hub]}}}
lanes:
  - {from: hub, to: far, time: 10h, cost: 2/pcs}
  - {from: hub, to: mid, time: 1h, cost: 1/pcs}
  - {from: mid, to: far, time: 30h, cost: 1/pcs}
"""
MID = NETWORK.replace("lanes:", "  - {id: mid}\nlanes:")


def _closed(folder: Path, how: str, more: str = "") -> Twin:
    disruption = f"disruptions: [{{id: c, kind: lane-closed, target: hub>far, at: 4h, for: 20h{how}}}]"
    return ran(load(folder, MID, "5d", more=disruption + more))


def _receipt_h(twin: Twin) -> list[float]:
    return [at / 3_600_000 for at, m in twin.bus.log if m.type == "receipt.posted"]


def test_goods_on_a_closed_lane_are_held_and_resume_with_their_remaining_time(tmp_path: Path) -> None:
    assert _receipt_h(_closed(tmp_path, "")) == pytest.approx([30.0], abs=0.01)  # 4 h + 20 h closed + 6 h left


def test_goods_that_return_travel_the_whole_way_again(tmp_path: Path) -> None:
    assert _receipt_h(_closed(tmp_path, ", goods: return")) == pytest.approx([34.0], abs=0.01)


def test_goods_that_are_diverted_take_the_named_lane(tmp_path: Path) -> None:
    disruption = (
        "disruptions: [{id: c, kind: lane-closed, target: hub>far, at: 4h, for: 90h, goods: divert, via: hub>mid}]"
    )
    twin = ran(load(tmp_path, MID, "5d", more=disruption))
    assert _receipt_h(twin) == pytest.approx([4 + 1 + 30], abs=0.01)


def test_goods_that_are_lost_never_arrive_and_the_ledger_says_so(tmp_path: Path) -> None:
    twin = _closed(tmp_path, ", goods: lose")
    # told a day after 4 h, a second for the message; sent again over the open lane at 28 h, it takes 10 h
    assert _receipt_h(twin) == pytest.approx([38.0], abs=0.01)
    assert twin.network.ledger.balance("lost:hub>far", "A") == 100


def test_a_lane_takes_no_more_than_its_capacity_on_a_day(tmp_path: Path) -> None:
    network = """\
items: [{id: A}]
warehouses: [{id: hub, stock: {A: 5000}}]
customers:
  - {id: c, served_by: [hub], orders: {every: 1h, items: {A: 1}, quantity: 10, due: 1d, late_penalty: 1/pcs/d}}
lanes: [{from: hub, to: c, time: 1h, cost: 1/pcs, capacity: 100/d}]
"""
    twin = assemble(load(tmp_path, network, "4d").scenario, "none", 5)
    for day in range(1, 4):
        twin.env.advance(day * 86_400.0)
        assert twin.network.ledger.balance("shipped:c", "A") <= 100 * day
    twin.finish()
    assert twin.network.ledger.balance("shipped:c", "A") >= 280


def test_goods_that_pass_through_a_site_do_not_become_its_stock(tmp_path: Path) -> None:
    network = MID.replace("  - {from: hub, to: far, time: 10h, cost: 2/pcs}\n", "")
    twin = ran(load(tmp_path, network, "5d"))
    assert _receipt_h(twin) == pytest.approx([31.0], abs=0.01)
    assert twin.network.sites["mid"].on_hand.get("A", 0) == 0
    assert [o.lane_cost_minor for o in twin.network.book.orders.values()] == [100 * 200]


def test_a_full_warehouse_lets_goods_wait_at_its_door(tmp_path: Path) -> None:
    network = MID.replace("{id: far, stock", "{id: far, capacity: 60, stock").replace("stock: {A: 0}", "stock: {A: 10}")
    loaded = load(tmp_path, network.replace("S: 100", "S: 60, s: 20").replace("s: 0, ", ""), "3d")
    twin = ran(loaded)
    site = twin.network.sites["far"]
    assert site.on_hand["A"] == 60
    assert sum(site.on_hand.values()) <= 60
