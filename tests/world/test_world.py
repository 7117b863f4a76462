"""The world as a whole: what an audit once found broken, one sentence each."""

from pathlib import Path

import pytest

from plants.definition import ChannelProfile, DisruptionSpec
from plants.systems.channel import Fault
from scenarios.twin.assembly import Twin, assemble
from tests.common.worlds import load, ran, watched

DAY = 86_400.0

SHOP = """\
items: [{{id: A, weight_kg: 10, value: 3}}, {{id: B}}]
{boms}
plants:
  - id: n
    {plant}
    lines:
      - {{id: L1, {line}}}
suppliers:
  - {{id: s, items: {{B: {{lead: 1h{supply}}}}}}}
warehouses:
  - {{id: dc, {dc}stock: {{A: {stock}}}, replenish: {{A: {{s: {s}, S: {big}, from: [n]}}}}}}
customers:
  - {{id: c, served_by: [dc], orders: {{every: {every}, items: {{A: 1}}, quantity: 10, due: 1d}}}}
lanes:
  - {{from: s, to: n, time: 1h, cost: 1/pcs}}
  - {{from: n, to: dc, time: 1h, cost: 1/pcs}}
  - {{from: dc, to: c, time: 1h, cost: 1/pcs}}
"""


def shop(folder: Path, days: str = "20d", more: str = "", **parts: object) -> Twin:
    """A plant that makes A, a warehouse that keeps it, a customer that wants 10 at a time."""
    words = {
        "boms": "boms: [{item: A, needs: {B: 1}}]",
        "plant": "stock: {B: 100}\n    replenish: {B: {s: 90, S: 200, from: [s]}}",
        "line": "rate: 1000/d, makes: [{item: A, lot: 10}]",
        "supply": "", "dc": "", "stock": 100, "s": 50, "big": 150, "every": "6h",
    } | parts  # fmt: skip
    return assemble(load(folder, SHOP.format(**words), days, more=more).scenario, "none", 5)


def run(twin: Twin, days: float = 20.0) -> Twin:
    twin.env.advance(days * DAY)
    twin.finish()
    return twin


def sent(twin: Twin, kind: str) -> list[str]:
    return [m.subject for _, m in twin.bus.log if m.type == kind]


def test_a_line_that_starves_in_the_middle_of_a_lot_has_its_use_posted_and_is_supplied(tmp_path: Path) -> None:
    twin = run(shop(tmp_path, line="rate: 1000/d, makes: [{item: A, lot: 300}]", stock=0, big=300))
    assert twin.network.lines["n.L1"].good >= 300
    assert twin.erp.records.book["n", "B"] == twin.network.sites["n"].on_hand["B"]


def test_a_delivery_short_of_its_order_leaves_nothing_on_order_however_late_its_notice_comes(tmp_path: Path) -> None:
    twin = shop(tmp_path, supply=", fill: 0.8")
    twin.systems.by_source["s.portal"].channel.faults.append(Fault(delay_s=lambda _: 2 * DAY))
    run(twin)
    assert len(sent(twin, "asn.sent")) > 3
    open_purchases = [o for o in twin.network.book.orders.values() if o.kind == "purchase" and o.state != "done"]
    assert twin.erp.records.on_order["n", "B"] == sum(o.quantity for o in open_purchases)


def test_transfers_and_purchases_end_when_they_have_arrived(tmp_path: Path) -> None:
    twin = run(shop(tmp_path))
    done = [o for o in twin.network.book.orders.values() if o.kind in ("transfer", "purchase") and o.state == "done"]
    assert len(done) > 5 and all(o.delivered == o.standing and o.done_ms > o.left_ms for o in done)


