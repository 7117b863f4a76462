"""Runs: many instants told as few blocks of (first, last, how many), evenly spaced between.

    0 1 2 3 4 | 9 10 11   -->   (0, 4, 5) (9, 11, 3)

What happens seldom (`SELDOM_S` apart, on the average) is told one by one. Else a block is true to a millisecond where
that takes few blocks, and to `ABOUT_S` where it would take many; its first and its last instant are always exact.
What is compiled in `sim/ahead/leaf.pyx` finds the same blocks, bit by bit.
"""

from collections.abc import Sequence

EXACT_S, ABOUT_S, SELDOM_S, FEW = 0.001, 60.0, 600.0, 4

Run = tuple[float, float, int]


def runs(times: Sequence[float]) -> list[Run]:
    """The blocks of `times` (s, never falling), in their order."""
    n = len(times)
    if n and times[-1] - times[0] >= SELDOM_S * (n - 1):
        return [(time, time, 1) for time in times]
    exact = _within(times, EXACT_S)
    return exact if len(exact) * FEW <= n or n <= FEW else _within(times, ABOUT_S)


def _within(times: Sequence[float], off: float) -> list[Run]:
    """Blocks as long as they come, each instant at most `off` from where its block has it."""
    found: list[Run] = []
    a, low, high = 0, -float("inf"), float("inf")
    for i in range(1, len(times)):
        k, since = i - a, times[i] - times[a]
        pace = since / k
        if pace < low or pace > high:
            found.append((times[a], times[i - 1], k))
            a, low, high = i, -float("inf"), float("inf")
            continue
        low, high = max(low, (since - off) / k), min(high, (since + off) / k)
    if times:
        found.append((times[a], times[-1], len(times) - a))
    return found
