"""What stops a line is said: a station without a working machine, a reported stop, and whatever holds it still."""

from pathlib import Path
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import scenarios.library
from plants.definition import DisruptionSpec, LineSpec, MachineSpec, MakeSpec
from plants.systems.breakdowns import Breakdowns, Standstill
from scenarios.twin.assembly import Twin, assemble
from sim.streams import constant
from sync.vocabulary.changes import Change
from sync.vocabulary.messages import Message
from tests.common.worlds import load

H = 3_600_000
NETWORK = """\
items: [{{id: A}}]
plants:
  - id: n
    lines: [{{id: L1, machines: {machines}, makes: [{{item: A, lot: 10}}]}}]
    systems: {{mes: {{posts: immediate, delay: 1s}}}}
warehouses:
  - {{id: dc, stock: {{A: 500}}, replenish: {{A: {{s: 400, S: 500, from: n}}}}}}
customers:
  - {{id: c, served_by: [dc], orders: {{every: 6h, items: {{A: 1}}, quantity: 20, due: 1d, late_penalty: 5/pcs/d}}}}
lanes:
  - {{from: n, to: dc, time: 1d, cost: 1/pcs}}
  - {{from: dc, to: c, time: 2h, cost: 1/pcs}}
"""
BREAKS = "{id: press, cycle: 1min, fails: {after: 10h, repair: 2h, counts: calendar}}"


def world(folder: Path, machines: str = BREAKS, way: str = "none") -> Twin:
    return assemble(load(folder, NETWORK.format(machines=f"[{machines}]"), "10d").scenario, way, 3)


def told(twin: Twin) -> list[tuple[str, float, object]]:
    """(what, hours when it was so, expected hours or the machine) of all that MES said of lines and machines."""
    found: list[tuple[str, float, object]] = []
    for _, message in twin.bus.log:
        at = round(message.happened_ms / H, 3)
        if message.type == "line.stopped":
            expected = message.data["expected_ms"]
            found.append((message.type, at, round(expected / H, 3) if expected >= 0 else None))
        elif message.type in ("line.resumed", "machine.stopped", "machine.resumed"):
            found.append((message.type, at, message.data["machine"]))
    return found


def lines_only(twin: Twin) -> list[tuple[str, float, object]]:
    return [row for row in told(twin) if row[0].startswith("line.")]


# --- by breakdowns ----------------------------------------------------------------------------------------------------
def test_the_only_machine_of_a_station_stops_its_line_for_as_long_as_it_usually_takes(tmp_path: Path) -> None:
    twin = world(tmp_path)
    twin.env.advance(40 * 3600.0)
    assert told(twin) == [
        ("machine.stopped", 10.0, "n.L1.press"), ("line.stopped", 10.0, None),
        ("machine.resumed", 12.0, "n.L1.press"), ("line.resumed", 12.0, "n.L1.press"),
        ("machine.stopped", 22.0, "n.L1.press"), ("line.stopped", 22.0, 2.0),
        ("machine.resumed", 24.0, "n.L1.press"), ("line.resumed", 24.0, "n.L1.press"),
        ("machine.stopped", 34.0, "n.L1.press"), ("line.stopped", 34.0, 2.0),
        ("machine.resumed", 36.0, "n.L1.press"), ("line.resumed", 36.0, "n.L1.press"),
    ]  # fmt: skip
    stop = next(m for _, m in twin.bus.log if m.type == "line.stopped")
    assert stop.data == {
        "line": "n.L1", "reason": "breakdown of press", "since_ms": 10 * H, "expected_ms": -1, "machine": "n.L1.press",
    }  # fmt: skip


