"""Verdicts: what the replications of a case say about its exact values.

A quantity passes when its exact value lies inside the 99.9 % interval of the replications' mean *and* the 95 % interval
is narrow enough (half of it at most 1 % of the exact value): a wide interval proves nothing, so it is a miss as well.
Intervals are Student's t over the replications; each replication is a mean over hundreds of thousands of parts, so the
normal theory behind t holds. A deterministic quantity is compared within its tolerance.

One interval in a thousand misses a right value by chance. With `n` of them the chance that at least one does is
1 - 0.999^n, which `false_alarm` gives.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scenarios.runs.intervals import Interval, interval
from scenarios.verify.case import Case, Measure

SURE = 0.999
HALF_WIDTH = 0.01


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


def narrow(measure: Measure, values: Sequence[float], half_width: float = HALF_WIDTH) -> bool:
    """Whether the 95 % interval of these replications is as narrow as asked (share of the exact value)."""
    half = interval(values).half_width
    return measure.tolerance > 0 or (half is not None and half <= half_width * abs(measure.exact))


def judge(case: Case, measure: Measure, values: Sequence[float], events: int, half_width: float) -> Verdict:
    """The verdict on the replications' `values` of one quantity."""
    inner, outer = interval(values), interval(values, SURE)
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
