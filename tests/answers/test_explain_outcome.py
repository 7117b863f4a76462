"""What explain says of an order itself: nothing after the end of the run, every shipment, what a supplier promised."""

from pathlib import Path

import pytest

from scenarios.answers.explain.explain import explain
from scenarios.runs.results import RunResult
from scenarios.twin.runner import run_scenario
from tests.common.worlds import load

# Lots of 10 a day leave p for dc as they are made; the supplier takes two days, the lane one.
WORLD = """\
items: [{{id: A, value: 9}}, {{id: C, value: 1}}]
boms: [{{item: A, needs: {{C: 1}}}}]
plants:
  - id: p
    stock: {{C: 100}}
    replenish: {{C: {{s: 90, S: 100, from: [sup]}}}}
    lines: [{{id: L1, machines: [{{id: m, cycle: 2h}}], makes: [{{item: A, lot: {lot}}}]}}]
suppliers: [{{id: sup, items: {{C: {{lead: 2d}}}}}}]
warehouses: [{{id: dc, stock: {{A: 40}}, replenish: {{A: {{s: 0, S: 40, from: [p]}}}}}}]
lanes: [{{from: sup, to: p, time: 1d}}, {{from: p, to: dc, time: 6h}}, {{from: dc, to: c, time: 1h}}]
customers: [{{id: c, served_by: [dc], orders: {{file: given.csv}}}}]
"""
LATE = "disruptions: [{id: d, kind: supplier-late, target: sup, item: C, by: 1d, at: 2h, for: 9d}]\n"


def world(folder: Path, horizon: str, lot: int = 10, more: str = "") -> RunResult:
    (folder / "given.csv").write_text("id,at,item,quantity,due\nc-1,6h,A,40,3d\nc-2,7h,A,40,9d\n")
    return run_scenario(load(folder, WORLD.format(lot=lot), horizon, more=more), jobs=1)


def told(run: RunResult, name: str) -> tuple[str, str]:
    found = explain(run, name, way="none")
    return " ".join(found.summary), "\n".join(f"{link.time_ms} {link.what}" for link in found.chain)


@pytest.mark.parametrize("lot", [10, 8])
def test_a_transfer_that_goes_in_parts_is_told_part_by_part(tmp_path: Path, lot: int) -> None:
    _, chain = told(world(tmp_path, "9d", lot), "TO-1")
    begin = 6 * 3_600_000 + 0
    for n in range(1, 40 // lot):  # two hours a piece
        at = begin + n * lot * 7_200_000
        assert f"{at} {lot} pcs of TO-1 leave for dc" in chain
        assert f"{at + 6 * 3_600_000} {lot} pcs of TO-1 reach dc" in chain
    assert f"{begin + 80 * 3_600_000} the last of TO-1 leaves for dc" in chain
    assert f"{begin + 86 * 3_600_000} the last of TO-1 reaches dc" in chain


def test_what_had_left_in_part_by_the_end_is_said(tmp_path: Path) -> None:
    run = world(tmp_path, "2d")
    said, chain = told(run, "TO-1")
    assert (
        "It had not left whole by the end of the run; 10 of 40 pcs were delivered; 10 of 40 pcs were under way" in said
    )
    assert "10 pcs of TO-1 leave for dc" in chain
    said, _ = told(run, "PO-1")
    assert said.startswith("It was not completed by the end of the run; 20 of 40 pcs were made")


def test_nothing_is_missed_after_the_end_of_the_run(tmp_path: Path) -> None:
    said, chain = told(world(tmp_path, "2d"), "c-2")
    assert "due day 9 07:00: not yet late" in said and "missed" not in chain and "is due" not in chain
    said, chain = told(
        world(tmp_path, "10d", more="disruptions: [{id: d, kind: line-down, target: p.L1, at: 1h}]\n"), "c-2"
    )
    assert "17.0 h late" in said and "c-2 is due: missed" in chain


def test_a_purchase_has_its_promises_and_no_others(tmp_path: Path) -> None:
    run = world(tmp_path, "9d", more=LATE)
    _, chain = told(run, "PU-1")
    assert "publishes supplier.acknowledged PU-1, to be ready day 3 02:00" in chain
    assert "publishes asn.delayed PU-1, to be ready day 4 02:00" in chain and "PU-2" not in chain
    assert "publishes asn.sent PU-1, to arrive day 5 02:00" in chain


IMPATIENT = """\
items: [{id: A, value: 9}, {id: B, value: 9}]
plants:
  - {id: p, stock: {B: 90}, replenish: {A: {s: 0, S: 20, from: [p]}}, lines: [{id: L1, rate: 10/d, makes: [{item: A}]}]}
lanes: [{from: p, to: c, time: 1h}]
customers: [{id: c, served_by: [p], orders: {every: 2d, items: {A: 1}, quantity: 40, due: 1d, patience: 36h}}]
"""
FIRE = """\
disruptions:
  - {id: f, kind: stock-loss, target: p, item: B, share: 0.5, at: 50h}
  - {id: g, kind: stock-loss, target: p, item: A, share: 0.5, at: 51h}
  - {id: h, kind: stock-loss, target: p, item: A, share: 0.5, at: 8d}
"""


def test_the_story_of_what_was_taken_back_ends_there(tmp_path: Path) -> None:
    run = run_scenario(load(tmp_path, IMPATIENT, "9d", more=FIRE), jobs=1)
    orders = run.replication("none").tables["orders"]
    first = orders["order"].index("c-1")
    gone = orders["cancelled_ms"][first]
    assert gone == orders["ordered_ms"][first] + 36 * 3_600_000 == 84 * 3_600_000  # the first comes after two days
    said, chain = told(run, "c-1")
    assert "It was taken back day 3 12:00" in said and "item B" not in said + chain, "another item was lost"
    assert "In its way: stock-loss p (item A, share 0.5)." in said  # once: the one on day 8 came after it
    assert "for 0 s" not in chain and "is over" not in chain
    assert chain.splitlines()[-1] == f"{gone} c-1 is taken back"
    assert "c-1 is due: missed" in chain and "TO-" not in said


@pytest.mark.parametrize(
    ("lot", "said"), [(6, "(1 shipment between)"), (5, "(2 shipments between)"), (4, "(4 shipments between)")]
)
def test_many_shipments_are_told_by_the_first_and_the_last(tmp_path: Path, lot: int, said: str) -> None:
    _, chain = told(world(tmp_path, "9d", lot), "TO-1")  # 7, 8 and 10 shipments, the last told as the order's end
    assert chain.count("leave for dc") == 5 and said in chain
