"""Compare: runs pair by replication on the same seed, or are refused; conditions find regressions."""

import pytest

from scenarios.answers.compare import compare
from scenarios.answers.conditions import parse_condition, regressions
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


@pytest.mark.parametrize(
    "text", ["otif", "otif<", "<1", "otif=<1", "otif<1%%", "otif<-1% or 2", "otif<1@", "otif@95<1"]
)
def test_a_condition_that_cannot_be_read_is_named(text):
    with pytest.raises(Unpaired, match="no condition"):
        parse_condition(text)


def test_an_unknown_kpi_is_named():
    with pytest.raises(Unpaired, match=r"no KPI 'otfi'\. did you mean 'otif'"):
        regressions(compare([run_result(), run_result()]), [parse_condition("otfi<1")])


# --- how sure ---------------------------------------------------------------------------------------------------------
def changed(kpi, by, reps=5):
    """A run and another whose synced way has the KPI changed by these amounts."""
    other = run_result(reps=reps)
    other.id = "other"
    for rep, change in zip(other.ways["synced"], by, strict=True):
        rep.kpis[kpi] = (rep.kpis[kpi] or 0.0) + change
    return compare([run_result(reps=reps), other])


# mean -0.02, standard deviation sqrt(2e-4 / 4); with t(4) = 2.776 and 4.604 the intervals end at -0.0112 and -0.0054
UNSURE = (-0.01, -0.02, -0.03, -0.02, -0.02)


@pytest.mark.parametrize(
    ("text", "fires"),
    [
        ("otif<-1%", True),
        ("otif<-1%@95", True),
        ("otif < -1.1% @ 95%", True),
        ("otif<-1.2%@95", False),  # by the mean it would
        ("otif<-1.2%", True),
        ("otif<-1%@99", False),
        ("otif<-0.5%@99", True),
        ("otif<0@99.9", False),  # t(4) = 8.610: the interval reaches +0.0072
        ("otif>-3%@95", True),  # from -0.0288 up
        ("otif>-2.5%@95", False),
    ],
)
def test_with_a_confidence_the_whole_interval_must_be_beyond_the_limit(text, fires):
    assert bool(regressions(changed("otif", UNSURE), [parse_condition(text)])) == fires


def test_the_sentence_says_how_sure_it_is():
    (said,) = regressions(changed("otif", UNSURE), [parse_condition("otif<-1%@95")])
    assert "95 % interval -2.9 .. -1.1 points" in said


def test_per_cent_of_money_is_relative_under_a_confidence_too():
    rises = (700.0, 800.0, 750.0, 720.0, 780.0)  # of about 12,800: 5.9 %, the interval from 5.4 % to 6.3 %
    assert regressions(changed("late_cost", rises), [parse_condition("late_cost>5%@95")])
    assert not regressions(changed("late_cost", rises), [parse_condition("late_cost>5.7%@95")])


@pytest.mark.parametrize("level", ["0", "10", "49", "100", "100.5", "-95", "1e3"])
def test_a_confidence_that_is_none_is_refused(level):
    with pytest.raises(Unpaired, match=r"is no confidence\. allowed: from 50 to 99.99"):
        parse_condition(f"otif<-1%@{level}")


# --- what can never hold ----------------------------------------------------------------------------------------------
def test_one_replication_has_no_interval_to_judge():
    one = changed("otif", (-0.5,), reps=1)
    with pytest.raises(Unpaired, match=r"can never hold .* one pair of replications has no interval\. run both"):
        regressions(one, [parse_condition("otif<-1%@95")])
    assert regressions(one, [parse_condition("otif<-1%")])


def test_a_kpi_that_is_not_defined_is_refused():
    runs = compare([run_result(), run_result()])
    with pytest.raises(Unpaired, match="clear_days is not defined in"):
        regressions(runs, [parse_condition("clear_days>1")])
    half = run_result()
    half.id = "half"
    for rep in half.ways["synced"]:
        rep.kpis["otif"] = None
    with pytest.raises(Unpaired, match="otif is not defined in half"):
        regressions(compare([run_result(), half]), [parse_condition("otif<-1%")])


@pytest.mark.parametrize("text", [
    "otif<-95%", "otif<-150%", "otif<=-2", "otif>6%", "otif>100%@95", "otif>=10%", "fill_rate<-97%",
    "orders_served<-2000", "orders_served<-100%", "late_cost<-101%", "lane_cost<-1e9@95", "backlog_peak<-150%",
])  # fmt: skip
def test_a_limit_beyond_every_value_is_refused(text):
    """Here otif is 0.946 in the first run, fill_rate 0.96, orders_served 1,394."""
    with pytest.raises(Unpaired, match=r"can never hold for .* and never (less|more) than"):
        regressions(compare([run_result(), run_result()]), [parse_condition(text)])


@pytest.mark.parametrize("text", [
    "otif<-94%", "otif>5%", "otif>0", "otif<0", "otif<=0", "fill_rate<-95%", "orders_served<=-100%",
    "late_cost<-99%", "late_cost>1e9", "late_cost>500%", "total_cost>0@95", "backlog_peak<-99%",
])  # fmt: skip
def test_a_limit_that_can_be_reached_is_judged(text):
    regressions(compare([run_result(), run_result()]), [parse_condition(text)])


def test_what_may_be_below_zero_has_no_least_value():
    runs = changed("total_cost", (-500_000.0,) * 5)  # below zero, as a network may be that buys below its standards
    assert regressions(runs, [parse_condition("total_cost<-150%")])
