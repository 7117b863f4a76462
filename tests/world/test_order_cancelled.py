"""A customer cancels a share of its open orders: in truth, in ERP, on the lines and in the KPIs."""

from pathlib import Path

import pytest

from scenarios.errors import InputError
from scenarios.twin.assembly import WAYS, Twin, assemble
from tests.common.worlds import load, ran

DAY_MS = 86_400_000

MADE = """\
items: [{id: A, value: 10}, {id: B, value: 10}]
plants:
  - id: p
    lines: [{id: L1, rate: 10/d, supply: unlimited, makes: [{item: A}, {item: B}]}]
lanes: [{from: p, to: [c, d], time: 1d, cost: 1/pcs}]
customers:
  - {id: c, served_by: [p], orders: {file: c.csv}}
  - {id: d, served_by: [p], orders: {file: d.csv}}
"""
ROWS = "id,at,item,quantity,due,late_penalty\n"


def made(folder: Path, disruption: str = "", own: str = "", other: str = "", network: str = MADE) -> Twin:
    """Ten days of one line that makes to order; `c` orders forty times five pieces at once, `d` as `other` says."""
    own = own or "".join(f"c{n},0s,{'AB'[n % 2]},5,4d,10/order/d\n" for n in range(40))
    (folder / "c.csv").write_text(ROWS + own)
    (folder / "d.csv").write_text(ROWS + (other or "d0,0s,A,5,9d,\n"))
    rows = f"disruptions: [{{id: x, kind: order-cancelled, target: c, {disruption}}}]" if disruption else ""
    return ran(load(folder, network, more=rows))


def states(twin: Twin, customer: str = "c") -> dict[str, str]:
    return {o.id: o.state for o in twin.network.book.customer_orders() if o.customer == customer}


def test_what_is_open_is_cancelled_and_what_has_left_is_not(tmp_path: Path):
    twin = made(tmp_path, "share: 1, at: 2d 01:00")
    orders = [o for o in twin.network.book.customer_orders() if o.customer == "c"]
    left = [o for o in orders if 0 <= o.left_ms <= 2 * DAY_MS]
    assert [o.id for o in left] == ["c0", "c1", "c2", "c3"] and all(o.state == "done" for o in left)
    assert {o.state for o in orders if o not in left} == {"cancelled"}
    assert states(twin, "d") == {"d0": "done"}
    assert twin.disruptions.happened["x"].title == "order-cancelled c (share 1.0)"


def test_the_line_stops_making_for_them_and_works_for_others(tmp_path: Path):
    before, after = made(tmp_path), made(tmp_path, "share: 1, at: 2d 01:00")
    assert states(before, "d") == {"d0": "started"} or states(before, "d") == {"d0": "open"}
    cancelled = {o for o, state in states(after).items() if state == "cancelled"}
    for order in after.network.book.orders.values():
        if order.for_order in cancelled and not order.gone:
            assert order.state == "cancelled"
    assert after.network.lines["p.L1"].good < before.network.lines["p.L1"].good
    assert after.erp.records.position("p", "A") >= 0 and after.erp.records.position("p", "B") >= 0


def test_of_a_partly_delivered_order_the_rest_is_cancelled(tmp_path: Path):
    stock = """\
items: [{id: A}]
warehouses: [{id: w, stock: {A: 3}}]
lanes: [{from: w, to: c, time: 1d}]
customers: [{id: c, served_by: [w], orders: {every: 1d, items: {A: 1}, quantity: 5, due: 2d, partial: true}}]
"""
    rows = "disruptions: [{id: x, kind: order-cancelled, target: c, share: 1, at: 1d 12:00}]"
    twin = ran(load(tmp_path, stock, horizon="1.75d", more=rows))
    (order,) = twin.network.book.customer_orders()
    assert (order.state, order.ordered, order.under_way, order.cancelled) == ("left", 5, 3, 2)


