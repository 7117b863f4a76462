"""Conditions of `compare --fail-if`: which difference between two runs counts as a regression, and how sure it must be.

`otif<-1%` is judged on the mean difference; `otif<-1%@95` holds only when the whole 95 % interval of the paired
differences lies beyond the limit. A condition that cannot hold, whatever the second run brings, guards nothing: it is
refused, with the reason.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from plants.kpis.registry import definition
from scenarios.answers.compare import RunComparison, WayComparison
from scenarios.answers.wording import between, points, quantity
from scenarios.errors import Unpaired, clip, nearest
from scenarios.files.limits import holds, parse_change
from scenarios.runs.intervals import Interval, interval
from scenarios.ways import judged

LEVELS = (50.0, 99.99)  # per cent
WRITE = "write one such as 'otif<-1%' or 'otif<-1%@95'"


@dataclass(frozen=True)
class Condition:
    """The difference (other - first) of a KPI that counts as a regression. percent: points for a share, else relative
    to the first run's mean; confidence: 0.95 for `@95`, None: the mean alone is judged."""

    text: str
    kpi: str
    op: str
    limit: float
    percent: bool
    confidence: float | None = None


def parse_condition(text: str) -> Condition:
    """Raises Unpaired for what is not `KPI OP NUMBER[%][@LEVEL]`."""
    try:
        kpi, op, number, percent, level = parse_change(text)
    except ValueError:
        raise Unpaired(f"--fail-if '{clip(text)}' is no condition; {WRITE}") from None
    if not math.isfinite(float(number)):
        raise Unpaired(f"--fail-if '{text}': {number} is beyond every number. allowed: a finite number")
    if level and not LEVELS[0] <= float(level) <= LEVELS[1]:
        allowed = f"from {LEVELS[0]:g} to {LEVELS[1]:g} per cent, such as @95"
        raise Unpaired(f"--fail-if '{text}': {level} is no confidence. allowed: {allowed}")
    return Condition(text, kpi, op, float(number), percent, float(level) / 100 if level else None)


def regressions(comparisons: Sequence[RunComparison], conditions: Sequence[Condition]) -> list[str]:
    """A sentence for every condition that holds, `regression: ...` or `condition met: ...`, judged on the way
    that counts of those that both have. Raises Unpaired for a condition that cannot hold."""
    found = []
    for one in comparisons:
        by_name = {each.way: each for each in one.ways}
        way = by_name[judged(by_name)]
        for condition in conditions:
            _known(condition, way)
            found += _judge(one, way, condition)
    return found


def _known(condition: Condition, way: WayComparison) -> None:
    if condition.kpi not in way.kpis:
        guess = nearest(condition.kpi, way.kpis)
        raise Unpaired(
            f"--fail-if: these runs have no KPI '{clip(condition.kpi)}'{guess or '; they have ' + ', '.join(way.kpis)}"
        )


def _judge(one: RunComparison, way: WayComparison, condition: Condition) -> list[str]:
    pairs = [(a, b) for a, b in way.values[condition.kpi] if a is not None and b is not None]
    if not pairs:
        sides = [(one.first.id, 0), (one.other.id, 1)]
        gone = [name for name, n in sides if all(pair[n] is None for pair in way.values[condition.kpi])]
        where = " and in ".join(dict.fromkeys(gone)) or "one of the two runs of every pair"
        raise _never(one, condition, f"{condition.kpi} is not defined in {where} ({way.way})")
    of = interval([b - a for a, b in pairs], condition.confidence or 0.95)
    if condition.confidence is not None and of.low is None:
        raise _never(
            one,
            condition,
            "one pair of replications has no interval. run both with --reps 2 or more, or leave out the '@'",
        )
    base = sum(a for a, _ in pairs) / len(pairs)
    limit = _limit(condition, base)
    _reachable(one, condition, pairs, base, limit)
    if not holds(_furthest(condition, of), condition.op, limit):
        return []
    return [_met(one, way, condition, of)]


def _furthest(condition: Condition, of: Interval) -> float:
    """The value that must be beyond the limit: the mean, or with a confidence the end of the interval that is nearest
    to the other side."""
    end = of.high if condition.op.startswith("<") else of.low
    return (of.mean or 0.0) if condition.confidence is None or end is None else end


def _limit(condition: Condition, base: float) -> float:
    if not condition.percent:
        return condition.limit
    share = definition(condition.kpi).unit == "share"
    return condition.limit / 100 if share else abs(base) * condition.limit / 100


def _reachable(
    one: RunComparison, condition: Condition, pairs: list[tuple[float, float]], base: float, limit: float
) -> None:
    """Raises Unpaired when no value that the KPI can have makes the condition hold."""
    kpi = definition(condition.kpi)
    lowest, highest = kpi.lowest, kpi.highest
    if any(value < lowest or value > highest for pair in pairs for value in pair):
        return  # what happened is possible, whatever was declared
    end, side = (lowest, "less") if condition.op.startswith("<") else (highest, "more")
    if math.isinf(end) or holds(end - base, condition.op, limit):
        return
    unit = kpi.unit_in(one.first.currency)
    raise _never(
        one,
        condition,
        f"{condition.kpi} is {quantity(base, unit)} in {one.first.id} and never {side} than {quantity(end, unit)}, so"
        f" that it cannot change by {points(limit, unit)}",
    )


def _never(one: RunComparison, condition: Condition, why: str) -> Unpaired:
    return Unpaired(f"--fail-if '{condition.text}' can never hold for {one.other.id} against {one.first.id}: {why}")


def _met(one: RunComparison, way: WayComparison, condition: Condition, of: Interval) -> str:
    """The sentence of a condition that holds: a regression only when the KPI got worse by its own direction."""
    kpi, value = definition(condition.kpi), of.mean or 0.0
    worse, unit = kpi.judge(value) == "worse", kpi.unit_in(one.first.currency)
    before, after = (quantity(side.get(condition.kpi), unit) for side in (way.first, way.other))
    sure = ""
    if condition.confidence is not None:
        inside = between(of.low, of.high, unit) or "without width"
        sure = f", {condition.confidence * 100:g} % interval {inside}"
    return (
        f"{'regression' if worse else 'condition met'}: {one.other.id} against {one.first.id}, {way.way}:"
        f" {condition.kpi} {after} instead of {before} ({points(value, unit)}{sure}; fail if {condition.text})"
    )
