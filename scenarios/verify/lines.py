"""One replication of a case on the machine floor: build the line, delete the warm-up, read what came out.

    supply without end -> [source] -> gap 0 -> [server] -> ...      arrivals are what the source finishes

A Poisson source is a first machine with an exponential cycle and room without end behind it: it is never starved and
never blocked, so it holds exactly one part at all times. What is in the system is what is on the line without that one.
Means come from integrals over time, never from sampled parts.
"""

from dataclasses import dataclass

from plants.floor.machines import Machines
from scenarios.verify.case import LineCase, Observed
from sim.environment import Environment
from sim.streams import Streams


@dataclass(frozen=True)
class Window:
    """What the measured part of a run came to: differences of two readings of the line's counters. Areas are integrals
    over time in part-seconds: of the parts in the first gap, and of all parts on the line."""

    span_s: float
    good: int
    lost: int
    arrived: int
    waiting_area: float
    wip_area: float


@dataclass(frozen=True)
class Outage:
    """The story of the link: messages waiting at its restore, and seconds from there until none waited."""

    peak: int
    empty_s: float


def build(case: LineCase, seed: int, replication: int) -> tuple[Environment, Machines]:
    """The line on a floor of its own. Streams carry the case's name: no two cases share a draw."""
    env = Environment()
    streams = Streams(seed, replication)
    return env, Machines(env, case.line, case.name, streams, wip_limit=case.wip_limit, loses=case.loses)


def steady(case: LineCase, seed: int, replication: int) -> Observed:
    """The long run: warm up, forget, measure. Sees a Window."""
    env, line = build(case, seed, replication)
    env.advance(case.warmup_s)
    before = _read(env, case, line)
    env.advance(case.warmup_s + case.length_s)
    after = _read(env, case, line)
    return Window(*(b - a for a, b in zip(before, after, strict=True))), line.events  # type: ignore[arg-type]


def _read(env: Environment, case: LineCase, line: Machines) -> tuple[float, ...]:
    waiting = line.gap_area(0) if case.line.buffers else 0.0
    return env.now, line.good, line.lost, line.done(0), waiting, line.wip_area()


def outage(case: LineCase, seed: int, replication: int, at_s: float, for_s: float) -> Observed:
    """Stop the second machine (the link) for `for_s` and mend it. Sees an Outage, to the cycle of the link.

    `at_s` and its end should lie between two events of the line, and the link's backlog be empty at `at_s`.
    """
    env, line = build(case, seed, replication)
    restored = at_s + for_s
    env.advance(at_s)
    line.stop(1)
    env.advance(restored)
    peak = _backlog(line)
    line.mend(1)
    cycle_s = case.line.machines[1].cycle.mean
    for n in range(1, int(case.length_s / cycle_s)):
        env.advance(restored + (n + 0.5) * cycle_s)  # between two messages of the link: no tie to break
        if _backlog(line) == 0:
            return Outage(peak, n * cycle_s), line.events
    return Outage(peak, case.length_s), line.events


def _backlog(line: Machines) -> int:
    """Messages that were sent and have not gone through the link, the one in it included."""
    return line.done(0) - line.done(1)


# --- what a window says -----------------------------------------------------------------------------------------
def number(window: Window) -> float:
    """L, the mean number in the system: parts on the line without the one that the source always holds."""
    return window.wip_area / window.span_s - 1.0


def wait(window: Window) -> float:
    """Wq, the mean wait before the first station behind the source, in seconds.

    Little's law path by path: a part that waits dt adds dt to the area, so the area is the sum of all waits and
    Wq = area / arrivals. Only the parts that wait at the window's two ends are cut: a few among hundreds of thousands.
    """
    return window.waiting_area / window.arrived


def loss(window: Window) -> float:
    """The share of arrivals that found no place."""
    return window.lost / window.arrived


def throughput(window: Window) -> float:
    """Good parts per second."""
    return window.good / window.span_s


def throughput_per_hour(window: Window) -> float:
    """Good parts per hour."""
    return 3600.0 * throughput(window)
