"""The floor's Python side, used wrongly: one clear error, the same on both floors, never a read out of bounds."""

from collections.abc import Callable
from math import inf, nan
from typing import Any

import pytest
import simpy

from plants.definition import FailureSpec, LineSpec, MachineSpec, MaintenanceSpec, MakeSpec, ReworkSpec
from plants.floor import words
from plants.floor.machines import Machines
from sim.ahead.active import built
from sim.environment import Environment
from sim.streams import Law, Streams, constant

EXP = Law("exponential", (4.0,))
FAR = (-1, 2, 10**6, 2**31 - 1)
FLOORS = [
    False,
    pytest.param(True, marks=pytest.mark.skipif(not built().compiled, reason="no compiled floor here")),
]


def _spec(*machines: MachineSpec, buffers: tuple[Any, ...] = (5,), **more: Any) -> LineSpec:
    machines = machines or (MachineSpec("m1", EXP), MachineSpec("m2", constant(3.0)))
    more = {"supply_unlimited": True, "demand_unlimited": True, **more}
    return LineSpec("L1", makes=(MakeSpec("PART"),), machines=machines, buffers=buffers, **more)


@pytest.fixture(params=FLOORS, ids=lambda compiled: "compiled" if compiled else "interpreted")
def env(request: pytest.FixtureRequest) -> Environment:
    return Environment(compiled=request.param)


@pytest.fixture
def line(env: Environment) -> Machines:
    line = Machines(env, _spec(), "L1", Streams(1))
    env.run(until=1000)
    return line


@pytest.mark.parametrize("n", FAR)
@pytest.mark.parametrize("method", ["done", "busy_s", "down_s", "state", "stop", "mend", "level", "gap_area"])
def test_units_and_gaps_that_are_not_there(line: Machines, method: str, n: int) -> None:
    before = line.digest()
    with pytest.raises(IndexError, match=f"no (unit|gap) {n}: the line has [12]"):
        getattr(line, method)(n)
    assert line.digest() == before


@pytest.mark.parametrize("n", [-1, 1, 10**6])
def test_kernel_is_asked_for_what_is_not_there(line: Machines, n: int) -> None:
    for ask in (lambda: line.now.lot_counts(n), lambda: line.touch().close(n)):
        with pytest.raises(IndexError, match=f"no lot {n}: the line has room for 1"):
            ask()
    for ask in (lambda: line.now.is_active(n + 10), lambda: line.touch().crew_done(n + 10, words.REPAIR)):
        with pytest.raises(IndexError, match="no unit"):
            ask()


def test_nothing_is_undone_that_was_not_done(env: Environment, line: Machines) -> None:
    with pytest.raises(ValueError, match="unit 0 is not stopped"):
        line.mend(0)
    with pytest.raises(ValueError, match="the line is not halted"):
        line.lift()
    for turn in (words.REPAIR, words.BREAKDOWN, 0, 7):
        with pytest.raises(ValueError, match="unit 0 is not waiting for a crew"):
            line.touch().crew_done(0, turn)
    with pytest.raises(ValueError, match="still on the line"):
        line.touch().close(0)
    line.stop(0)
    line.halt()
    assert line.state(0) == "down"
    line.lift()
    line.mend(0)
    env.run(until=2000)
    assert line.good > 400


def test_a_calendar_failure_is_not_mended_from_above(env: Environment) -> None:
    failing = MachineSpec("m1", constant(1.0), fails=FailureSpec(constant(10.25), constant(10.0), "calendar"))
    line = Machines(env, _spec(failing, buffers=()), "L1", Streams(1))
    env.run(until=15)
    with pytest.raises(ValueError, match="is not stopped"):
        line.mend(0)
    line.stop(0)
    line.mend(0)
    env.run(until=40)
    assert (line.down_s(0), line.good) == (19.5, 20)


@pytest.mark.parametrize("factor", [0.0, -1.0, nan, inf])
def test_speeds_that_are_none(line: Machines, factor: float) -> None:
    with pytest.raises(ValueError, match="allowed: above 0"):
        line.touch().set_factor(factor)


LOT = {"size": 3, "credit": 3, "setup": 0.0, "factor": 1.0, "stream": -1, "share": 1.0}


