"""The known answers of the supply network: exact values against chains, worlds against the curves behind them."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from scenarios.verify import stocks, supply, worlds
from scenarios.verify.campaign import Plan, Task, play, verify
from scenarios.verify.case import Case, Measure
from scenarios.verify.chains import stationary
from scenarios.verify.verdicts import Value, around

SHORT = Plan(seed=4, batch=12, cap=24, half_width=0.05)


def known(name: str):
    return next(case for case in supply.table() if case.name == name)


def pretending(case, *values: float):
    return replace(case, measures=tuple(replace(m, exact=v) for m, v in zip(case.measures, values, strict=True)))


# --- exact values -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("demand", "lead", "level"), [(2.0, 1.5, 5), (0.7, 4.0, 1), (3.0, 2.0, 9), (1.0, 1.0, 0)])
def test_base_stock_is_an_endless_room_of_servers(demand, lead, level):
    """Pieces on order are the busy servers of M/M/oo (the law of the lead time does not count)."""

    def moves(n: int):
        if n < 60:
            yield demand, n + 1
        if n:
            yield n / lead, n - 1

    shares = stationary(0, moves)
    assert stocks.ready_rate(demand, lead, level) == pytest.approx(sum(p for n, p in shares.items() if n < level))
    assert stocks.backorders(demand, lead, level) == pytest.approx(
        sum(p * max(n - level, 0) for n, p in shares.items())
    )
    assert stocks.stock(demand, lead, level) == pytest.approx(sum(p * max(level - n, 0) for n, p in shares.items()))


@pytest.mark.parametrize(("demand", "lead", "level"), [(2.0, 1.5, 5), (5.0, 1.0, 3), (0.4, 2.0, 1)])
def test_lost_sales_are_erlangs(demand, lead, level):
    def moves(n: int):
        if n < level:
            yield demand, n + 1
        if n:
            yield n / lead, n - 1

    assert stocks.lost_share(demand, lead, level) == pytest.approx(stationary(0, moves)[level])


@pytest.mark.parametrize(("demand", "lead", "r", "q"), [(2.0, 3.0, 5, 10), (1.0, 2.0, 0, 3), (2.0, 1.0, 4, 1)])
def test_reorder_points_are_base_stocks_in_turn(demand, lead, r, q):
    """A path of one rule by hand: stock = position a lead time ago - demand since, the positions in turn."""
    rng = np.random.default_rng(1)
    times = np.cumsum(rng.exponential(1.0 / demand, 200_000))
    served, before = 0, np.searchsorted(times, times - lead)
    for n in range(5_000, len(times)):
        position = r + q - before[n] % q  # after the demands up to a lead time ago
        served += position - (n - before[n]) > 0
    assert stocks.fill_rq(demand, lead, r, q) == pytest.approx(served / (len(times) - 5_000), rel=0.02)
    assert stocks.stock_rq(demand, lead, r, 1) == pytest.approx(stocks.stock(demand, lead, r + 1))


@pytest.mark.parametrize(
    ("hold", "owe", "demand", "fails", "recovers"),
    [(0.25, 3.0, 2000, 0.04, 0.25), (1.0, 20.0, 50, 0.1, 0.5), (0.1, 0.5, 7, 0.3, 0.2)],
)
def test_the_level_before_a_supplier_that_fails_is_the_cheapest(hold, owe, demand, fails, recovers):
    level = stocks.disrupted_level(hold, owe, demand, fails, recovers)
    cost = {
        at: stocks.disrupted_cost(hold, owe, demand, fails, recovers, at) for at in range(demand, level + 3 * demand)
    }
    assert min(cost, key=cost.__getitem__) == level
    rng, up, owed, seen = np.random.default_rng(3), True, 0, []
    for chance in rng.random(200_000):
        up = chance >= fails if up else chance < recovers
        owed = demand if up else owed + demand
        seen.append(hold * max(level - owed, 0) + owe * max(owed - level, 0))
    assert cost[level] == pytest.approx(np.mean(seen), rel=0.05)


def test_an_outage_is_a_triangle():
    assert stocks.outage_area(90, 100, 4) == 360 * 40 / 2
    assert stocks.outage_area(90, 100, 4, 30) == 240 * 10 / 2
    assert stocks.outage_cleared(50, 80, 3) == 3 + 150 / 30
    assert stocks.outage_cleared(100, 100, 1) == float("inf")
    assert stocks.outage_backlog(20, 5, 30) == 0


# --- curves and statistics ----------------------------------------------------------------------------------------
def test_areas_are_integrals_between_events():
    moves = np.array([4.0, 1.0, 4.0, 9.0]), np.array([2.0, 3.0, -1.0, -4.0])  # 3 from 1, 4 from 4, 0 from 9
    assert worlds.area(moves, 0.0, 10.0) == 3 * 3 + 4 * 5
    assert worlds.area(moves, 2.0, 5.0) == 3 * 2 + 4
    assert worlds.area(moves, 0.0, 10.0, lambda level: level > 0) == 8
    assert worlds.area((np.zeros(0), np.zeros(0)), 0.0, 10.0) == 0.0
    assert [x.tolist() for x in worlds.levels(moves)] == [[1.0, 4.0, 9.0], [3.0, 4.0, 0.0]]


def controlled(slope: float, off: float = 0.0):
    """A mean of 10 with a large part that a control knows; `off`: what the control is wrong by."""

    def seen(case: Case, seed: int, replication: int):
        rng = np.random.default_rng((seed, replication))
        wave = rng.normal()
        return (10.0 + slope * wave + 0.05 * rng.normal(), wave + off), 1

    measure = Measure("mean", 10.0, lambda s: s[0], controls=(lambda s: s[1],))
    return Case("controlled", "numbers", (measure,), seen, 1.0)


def test_a_control_takes_off_what_chance_brought():
    found = verify([controlled(3.0)], jobs=1)[0]
    assert found.passed and found.replications == 20 and found.high - found.low < 0.12
    plain = replace(controlled(3.0), measures=(replace(controlled(3.0).measures[0], controls=()),))
    assert not verify([plain], jobs=1)[0].passed


def test_a_control_with_another_mean_is_found():
    assert "outside" in verify([controlled(3.0, off=0.3)], jobs=1)[0].why


def test_the_interval_with_controls_covers_as_often_as_it_says():
    """2,000 right samples of 12: the 95 % interval misses about 100 times."""
    rng, misses = np.random.default_rng(8), 0
    for _ in range(2_000):
        values = []
        for wave, rest in rng.normal(size=(12, 2)):
            value = Value(1.0 + 2.0 * wave + rest)
            value.controls = (wave,)
            values.append(value)
        found = around(values)
        misses += not found.low <= 1.0 <= found.high
    assert 70 <= misses <= 135


# --- worlds -------------------------------------------------------------------------------------------------------
def test_what_a_base_stock_owes_is_what_was_asked_for_in_a_lead_time():
    """Path by path: the world's stock and backlog are those of the demand of the last 90 s, to the millisecond."""
    case = replace(known("base-stock"), worlds=1, length_s=20_000.0)
    twin = worlds.run(case, 3, 0)
    came = np.array([o.ordered_ms / 1000 for o in twin.network.book.orders.values() if o.kind == "customer"])
    wave = np.concatenate((came, came + 90.0)), np.repeat((1.0, -1.0), len(came))
    window = case.warmup_s, twin.scenario.horizon_s
    seen, _ = case.play(case, 3, 0)
    assert seen.owed_area == pytest.approx(worlds.area(wave, *window, lambda d: np.maximum(d - 5, 0)), rel=1e-9)
    assert seen.stock_area == pytest.approx(worlds.area(wave, *window, lambda d: np.maximum(5 - d, 0)), rel=1e-9)
    assert seen.stocked_s == pytest.approx(worlds.area(wave, *window, lambda d: d < 5), rel=1e-9)
    assert seen.lost == 0 and seen.placed > 500


