"""Results: what a run hands back. A replication is one simulated world under one way of working; a run is all of them,
paired by replication number on the same random numbers. What the numbers say together is its summary.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from plants.kpis.registry import definition
from plants.kpis.standard import Standards
from scenarios.runs.frames import frame, html, shown
from scenarios.runs.replication import Replication, Threshold
from scenarios.runs.summary import Summary, judge, summarise
from sim.ahead.active import Floor, active

if TYPE_CHECKING:
    from pandas import DataFrame

    from plants.definition import ScenarioSpec
    from scenarios.files.loader import Loaded

KPI_COLUMNS = ("kpi", "value", "unit", "way", "replication")


@dataclass
class Provenance:
    """Where a run comes from. Times are ISO strings given by the caller; nothing here is read from a clock."""

    command: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    started: str = ""
    ended: str = ""
    floor: Floor = field(default_factory=active)
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
    assumed: list[str] = field(default_factory=list)  # of costs: what is in force, a sentence each

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

    def summary(self) -> Summary:
        """The figures of the run as it stands."""
        return summarise(self.ways, self.baseline, self.thresholds, self.currency)

    def _repr_html_(self) -> str:
        """What a notebook shows: the KPIs of the whole network, each with its half interval, way by way."""
        of = self.summary()
        means = [[way.mean(name) for way in of.ways.values()] for name in of.whole]
        rows = [
            (name, definition(name).unit_in(of.currency), *(shown(i.mean, i.half_width) for i in intervals))
            for name, intervals in zip(of.whole, means, strict=True)
        ]
        title = f"{self.scenario}: {self.title}" if self.title else self.scenario
        return html(title, ("KPI", "unit", *of.ways), rows)

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
    """The run of a loaded scenario from its replications, thresholds judged. The runner's last line."""
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
    run.assumed = list(Standards(model.network).told)
    run.thresholds = judge(model.thresholds, run.ways)
    return run
