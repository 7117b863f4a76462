"""What running a network costs, worked out by hand."""

from pathlib import Path

import pytest

from scenarios.runs.replication import Replication
from tests.common.worlds import load, ran

YEAR_D = 365.0


def result(folder: Path, network: str, horizon: str = "90d", warmup: str = "0d", more: str = "") -> Replication:
    return ran(load(folder, network, horizon, warmup, more)).result()


def parts(kpis: dict[str, float | None]) -> float:
    """The components of total_cost, added up."""
    names = ("late_cost", "lost_sales", "lane_cost", "handling_cost", "purchase_variance", "conversion_variance",
             "setup_cost", "carrying_cost", "write_offs", "expedite_cost", "contract_fees")  # fmt: skip
    return sum(kpis[name] or 0.0 for name in names)


CHAIN = """\
items: [{{id: A, {item}}}]
suppliers: [{{id: sup, items: {{A: {{lead: 1d, price: {price}}}}}}}]
warehouses: [{{id: w, stock: {{A: {stock}}}, replenish: {{A: {{s: {s}, S: {stock}, from: [sup]}}}}}}]
lanes: [{{from: sup, to: w, time: 10d, cost: 2/pcs}}, {{from: w, to: c, time: 1d, cost: 1/pcs}}]
customers:
  - {{id: c, served_by: [w], orders: {{every: 12h, items: {{A: 1.0}}, quantity: 20, due: 2d, late_penalty: 10/pcs/d}}}}
{more}
"""


def chain(stock: int = 1000, price: float = 70, item: str = "value: 100", more: str = "", s: int = 0) -> str:
    return CHAIN.format(item=item, price=price, stock=stock, s=s or stock - 100, more=more)


def owned_piece_days(of: Replication, opening: int) -> float:
    """Pieces owned x days: from the opening stock, what suppliers handed over and what customers received."""
    table, end = of.tables["shipments"], of.horizon_ms
    rows = list(zip(*(table[name] for name in ("kind", "quantity", "departed_ms", "received_ms")), strict=True))
    bought = sum(n * (end - left) for kind, n, left, _ in rows if kind == "purchase")
    sold = sum(n * (end - came) for kind, n, _, came in rows if kind == "customer" and came >= 0)
    return (opening * end + bought - sold) / 86_400_000


@pytest.mark.parametrize(("stock", "price", "carrying"), [(1000, 70, 0.2), (10_000, 70, 0.2), (1500, 130, 0.07)])
def test_stock_costs_its_carrying_and_a_price_beyond_the_standard_its_variance(
    tmp_path: Path, stock: int, price: int, carrying: float
) -> None:
    of = result(tmp_path, chain(stock, price, more=f"costs: {{carrying: {100 * carrying:g}%/a}}"))
    shipments = of.tables["shipments"]
    received = sum(
        n for kind, n, at in zip(shipments["kind"], shipments["quantity"], shipments["received_ms"], strict=True)
        if kind == "purchase" and at >= 0
    )  # fmt: skip
    assert received > 2000
    assert of.kpis["purchase_variance"] == (price - 100) * received
    assert of.kpis["carrying_cost"] == pytest.approx(100 * carrying / YEAR_D * owned_piece_days(of, stock))
    assert of.kpis["total_cost"] == pytest.approx(parts(of.kpis))


def test_ten_times_the_stock_and_a_hundred_times_the_price_are_dearer(tmp_path: Path) -> None:
    """10,000 pieces instead of 1,000: 8,588.9 more in hand on average (8,623.3 more in stock, 34.4 fewer on the
    way), for 90 days at 20 a year each: 42,356.16 more. The price: 3,100 pieces received x 6,930."""
    costs = {}
    for name, network in {"one": chain(), "ten": chain(10_000, s=9000), "dear": chain(price=7000)}.items():
        (tmp_path / name).mkdir()
        costs[name] = result(tmp_path / name, network).kpis
    more = {name: costs[name]["carrying_cost"] - costs["one"]["carrying_cost"] for name in costs}  # type: ignore[operator]
    assert more["ten"] == pytest.approx(42_356.16, abs=0.01) and more["dear"] == 0
    assert costs["one"]["purchase_variance"] == -30 * 3100 and costs["dear"]["purchase_variance"] == 6900 * 3100
    assert costs["ten"]["total_cost"] > costs["one"]["total_cost"]  # type: ignore[operator]
    assert costs["dear"]["total_cost"] - costs["one"]["total_cost"] == 6930 * 3100  # type: ignore[operator]


IDLE = """\
items: [{id: A, value: 50}, {id: B}, {id: C}]
suppliers: [{id: sup, items: {B: {lead: 1d, price: 7}}}]
warehouses: [{id: w, stock: {A: 100, B: 1000, C: 5000}}]
lanes: [{from: sup, to: w, time: 1d}]
"""


