"""Goods that are lost on a lane: the carrier says so, ERP writes them off, and orders anew or has them sent again."""

from pathlib import Path

import pytest

from plants.orders import Order
from plants.systems.channel import Fault
from scenarios.twin.assembly import WAYS, Twin, assemble
from tests.common.worlds import load, ran

DAY, H = 86_400.0, 3_600.0

BOUGHT = """\
items: [{{id: A, value: 10}}]
suppliers: [{{id: s, items: {{A: {{lead: 1d}}}}}}]
warehouses: [{{id: w, stock: {{A: 40}}, replenish: {{A: {{s: 20, S: 60, from: [s]}}}}}}]
lanes: [{{from: s, to: w, time: 1d{tells}}}, {{from: w, to: c, time: 1h}}]
customers: [{{id: c, served_by: [w], orders: {{every: 1d, items: {{A: 1}}, quantity: 10, due: 2d}}}}]
"""
SENT = """\
items: [{{id: A, value: 10}}]
warehouses:
  - {{id: far, stock: {{A: 500}}}}
  - {{id: w, stock: {{A: 20}}, replenish: {{A: {{s: 10, S: 40, from: [far]}}}}}}
lanes: [{{from: far, to: port, time: 6h}}, {{from: port, to: w, time: 6h{tells}}}, {{from: w, to: c, time: 12h{tells}}}]
customers: [{{id: c, served_by: [w], orders: {{every: 1d, items: {{A: 1}}, quantity: 10, due: 2d, {more}}}}}]
""".replace("warehouses:", "warehouses:\n  - {{id: port}}")


def lost(lane: str, at: str, lasts: str = "1h") -> str:
    row = f"id: x, kind: lane-closed, target: {lane!r}, goods: lose, at: {at}, for: {lasts}"
    return f"disruptions: [{{{row}}}]"


def tells(after: str) -> str:
    return f", reports_loss_after: {after}" if after else ""


def told(twin: Twin, kind: str) -> list[tuple[float, dict[str, object]]]:
    return [(m.time_ms / 1000, m.data) for _, m in twin.bus.log if m.type == kind]


def orders(twin: Twin, kind: str) -> list[Order]:
    return [o for o in twin.network.book.orders.values() if o.kind == kind]


# By hand: 40 in stock, 10 a day from day 1; on day 2 the position is 20, and PU-1 over 40 leaves on day 3, lost at 3.5.
# Told at 3.5 + n, it is ordered anew at once, and is there two days after: at 5.5 + n. Stock ends with day 4. On day 6
# the position, with PU-1 in it where that was not told yet, is 20 once more, and what is bought then is there on day 8.
@pytest.mark.parametrize(("after", "days"), [("", 1.0), ("12h", 0.5), ("3d", 3.0), ("0s", 0.0)])
@pytest.mark.parametrize("way", WAYS)
def test_a_lost_purchase_is_written_off_when_it_is_told_and_ordered_anew(
    tmp_path: Path, way: str, after: str, days: float
) -> None:
    twin = ran(load(tmp_path, BOUGHT.format(tells=tells(after)), more=lost("s>w", "3d 12:00")), way)
    first, second, *_ = orders(twin, "purchase")
    assert (first.lost, first.cancelled, first.missing, first.state) == (40, 40, 0, "cancelled")
    assert [(at, data["lane"], data["quantity"]) for at, data in told(twin, "shipment.lost")] == [
        ((3.5 + days) * DAY + 1, "s>w", 40)
    ]
    assert second.ordered_ms == min(((3.5 + days) * DAY + 1) * 1000, 6 * DAY * 1000)
    assert second.delivered == second.quantity
    late = [o for o in orders(twin, "customer") if o.done_ms > o.due_ms >= 0 and o.due_ms <= 10 * DAY * 1000]
    there = min(5.5 + days, 8.0)  # and two hours at most of messages and the last lane
    assert len(late) == sum(there > n + 2 - 2 / 24 for n in range(5, 9))


def test_until_it_is_told_it_is_on_order_and_never_counts_as_received(tmp_path: Path) -> None:
    loaded = load(tmp_path, BOUGHT.format(tells=tells("30d")), more=lost("s>w", "3d 12:00"))
    twin = ran(loaded)
    first = orders(twin, "purchase")[0]
    assert (first.missing, first.lost, first.state) == (40, 40, "left")
    assert twin.erp.records.expected[first.id] == (("w", "A"), 40) and not told(twin, "shipment.lost")


