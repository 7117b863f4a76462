"""What was once broken on the machine floor of whole worlds, one sentence each."""

from dataclasses import replace

import pytest

from plants import definition as d
from plants.orders import Order
from scenarios.twin.assembly import Twin, assemble
from tests.common.twofloors import DAY, agree, machined, ran, small_world


def test_goods_that_wait_at_the_door_come_in_when_uses_booked_late_have_made_room() -> None:
    buys = {"C1": d.ReplenishSpec("sS", ("s",), 40, 60)}
    scenario = small_world((machined("L1", lot=20),), {"C1": 60}, capacity=70, buys=buys, wants={"F1": 300})
    assert agree(scenario, "none", 5)


def test_three_lines_never_share_out_more_of_a_component_than_there_is() -> None:
    lines = tuple(machined(f"L{n}", item, 10, 500.0 + 40 * n) for n, item in enumerate(("F1", "F2", "H")))
    scenario = small_world(lines, {"C1": 25, "C2": 99}, wants={"F1": 10, "F2": 10, "H": 10})
    twin = ran(scenario, "none", 5, False)
    assert twin.network.plants["p1"].on_hand["C1"] == 0
    assert sum(line.good for line in twin.network.lines.values()) == 25


def test_a_line_that_begins_a_lot_later_gets_its_share_of_a_component_promised_before() -> None:
    scenario = small_world(
        (machined("L1", lot=50), machined("L2", "F2", lot=50)), {"C1": 60, "C2": 60}, wants={"F1": 50}
    )
    twin = assemble(scenario, "none", 5)
    twin.env.advance(3_000.0)
    twin.erp.transfer("dc", "F2", 50, "p1")
    twin.env.advance(3 * DAY)
    twin.finish()
    made = {line.id: line.good for line in twin.network.lines.values()}
    assert sum(made.values()) == 60 and made["p1.L2"] > 20


def test_a_rate_line_that_takes_whole_orders_takes_them_beside_a_line_that_shares_its_component() -> None:
    orders = d.LineSpec("L2", (d.MakeSpec("F2"),), rate_per_day=10.0, counts="orders")
    scenario = small_world((machined("L1"), orders), {"C1": 20, "C2": 99}, wants={"F1": 100, "F2": 12})
    twin = ran(scenario, "none", 5, False)
    assert twin.network.lines["p1.L2"].good == 12


def _shop(line: d.LineSpec) -> Twin:
    """A line with F1 waiting for C1, of which there is none; F2 needs only C2 in this shop."""
    scenario = small_world((line,), {"C2": 500}, wants={"F1": 10})
    network = replace(scenario.network, boms=(d.BomSpec("F1", {"C1": 1}), d.BomSpec("F2", {"C2": 1})))
    twin = assemble(replace(scenario, network=network), "none", 5)
    twin.env.advance(100.0)
    return twin


def _release(twin: Twin, name: str, item: str) -> Order:
    """A production order of 10, straight to the line."""
    order = twin.network.book.add(
        Order(name, "production", item, 10, twin.now_ms, site="p1", target="p1", line="p1.L1")
    )  # fmt: skip
    twin.network.plants["p1"].release(order, 10)
    return order


@pytest.mark.parametrize("rate", [None, 100.0])
def test_a_line_whose_starving_lot_is_withdrawn_turns_to_the_next(rate: float | None) -> None:
    makes = (d.MakeSpec("F1", 10), d.MakeSpec("F2", 10))
    line = replace(machined("L1"), makes=makes)
    twin = _shop(line if rate is None else d.LineSpec("L1", makes, rate_per_day=rate))
    line_there = twin.network.lines["p1.L1"]
    _release(twin, "next", "F2")
    twin.env.advance(200.0)
    assert line_there.withdraw(twin.network.book["PO-1"], 10) == 10
    twin.env.advance(DAY)
    assert line_there.good == 10


def test_a_starving_lot_that_is_withdrawn_while_another_comes_in_the_same_instant_is_replaced_by_it() -> None:
    twin = _shop(replace(machined("L1"), makes=(d.MakeSpec("F1", 10), d.MakeSpec("F2", 10))))
    line, starving = twin.network.lines["p1.L1"], twin.network.book["PO-1"]
    assert line.entering() is not None
    for n in range(3):  # in one instant, and more than once
        assert line.withdraw(starving, 10) == 10
        _release(twin, f"good-{n}", "F2")
        starving = _release(twin, f"starving-{n}", "F1")
    line.withdraw(starving, 10)
    twin.env.advance(DAY)
    twin.finish()
    assert line.good == 30


def test_a_counted_lot_that_finds_no_room_stops_its_line_before_another_piece_enters() -> None:
    scenario = small_world((machined("L1", lot=10, units=2),), {"C1": 60}, capacity=45)
    scenario = replace(scenario, disruptions=(d.DisruptionSpec("x", "lane-closed", "p1>dc", 1.0),))
    twin = ran(scenario, "none", 5, False)
    line = twin.network.lines["p1.L1"]
    assert len(line.parked) == 1 and line.good == 11
    assert twin.network.plants["p1"].on_hand["C1"] == 49  # the other machine had begun the next lot


def test_what_was_made_since_the_last_look_is_in_the_ledger_at_the_end() -> None:
    endless = replace(machined("L1"), supply_unlimited=True, demand_unlimited=True)
    twin = ran(small_world((endless,), {}, days=1.3), "none", 5, False)
    rows = twin.network.ledger.rows
    shipped = sum(n for n, to in zip(rows["quantity"], rows["to"], strict=True) if to == "shipped:p1")  # type: ignore[misc]
    assert shipped == twin.network.lines["p1.L1"].good > 150


def test_the_ideal_time_of_what_was_made_does_not_depend_on_who_looked() -> None:
    lines = (replace(machined("L1", cycle=617.3), makes=(d.MakeSpec("F1", 10, cycle_factor=0.7),)),)
    scenario = small_world(lines, {"C1": 900})
    often, never = (assemble(scenario, "none", 5) for _ in range(2))
    for hour in range(1, 72):
        often.env.advance(hour * 3_600.0)
        assert often.network.lines["p1.L1"].ideal_s >= 0
    for twin in (often, never):
        twin.env.advance(scenario.horizon_s)
    assert often.network.lines["p1.L1"].ideal_s == never.network.lines["p1.L1"].ideal_s > 0