def test_what_lies_still_costs_its_share_of_the_year(tmp_path: Path) -> None:
    """73 days are a fifth of a year: (100 x 50 + 1000 x 7) x 20 % x 0.2 = 480; nothing is known of what C is worth."""
    kpis = result(tmp_path, IDLE, "83d", "10d").kpis
    assert kpis["carrying_cost"] == pytest.approx(480.0)
    assert kpis["total_cost"] == pytest.approx(480.0)
    assert kpis["stock"] == 6100


MADE = """\
items: [{id: P, value: 40}, {id: Q}, {id: C, value: 3}, {id: D, value: 0.5}]
boms: [{item: P, needs: {C: 4, D: 2}}, {item: Q, needs: {P: 1, C: 1}}]
plants:
  - id: n
    stock: {C: 5000, D: 5000}
    handling: 0.25/pcs
    lines:
      - id: L1
        rate: 240/d
        makes: [{item: P, lot: 10, cost: 11, setup_cost: 30}, {item: Q, lot: 5, cost: 2.5, setup_cost: 70}]
lanes: [{from: n, to: c, time: 6h, cost: 3/shipment}]
customers: [{id: c, served_by: [n], orders: {file: o.csv}}]
"""


def test_making_costs_its_variance_and_its_setups(tmp_path: Path) -> None:
    """P: 11 + 4 x 3 + 2 x 0.5 - 40 = -16 a piece. Q has no value: its standard is its components and conversion, 40 + 3
    + 2.5 = 45.5, and it varies by nothing. Orders: 20 P, 10 Q (of 10 P), 10 P: P 40 pieces, Q 10; set up for P first,
    then for Q and for P as they take turns."""
    (tmp_path / "o.csv").write_text("id,at,item,quantity,due\na,0h,P,20,9d\nb,8h,Q,10,9d\nc,2d,P,10,9d\n")
    of = result(tmp_path, MADE, "9d")
    orders = dict(zip(of.tables["orders"]["order"], of.tables["orders"]["delivered"], strict=True))
    assert [orders[i] for i in "abc"] == [20, 10, 10]
    assert of.kpis["conversion_variance"] == pytest.approx(-16 * 40)
    assert of.kpis["setup_cost"] == 30 + 70 + 30  # P (the 10 for Q follow the 20), Q, P again
    assert of.kpis["handling_cost"] == 0.25 * 40 and of.kpis["lane_cost"] == 9
    assert of.kpis["total_cost"] == pytest.approx(parts(of.kpis))


def by_place(of: Replication, kpi: str, dimension: str) -> dict[str, float | None]:
    table = of.tables["kpis"]
    rows = zip(table["kpi"], table["dimension"], table["id"], table["value"], strict=True)
    return {place: value for name, what, place, value in rows if (name, what) == (kpi, dimension)}


def test_lost_and_unsold_goods_cost_what_they_are_worth(tmp_path: Path) -> None:
    """The lane loses 20 pieces of 100 each on the first day; 40 are not to be had and taken back at a price of 130."""
    network = chain(60, item="value: 100, price: 130", s=1).replace(", replenish: {A: {s: 1, S: 60, from: [sup]}}", "")
    network = network.replace("due: 2d", "due: 2d, patience: 1d").replace("every: 12h", "every: 3d")
    of = result(
        tmp_path, network, "16d",
        more="disruptions: [{id: x, kind: lane-closed, target: w>c, at: 73h, for: 2h, goods: lose}]",
    )  # fmt: skip
    assert of.kpis["write_offs"] == 100 * (of.kpis["pieces_lost"] or 0) == 2000
    cancelled = sum(of.tables["orders"]["cancelled"])
    assert cancelled >= 20 and of.kpis["lost_sales"] == 130 * cancelled
    assert by_place(of, "write_offs", "item") == {"A": 2000}
    assert by_place(of, "pieces_lost", "lane") == {"sup>w": 0, "w>c": 20}
    assert by_place(of, "lost_sales", "customer") == {"c": 130 * cancelled}
    delivered = sum(of.tables["orders"]["delivered"])
    assert of.kpis["margin"] == pytest.approx(30 * delivered - (parts(of.kpis) - 130 * cancelled))


def test_places_add_up_to_the_whole(tmp_path: Path) -> None:
    of = result(tmp_path, chain(), warmup="9d")
    sums = {"lane_cost": ("lane", "item"), "carrying_cost": ("item",), "late_cost": ("customer", "item", "warehouse"),
            "total_cost": ("item",), "orders_total": ("customer", "warehouse"), "stock": ("warehouse",),
            "in_transit": ("lane",), "purchase_variance": ("supplier",)}  # fmt: skip
    for kpi, dimensions in sums.items():
        for dimension in dimensions:
            there = by_place(of, kpi, dimension)
            assert sum(v or 0 for v in there.values()) == pytest.approx(of.kpis[kpi]), (kpi, dimension)
    assert by_place(of, "otif", "customer") == {"c": of.kpis["otif"]}
