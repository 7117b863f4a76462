"""Verdicts: what the replications of a case say about its exact values.

A quantity passes when its exact value lies inside the 99.9 % interval of the replications' mean *and* the 95 % interval
is narrow enough (half of it at most 1 % of the exact value): a wide interval proves nothing, so it is a miss as well.
Intervals are Student's t over the replications; each replication is a mean over hundreds of thousands of parts, so the
normal theory behind t holds. A deterministic quantity is compared within its tolerance.

A quantity with control variates (Law, *Simulation Modeling and Analysis*, section 11.4; Lavenberg & Welch, *Management
Science* 27 (1981) 322-335) is regressed on them over the replications: their means are known to be 0, so the mean is
where the plane meets 0, and the interval is that of the constant, with one degree of freedom less for each. A world
whose demand is not what it should be moves a control and is found by that; a wrong answer at right demand stands out
the more.

One interval in a thousand misses a right value by chance. With `n` of them the chance that at least one does is
1 - 0.999^n, which `false_alarm` gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from scenarios.runs.intervals import Interval, interval, t_quantile
from scenarios.verify.case import Case, Measure

SURE = 0.999
HALF_WIDTH = 0.01


class Value(float):
    """A quantity of one replication, with its control variates."""

    controls: tuple[float, ...] = ()

    @classmethod
    def read(cls, measure: Measure, seen: Any) -> "Value":
        """Read a quantity off what a replication saw."""
        value = cls(measure.of(seen))
        value.controls = tuple(float(control(seen)) for control in measure.controls)
        return value


@dataclass(frozen=True)
class Verdict:
    """One quantity of one case. low and high: the 95 % interval, outer_low and outer_high the 99.9 % one (None for a
    deterministic quantity); all in the quantity's unit. `why` says in words what a miss missed."""

    case: str
    title: str
    quantity: str
    exact: float
    measured: float
    low: float | None
    high: float | None
    outer_low: float | None
    outer_high: float | None
    replications: int
    events: int
    why: str = ""

    @property
    def passed(self) -> bool:
        """Nothing was missed."""
        return not self.why


def around(values: Sequence[float], confidence: float = 0.95) -> Interval:
    """The interval of the replications' mean, control variates taken off where there are any."""
    controls = [getattr(v, "controls", ()) for v in values]
    count = len(controls[0]) if controls else 0
    freedom = len(values) - 1 - count
    if not count or freedom < 1:
        return interval(values, confidence)
    plane = np.column_stack((np.ones(len(values)), np.array(controls)))
    known = np.array(values, dtype=float)
    slopes, *_ = np.linalg.lstsq(plane, known, rcond=None)
    spread = float(np.sum((known - plane @ slopes) ** 2)) / freedom
    error = sqrt(spread * float(np.linalg.inv(plane.T @ plane)[0, 0]))
    mean, half = float(slopes[0]), t_quantile(0.5 + confidence / 2, freedom) * error
    return Interval(mean, mean - half, mean + half, len(values))


def narrow(measure: Measure, values: Sequence[float], half_width: float = HALF_WIDTH) -> bool:
    """Whether the 95 % interval of these replications is as narrow as asked (share of the exact value)."""
    half = around(values).half_width
    return measure.tolerance > 0 or (half is not None and half <= half_width * abs(measure.exact))


def judge(case: Case, measure: Measure, values: Sequence[float], events: int, half_width: float) -> Verdict:
    """The verdict on the replications' `values` of one quantity."""
    inner, outer = around(values), around(values, SURE)
    if measure.tolerance > 0:
        inner = outer = Interval(inner.mean, None, None, inner.n)
    return Verdict(
        case.name, case.title, measure.name, measure.exact, inner.mean if inner.mean is not None else float("nan"),
        inner.low, inner.high, outer.low, outer.high, inner.n, events, _why(measure, inner, outer, half_width),
    )  # fmt: skip


def _why(measure: Measure, inner: Interval, outer: Interval, half_width: float) -> str:
    if inner.mean is None:
        return "nothing was measured"
    if measure.tolerance > 0:
        off = abs(inner.mean - measure.exact)
        return "" if off <= measure.tolerance else f"off by {off:.6g}, allowed {measure.tolerance:g}"
    if inner.half_width is None or outer.low is None or outer.high is None:
        return "one replication has no interval"
    found = []
    if not outer.low <= measure.exact <= outer.high:
        found.append(f"the exact value is outside the 99.9 % interval {outer.low:.6g} .. {outer.high:.6g}")
    share = inner.half_width / abs(measure.exact)
    if share > half_width:
        found.append(f"the 95 % interval is +-{share:.2%} after {inner.n} replications, allowed +-{half_width:.2%}")
    return "; ".join(found)


def false_alarm(intervals: int) -> float:
    """The chance that at least one of so many independent 99.9 % intervals misses a right value."""
    return float(1.0 - SURE**intervals)