def test_a_stop_that_outlasts_its_estimate_is_estimated_again_from_its_longer_likes(tmp_path: Path) -> None:
    twin = world(tmp_path, BREAKS.replace("calendar", "operating").replace("after: 10h", "after: 1000d"))
    line = twin.network.lines["n.L1"]
    for begin, took in ((1, 1), (10, 3), (20, 5), (30, 9)):
        twin.env.call_at(begin * 3600.0, lambda: line.stop_machine("press"))
        twin.env.call_at((begin + took) * 3600.0, lambda: line.mend_machine("press"))
    twin.env.advance(45 * 3600.0)
    minute = round(1 / 60, 3)
    assert lines_only(twin) == [
        ("line.stopped", 1.0, None), ("line.resumed", 2.0, "n.L1.press"),
        ("line.stopped", 10.0, 1.0), ("line.stopped", 11 + minute, None), ("line.resumed", 13.0, "n.L1.press"),
        ("line.stopped", 20.0, 2.0), ("line.stopped", 22 + minute, 3.0), ("line.stopped", 23 + minute, None),
        ("line.resumed", 25.0, "n.L1.press"),
        ("line.stopped", 30.0, 3.0), ("line.stopped", 33 + minute, 5.0), ("line.stopped", 35 + minute, None),
        ("line.resumed", 39.0, "n.L1.press"),
    ]  # fmt: skip
    stops = [m.data for _, m in twin.bus.log if m.type == "line.stopped"]
    assert {s["since_ms"] for s in stops[-3:]} == {30 * H}, "it is one stop, however often it is estimated"


def test_a_line_works_while_its_station_has_one_machine_left(tmp_path: Path) -> None:
    twin = world(tmp_path, "{id: press, cycle: 1min, parallel: 2}")
    line = twin.network.lines["n.L1"]
    kernel = line.floor  # type: ignore[attr-defined]

    def second(broken: bool) -> None:
        (kernel.stop if broken else kernel.mend)(1)
        line.shop.machine_broke(line, "press:2", broken)

    for at, act in (
        (1, lambda: line.stop_machine("press")), (2, lambda: second(True)), (5, lambda: line.mend_machine("press")),
        (6, lambda: line.stop_machine("press")), (8, lambda: second(False)), (9, lambda: line.mend_machine("press")),
    ):  # fmt: skip
        twin.env.call_at(at * 3600.0, act)
    twin.env.advance(20 * 3600.0)
    assert lines_only(twin) == [
        ("line.stopped", 2.0, None), ("line.resumed", 5.0, "n.L1.press:1"),
        ("line.stopped", 6.0, 4.0), ("line.resumed", 8.0, "n.L1.press:1"),
    ]  # fmt: skip


def test_a_stop_by_several_stations_begins_with_the_first_and_ends_with_the_last(tmp_path: Path) -> None:
    twin = world(tmp_path, "{id: press, cycle: 1min}, {id: mill, cycle: 1min}")
    line = twin.network.lines["n.L1"]
    for at, act, machine in ((1, "stop", "press"), (2, "stop", "mill"), (3, "mend", "press"), (4, "mend", "mill")):
        twin.env.call_at(at * 3600.0, lambda a=act, m=machine: getattr(line, f"{a}_machine")(m))  # type: ignore[misc]
    twin.env.advance(20 * 3600.0)
    assert lines_only(twin) == [
        ("line.stopped", 1.0, None), ("line.stopped", 2.0, None), ("line.stopped", 3.0, None),
        ("line.resumed", 4.0, "n.L1.mill"),
    ]  # fmt: skip
    stops = [m.data for _, m in twin.bus.log if m.type == "line.stopped"]
    assert [s["reason"] for s in stops] == ["breakdown of press", "breakdown of press, mill", "breakdown of mill"]
    assert {s["since_ms"] for s in stops} == {H}


# --- by breakdowns inside reported stops, and the other way round -----------------------------------------------------
def halted(twin: Twin, begin_h: float, end_h: float, name: str = "fire", kind: str = "plant-down") -> None:
    target = {"plant-down": "n", "line-down": "n.L1", "machine-down": "n.L1.press"}[kind]
    spec = DisruptionSpec(name, kind, target, duration=constant((end_h - begin_h) * 3600.0))
    twin.env.call_at(begin_h * 3600.0, lambda: twin.disruptions.begin(spec))


