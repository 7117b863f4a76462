"""Explain names what a line waited for, since when and which order, and what was lost, reported and ordered again."""

from pathlib import Path

import pytest

from scenarios.answers.explain.explain import explain
from scenarios.answers.explain.facts import Facts
from scenarios.answers.explain.losses import losses_of
from scenarios.answers.explain.starvation import starvations_of
from scenarios.runs.results import RunResult
from scenarios.twin.runner import run_scenario
from tests.common.worlds import load

MIN, HOUR, DAY = 60_000, 3_600_000, 86_400_000

# One order of 60 A at 6 h empties the warehouse: 60 A are made of 2 C each, of which there are too few. More are on
# order since the start: a day until they are ready, another on the lane.
WORLD = """\
items: [{{id: A, value: 9}}, {{id: C, value: 1}}, {{id: B, value: 1}}]
boms: [{{item: A, needs: {{C: 2, B: 1}}}}]
plants:
  - id: p
    stock: {{C: {stock}, B: 500}}
    replenish: {{C: {{s: {stock}, S: 300, from: [sup]}}}}
    lines: [{{id: L1, machines: [{{id: m, cycle: {cycle}min}}], makes: [{{item: A, lot: 10}}]}}]
suppliers: [{{id: sup, items: {{C: {{lead: 1d}}}}}}]
warehouses: [{{id: dc, stock: {{A: 60}}, replenish: {{A: {{s: 0, S: 60, from: [p]}}}}}}]
lanes: [{{from: sup, to: p, time: 1d, reports_loss_after: {report}h}}, {{from: p, to: dc, time: 5h}},
  {{from: dc, to: c, time: 1h}}]
customers: [{{id: c, served_by: [dc], orders: {{file: given.csv}}}}]
"""
LOST = 'disruptions: [{id: d, kind: lane-closed, target: "sup>p", at: 36h, for: 1h, goods: lose}]\n'


def world(folder: Path, stock: int = 80, cycle: int = 1, report: int = 24, more: str = "") -> RunResult:
    (folder / "given.csv").write_text("id,at,item,quantity,due\nc-1,6h,A,60,2d\nc-2,12h,A,60,1d\n")
    return run_scenario(load(folder, WORLD.format(stock=stock, cycle=cycle, report=report), "10d", more=more), jobs=1)


def told(run: RunResult, name: str) -> str:
    found = explain(run, name, way="none")
    return "\n".join([*found.summary, *(f"{link.time_ms} {link.who} {link.what}" for link in found.chain)])


@pytest.mark.parametrize(("stock", "cycle"), [(80, 1), (100, 1), (40, 2), (20, 5)])
def test_a_line_that_waits_for_a_component_is_named_with_its_order_and_since_when(
    stock: int, cycle: int, tmp_path: Path
) -> None:
    run = world(tmp_path, stock, cycle)
    facts = Facts(run, run.ways["none"][0])
    (one,) = starvations_of(facts, [facts.orders["PO-1"]])
    assert (one.line, one.component, one.order["order"], one.ended_by) == ("p.L1", "C", "PO-1", "PU-1")
    last = 6 * HOUR + (stock // 2) * cycle * MIN  # the last piece of which there was enough is done
    assert last - cycle * MIN - 2_000 <= one.since_ms <= last + 2_000
    assert abs(one.until_ms - 2 * DAY) <= 2_000
    assert [o["order"] for o in one.on_order] == ["PU-1"]
    for name in ("PO-1", "TO-1", "c-2"):
        said = told(run, name)
        assert "p.L1 stood for want of C since day 0" in said and "PO-1 waited for it until day 2 00:00" in said, name
        assert "PU-1 (ordered day 0 00:00 from sup)" in said


def test_who_has_enough_waits_for_nothing(tmp_path: Path) -> None:
    run = world(tmp_path, stock=120)
    facts = Facts(run, run.ways["none"][0])
    assert starvations_of(facts, [facts.orders["PO-1"]]) == []
    assert "stood for want" not in told(run, "PO-1") and "No disruption" not in told(run, "PO-1")


@pytest.mark.parametrize(("way", "due", "said"), [("fragmented", "5h", 1), ("fragmented", "9h", 0), ("none", "5h", 0)])
def test_an_order_that_left_by_a_faster_lane_says_so(way: str, due: str, said: int, tmp_path: Path) -> None:
    world = """\
items: [{id: A, value: 9}]
warehouses: [{id: w, stock: {A: 900}}]
lanes: [{from: w, to: c, time: 8h, mode: barge}, {from: w, to: c, time: 3h, cost: 2/pcs, mode: truck}]
customers: [{id: c, served_by: [w], orders: {every: 10h, items: {A: 1}, quantity: 20, due: DUE}}]
"""
    run = run_scenario(load(tmp_path, world.replace("DUE", due), "3d", more=f"ways: [{way}]"), jobs=1)
    chain = explain(run, "c-1", way=way).chain
    links = [
        link for link in chain if link.what == "rule 'faster lane': sends c-1 by truck, as it would be late by barge"
    ]
    assert [(link.time_ms, link.who) for link in links] == [(10 * HOUR, "planner of w")] * said


def test_to_the_end_of_the_run_when_nothing_comes(tmp_path: Path) -> None:
    down = "disruptions: [{id: d, kind: supplier-down, target: sup, at: 0d, for: 30d}]\n"
    run = world(tmp_path, more=down)
    (one,) = starvations_of(Facts(run, run.ways["none"][0]), [Facts(run, run.ways["none"][0]).orders["PO-1"]])
    assert one.until_ms == -1 and one.ended_by == ""
    assert "PO-1 waited for it and was waiting still; on order was PU-1" in told(run, "PO-1")


@pytest.mark.parametrize("report", [24, 6, 50])
def test_a_lost_component_is_named_with_its_lane_report_and_what_was_ordered_anew(report: int, tmp_path: Path) -> None:
    run = world(tmp_path, report=report, more=LOST)
    facts = Facts(run, run.ways["none"][0])
    (loss,) = losses_of(facts, [facts.orders["PU-1"]])
    known = 36 * HOUR + report * HOUR
    assert (loss.lane, loss.shipment["lost_ms"], loss.report) == ("sup>p", 36 * HOUR, "tms")
    assert known <= loss.reported_ms <= known + 2_000
    (anew,) = loss.anew
    assert anew["order"] == "PU-2" and known <= anew["ordered_ms"] <= known + 2_000 and loss.again == ()
    (one,) = starvations_of(facts, [facts.orders["PO-1"]])
    assert one.ended_by == "PU-2" and abs(one.until_ms - known - 2 * DAY) <= 4_000
    for name in ("PU-1", "PO-1", "TO-1", "c-2"):
        said = told(run, name)
        assert "of PU-1 (sup/1) were lost on sup>p day 1 12:00; reported day" in said, name
        assert "ordered anew" in said and "PU-2" in said
    assert "It was written off day" in told(run, "PU-1")
    assert "In its way: lane-closed sup>p" in told(run, "PO-1")


def test_what_a_customer_lost_is_sent_again(tmp_path: Path) -> None:
    def closed(at: str) -> str:
        return f'disruptions: [{{id: d, kind: lane-closed, target: "dc>c", at: {at}, for: 1h, goods: lose}}]\n'

    run = world(tmp_path, stock=280, more=closed("390min"))
    said = told(run, "c-1")
    assert "60 pcs of c-1 (dc/1) were lost on dc>c day 0 06:30; reported day 1 06:30" in said and "sent again" in said
