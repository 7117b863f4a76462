"""Supply that comes from nowhere, and room that does not suffice: refused with the circle or both numbers named."""

from pathlib import Path

import pytest

from plants import definition as d
from scenarios.errors import InputError
from scenarios.feasibility.checks import check_scenario
from scenarios.files.loader import LoadedNetwork, load_network
from scenarios.twin.assembly import assemble
from sim.streams import constant
from sync.vocabulary.errors import Refused


def load(folder: Path, body: str) -> LoadedNetwork:
    (folder / "net.yaml").write_text("version: 1\nnetwork: n\n" + body)
    return load_network(folder / "net.yaml")


def said(folder: Path, body: str) -> list[str]:
    """The faults of a network, without their places."""
    with pytest.raises(InputError) as refused:
        load(folder, body)
    return [fault.message for fault in refused.value.faults]


def houses(*rules: str, suppliers: str = "") -> str:
    """Warehouses w1, w2, ... with rules `s: 20, S: 50` of item A; each reaches every other, and w1 the customer."""
    sites = [f"w{n}" for n in range(1, len(rules) + 1)]
    stores = "".join(
        f"  - {{id: {site}, stock: {{A: 50}}"
        + (f", replenish: {{A: {{s: 20, S: 50, from: [{rule}]}}}}" if rule else "")
        + "}\n"
        for site, rule in zip(sites, rules, strict=True)
    )
    lanes = "".join(f"  - {{from: {a}, to: {b}, time: 1h}}\n" for a in sites for b in sites if a != b)
    return (
        "items: [{id: A}]\n"
        + ("suppliers: [{id: sup, items: {A: {lead: 2d}}}]\n" if suppliers else "")
        + f"warehouses:\n{stores}lanes:\n{lanes}  - {{from: w1, to: cu, time: 1h}}\n"
        + (f"  - {{from: sup, to: [{', '.join(sites)}], time: 1d}}\n" if suppliers else "")
        + "customers: [{id: cu, served_by: [w1], orders: {every: 1d, items: {A: 1}, quantity: 10, due: 2d}}]\n"
    )


ALLOWED = "allowed: a first source that leads to a supplier, or to a plant that makes it"


@pytest.mark.parametrize(
    ("rules", "circle"),
    [
        (("w2", "w1"), "w1 > w2 > w1"),
        (("w2", "w3", "w1"), "w1 > w2 > w3 > w1"),
        (("w2", "w3", "w2"), "w2 > w3 > w2"),  # w1 hangs on a circle that it is not part of
        (("w4", "", "w2", "w3, w1", "w4"), ""),
        (("w2", "w3", "w4", "w5", "w2"), "w2 > w3 > w4 > w5 > w2"),
    ],
)
def test_a_circle_of_warehouses_is_named(tmp_path: Path, rules: tuple[str, ...], circle: str) -> None:
    if circle:
        want = [f"'A' goes round in a circle and comes from nowhere: {circle}. {ALLOWED}"]
        assert said(tmp_path, houses(*rules)) == want
    else:
        load(tmp_path, houses(*rules))  # w2 has finite stock that nothing replenishes: it runs dry, and ends


@pytest.mark.parametrize("rules", [("sup, w2", "w1, sup"), ("w2", "sup"), ("w3, w2", "w1", "sup, w2")])
def test_a_supplier_that_is_asked_first_somewhere_opens_the_circle(tmp_path: Path, rules: tuple[str, ...]) -> None:
    load(tmp_path, houses(*rules, suppliers="yes"))


def test_a_supplier_behind_the_circle_is_asked_by_nobody(tmp_path: Path) -> None:
    """ERP orders by the first source, in every way of working."""
    assert said(tmp_path, houses("w2, sup", "w1, sup", suppliers="yes")) == [
        f"'A' goes round in a circle and comes from nowhere: w1 > w2 > w1. {ALLOWED}"
    ]