def test_a_part_sent_back_to_the_first_machine_is_worked_even_when_no_other_comes(tmp_path: Path) -> None:
    line = "machines: [{id: M1, cycle: 1min}, {id: M2, cycle: 1min, rework: {share: 0.5, to: M1}}], buffers: 5"
    for seed in range(5):
        folder = tmp_path / str(seed)
        folder.mkdir()
        twin = shop(folder, line=f"{line}, makes: [{{item: A, lot: 20}}]", stock=0, s=0, big=20, every="100d")
        twin.env.advance(5 * DAY)
        assert twin.network.lines["n.L1"].good == 20
        assert dict(twin.network.lines["n.L1"].count()) == {}


def test_a_halt_that_begins_during_maintenance_holds_when_the_maintenance_is_over(tmp_path: Path) -> None:
    line = "machines: [{id: M, cycle: 5h, maintenance: [{every: 10h, for: 2h, counts: operating}]}], makes: [{item: A}]"
    stop = "disruptions: [{id: x, kind: line-down, target: n.L1, at: 11h, for: 20h}]"
    twin = shop(tmp_path, line=line, stock=0, big=3, s=0, every="100d", more=stop)
    leaving = watched(twin, "n.L1")
    twin.env.advance(3 * DAY)
    out = [at / 3600 for at in leaving()]
    assert out == pytest.approx([5, 10, 36])


def test_goods_on_hold_take_room_and_room_that_is_made_is_used_at_once(tmp_path: Path) -> None:
    more = (
        "disruptions:\n"
        "  - {id: h, kind: quality-hold, target: dc, item: A, at: 1h, decided_after: 2d}\n"
        "  - {id: l, kind: stock-loss, target: dc, item: A, share: 1, at: 4d}\n"
    )
    twin = shop(tmp_path, dc="capacity: 60, ", stock=60, s=50, big=60, every="12h", more=more)
    for hour in range(1, 240):
        twin.env.advance(hour * 3600.0)
        site = twin.network.sites["dc"]
        assert sum(site.on_hand.values()) + sum(site.held.values()) <= 60
    twin.finish()


@pytest.mark.parametrize(
    "line",
    ["rate: 1000/d, makes: [{item: A, lot: 10}]"]
    + [
        f"{supply}machines: [{{id: M, cycle: 80s}}], makes: [{{item: A, lot: 10}}]"
        for supply in ("", "supply: unlimited, ")
    ],
)
def test_a_full_plant_keeps_counted_lots_on_the_line_until_there_is_room(tmp_path: Path, line: str) -> None:
    closed = "disruptions: [{id: x, kind: lane-closed, target: n>dc, at: 0s, for: 5d}]"
    parts = {"boms": "", "plant": "capacity: 25", "stock": 0, "s": 99, "big": 100, "every": "100d"}
    twin = shop(tmp_path, more=closed, line=line, **parts)
    twin.env.advance(4 * DAY)
    assert twin.network.sites["n"].on_hand["A"] == 20
    assert len(twin.network.lines["n.L1"].parked) == 1
    assert dict(twin.network.lines["n.L1"].count()) == {"A": 10}, "nothing new is taken in meanwhile"
    run(twin)
    assert twin.network.sites["dc"].on_hand["A"] == 100


@pytest.mark.parametrize("own_first", [True, False])
def test_a_plants_own_bill_of_material_goes_before_the_general_one(tmp_path: Path, own_first: bool) -> None:
    bills = ["{item: A, plant: n, needs: {B: 2}}", "{item: A, needs: {B: 1}}"]
    twin = shop(tmp_path, boms=f"boms: [{', '.join(bills if own_first else bills[::-1])}]")
    assert twin.network.plants["n"].needs["A"] == {"B": 2}


def test_a_component_made_in_the_same_plant_without_a_rule_is_planned_with_the_order(tmp_path: Path) -> None:
    line = "rate: 1000/d, makes: [{item: A, lot: 10}]}\n      - {id: L2, rate: 1000/d, makes: [{item: B, lot: 40}]"
    twin = run(shop(tmp_path, plant="stock: {}", line=line))
    assert twin.network.lines["n.L2"].good > 0
    assert twin.result().kpis["otif"] == 1.0


