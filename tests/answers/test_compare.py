"""Compare: runs pair by replication on the same seed, or are refused; conditions find regressions."""

import pytest

from scenarios.answers.compare import compare, parse_condition, regressions
from scenarios.errors import Unpaired
from tests.common.fabricated import run_result


def worse(points=0.02):
    run = run_result()
    run.id = "worse"
    for rep in run.ways["synced"]:
        rep.kpis["otif"] = (rep.kpis["otif"] or 0) - points
        rep.digest += "x"
    return run


def test_equal_runs_differ_by_nothing_and_say_that_they_are_identical():
    (one,) = compare([run_result(), run_result()])
    assert all(way.same and way.pairs == 5 for way in one.ways)
    assert all(d.interval.mean in (0, None) for way in one.ways for d in way.kpis.values())


def test_a_difference_is_the_other_run_minus_the_first():
    (one,) = compare([run_result(), worse()], "synced")
    assert one.ways[0].kpis["otif"].interval.mean == pytest.approx(-0.02)
    assert one.ways[0].kpis["otif"].wins == 0 and not one.ways[0].same


def test_percent_of_a_share_means_points_and_of_money_means_relative():
    compared = compare([run_result(), worse()])
    assert regressions(compared, [parse_condition("otif<-1%")])
    assert not regressions(compared, [parse_condition("otif<-3%")])
    assert not regressions(compared, [parse_condition("late_cost > 5%")])
    assert regressions(compared, [parse_condition("otif < -0.01")])


def test_unpaired_seeds_are_refused():
    with pytest.raises(Unpaired, match=r"seed 7 and .* from seed 8"):
        compare([run_result(), run_result(seed=8)])


def test_runs_without_a_common_way_or_replication_are_refused():
    other = run_result()
    other.ways = {"none": other.ways["none"]}
    with pytest.raises(Unpaired, match="no way 'synced' in common"):
        compare([run_result(), other], "synced")
    other.ways["none"] = other.ways["none"][4:]
    with pytest.raises(Unpaired, match="no replication"):
        compare([run_result(reps=2), other])
    with pytest.raises(Unpaired, match="at least two"):
        compare([other])


@pytest.mark.parametrize("text", ["otif", "otif<", "<1", "otif=<1", "otif<1%%", "otif<-1% or 2"])
def test_a_condition_that_cannot_be_read_is_named(text):
    with pytest.raises(Unpaired, match="no condition"):
        parse_condition(text)


def test_an_unknown_kpi_is_named():
    with pytest.raises(Unpaired, match="no KPI 'otfi'"):
        regressions(compare([run_result(), run_result()]), [parse_condition("otfi<1")])
