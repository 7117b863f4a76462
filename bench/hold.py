"""The hold model (Vaucher and Duval 1975): N pending events; each, when it fires, is set again an exponential time
(mean 1 s) ahead. It measures the calendar and what surrounds it, at N = 10, 1,000 and 100,000.

One fired event is one model event, on every side. Ciw has no such thing as a bare event: it does not take part. The
model is stationary, so each side builds it once, and a turn goes on where the last one stopped.
"""

from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import simpy

from bench.duel import at_least, duel
from bench.ours import line, line_of, machine
from bench.peers import Exponential, Peer, peer, quiet, unwatched
from bench.race import Contestant, Outcome, Play, Run
from bench.table import Row

TARGETS = {10: None, 1_000: at_least(12, 30), 100_000: at_least(9, 30)}
SETTLE_S = 1e-9  # everything is started, nothing has fired


def measure(run: Run) -> Iterator[Row]:
    """Rows of the table, as they come."""
    for n in TARGETS:
        yield from _rows(run, n)
    yield Row("hold / Ciw", note="Ciw has no bare events: customers are served at nodes")


def _rows(run: Run, n: int) -> Iterator[Row]:
    most = max(40_000, 2 * n)
    mine = partial(OURS.contestant, run, n, run.size(2_000_000 if n < 100_000 else 1_000_000, most) / n)
    span = run.size(200_000, max(20_000, n)) / n
    for p in PEERS:
        measure = f"hold {n:,} / {p.name}"
        if p.module == "salabim" and n > SALABIM_MOST:
            yield Row(measure, note="left out: making so many components takes salabim 20 s")
            continue
        theirs = partial(p.contestant, run, n, span)
        target = TARGETS[n] if p.module == "simpy" else None
        yield duel(measure, partial(standing, mine), partial(standing, theirs), run, target)


def standing(enter: Callable[[], Contestant]) -> Contestant:
    """The contestant, built once and only when it is its turn."""
    one = enter()
    built: list[Play] = []

    def build(seed: int) -> Play:
        if not built:
            built.append(one.build(seed))
        return built[0]

    return replace(one, build=build)


class Since:
    """Reads how much a count has grown since it was last read: the events of a turn. Their rate is 1 per pending event
    and second."""

    def __init__(self, count: Callable[[], int], n: int, span: float) -> None:
        self._count, self._before, self._expected = count, count(), n * span

    def __call__(self) -> Outcome:
        before, self._before = self._before, self._count()
        fired = self._before - before
        return Outcome(
            fired, fired, {"events per pending event and second": fired / self._expected}, f"{self._before} events"
        )


def floor(n: int, span: float, seed: int) -> Play:
    """Ours: a station of `n` parallel machines that never wait, so that `n` timers are pending."""
    env, made = line(line_of(machine("M", parallel=n), buffers=()), seed)
    env.run(until=SETTLE_S)

    return Play(lambda: env.run(until=env.now + span), Since(lambda: made.events, n, span))


def in_simpy(n: int, span: float, seed: int, environment: type[simpy.Environment] = simpy.Environment) -> Play:
    """SimPy: `n` processes that do nothing but time out."""
    env = environment()
    draws = Exponential(np.random.default_rng(seed), 1.0)

    def hold(timeout: Callable[[float], simpy.events.Timeout], draw: Callable[[], float]) -> Generator[Any, Any, None]:
        while True:
            yield timeout(draw())

    for _ in range(n):
        env.process(hold(env.timeout, draws.next))
    env.run(until=SETTLE_S)

    return Play(lambda: env.run(until=env.now + span), Since(lambda: draws.used, n, span))


def in_salabim(n: int, span: float, seed: int) -> Play:
    """salabim: `n` components that do nothing but hold."""
    salabim = peer("salabim")
    env = quiet(salabim)
    draws = Exponential(np.random.default_rng(seed), 1.0)
    draw = draws.next

    class Holder(salabim.Component):  # type: ignore[misc, name-defined]
        def process(self) -> Generator[Any, Any, None]:
            hold = self.hold
            while True:
                yield hold(draw())

    for _ in range(n):
        unwatched(Holder())
    env.run(till=SETTLE_S)

    return Play(lambda: env.run(duration=span), Since(lambda: draws.used, n, span))


SALABIM_MOST = 10_000
OURS = Peer("floor", "plants.floor.machines", floor)
PEERS = (Peer("SimPy", "simpy", in_simpy), Peer("salabim", "salabim", in_salabim))