PLANTS = """\
items: [{id: A}, {id: B}]
BOM
plants:
  - {id: p1, stock: {A: 50, B: 50}, replenish: {R1}, lines: [{id: L, rate: 100/d, makes: [{item: A}]}]}
  - {id: p2, stock: {A: 50, B: 50}, replenish: {R2}, lines: [{id: L, rate: 100/d, makes: [{item: M2}]}]}
lanes:
  - {from: p1, to: [p2, cu], time: 1h}
  - {from: p2, to: p1, time: 1h}
customers: [{id: cu, served_by: [p1], orders: {every: 1d, items: {A: 1}, quantity: 10, due: 2d}}]
"""


def plants(first: str, second: str, bom: str = "", second_makes: str = "A") -> str:
    text = PLANTS.replace("{R1}", f"{{{first}}}").replace("{R2}", f"{{{second}}}")
    return text.replace("BOM\n", f"boms: [{bom}]\n" if bom else "").replace("M2", second_makes)


def test_plants_that_make_an_item_and_fetch_it_from_each_other_make_none(tmp_path: Path) -> None:
    rules = "A: {review: 1d, S: 50, from: [p2]}", "A: {review: 1d, S: 50, from: [p1]}"
    assert said(tmp_path, plants(*rules)) == [
        f"'A' goes round in a circle and comes from nowhere: p1 > p2 > p1. {ALLOWED}"
    ]
    load(tmp_path, plants(rules[0], "A: {review: 1d, S: 50, from: [p2]}"))  # p2 makes to stock
    load(tmp_path, plants(rules[0], ""))  # p2 makes to order


def test_a_circle_may_lead_through_a_component(tmp_path: Path) -> None:
    rules = "B: {s: 5, S: 9, from: [p2]}", "B: {s: 5, S: 9, from: [p1]}"
    want = [f"'B' goes round in a circle and comes from nowhere: p1 > p2 > p1. {ALLOWED}"]
    assert said(tmp_path, plants(*rules, bom="{item: A, needs: {B: 1}}")) == want
    both = "B: {s: 5, S: 9, from: [p2]}", "A: {s: 5, S: 9, from: [p1]}"
    assert said(
        tmp_path, plants(*both, bom="{item: A, needs: {B: 1}}, {item: B, needs: {A: 1}, plant: p2}", second_makes="B")
    )


def test_a_circle_that_no_file_could_hold_ends_with_a_clear_error() -> None:
    """Built in code, past the files' checks: the run ends all the same."""
    rule = {site: {"A": d.ReplenishSpec("sS", (other,), 20, 50)} for site, other in (("w1", "w2"), ("w2", "w1"))}
    stores = tuple(d.WarehouseSpec(w, stock={"A": 1}, replenish=r) for w, r in rule.items())
    world = d.NetworkSpec(
        "n", items=(d.ItemSpec("A"),), warehouses=stores,
        lanes=(d.LaneSpec("w1", "w2", constant(60.0)), d.LaneSpec("w2", "w1", constant(60.0))),
    )  # fmt: skip
    twin = assemble(d.ScenarioSpec("s", world, horizon_s=86_400.0), "none", 0)
    with pytest.raises(Refused, match=r"planning comes to no end at \d+ ms: A at w[12] is ordered in a circle"):
        twin.env.run(until=86_400.0)


# --- room ------------------------------------------------------------------------------------------------------------
ROOM = """\
items: [{id: A}, {id: B}]
suppliers: [{id: sup, items: {A: {lead: 0d, moq: MOQ}, B: {lead: 0d}}}]
plants: [{id: p, capacity: 90, lines: [{id: L, rate: 9/d, makes: [{item: B, lot: LOT}]}]}]
warehouses:
  - {id: wh, capacity: 200, stock: {A: 60}, replenish: {A: {RULE, from: [sup]}, B: {s: 1, S: 40, from: [sup]}}}
lanes: [{from: sup, to: wh, time: 2d}, {from: wh, to: cu, time: 1h}, {from: p, to: wh, time: 1d}]
customers:
  - {id: cu, served_by: [wh], orders: {every: 1d, items: {A: 0.5, B: 0.5}, quantity: QUANTITY, due: 2d, partial: PART}}
"""


