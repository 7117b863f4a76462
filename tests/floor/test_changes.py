"""What machines show is on record, change by change: from states.parquet planned seconds are worked out again."""

from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from plants.floor import words
from scenarios.runs.folder import table_bytes
from scenarios.runs.packed import Packed
from scenarios.runs.record import read_parquet
from scenarios.twin.assembly import Twin
from tests.common.worlds import load, ran

H = 3_600_000
FREE = """\
calendars: [{id: day, week: {mon-sun: '06:00-14:00'}}]
items: [{id: P, value: 10}]
plants:
  - id: A
    lines: [{id: L, %s supply: unlimited, demand: unlimited, makes: [{item: P}], %s}]
"""
TWO = "machines: [{id: M, cycle: 1min}, {id: N, cycle: 90s}], buffers: [4]"
ONE = "machines: [{id: M, cycle: 60s}]"
MIXED = """\
calendars: [{id: day, week: {mon-fri: '06:00-22:00'}}, {id: night, week: {mon-sun: '22:00-06:00'}}]
items: [{id: C, value: 10}, {id: A, value: 80}, {id: B, value: 80}]
boms: [{item: A, needs: {C: 2}}, {item: B, needs: {C: 1}}]
suppliers: [{id: s, items: {C: {lead: 1d}}}]
plants:
  - id: n
    stock: {C: 300}
    lines:
      - id: L1
        calendar: %s
        machines:
          - {id: M1, cycle: {exponential: 2min}, maintenance: [{every: 24h, for: 30min, counts: calendar}]}
          - {id: M2, cycle: {exponential: 5min}, parallel: 2, fails: {after: {exponential: 30h}, repair: 40min}}
          - {id: M3, cycle: 1min, fails: {after: {exponential: 20h}, repair: {exponential: 2h}, counts: calendar}}
        buffers: [3, 0]
        makes: [{item: A, lot: 5, setup: 10min}]
      - {id: L2, calendar: day, rate: 70/d, makes: [{item: B}]}
    replenish: {A: {s: 400, S: 600, from: [n]}, B: {s: 50, S: 300, from: [n]}, C: {s: 200, S: 900, from: [s]}}
lanes: [{from: s, to: n, time: 2h}]
"""
TROUBLE = """disruptions:
  - {id: m, kind: machine-down, target: n.L1.M3, at: 4d 12:00, for: 20h}
  - {id: l, kind: line-down, target: n.L1, at: 4d 20:00, for: 30h}
  - {id: r, kind: line-down, target: n.L2, at: 5d 10:13, for: 7h}
  - {id: p, kind: plant-down, target: n, at: 8d 09:00, for: 5h}
"""


def free(folder: Path, line: str, disruptions: str = "", calendar: str = "", days: int = 4) -> Twin:
    more = f"disruptions: [{disruptions}]" if disruptions else ""
    return ran(load(folder, FREE % (calendar, line), f"{days}d", more=more))


def shown(twin: Twin, machine: str) -> list[tuple[float, str, str]]:
    """(minute, state, cause) of one machine of the only line."""
    table = twin.result().tables["states"]
    rows = zip(table["time_ms"], table["machine"], table["state"], table["cause"], strict=True)
    return [(at / 60_000, state, cause) for at, name, state, cause in rows if name == machine]


def planned(tables: dict[str, Any], begin: int, end: int) -> dict[tuple[str, str], dict[str, float]]:
    """(line, machine) -> state -> seconds within shifts in [begin, end), of the tables `states` and `shifts` alone."""
    rows = defaultdict(list)
    for at, line, machine, state in zip(*(tables["states"][c] for c in ("time_ms", "line", "machine", "state"))):  # noqa: B905
        rows[line, machine].append((at, state))
    windows = defaultdict(list)
    for line, a, b in zip(*tables["shifts"].values(), strict=True):
        windows[line].append((max(a, begin), min(b, end)))
    found: dict[tuple[str, str], dict[str, float]] = {}
    for key, changes in rows.items():
        spent = found[key] = defaultdict(float)
        assert [at for at, _ in changes] == sorted(at for at, _ in changes)
        for (at, state), (until, _) in zip(changes, [*changes[1:], (end, "")], strict=True):
            spent[state] += sum(max(min(until, b) - max(at, a), 0) for a, b in windows[key[0]]) / 1000
    return found


def test_two_machines_by_hand(tmp_path: Path) -> None:
    """N takes longer: M fills the gap of 4 and is blocked. M has finished its 1st part after 1 min, its n-th after n;
    N the k-th after 1 + 1.5 k. What M holds finished while 4 wait and N works on one: the 13th at minute 13 (7 by N
    until 11.5, the 8th until 13: M hands over at that instant), then the 14th at 14, which goes on at 14.5."""
    m = shown(free(tmp_path, TWO, days=1), "M")
    assert m[:4] == [(0, "working", ""), (14, "blocked", ""), (14.5, "working", ""), (15.5, "blocked", "")]
    n = shown(free(tmp_path, TWO, days=1), "N")
    assert n == [(0, "starved", ""), (1, "working", "")]


