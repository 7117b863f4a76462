"""Every figure of a run, computed here and nowhere else: the terminal, the report, the JSON documents and the story
draw them, and differ in form alone.

Means have Student's interval; differences are paired by replication, first minus second, on common random numbers.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from plants.kpis.registry import definition, ordered
from scenarios.files.limits import holds, parse_limit
from scenarios.runs.intervals import Interval, differences, interval, paired, wins
from scenarios.runs.replication import Replication, Threshold
from scenarios.ways import PAIRS, judged

Pair = tuple[str, str]
Reps = Sequence[Replication]
NOISE = 1e-9  # what is left of a difference that is none
NOTHING = Interval(None, None, None, 0)


@dataclass(frozen=True)
class Difference:
    """One KPI, first minus second. wins: pairs in which the first is better (None when the KPI has no good direction);
    verdict: what the mean says by that direction, "" when nothing changed or there is none."""

    interval: Interval
    wins: int | None
    verdict: Literal["better", "worse", ""]

    @property
    def sure(self) -> Literal["better", "worse", ""]:
        """The verdict when the interval excludes zero, else ""."""
        return self.verdict if self.interval.excludes_zero else ""

    @property
    def is_certain(self) -> bool:
        """Whether it may be told as a fact: the interval excludes zero, or a single pair is all that was asked for."""
        return self.interval.excludes_zero or self.interval.n == 1


@dataclass(frozen=True)
class Cost:
    """What the disruptions did to one KPI: with minus without; values: per replication."""

    interval: Interval
    values: list[float | None]


@dataclass(frozen=True)
class WayFigures:
    """One way of working. values: KPI -> one value per replication, None where it is not defined; wall_s: the
    replications' own seconds, however many ran side by side."""

    replications: int
    values: dict[str, list[float | None]]
    kpis: dict[str, Interval]
    digest: str
    events: int
    wall_s: float

    def mean(self, name: str) -> Interval:
        """A KPI's mean and interval; of nothing when this way does not have it."""
        return self.kpis.get(name, NOTHING)

    @property
    def events_per_s(self) -> float | None:
        return self.events / self.wall_s if self.wall_s > 0 else None


@dataclass(frozen=True)
class Summary:
    """names: every KPI in the order shown; comparison: the pairs of PAIRS that were run; costs: way -> KPI -> what the
    disruptions cost, where a baseline was run; identical: ways whose every replication has the same digest."""

    currency: str
    names: list[str]
    ways: dict[str, WayFigures]
    comparison: dict[Pair, dict[str, Difference]]
    costs: dict[str, dict[str, Cost]]
    thresholds: list[Threshold]
    identical: list[Pair]

    @property
    def main(self) -> Pair | None:
        """The comparison that matters most, if two ways were run."""
        return next(iter(self.comparison), None)

    @property
    def whole(self) -> list[str]:
        """The KPIs of the whole network; the others are of single lines and systems."""
        return [n for n in self.names if "." not in n]

    @property
    def unchanged(self) -> list[str]:
        """Of those, the ones that the disruptions changed in no way of working, or that are not defined."""
        changed = {
            n for of in self.costs.values() for n, cost in of.items() if any(abs(v or 0.0) > NOISE for v in cost.values)
        }
        return [n for n in self.whole if n not in changed]

    @property
    def idle(self) -> list[str]:
        """Of those, the ones that are zero or undefined in every way."""
        return [n for n in self.whole if not any(v for way in self.ways.values() for v in way.values.get(n, ()))]

    @property
    def undefined(self) -> list[str]:
        """Of the idle ones, those that are not defined in any way; the others are zero."""
        return [n for n in self.idle if all(v is None for way in self.ways.values() for v in way.values.get(n, ()))]

    @property
    def replications(self) -> int:
        """Of the way that has most."""
        return max((way.replications for way in self.ways.values()), default=0)

    @property
    def events(self) -> int:
        return sum(way.events for way in self.ways.values())

    @property
    def wall_s(self) -> float:
        return sum(way.wall_s for way in self.ways.values())


def summarise(
    ways: Mapping[str, Reps], baseline: Mapping[str, Reps], thresholds: list[Threshold], currency: str
) -> Summary:
    """The figures of a run's replications, with and without (`baseline`) the disruptions."""
    pairs = [(a, b) for a, b in PAIRS if a in ways and b in ways]
    return Summary(
        currency=currency,
        names=kpi_names(*ways.values()),
        ways={way: way_figures(reps) for way, reps in ways.items()},
        comparison={(a, b): compared(ways[a], ways[b]) for a, b in pairs},
        costs={way: _costs(ways.get(way, []), without) for way, without in baseline.items()},
        thresholds=thresholds,
        identical=[(a, b) for a, b in combinations(ways, 2) if digest_of(ways[a]) == digest_of(ways[b])],
    )


def kpi_names(*ways: Reps) -> list[str]:
    """Every KPI of every way, in the order shown."""
    return ordered(name for reps in ways for rep in reps for name in rep.kpis)


def way_figures(reps: Reps) -> WayFigures:
    """The figures of one way."""
    values = {name: _values(reps, name) for name in kpi_names(reps)}
    return WayFigures(
        replications=len(reps),
        values=values,
        kpis={name: interval(of) for name, of in values.items()},
        digest=digest_of(reps),
        events=sum(r.events for r in reps),
        wall_s=sum(r.wall_s for r in reps),
    )


def compared(first: Reps, second: Reps) -> dict[str, Difference]:
    """KPI -> first minus second over the replications that both have."""
    a, b = paired_reps(first, second)
    return {name: _difference(name, _values(a, name), _values(b, name)) for name in kpi_names(first, second)}


def _difference(name: str, first: list[float | None], second: list[float | None]) -> Difference:
    kpi, of = definition(name), paired(first, second)
    return Difference(of, wins(first, second, kpi.better), kpi.judge(of.mean or 0.0))


def _costs(disrupted: Reps, without: Reps) -> dict[str, Cost]:
    a, b = paired_reps(disrupted, without)
    per_seed = {name: differences(_values(a, name), _values(b, name)) for name in kpi_names(a)}
    return {name: Cost(interval(values), values) for name, values in per_seed.items()}


def _values(reps: Reps, name: str) -> list[float | None]:
    return [rep.kpis.get(name) for rep in reps]


def paired_reps(first: Reps, second: Reps) -> tuple[list[Replication], list[Replication]]:
    """The replications both sides have, in the same order."""
    by_number = {rep.replication: rep for rep in second}
    both = [(rep, by_number[rep.replication]) for rep in first if rep.replication in by_number]
    return [a for a, _ in both], [b for _, b in both]


def digest_of(reps: Reps) -> str:
    """One digest for several replications: its own for one, SHA-256 over theirs in order for more."""
    if len(reps) == 1:
        return reps[0].digest
    return hashlib.sha256("".join(f"{r.replication}:{r.digest}\n" for r in reps).encode()).hexdigest()


def judge(limits: Mapping[str, str], ways: Mapping[str, Reps]) -> list[Threshold]:
    """Every threshold, judged on the mean of the way that counts."""
    if not ways:
        return []
    way, found = judged(ways), []
    for name, text in limits.items():
        op, limit = parse_limit(text)
        value = interval(_values(ways[way], name)).mean
        found.append(Threshold(name, way, op, limit, value, value is not None and holds(value, op, limit)))
    return found