def test_what_was_made_to_order_and_got_lost_is_made_again(tmp_path: Path) -> None:
    more = (
        "disruptions:\n"
        "  - {id: c, kind: lane-closed, target: n>dc, at: 0s, for: 4d}\n"
        "  - {id: l, kind: stock-loss, target: n, item: A, share: 0.5, at: 2d}\n"
    )
    twin = run(shop(tmp_path, stock=0, every="100d", more=more))
    assert twin.network.sites["dc"].on_hand["A"] == 150


def test_a_table_of_rates_prices_transfers_by_the_weight_of_the_item(tmp_path: Path) -> None:
    (tmp_path / "rates.csv").write_text(
        "carrier,service,min_kg,max_kg,minimum,per_kg,days\nx,S,0,99999,5,1,1\n", encoding="utf-8"
    )
    network = """\
items: [{id: A, weight_kg: 10}]
warehouses:
  - {id: a, stock: {A: 500}}
  - {id: b, stock: {A: 0}, replenish: {A: {s: 0, S: 90, from: [a]}}}
lanes: [{from: a, to: b, rates: {file: rates.csv}}]
"""
    twin = ran(load(tmp_path, network, "5d"))
    assert twin.result().kpis["lane_cost"] == 900.0
    assert twin.network.sites["b"].on_hand["A"] == 90


def test_a_breakdown_of_an_idle_machine_begins_and_ends_in_the_messages(tmp_path: Path) -> None:
    fails = "fails: {after: 10h, repair: 1h, counts: calendar}"
    line = f"machines: [{{id: M, cycle: 1min, {fails}}}], makes: [{{item: A}}]"
    twin = run(shop(tmp_path, line=line, stock=1000, big=1000, s=0, every="100d"), 5)
    assert len(sent(twin, "machine.stopped")) == len(sent(twin, "machine.resumed")) == 10


def test_oee_and_utilisation_never_exceed_one_and_downtime_counts_the_repair_in_progress(tmp_path: Path) -> None:
    fails = "fails: {after: 20h, repair: 1000d, counts: operating}"
    line = f"machines: [{{id: M, cycle: 40min, {fails}}}], makes: [{{item: A, cycle_factor: 0.5}}]"
    twin = run(shop(tmp_path, line=line, stock=0, s=9999, big=10000), 10)
    kpis = twin.result().kpis
    assert 0 < kpis["oee.n.L1"] <= 1 and 0 < kpis["utilisation.n.L1"] <= 1  # type: ignore[operator]
    assert kpis["unplanned_downtime"] == pytest.approx(220, abs=1)


def test_an_order_id_that_somebody_else_has_taken_is_skipped(tmp_path: Path) -> None:
    twin = shop(tmp_path)
    twin.erp.transfer("dc", "A", 10, "n", order_id="TO-2")
    run(twin)
    assert {"TO-1", "TO-2", "TO-3"} <= set(twin.network.book.orders)


def test_a_good_copy_of_a_message_counts_after_a_damaged_one(tmp_path: Path) -> None:
    twin = shop(tmp_path)
    twin.systems.by_source["dc.wms"].channel.faults.append(Fault(duplicates=1.0, corrupts=0.3))
    run(twin)
    copies: dict[str, list[bool]] = {}
    for _, m in twin.bus.log:
        if m.source == "dc.wms":
            copies.setdefault(m.id, []).append("corrupt" in m.data)
    assert any(c[0] and not c[-1] for c in copies.values())
    good = {id for id, c in copies.items() if False in c}
    assert {id for source, id in twin.erp.records.seen if source == "dc.wms"} == good != copies.keys()


