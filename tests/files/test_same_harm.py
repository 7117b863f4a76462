"""Same harm, same bound, whatever the kind is called; and no run ever serves more than the bound."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plants.definition import (
    AfterSpec,
    BomSpec,
    CustomerSpec,
    DisruptionSpec,
    FileOrderSpec,
    ItemSpec,
    LaneSpec,
    LineSpec,
    MachineSpec,
    MakeSpec,
    NetworkSpec,
    PlantSpec,
    ReplenishSpec,
    ScenarioSpec,
    SupplierItemSpec,
    SupplierSpec,
    WarehouseSpec,
)
from scenarios.feasibility.bounds import Bounds, bounds, servable
from scenarios.feasibility.outages import Outages
from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import WAYS, assemble
from sim.streams import Law, constant

DAY = 86_400.0
DAYS = 10

NETWORK = """\
version: 1
network: toy
items: [{id: A, weight_kg: 1}]
plants:
  - id: p1
    lines: [{id: L1, rate: 10/d, counts: orders, supply: unlimited, makes: [{item: A}]}]
lanes: [{from: p1, to: c1, time: 1d, cost: 1/pcs}]
customers: [{id: c1, served_by: [p1], orders: {file: orders.csv}}]
"""
ORDERS = "id,at,item,quantity,plant,due\n" + "".join(f"o{n},0s,A,1,p1,5d\n" for n in range(20))
SCENARIO = """\
version: 1
scenario: one
network: net.yaml
horizon: 10d
ways: [none]
disruptions:
"""


def found(folder: Path, *rows: str) -> tuple[Bounds, dict[str, str], int]:
    """(bounds, reasons, orders that a run really serves) of the toy network under these disruptions."""
    (folder / "net.yaml").write_text(NETWORK)
    (folder / "orders.csv").write_text(ORDERS)
    (folder / "run.yaml").write_text(SCENARIO + "".join(f"  - {row}\n" for row in rows))
    scenario = load_scenario(str(folder / "run.yaml")).scenario
    return bounds(scenario), servable(scenario), served(scenario, "none")


def served(scenario: ScenarioSpec, way: str) -> int:
    """Orders that have left complete by the horizon."""
    twin = assemble(scenario, way, 1)
    twin.env.advance(scenario.horizon_s)
    twin.finish()
    return sum(order.left_ms >= 0 for order in twin.network.book.customer_orders())


ALL_DOWN = (
    ["{id: x, kind: labour-absence, share: 1, target: p1, at: 0s}"],
    ["{id: x, kind: plant-down, target: p1, at: 0s}"],
    ["{id: x, kind: line-down, target: p1.L1, at: 0s, for: 10d}"],
    ["{id: x, kind: lane-closed, target: p1>c1, at: 0s}"],
    ["{id: x, kind: site-closed, target: p1, at: 0s}"],
    ["{id: a, kind: plant-down, target: p1, at: 0s, for: 6d}", "{id: b, kind: line-down, target: p1.L1, at: 5d}"],
    ["{id: a, kind: system-down, target: erp, at: 0s}", "{id: b, kind: plant-down, target: p1, at: 0s, until: a}"],
    ["{id: a, kind: system-down, target: p1.qms, at: 0s}", "{id: b, kind: plant-down, target: p1, after: {id: a}}"],
    ["{id: a, kind: system-down, target: p1.qms, at: 0s}", "{id: b, kind: site-closed, target: p1, after: {id: a}}"],
)


@pytest.mark.parametrize("rows", ALL_DOWN, ids=lambda rows: ", ".join(row.split(",")[1][7:] for row in rows))
def test_a_plant_out_for_good_serves_nothing_however_it_is_written(rows: list[str], tmp_path: Path):
    bound, reasons, run = found(tmp_path, *rows)
    assert (bound.servable, bound.best_days, bound.first_day_max, bound.none_served, run) == (0, 0, 0, 0, 0)
    assert all(reasons.values()) and not any("At best" in line or "Left where" in line for line in bound.lines())


def test_people_who_are_all_away_are_told_as_a_plant_that_is_down(tmp_path: Path):
    away, down = (found(tmp_path, *ALL_DOWN[n])[1]["o0"] for n in (0, 1))
    assert away == down == "only p1 makes A, and p1 is down for the whole horizon"


EIGHTH = (
    ["{id: x, kind: plant-slow, factor: 0.125, target: p1, at: 0s}"],
    ["{id: x, kind: line-slow, factor: 0.125, target: p1.L1, at: 0s}"],
    ["{id: x, kind: labour-absence, share: 0.875, target: p1, at: 0s}"],
    [
        "{id: x, kind: plant-slow, factor: 0.25, target: p1, at: 0s}",
        "{id: y, kind: labour-absence, share: 0.5, target: p1, at: 0s}",
    ],
)


@pytest.mark.parametrize("rows", EIGHTH, ids=range(len(EIGHTH)))
def test_an_eighth_of_the_speed_is_ten_orders_in_eight_days_and_factors_multiply(rows: list[str], tmp_path: Path):
    bound, _, run = found(tmp_path, *rows)
    assert (bound.servable, bound.best_days, bound.none_served, run) == (20, 16, 12, 12)


def test_what_may_end_or_may_not_happen_takes_nothing_away(tmp_path: Path):
    passing = (
        ["{id: x, kind: labour-absence, share: 1, target: p1, at: 0s, for: {exponential: 99d}}"],
        ["{id: a, kind: system-down, target: erp, at: 0s}",
         "{id: x, kind: plant-down, target: p1, after: {id: a, probability: 0.9}}"],
        ["{id: a, kind: quality-hold, item: A, target: p1, at: 1s}",
         "{id: x, kind: plant-down, target: p1, at: 0s, until: a}"],
        ["{id: x, kind: plant-down, target: p1, at: 0s, for: 5d}", "{id: y, kind: plant-down, target: p1, at: 5d}"],
    )  # fmt: skip
    for rows in passing:
        bound, _, run = found(tmp_path, *rows)
        assert bound.servable == 20 >= run
        assert "Taken as over in time" in bound.note, rows


def test_what_speeds_up_counts_as_if_it_were_always_on(tmp_path: Path):
    bound, _, _ = found(tmp_path, "{id: x, kind: line-slow, factor: 2, target: p1.L1, at: 3d, for: 1d}")
    assert (bound.best_days, bound.first_day_max) == (1, 20)


def machines(*parallel: int) -> ScenarioSpec:
    """One plant with one line of such machines."""
    built = tuple(MachineSpec(f"m{n}", constant(3600.0), parallel=count) for n, count in enumerate(parallel))
    line = LineSpec("L1", (MakeSpec("A"),), machines=built, buffers=(0,) * (len(built) - 1), supply_unlimited=True)
    return network((PlantSpec("p", lines=(line,)),), (LaneSpec("p", "c", constant(DAY)),), orders(4, ("p",)))


def network(plants: tuple[PlantSpec, ...], lanes: tuple[LaneSpec, ...], rows: tuple[FileOrderSpec, ...], **more):
    customer = CustomerSpec("c", tuple(plant.id for plant in plants), orders=rows)
    net = NetworkSpec("n", items=(ItemSpec("A"),), plants=plants, lanes=lanes, customers=(customer,), **more)
    return ScenarioSpec("s", net, horizon_s=DAYS * DAY, ways=WAYS)


def orders(count: int, plants: tuple[str, ...]) -> tuple[FileOrderSpec, ...]:
    return tuple(FileOrderSpec(f"o{n}", 0, "A", 1, 5 * 86_400_000, plant=plants[n % len(plants)]) for n in range(count))


@pytest.mark.parametrize(
    ("parallel", "machine", "out"), [((1,), "m0", True), ((2, 1), "m0", False), ((2, 1), "m1", True)]
)
def test_a_machine_without_another_beside_it_stops_its_line(parallel: tuple[int, ...], machine: str, out: bool):
    scenario = machines(*parallel)
    broken = replace(scenario, disruptions=(DisruptionSpec("x", "machine-down", f"p.L1.{machine}"),))
    down = replace(scenario, disruptions=(DisruptionSpec("x", "line-down", "p.L1"),))
    assert bounds(broken).servable == (0 if out else 4)
    assert (servable(broken) == servable(down)) == out
    assert (served(broken, "none") == 0) == out


def test_stock_is_served_from_a_plant_that_is_down(tmp_path: Path):
    scenario = machines(1)
    plant = replace(scenario.network.plants[0], stock={"A": 3})
    stopped = replace(
        scenario,
        network=replace(scenario.network, plants=(plant,)),
        disruptions=(DisruptionSpec("x", "plant-down", "p"),),
    )
    assert served(stopped, "none") == 3
    assert bounds(stopped).servable == 4 and bounds(stopped).best_days is None


def bought(*rows: DisruptionSpec, **stock: int) -> ScenarioSpec:
    """A plant that makes A of B, which only a supplier has; three orders."""
    line = LineSpec("L1", (MakeSpec("A"),), rate_per_day=10.0, counts="orders")
    rule = ReplenishSpec("sS", ("s",), s=5, big_s=10)
    plants = (PlantSpec("p", lines=(line,), replenish={"B": rule}, stock=dict(stock)),)
    lanes = (LaneSpec("s", "p", constant(DAY)), LaneSpec("p", "c", constant(DAY)))
    scenario = network(plants, lanes, orders(3, ("p",)))
    more = replace(
        scenario.network,
        items=(ItemSpec("A"), ItemSpec("B")),
        boms=(BomSpec("A", {"B": 1}),),
        suppliers=(SupplierSpec("s", {"B": SupplierItemSpec(constant(DAY))}),),
    )
    return replace(scenario, network=more, disruptions=rows)


def test_a_component_that_nobody_hands_over_is_missing_however_that_is_written():
    down, closed = DisruptionSpec("x", "supplier-down", "s"), DisruptionSpec("x", "lane-closed", "s>p")
    for scenario, can in ((bought(), 3), (bought(down), 0), (bought(closed), 0), (bought(down, B=5), 3)):
        assert bounds(scenario).servable == served(scenario, "none") == can
    assert servable(bought(down))["o0"] == "only p makes A, and no B can come to p: s is down for the whole horizon"
    assert servable(bought(closed))["o0"] == "only p makes A, and no B can come to p"
    late = DisruptionSpec("x", "supplier-down", "s", duration=constant(5 * DAY))
    assert bounds(bought(late)).servable == served(bought(late), "none") == 3


def test_goods_that_are_bought_and_sold_are_missing_when_their_seller_is_down():
    rule = ReplenishSpec("sS", ("s",), s=5, big_s=10)
    lanes = (LaneSpec("s", "h", constant(DAY)), LaneSpec("h", "c", constant(DAY)))
    rows = tuple(FileOrderSpec(f"o{n}", 0, "A", 1, 5 * 86_400_000) for n in range(3))
    house, seller = WarehouseSpec("h", replenish={"A": rule}), SupplierSpec("s", {"A": SupplierItemSpec(constant(DAY))})
    scenario = network((), lanes, rows, warehouses=(house,), suppliers=(seller,))
    customer = replace(scenario.network.customers[0], served_by=("h",))
    scenario = replace(scenario, network=replace(scenario.network, customers=(customer,)))
    down = replace(scenario, disruptions=(DisruptionSpec("x", "supplier-down", "s"),))
    assert bounds(scenario).servable == served(scenario, "none") == 3
    assert bounds(down).servable == served(down, "none") == 0
    assert servable(down)["o0"] == "no plant makes A, and s is down for the whole horizon"


def test_a_component_made_of_itself_comes_from_nowhere():
    scenario = bought(DisruptionSpec("x", "supplier-down", "s"))
    loop = replace(scenario.network, boms=(BomSpec("A", {"B": 1}), BomSpec("B", {"A": 1})))
    makes = (MakeSpec("A"), MakeSpec("B"))
    plant = replace(loop.plants[0], lines=(replace(loop.plants[0].lines[0], makes=makes),))
    assert bounds(replace(scenario, network=replace(loop, plants=(plant,)))).servable == 0


def test_a_follower_without_delay_begins_before_anything_else_of_that_instant():
    scenario = machines(1)
    plant = replace(scenario.network.plants[0], stock={"A": 4})
    first = DisruptionSpec("a", "system-down", "erp")
    rows = {
        "at": DisruptionSpec("b", "site-closed", "p", 0.0),
        "after": DisruptionSpec("b", "site-closed", "p", None, after=AfterSpec("a")),
    }
    net = replace(scenario.network, plants=(plant,))
    for closed in rows.values():
        case = replace(scenario, network=net, disruptions=(first, closed))
        assert (bounds(case).servable, served(case, "none")) == (0, 0)


# --- any small network, any disruptions ---------------------------------------------------------------------------
TARGETS = {
    "plant-down": ("p", "q"),
    "line-down": ("p.L1", "p.L2", "q.L1"),
    "plant-slow": ("p", "q"),
    "line-slow": ("p.L1", "q.L1"),
    "labour-absence": ("p", "q"),
    "site-closed": ("p", "q", "h"),
    "lane-closed": ("p>c", "p>h", "h>c", "q>c", "s>p"),
    "lane-slow": ("p>c",),
    "supplier-down": ("s",),
}
Draw = st.DrawFn


@st.composite
def scenarios(draw: Draw) -> ScenarioSpec:
    """Two plants that make A (of B, which is bought), one with a way round over a house; some start with stock; three
    disruptions that may hang on each other."""
    rates, stock = st.sampled_from((1.0, 2.5, 7.0)), st.sampled_from(({}, {}, {"B": 4}, {"A": 2}))
    free = draw(st.booleans())
    rule = {} if free else {"B": ReplenishSpec("sS", ("s",), s=5, big_s=30)}

    def line(name: str) -> LineSpec:
        return LineSpec(name, (MakeSpec("A"),), rate_per_day=draw(rates), counts="orders", supply_unlimited=free)

    plants = tuple(
        PlantSpec(name, lines=tuple(map(line, lines)), replenish=rule, stock=draw(stock))
        for name, lines in (("p", ("L1", "L2")), ("q", ("L1",)))
    )
    pairs = [("p", "c"), ("p", "h"), ("h", "c"), ("q", "c"), ("s", "p"), ("s", "q")]
    lanes = tuple(LaneSpec(a, b, constant(draw(st.sampled_from((0.0, 1.0, 2.0))) * DAY)) for a, b in pairs)
    rows = orders(draw(st.integers(1, 40)), ("p", "q"))
    scenario = network(plants, lanes, rows, warehouses=(WarehouseSpec("h"),))
    more = replace(
        scenario.network,
        items=(ItemSpec("A"), ItemSpec("B")),
        boms=(BomSpec("A", {"B": 1}),),
        suppliers=(SupplierSpec("s", {"B": SupplierItemSpec(constant(DAY))}),),
    )
    happens = tuple(draw(disruptions(n)) for n in range(draw(st.integers(1, 3))))
    return replace(scenario, network=more, disruptions=happens)


@st.composite
def disruptions(draw: Draw, n: int) -> DisruptionSpec:
    kind = draw(st.sampled_from(sorted(TARGETS)))
    extra: dict[str, object] = {}
    if kind.endswith("slow"):
        extra["factor"] = draw(st.sampled_from((0.1, 0.5, 2.0)))
    elif kind == "labour-absence":
        extra["share"] = draw(st.sampled_from((0.0, 0.3, 1.0)))
    lasting = (None, constant(4 * DAY), constant(DAYS * DAY), Law("exponential", (5 * DAY,)))
    d = DisruptionSpec(
        f"x{n}", kind, draw(st.sampled_from(TARGETS[kind])), draw(st.sampled_from((0.0, 0.0, 3.0))) * DAY,
        draw(st.sampled_from(lasting)), extra=extra,
    )  # fmt: skip
    if n and draw(st.booleans()):
        delay = constant(draw(st.sampled_from((0.0, DAY))))
        after = AfterSpec(f"x{n - 1}", delay, draw(st.sampled_from((0.5, 1.0))))
        d = replace(d, at_s=None, after=after)
    if n and draw(st.booleans()):
        d = replace(d, duration=None, until=f"x{n - 1}")
    return d


@settings(derandomize=True, max_examples=40, deadline=None)
@given(scenarios())
def test_no_way_of_working_serves_more_than_the_bound(scenario: ScenarioSpec):
    bound, stuck = bounds(scenario), {order for order, reason in servable(scenario).items() if reason}
    for way in WAYS:
        twin = assemble(scenario, way, 1)
        twin.env.advance(scenario.horizon_s)
        twin.finish()
        left = [order for order in twin.network.book.customer_orders() if order.left_ms >= 0]
        assert bound.servable is not None and len(left) <= bound.servable
        assert not stuck & {order.id for order in left}
        if bound.first_day_max is not None:
            assert sum(order.left_ms <= DAY * 1000 for order in left) <= bound.first_day_max
        if bound.best_days is not None and len(left) == bound.servable and left:
            assert max(order.left_ms for order in left) > (bound.best_days - 1) * DAY * 1000
        if way == "none" and bound.none_served is not None:
            assert len(left) <= bound.none_served


@settings(derandomize=True, max_examples=60, deadline=None)
@given(scenarios(), st.sampled_from((0.0, 0.3, 0.5, 1.0)))
def test_the_same_harm_by_another_name_gives_the_same_bound(scenario: ScenarioSpec, share: float):
    lasts = scenario.disruptions[0]
    absent = replace(lasts, kind="labour-absence", target="p", extra={"share": share})
    slow = replace(lasts, kind="plant-slow", target="p", extra={"factor": float(1 - Fraction(str(share)))})
    lines = tuple(replace(slow, id=f"{lasts.id}{n}", kind="line-slow", target=f"p.L{n}") for n in (1, 2))
    spellings = [(absent,), (slow,), lines]
    if share == 1.0:
        spellings += [(replace(slow, kind="plant-down", extra={}),)]
        spellings += [tuple(replace(line, kind="line-down", extra={}) for line in lines)]
    seen = [replace(scenario, disruptions=spelling) for spelling in spellings]
    answers = [bounds(each) for each in seen]
    numbers = [(b.servable, b.best_days, b.first_day_max, b.none_served, b.none_days) for b in answers]
    assert len(set(numbers)) == 1
    assert len({tuple(Outages(each).best("line", f"p.L{n}") for n in (1, 2)) for each in seen}) == 1
