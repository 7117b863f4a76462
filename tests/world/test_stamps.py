"""Integers for instants: how seconds become the milliseconds of a stamp."""

import random
from fractions import Fraction
from math import ceil

from sync.vocabulary.quantities import ceil_ms


def test_stamps_are_rounded_up_but_for_what_rounding_added():
    """Against exact fractions: the whole millisecond not before the instant, unless only rounding puts it above one."""
    rng = random.Random(4)
    for _ in range(20_000):
        seconds = rng.choice((1.0, 1e4, 1e7, 1e10)) * rng.random() * rng.choice((1, 1, 1, -1))
        if rng.random() < 0.5:
            seconds = round(seconds, 3) + rng.choice((0.0, 1e-9, -1e-9, 1e-10, 1e-6))
        scaled = Fraction(seconds * 1_000.0)
        slack, near = Fraction(1e-6) + abs(scaled) / 2**48, round(scaled)
        if abs(abs(scaled - near) - slack) > Fraction(1e-9):  # not on the edge itself
            assert ceil_ms(seconds) == (near if abs(scaled - near) < slack else ceil(scaled))
