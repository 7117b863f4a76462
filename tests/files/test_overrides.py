"""`--set` and `--scale`: one value, or every value that a path means, over a scenario or its network."""

from pathlib import Path
from typing import Any

import pytest

from scenarios.errors import InputError
from scenarios.files.loader import Loaded, load_network, load_scenario
from scenarios.files.overrides import scaled

NETWORK = """\
version: 1
network: n
calendars: [{id: day, week: {mon-fri: "06:00-22:00"}}]
items: [{id: A, value: 10, weight_kg: 0.5}, {id: B}]
boms: [{item: A, needs: {B: 2}}]
suppliers: [{id: sup, items: {B: {lead: 2d, capacity: 100/d, price: 1.5}}}]
plants:
  - id: p
    calendar: day
    stock: {B: 100}
    replenish: {B: {s: 11, S: 90, from: [sup]}}
    lines: [{id: L, machines: [{id: m, cycle: {lognormal: {mean: 30s, cv: 0.2}}}], makes: [{item: A, lot: 5}]}]
warehouses:
  - {id: w1, stock: {A: 5}, replenish: {A: {s: 10, S: 25, from: [p]}}}
  - {id: w2, stock: {A: 5}, replenish: {A: {r: 7, q: 25, from: [p]}}}
lanes:
  - {from: sup, to: p, time: 1d}
  - {from: p, to: [w1, w2], time: 2d, cost: 1.9/pcs}
  - {from: w1, to: c, time: 2h, cost: 35/shipment}
  - {from: w2, to: c, time: 2h, mode: sea}
  - {from: w2, to: c, time: 1h, mode: air}
customers:
  - {id: c, served_by: [w1, w2], orders: {every: 1d, items: {A: 1}, quantity: 3, due: 4d, late_penalty: 2/pcs/d}}
people: [{role: planner, approves: 0.5}]
"""
SCENARIO = """\
version: 1
scenario: s
network: net.yaml
horizon: 20d
disruptions: [{id: x, kind: supplier-down, target: sup, at: 2d, for: 3d}]
"""


@pytest.fixture
def load(tmp_path: Path) -> Any:
    (tmp_path / "net.yaml").write_text(NETWORK)
    (tmp_path / "sc.yaml").write_text(SCENARIO)

    def loaded(*sets: str) -> Loaded:
        return load_scenario("sc.yaml", sets, tmp_path)

    return loaded


def test_a_value_of_the_network_is_set_by_ids(load: Any) -> None:
    net = load(
        "network.warehouses.w1.replenish.A.s=4", "network.items.B.value=7.5", "network.boms.A.needs.B=3",
        "network.plants.p.lines.L.makes.A.lot=8", "network.plants.p.lines.L.machines.m.cycle={exponential: 12s}",
        "network.lanes.w1>c.time=5h", "network.lanes.w2>c:air.cost=7/shipment", "network.people.planner.approves=1",
        "network.suppliers.sup.items.B.moq=12", "network.customers.0.orders.quantity=9", "horizon=4d",
    )  # fmt: skip
    world = net.network
    assert net.scenario.horizon_s == 4 * 86_400
    assert world.warehouses[0].replenish["A"].s == 4 and world.items[1].value_minor == 750
    assert world.boms[0].needs == {"B": 3} and world.plants[0].lines[0].makes[0].lot == 8
    assert world.plants[0].lines[0].machines[0].cycle.kind == "exponential"
    lanes = {lane.id: lane for lane in world.lanes}
    assert lanes["w1>c"].time.mean == 5 * 3600 and lanes["w2>c:air"].tariff.per_shipment_minor == 700
    assert lanes["w2>c:sea"].tariff.per_shipment_minor == 0
    assert world.people[0].approves == 1 and world.suppliers[0].items["B"].moq == 12
    assert world.customers[0].stream.quantity.mean == 9


