"""Warm-up: how much of the beginning of a run says nothing about its steady state."""

from collections.abc import Iterable


def mser5(values: Iterable[float]) -> int:
    """Warm-up length, in observations, by MSER-5: batches of five, the cut (in the first half) that minimises the
    standard error of what remains (White, Cobb & Spratt 2000)."""
    xs = list(values)
    batches = [sum(xs[i : i + 5]) / 5 for i in range(0, len(xs) - 4, 5)]
    best, cut = float("inf"), 0
    for d in range(len(batches) // 2):
        rest = batches[d:]
        mean = sum(rest) / len(rest)
        error = sum((x - mean) ** 2 for x in rest) / len(rest) ** 2
        if error < best:
            best, cut = error, d
    return cut * 5
