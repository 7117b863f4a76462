"""KPIs by place: a mean and interval over replications for each place, and names that are not there refused."""

import json
from typing import Any

import pytest

from plants.definition import NetworkSpec
from plants.kpis.standard import Standards
from scenarios.answers.headline import in_force
from scenarios.answers.places import by_place, dimensions, is_idle
from scenarios.errors import UnknownName
from scenarios.runs.folder import reserve, write_run
from scenarios.runs.results import RunResult
from tests.common.fabricated import run_result


@pytest.fixture
def run() -> RunResult:
    made = run_result(reps=2)
    for way, reps in made.ways.items():
        for rep in reps:
            late = {"none": 100.0, "fragmented": 60.0, "synced": 20.0}[way] + 10 * rep.replication
            rows = [
                ("late_cost", "", "", 3 * late, "EUR"), ("late_cost", "customer", "west", 2 * late, "EUR"),
                ("late_cost", "customer", "east", late, "EUR"), ("otif", "customer", "west", 0.5, "share"),
                ("lost_sales", "customer", "west", 0.0, "EUR"), ("lane_cost", "lane", "lyon>dc-west", 7.0, "EUR"),
            ]  # fmt: skip
            heads = ("kpi", "dimension", "id", "value", "unit")
            table = {head: [row[n] for row in rows] for n, head in enumerate(heads)}
            rep.tables["kpis"] = {**table, "way": [way] * len(rows), "replication": [rep.replication] * len(rows)}
    return made


def test_each_place_has_its_mean_and_interval_in_each_way(run: RunResult) -> None:
    found = by_place(run, "customer")
    assert [(f.kpi, f.place) for f in found.figures] == [
        ("otif", "west"), ("late_cost", "west"), ("late_cost", "east"), ("lost_sales", "west"),
    ]  # fmt: skip
    west = found.figures[1].ways
    assert west["none"].mean == 210.0 and west["synced"].mean == 50.0 and west["none"].n == 2
    assert west["none"].low is not None and west["none"].low < 200.0 < (west["none"].high or 0)
    assert is_idle(found.figures[3:]) and not is_idle(found.figures[:1])


def test_one_kpi_and_one_way(run: RunResult) -> None:
    found = by_place(run, "customer", ["late_cost"], "synced")
    assert found.ways == ("synced",) and {f.place for f in found.figures} == {"west", "east"}


@pytest.mark.parametrize(("dimension", "kpis", "said"), [
    ("custmer", (), "no KPIs by 'custmer'. allowed: customer, lane. did you mean 'customer'"),
    ("customer", ("lane_cost",), "no KPI 'lane_cost' by customer. allowed: otif, late_cost, lost_sales"),
])  # fmt: skip
def test_what_the_run_has_not_is_refused_by_name(run: RunResult, dimension: str, kpis: Any, said: str) -> None:
    with pytest.raises(UnknownName) as refused:
        by_place(run, dimension, kpis)
    assert said in str(refused.value)
    assert dimensions(run) == ["customer", "lane"]


def test_the_command_prints_a_row_a_place(run: RunResult, plantsync: Any, tmp_path: Any) -> None:
    stored = write_run(run, reserve(tmp_path / "runs", "line-stoppage", "r"))
    code, out, _ = plantsync("kpis", stored, "--by", "customer")
    assert code == 0 and "late_cost" in out and "west" in out and "zero or undefined everywhere: lost_sales" in out
    code, out, _ = plantsync("kpis", stored, "--by", "customer", "--kpi", "lost_sales")
    assert code == 0 and "lost_sales" in out and "zero or undefined" not in out
    code, out, _ = plantsync("kpis", stored, "--by", "lane", "--json")
    assert code == 0 and json.loads(out)["kpis"]["lane_cost"]["lyon>dc-west"]["none"]["mean"] == 7.0
    code, _, err = plantsync("kpis", stored, "--by", "nothing")
    assert code == 2 and "no KPIs by 'nothing'" in err


def test_what_the_costs_rest_on_is_said_with_the_result(run: RunResult) -> None:
    run.assumed = []
    assert in_force(run) == []
    run.assumed = list(Standards(NetworkSpec("n")).told)
    (said,) = in_force(run)
    assert said.startswith("total_cost is what is spent beyond the standard value of the goods: ")
    assert "owning goods costs 20 % of their standard value a year (the default of costs.carrying)" in said
    run.assumed = list(Standards(NetworkSpec("n", carrying=0.125)).told)
    assert "owning goods costs 12.5 % of their standard value a year" in in_force(run)[0]
    assert "default" not in in_force(run)[0]