@pytest.mark.parametrize(
    ("begin", "end", "said"),
    [
        # the breakdown of 10 h to 12 h lies inside: nobody hears of it
        (9, 15, [("line.stopped", 9.0, 6.0), ("line.resumed", 15.0, "")]),
        # it begins inside and outlasts the stop: then that is said, with since when
        (9, 11, [("line.stopped", 9.0, 2.0), ("line.stopped", 11.0, None), ("line.resumed", 12.0, "n.L1.press")]),
        # it is over when the stop that began in it ends
        (11, 15, [("line.stopped", 10.0, None), ("line.stopped", 11.0, 4.0), ("line.resumed", 15.0, "")]),
        # it lasts longer than the stop that began in it
        (10.5, 11.5, [
            ("line.stopped", 10.0, None), ("line.stopped", 10.5, 1.0), ("line.stopped", 11.5, None),
            ("line.resumed", 12.0, "n.L1.press"),
        ]),
    ],
)  # fmt: skip
def test_a_line_stands_while_anything_holds_it(
    tmp_path: Path, begin: float, end: float, said: list[tuple[str, float, object]]
) -> None:
    twin = world(tmp_path)
    halted(twin, begin, end)
    twin.env.advance(21 * 3600.0)
    assert lines_only(twin) == said
    whole = [m.data["since_ms"] for _, m in twin.bus.log if m.type == "line.stopped" and m.data["machine"]]
    assert set(whole) <= {10 * H}, "the breakdown began when it began, whenever it is told"
    machines = [row for row in told(twin) if row[0].startswith("machine.")]
    assert [row[0] for row in machines] in ([], ["machine.stopped", "machine.resumed"])


def test_of_two_reported_stops_the_last_to_end_lets_the_line_work(tmp_path: Path) -> None:
    twin = world(tmp_path, BREAKS.replace("10h", "1000d"))
    halted(twin, 1, 5)
    halted(twin, 2, 9, "jam", "machine-down")
    halted(twin, 3, 4, "lunch", "line-down")
    twin.env.advance(20 * 3600.0)
    assert lines_only(twin) == [
        ("line.stopped", 1.0, 4.0), ("line.stopped", 2.0, 7.0), ("line.stopped", 3.0, 1.0), ("line.resumed", 9.0, ""),
    ]  # fmt: skip


def test_what_people_report_teaches_nothing_of_how_long_repairs_take(tmp_path: Path) -> None:
    twin = world(tmp_path)
    halted(twin, 1, 5, "jam", "machine-down")
    twin.env.advance(13 * 3600.0)
    assert lines_only(twin)[2:] == [("line.stopped", 10.0, None), ("line.resumed", 12.0, "n.L1.press")]


# --- who listens ------------------------------------------------------------------------------------------------------
def test_the_engine_believes_the_stop_while_it_lasts_and_decides_nothing_because_of_it(tmp_path: Path) -> None:
    twin = world(tmp_path, way="synced")
    twin.attach_engine()
    assert twin.engine is not None
    state = twin.engine.shell.state
    twin.env.advance(23 * 3600.0)
    (stop,) = state.breakdowns.values()
    assert (stop.machine, stop.since_ms, stop.until_ms) == ("n.L1.press", 22 * H, 24 * H)
    assert [t for t in state.triggers if t.workflow.startswith("line")] == []
    twin.env.advance(25 * 3600.0)
    assert state.breakdowns == {}
    halted(twin, 33, 34.5, "fire")
    twin.env.advance(34.6 * 3600.0)
    assert state.breakdowns["n.L1"].since_ms == 34 * H
    assert state.lines["n.L1"].down_since_ms == -1, "the reported stop is over, a machine is what holds the line"
    twin.env.advance(10 * 86_400.0)
    asked = {m for d in twin.engine.shell.decisions() for m in _triggers(d)}
    broken: set[str] = {m.id for _, m in twin.bus.log if m.type.startswith("line.") and _of_machine(m)}
    assert broken and not broken & asked


def _triggers(decision: object) -> list[str]:
    return list(decision["trigger"] if isinstance(decision, dict) else decision.trigger)  # type: ignore[attr-defined]


def _of_machine(message: Message) -> bool:
    return bool(message.data.get("machine"))


def test_signals_say_what_they_said_before_there_were_line_stops(tmp_path: Path) -> None:
    twin = world(tmp_path)
    changes: list[Change] = []
    twin.on_change(changes.append)
    twin.env.advance(13 * 3600.0)
    names = [name for plant in twin.signals().values() for name in plant]
    assert names == ["n.L1.press.state", "n.L1.press.count", "n.L1.good", "n.L1.scrap"]
    states = [(c.time_ms / H, c.value) for c in changes if c.signal == "n.L1.press.state" and c.time_ms >= 10 * H]
    assert states[0] == (10.0, "Aborted")
    assert states[1][0] == 12.0 and states[1][1] != "Aborted"


