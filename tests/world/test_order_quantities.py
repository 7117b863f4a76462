"""An order keeps its quantities apart: ordered + surplus = wanted + under way + delivered + cancelled + missing."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plants.errors import InvariantViolation
from plants.orders import Order
from scenarios.twin.assembly import WAYS, Twin
from tests.common.worlds import load, ran

DAY_MS, H_MS = 86_400_000, 3_600_000

SHOP = """\
items: [{{id: A, value: 10}}]
warehouses: [{{id: w, stock: {{A: {stock}}}}}]
lanes: [{{from: w, to: c, time: {time}}}]
customers: [{{id: c, served_by: [w], orders: {{every: {every}, items: {{A: 1}}, quantity: 10, due: 2d, {more}}}}}]
"""


def shop(folder: Path, horizon: str = "10d", disruptions: str = "", **parts: object) -> Twin:
    """One house with stock for some orders of 10, and nobody who fills it up."""
    words = {"stock": 4, "time": "1h", "every": "6d", "more": "late_penalty: 1/pcs/d"} | parts
    return ran(load(folder, SHOP.format(**words), horizon=horizon, more=disruptions))


def equation(order: Order) -> bool:
    parts = (order.wanted, order.under_way, order.delivered, order.cancelled, order.missing)
    return min(parts) >= 0 and order.ordered + order.surplus == sum(parts)


def test_what_a_delivery_moves_from_one_quantity_to_the_next() -> None:
    order = Order("TO-1", "transfer", "A", 10, 0, surplus=2)
    assert (order.quantity, order.wanted, order.state) == (12, 12, "open")
    order.send(5, 100)
    assert (order.wanted, order.under_way, order.state, order.left_ms) == (7, 5, "started", -1)
    order.lose(5)
    assert (order.under_way, order.missing, order.lost, order.state) == (0, 5, 5, "started")
    order.send_again(5)
    assert (order.wanted, order.missing, order.lost, order.state) == (12, 0, 5, "open")
    order.send(10, 200)
    order.deliver(10, 300)
    order.cancel(2, 400)
    assert (order.delivered, order.cancelled, order.standing, order.state, order.done_ms) == (10, 2, 10, "done", 300)
    assert equation(order) and not order.complete and order.deliveries == [(300, 10)]


@pytest.mark.parametrize("quantity", ["wanted", "under_way", "delivered", "cancelled", "missing", "ordered"])
def test_a_quantity_that_is_overwritten_stops_the_run_with_both_sides(tmp_path: Path, quantity: str) -> None:
    twin = shop(tmp_path)
    (order, *_) = twin.network.book.customer_orders()
    setattr(order, quantity, getattr(order, quantity) + 1)
    with pytest.raises(InvariantViolation, match=rf"order {order.id}.*= 1\d.*= 1\d"):
        twin.network.audit("test", whole=True)


def test_goods_that_vanish_from_a_lane_are_missed_by_the_order(tmp_path: Path) -> None:
    twin = shop(tmp_path, time="3d", stock=10, horizon="7d")
    lane = twin.network.lanes["w>c"]
    (moving,) = lane.moving.values()
    twin.network.ledger.move("A", moving.quantity, lane.account, "lost:somewhere", "nobody told")
    lane.moving.clear()
    with pytest.raises(InvariantViolation, match="0 pieces of it on lanes and at doors"):
        twin.network.audit("test")


# stock, pieces a day late by hand: 10 pieces ordered on day 6, due on day 8, run until day 10
@pytest.mark.parametrize(("stock", "late", "fill"), [(4, 12.0, 0.4), (1, 18.0, 0.1), (9, 2.0, 0.9), (10, 0.0, 1.0)])
def test_each_piece_is_late_by_its_own_delivery(tmp_path: Path, stock: int, late: float, fill: float) -> None:
    kpis = shop(tmp_path, stock=stock, more="partial: true, late_penalty: 1/pcs/d").result().kpis
    assert (kpis["late_cost"], kpis["fill_rate"]) == (late, fill)
    assert kpis["otif"] == (stock == 10)


def test_per_order_the_whole_penalty_runs_until_it_is_complete(tmp_path: Path) -> None:
    kpis = shop(tmp_path, more="partial: true, late_penalty: 3/order/d").result().kpis
    assert kpis["late_cost"] == 6.0


# orders of 10 a day from day 1 on; n of them are due by the horizon and `stock` pieces serve whole ones
@pytest.mark.parametrize(
    ("stock", "days", "due", "patience"), [(100, 41, 39, "1d"), (15, 10, 8, "6h"), (45, 12, 10, "1min")]
)
def test_what_is_cancelled_was_ordered_and_not_filled(
    tmp_path: Path, stock: int, days: int, due: int, patience: str
) -> None:
    more = f"patience: {patience}, late_penalty: 5/pcs/d"
    twin = shop(tmp_path, f"{days}d", every="1d", stock=stock, more=more)
    kpis = twin.result().kpis
    assert kpis["fill_rate"] == pytest.approx(stock // 10 / due)
    assert kpis["otif"] == pytest.approx(stock // 10 / due)
    rows = twin.result().tables["orders"]
    assert set(rows["ordered"]) == {10} == set(rows["quantity"])
    assert rows["late_ms"] == [0] * len(rows["late_ms"])


def test_patience_takes_what_has_not_left_and_leaves_what_is_delivered(tmp_path: Path) -> None:
    twin = shop(tmp_path, every="4d", stock=7, more="partial: true, patience: 12h, late_penalty: 1/pcs/d")
    first, second = twin.network.book.customer_orders()[:2]
    assert (first.delivered, first.cancelled, first.state) == (7, 3, "done")
    assert (second.delivered, second.cancelled, second.state) == (0, 10, "cancelled")
    kpis = twin.result().kpis
    assert (kpis["orders_served"], kpis["otif"], kpis["late_cost"]) == (0, 0, 0)
    assert kpis["fill_rate"] == pytest.approx(7 / 20)


def test_without_a_due_date_nothing_is_late(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("id,at,item,quantity\na,0s,A,5\nb,1d,A,50\n")
    world = """\
