"""A case: what runs, and which exact values must come out. Parameters only; what it came to is in `verdicts`."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from plants.definition import LineSpec
from sim.streams import Streams

EVENTS_PER_ORDER = 3_000.0
Observed = tuple[Any, int]  # what a replication saw (a Window, an Outage, a Books), and how many model events it fired


@dataclass(frozen=True)
class Measure:
    """One quantity of a case. `of` reads it off what a replication saw; `tolerance` > 0 (in its unit) says that the
    quantity is deterministic and is compared within it. controls: other quantities of what it saw whose long-run mean
    is exactly 0; what the quantity has in common with them by chance is taken off it (see `verdicts`)."""

    name: str
    exact: float
    of: Callable[[Any], float]
    tolerance: float = 0.0
    controls: tuple[Callable[[Any], float], ...] = ()


@dataclass(frozen=True)
class Case:
    """One row of the table. Times in seconds; `warmup_s` is simulated and forgotten, `length_s` is measured.

    play: runs one replication, a pure function of (case, seed, replication).
    """

    name: str
    title: str
    measures: tuple[Measure, ...]
    play: Callable[[Any, int, int], Observed]
    length_s: float
    warmup_s: float = 0.0

    @property
    def deterministic(self) -> bool:
        """Nothing is drawn: one replication says it all."""
        return all(m.tolerance > 0 for m in self.measures)

    @property
    def floor_events(self) -> float:
        """About how many model events a replication has on the machine floor."""
        return 0.0

    @property
    def size(self) -> float:
        """How long a replication takes, in model events of a compiled machine floor: what progress is measured in."""
        return self.floor_events


@dataclass(frozen=True)
class LineCase(Case):
    """A line on the machine floor. wip_limit 0: none. loses: the first machine drops what it finishes when the gap
    behind it is full."""

    line: LineSpec = field(kw_only=True)
    wip_limit: int = 0
    loses: bool = False

    @property
    def floor_events(self) -> float:
        """As if every machine worked all the time."""
        return (self.warmup_s + self.length_s) * sum(m.parallel / m.cycle.mean for m in self.line.machines)


@dataclass(frozen=True)
class WorldCase(Case):
    """A network and a scenario, as files say them, run as every scenario is. files: (case, replication's random
    numbers) -> name -> text, among them `network.yaml` and `run.yaml`; orders: customer orders in a replication, about;
    worlds: a replication is so many of them, one after the other, so that no world grows long."""

    files: Callable[["WorldCase", Streams], dict[str, str]] = field(kw_only=True)
    orders: float = field(kw_only=True)
    worlds: int = field(default=1, kw_only=True)

    @property
    def size(self) -> float:
        """An order costs as much time as some thousand events of the floor."""
        return self.orders * EVENTS_PER_ORDER
