"""KPIs by place: what customers, items, plants, lanes and so on had, way by way, with intervals over replications."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from plants.kpis.registry import ordered
from scenarios.errors import UnknownName, nearest
from scenarios.runs.folder import table
from scenarios.runs.intervals import Interval, interval
from scenarios.runs.results import RunResult

COLUMNS = ("kpi", "dimension", "id", "value", "unit")


@dataclass(frozen=True)
class PlaceFigure:
    """A KPI of one place: way -> mean and interval over the replications in which it is defined."""

    kpi: str
    unit: str
    place: str
    ways: dict[str, Interval]


@dataclass(frozen=True)
class Places:
    """The KPIs of one dimension, in the order in which KPIs are shown; each with its places in the order met."""

    dimension: str
    ways: tuple[str, ...]
    figures: list[PlaceFigure]

    def to_json(self) -> dict[str, Any]:
        found: dict[str, dict[str, Any]] = {}
        for f in self.figures:
            found.setdefault(f.kpi, {})[f.place] = {way: {**asdict(i), "unit": f.unit} for way, i in f.ways.items()}
        return {"by": self.dimension, "kpis": found}


def dimensions(run: RunResult) -> list[str]:
    """What the run has KPIs by."""
    tables = (table(rep, "kpis").get("dimension", ()) for reps in run.ways.values() for rep in reps)
    return list(dict.fromkeys(name for of in tables for name in of if name))


def by_place(run: RunResult, dimension: str, kpis: Sequence[str] = (), way: str = "") -> Places:
    """The KPIs of a dimension, or only `kpis`, or only of one way. Raises UnknownName for what the run has not."""
    known = dimensions(run)
    if dimension not in known:
        have = ", ".join(known) or "none: it was written by an older version"
        raise UnknownName(f"this run has no KPIs by '{dimension}'. allowed: {have}{nearest(dimension, known)}")
    if way and way not in run.ways:
        raise UnknownName(f"this run has no way '{way}'; it has {', '.join(run.ways)}")
    ways = tuple(w for w in run.ways if way in ("", w))
    values: dict[tuple[str, str], dict[str, list[float | None]]] = {}
    units: dict[str, str] = {}
    for name in ways:
        for rep in run.ways[name]:
            columns = table(rep, "kpis")
            for kpi, dim, place, value, unit in zip(*(columns.get(c, ()) for c in COLUMNS), strict=True):
                if dim == dimension:
                    units[kpi] = unit
                    values.setdefault((kpi, place), {w: [] for w in ways})[name].append(value)
    for asked in kpis:
        if asked not in units:
            raise UnknownName(
                f"no KPI '{asked}' by {dimension}. allowed: {', '.join(ordered(units))}{nearest(asked, units)}"
            )
    figures = [
        PlaceFigure(kpi, units[kpi], place, {w: interval(of[w]) for w in ways})
        for kpi in ordered(units)
        if not kpis or kpi in kpis
        for (named, place), of in values.items()
        if named == kpi
    ]
    return Places(dimension, ways, figures)


def is_idle(figures: Sequence[PlaceFigure]) -> bool:
    """Whether a KPI is zero or undefined at every place in every way."""
    return not any(i.mean for f in figures for i in f.ways.values())
