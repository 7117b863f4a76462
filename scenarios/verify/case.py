"""A case: what runs, and which exact values must come out. Parameters only; what it came to is in `verdicts`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from plants.definition import LineSpec

Observed = tuple[Any, int]  # what a replication saw (a Window, an Outage), and how many model events it fired


@dataclass(frozen=True)
class Measure:
    """One quantity of a case. `of` reads it off what a replication saw; `tolerance` > 0 (in its unit) says that the
    quantity is deterministic and is compared within it."""

    name: str
    exact: float
    of: Callable[[Any], float]
    tolerance: float = 0.0


@dataclass(frozen=True)
class Case:
    """One row of the table. Times in seconds; `warmup_s` is simulated and forgotten, `length_s` is measured.

    play: runs one replication, a pure function of (case, seed, replication). wip_limit 0: none. loses: the first
    machine drops what it finishes when the gap behind it is full.
    """

    name: str
    title: str
    line: LineSpec
    measures: tuple[Measure, ...]
    play: Callable[["Case", int, int], Observed]
    length_s: float
    warmup_s: float = 0.0
    wip_limit: int = 0
    loses: bool = False

    @property
    def deterministic(self) -> bool:
        """Nothing is drawn: one replication says it all."""
        return all(m.tolerance > 0 for m in self.measures)

    @property
    def size(self) -> float:
        """About how many model events a replication has, every machine working: what progress is measured in."""
        return (self.warmup_s + self.length_s) * sum(m.parallel / m.cycle.mean for m in self.line.machines)
