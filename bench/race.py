"""Interleaved timing: two contestants take turns on the same model, and every pair of turns gives one ratio.

A turn is one or more replications of the model, each built outside the clock and run inside it, with the garbage
collector emptied before and switched off during the run, for everybody alike. No two replications share a seed.
"""

import gc
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from statistics import median
from time import perf_counter

from bench.progress import Progress

PAIRS = 7
SLOWER = 20  # an interpreted floor gets models smaller by this


@dataclass(frozen=True)
class Outcome:
    """What one replication did. events: model events (fired time advances); work: what a ratio is per (good parts,
    or the events themselves); values: by name, what the contestants must agree on statistically; exact: what must be
    the very same where both sides have the same seeds."""

    events: int
    work: float
    values: dict[str, float]
    exact: str = ""


@dataclass(frozen=True)
class Play:
    """A replication made ready: `go()` is timed, `read()` says afterwards, off the clock, what happened."""

    go: Callable[[], object]
    read: Callable[[], Outcome]


@dataclass(frozen=True)
class Contestant:
    """`build(seed)` makes a replication ready, off the clock; a turn is `replications` of them."""

    name: str
    build: Callable[[int], Play]
    replications: int = 1


@dataclass(frozen=True)
class Turn:
    """One turn: the timed seconds and the outcomes of its replications."""

    seconds: float
    outcomes: tuple[Outcome, ...]

    @property
    def events(self) -> int:
        return sum(o.events for o in self.outcomes)

    @property
    def per_work_s(self) -> float:
        """Seconds per unit of work."""
        return self.seconds / sum(o.work for o in self.outcomes)


@dataclass(frozen=True)
class Spread:
    """The median of some figures and their range."""

    median: float
    low: float
    high: float
    n: int

    @classmethod
    def of(cls, figures: Sequence[float]) -> "Spread":
        """Raises ValueError when there are none."""
        return cls(median(figures), min(figures), max(figures), len(figures))

    def scaled(self, factor: float) -> "Spread":
        """The same in another unit (factor > 0)."""
        return Spread(self.median * factor, self.low * factor, self.high * factor, self.n)


@dataclass
class Run:
    """How this run measures: `quick` takes small models and few pairs, to see that everything works; `slow` takes
    smaller models, for an interpreted floor."""

    quick: bool = False
    seed: int = 1
    progress: Progress = field(default_factory=Progress)
    slow: bool = False

    def __post_init__(self) -> None:
        self._seeds = count(self.seed * 1_000_000)

    @property
    def pairs(self) -> int:
        return 2 if self.quick else PAIRS

    def size(self, full: int, quick: int) -> int:
        """`full`, or `quick` in a quick run, or something between on a slow floor."""
        if self.quick:
            return quick
        return max(full // SLOWER, min(full, quick)) if self.slow else full

    def seeds(self) -> Iterator[int]:
        """Seeds that nobody else in this run gets."""
        return self._seeds


@dataclass(frozen=True)
class Pairing:
    """All turns of two contestants, in the order in which they were taken."""

    ours: list[Turn]
    peer: list[Turn]

    @property
    def ratio(self) -> Spread:
        """The peer's time per work over ours, pair by pair: above 1, ours is faster."""
        pairs = zip(self.ours, self.peer, strict=True)
        return Spread.of([b.per_work_s / a.per_work_s for a, b in pairs])


def take_turn(contestant: Contestant, seeds: Iterator[int]) -> Turn:
    """Build and time `replications` of the model; only the runs are on the clock."""
    seconds, outcomes = 0.0, []
    for _ in range(contestant.replications):
        play = contestant.build(next(seeds))
        seconds += timed(play.go)
        outcomes.append(play.read())
    return Turn(seconds, tuple(outcomes))


def timed(go: Callable[[], object]) -> float:
    """The seconds that `go()` takes with the garbage collector off."""
    gc.collect()
    gc.disable()
    try:
        began = perf_counter()
        go()
        return perf_counter() - began
    finally:
        gc.enable()


def alone(one: Contestant, run: Run) -> list[Turn]:
    """The turns of a contestant that has nobody to run against."""
    turns = []
    for n in range(run.pairs):
        run.progress.say(f"{one.name}, {n + 1} of {run.pairs}")
        turns.append(take_turn(one, run.seeds()))
    return turns


def race(ours: Contestant, peer: Contestant, run: Run, same_seeds: bool = False) -> Pairing:
    """Ours, peer, ours, peer ...: `run.pairs` times, after one small turn of each that is not counted. With
    `same_seeds` both sides of a pair play the very same replications."""
    pairing = Pairing([], [])
    for n in range(-1, run.pairs):
        run.progress.say(f"{ours.name} and {peer.name}, pair {max(n, 0) + 1} of {run.pairs}")
        counted = n >= 0
        for one, seeds in zip((ours, peer), _seeds(run, ours, peer, same_seeds), strict=True):
            turn = take_turn(one if counted else replace(one, replications=1), seeds)
            if counted:
                (pairing.ours if one is ours else pairing.peer).append(turn)
    return pairing


def _seeds(run: Run, ours: Contestant, peer: Contestant, same: bool) -> tuple[Iterator[int], Iterator[int]]:
    """Where the two sides of a pair take their seeds from."""
    if not same:
        return run.seeds(), run.seeds()
    drawn = [next(run.seeds()) for _ in range(max(ours.replications, peer.replications))]
    return iter(drawn), iter(drawn)


def ns_per_event(turns: Sequence[Turn]) -> Spread:
    """Nanoseconds per model event, over the turns."""
    return Spread.of([t.seconds / t.events * 1e9 for t in turns])
