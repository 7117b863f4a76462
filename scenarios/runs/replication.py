"""A replication: one simulated world under one way of working, and a threshold it may be held to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from scenarios.runs.frames import frame
from sync.vocabulary.decisions import Decision

if TYPE_CHECKING:
    from pandas import DataFrame

Columns = dict[str, Sequence[Any]]


@dataclass
class Replication:
    """One world under one way. kpis: name -> value (None: not defined here); tables: table -> column -> values
    (written as `<table>.parquet`); decisions: the engine's, as they stood at the end; disruptions: {"id", "kind",
    "target", "from_ms", "to_ms" (-1 open), "title"}; digest: of the trace; wall_s: real seconds it took; faults: KPIs
    that could not be computed, in a line each."""

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
    decisions: list[Decision] = field(default_factory=list, repr=False)
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
