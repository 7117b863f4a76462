"""Ten machines in series that fail: saturated, buffers of 10, exponential cycles (mean 1), exponential failures after
100 s of operation and repairs of 5 s, blocking after service. Its ratio is wall time for the same good parts made.

    [M1] (10) [M2] (10) [M3] ... (10) [M10]      every run starts empty and lasts equally long on every side

The end of a stretch of work, a failure and the end of a repair are one model event each: whatever lets time pass.

SimPy is written twice, with one process per machine each. `SimPy` has a `Store` between machines, as its documentation
does. `SimPy, by hand` counts the parts in a gap itself and makes an event only for a machine that has to wait. Neither
needs interrupts: a machine that counts its own hours of operation knows when it will break.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import simpy

from bench.duel import at_least, duel
from bench.ours import exponential, line, line_of, machine
from bench.peers import Exponential, Peer, peer, quiet, unwatched
from bench.race import Outcome, Play, Run
from bench.table import Row
from plants.definition import FailureSpec, LineSpec

MACHINES, ROOM = 10, 10
CYCLE_S, FAILURE_S, REPAIR_S = 1.0, 100.0, 5.0
TARGET = at_least(100, 180)

Process = Generator[Any, Any, None]


def measure(run: Run) -> Iterator[Row]:
    """Rows of the table, as they come."""
    span = float(run.size(4_000, 1_000))
    mine = partial(OURS.contestant, run, span)
    for p in PEERS:
        target = TARGET if p.module == "simpy" else None
        note = CIW_NOTE if p.module == "ciw" else ""
        yield duel(f"ten-machine line / {p.name}", mine, partial(p.contestant, run, span), run, target, note)


def outcome(events: int, good: int, span: float) -> Outcome:
    return Outcome(events, good, {"good parts per second": good / span}, f"{events} events, {good} good parts")


# --- ours -------------------------------------------------------------------------------------------------------------
def spec(machines_in_series: int = MACHINES) -> LineSpec:
    """The line as a definition."""
    fails = FailureSpec(exponential(FAILURE_S), exponential(REPAIR_S), counts="operating")
    stations = [machine(f"M{n + 1}", CYCLE_S, fails=fails) for n in range(machines_in_series)]
    return line_of(*stations, buffers=(ROOM,) * (machines_in_series - 1))


def floor(span: float, seed: int, **options: Any) -> Play:
    """Ours; options go to the environment."""
    env, made = line(spec(), seed, **options)

    return Play(lambda: env.run(until=span), lambda: outcome(made.events, made.good, span))


# --- the peers --------------------------------------------------------------------------------------------------------
@dataclass
class Laws:
    """The draws of one machine of a peer, and what it counts."""

    cycle: Exponential
    failure: Exponential
    repair: Exponential
    made: int = 0
    failed: int = 0
    repaired: int = 0

    @classmethod
    def of(cls, generator: np.random.Generator) -> "Laws":
        cycle, failure, repair = (Exponential(generator, mean) for mean in (CYCLE_S, FAILURE_S, REPAIR_S))
        return cls(cycle, failure, repair)

    @property
    def events(self) -> int:
        return self.made + self.failed + self.repaired


def all_laws(seed: int) -> list[Laws]:
    """One set per machine, all fed by one generator."""
    generator = np.random.default_rng(seed)
    return [Laws.of(generator) for _ in range(MACHINES)]


def counted(laws: list[Laws], span: float) -> Outcome:
    return outcome(sum(own.events for own in laws), laws[-1].made, span)


def in_simpy(span: float, seed: int, environment: type[simpy.Environment] = simpy.Environment) -> Play:
    """SimPy with its `Store` between machines: a put that finds no room waits, which is blocking after service."""
    env, laws = environment(), all_laws(seed)
    gaps = [simpy.Store(env, ROOM) for _ in range(MACHINES - 1)]

    def work(own: Laws, before: simpy.Store | None, behind: simpy.Store | None) -> Process:
        timeout, cycle, repair = env.timeout, own.cycle.next, own.repair.next
        left = own.failure.next()
        while True:
            if before is not None:
                yield before.get()
            todo = cycle()
            while todo > left:
                yield timeout(left)
                own.failed += 1
                todo -= left
                yield timeout(repair())
                own.repaired += 1
                left = own.failure.next()
            yield timeout(todo)
            left -= todo
            own.made += 1
            if behind is not None:
                yield behind.put(own)

    for own, before, behind in zip(laws, [None, *gaps], [*gaps, None], strict=True):
        env.process(work(own, before, behind))

    return Play(lambda: env.run(until=span), lambda: counted(laws, span))


class Gap:
    """A buffer between two machines, counted by hand: who waits to take from it, who to put into it."""

    __slots__ = ("level", "putter", "taker")

    def __init__(self) -> None:
        self.level = 0
        self.taker: Any = None
        self.putter: Any = None


def in_simpy_by_hand(span: float, seed: int) -> Play:
    """SimPy without its stores."""
    env, laws = simpy.Environment(), all_laws(seed)
    gaps = [Gap() for _ in range(MACHINES - 1)]

    def work(own: Laws, before: Gap | None, behind: Gap | None) -> Process:
        timeout, cycle, repair = env.timeout, own.cycle.next, own.repair.next
        left = own.failure.next()
        while True:
            if before is not None:
                if before.putter is not None:  # the part of the blocked machine takes the place of the one taken
                    before.putter.succeed()
                    before.putter = None
                elif before.level:
                    before.level -= 1
                else:
                    before.taker = env.event()
                    yield before.taker
            todo = cycle()
            while todo > left:
                yield timeout(left)
                own.failed += 1
                todo -= left
                yield timeout(repair())
                own.repaired += 1
                left = own.failure.next()
            yield timeout(todo)
            left -= todo
            own.made += 1
            if behind is not None:
                if behind.taker is not None:
                    behind.taker.succeed()
                    behind.taker = None
                elif behind.level < ROOM:
                    behind.level += 1
                else:
                    behind.putter = env.event()
                    yield behind.putter

    for own, before, behind in zip(laws, [None, *gaps], [*gaps, None], strict=True):
        env.process(work(own, before, behind))

    return Play(lambda: env.run(until=span), lambda: counted(laws, span))


def in_salabim(span: float, seed: int) -> Play:
    """salabim, by hand in the same way: a machine that has to wait is passive until its neighbour activates it."""
    salabim = peer("salabim")
    env, laws = quiet(salabim), all_laws(seed)
    gaps = [Gap() for _ in range(MACHINES - 1)]

    class Machine(salabim.Component):  # type: ignore[misc, name-defined]
        def setup(self, own: Laws, before: Gap | None, behind: Gap | None) -> None:
            self.own, self.before, self.behind = own, before, behind

        def process(self) -> Process:
            own, before, behind, hold = self.own, self.before, self.behind, self.hold
            cycle, repair = own.cycle.next, own.repair.next
            left = own.failure.next()
            while True:
                if before is not None:
                    if before.putter is not None:
                        before.putter.activate()
                        before.putter = None
                    elif before.level:
                        before.level -= 1
                    else:
                        before.taker = self
                        yield self.passivate()
                todo = cycle()
                while todo > left:
                    yield hold(left)
                    own.failed += 1
                    todo -= left
                    yield hold(repair())
                    own.repaired += 1
                    left = own.failure.next()
                yield hold(todo)
                left -= todo
                own.made += 1
                if behind is not None:
                    if behind.taker is not None:
                        behind.taker.activate()
                        behind.taker = None
                    elif behind.level < ROOM:
                        behind.level += 1
                    else:
                        behind.putter = self
                        yield self.passivate()

    for own, before, behind in zip(laws, [None, *gaps], [*gaps, None], strict=True):
        unwatched(Machine(own=own, before=before, behind=behind))

    return Play(lambda: env.run(till=span), lambda: counted(laws, span))


# --- Ciw --------------------------------------------------------------------------------------------------------------
CIW_NOTE = (
    "Ciw has no failures on operating time: a repair is part of the service it falls into, which leaves the flow of "
    "parts unchanged and saves Ciw two events per failure."
)
# So many parts go round that the first machine never waits: all other places may be full, and one is left for it.
CIRCULATING = MACHINES + ROOM * (MACHINES - 1)


def in_ciw(span: float, seed: int) -> Play:
    """Ciw: parts circulate from the last node to the first, whose queue has no end, so that it is always saturated."""
    ciw = peer("ciw")
    ciw.seed(seed)
    endless, dists = float("inf"), ciw.dists

    class Completion(dists.Distribution):  # type: ignore[misc, name-defined]
        """Service and the repairs it suffers."""

        def __init__(self, own: Laws) -> None:
            super().__init__()
            self.own, self.left = own, own.failure.next()

        def __deepcopy__(self, memo: dict[int, Any]) -> Any:
            return self  # Ciw copies distributions; this one's stream must stay in one place

        def sample(self, t: float | None = None, ind: Any = None) -> float:
            todo = total = self.own.cycle.next()
            while todo > self.left:
                todo -= self.left
                total += self.own.repair.next()
                self.left = self.own.failure.next()
            self.left -= todo
            return total

    network = ciw.create_network(
        arrival_distributions=[dists.Sequential([0.0, endless]), *[None] * (MACHINES - 1)],
        batching_distributions=[dists.Sequential([CIRCULATING]), *[dists.Deterministic(1)] * (MACHINES - 1)],
        service_distributions=[Completion(own) for own in all_laws(seed)],
        number_of_servers=[1] * MACHINES,
        queue_capacities=[endless, *[ROOM] * (MACHINES - 1)],
        routing=[[1.0 if j == (i + 1) % MACHINES else 0.0 for j in range(MACHINES)] for i in range(MACHINES)],
    )
    simulation = ciw.Simulation(network)

    def read() -> Outcome:
        records = [r for part in simulation.get_all_individuals() for r in part.data_records]
        return outcome(len(records), sum(r.node == MACHINES for r in records), span)

    return Play(lambda: simulation.simulate_until_max_time(span), read)


OURS = Peer("floor", "plants.floor.machines", floor, 60, 4)
PEERS = (
    Peer("SimPy", "simpy", in_simpy, 4),
    Peer("SimPy, by hand", "simpy", in_simpy_by_hand, 12),
    Peer("salabim", "salabim", in_salabim, 6),
    Peer("Ciw", "ciw", in_ciw, 2),
)