@pytest.mark.parametrize(
    ("path", "factor", "want"),
    [
        ("network.warehouses.*.replenish.*.s", "1.26", {"s": (13, 0), "r": (0, 7)}),  # 12.6; w2 has no s
        ("network.warehouses.w1.replenish.A.s", "0.25", {"s": (2, 0)}),  # 2.5 to even
        ("network.warehouses.w1.replenish.A.s", "0.35", {"s": (4, 0)}),  # 3.5 to even
        ("network.warehouses.w1.replenish.A.s", "0", {"s": (0, 0)}),
        ("network.warehouses.*.stock.*", "10", {"stock": (50, 50)}),
    ],
)
def test_pieces_are_multiplied_and_stay_whole(load: Any, path: str, factor: str, want: dict[str, Any]) -> None:
    houses = load(scaled(f"{path}={factor}")).network.warehouses
    found = {
        "s": tuple(w.replenish["A"].s for w in houses),
        "r": tuple(w.replenish["A"].r for w in houses),
        "stock": tuple(w.stock["A"] for w in houses),
    }
    assert {key: found[key] for key in want} == want


def test_what_has_a_unit_keeps_it(load: Any) -> None:
    paths = {
        "network.lanes.*.time": "1.5", "network.suppliers.*.items.*.capacity": "1.1",
        "network.suppliers.*.items.*.price": "3",
        "network.lanes.w1>c.cost": "0.5", "network.plants.*.lines.*.machines.*.cycle.lognormal.mean": "0.9",
        "network.items.A.value": "1.25", "network.customers.*.orders.late_penalty": "100", "horizon": "0.5",
        "disruptions.*.for": "2",
    }  # fmt: skip
    loaded = load(*(scaled(f"{path}={factor}") for path, factor in paths.items()))
    world = loaded.network
    assert [lane.time.mean / 3600 for lane in world.lanes] == [36, 72, 72, 3, 3, 1.5]
    offer = world.suppliers[0].items["B"]
    assert offer.capacity_per_day == pytest.approx(110) and offer.price_micro == 4_500_000
    assert {lane.id: lane.tariff.per_shipment_minor for lane in world.lanes}["w1>c"] == 1750
    assert world.plants[0].lines[0].machines[0].cycle.mean == 27.0
    assert world.items[0].value_minor == 1250 and world.customers[0].stream.penalty_minor == 20_000
    assert loaded.scenario.horizon_s == 10 * 86_400 and loaded.scenario.disruptions[0].duration.mean == 6 * 86_400


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("network.warehouses.w3.stock.A=4", ":1:1: warehouses: no element 'w3'. allowed: w1, w2"),
        ("network.warehouses.w1.replenish.A.s=40", "s 40 is above S 25. allowed: s at most S"),
        ("network.warehouses.w1.stock.A=-4", "A=-4:1:31: warehouses.w1.stock.A: -4 is negative"),
        ("network.lanes.w2>c.time=1h", None),
        ("network.lanes.p>w1.time=1h", "no element 'p>w1'. allowed: sup>p, 1, w1>c, w2>c:sea, w2>c:air"),
        ("network.items.A.colour=red", "items.A.colour: unknown key 'colour'"),
        ("network.items.C.value*=2", "--scale network.items.C.value=2:1:1: items: no element 'C'. allowed: A, B"),
        ("network.items.A.price*=2", "items.A: 'price' leads nowhere. allowed: id, value, weight_kg"),
        ("network.items.*.price*=2", "items.*.price: nothing is there. allowed: a path to what the file gives"),
        ("network.items.A.id*=2", "items.0.id: 'A' cannot be multiplied. allowed: a number, with its unit or without"),
        ("network.calendars.day.week.mon-fri*=2", "'06:00-22:00' cannot be multiplied"),
        ("network.items.A.value*=-2", "'-2' is not a factor. allowed: a number of at least 0, as 1.2"),
        ("network.items.A.value*=nan", "'nan' is not a factor"),
        ("network.items.A.value*=", "the value is empty"),
        ("network.items.A.value*=1e12", "is too large. allowed: at most 1000000000000"),
        ("network.version=9", "version 9 is newer"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_at_the_override(load: Any, text: str, said: str | None) -> None:
    if said is None:
        load(text)  # the first of the two lanes
        return
    with pytest.raises(InputError) as refused:
        load(text)
    assert said in str(refused.value)


def test_a_network_alone_takes_what_is_its_own(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(NETWORK)
    assert load_network(tmp_path / "net.yaml", ["network.items.A.value=3"]).network.items[0].value_minor == 300
    with pytest.raises(InputError, match=r"--set items.A.value=3:1:1: this would set a scenario"):
        load_network(tmp_path / "net.yaml", ["items.A.value=3"])
