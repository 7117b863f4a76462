"""What has no effect, yet or in this network, is a warning of `check` that names it."""

from pathlib import Path

import pytest

from scenarios.feasibility.verdict import examine

NETWORK = """\
version: 1
network: n
calendars: [{id: day, week: {mon-fri: "06:00-22:00"}}CALENDAR]
items: [{id: AITEM}, {id: B}]
boms: [{item: A, needs: {B: 1}BOM}]
suppliers: [{id: sup, items: {B: {lead: 2d}OFFER}}]
plants:
  - {id: p, calendar: dayPLANT, stock: {B: 5}, replenish: {B: {s: 10, S: 90, from: [sup]}}, crews: [{id: fixCREW}],
     lines: [{id: L, machines: [{id: m, cycle: 30s, fails: {after: 9d, repair: 1h}, crew: fix}],
             makes: [{item: AMAKE}]}]}
lanes: [{from: sup, to: p, time: 1dLANE}, {from: p, to: c, time: 1d}LANES]
customers: [{id: c, served_by: [p], orders: {every: 1d, items: {A: 1}, quantity: 3, due: 4d}}]
people: [{role: planner, calendar: dayPERSON}]
"""
SCENARIO = """\
version: 1
scenario: s
network: net.yaml
horizon: 20d
ways: [synced]
disruptions: [{id: h, kind: quality-hold, target: p, item: A, at: 2dHOLD}]
policy: {approvals: {reroute: {by: bossPOLICY}APPROVALS}}
"""
SLOTS = ("CALENDAR", "ITEM", "BOM", "OFFER", "PLANT", "CREW", "LANES", "LANE", "PERSON", "HOLD", "POLICY",
         "APPROVALS", "MAKE")  # fmt: skip


def warnings(folder: Path, slot: str = "", text: str = "") -> list[str]:
    """What `check` warns of, with a text put into a slot of the files."""
    for name, body in (("net.yaml", NETWORK), ("sc.yaml", SCENARIO)):
        for each in SLOTS:
            body = body.replace(each, text if each == slot else "")  # noqa: PLW2901
        (folder / name).write_text(body)
    return [str(f) for f in examine(str(folder / "sc.yaml")).findings if f.level == "warning"]


def test_a_network_in_which_all_is_used_has_no_such_warning(tmp_path: Path) -> None:
    assert not [w for w in warnings(tmp_path) if "effect" in w or "nothing" in w or "nobody" in w]


@pytest.mark.parametrize(
    ("slot", "text", "want"),
    [
        ("CALENDAR", ", {id: night, week: {mon: 24h}}", "calendars.night: nobody works by 'night': it has no effect"),
        ("ITEM", ", uom: kg", "items.A.uom: this has no effect yet: A label."),
        ("ITEM", ", shelf_life: 9d", "items.A.shelf_life: this has no effect yet: Nothing perishes."),
        ("ITEM", ", weight_kg: 2", "items.A.weight_kg: no lane has rates or co2: a weight has no effect"),
        ("BOM", ", alternates: [{replace: B, with: A}]", "boms[0].alternates: this has no effect yet: Nobody"),
        ("OFFER", ", A: {lead: 1d}", "suppliers.sup.items.A: no rule buys 'A' from 'sup'"),
        ("PLANT", ", kind: contract", "plants.p.kind: this has no effect yet: Both are simulated alike."),
        ("CREW", "}, {id: spare", "plants.p.crews.spare: no machine calls 'spare': it has no effect"),
        ("LANES", ", {from: p, to: sup, time: 1d}", "lanes: nothing can ever travel on p>sup: it has no effect"),
        ("LANE", ", co2: 8", "nothing has a weight: the co2 of sup>p has no effect"),
        ("LANE", ", ships: whole", "sup>p has no capacity: 'ships: whole' has no effect"),
        ("PERSON", ", at: p", "people[0].at: this has no effect yet: Whoever has the role is asked about every site."),
        ("PERSON", "}, {role: clerk", "people[1].role: no policy asks 'clerk': this person has no effect here"),
        ("MAKE", ", prefer: true",
         "plants.p.lines.L.makes[0].prefer: no other line of p makes 'A': a preference has no effect"),
        ("HOLD", "}, {id: d, kind: demand-change, target: c, item: B, factor: 2, at: 1d, for: 1d",
         "disruptions.d.item: no 'B' at c: it has no effect. there: A"),
        ("HOLD", "}, {id: d, kind: order-cancelled, target: c, item: B, share: 0.5, at: 1d",
         "disruptions.d.item: no 'B' at c"),
        ("HOLD", "}, {id: d, kind: supplier-late, target: sup, item: A, by: 2d, at: 1d, for: 1d",
         "disruptions.d.item: no 'A' at sup: it has no effect. there: B"),
        ("HOLD", ", disposition: rework", "disruptions.h.disposition: this has no effect yet: what is reworked"),
        ("APPROVALS", ", release: {by: boss}", "policy.approvals.release: nothing asks for 'release' yet"),
    ],
)  # fmt: skip
def test_what_has_no_effect_is_named(tmp_path: Path, slot: str, text: str, want: str) -> None:
    assert [w for w in warnings(tmp_path, slot, text) if want in w]


def test_a_default_that_is_written_out_is_no_wish(tmp_path: Path) -> None:
    assert not [w for w in warnings(tmp_path, "PLANT", ", kind: own") if "kind" in w]
    assert not [w for w in warnings(tmp_path, "ITEM", ", uom: pcs") if "uom" in w]


@pytest.mark.parametrize(
    ("rows", "gaps"),
    [
        ("V,D,0,9.99,1,1,1\nV,D,10,50,1,1,1\n", []),
        ("V,D,0,9,1,1,1\nV,D,12,50,1,1,1\n", ["between 9 and 12 kg"]),
        ("V,D,0,9,1,1,1\nW,D,5,20,1,1,1\nV,D,30,50,1,1,1\n", ["between 20 and 30 kg"]),
        ("V,D,30,50,1,1,1\nV,D,0,9,1,1,1\nV,D,70,80,1,1,1\n", ["between 9 and 30 kg", "between 50 and 70 kg"]),
    ],
)
def test_a_gap_in_a_table_of_rates_is_named(tmp_path: Path, rows: str, gaps: list[str]) -> None:
    (tmp_path / "r.csv").write_text("carrier,service,min_kg,max_kg,minimum,per_kg,days\n" + rows)
    told = warnings(tmp_path, "LANES", ", {from: p, to: c, mode: sea, rates: {file: r.csv}}")
    told = [w for w in told if "carry nothing" in w]
    assert len(told) == len(gaps) and all(gap in w for gap, w in zip(gaps, told, strict=True))


@pytest.mark.parametrize(("ways", "count"), [("[synced]", 0), ("[none, fragmented]", 1)])
def test_an_item_that_a_site_never_has_is_named_where_no_engine_may_bring_it(
    tmp_path: Path, ways: str, count: int
) -> None:
    warnings(tmp_path)
    net, scenario = tmp_path / "net.yaml", tmp_path / "sc.yaml"
    net.write_text(net.read_text().replace("{id: B}]", "{id: B}, {id: C}]"))
    loss = "disruptions: [{id: x, kind: stock-loss, target: p, item: C, share: 0.5, at: 1d}, "
    scenario.write_text(scenario.read_text().replace("[synced]", ways).replace("disruptions: [", loss))
    told = [str(f) for f in examine(str(scenario)).findings if "no 'C' at p: it has no effect. there: A, B" in str(f)]
    assert len(told) == count
