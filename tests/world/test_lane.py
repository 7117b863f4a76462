"""Lanes: what happens to goods on a lane that closes, and how much a lane takes on a day."""

from pathlib import Path

import pytest

from plants.orders import CustomerOrder
from scenarios.twin.assembly import Twin, assemble
from tests.common.worlds import load, ran

NETWORK = """\
items: [{id: A}]
warehouses:
  - {id: hub, stock: {A: 1000}}
  - {id: far, stock: {A: 0}, replenish: {A: {s: 0, S: 100, from: [hub]}}}
lanes:
  - {from: hub, to: far, time: 10h, cost: 2/pcs}
  - {from: hub, to: mid, time: 1h, cost: 1/pcs}
  - {from: mid, to: far, time: 30h, cost: 1/pcs}
"""
MID = NETWORK.replace("lanes:", "  - {id: mid}\nlanes:")


def _closed(folder: Path, how: str, more: str = "") -> Twin:
    disruption = f"disruptions: [{{id: c, kind: lane-closed, target: hub>far, at: 4h, for: 20h{how}}}]"
    return ran(load(folder, MID, "5d", more=disruption + more))


def _receipt_h(twin: Twin) -> list[float]:
    return [at / 3_600_000 for at, m in twin.bus.log if m.type == "receipt.posted"]


def test_goods_on_a_closed_lane_are_held_and_resume_with_their_remaining_time(tmp_path: Path) -> None:
    assert _receipt_h(_closed(tmp_path, "")) == pytest.approx([30.0], abs=0.01)  # 4 h + 20 h closed + 6 h left


def test_goods_that_return_travel_the_whole_way_again(tmp_path: Path) -> None:
    assert _receipt_h(_closed(tmp_path, ", goods: return")) == pytest.approx([34.0], abs=0.01)


def test_goods_that_are_diverted_take_the_named_lane(tmp_path: Path) -> None:
    disruption = (
        "disruptions: [{id: c, kind: lane-closed, target: hub>far, at: 4h, for: 90h, goods: divert, via: hub>mid}]"
    )
    twin = ran(load(tmp_path, MID, "5d", more=disruption))
    assert _receipt_h(twin) == pytest.approx([4 + 1 + 30], abs=0.01)


def test_goods_that_are_lost_never_arrive_and_the_ledger_says_so(tmp_path: Path) -> None:
    twin = _closed(tmp_path, ", goods: lose")
    # told a day after 4 h, a second for the message; sent again over the open lane at 28 h, it takes 10 h
    assert _receipt_h(twin) == pytest.approx([38.0], abs=0.01)
    assert twin.network.ledger.balance("lost:hub>far", "A") == 100


def test_a_lane_takes_no_more_than_its_capacity_on_a_day(tmp_path: Path) -> None:
    network = """\
items: [{id: A}]
warehouses: [{id: hub, stock: {A: 5000}}]
customers:
  - {id: c, served_by: [hub], orders: {every: 1h, items: {A: 1}, quantity: 10, due: 1d, late_penalty: 1/pcs/d}}
lanes: [{from: hub, to: c, time: 1h, cost: 1/pcs, capacity: 100/d}]
"""
    twin = assemble(load(tmp_path, network, "4d").scenario, "none", 5)
    for day in range(1, 4):
        twin.env.advance(day * 86_400.0)
        assert twin.network.ledger.balance("shipped:c", "A") <= 100 * day
    twin.finish()
    assert twin.network.ledger.balance("shipped:c", "A") >= 280


def test_goods_that_pass_through_a_site_do_not_become_its_stock(tmp_path: Path) -> None:
    network = MID.replace("  - {from: hub, to: far, time: 10h, cost: 2/pcs}\n", "")
    twin = ran(load(tmp_path, network, "5d"))
    assert _receipt_h(twin) == pytest.approx([31.0], abs=0.01)
    assert twin.network.sites["mid"].on_hand.get("A", 0) == 0
    assert [o.lane_cost_minor for o in twin.network.book.orders.values()] == [100 * 200]


def test_a_full_warehouse_lets_goods_wait_at_its_door(tmp_path: Path) -> None:
    network = MID.replace("{id: far, stock", "{id: far, capacity: 60, stock").replace("stock: {A: 0}", "stock: {A: 10}")
    loaded = load(tmp_path, network.replace("S: 100", "S: 60, s: 20").replace("s: 0, ", ""), "3d")
    twin = ran(loaded)
    site = twin.network.sites["far"]
    assert site.on_hand["A"] == 60
    assert sum(site.on_hand.values()) <= 60