def test_what_lasts_until_something_that_is_over_does_not_begin(tmp_path: Path) -> None:
    more = (
        "disruptions:\n"
        "  - {id: a, kind: line-down, target: n.L1, at: 1d, for: 2d}\n"
        "  - {id: b, kind: lane-closed, target: n>dc, after: {id: a, delay: 3d, probability: 1}, until: a}\n"
        "  - {id: q, kind: quality-hold, target: dc, item: A, lots: 1, at: 5d, decided_after: 1d}\n"
        "  - {id: e, kind: site-closed, target: dc, at: 5d, until: q}\n"
    )
    twin = run(shop(tmp_path, more=more))
    assert "b" not in twin.disruptions.happened
    assert twin.disruptions.happened["e"].to_ms == 6 * 86_400_000
    assert twin.network.sites["dc"].closed == 0


def test_a_crew_repairs_in_its_own_hours(tmp_path: Path) -> None:
    fails = "crew: fitters, fails: {after: 30h, repair: 4h, counts: operating}"
    line = f"machines: [{{id: M, cycle: 1h, {fails}}}], makes: [{{item: A}}]"
    plant = "crews: [{id: fitters, calendar: day}]"
    network = {"plant": plant, "boms": "", "line": line, "stock": 0, "s": 999, "big": 1000, "every": "100d"}
    days = 'calendars: [{id: day, week: {mon-sun: "08:00-16:00"}}]'
    twin = shop(tmp_path, **{**network, "boms": days})
    twin.env.advance(2 * DAY)
    # fails at 30 h + (first order at ~0 h), i.e. 06:00 on the second day; mended from 08:00 to 12:00
    assert twin.network.lines["n.L1"].down_s() == pytest.approx(6 * 3600, abs=60)


def test_an_order_whose_lane_is_closed_keeps_nothing_from_the_others(tmp_path: Path) -> None:
    network = """\
items: [{id: A}]
warehouses: [{id: dc, stock: {A: 100}}]
customers:
  - {id: c, served_by: [dc], orders: {every: 3h, items: {A: 1}, quantity: 100, due: 1d, late_penalty: 1/pcs/d}}
  - {id: d, served_by: [dc], orders: {every: 5h, items: {A: 1}, quantity: 10, due: 2d, late_penalty: 1/pcs/d}}
lanes: [{from: dc, to: [c, d], time: 1h, cost: 1/pcs}]
"""
    more = "disruptions: [{id: x, kind: lane-closed, target: dc>c, at: 0s, for: 9d}]"
    twin = ran(load(tmp_path, network, "1d", more=more))
    assert [o.state for o in twin.network.book.orders.values() if o.id in ("d-1", "d-2")] == ["done", "done"]


def test_a_second_closing_decides_anew_about_goods_the_first_one_held(tmp_path: Path) -> None:
    twin = shop(tmp_path, stock=0, every="100d", boms="", plant="stock: {A: 200}")
    net = twin.network
    twin.env.advance(600.0)
    twin.disruptions.begin(DisruptionSpec("one", "lane-closed", "n>dc", extra={"goods": "hold"}))
    twin.disruptions.begin(DisruptionSpec("two", "lane-closed", "n>dc", extra={"goods": "lose"}))
    twin.env.advance(DAY)
    assert net.ledger.balance("lost:n>dc", "A") == 150
    twin.finish()


def test_the_belief_gap_sees_what_a_batch_hides_between_two_posts(tmp_path: Path) -> None:
    gaps = {}
    for every in ("1s", "6h"):
        folder = tmp_path / every
        folder.mkdir()
        twin = shop(folder, every="20min", s=2000, big=3000, stock=3000)
        twin.systems.by_source["dc.wms"].channel.use(ChannelProfile("batch", every_s=_seconds(every)))
        gaps[every] = run(twin).result().kpis["belief_gap.erp"]
    assert gaps["6h"] > 10 * gaps["1s"] > 0  # type: ignore[operator]


def _seconds(text: str) -> float:
    return {"1s": 1.0, "6h": 21_600.0}[text]
