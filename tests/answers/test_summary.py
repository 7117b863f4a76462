"""The summary: every figure of a run once; terminal, report, documents and story draw the same."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from console.terminal.render import print_run
from scenarios.answers.report.report import render_report
from scenarios.runs.document import to_json
from scenarios.runs.folder import record
from tests.common.fabricated import run_result

ROOT = Path(__file__).resolve().parents[2]


def test_a_difference_is_paired_by_replication_and_judged_by_the_kpis_direction():
    run = run_result(reps=3)
    for way, values in {"none": (10.0, 20.0, 30.0), "synced": (7.0, 18.0, 31.0)}.items():
        for rep, value in zip(run.ways[way], values, strict=True):
            rep.kpis["late_cost"] = rep.kpis["orders_total"] = value
    diff = run.summary().comparison["synced", "none"]["late_cost"]
    assert (diff.interval.mean, diff.wins, diff.verdict) == (pytest.approx(-4 / 3), 2, "better")
    assert (diff.sure, diff.is_certain) == ("", False), "the interval holds zero"
    without = run.summary().comparison["synced", "none"]["orders_total"]
    assert (without.wins, without.verdict) == (None, ""), "neither more nor fewer orders are better"


def test_replications_that_one_side_does_not_have_are_left_out_of_pairs():
    run = run_result(reps=5)
    del run.ways["none"][1]
    of = run.summary()
    assert of.ways["synced"].kpis["late_cost"].n == 5 and of.ways["none"].kpis["late_cost"].n == 4
    assert of.comparison["synced", "none"]["late_cost"].interval.n == 4


def test_what_disruptions_cost_is_with_minus_without():
    run = run_result(reps=2)
    cost = run.summary().costs["none"]["late_cost"]
    pairs = zip(run.ways["none"], run.baseline["none"], strict=True)
    assert cost.values == [a.kpis["late_cost"] - b.kpis["late_cost"] for a, b in pairs]
    assert cost.interval.mean == pytest.approx(sum(cost.values) / 2)


def test_the_main_comparison_is_the_first_that_can_be_made():
    run = run_result(reps=1)
    assert run.summary().main == ("synced", "none")
    del run.ways["none"]
    assert run.summary().main == ("synced", "fragmented")
    del run.ways["synced"]
    assert run.summary().main is None


def test_a_kpi_without_a_value_anywhere_is_idle_and_those_of_single_lines_are_not_of_the_whole_network():
    of = run_result(reps=2).summary()
    assert of.idle == ["clear_days"]
    assert set(of.names) - set(of.whole) == {"utilisation.lyon.L1", "utilisation.brno.L1"}


def test_the_document_and_the_record_of_a_run_say_the_same():
    run = run_result(reps=3)
    said, kept = to_json(run), record(run, {})
    for part in ("comparison", "thresholds", "disruption_cost"):
        assert said[part] == kept[part]
    for way, of in said["ways"].items():
        assert of == {k: v for k, v in kept["ways"][way].items() if k != "replications"}
        assert (of["kpis"], of["digest"]) == (kept["kpis"][way], kept["digest"][way])


def test_terminal_and_report_say_the_same_of_a_difference():
    run = run_result()
    out = Console(file=io.StringIO(), width=200, highlight=False)
    print_run(run, out)
    interval = "-49.8 k .. -46.2 k"
    assert interval in out.file.getvalue() and interval in render_report(run)


def test_intervals_and_differences_of_a_run_are_computed_in_the_summary_alone():
    """Two others ask for what no summary has: another confidence, and places."""
    asked = re.compile(r"from scenarios\.runs\.intervals import (.+)")
    found = {}
    for room in ("console", "scenarios/answers", "scenarios/runs", "scenarios/twin"):
        for path in (ROOT / room).rglob("*.py"):
            names = [n.strip() for line in asked.findall(path.read_text("utf-8")) for n in line.split(",")]
            if set(names) - {"Interval"}:
                found[path.relative_to(ROOT).as_posix()] = names
    assert set(found) == {
        "scenarios/answers/conditions.py", "scenarios/answers/places.py", "scenarios/runs/summary.py",
    }  # fmt: skip