# --- freight for the way really gone, remaining way, room by pieces: worked out by hand -------------------------------
PAIR = """\
items: [{{id: P, value: 10}}]
warehouses: [{{id: W, stock: {{P: 1000}}}}, {{id: V}}]
lanes:
  - {{from: W, to: C, time: {time}, cost: 1/pcs{lane}}}
  - {{from: W, to: V, time: 6h, cost: 5/pcs}}
  - {{from: V, to: C, time: 270min, cost: 7/pcs}}
customers:
  - {{id: C, served_by: [W], orders: {{every: {every}, items: {{P: 1}}, quantity: {pieces}, due: 12h}}}}
"""


def _pair(
    folder: Path, disruption: str, horizon: str = "30h", time: str = "5h", every: str = "6h", pieces: int = 10,
    lane: str = "", warmup: str = "0d",
) -> Twin:  # fmt: skip
    network = PAIR.format(time=time, every=every, pieces=pieces, lane=lane)
    more = f"disruptions: [{{id: d, target: W>C, {disruption}}}]" if disruption else ""
    return ran(load(folder, network, horizon, warmup, more=more))


def _ways(twin: Twin) -> list[list[tuple[str, float, float, str]]]:
    """Of every shipment: the lanes it took, with the hours at which it began and ended, and how."""
    return [
        [(leg.lane, leg.begin_ms / 3.6e6, leg.end_ms / 3.6e6, leg.ended) for leg in s.legs]
        for s in twin.network.shipments
    ]


def _freight(twin: Twin) -> int:
    assert sum(o.lane_cost_minor for o in twin.network.book.orders.values()) == sum(
        s.freight_minor for s in twin.network.shipments
    )
    return sum(s.freight_minor for s in twin.network.shipments)


@pytest.mark.parametrize(
    "at, last, departures",
    [
        (9, 10, [6, 19, 19, 24]),  # 3 h on the way; 12 h and 18 h wait for 19 h
        (7, 2, [6, 12, 18, 24]),  # 1 h on the way; nobody waits
    ],
)
def test_diverted_goods_pay_the_lanes_they_take(tmp_path: Path, at: int, last: int, departures: list[int]) -> None:
    twin = _pair(tmp_path, f"kind: lane-closed, at: {at}h, for: {last}h, goods: divert, via: W>V")
    first, *others = _ways(twin)
    assert first == [
        ("W>C", 6, at, "diverted"), ("W>V", at, at + 6, "there"), ("V>C", at + 6, at + 10.5, "there"),
    ]  # fmt: skip
    assert [way[0][1] for way in (first, *others)][:4] == departures
    assert _freight(twin) == 100 * 10 * (len(twin.network.shipments) + 5 + 7)


@pytest.mark.parametrize("at, last, again", [(9, 10, 19), (9, 2, 12), (10, 5, 15)])
def test_goods_that_turn_round_take_the_time_they_have_travelled_and_pay_it(
    tmp_path: Path, at: int, last: int, again: int
) -> None:
    """Left at 6 h, turned at `at`, at the gate at 2 x at - 6, gone again when the lane is open and they are there."""
    twin = _pair(tmp_path, f"kind: lane-closed, at: {at}h, for: {last}h, goods: return", horizon="20h")
    first = _ways(twin)[0]
    assert first[:2] == [("W>C", 6, at, "returned"), ("W>C", at, 2 * at - 6, "back")]
    assert first[2][1] == max(at + last, 2 * at - 6) == again
    assert twin.network.shipments[0].freight_minor == 1000 + 1000 * (at - 6) // 5 + 1000


@pytest.mark.parametrize(
    "factor, at, last, ends",
    [
        (0.5, 9, 6, [19, 23.5, 28]),  # 6 h: 3 + 6 x .5 + 4; 12 h: 3 x .5 + 8.5
        (0.25, 9, 4, [19, 22.75, 28]),  # 6 h: 3 + 4 x .25 + 6; 12 h: 1 x .25 + 9.75
        (2.0, 7, 4, [12, 22, 28]),  # 6 h: 1 + 4 x 2 + 1
        (0.5, 1, 47, [26, 32, 38]),
    ],
)
def test_a_slow_down_acts_on_what_is_under_way_for_as_long_as_it_lasts(
    tmp_path: Path, factor: float, at: int, last: int, ends: list[float]
) -> None:
    twin = _pair(tmp_path, f"kind: lane-slow, factor: {factor}, at: {at}h, for: {last}h", horizon="48h", time="10h")
    assert [way[0][2] for way in _ways(twin)[:3]] == pytest.approx(ends, abs=1e-6)


