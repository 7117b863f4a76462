"""Suppliers: what a stop does to promises and to capacity, beside lateness, hours and what is ordered meanwhile."""

from pathlib import Path

import pytest

from scenarios.twin.assembly import Twin
from scenarios.verify import supply, worlds
from tests.common.worlds import load, ran

DAY = 86_400_000
NETWORK = """\
{calendars}items: [{{id: A}}]
suppliers: [{{id: sup{own}, items: {{A: {{{terms}}}}}}}]
warehouses: [{{id: w, stock: {{A: {stock}}}, replenish: {{A: {{s: {s}, S: {big_s}, from: [sup]}}}}}}]
lanes: [{{from: sup, to: w, time: 0d}}, {{from: w, to: cu, time: 0d}}]
customers: [{{id: cu, served_by: [w], orders: {{every: {every}, items: {{A: 1}}, quantity: {pieces}, due: 1d}}}}]
"""


def _run(
    folder: Path, terms: str, disruptions: str = "", horizon: str = "60d", stock: int = 0, s: int = 199,
    big_s: int = 200, every: str = "1d", pieces: int = 10, calendars: str = "", own: str = "", more: str = "",
) -> Twin:  # fmt: skip
    network = NETWORK.format(
        terms=terms, stock=stock, s=s, big_s=big_s, every=every, pieces=pieces, calendars=calendars, own=own
    )
    rows = f"disruptions:\n{disruptions}" if disruptions else ""
    return ran(load(folder, network, horizon, more=rows + more))


def _handed_over(twin: Twin) -> list[tuple[float, int]]:
    """(day, pieces) of what left the supplier, in that order."""
    gone = [s for s in twin.network.shipments if s.kind == "purchase" and s.departed_ms >= 0]
    return sorted((s.departed_ms / DAY, s.quantity) for s in gone)


def _row(begin: str, last: str, kind: str = "supplier-down", name: str = "d", more: str = "") -> str:
    return f"  - {{id: {name}, kind: {kind}, target: sup, at: {begin}, for: {last}{more}}}\n"


@pytest.mark.parametrize(("per_day", "begin", "last"), [(10, 25, 20), (10, 30, 7), (20, 12, 3), (5, 50, 4)])
def test_a_stopped_supplier_makes_nothing(tmp_path: Path, per_day: int, begin: int, last: int) -> None:
    """200 are ordered at 0, and then what the customer takes, 10 a day: the queue is worked out order by order."""
    twin = _run(tmp_path, f"lead: 0d, capacity: {per_day}/d", _row(f"{begin}d", f"{last}d"))
    free, expected = 200 / per_day, [(200 / per_day, 200)]
    if free > begin:
        free = expected[0][0] + last
        expected = [(free, 200)]
    placed = [o.ordered_ms / DAY for o in twin.network.book.orders.values() if o.kind == "purchase"][1:]
    for at in placed:
        start = max(at, free)
        if begin <= start < begin + last:
            start = begin + last
        free = start + 10 / per_day
        if start < begin < free - 1e-9:
            free += last
        expected.append((free, 10))
    found = _handed_over(twin)
    assert [n for _, n in found] == [n for _, n in expected[: len(found)]]
    assert [at for at, _ in found] == pytest.approx([at for at, _ in expected[: len(found)]], abs=1e-7)
    assert len(found) == sum(at <= 60 + 1e-9 for at, _ in expected)
    assert not any(begin < at < begin + last for at, _ in found)


def test_what_is_ordered_while_it_stands_is_begun_when_it_is_back(tmp_path: Path) -> None:
    """One order at a time: 10 at day 4 (and a second), lead 3 days, stopped from day 3 to day 8."""
    twin = _run(tmp_path, "lead: 3d", _row("3d", "5d"), "20d", stock=10, s=0, big_s=10, every="4d")
    (at, pieces), *_ = _handed_over(twin)
    assert pieces == 10 and at == pytest.approx(8 + 3, abs=1e-9)


@pytest.mark.parametrize(
    ("stops", "day"),
    [
        (((5, 2),), 8),  # before it: nothing was promised yet... the order of day 4 is due on day 6, moves by 2
        (((5, 2), (6, 3)), 10),  # they overlap: it stood from 5 to 9
        (((5, 2), (7, 1)), 9),  # they touch: it stood from 5 to 8
        (((6, 3),), 6),  # what is ready at the very instant of the stop has left
        (((4.5, 0.5), (5.25, 0.5)), 7),
    ],
)
def test_a_promise_moves_by_the_time_the_supplier_stood(
    tmp_path: Path, stops: tuple[tuple[float, float], ...], day: float
) -> None:
    rows = "".join(_row(f"{round(a * 24)}h", f"{round(n * 24)}h", name=f"d{i}") for i, (a, n) in enumerate(stops))
    twin = _run(tmp_path, "lead: 2d", rows, "12d", stock=10, s=0, big_s=10, every="4d")
    order = next(o for o in twin.network.book.orders.values() if o.kind == "purchase")
    lag = order.ordered_ms / DAY - 4
    assert _handed_over(twin)[0][0] == pytest.approx(day + lag, abs=1e-7)


