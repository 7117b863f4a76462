"""The documents about a run: what `run --json` prints, and the part of run.json that says the same."""

from dataclasses import asdict
from typing import Any

from plants.kpis.registry import definition
from scenarios.runs.results import RunResult
from scenarios.runs.summary import Cost, Difference, Summary, WayFigures


def to_json(run: RunResult) -> dict[str, Any]:
    """The document of `run --json`."""
    of = run.summary()
    document: dict[str, Any] = {
        "run": run.id,
        "scenario": run.scenario,
        "seed": run.seed,
        "out": str(run.out) if run.out else None,
        "ways": {way: way_json(figures, run.currency) for way, figures in of.ways.items()},
        "comparison": comparison_json(of),
        "thresholds": [asdict(t) for t in of.thresholds],
        "assumed": run.assumed,
    }
    if run.baseline:
        document["disruption_cost"] = costs_json(of)
    if run.status != "complete":
        document["status"] = run.status
        document["failures"] = run.failures
    return document


def way_json(of: WayFigures, currency: str) -> dict[str, Any]:
    """One way's part."""
    per_s = of.events_per_s
    return {
        "kpis": kpis_json(of, currency),
        "digest": of.digest,
        "events": of.events,
        "wall_s": round(of.wall_s, 3),
        "events_per_s": None if per_s is None else round(per_s),
    }


def kpis_json(of: WayFigures, currency: str) -> dict[str, dict[str, Any]]:
    """name -> {"mean", "low", "high", "unit", "n"}."""
    return {name: {**asdict(i), "unit": definition(name).unit_in(currency)} for name, i in of.kpis.items()}


def comparison_json(of: Summary) -> dict[str, dict[str, dict[str, Any]]]:
    """`synced-none` and so on: KPI -> difference."""
    return {f"{a}-{b}": {k: difference_json(d) for k, d in kpis.items()} for (a, b), kpis in of.comparison.items()}


def difference_json(of: Difference) -> dict[str, Any]:
    """{"mean", "low", "high", "n", "wins"}."""
    return {**asdict(of.interval), "wins": of.wins}


def costs_json(of: Summary) -> dict[str, dict[str, dict[str, Any]]]:
    """way -> KPI -> {"mean", "low", "high", "n", "values": [per seed]}."""
    return {way: {name: _cost_json(cost) for name, cost in costs.items()} for way, costs in of.costs.items()}


def _cost_json(of: Cost) -> dict[str, Any]:
    return {**asdict(of.interval), "values": of.values}