@pytest.mark.parametrize(
    "wrong",
    [
        *({"size": 0}, {"size": -5}, {"credit": -1}, {"setup": -1.0}, {"setup": nan}, {"factor": -1.0}),
        *(
            {"factor": nan},
            {"stream": 10**6, "share": 0.5},
            {"stream": -7},
            {"stream": 0, "share": nan},
            {"share": 2.0},
        ),
    ],
)
def test_lots_that_are_none(env: Environment, wrong: dict[str, Any]) -> None:
    seen: list[str] = []

    def answer() -> None:
        while (hand := line.now.hand()) is not None:
            if hand[0] == words.WORK and not seen:
                with pytest.raises(ValueError, match=r"a lot|setup|yield") as refused:
                    line.touch().load(*(LOT | wrong).values())
                seen.append(str(refused.value))
                line.touch().load(*LOT.values())
                with pytest.raises(ValueError, match="material for -4"):
                    line.touch().grant(-4)
            elif hand[0] == words.LOT:
                line.touch().close(hand[2])

    line = Machines(env, _spec(demand_unlimited=False), "L1", Streams(1), answer=answer)
    env.run(until=1000)
    assert (len(seen), line.good, line.wip) == (1, 3, 0)


def test_a_lot_is_not_closed_under_its_parts(env: Environment) -> None:
    line = Machines(env, _spec(demand_unlimited=False), "L1", Streams(1), answer=lambda: _take(line))
    env.run(until=7)
    with pytest.raises(ValueError, match="lot 0 is still on the line"):
        line.touch().close(0)
    env.run(until=1000)
    line.touch().close(0)
    assert line.good == 3


def _take(line: Machines) -> None:
    while (hand := line.now.hand()) is not None:
        if hand[0] == words.WORK and line.good == 0:
            line.touch().load(*LOT.values())


def _one(**what: Any) -> LineSpec:
    return _spec(MachineSpec("m1", **{"cycle": EXP, **what}), MachineSpec("m2", EXP))


WRONG_LINES: dict[str, LineSpec] = {
    "has no machines": LineSpec("L1", (), supply_unlimited=True, demand_unlimited=True),
    "has 0 buffers": _spec(buffers=()),
    "has 3 buffers": _spec(buffers=(1, 2, 3)),
    "a buffer of -2": _spec(buffers=(-2,)),
    "a buffer of 2.5": _spec(buffers=(2.5,)),
    "a buffer of 10000000000000000": _spec(buffers=(10**16,)),
    "has 3000000000 places": _spec(buffers=(3 * 10**9,), demand_unlimited=False),
    "blocking 'sometimes'. allowed: after-service": _spec(blocking="sometimes"),
    "m1: parallel 0": _one(parallel=0),
    "m1: parallel -1": _one(parallel=-1),
    "has 20000001 machines, parallel ones included": _one(parallel=20_000_000),
    "m2: its id|m1: its id is given twice": _spec(MachineSpec("m1", EXP), MachineSpec("m1", EXP)),
    "m1: scrap 1.5": _one(scrap=1.5),
    "m1: scrap nan": _one(scrap=nan),
    "rework share 2.0": _one(rework=ReworkSpec(2.0, "m1")),
    "rework to 'zz'. allowed: m1, m2": _one(rework=ReworkSpec(0.1, "zz")),
    "failures that count 'x'": _one(fails=FailureSpec(EXP, EXP, "x")),
    "repair: exponential": _one(fails=FailureSpec(EXP, Law("exponential", (nan,)))),
    "maintenance that counts 'x'": _one(maintenance=(MaintenanceSpec(5.0, EXP, "x"),)),
    "maintenance every 0.0": _one(maintenance=(MaintenanceSpec(0.0, EXP),)),
    "maintenance every nan": _one(maintenance=(MaintenanceSpec(nan, EXP),)),
}


@pytest.mark.parametrize("found", WRONG_LINES)
def test_lines_that_cannot_be(env: Environment, found: str) -> None:
    with pytest.raises(ValueError, match=found):
        Machines(env, WRONG_LINES[found], "L1", Streams(1), answer=lambda: None)
    assert len(env.floor) == 0


