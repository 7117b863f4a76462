"""What the console says: tables whole, notes as lines, progress that never claims the end, verdicts first."""

import io

import pytest
from rich.console import Console

from console.terminal.progress import finished, time_left
from console.terminal.render import print_kpis, print_run
from scenarios.answers.compare import compare
from scenarios.answers.conditions import parse_condition, regressions
from scenarios.answers.headline import headline
from scenarios.answers.wording import amount, between, lasting, points
from scenarios.errors import InputError
from scenarios.files.templates import TEMPLATES, write_template
from scenarios.twin.runner import Progress
from tests.common.fabricated import run_result


def printed(width):
    out = Console(file=io.StringIO(), width=width, highlight=False)
    print_kpis(run_result().summary(), out)
    return out.file.getvalue()


@pytest.mark.parametrize("width", [100, 110, 130, 160])
def test_no_cell_is_cut_and_what_does_not_fit_is_counted(width):
    text = printed(width)
    for word in ("late_cost", "60.9 ±2.2 k", "36.9 ±1.3 k", "-48.0 k", "[-49.8 k .. -46.2 k]"):
        assert word in text
    assert ("synced - fragmented" in text) != ("more comparison" in text)


def test_notes_below_a_table_are_whole_lines():
    assert any(line.startswith("not defined here: clear_days") for line in printed(60).splitlines())


def test_progress_never_claims_the_end():
    assert finished(Progress(10.0, 10.0, "")) == 0.99
    assert finished(Progress(0.0, 0.0, "")) == 0.0
    assert time_left(10.0, 0.25) == "about 30 s left" and time_left(3.0, 0.0) == "just begun"


def test_a_regression_is_only_what_got_worse():
    better, worse = run_result(reps=2), run_result(reps=2)
    for rep in worse.ways["synced"]:
        rep.kpis["otif"] -= 0.05
    said = regressions(compare([better, worse]), [parse_condition("otif<-1%")])
    assert said[0].startswith("regression: ") and "-5.0 points" in said[0]
    said = regressions(compare([worse, better]), [parse_condition("otif>1%")])
    assert said[0].startswith("condition met: ")


def test_a_success_with_fewer_orders_served_says_so():
    run = run_result()
    assert "fewer orders" not in headline(run.summary())
    for rep in run.ways["synced"]:
        rep.kpis["orders_served"] = 1000.0
    assert "but fewer orders served, 1,000 instead of 1,386" in headline(run.summary())


def test_a_success_that_costs_more_in_all_says_so():
    run = run_result()
    for rep in run.ways["synced"]:
        rep.kpis["total_cost"] = 300_000.0
    said = headline(run.summary())
    assert "late cost" in said and said.endswith("; but more total cost, 300 k EUR instead of 222 k EUR.")


def test_what_a_disruption_changed_in_no_way_is_one_line(capsys):
    run = run_result()
    print_run(run)
    told = capsys.readouterr().out
    costs = told[told.index("cost of the disruption") :]
    assert "late_cost" in costs and "changed in no way by the disruption: orders_total" in costs
    assert not any(line.startswith("orders_total") for line in costs.splitlines())
    for way in run.ways:
        run.baseline[way][0].kpis["orders_total"] += 1  # in one world only
    assert "orders_total" not in run.summary().unchanged


def test_a_scenario_without_orders_speaks_of_flow_alone():
    run = run_result(reps=1, baseline=False)
    run.ways = {"none": run.ways["none"]}
    run.ways["none"][0].kpis = {"throughput": 33.9, "wip": 2.4, "orders_total": 0.0, "late_cost": 0.0}
    assert headline(run.summary()).endswith("throughput 33.9 pcs/h, wip 2.40 pcs.")


def test_what_is_left_of_nothing_is_nothing():
    assert amount(-1e-14, sign=True) == "0" and between(-6e-14, 3e-14, "h") == ""
    assert between(-49_800, -46_200, "EUR") == "-49.8 k .. -46.2 k EUR"


def test_templates_are_not_mixed_in_one_folder(tmp_path):
    write_template("blank", tmp_path)
    for name in (n for n in TEMPLATES if n != "blank"):
        with pytest.raises(InputError):
            write_template(name, tmp_path)


def test_what_happens_in_an_instant_lasts_nothing():
    assert lasting(5, 5) == "" and lasting(0, -1) == " to the end of the run" and lasting(0, 7_200_000) == " for 2.0 h"


def test_what_is_small_is_not_shown_as_zero():
    assert amount(-0.0042, sign=True) == "-0.004" and points(-0.0002, "share") == "-0.02 points"
    assert points(0.0, "share") == "0 points" and points(0.0812, "share") == "+8.1 points"
