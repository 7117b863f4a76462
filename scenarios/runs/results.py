"""Results: what a run hands back, and the one JSON document that says so.

A replication is one simulated world under one way of working; a run is all of them, paired by replication number on the
same random numbers. It knows KPI names and their direction, nothing of how they come about.
"""

import hashlib
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plants.kpis.registry import definition
from scenarios.runs.frames import frame, html, shown
from scenarios.runs.intervals import Interval, differences, interval, paired, wins
from scenarios.ways import PAIRS
from sim.ahead.active import active

if TYPE_CHECKING:
    from pandas import DataFrame

    from plants.definition import ScenarioSpec
    from scenarios.files.loader import Loaded

Columns = dict[str, list[Any]]
KPI_COLUMNS = ("kpi", "value", "unit", "way", "replication")

_NUMBER = r"[-+]?[0-9][0-9_]*(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?"
_LIMIT = re.compile(rf"\s*(>=|<=|==|!=|>|<)\s*({_NUMBER})\s*(%|[A-Za-z/]+)?\s*$")
_JUDGES: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass
class Replication:
    """One world under one way. kpis: name -> value (None: not defined here); tables: table -> column -> values
    (written as `<table>.parquet`); decisions: the engine's records; disruptions: {"id", "kind", "target", "from_ms",
    "to_ms" (-1 open), "title"}; digest: of the trace; wall_s: real seconds it took; faults: KPIs that could not be
    computed, in a line each."""

    way: str
    replication: int
    seed: int
    kpis: dict[str, float | None]
    digest: str
    events: int
    wall_s: float
    horizon_ms: int
    warmup_ms: int
    tables: dict[str, Columns] = field(default_factory=dict, repr=False)
    decisions: list[dict[str, Any]] = field(default_factory=list, repr=False)
    disruptions: list[dict[str, Any]] = field(default_factory=list, repr=False)
    faults: list[str] = field(default_factory=list)

    def to_frame(self, table: str) -> "DataFrame":
        """One of the tables (orders, ledger, messages, commands, series) as a pandas DataFrame, a row each. Raises
        LookupError naming what there is, ModuleNotFoundError without pandas."""
        try:
            columns = self.tables[table]
        except KeyError:
            columns = {}
        if not columns:
            raise LookupError(f"this replication has no table '{table}'; it has {', '.join(self.tables)}")
        return frame(columns)


@dataclass(frozen=True)
class Threshold:
    """`value op limit` for one KPI of one way, judged on the mean; a KPI without a value fails."""

    kpi: str
    way: str
    op: str
    limit: float
    value: float | None
    passed: bool


@dataclass
class Provenance:
    """Where a run comes from. Times are ISO strings given by the caller; nothing here is read from a clock."""

    command: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    started: str = ""
    ended: str = ""
    floor: str = field(default_factory=lambda: str(active()))
    versions: dict[str, str] = field(default_factory=dict)
    streams: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


@dataclass
class RunResult:
    """A whole run. status: `complete`, `partial` (some replications failed, see failures) or `interrupted` (what was
    finished before Ctrl-C). inputs: relative file name -> bytes, the scenario file first. model: what was loaded."""

    scenario: str
    title: str
    seed: int
    ways: dict[str, list[Replication]] = field(repr=False)
    baseline: dict[str, list[Replication]] = field(default_factory=dict, repr=False)
    thresholds: list[Threshold] = field(default_factory=list)
    id: str = ""
    out: Path | None = None
    currency: str = "EUR"
    status: str = "complete"
    failures: list[str] = field(default_factory=list)
    inputs: dict[str, bytes] = field(default_factory=dict, repr=False)
    model: "ScenarioSpec | None" = field(default=None, repr=False)
    provenance: Provenance = field(default_factory=Provenance, repr=False)

    def replication(self, way: str, rep: int = 0) -> Replication:
        """The replication numbered `rep` of `way`. Raises LookupError naming what there is."""
        if way not in self.ways:
            raise LookupError(f"this run has no way '{way}'; it has {', '.join(self.ways)}")
        for one in self.ways[way]:
            if one.replication == rep:
                return one
        have = ", ".join(str(r.replication) for r in self.ways[way])
        raise LookupError(f"this run has no replication {rep} of '{way}'; it has {have}")

    def to_frame(self) -> "DataFrame":
        """Every KPI of every world as a pandas DataFrame: kpi, value (NaN where it is not defined), unit, way,
        replication. Raises ModuleNotFoundError without pandas."""
        rows = [
            (name, value, definition(name).unit_in(self.currency), way, rep.replication)
            for way, reps in self.ways.items()
            for rep in reps
            for name, value in rep.kpis.items()
        ]
        return frame({head: [row[n] for row in rows] for n, head in enumerate(KPI_COLUMNS)})

    def _repr_html_(self) -> str:
        """What a notebook shows: the KPIs of the whole network, each with its half interval, way by way."""
        means = {name: {way: mean_of(reps, name) for way, reps in self.ways.items()} for name in kpi_names(self.ways)}
        rows = [
            (name, definition(name).unit_in(self.currency), *(shown(of.mean, of.half_width) for of in ways.values()))
            for name, ways in means.items()
            if "." not in name
        ]
        title = f"{self.scenario}: {self.title}" if self.title else self.scenario
        return html(title, ("KPI", "unit", *self.ways), rows)

    @property
    def passed(self) -> bool:
        return all(t.passed for t in self.thresholds)