def room(moq: int = 1, lot: int = 1, rule: str = "s: 20, S: 60", quantity: str = "5", partial: str = "false") -> str:
    put = {"MOQ": str(moq), "LOT": str(lot), "RULE": rule, "QUANTITY": quantity, "PART": partial}
    text = ROOM
    for name, value in put.items():
        text = text.replace(name, value)
    return text


ROOMY = "and the capacity of 'wh' is 200. allowed: a capacity of at least the minimum"
WHOLE = "and the capacity of 'wh' is 200. allowed: at most that, or partial: true"


@pytest.mark.parametrize(
    ("body", "want"),
    [
        (room(moq=500), f"the minimum order of 'sup' is 500, {ROOMY}"),
        (room(moq=201), f"the minimum order of 'sup' is 201, {ROOMY}"),
        (room(rule="s: 20, S: 201"), "S 201 is over the capacity 200. allowed: at most that"),
        (room(rule="r: 20, q: 250"), "q 250 is over the capacity 200. allowed: at most that"),
        (room(rule="r: 300, q: 25"), "r 300 is over the capacity 200. allowed: at most that"),
        (room(rule="review: 1d, S: 999"), "S 999 is over the capacity 200. allowed: at most that"),
        (room(lot=91), "lot 91 is over the capacity 90 of 'p'. allowed: at most that"),
        (room(quantity="300"), f"300 pieces leave together, {WHOLE}"),
    ],
)  # fmt: skip
def test_what_never_fits_is_refused_with_both_numbers(tmp_path: Path, body: str, want: str) -> None:
    assert said(tmp_path, body) == [want]


@pytest.mark.parametrize(
    "body",
    [room(moq=200), room(rule="s: 20, S: 160"), room(rule="r: 20, q: 130"), room(lot=90), room(quantity="200"),
     room(quantity="300", partial="true"), room(quantity="{uniform: [100, 300]}")],
)  # fmt: skip
def test_what_may_fit_is_not(tmp_path: Path, body: str) -> None:
    assert not [f for f in check_scenario(load(tmp_path, body)) if "capacity" in f.message and "fill" in f.message]


def test_levels_that_are_too_much_together_are_a_warning(tmp_path: Path) -> None:
    found = [str(f) for f in check_scenario(load(tmp_path, room(rule="r: 100, q: 101")))]
    assert any("r 100 and q 101 fill up to 201 pieces, and the capacity is 200" in text for text in found)
    found = [str(f) for f in check_scenario(load(tmp_path, room(rule="s: 20, S: 161")))]
    assert any("its rules fill up to 201 pieces together, and the capacity is 200" in text for text in found)


# --- load ------------------------------------------------------------------------------------------------------------
TWO = """\
items: [{id: A}]
plants: [{id: p, lines: [{id: L1, rate: 40/d, makes: [{item: A}]}, {id: L2, rate: RATE/d, makes: [{item: A}]}]}]
lanes: [{from: p, to: cu, time: 1h}]
customers: [{id: cu, served_by: [p], orders: {every: 1d, items: {A: 1}, quantity: 60, due: 2d}}]
"""


@pytest.mark.parametrize(("rate", "level"), [("40", None), ("10", "error"), ("21", "warning")])
def test_two_lines_carry_a_load_together(tmp_path: Path, rate: str, level: str | None) -> None:
    """60 a day on 40 + RATE, of which the faster line would take least for each piece."""
    found = [f for f in check_scenario(load(tmp_path, TWO.replace("RATE", rate))) if "load" in f.message]
    assert [f.level for f in found] == ([level] if level else [])
    assert all("the load of L1, L2 together is" in f.message for f in found)
