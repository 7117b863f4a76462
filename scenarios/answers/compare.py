"""Compare runs: the same KPI in two run folders, replication by replication on common random numbers.

The first run is the reference; every other one is compared with it, way by way. Replications pair when they have the
same number and were drawn from the same seed: then both runs met the same demand, breakdowns and disruptions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from scenarios.errors import Unpaired
from scenarios.runs.document import difference_json
from scenarios.runs.results import RunResult
from scenarios.runs.summary import Difference, compared, paired_reps, way_figures


@dataclass(frozen=True)
class WayComparison:
    """One way of working in two runs: KPI -> other minus first, over `pairs` replications. same: equal digests; values:
    KPI -> (first, other) of every pair, None where it is not defined."""

    way: str
    pairs: int
    same: bool
    first: dict[str, float | None]
    other: dict[str, float | None]
    kpis: dict[str, Difference]
    values: dict[str, list[tuple[float | None, float | None]]]


@dataclass(frozen=True)
class RunComparison:
    """`other` against `first`. notes: what differs between them besides the results."""

    first: RunResult
    other: RunResult
    ways: list[WayComparison]
    notes: list[str]

    def to_json(self) -> dict[str, Any]:
        return {
            "first": self.first.id,
            "other": self.other.id,
            "ways": {
                w.way: {"pairs": w.pairs, "same": w.same, "kpis": {k: difference_json(d) for k, d in w.kpis.items()}}
                for w in self.ways
            },
            "notes": self.notes,
        }


def compare(runs: Sequence[RunResult], way: str | None = None) -> list[RunComparison]:
    """Every run after the first against the first. Raises Unpaired."""
    if len(runs) < 2:
        raise Unpaired("compare needs at least two runs")
    return [_compare(runs[0], other, way) for other in runs[1:]]


def _compare(first: RunResult, other: RunResult, only: str | None) -> RunComparison:
    common = [w for w in first.ways if w in other.ways and only in (None, w)]
    if not common:
        asked = f"way '{only}'" if only else "way of working"
        raise Unpaired(
            f"{first.id} ({', '.join(first.ways)}) and {other.id} ({', '.join(other.ways)}) have no {asked} in common"
        )
    return RunComparison(first, other, [_compare_way(first, other, w) for w in common], _notes(first, other))


def _compare_way(first: RunResult, other: RunResult, way: str) -> WayComparison:
    a, b = paired_reps(first.ways[way], other.ways[way])
    if first.seed != other.seed or any(x.seed != y.seed for x, y in zip(a, b, strict=True)):
        raise Unpaired(
            f"{first.id} was drawn from seed {first.seed} and {other.id} from seed {other.seed}:"
            f" they met different worlds and cannot be paired. run both with the same --seed"
        )
    if not a:
        raise Unpaired(f"{first.id} and {other.id} have no replication of '{way}' in common")
    return WayComparison(
        way=way,
        pairs=len(a),
        same=all(x.digest == y.digest for x, y in zip(a, b, strict=True)),
        first={n: interval.mean for n, interval in way_figures(a).kpis.items()},
        other={n: interval.mean for n, interval in way_figures(b).kpis.items()},
        kpis=(differences := compared(b, a)),
        values={n: [(x.kpis.get(n), y.kpis.get(n)) for x, y in zip(a, b, strict=True)] for n in differences},
    )


def _notes(first: RunResult, other: RunResult) -> list[str]:
    notes = []
    if first.scenario != other.scenario:
        notes.append(f"different scenarios: {first.scenario} and {other.scenario}")
    if first.provenance.sets != other.provenance.sets:
        notes.append(
            f"different overrides: {', '.join(first.provenance.sets) or 'none'} and"
            f" {', '.join(other.provenance.sets) or 'none'}"
        )
    changed = [n for n in first.inputs if n in other.inputs and first.inputs[n] != other.inputs[n]]
    if changed:
        notes.append(f"different files: {', '.join(changed)}")
    for name, version in first.provenance.versions.items():
        if name in ("plantsync", "numpy", "highspy") and other.provenance.versions.get(name) != version:
            notes.append(f"different {name}: {version} and {other.provenance.versions.get(name)}")
    return notes