def test_only_the_item_that_is_named(tmp_path: Path):
    twin = made(tmp_path, "share: 1, item: B, at: 1h")
    lost = {order for order, state in states(twin).items() if state == "cancelled"}
    assert lost == {f"c{n}" for n in range(1, 40, 2)}


def test_erp_says_so_as_when_patience_ends(tmp_path: Path):
    twin = made(tmp_path, "share: 0.5, at: 2d 01:00")
    told = [m for _, m in twin.bus.log if m.type == "order.changed"]
    lost = {order for order, state in states(twin).items() if state == "cancelled"}
    assert {m.subject for m in told} == lost and {m.data["site"] for m in told} == {""}
    assert 5 < len(lost) < 31
    assert sum(m.type == "production_order.changed" for _, m in twin.bus.log) >= len(lost) - 1


def test_each_order_is_drawn_for_itself_and_the_larger_share_takes_the_smaller_with_it(tmp_path: Path):
    def lost(share: float, at: str = "1h") -> set[str]:
        return {o for o, state in states(made(tmp_path, f"share: {share}, at: {at}")).items() if state == "cancelled"}

    few, many = lost(0.3), lost(0.7)
    assert few == lost(0.3) and few < many and 5 < len(few) < len(many) < 36
    assert lost(0.3, at="2d 01:00") == few - {"c0", "c1", "c2", "c3"}
    assert lost(0) == set()


def test_every_way_of_working_cancels_the_orders_that_are_open_in_all(tmp_path: Path):
    made(tmp_path, "share: 0.5, at: 12h")
    loaded = load(tmp_path, MADE, more="disruptions: [{id: x, kind: order-cancelled, target: c, share: 0.5, at: 12h}]")
    seen = []
    for way in WAYS:
        twin = ran(loaded, way)
        seen.append({o for o, state in states(twin).items() if state == "cancelled"})
        assert not seen[-1] & set(twin.acks)
    assert seen[0] and seen[0] == seen[1] == seen[2]


def test_cancelled_orders_count_as_placed_cost_nothing_late_and_are_not_in_time(tmp_path: Path):
    calm, hit = made(tmp_path).result().kpis, made(tmp_path, "share: 1, at: 2d 01:00").result().kpis
    assert hit["orders_total"] == calm["orders_total"] == 41
    assert hit["orders_served"] == 5  # four of c, and the one of d
    assert hit["otif"] == pytest.approx(5 / 41)
    assert calm["late_cost"] and hit["late_cost"] == 0


def test_the_engine_lets_go_of_what_is_cancelled(tmp_path: Path):
    made(tmp_path, "share: 1, at: 12h")
    loaded = load(tmp_path, MADE, more="disruptions: [{id: x, kind: order-cancelled, target: c, share: 1, at: 12h}]")
    twin = assemble(loaded.scenario, "synced", 5)
    twin.env.advance(5 * 86_400.0)
    assert twin.engine is not None
    known = twin.engine.shell.state.orders
    assert not [order for order in known if order.startswith("c")]


def test_it_has_no_duration_and_only_customers_cancel(tmp_path: Path):
    for row, says in (
        ("share: 1, at: 1d, for: 1d", "key 'for' does not go with 'kind: order-cancelled'"),
        ("at: 1d", "key 'share' is missing"),
        ("share: 2, at: 1d", "2 is outside the range"),
        ("share: 1, item: Z, at: 1d", "unknown item 'Z'"),
    ):
        with pytest.raises(InputError, match=says):
            made(tmp_path, row)
    with pytest.raises(InputError, match="'p' is a plant, not a customer"):
        load(tmp_path, MADE, more="disruptions: [{id: x, kind: order-cancelled, target: p, share: 1, at: 1d}]")
    twin = made(tmp_path)
    with pytest.raises(ValueError, match="order-cancelled has no duration"):
        twin.inject("order-cancelled", "c", 60.0, share=1)
    assert twin.inject("order-cancelled", "c", share="1") == "injected-1"
    assert set(states(twin).values()) <= {"done", "left", "cancelled"}
