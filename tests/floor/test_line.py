"""Lines: blocking, buffers, failures, shifts, setups, yields and plain rates, against closed forms and an oracle."""

from math import sqrt
from pathlib import Path

import pytest

from scenarios.twin.assembly import assemble
from tests.common.worlds import line, load, ran, watched


def _throughput(folder: Path, network: str, days: int, reps: int, per: float = 60.0) -> tuple[float, float]:
    """Mean good parts per `per` seconds over replications, and the half-width of its 99.9 % interval."""
    loaded = load(folder, network, f"{days}d")
    rates = []
    for rep in range(reps):
        twin = assemble(loaded.scenario, "none", 5, rep)
        twin.env.advance(86_400.0)
        before = twin.network.lines["north.L1"].good
        twin.env.advance(loaded.scenario.horizon_s)
        made = twin.network.lines["north.L1"].good - before
        rates.append(made / (loaded.scenario.horizon_s - 86_400.0) * per)
    mean = sum(rates) / reps
    sd = sqrt(sum((r - mean) ** 2 for r in rates) / (reps - 1))
    return mean, 5.0 * sd / sqrt(reps)


EXPONENTIAL = "cycle: {exponential: 1min}"


@pytest.mark.parametrize(
    ("machines", "buffers", "exact"),
    [(2, 0, 2 / 3), (2, 1, 0.75), (2, 2, 0.8), (3, 0, 0.564103), (3, 2, 0.734017)],
)
def test_a_serial_exponential_line_has_the_throughput_of_its_markov_chain(
    tmp_path: Path, machines: int, buffers: int, exact: float
) -> None:
    mean, half = _throughput(tmp_path, line([EXPONENTIAL] * machines, buffers), 15, 8)
    print(f"seed 5, measured {mean:.5f} +- {half:.5f}, exact {exact:.5f}")
    assert abs(mean - exact) <= half
    assert half < 0.02


def test_failures_that_count_the_calendar_also_pass_while_the_machine_waits(tmp_path: Path) -> None:
    fails = "fails: {after: {exponential: 100h}, repair: {exponential: 25h}, counts: %s}"
    calendar = line(["cycle: 6min, " + fails % "calendar"])
    mean, half = _throughput(tmp_path, calendar, 1000, 8, per=3600.0)
    print(f"seed 5, measured {mean:.4f} +- {half:.4f} per hour, exact 8.0")
    assert abs(mean - 8.0) <= half


def test_a_starved_machine_fails_less_often_by_operating_time_than_by_the_calendar(tmp_path: Path) -> None:
    done = {}
    for counts in ("operating", "calendar"):
        folder = tmp_path / counts
        folder.mkdir()
        fails = f"fails: {{after: {{exponential: 5h}}, repair: 30min, counts: {counts}}}"
        twin = ran(load(folder, line(["cycle: 10min", f"cycle: 1min, {fails}"]), "60d"))
        done[counts] = twin.network.lines["north.L1"].down_s()
    assert done["operating"] < done["calendar"] / 4


def test_deterministic_lines_finish_parts_exactly_when_the_max_plus_recursion_says(tmp_path: Path) -> None:
    cycles, buffers = [37.0, 61.0, 43.0, 59.0], [1, 0, 2]
    loaded = load(tmp_path, line([f"cycle: {c:g}s" for c in cycles], buffers), "1d")
    twin = assemble(loaded.scenario, "none", 5)
    leaving = watched(twin)
    twin.env.advance(20_000.0)
    out = leaving()
    assert out == pytest.approx(_max_plus(cycles, buffers, len(out)), abs=1e-9)
    assert len(out) > 300


def _max_plus(cycles: list[float], buffers: list[int], parts: int) -> list[float]:
    """Departures of a line with blocking after service: a part leaves machine m when it is finished there and there
    is room behind it, i.e. part n - b - 1 has left machine m + 1 (Altiok 1997, blocking after service)."""
    last = len(cycles) - 1
    left = [[0.0] * (parts + 1) for _ in cycles]
    for n in range(1, parts + 1):
        for m, cycle in enumerate(cycles):
            start = max(left[m][n - 1], left[m - 1][n] if m else 0.0)
            leave = start + cycle
            if m < last and n - buffers[m] - 1 >= 1:
                leave = max(leave, left[m + 1][n - buffers[m] - 1])
            left[m][n] = leave
    return left[last][1:]


def test_blocking_before_service_lets_no_machine_start_without_a_place_for_the_part(tmp_path: Path) -> None:
    rates = {}
    for blocking in ("after-service", "before-service"):
        folder = tmp_path / blocking
        folder.mkdir()
        rates[blocking], _ = _throughput(folder, line([EXPONENTIAL] * 2, 1, blocking), 15, 4)
    # with one place between, before service is the two-machine line without the place in the machine: 2/3
    assert rates["before-service"] == pytest.approx(2 / 3, rel=0.02)
    assert rates["after-service"] == pytest.approx(0.75, rel=0.02)


STOCK = """\
calendars: [{{id: day, week: {{mon-sun: "06:00-14:00"}}}}]
items: [{{id: A}}, {{id: B}}]
plants:
  - id: north
    {calendar}
    lines:
      - {{id: L1, {line}}}
warehouses:
  - id: dc
    stock: {{A: 0, B: 0}}
    replenish: {{A: {{s: 0, S: {a}, from: [north]}}, B: {{s: 0, S: {b}, from: [north]}}}}
lanes:
  - {{from: north, to: dc, time: 1h, cost: 1/pcs}}
"""