items: [{id: A}]
warehouses: [{id: w, stock: {A: 5}}]
lanes: [{from: w, to: c, time: 1d}]
customers: [{id: c, served_by: [w], orders: {file: o.csv}}]
"""
    rows = ran(load(tmp_path, world, horizon="9d")).result().tables["orders"]
    assert (rows["due_ms"], rows["late_ms"], rows["late_cost_minor"]) == ([-1, -1], [0, 0], [0, 0])


WHOLE = """\
items: [{{id: F, value: 10}}, {{id: C, value: 2}}]
boms: [{{item: F, needs: {{C: 1}}}}]
plants:
  - id: p
    stock: {{C: 20}}
    replenish: {{C: {{s: 20, S: 60, from: [s]}}}}
    lines: [{{id: L, rate: {rate}/d, makes: [{{item: F, lot: {lot}, yield: {good}}}]}}]
suppliers: [{{id: s, items: {{C: {{lead: 1d, moq: {moq}, fill: {fill}}}}}}}]
warehouses: [{{id: w, stock: {{F: {stock}}}, replenish: {{F: {{s: 20, S: 50, from: [p]}}}}}}]
lanes: [{{from: s, to: p, time: 6h}}, {{from: p, to: w, time: 8h}}, {{from: w, to: c, time: 12h}}]
customers:
  - id: c
    served_by: [w]
    orders: {{every: {{exponential: 6h}}, items: {{F: 1}}, quantity: {{uniform: [1, 9]}}, due: 2d,
      late_penalty: 1/pcs/d, partial: {partial}, patience: {patience}}}
"""
AWAY = """\
disruptions:
  - {{id: l, kind: lane-closed, target: "{lane}", goods: {goods}, at: 4d, for: 1d}}
  - {{id: m, kind: lane-closed, target: "{lane}", goods: {goods}, at: 7d, for: 6h}}
  - {{id: x, kind: order-cancelled, target: c, share: 0.5, at: 6d}}
  - {{id: k, kind: stock-loss, target: w, share: 0.5, at: 5d}}
  - {{id: h, kind: quality-hold, target: w, item: F, disposition: {disposition}, at: 8d, decided_after: 1d}}
"""


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    words=st.fixed_dictionaries({
        "rate": st.sampled_from([15, 40]), "lot": st.sampled_from([1, 7, 20]), "good": st.sampled_from([1, 0.8]),
        "moq": st.sampled_from([1, 35]), "fill": st.sampled_from([1, 0.7]), "stock": st.sampled_from([0, 30]),
        "partial": st.sampled_from(["true", "false"]), "patience": st.sampled_from(["1d", "5d"]),
        "lane": st.sampled_from(["s>p", "p>w", "w>c"]), "goods": st.sampled_from(["lose", "hold", "return"]),
        "disposition": st.sampled_from(["scrap", "release"]),
    }),
    way=st.sampled_from(WAYS),
)  # fmt: skip
def test_the_equation_holds_in_any_world(tmp_path: Path, words: dict[str, object], way: str) -> None:
    loaded = load(tmp_path, WHOLE.format(**words), horizon="12d", more=AWAY.format(**words))
    twin = ran(loaded, way)
    book = twin.network.book.orders.values()
    assert {o.kind for o in book} == {"customer", "production", "transfer", "purchase"}
    assert all(equation(o) for o in book)
    for order in book:
        departed = sum(s.quantity for s in twin.network.shipments if s.order == order.id)
        if order.kind in ("customer", "transfer"):
            assert departed == order.under_way + order.delivered + order.lost
            assert order.quantity == order.ordered