def test_why_a_machine_is_down(tmp_path: Path) -> None:
    """A stop of the machine from hour 24 to 30, a halt of its line from 26 to 28, and another one of it until 34."""
    stops = "{id: a, kind: machine-down, target: A.L.M, at: 1d, for: 6h},"
    stops += " {id: b, kind: line-down, target: A.L, at: 1d 02:00, for: 2h},"
    stops += " {id: c, kind: machine-down, target: A.L.M, at: 1d 05:00, for: 5h}"
    assert [(minute / 60, *rest) for minute, *rest in shown(free(tmp_path, ONE, stops), "M")] == [
        (0, "working", ""), (24, "down", "stopped"), (26, "down", "halted"), (28, "down", "stopped"),
        (34, "working", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("counts", ["operating", "calendar"])
def test_a_breakdown_within_a_stop_is_told_when_the_stop_is_over(tmp_path: Path, counts: str) -> None:
    """It breaks after 10 h for 4 h; stopped from hour 11 to 13."""
    fails = f"machines: [{{id: M, cycle: 60s, fails: {{after: 10h, repair: 4h, counts: {counts}}}}}]"
    twin = free(tmp_path, fails, "{id: a, kind: machine-down, target: A.L.M, at: 11h, for: 2h}", days=1)
    assert [(minute / 60, *rest) for minute, *rest in shown(twin, "M")][:5] == [
        (0, "working", ""), (10, "down", "breakdown"), (11, "down", "stopped"), (13, "down", "breakdown"),
        (14, "working", ""),
    ]  # fmt: skip


def test_off_shift_and_a_plain_rate(tmp_path: Path) -> None:
    stop = "{id: a, kind: line-down, target: A.L, at: 1d 12:00, for: 20h}"
    m = shown(free(tmp_path, ONE, stop, "calendar: day,", days=3), "M")
    assert [(minute / 60, *rest) for minute, *rest in m] == [
        (0, "off-shift", ""), (6, "working", ""), (14, "off-shift", ""), (30, "working", ""), (36, "down", "halted"),
        (56, "working", ""), (62, "off-shift", ""),
    ]  # fmt: skip
    rate = shown(free(tmp_path, "rate: 480/d", stop, "calendar: day,", days=3), "A.L")
    assert [(minute / 60, *rest) for minute, *rest in rate] == [
        (0, "idle", ""), (0, "working", ""), (36, "down", "halted"), (56, "working", ""),
    ]  # fmt: skip


@pytest.mark.parametrize(("calendar", "seed"), [("day", 1), ("day", 2), ("night", 3), ("day", 4)])
def test_planned_time_by_state_and_standstills_follow_from_the_changes(
    tmp_path: Path, calendar: str, seed: int
) -> None:
    of = ran(load(tmp_path, MIXED % calendar, "12d", "2d", more=TROUBLE), seed=seed).result()
    again = planned(of.tables, of.warmup_ms, of.horizon_ms)
    changes = len(of.tables["states"]["time_ms"])
    machines = set()
    for line, machine, state, seconds in zip(*of.tables["times"].values(), strict=True):
        machines.add((line, machine))
        assert again[line, machine].get(state, 0.0) == pytest.approx(seconds, abs=0.001 * changes / 10), (
            machine,
            state,
        )
    assert machines == {("n.L1", m) for m in ("M1", "M2:1", "M2:2", "M3")} | {("n.L2", "n.L2")}
    assert set(of.tables["states"]["cause"]) == set(words.CAUSES)
    # the line stands when every machine of a station is down
    stations = [{"M1"}, {"M2:1", "M2:2"}, {"M3"}]
    now, turns = dict[str, str](), list[int]()  # turns: down, up, down ...
    rows = sorted(zip(*of.tables["states"].values(), strict=True), key=lambda row: row[0])
    for at in sorted({row[0] for row in rows if row[1] == "n.L1"}):
        now |= {machine: state for t, line, machine, state, _ in rows if t == at and line == "n.L1" and machine}
        down = any(all(now.get(m) == "down" for m in station) for station in stations)
        if down != bool(len(turns) % 2):
            turns.append(at)
    said = [(at, state) for at, line, machine, state, _ in rows if line == "n.L1" and not machine]
    assert turns == [at for at, _ in said]
    assert {state for _, state in said[::2]} == {"down"} and {state for _, state in said[1::2]} == {"up"}


def test_interpreted_tells_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    world = load(tmp_path, MIXED % "day", "6d", more=TROUBLE)
    here = ran(world).result().tables["states"]
    monkeypatch.setenv("PLANTSYNC_FLOOR", "interpreted")
    assert ran(world).result().tables["states"] == here


def test_a_line_that_changes_too_often_tells_no_more_than_that_it_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(words, "MOST_TOLD", 7)
    m = shown(free(tmp_path, TWO, "{id: a, kind: line-down, target: A.L, at: 1d, for: 6h}"), "M")
    assert [row for row in m if row[0] >= 60] == [(1440, "down", "halted"), (1800, "running", "")]
    assert len(m) < 12 and m[-3][1] == "running"


def test_the_table_comes_back_from_its_file(tmp_path: Path) -> None:
    table = ran(load(tmp_path, MIXED % "day", "3d")).result().tables["states"]
    assert all(isinstance(column, Packed) for column in table.values())
    back = read_parquet(table_bytes(table, "states"), "states")
    assert back == {name: list(column) for name, column in table.items()}
    first = table["machine"][0], table["time_ms"][0]
    assert first == (back["machine"][0], back["time_ms"][0]) and type(first[1]) is int
    assert list(table["state"][2:5]) == back["state"][2:5]
