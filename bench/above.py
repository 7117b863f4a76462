"""The floor and the Python above it: what a decision point costs, waking a SimPy process from one, being touched while
running ahead, and SimPy processes of one's own on our environment.

A decision point is measured as a difference: the same line, with the same seed, once running silently and once raising
a hand whenever a machine breaks and whenever it is whole again. The answer takes the hand and does nothing (or wakes a
process that waits for nothing else); what the line does is the same to the last bit. The difference of the two times,
divided by the hands, is what one of them costs: the way up to Python, the answer, and running ahead anew.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from typing import Any

import numpy as np
import simpy

from bench import hold, line, mm1, ours
from bench.agree import identical
from bench.duel import at_most, contrast
from bench.floor import RUN_IN_S, Growth, entering
from bench.line import spec
from bench.race import Contestant, Outcome, Pairing, Play, Run, Spread, ns_per_event, race
from bench.table import Row, Target, figure, ns
from plants.definition import FailureSpec, LineSpec
from plants.floor.machines import Machines
from sim.environment import Environment
from sim.streams import Streams

WINDOW_S = 100.0  # about 770 events of a line
LINES, ONE_IN = 100, 10


def measure(run: Run) -> Iterator[Row]:
    """Rows of the table, as they come."""
    yield from _decisions(run)
    yield from _run_ahead(run)
    yield from _processes(run)


# --- decision points --------------------------------------------------------------------------------------------------
def fragile() -> LineSpec:
    """A line whose machines break and are whole again about every fifth part: many hands."""
    fails = FailureSpec(ours.exponential(5.0), ours.exponential(0.5))
    stations = [ours.machine(f"M{n + 1}", fails=fails) for n in range(line.MACHINES)]
    return ours.line_of(*stations, buffers=(line.ROOM,) * (line.MACHINES - 1))


class Watched:
    """The line that raises hands, and who answers them. hands: how many were taken."""

    def __init__(self, seed: int, reporting: bool, waking: bool) -> None:
        self.env, self.hands, self.waking = Environment(), 0, waking
        self.line = Machines(
            self.env, fragile(), "line", Streams(seed), reporting=reporting, answer=self.wake if waking else self.answer
        )
        if waking:
            self.env.process(self.sleep())

    def answer(self) -> None:
        """The empty answer: take the hands, do nothing."""
        kernel = self.line.touch()
        while kernel.hand() is not None:
            self.hands += 1

    def wake(self) -> None:
        """Take the hands and wake the process."""
        self.answer()
        self.bell.succeed()

    def sleep(self) -> Generator[Any, Any, None]:
        """Waits for the bell and for nothing else."""
        while True:
            self.bell = self.env.event()
            yield self.bell


def watched(span: float, reporting: bool, waking: bool, seed: int) -> Play:
    """The work of a turn is its hands (its events, where none are raised)."""
    world = Watched(seed, reporting, waking)
    env = world.env

    def read() -> Outcome:
        made = world.line
        return Outcome(made.events, world.hands or made.events, {}, f"{made.events} events, {made.good} good parts")

    return Play(lambda: env.run(until=span), read)


def _decisions(run: Run) -> Iterator[Row]:
    span = float(run.size(20_000, 1_000))
    turns = run.size(3, 1)
    silent = Contestant("silent", partial(watched, span, False, False), turns)
    for measure, name, waking, must, aim in (
        ("decision point, empty Python answer", "answered", False, 1.0, 0.4),
        ("decision point, waking a SimPy process", "waking", True, 4.0, 2.0),
    ):
        loud = Contestant(name, partial(watched, span, True, waking), turns)
        yield _by_hand(measure, race(silent, loud, run, same_seeds=True), at_most(must, aim, "{:g} us"))


def _by_hand(measure: str, pairing: Pairing, target: Target) -> Row:
    """Microseconds per hand: the difference of a pair's times."""
    cost = Spread.of(
        [
            (b.seconds - a.seconds) / sum(o.work for o in b.outcomes) * 1e6
            for a, b in zip(pairing.ours, pairing.peer, strict=True)
        ]
    )
    return Row(
        measure,
        f"{figure(cost.median)} [{figure(cost.low)}..{figure(cost.high)}] us",
        f"silent {ns(ns_per_event(pairing.ours))}",
        value=cost.median,
        target=target,
        comparisons=(identical("what the line did", pairing.ours, pairing.peer),),
        figures={"us_per_decision": cost.median},
    )


# --- run-ahead --------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Meddling:
    """Every window, one line in `one_in` is looked for at an instant of its own, and touched when `touching`: what it
    had run ahead is void. Without a `horizon` lines run as far ahead as the floor lets them, over many windows."""

    lines: int
    touching: bool
    horizon: bool = True
    one_in: int = ONE_IN

    def hand(self, env: Environment, seed: int) -> Generator[Any, Any, None]:
        """The process that meddles; it does the same waiting when it touches nothing."""
        floor, uniform = env.floor, np.random.default_rng(seed).uniform
        for turn in cycle(range(self.one_in)):
            chosen = range(turn, self.lines, self.one_in)
            began = env.now
            for slot, at in zip(chosen, np.sort(uniform(0.0, WINDOW_S, len(chosen))), strict=True):
                yield env.timeout(float(began + at) - env.now)
                if self.touching:
                    floor.touch(slot)
            yield env.timeout(began + WINDOW_S - env.now)


def meddled(how: Meddling, windows: int, seed: int) -> Play:
    """The lines go on by so many windows a turn."""
    env, built = ours.lines(spec(), how.lines, seed)
    env.process(how.hand(env, seed))
    env.run(until=RUN_IN_S)

    def go() -> None:
        for _ in range(windows if how.horizon else 1):
            env.run(until=env.now + (WINDOW_S if how.horizon else windows * WINDOW_S))

    return Play(go, Digested(built, windows * WINDOW_S))


class Digested(Growth):
    """The same, with the digests of all traces as what must be identical."""

    def __call__(self) -> Outcome:
        grown = super().__call__()
        return Outcome(grown.events, grown.work, grown.values, " ".join(str(one.digest()) for one in self._lines))


def _run_ahead(run: Run) -> Iterator[Row]:
    lines, windows = run.size(LINES, 20), run.size(50, 5)
    for measure, horizon, target in (
        ("run-ahead, one line in ten touched per window", True, at_most(1.8, 1.4)),
        ("run-ahead, the same without end in sight", False, None),
    ):
        free = entering("none touched", partial(meddled, Meddling(lines, False, horizon), windows))
        held = entering("touched", partial(meddled, Meddling(lines, True, horizon), windows))
        yield contrast(measure, free, held, run, target, "digests of all lines")


# --- SimPy processes of one's own -----------------------------------------------------------------------------------
def _processes(run: Run) -> Iterator[Row]:
    """The textbook SimPy models, run by SimPy and by our environment with an empty floor."""
    models: tuple[tuple[str, Any, tuple[float, ...], int], ...] = (
        ("hold 1,000", hold.in_simpy, (1_000, run.size(200, 10)), 1),
        ("M/M/1", mm1.in_simpy, (float(run.size(20_000, 2_000)),), run.size(2, 1)),
        ("ten-machine line", line.in_simpy, (float(run.size(4_000, 1_000)),), run.size(2, 1)),
    )
    for name, build, sizes, replications in models:
        plain = Contestant("SimPy", partial(build, *sizes, environment=simpy.Environment), replications)
        mine = Contestant("ours", partial(build, *sizes, environment=Environment), replications)
        yield contrast(f"SimPy processes, {name}", plain, mine, run, at_most(1.15, 1.0), "what they did")