@pytest.mark.parametrize("name", ["base-stock", "rq", "lost-sales", "batch-sync"])
def test_a_sample_of_the_table_comes_out(name):
    case = known(name)
    few = replace(case, worlds=1, length_s=case.length_s / 10)
    for found in verify([few], replace(SHORT, half_width=0.15), jobs=1):
        assert found.passed, found


@pytest.mark.parametrize(
    "case",
    [supply.base_stock(1.0, 2.5, 4, 400, 1), supply.rq(3.0, 1.0, 2, 6, 400, 1), supply.lost_sales(4.0, 0.5, 3, 400, 1),
     supply.disrupted(1.0, 20.0, 50, 0.1, 0.5, 60)],
    ids=lambda case: case.name,
)  # fmt: skip
def test_other_parameters_come_out_as_well(case):
    for found in verify([case], replace(SHORT, half_width=0.25), jobs=1):
        assert found.passed, found


def test_another_rule_is_caught():
    """A house that keeps one piece more, and customers who wait where the answer says that they leave."""
    one_more = replace(supply.base_stock(2.0, 1.5, 6, 500, 1), name="base-stock-6")
    right = supply.base_stock(2.0, 1.5, 5, 500, 1)
    wrong = pretending(one_more, *(m.exact for m in right.measures))
    assert all("outside" in found.why for found in verify([wrong], replace(SHORT, half_width=0.5), jobs=1))
    waits = replace(right, measures=known("lost-sales").measures)
    assert not verify([waits], replace(SHORT, half_width=0.5), jobs=1)[0].passed


@pytest.mark.parametrize(
    "case",
    [supply.plant_out(90, 70, 100, 4, 30), supply.plant_out(50, 20, 80, 3), supply.plant_out(60, 40, 100, 2, 30)],
    ids=lambda case: case.title,
)
def test_a_plant_that_is_out_leaves_the_triangle(case):
    for found in verify([case], jobs=1):
        assert found.passed, found


def test_a_longer_outage_is_another_answer():
    case = supply.plant_out(50, 20, 80, 3)
    longer = replace(case, files=partial(case.files.func, **{**case.files.keywords, "out_days": 4}))
    assert not any(found.passed for found in verify([longer], jobs=1))


def test_messages_wait_for_their_batch_and_not_longer():
    case = supply.batch(1_800.0, 120.0, 30)
    seen, _ = case.play(case, 2, 0)
    assert seen.seconds.min() >= 0 and seen.seconds.max() <= 1_800.0 and len(seen.seconds) > 3_000
    assert worlds.mean_min(seen) == pytest.approx(15.0, rel=0.05)
    assert worlds.quantile_min(seen, 0.95) == pytest.approx(28.5, rel=0.02)


def test_worlds_of_a_replication_are_different_worlds():
    case = replace(known("rq"), length_s=3_000.0)
    one, two = replace(case, worlds=1), replace(case, worlds=2)
    first, second = play(Task(one, 0), 1)[0], play(Task(one, 1), 1)[0]
    assert first != second
    assert play(Task(two, 0), 1)[0][1] == pytest.approx((first[1] + second[1]) / 2)


def test_uniform_numbers_come_one_from_each_stratum():
    from sim.streams import Streams

    drawn = worlds.shuffled_strata(Streams(1, 2), "verify/strata", 50)
    assert sorted(int(u * 50) for u in drawn) == list(range(50)) and list(drawn) != sorted(drawn)
