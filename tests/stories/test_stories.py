"""The stories the product tells, on a short sample; `make test-all` runs them whole."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from scenarios.feasibility.bounds import bounds
from scenarios.files.loader import Loaded, load_scenario
from scenarios.importers.brunel import BrunelOptions, import_brunel
from scenarios.twin.runner import run_scenario
from tests.common.oracle_brunel import brunel_folder, read_tables, run_none


def _costs(reps: int) -> tuple[list[float], list[float]]:
    """What the line stoppage cost in late orders, per paired seed: (none, synced)."""
    run = run_scenario(load_scenario("line-stoppage"), ["none", "synced"], 7, reps, baseline=True)
    costs = run.summary().costs
    for way in ("none", "synced"):
        print(f"seed 7, {way}: {[round(v) for v in costs[way]['late_cost'].values]}")
    return costs["none"]["late_cost"].values, costs["synced"]["late_cost"].values


def test_the_engine_makes_a_line_stoppage_cheaper() -> None:
    none, synced = _costs(3)
    assert sum(s < n for s, n in zip(synced, none, strict=True)) == 3


@pytest.mark.slow
def test_the_engine_makes_a_line_stoppage_cheaper_in_18_of_20_worlds() -> None:
    none, synced = _costs(20)
    assert sum(s < n for s, n in zip(synced, none, strict=True)) >= 18


@pytest.mark.parametrize("way", ["none", "fragmented", "synced"])
def test_a_late_component_is_simulated_to_the_end_in_every_way(way: str) -> None:
    run = run_scenario(load_scenario("component-delay"), [way], 7, 1, jobs=1)
    assert run.status == "complete"
    assert run.ways[way][0].kpis["orders_total"] > 2000


@pytest.fixture(scope="module")
def brunel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("brunel")
    import_brunel(brunel_folder(), out, BrunelOptions())
    return out


# scenario: what the independent queue model is told
HARM: dict[str, dict[str, Any]] = {
    "brunel": {},
    "brunel-plant03-half": {"slow": {"PLANT03": Decimal("0.5")}},
    "brunel-plant03-out": {"down": ("PLANT03",)},
    "brunel-port04-closed": {"closed": ("PORT04",)},
}

# scenario: (days or None, served) of `none`; best days or None; served at best
BRUNEL = {
    "brunel": (9, 9215, 7, 9215),
    "brunel-plant03-half": (17, 9215, 14, 9215),
    "brunel-plant03-out": (None, 674, 7, 2347),
    "brunel-port04-closed": (None, 174, None, 1913),
}


@pytest.mark.early
@pytest.mark.parametrize("name", BRUNEL)
def test_rerouting_reaches_the_bound_of_real_input_and_never_beats_it(brunel: Path, name: str) -> None:
    loaded: Loaded = load_scenario(str(brunel / f"{name}.yaml"))
    bound = bounds(loaded.scenario)
    days, served, best_days, best_served = BRUNEL[name]
    run = run_scenario(loaded, ["none", "synced"], None, 1, jobs=2)
    none, synced = run.ways["none"][0].kpis, run.ways["synced"][0].kpis
    assert (none["clear_days"], none["orders_served"]) == (days, served)
    assert synced["orders_served"] == best_served == bound.servable
    assert synced["orders_unservable"] == 9215 - best_served
    assert bound.best_days is not None and synced["clear_days"] is not None
    assert best_days in (None, bound.best_days)
    assert bound.best_days <= synced["clear_days"] <= bound.best_days + 1
    assert bound.first_day_max is not None and synced["first_day_orders"] <= bound.first_day_max
    assert none["lane_cost"] > 0 and synced["handling_cost"] > 0
    unservable = [r for r in run.ways["synced"][0].tables["orders"]["unservable"] if r]
    assert len(unservable) == 9215 - best_served
    harmed = {"brunel-plant03-out": "PLANT03 is down", "brunel-port04-closed": "PORT04"}.get(name, "")
    assert all(harmed in reason for reason in unservable)
    assert {r for r in unservable if not r.endswith("horizon")} == set()


@pytest.mark.early
@pytest.mark.parametrize("name", BRUNEL)
def test_nobody_reacting_gives_what_an_independent_queue_model_gives(brunel: Path, name: str) -> None:
    run = run_scenario(load_scenario(str(brunel / f"{name}.yaml")), ["none"], None, 1, jobs=1)
    kpis, model = run.ways["none"][0].kpis, run_none(read_tables(), **HARM[name])
    exact = ("orders_total", "orders_served", "orders_unservable", "orders_unpriced", "clear_days", "first_day_orders")
    assert {k: kpis[k] for k in exact} == {k: model[k] for k in exact}
    for money in ("late_cost", "handling_cost"):
        assert kpis[money] == pytest.approx(float(model[money]), abs=0.005)
    assert kpis["lane_cost"] == pytest.approx(float(model["lane_cost"]), abs=0.05)  # it prices exact weights, we grams
