"""Choices: who supplies, who serves, which line makes. The file's order decides; "" where nobody can."""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple


class Maker(NamedTuple):
    """A line that makes an item. work: what it has still to do, in units that are the same for all of them (see
    `work`); prefer: 1 is asked before 2, and 2 before 0, which has no preference."""

    line: str
    work: Fraction | int = 0
    prefer: int = 0


LEAST = 1 << 30  # a preference behind all that a file may name


def source(sources: Sequence[str]) -> str:
    """Who replenishes a place: the first of its list."""
    return sources[0] if sources else ""


def server(served_by: Sequence[str]) -> str:
    """Who serves a customer's order: the first of the list."""
    return served_by[0] if served_by else ""


def line(makers: Sequence[Maker], named: str = "") -> str:
    """Which of the lines that make an item gets an order: the one named, when it is one of them, else of those
    preferred most the one with the least work (ties: file order)."""
    if named in (maker.line for maker in makers):
        return named
    best = min(makers, key=lambda maker: (maker.prefer or LEAST, maker.work), default=None)
    return best.line if best is not None else ""


def work(open_units: Sequence[tuple[int, Fraction]]) -> Fraction:
    """Work of a line: its open units (pieces, or orders where it counts those) x the planned time of each, at normal
    speed. Setups are not counted: which of them are owed is known when the sequence is."""
    return sum((units * each for units, each in open_units), Fraction(0))


def may_serve(serves: Sequence[str] | None, customer: str) -> bool:
    """Whether a site may deliver to a customer; `serves` None: to anybody."""
    return serves is None or customer in serves
