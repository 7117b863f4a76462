"""A KPI: one function of the finished world. Its docstring is the formula, its decorator says everything else.

    @kpi("share", "higher", reads=("orders",))
    def otif(world: Measured) -> Ratio:
        \"\"\"Orders delivered complete by their due date / orders placed after warm-up and due by the horizon.\"\"\"

It returns a number, or a Figure (figures.py), which is known by places as well: customer, item, plant, lane. Results,
comparisons, thresholds, reports and docs/kpis.md ask what stands here; nothing about a KPI is written twice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import inf
from typing import Literal

from plants.kpis.figures import Figure, Value
from plants.kpis.measured import SOURCES, Measured

Better = Literal["higher", "lower", ""]
Formula = Callable[[Measured], "Value | Figure | Mapping[str, Value] | Mapping[str, Figure | None]"]

# What a KPI of single places goes by, and how its name goes on after the dot.
PLACES = {"line": "<plant>.<line>", "system": "<system>"}


@dataclass(frozen=True)
class Kpi:
    """unit: pcs, pcs/h, share, money (in the network's currency), orders, messages, d, h, s, 1/a or another; better:
    higher, lower or "" (neither); formula: in words; reads: names of SOURCES; by: "" for the whole network, else the
    kind of place (PLACES) it has one value for each of; of: computes it, None where it is not defined; signed: it may
    be below zero."""

    name: str
    unit: str
    better: Better
    formula: str
    reads: tuple[str, ...]
    by: str
    of: Formula
    signed: bool = False

    @property
    def lowest(self) -> float:
        """The least that the value can be: 0, unless it is `signed`."""
        return -inf if self.signed or not self.unit else 0.0

    @property
    def highest(self) -> float:
        """The most that the value can be: 1 for a share."""
        return 1.0 if self.unit == "share" else inf

    @property
    def written(self) -> str:
        """The name as people write it: `utilisation.<plant>.<line>`."""
        return f"{self.name}.{PLACES[self.by]}" if self.by else self.name

    @property
    def group(self) -> str:
        """The theme: the last name of the module that it stands in."""
        return self.of.__module__.rsplit(".", 1)[-1]

    def unit_in(self, currency: str) -> str:
        """The unit a reader sees: money in a currency."""
        return currency if self.unit == "money" else self.unit

    def judge(self, change: float) -> Literal["better", "worse", ""]:
        """What a change of the value is, by the KPI's own direction; "" when it has none or nothing changed."""
        if not change or not self.better:
            return ""
        return "better" if (change > 0) == (self.better == "higher") else "worse"


def kpi(
    unit: str, better: Better = "", *, reads: tuple[str, ...], by: str = "", signed: bool = False
) -> Callable[[Formula], Kpi]:
    """Make a KPI of a function, named as the function is. With `by` the function returns a value per place. Raises
    ValueError for one without a formula, and for a source, direction or kind of place that does not exist."""

    def made(of: Formula) -> Kpi:
        formula = " ".join((of.__doc__ or "").partition("\n\n")[0].split())
        if not formula:
            raise ValueError(f"KPI {of.__name__} has no docstring: it is the formula")
        for what, found, allowed in (("reads", reads, SOURCES), ("by", (by,), ("", *PLACES)), _direction(better)):
            for word in found:
                if word not in allowed:
                    raise ValueError(f"KPI {of.__name__}: {what} '{word}'. allowed: {', '.join(filter(None, allowed))}")
        return Kpi(of.__name__, unit, better, formula, reads, by, of, signed)

    return made


def _direction(better: str) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    return "better", (better,), ("", "higher", "lower")