@pytest.mark.parametrize(
    "law",
    [
        *(None, 4.0, Law("zipf", (1.0,)), Law("constant", (nan,)), Law("exponential", ()), Law("exponential", (-4.0,))),
        *(Law("exponential", (inf,)), Law("normal", (3.0,)), Law("normal", (3.0, -1.0)), Law("lognormal", (0.0, 1.0))),
        *(Law("gamma", (1.0, 0.0)), Law("gamma", (-1.0, 0.5)), Law("weibull", (1.0, 0.0)), Law("weibull", (1.0, -1.0))),
        *(Law("erlang", (1.0, 0.0)), Law("erlang", (1.0, 2.5)), Law("erlang", (1.0, -1.0))),
        *(Law("triangular", (5.0, 1.0, 2.0)), Law("triangular", (5.0, 5.0, 5.0)), Law("uniform", (5.0, 1.0))),
        *(Law("empirical", ()), Law("empirical", (nan, 1.0))),
    ],
    ids=str,
)
def test_laws_that_cannot_be_drawn_from(env: Environment, law: Any) -> None:
    with pytest.raises(ValueError, match=r"machine L1\.m1: cycle: "):
        Machines(env, _one(cycle=law), "L1", Streams(1))


@pytest.mark.parametrize(
    "law",
    [
        *(constant(0.5), constant(inf), Law("exponential", (0.0,)), Law("normal", (3.0, 0.0))),
        *(Law("lognormal", (3.0, 0.0)), Law("gamma", (3.0, 0.5)), Law("weibull", (3.0, 0.7))),
        *(Law("uniform", (3.0, 3.0)), Law("empirical", (2.0,)), Law("triangular", (1.0, 1.0, 2.0))),
    ],
    ids=str,
)
def test_laws_at_the_edge_run(env: Environment, law: Law) -> None:
    line = Machines(env, _one(cycle=law), "L1", Streams(1))
    env.run(until=100)
    assert (line.good > 0) == (law != constant(inf))


@pytest.mark.parametrize("wip_limit", [-1, 2**70, "a"])
def test_wip_limits_that_are_none(env: Environment, wip_limit: Any) -> None:
    with pytest.raises(ValueError, match="wip_limit"):
        Machines(env, _spec(), "L1", Streams(1), wip_limit=wip_limit)


def test_a_plain_simpy_environment_has_no_floor() -> None:
    plain: Any = simpy.Environment()
    with pytest.raises(TypeError, match=r"needs a sim\.environment\.Environment, not a Environment"):
        Machines(plain, _spec(), "L1", Streams(1))


@pytest.mark.parametrize("time", [-1000.0, nan])
def test_the_floor_has_no_time_before_zero(env: Environment, time: float) -> None:
    with pytest.raises(ValueError, match="the floor has no time before 0"):
        Machines(Environment(time, compiled=env.compiled), _spec(), "L1", Streams(1))


def test_the_example_of_machines_runs(capsys: pytest.CaptureFixture[str]) -> None:
    lines = (Machines.__doc__ or "").splitlines()
    start = next(n for n, text in enumerate(lines) if "env = Environment()" in text)
    code = "\n".join(text.strip() for text in lines[start : start + 7])
    names: dict[str, Any] = {
        "Environment": Environment,
        "LineSpec": LineSpec,
        "MakeSpec": MakeSpec,
        "MachineSpec": MachineSpec,
        "Law": Law,
    }
    run: Callable[..., None] = exec
    run(code, names | {"Machines": Machines, "Streams": Streams, "constant": constant})
    good, busy = capsys.readouterr().out.split()
    assert int(good) > 800
    assert 0 < float(busy) <= 3600


def test_a_line_too_long_for_its_records_runs_and_keeps_none() -> None:
    digests = set()
    for compiled in (False, *([True] if built().compiled else [])):
        env = Environment(compiled=compiled)
        many = Machines(env, _spec(MachineSpec("m", constant(3.0), parallel=70_000), buffers=()), "many", Streams(1))
        with pytest.raises(ValueError, match="records tell 65536 apart"):
            many.keep()
        env.run(until=4.0)
        assert many.good == 70_000
        digests.add(many.digest())
    assert len(digests) == 1
