"""The floor alone: events per second with one line and with 10,000; what many lines, the trace and an event cost.

Every line is the ten-machine line that fails (see `line`), each with its own name and so its own random numbers. Lines
are built and run in off the clock (1,000 s); then a turn goes on where the last one stopped.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from bench import ours
from bench.agree import settled
from bench.duel import at_least, at_most, contrast, contrasted
from bench.hold import standing
from bench.line import MACHINES, spec
from bench.race import Contestant, Outcome, Play, Run, Spread, Turn, alone, ns_per_event, race
from bench.table import Row, figure, ns

RUN_IN_S = 1_000.0
FEW, MANY = 10, 10_000
MILLION = 1e6


def measure(run: Run) -> Iterator[Row]:
    """Rows of the table, as they come."""
    yield _one_line(run)
    yield from _many_lines(run)
    yield _trace(run)
    yield from memory(run)


def lines(count: int, span: float, seed: int, **options: Any) -> Play:
    """`count` lines that go on by `span` seconds a turn; options go to the environment."""
    env, built = ours.lines(spec(), count, seed, **options)
    env.run(until=RUN_IN_S)
    return Play(lambda: env.run(until=env.now + span), Growth(built, span))


class Growth:
    """Reads what a turn has added: events, and good parts per line and second."""

    def __init__(self, built: list[Any], span: float) -> None:
        self._lines, self._span = built, span
        self._events, self._good = self._totals()

    def _totals(self) -> tuple[int, int]:
        return sum(line.events for line in self._lines), sum(line.good for line in self._lines)

    def __call__(self) -> Outcome:
        events, good = self._totals()
        fired, made = events - self._events, good - self._good
        self._events, self._good = events, good
        values = {"good parts per line and second": made / self._span / len(self._lines)}
        return Outcome(fired, fired, values, f"{events} events, {good} good parts")


def entering(name: str, build: Callable[[int], Play]) -> Contestant:
    """A contestant that is built once."""
    return standing(lambda: Contestant(name, build))


# --- speed ------------------------------------------------------------------------------------------------------------
def _one_line(run: Run) -> Row:
    one = entering("one line", partial(lines, 1, float(run.size(300_000, 2_000))))
    return _speed("events per second, one line", alone(one, run), 10, 20)


def _many_lines(run: Run) -> list[Row]:
    """10 lines against 10,000 with as many events in all."""
    crowd_of, span = run.size(MANY, 100), float(run.size(50, 20))
    few = entering(f"{FEW} lines", partial(lines, FEW, span * crowd_of / FEW))
    crowd = entering(f"{crowd_of:,} lines", partial(lines, crowd_of, span))
    pairing, comparisons = settled(partial(race, few, crowd, run))
    measure = f"cost per event at {crowd_of:,} lines against {FEW}"
    growth = contrasted(measure, few, crowd, pairing, at_most(2, 1.2), tuple(comparisons))
    return [_speed(f"events per second, {crowd_of:,} lines", pairing.peer, 5, 15), growth]


def _speed(measure: str, turns: list[Turn], must: float, aim: float) -> Row:
    speed, cost = Spread.of([t.events / t.seconds / MILLION for t in turns]), ns_per_event(turns)
    return Row(
        measure,
        f"{figure(speed.median)} [{figure(speed.low)}..{figure(speed.high)}] M/s, {ns(cost)}",
        value=speed.median,
        target=at_least(must, aim, "{:g} M/s"),
        figures={"events_per_s": speed.median * MILLION, "ours_ns_per_event": cost.median},
    )


# --- the trace --------------------------------------------------------------------------------------------------------
def _trace(run: Run) -> Row:
    """The same line with the same seed, without its trace and with it."""
    span = float(run.size(300_000, 2_000))
    off = entering("off", partial(lines, 1, span, tracing=False))
    on = entering("on", partial(lines, 1, span))
    return contrast("trace on against off", off, on, run, at_most(1.15, 1.05), "events and parts")


# --- memory -----------------------------------------------------------------------------------------------------------
def memory(run: Run) -> list[Row]:
    """Bytes by the floor's own account, and by the operating system's for a process that holds nothing else."""
    env, line = ours.line(spec(), 1)
    if not env.compiled:
        return [Row("memory per pending floor event", note="only the compiled floor keeps its events in one block")]
    entry, block = line.now.bytes_of_timers / MACHINES, line.now.bytes_in_block / MACHINES
    count = run.size(2_000, 200)
    run.progress.say(f"memory of {count:,} lines")
    whole = resident_of(count) / MACHINES
    note = f"per machine the block of its line has {block:,.0f} B, twice (what is sure, what has run ahead)"
    return [
        Row(
            "memory per pending floor event", f"{figure(entry)} B", value=entry, target=at_most(40, 24, "{:g} B"),
            note=note, figures={"bytes": entry, "block_bytes_per_machine": block},
        ),
        Row(
            f"memory per machine, whole process, {count:,} lines", f"{whole:,.0f} B" if whole else "unknown here",
            value=whole, figures={"bytes": whole},
        ),
    ]  # fmt: skip


def resident_of(count: int) -> float:
    """Bytes per line that a process of its own grows by when it builds `count` lines and runs them in (0 where the
    operating system does not say)."""
    told = subprocess.run(
        [sys.executable, "-c", f"from bench.floor import grown; print(grown({count}))"],
        cwd=Path(__file__).parent.parent, capture_output=True, text=True, check=True, timeout=300,
    )  # fmt: skip
    return float(told.stdout)


def grown(count: int) -> float:
    """What `resident_of` measures, in this process."""
    ours.lines(spec(), 1, 1)[0].run(until=1.0)
    gc.collect()
    before = _resident()
    env, built = ours.lines(spec(), count, 2)
    env.run(until=RUN_IN_S)
    gc.collect()
    return (_resident() - before) / len(built)


def _resident() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
