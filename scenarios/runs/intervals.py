"""Intervals: what a handful of replications can say about a mean, and about a paired difference.

Student's t at 95 %, two-sided. The quantile is found by bisection on the exact distribution (the regularised incomplete
beta function by its continued fraction, Lentz's method; Abramowitz & Stegun 26.5.8 and 26.7.1), so that no statistics
library is needed. It refuses to guess: one value has a mean and no interval.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import exp, lgamma, log, sqrt

CONFIDENCE = 0.95
TERMS = 300
TINY = 1e-300


@dataclass(frozen=True)
class Interval:
    """A mean of `n` values with its confidence interval; low and high are None when n < 2, mean when n = 0."""

    mean: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def half_width(self) -> float | None:
        """Half the interval's width, in the unit of the values (None when there is no interval)."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval exists and does not contain 0: the difference is more than chance."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


def interval(values: Iterable[float | None], confidence: float = CONFIDENCE) -> Interval:
    """The mean of the values that are there, with its Student-t interval."""
    known = [float(v) for v in values if v is not None]
    n = len(known)
    if n == 0:
        return Interval(None, None, None, 0)
    mean = sum(known) / n
    if n == 1:
        return Interval(mean, None, None, 1)
    deviation = sqrt(sum((v - mean) ** 2 for v in known) / (n - 1))
    half = t_quantile(0.5 + confidence / 2, n - 1) * deviation / sqrt(n)
    return Interval(mean, mean - half, mean + half, n)


def paired(first: Sequence[float | None], second: Sequence[float | None]) -> Interval:
    """The interval of first - second, pair by pair; pairs with a missing side are left out."""
    return interval(differences(first, second))


def differences(first: Sequence[float | None], second: Sequence[float | None]) -> list[float | None]:
    """first - second pair by pair, None where a side is missing. Raises ValueError for unequal lengths."""
    return [None if a is None or b is None else a - b for a, b in zip(first, second, strict=True)]


def wins(first: Sequence[float | None], second: Sequence[float | None], better: str) -> int | None:
    """In how many pairs the first is better; None when the quantity has no good direction."""
    sign = {"higher": 1.0, "lower": -1.0}.get(better)
    if sign is None:
        return None
    return sum(1 for d in differences(first, second) if d is not None and sign * d > 0)


@lru_cache(maxsize=256)
def t_quantile(p: float, df: int) -> float:
    """x with P(T <= x) = p for Student's t, `df` degrees of freedom. Raises ValueError outside 0 < p < 1, df >= 1."""
    if not 0.0 < p < 1.0 or df < 1:
        raise ValueError(f"t quantile of p={p} with {df} degrees of freedom does not exist")
    if p < 0.5:
        return -t_quantile(1.0 - p, df)
    low, high = 0.0, 1.0
    while t_cdf(high, df) < p:
        high *= 2.0
    for _ in range(200):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        low, high = (middle, high) if t_cdf(middle, df) < p else (low, middle)
    return (low + high) / 2


def t_cdf(x: float, df: int) -> float:
    """P(T <= x) for Student's t with `df` degrees of freedom."""
    tail = incomplete_beta(df / 2, 0.5, df / (df + x * x)) / 2
    return 1.0 - tail if x >= 0 else tail


def incomplete_beta(a: float, b: float, x: float) -> float:
    """The regularised incomplete beta function I_x(a, b) for a, b > 0 and 0 <= x <= 1."""
    if x <= 0.0:
        return 0.0
    if x >= 1.0:
        return 1.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1.0 - x))
    if x < (a + 1) / (a + b + 2):  # where the fraction converges quickly; else by symmetry
        return front * _fraction(a, b, x) / a
    return 1.0 - front * _fraction(b, a, 1.0 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    c, d = 1.0, 1.0 / _off_zero(1.0 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, TERMS):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1.0 / _off_zero(1.0 + term * d)
            c = _off_zero(1.0 + term / c)
            value *= c * d
        if abs(c * d - 1.0) < 1e-15:
            break
    return value


def _off_zero(value: float) -> float:
    return value if abs(value) > TINY else TINY