def _stock(line_text: str, a: int, b: int = 1, calendar: str = "") -> str:
    return STOCK.format(line=line_text, a=a, b=b, calendar=calendar)


def test_the_kth_completion_of_a_rate_line_comes_k_days_over_the_rate_after_it_became_busy(tmp_path: Path) -> None:
    network = _stock("rate: 1013/d, makes: [{item: A}, {item: B}]", 500)
    loaded = load(tmp_path, network, "2d")
    twin = assemble(loaded.scenario, "none", 5)
    leaving = watched(twin)
    twin.env.advance(40_000.0)
    out = [round(at * 1000) for at in leaving()]
    began = out[0] - -(-86_400_000 // 1013)
    assert out == [began + -(-k * 86_400_000 // 1013) for k in range(1, len(out) + 1)]
    assert len(out) > 400


def test_work_pauses_at_the_end_of_a_shift_and_nothing_of_it_is_lost(tmp_path: Path) -> None:
    network = _stock("machines: [{id: M, cycle: 5h}], makes: [{item: A}, {item: B}]", 4, 0, "calendar: day").replace(
        "B: {s: 0, S: 0, from: [north]}", ""
    )
    twin = assemble(load(tmp_path, network.replace(", }", "}"), "5d").scenario, "none", 5)
    leaving = watched(twin)
    twin.env.advance(5 * 86_400.0)
    out = [at / 3600 for at in leaving()]
    assert out == pytest.approx([11.0, 24 + 8.0, 24 + 13.0, 48 + 10.0])


def test_setup_is_paid_when_the_item_changes_and_only_then(tmp_path: Path) -> None:
    network = _stock("machines: [{id: M, cycle: 1h}], makes: [{item: A, setup: 2h}, {item: B, setup: 3h}]", 3, 2)
    twin = assemble(load(tmp_path, network).scenario, "none", 5)
    leaving = watched(twin)
    twin.env.advance(86_400.0)
    out = [at / 3600 for at in leaving()]
    assert out == pytest.approx([3, 4, 5, 9, 10])


def test_a_halt_keeps_the_work_that_was_done(tmp_path: Path) -> None:
    network = _stock("machines: [{id: M, cycle: 10h}], makes: [{item: A}, {item: B}]", 1, 1)
    stop = "disruptions: [{id: stop, kind: line-down, target: north.L1, at: 4h, for: 7h}]"
    twin = assemble(load(tmp_path, network, more=stop).scenario, "none", 5)
    leaving = watched(twin)
    twin.env.advance(3 * 86_400.0)
    out = [at / 3600 for at in leaving()]
    assert out == pytest.approx([17, 27])


def test_a_plain_rate_that_is_slowed_keeps_the_share_of_the_piece_in_progress(tmp_path: Path) -> None:
    network = _stock("rate: 24/d, makes: [{item: A}, {item: B}]", 4, 1)
    slow = "disruptions: [{id: slow, kind: line-slow, target: north.L1, at: 90min, factor: 0.5, for: 2h}]"
    twin = assemble(load(tmp_path, network, more=slow).scenario, "none", 5)
    leaving = watched(twin)
    twin.env.advance(86_400.0)
    out = [at / 3600 for at in leaving()]
    # half an hour of the second piece is left at 1.5 h and takes an hour; the third is half done when speed returns
    assert out[:4] == pytest.approx([1.0, 2.5, 4.0, 5.0], abs=1e-3)


def test_a_rate_line_with_a_zero_share_of_staff_stands_still(tmp_path: Path) -> None:
    network = _stock("rate: 24/d, makes: [{item: A}, {item: B}]", 3, 1)
    gone = "disruptions: [{id: flu, kind: labour-absence, target: north, at: 90min, share: 1, for: 10h}]"
    twin = assemble(load(tmp_path, network, more=gone).scenario, "none", 5)
    leaving = watched(twin)
    twin.env.advance(86_400.0)
    out = [at / 3600 for at in leaving()]
    assert out == pytest.approx([1.0, 12.0, 13.0, 14.0], abs=1e-3)


def test_what_yield_takes_is_ordered_again_in_whole_lots(tmp_path: Path) -> None:
    network = _stock("rate: 2400/d, makes: [{item: A, lot: 50, yield: 0.9}, {item: B}]", 500)
    twin = ran(load(tmp_path, network, "5d"))
    orders = [o for o in twin.network.book.orders.values() if o.kind == "production" and o.item == "A"]
    assert len(orders) > 1
    assert all(o.quantity % 50 == 0 for o in orders)
    assert twin.network.sites["dc"].on_hand["A"] == 500


def test_parallel_machines_share_the_work_of_their_station(tmp_path: Path) -> None:
    one, _ = _throughput(tmp_path, line(["cycle: 4min, parallel: 2", "cycle: 1min"], 5), 3, 2)
    assert one == pytest.approx(0.5, rel=0.01)


def test_a_rate_line_pays_setups_and_keeps_an_items_own_pace(tmp_path: Path) -> None:
    network = _stock("rate: 24/d, makes: [{item: A, setup: 5h}, {item: B, setup: 2h, cycle_factor: 3}]", 2, 2)
    twin = assemble(load(tmp_path, network).scenario, "none", 5)
    leaving = watched(twin)
    twin.env.advance(2 * 86_400.0)
    out = [at / 3600 for at in leaving()]
    assert out == pytest.approx([6, 7, 12, 15])