def test_an_order_lost_on_its_way_to_the_customer_is_not_served_until_it_is_sent_again(tmp_path: Path) -> None:
    world = SENT.format(tells="", more="late_penalty: 1/pcs/d")
    early, late = (
        ran(load(tmp_path, world, horizon=h, more=lost("w>c", "4d 01:00"))) for h in ("4.5d", "9d")
    )  # fmt: skip
    lost_order, *_ = [o for o in orders(early, "customer") if o.lost]
    assert (lost_order.id, lost_order.missing, lost_order.complete) == ("c-4", 10, False)
    assert early.result().kpis["orders_served"] == 3
    again = late.network.book["c-4"]
    assert (again.delivered, again.missing, again.lost, again.wanted) == (10, 0, 10, 0)
    # told a day after 4 d 1 h, a second for the message; a second for the dock's word is not waited for
    assert again.done_ms == round((5 * DAY + 1 * H + 1 + 12 * H) * 1000)
    assert late.result().kpis["otif"] == 1.0


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lane", ["far>port", "port>w"])
def test_a_transfer_lost_on_either_lane_of_its_way_is_asked_for_again_by_the_rule(
    tmp_path: Path, way: str, lane: str
) -> None:
    at = "1d 03:00" if lane == "far>port" else "1d 09:00"
    twin = ran(load(tmp_path, SENT.format(tells="", more="late_penalty: 1/pcs/d"), more=lost(lane, at)), way)
    first, second, *_ = [o for o in orders(twin, "transfer") if o.by == "erp"]
    assert (first.lost, first.cancelled, first.state) == (first.quantity, first.quantity, "cancelled")
    assert second.delivered == second.quantity and first.id not in twin.erp.records.expected
    if twin.engine is not None:
        known = twin.engine.shell.state
        assert first.id not in known.transfers and not [s for s in known.shipments.values() if s.order == first.id]


def test_a_transfer_that_no_rule_asks_for_is_sent_again(tmp_path: Path) -> None:
    loaded = load(tmp_path, SENT.format(tells=tells("6h"), more=""), more=lost("port>w", "1d 09:00"))
    twin = assemble(loaded.scenario, "none", 5)
    twin.env.advance(1 * DAY)
    order = twin.erp.transfer("w", "A", 7, "far", by="engine")
    twin.env.advance(1.5 * DAY)
    assert (order.missing, order.lost) == (7, 7)
    twin.env.advance(3 * DAY)
    twin.finish()
    assert (order.delivered, order.missing, order.lost, order.state) == (7, 0, 7, "done")
    assert order.id not in twin.erp.records.expected


def test_what_a_customer_has_given_up_is_not_sent_again(tmp_path: Path) -> None:
    world = SENT.format(tells="", more="patience: 1h, late_penalty: 1/pcs/d")
    twin = ran(load(tmp_path, world, more=lost("w>c", "4d 06:00")))
    (gone,) = [o for o in orders(twin, "customer") if o.lost]
    assert (gone.cancelled, gone.delivered, gone.missing, gone.state) == (10, 0, 0, "cancelled")
    assert told(twin, "order.reopened") == []


def test_a_loss_told_twice_is_written_off_once(tmp_path: Path) -> None:
    loaded = load(tmp_path, BOUGHT.format(tells=""), more=lost("s>w", "3d 12:00"))
    once = ran(loaded)
    twin = assemble(loaded.scenario, "none", 5)
    twin.systems.by_source["tms"].channel.faults.append(Fault(duplicates=1.0))
    twin.env.advance(10 * DAY)
    twin.finish()
    assert len(told(twin, "shipment.lost")) == 2
    assert [(o.id, o.quantity, o.done_ms) for o in orders(twin, "purchase")] == [
        (o.id, o.quantity, o.done_ms) for o in orders(once, "purchase")
    ]


def test_a_loss_whose_message_is_lost_is_never_written_off_and_a_carrier_that_is_down_tells_it_late(
    tmp_path: Path,
) -> None:
    loaded = load(tmp_path, BOUGHT.format(tells=""), more=lost("s>w", "3d 12:00"))
    mute = assemble(loaded.scenario, "none", 5)
    mute.systems.by_source["tms"].channel.faults.append(Fault(loses=1.0))
    mute.env.advance(10 * DAY)
    mute.finish()
    assert [o.missing for o in orders(mute, "purchase") if o.ordered_ms < 10 * DAY * 1000] == [40, 0]
    down = "  - {id: y, kind: system-down, target: tms, at: 4d, for: 2d}\n"
    more = lost("s>w", "3d 12:00").replace("[{", "\n  - {").replace("}]", "}\n") + down
    twin = ran(load(tmp_path, BOUGHT.format(tells=""), more=more))
    assert [at for at, _ in told(twin, "shipment.lost")] == [pytest.approx(6 * DAY, abs=2)]
    assert orders(twin, "purchase")[0].state == "cancelled"


@pytest.mark.parametrize("first", ["w", "p"])
def test_the_opening_look_looks_again_where_it_has_asked_for_something(tmp_path: Path, first: str) -> None:
    """A house that is filled from a plant below its level at once leaves that plant below its own at once, whichever
    stands first in the file."""
    world = """\
items: [{id: A}]
plants:
  - id: p
    stock: {A: 50}
    replenish: {A: {s: 40, S: 100, from: [p]}}
    lines: [{id: L, rate: 100/d, supply: unlimited, makes: [{item: A, lot: 10}]}]
warehouses: [{id: w, stock: {A: 5}, replenish: {A: {s: 10, S: 35, from: [p]}}}]
lanes: [{from: p, to: w, time: 1h}, {from: w, to: c, time: 1h}]
customers: [{id: c, served_by: [w], orders: {every: 30d, items: {A: 1}, quantity: 1, due: 2d}}]
"""
    if first == "w":
        plants, rest = world.split("warehouses:", 1)
        houses, lanes = rest.split("lanes:", 1)
        items, plants = plants.split("plants:", 1)
        world = f"{items}warehouses:{houses}plants:{plants}lanes:{lanes}"
    twin = ran(load(tmp_path, world))
    made = orders(twin, "production")
    # 50 less the 30 that go to w leave 20: 80 more, released at 0
    assert [(o.ordered_ms, o.ordered) for o in made] == [(0, 80)]
