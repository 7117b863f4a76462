"""Figures: what a KPI is made of, rows of a table, so that one formula gives the whole network and every place.

    rows of a table --values--> Sum --+--> the whole: one value
                    --names---> place +--> by customer, item, plant, lane ...: a value for each

Sums before ratios, never averages of ratios (ISO 22400-2): a Ratio divides the sums, of the whole as of a place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from plants.kpis.levels import Array, Changes, Codes, peaks

Value = float | None
ELSEWHERE = -1  # the place of a row that has none of this dimension


@dataclass(frozen=True)
class Dimension:
    """names: every place there is; codes: row -> the number of its place, ELSEWHERE where it has none."""

    names: Sequence[str]
    codes: Array


@dataclass(frozen=True)
class Table:
    """Rows that are counted, and the places they belong to by dimension (customer, item, plant ...)."""

    rows: int
    places: Mapping[str, Dimension]

    @classmethod
    def of(cls, rows: int, names: Mapping[str, Sequence[str]], columns: Mapping[str, Iterable[str]]) -> "Table":
        """A table of `rows` rows; names: dimension -> every place there is; columns: dimension -> the place of each
        row. One column may serve several dimensions (`site`: plants and warehouses); a name that is none of a
        dimension's is elsewhere."""
        places = {}
        for dimension, column in columns.items():
            known = Codes(names[dimension])
            number = {name: n for n, name in enumerate(known.names)}
            codes = np.fromiter((number.get(name, ELSEWHERE) for name in column), dtype=np.int64, count=rows)
            places[dimension] = Dimension(known.names, codes)
        return cls(rows, places)

    def sum(self, values: Iterable[float] | Array, per: float = 1.0) -> "Sum":
        """The sum of one value a row, divided by `per`."""
        given = values if isinstance(values, np.ndarray) else np.array(list(values), dtype=np.float64)
        return Sum(self, given, per)

    def count(self, which: Array | None = None) -> "Sum":
        """How many rows there are (those of a mask)."""
        return Sum(self, np.ones(self.rows) if which is None else which.astype(np.float64))


class Figure(Protocol):
    """What a KPI may return instead of a number: it knows the places as well."""

    def whole(self) -> Value:
        """The value of the whole network; None where it is not defined."""
        ...

    def by(self, dimension: str) -> Mapping[str, Value]:
        """Place -> value; {} when it is not known by this dimension."""
        ...

    @property
    def dimensions(self) -> tuple[str, ...]:
        """Those that it is known by."""
        ...


@dataclass(frozen=True)
class Sum:
    """The sum of one value a row, divided by `per` (100 for money in minor units). Whole numbers are summed exactly."""

    table: Table
    values: Array
    per: float = 1.0

    def whole(self) -> float:
        return float(self.values.sum()) / self.per if len(self.values) else 0.0

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(self.table.places)

    def by(self, dimension: str) -> Mapping[str, Value]:
        place = self.table.places.get(dimension)
        if place is None:
            return {}
        there = place.codes >= 0
        sums = np.bincount(place.codes[there], self.values[there].astype(np.float64), minlength=len(place.names))
        return {name: float(n) / self.per for name, n in zip(place.names, sums.tolist(), strict=True)}

    def over(self, n: float) -> "Sum | None":
        """The sum divided by a number; None by nothing."""
        return Sum(self.table, self.values, self.per * n) if n else None

    def times(self, n: float) -> "Sum":
        """The sum taken so many times."""
        return Sum(self.table, self.values * n, self.per)


@dataclass(frozen=True)
class Total:
    """Several sums added, each over rows of its own kind; by those dimensions that all of them are known by."""

    parts: Sequence[Sum]

    def whole(self) -> float:
        return sum(part.whole() for part in self.parts)

    @property
    def dimensions(self) -> tuple[str, ...]:
        first, *others = self.parts
        return tuple(d for d in first.dimensions if all(d in part.dimensions for part in others))

    def by(self, dimension: str) -> Mapping[str, Value]:
        found: dict[str, float] = {}
        for part in self.parts:
            for place, value in part.by(dimension).items():
                found[place] = found.get(place, 0.0) + (value or 0.0)
        return found


@dataclass(frozen=True)
class Ratio:
    """One sum divided by another, not defined where that is nothing."""

    above: Sum | Total
    below: Sum | Total

    def whole(self) -> Value:
        below = self.below.whole()
        return self.above.whole() / below if below else None

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(d for d in self.above.dimensions if d in self.below.dimensions)

    def by(self, dimension: str) -> Mapping[str, Value]:
        above = self.above.by(dimension)
        return {place: (above.get(place) or 0.0) / n if n else None for place, n in self.below.by(dimension).items()}


@dataclass(frozen=True)
class Percentile:
    """The value that `share` of the rows' values lie below, divided by `per`; not defined without rows."""

    table: Table
    values: Array
    share: float
    per: float = 1.0

    def whole(self) -> Value:
        return self._of(self.values)

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(self.table.places)

    def by(self, dimension: str) -> Mapping[str, Value]:
        place = self.table.places.get(dimension)
        if place is None:
            return {}
        return {name: self._of(self.values[place.codes == n]) for n, name in enumerate(place.names)}

    def _of(self, values: Array) -> Value:
        if not len(values):
            return None
        ranked = np.sort(values)
        return float(ranked[min(len(ranked) - 1, int(self.share * len(ranked)))]) / self.per


@dataclass(frozen=True)
class Peak:
    """The highest level that changes (rows of the table, at once) reach from `begin` on."""

    table: Table
    time: Array
    pieces: Array
    begin: int

    def whole(self) -> float:
        return float(self._of(np.zeros(len(self.time), dtype=np.int64), 1)[0])

    @property
    def dimensions(self) -> tuple[str, ...]:
        return tuple(self.table.places)

    def by(self, dimension: str) -> Mapping[str, Value]:
        place = self.table.places.get(dimension)
        if place is None:
            return {}
        there = place.codes >= 0
        found = peaks(
            Changes.at_once(place.codes[there], self.time[there], self.pieces[there]), len(place.names), self.begin
        )
        return {name: float(n) for name, n in zip(place.names, found.tolist(), strict=True)}

    def _of(self, key: Array, keys: int) -> Array:
        return peaks(Changes.at_once(key, self.time, self.pieces), keys, self.begin)