def collect(
    loaded: "Loaded",
    seed: int,
    ways: Mapping[str, Sequence[Replication]],
    baseline: Mapping[str, Sequence[Replication]] | None = None,
    *,
    status: str = "complete",
    failures: Sequence[str] = (),
) -> RunResult:
    """The run of a loaded scenario from its replications, thresholds judged (on `synced` when it was run, else on the
    only way). The runner's last line."""
    model = loaded.scenario
    run = RunResult(
        scenario=model.id,
        title=model.title,
        seed=seed,
        ways={way: sorted(reps, key=lambda r: r.replication) for way, reps in ways.items()},
        baseline={w: sorted(reps, key=lambda r: r.replication) for w, reps in (baseline or {}).items()},
        currency=model.network.currency,
        status=status,
        failures=list(failures),
        inputs=dict(loaded.files),
        model=model,
    )
    run.provenance.warnings = [str(w) for w in loaded.warnings]
    run.thresholds = judge(model.thresholds, run.ways)
    return run


# --- KPIs ------------------------------------------------------------------------------------------------------------
def kpi_names(reps: Mapping[str, Sequence[Replication]]) -> list[str]:
    """Every KPI of every way, in the order they first appear."""
    return list(dict.fromkeys(name for of_way in reps.values() for rep in of_way for name in rep.kpis))


def values(reps: Sequence[Replication], name: str) -> list[float | None]:
    """One KPI over replications, None where it is not defined."""
    return [rep.kpis.get(name) for rep in reps]


def mean_of(reps: Sequence[Replication], name: str) -> Interval:
    """One KPI over replications with its interval."""
    return interval(values(reps, name))


def paired_reps(
    first: Sequence[Replication], second: Sequence[Replication]
) -> tuple[list[Replication], list[Replication]]:
    """The replications both sides have, in the same order."""
    by_number = {rep.replication: rep for rep in second}
    both = [(rep, by_number[rep.replication]) for rep in first if rep.replication in by_number]
    return [a for a, _ in both], [b for _, b in both]


@dataclass(frozen=True)
class Difference:
    """One KPI, first minus second, over paired replications. wins: pairs in which the first is better (None when the
    KPI has no good direction)."""

    interval: Interval
    wins: int | None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self.interval), "wins": self.wins}


def difference(first: Sequence[Replication], second: Sequence[Replication], name: str) -> Difference:
    """first - second of one KPI on common random numbers."""
    a, b = paired_reps(first, second)
    left, right = values(a, name), values(b, name)
    return Difference(paired(left, right), wins(left, right, definition(name).better))


def comparison(run: RunResult) -> dict[str, dict[str, Difference]]:
    """`synced-none`, `fragmented-none`, `synced-fragmented`, as far as the ways were run: KPI -> difference."""
    return {
        f"{a}-{b}": {name: difference(run.ways[a], run.ways[b], name) for name in kpi_names(run.ways)}
        for a, b in PAIRS
        if a in run.ways and b in run.ways
    }


