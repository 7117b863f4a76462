"""The decision problem as integer data, the same for every network.

    minimise   sum cost x quantity
    such that  each need is covered once:  sum of its columns + unmet = units
               no row is overdrawn:        sum of use x quantity <= capacity

A need is a class of customer orders made to order, or the demand of one day at a stocking place. A column covers units
of one need in one way: make them on a line on a day, take them from stock, wait for what is on its way. Lateness is in
the column's cost. Money is micro currency units, quantities are pieces or orders.
"""

from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sync.vocabulary.quantities import MICRO_PER_MINOR, divide_half_even


class Column(NamedTuple):
    """One way to cover `need`. kind: keep (as planned) | erp (what ERP will order by its own rule) | make | stock.
    uses: ((row, use per unit), ...); day: bucket in which it is made (0 for stock)."""

    need: int
    cost_micro: int
    uses: tuple[tuple[int, int], ...]
    kind: str
    site: str
    line: str
    day: int


class Need(NamedTuple):
    """`units` to cover; greedy serves lower `rank` first; unmet_micro: cost per unit left uncovered."""

    name: str
    units: int
    rank: tuple[int, ...]
    unmet_micro: int


class Row(NamedTuple):
    """A limit. dual_unit: a dual is reported per this much capacity (one hour of a line, one piece of stock); kind,
    place, item, at_ms: what a decision says of it (see decisions.Binding)."""

    name: str
    capacity: int
    dual_unit: int
    kind: str
    place: str
    item: str
    at_ms: int


@dataclass
class Problem:
    needs: list[Need] = field(default_factory=list)
    columns: list[Column] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    index: dict[str, int] = field(default_factory=dict)

    def row(
        self, name: str, capacity: int, dual_unit: int = 1, kind: str = "", place: str = "", item: str = "",
        at_ms: int = -1,
    ) -> int:  # fmt: skip
        """The row called `name`, made on first mention."""
        if name not in self.index:
            self.index[name] = len(self.rows)
            self.rows.append(Row(name, max(capacity, 0), dual_unit, kind, place, item, at_ms))
        return self.index[name]

    def need(self, need: Need) -> int:
        self.needs.append(need)
        return len(self.needs) - 1

    def without(self, kinds: tuple[str, ...]) -> "Problem":
        """The same problem, some ways forbidden."""
        return replace(self, columns=[c for c in self.columns if c.kind not in kinds])

    def up_to_day(self, day: int) -> "Problem":
        """The same problem with a shorter outlook: no column of a later day."""
        return replace(self, columns=[c for c in self.columns if c.day <= day])

    def cost_minor(self, quantities: list[int]) -> int:
        """Cost of a plan (pieces per column), unmet needs included."""
        uncovered = [n.units for n in self.needs]
        total = 0
        for column, quantity in zip(self.columns, quantities, strict=True):
            if quantity:
                total += column.cost_micro * quantity
                uncovered[column.need] -= quantity
        total += sum(n.unmet_micro * units for n, units in zip(self.needs, uncovered, strict=True))
        return divide_half_even(total, MICRO_PER_MINOR)


@dataclass(frozen=True)
class Answer:
    """A solver's answer, integers only: quantity per column (thousandths), objective and bound in minor units, dual per
    row name in minor units per dual_unit (0 left out)."""

    milli: tuple[int, ...]
    bound_minor: int
    duals: dict[str, int]