@pytest.mark.parametrize(
    ("by", "stop", "day"), [("2d", ("5d", "2d"), 10), ("2d", ("7d", "1d"), 9), ("1d", ("9d", "1d"), 7)]
)
def test_a_stop_comes_on_top_of_lateness(tmp_path: Path, by: str, stop: tuple[str, str], day: float) -> None:
    """Ordered on day 4, promised for day 6, late by `by`; a stop while it is at work, or late, moves it."""
    rows = _row("1d", "9d", "supplier-late", "late", f", by: {by}") + _row(*stop)
    twin = _run(tmp_path, "lead: 2d", rows, "12d", stock=10, s=0, big_s=10, every="4d")
    assert _handed_over(twin)[0][0] == pytest.approx(day, abs=1e-4)


@pytest.mark.parametrize("fill", [0.9, 0.5, 1.0])
def test_capacity_is_used_by_what_was_ordered_whatever_is_filled(tmp_path: Path, fill: float) -> None:
    twin = _run(tmp_path, f"lead: 0d, capacity: 10/d, fill: {fill}", horizon="21d")
    assert _handed_over(twin)[0] == (20.0, round(200 * fill))


def test_who_waits_is_told_when_the_supplier_is_back(tmp_path: Path) -> None:
    twin = _run(tmp_path, "lead: 3d", _row("5d", "5d"), "20d", stock=10, s=0, big_s=10, every="4d")
    told = [(at / DAY, m.data["eta_ms"] / DAY) for at, m in twin.bus.log if m.type == "asn.delayed"]
    assert told[0] == (pytest.approx(10, abs=1e-3), pytest.approx(12, abs=1e-3))


@pytest.mark.parametrize("lead", ["100d", "400d", "4000d"])
def test_a_purchase_that_is_ready_after_the_horizon_is_simply_on_order(tmp_path: Path, lead: str) -> None:
    twin = _run(
        tmp_path, f"lead: {lead}", horizon="30d", stock=50, s=20, big_s=50,
        calendars='calendars: [{id: office, week: {mon-fri: "08:00-17:00"}}]\n', own=", calendar: office",
    )  # fmt: skip
    promised = [m.data["promised_ms"] for _, m in twin.bus.log if m.type == "supplier.acknowledged"]
    assert promised and all(isinstance(at, int) and at >= 30 * DAY for at in promised)
    orders = [o for o in twin.network.book.orders.values() if o.kind == "purchase"]
    assert orders and not _handed_over(twin) and all(o.done_ms < 0 for o in orders)


TWO = """\
items: [{id: A}]
suppliers: [{id: sup, items: {A: {lead: {LAW}}}}]
warehouses:
  - {id: w, stock: {A: 50}, replenish: {A: {s: 20, S: 50, from: [sup]}}}
  - {id: v, stock: {A: 50}, replenish: {A: {s: 20, S: 50, from: [sup]}}}
lanes:
  - {from: sup, to: w, time: {exponential: 1d}}
  - {from: sup, to: v, time: {exponential: 1d}}
  - {from: w, to: cu, time: {exponential: 2d}}
  - {from: v, to: other, time: {exponential: 2d}}
customers:
  - {id: cu, served_by: [w], orders: {every: {exponential: 1d}, items: {A: 1}, quantity: 10, due: 1d}}
"""


@pytest.mark.parametrize("law", ["exponential: 5d", "normal: {mean: 5d, sd: 1d}"])
def test_one_order_more_changes_the_lead_of_no_other(tmp_path: Path, law: str) -> None:
    """A second buyer's purchases draw numbers of their own: the first's come when they came without it."""
    network = TWO.replace("LAW", law)
    other = (
        "  - {id: other, served_by: [v], orders: {every: {exponential: EVERY}, items: {A: 1}, quantity: 7, due: 1d}}\n"
    )
    rows = []
    for n, text in enumerate(network + other.replace("EVERY", every) for every in ("900d", "1d")):
        (tmp_path / str(n)).mkdir()
        twin = ran(load(tmp_path / str(n), text, "90d"))
        kept = [s for s in twin.network.shipments if s.target in ("w", "cu")]
        rows.append([(s.target, s.quantity, s.departed_ms, s.received_ms) for s in kept])
    assert rows[0] == rows[1] and len(rows[0]) > 50


def test_what_is_ordered_at_once_while_the_supplier_stands_waits_for_its_return() -> None:
    """Without lead time nothing leaves during an outage, and what waits leaves when it is over."""
    case = supply.disrupted(0.25, 3.0, 2_000, 0.04, 0.25, 20)
    twin = worlds.run(case, 0, 0)
    stops = [(d.at_s, d.at_s + d.duration.mean) for d in twin.scenario.disruptions]
    left = [s.departed_ms / 1000 for s in twin.network.shipments if s.kind == "purchase" and s.departed_ms >= 0]
    assert len(left) > 300 and not any(a < at < b for at in left for a, b in stops)
    assert sum(at == b for at in left for _, b in stops) >= 20
