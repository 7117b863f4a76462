"""Harm: the one vocabulary in which kinds of disruption say what they take away. Pure data, without time or doing."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

Harmed = Literal["line", "machine", "lane", "site", "supplier", "demand"]


@dataclass(frozen=True)
class Harm:
    """While it lasts, one thing of the network works at `factor` of normal (0: not at all); factors of several harms
    on the same thing multiply.

    id: `plant.line`, `plant.line.machine`, a lane `from>to`, or the id of a site, a supplier or a customer (`demand`).
    item: of demand only, "" for every item.
    """

    what: Harmed
    id: str
    factor: Fraction = Fraction(0)
    item: str = ""


def exact(number: float) -> Fraction:
    """A number as it is written in decimal: 0.7 of 10 is 7, and a share of 0.3 that is missing leaves 0.7."""
    return Fraction(str(number))