def disruption_cost(run: RunResult) -> dict[str, dict[str, dict[str, Any]]]:
    """With minus without the disruptions, per way and KPI: {"mean", "low", "high", "n", "values": [per seed]}."""
    found: dict[str, dict[str, dict[str, Any]]] = {}
    for way, without in run.baseline.items():
        a, b = paired_reps(run.ways.get(way, []), without)
        found[way] = {}
        for name in kpi_names({way: a}):
            per_seed = differences(values(a, name), values(b, name))
            found[way][name] = {**asdict(interval(per_seed)), "values": per_seed}
    return found


# --- thresholds ------------------------------------------------------------------------------------------------------
def parse_limit(text: str) -> tuple[str, float]:
    """`>= 95%` -> (">=", 0.95). A percent sign divides by 100. Raises ValueError for anything else."""
    found = _LIMIT.match(text)
    if not found:
        raise ValueError(f"'{text}' is no threshold; write an operator and a number, such as '>= 95%' or '<= 20000'")
    op, number, unit = found.groups()
    return op, float(number) / (100.0 if unit == "%" else 1.0)


def holds(value: float, op: str, limit: float) -> bool:
    """Whether `value op limit`."""
    return _JUDGES[op](value, limit)


def judge(limits: Mapping[str, str], ways: Mapping[str, Sequence[Replication]]) -> list[Threshold]:
    """Every threshold, judged on the mean of `synced` when it was run, else of the last way."""
    if not ways:
        return []
    way = "synced" if "synced" in ways else list(ways)[-1]
    judged = []
    for name, text in limits.items():
        op, limit = parse_limit(text)
        value = mean_of(ways[way], name).mean
        judged.append(Threshold(name, way, op, limit, value, value is not None and holds(value, op, limit)))
    return judged


# --- the document ----------------------------------------------------------------------------------------------------
def digest_of(reps: Sequence[Replication]) -> str:
    """One digest for several replications: its own for one, SHA-256 over theirs in order for more."""
    if len(reps) == 1:
        return reps[0].digest
    return hashlib.sha256("".join(f"{r.replication}:{r.digest}\n" for r in reps).encode()).hexdigest()


def kpis_json(reps: Sequence[Replication], currency: str) -> dict[str, dict[str, Any]]:
    """name -> {"mean", "low", "high", "unit", "n"}."""
    names = kpi_names({"": reps})
    found = {}
    for name in names:
        of = mean_of(reps, name)
        found[name] = {
            "mean": of.mean,
            "low": of.low,
            "high": of.high,
            "unit": definition(name).unit_in(currency),
            "n": of.n,
        }
    return found


def way_json(reps: Sequence[Replication], currency: str) -> dict[str, Any]:
    """One way's part of the document. Rates are over the replications' own seconds, however many ran side by side."""
    events, wall_s = sum(r.events for r in reps), sum(r.wall_s for r in reps)
    return {
        "kpis": kpis_json(reps, currency),
        "digest": digest_of(reps),
        "events": events,
        "wall_s": round(wall_s, 3),
        "events_per_s": round(events / wall_s) if wall_s > 0 else None,
    }


def to_json(run: RunResult) -> dict[str, Any]:
    """The document of `run --json`."""
    document: dict[str, Any] = {
        "run": run.id,
        "scenario": run.scenario,
        "seed": run.seed,
        "out": str(run.out) if run.out else None,
        "ways": {way: way_json(reps, run.currency) for way, reps in run.ways.items()},
        "comparison": {
            pair: {name: diff.to_json() for name, diff in kpis.items()} for pair, kpis in comparison(run).items()
        },
        "thresholds": [asdict(t) for t in run.thresholds],
    }
    if run.baseline:
        document["disruption_cost"] = disruption_cost(run)
    if run.status != "complete":
        document["status"] = run.status
        document["failures"] = run.failures
    return document


def identical_ways(run: RunResult) -> list[tuple[str, str]]:
    """Pairs of ways whose every replication has the same digest (nothing was decided differently)."""
    return [(a, b) for a, b in combinations(run.ways, 2) if digest_of(run.ways[a]) == digest_of(run.ways[b])]