def test_a_slow_lane_that_is_closed_goes_on_slowly_with_what_is_left(tmp_path: Path) -> None:
    """Left at 6 h, slow from 8 h to 20 h, closed from 10 h to 14 h: 2 + 2 x .5 + 0 + 6 x .5 + 4."""
    network = PAIR.format(time="10h", every="6h", pieces=10, lane="")
    both = """disruptions:
  - {id: s, target: W>C, kind: lane-slow, factor: 0.5, at: 8h, for: 12h}
  - {id: d, target: W>C, kind: lane-closed, at: 10h, for: 4h}
"""
    assert _ways(ran(load(tmp_path, network, "48h", more=both)))[0] == [("W>C", 6, 24, "there")]


def test_lost_goods_end_their_way_where_the_lane_closed(tmp_path: Path) -> None:
    twin = _pair(tmp_path, "kind: lane-closed, at: 9h, for: 10h, goods: lose", horizon="29h")
    assert _ways(twin)[0] == [("W>C", 6, 9, "lost")]
    assert (twin.network.shipments[0].lost_ms, twin.network.shipments[0].received_ms) == (9 * 3_600_000, -1)


@pytest.mark.parametrize("per_day, pieces", [(15, 10), (25, 40), (7, 10)])
def test_a_days_room_is_used_piece_by_piece(tmp_path: Path, per_day: int, pieces: int) -> None:
    twin = _pair(tmp_path, "", horizon="4d", pieces=pieces, lane=f", capacity: {per_day}/d")
    on_day: dict[int, int] = {}
    for s in twin.network.shipments:
        if s.departed_ms >= 0:
            day = -(-s.departed_ms // 86_400_000)
            on_day[day] = on_day.get(day, 0) + s.quantity
    assert on_day == dict.fromkeys(range(1, 5), per_day)
    assert _freight(twin) == 100 * 4 * per_day  # nothing is due for what waits at the gate
    waiting = [o for o in twin.network.book.orders.values() if o.left_ms < 0]
    gone = 4 * per_day // pieces
    assert len(waiting) == len(twin.network.book.orders) - gone
    assert len({s.id for s in twin.network.shipments}) == len(twin.network.shipments)


def test_a_part_of_the_freight_is_refunded_where_the_lane_says_so(tmp_path: Path) -> None:
    closing = "kind: lane-closed, at: 9h, for: 10h, goods: divert, via: W>V"
    twin = _pair(tmp_path, closing, horizon="29h", lane=", refund: 0.4")
    assert _freight(twin) == 100 * 10 * (4 + 5 + 7) - 400


def test_a_consignment_that_ships_whole_waits_for_the_room_of_several_days(tmp_path: Path) -> None:
    """15 a day, orders of 40 every 6 h: room for the first on the third day (45), for the second on the sixth (90)."""
    twin = _pair(tmp_path, "", horizon="7d", pieces=40, lane=", capacity: 15/d, ships: whole")
    assert [s.departed_ms for s in twin.network.shipments if s.departed_ms >= 0] == [
        2 * 86_400_000 + 1,
        5 * 86_400_000 + 1,
    ]
    assert {s.quantity for s in twin.network.shipments} == {40}


MODES = """\
items: [{id: P, value: 10}]
warehouses: [{id: W, stock: {P: 1000}}]
lanes:
  - {from: W, to: C, time: 20h, cost: 1/pcs, mode: sea}
  - {from: W, to: C, time: 4h, cost: 9/pcs, mode: air}
  - {from: W, to: C, time: 10h, cost: 3/pcs, mode: road}
customers:
  - {id: C, served_by: [W], orders: {every: 6h, items: {P: 1}, quantity: 10, due: 12h}}
"""


def test_an_order_takes_the_first_lane_of_a_pair_unless_it_names_another_mode(tmp_path: Path) -> None:
    loaded = load(tmp_path, MODES, "60h")
    twin = assemble(loaded.scenario, "none", 5)
    modes = {"C-2": "air", "C-3": "road", "C-4": "rail"}
    placed = twin.network.place
    assert placed is not None

    def by_mode(order: CustomerOrder) -> None:
        order.mode = modes.get(order.id, "")
        placed(order)

    twin.network.place = by_mode
    twin.env.advance(60 * 3600.0)
    twin.finish()
    assert _ways(twin)[:5] == [
        [("W>C:sea", 6, 26, "there")], [("W>C:air", 12, 16, "there")], [("W>C:road", 18, 28, "there")],
        [("W>C:sea", 24, 44, "there")], [("W>C:sea", 30, 50, "there")],
    ]  # fmt: skip
    assert [o.lane_cost_minor for o in list(twin.network.book.orders.values())[:4]] == [1000, 9000, 3000, 1000]
    assert twin.network.modes("W", "C") == ("sea", "air", "road") and twin.network.modes("C", "W") == ()


@pytest.mark.parametrize(
    ("due", "way", "mode"),
    [
        ("20h", "fragmented", "sea"), ("12h", "fragmented", "road"), ("10h", "fragmented", "road"),
        ("5h", "fragmented", "air"), ("2h", "fragmented", "air"), ("5h", "none", "sea"),
    ],
)  # fmt: skip
def test_a_local_planner_phones_for_the_cheapest_mode_in_time(tmp_path: Path, due: str, way: str, mode: str) -> None:
    """20 h, 10 h and 4 h; nothing is in time within 2 h: the quickest. Without planners the first of the file."""
    twin = ran(load(tmp_path, MODES.replace("due: 12h", f"due: {due}"), "47h"), way)
    assert {way[0][0] for way in _ways(twin)} == {f"W>C:{mode}"}
    assert {o.lane_cost_minor for o in twin.network.book.orders.values()} == {
        {"sea": 1000, "road": 3000, "air": 9000}[mode]
    }


def test_a_transfer_that_waited_for_goods_takes_a_faster_mode_and_a_closed_one_is_not_waited_for(
    tmp_path: Path,
) -> None:
    """H asks W for 30 at 0, due at 30 h + 2 d. W has its goods at 24 h: by sea. Closed for so long: by air."""
    network = """\
items: [{id: P, value: 10}]
suppliers: [{id: S, items: {P: {lead: LEAD}}}]
warehouses:
  - {id: W, replenish: {P: {s: 0, S: 100, from: [S]}}}
  - {id: H, replenish: {P: {s: 0, S: 30, from: [W]}}}
lanes:
  - {from: S, to: W, time: 0h}
  - {from: W, to: H, time: 30h, mode: sea}
  - {from: W, to: H, time: 5h, cost: 4/pcs, mode: air}
"""
    closing = "disruptions: [{id: d, kind: lane-closed, target: W>H:sea, at: 20h, for: 90h}]"
    for lead, more, mode in (("24h", "", "sea"), ("48h", "", "sea"), ("49h", "", "air"), ("24h", closing, "air")):
        twin = ran(load(tmp_path, network.replace("LEAD", lead), "150h", more=more), "fragmented")
        assert [s.legs[0].lane for s in twin.network.shipments if s.kind == "transfer"] == [f"W>H:{mode}"], lead


def test_one_mode_of_a_pair_is_closed_and_its_goods_take_another(tmp_path: Path) -> None:
    closing = (
        "disruptions: [{id: d, kind: lane-closed, target: W>C:sea, at: 9h, for: 90h, goods: divert, via: W>C:air}]"
    )
    twin = ran(load(tmp_path, MODES, "60h", more=closing))
    assert _ways(twin)[0] == [("W>C:sea", 6, 9, "diverted"), ("W>C:air", 9, 13, "there")]
    assert twin.network.shipments[0].freight_minor == 1000 + 9000


def test_co2_is_that_of_the_way_really_gone(tmp_path: Path) -> None:
    """100 g per kg and lane, 10 pieces of 2 kg: 2 kg a lane; of the lane that is left 3 of its 5 hours."""
    network = PAIR.format(time="5h", every="6h", pieces=10, lane="").replace("value: 10", "value: 10, weight_kg: 2")
    network = network.replace("cost:", "co2: 100, cost:")
    rows = "disruptions: [{id: d, target: W>C, kind: lane-closed, at: 9h, for: 10h, goods: divert, via: W>V}]"
    twin = ran(load(tmp_path, network, "29h", more=rows))
    assert [leg.co2_mg for leg in twin.network.shipments[0].legs] == [1_200_000, 2_000_000, 2_000_000]


@pytest.mark.parametrize(("horizon", "served", "backlog"), [("36h", 1, 25), ("47h", 1, 25), ("72h", 2, 60)])
def test_what_waits_at_a_full_gate_is_backlog_and_not_served(
    tmp_path: Path, horizon: str, served: int, backlog: int
) -> None:
    """15 every 12 h over room for 10 a day: 10 have left by a day, 20 by two, 30 (the second order's last at 48 h) by
    three, when the room of the fourth day is not open yet."""
    network = """\
items: [{id: P, value: 10}]
warehouses: [{id: W, stock: {P: 100}}]
lanes: [{from: W, to: C, time: 1h, capacity: 10/d}]
customers: [{id: C, served_by: [W], orders: {every: 12h, items: {P: 1}, quantity: 15, due: 1d}}]
"""
    kpis = ran(load(tmp_path, network, horizon)).result().kpis
    assert (kpis["orders_served"], kpis["backlog_peak"]) == (served, backlog)