PRESS = "fails: {after: {exponential: 20h}, repair: {lognormal: {mean: 45min, cv: 1.0}}, counts: operating}"


def test_the_only_press_of_a_plant_breaks_for_five_days_and_everybody_can_know(tmp_path: Path) -> None:
    three_plants = (Path(scenarios.library.__file__).parent / "three-plants.yaml").read_text()
    network = three_plants.replace(PRESS, "fails: {after: 70h, repair: 5d, counts: operating}", 1)
    body = network[network.index("currency:") :]
    twin = assemble(load(tmp_path, body, "20d").scenario, "synced", 7)
    twin.attach_engine()
    assert twin.engine is not None
    while not (stops := _of_press(twin, "line.stopped")) and twin.env.now < 20 * 86_400.0:
        twin.env.advance(twin.env.now + 86_400.0)
    (stop,) = stops
    assert stop.data["expected_ms"] == -1 and stop.data["since_ms"] == stop.happened_ms
    believed = twin.engine.shell.state.breakdowns["lyon.L1"]
    assert (believed.machine, believed.since_ms, believed.until_ms) == ("lyon.L1.press", stop.happened_ms, -1)
    twin.env.advance(stop.happened_ms / 1000 + 6 * 86_400.0)
    resumed = _of_press(twin, "line.resumed")
    assert [m.happened_ms - stop.happened_ms for m in resumed] == [5 * 24 * H]
    assert "lyon.L1" not in twin.engine.shell.state.breakdowns


def _of_press(twin: Twin, kind: str) -> list[Message]:
    return [m for _, m in twin.bus.log if m.type == kind and m.data["machine"] == "lyon.L1.press"]


# --- estimates --------------------------------------------------------------------------------------------------------
def spec(*parallel: int) -> LineSpec:
    machines = tuple(MachineSpec(f"m{n}", constant(1.0), parallel=p) for n, p in enumerate(parallel))
    return LineSpec("L", (MakeSpec("A"),), machines=machines)


UNITS = ["m0", "m1:1", "m1:2"]
LIVES = st.lists(st.tuples(st.sampled_from(UNITS), st.integers(1, 50), st.integers(1, 50)), max_size=25)


@settings(max_examples=200, deadline=None)
@given(LIVES, st.integers(0, 400))
def test_a_standstill_is_what_a_ledger_of_all_breakdowns_says(lives: list[tuple[str, int, int]], asked_ms: int) -> None:
    """Each machine breaks after so many ms and is repaired in so many, again and again; the ledger holds all of it."""
    ledger: dict[str, list[tuple[int, int]]] = {unit: [] for unit in UNITS}
    for unit, after, took in lives:
        begin = (ledger[unit][-1][1] if ledger[unit] else 0) + after
        ledger[unit].append((begin, begin + took))
    events = sorted((at, end, unit) for unit, rows in ledger.items() for row in rows for end, at in enumerate(row))
    line = Breakdowns(spec(1, 2))
    for at, end, unit in events:
        if at <= asked_ms:
            (line.whole if end else line.broke)(unit, at)
    assert line.standstill(asked_ms) == _by_ledger(ledger, asked_ms)


def _by_ledger(ledger: dict[str, list[tuple[int, int]]], now: int) -> Standstill | None:
    stations: dict[str, list[str]] = {"m0": ["m0"], "m1": ["m1:1", "m1:2"]}
    down: list[tuple[str, int, float]] = []
    for units in stations.values():
        begun = [[b for b, e in ledger[u] if b <= now < e] for u in units]
        if all(begun):
            ends = []
            for unit, (began,) in zip(units, begun, strict=True):
                past = [e - b for b, e in ledger[unit] if e <= now and e - b > now - began]
                ends.append(began + int(median(past)) if past else float("inf"))
            down.append((units[0], max(b for (b,) in begun), min(ends)))
    if not down:
        return None
    until = max(end for *_, end in down)
    names = tuple(unit for unit, *_ in down)
    return Standstill(names, min(since for _, since, _ in down), -1 if until == float("inf") else int(until))
