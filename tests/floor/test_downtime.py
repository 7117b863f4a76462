"""Standstill that nobody planned, planned time by state, and speeds that change in the middle of a piece."""

from pathlib import Path

import pytest

from scenarios.twin.assembly import Twin, assemble
from tests.common.worlds import load

H = 3600.0
WORLD = """\
%s
items: [{id: P, value: 10}]
plants:
  - id: A
    lines: [{id: L, %s supply: unlimited, demand: unlimited, makes: [{item: P}], %s}]
"""
SHIFTS = "calendars: [{id: day, week: {mon-sun: '06:00-14:00'}}]"


def world(folder: Path, line: str, disruptions: str = "", calendar: bool = False, days: int = 4) -> Twin:
    network = WORLD % (SHIFTS if calendar else "", "calendar: day," if calendar else "", line)
    loaded = load(folder, network, f"{days}d", more=f"disruptions: [{disruptions}]" if disruptions else "")
    twin = assemble(loaded.scenario, "none", 1, 0)
    twin.env.advance(days * 24 * H)
    return twin


def down_h(twin: Twin, begin: float = 0.0) -> float:
    return twin.network.lines["A.L"].downtime.seconds(begin * H, twin.env.now) / H


ONE = "machines: [{id: M, cycle: 60s}]"
TWO = "machines: [{id: M, cycle: 60s, parallel: 2}]"


@pytest.mark.parametrize(
    ("line", "target", "kind", "right"),
    [
        (ONE, "A.L.M", "machine-down", 24), (TWO, "A.L.M", "machine-down", 0), (TWO, "A.L", "line-down", 24),
        (ONE, "A", "plant-down", 24), ("rate: 1440/d", "A.L", "line-down", 24),
        ("machines: [{id: M, cycle: 60s}, {id: N, cycle: 60s}]", "A.L.N", "machine-down", 24),
    ],
)  # fmt: skip
def test_a_station_without_a_working_machine_is_a_standstill(
    tmp_path: Path, line: str, target: str, kind: str, right: float
) -> None:
    twin = world(tmp_path, line, f"{{id: d, kind: {kind}, target: {target}, at: 1d, for: 1d}}")
    assert down_h(twin) == right
    assert down_h(twin, begin=36) == right / 2


@pytest.mark.parametrize(("hours", "right"), [(6, 2), (24, 8), (37, 10), (48, 16)])
def test_only_planned_time_counts(tmp_path: Path, hours: int, right: float) -> None:
    """From 12:00 of the second day on, with shifts from 6 to 14."""
    d = f"{{id: d, kind: machine-down, target: A.L.M, at: 1d 12:00, for: {hours}h}}"
    assert down_h(world(tmp_path, ONE, d, calendar=True)) == right


def test_what_overlaps_counts_once(tmp_path: Path) -> None:
    d = ", ".join([
        "{id: a, kind: line-down, target: A.L, at: 10h, for: 10h}",
        "{id: b, kind: machine-down, target: A.L.M, at: 15h, for: 10h}",
        "{id: c, kind: plant-down, target: A, at: 25h, for: 5h}",
    ])  # fmt: skip
    assert down_h(world(tmp_path, ONE, d)) == 20


def test_maintenance_is_planned(tmp_path: Path) -> None:
    twin = world(tmp_path, "machines: [{id: M, cycle: 60s, maintenance: [{every: 10h, for: 2h}]}]")
    assert down_h(twin) == 0
    assert twin.network.lines["A.L"].state_s()["M"]["maintenance"] > 10 * H


def test_two_of_parallel_machines_that_fail_by_the_calendar(tmp_path: Path) -> None:
    """Each is down from 10 h to 14 h after it was mended: both at once, as they have constant laws."""
    fails = "fails: {after: 10h, repair: 4h, counts: calendar}"
    twin = world(tmp_path, f"machines: [{{id: M, cycle: 60s, parallel: 2, {fails}}}]", days=3)
    assert down_h(twin) == 5 * 4  # at 10, 24, 38, 52, 66 h
    assert twin.network.lines["A.L"].down_s() == 2 * 20 * H


@pytest.mark.parametrize("calendar", [False, True])
def test_states_add_up_to_planned_time(tmp_path: Path, calendar: bool) -> None:
    fails = "fails: {after: {exponential: 5h}, repair: {exponential: 1h}}"
    line = (
        f"machines: [{{id: M, cycle: {{exponential: 60s}}, {fails}}}, {{id: N, cycle: {{exponential: 50s}},"
        " parallel: 2, maintenance: [{every: 9h, for: 1h}]}], buffers: 2"
    )
    d = "{id: a, kind: line-down, target: A.L, at: 10h, for: 21h}"
    d += ", {id: b, kind: line-slow, target: A.L, at: 40h, for: 5h, factor: 0.3}"
    twin = world(tmp_path, line, d, calendar=calendar)
    line_ = twin.network.lines["A.L"]
    planned = line_.shifts.between(0.0, twin.env.now)
    for machine, spent in line_.state_s().items():
        assert sum(spent.values()) == pytest.approx(planned, abs=1e-6)
        assert spent["working"] == pytest.approx(line_.busy_s()[machine], abs=1e-6)
        assert spent["down"] > 0 and spent["off-shift"] == 0


@pytest.mark.parametrize(
    ("cycle_h", "slow", "factor", "until", "ends"),
    [
        (10, 4, 0.5, 24, 16),  # six hours are left, at half the speed twelve
        (10, 4, 0.5, 8, 12),  # four hours at half the speed do two: four are left at 8 h
        (8, 1, 0.25, 21, 23),  # seven left; twenty hours do five; two left
        (6, 5, 0.1, 15, 15),  # over at the very instant at which the speed comes back
    ],
)
@pytest.mark.parametrize("reference", [False, True])
def test_a_slow_down_acts_on_the_piece_in_progress(
    tmp_path: Path, cycle_h: float, slow: float, factor: float, until: float, ends: float, reference: bool
) -> None:
    network = WORLD % ("", "", f"machines: [{{id: M, cycle: {cycle_h}h}}]")
    d = f"disruptions: [{{id: s, kind: line-slow, target: A.L, at: {slow}h, for: {until - slow}h, factor: {factor}}}]"
    twin = assemble(load(tmp_path, network, "4d", more=d).scenario, "none", 1, 0, reference=reference)
    twin.env.advance(ends * H - 0.001)
    assert twin.network.lines["A.L"].good == 0
    twin.env.advance(ends * H + 0.001)
    assert twin.network.lines["A.L"].good == 1


def test_speeds_that_overlap_multiply_and_come_back_exactly(tmp_path: Path) -> None:
    d = ", ".join(
        f"{{id: s{n}, kind: line-slow, target: A.L, at: {n + 1}h, for: {3 + n}h, factor: {f}}}"
        for n, f in enumerate((0.1, 0.3, 0.7))
    )
    twin = world(tmp_path, ONE, d)
    line = twin.network.lines["A.L"]
    assert line.factor == 1.0
    # 1 h, then 1 h at .1, 1 h at .03, 1 h at .021, 2 h at .21 (until 6 h), 2 h at .7 (until 8 h), then 88 h
    assert line.good == int((1 + 0.1 + 0.03 + 0.021 + 2 * 0.21 + 2 * 0.7 + 88) * 60)
