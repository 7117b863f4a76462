"""The known answers: exact values against the published table, the statistics, and that a case can fail."""

import json
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import simpy

from plants.definition import FailureSpec
from scenarios.verify import cases, exact
from scenarios.verify.campaign import Plan, Task, play, verify
from scenarios.verify.case import Case, LineCase, Measure
from scenarios.verify.chains import stationary
from scenarios.verify.lines import build, number, steady, throughput, wait
from scenarios.verify.verdicts import false_alarm, judge
from sim.streams import constant

PUBLISHED = {
    "mm1 L": "4", "mm1 Wq": "4", "mm3 Wq": "0.444444",
    "mg1-scv-0 Wq": "2.0", "mg1-scv-0.5 Wq": "3.0", "mg1-scv-2 Wq": "6.0", "mm1k loss": "0.126023",
    "failures-calendar L": "3.0", "failures-operating L": "2.5", "jackson L": "5.291958",
    "conwip-1 throughput": ".333333", "conwip-3 throughput": ".6", "conwip-5 throughput": ".714286",
    "line-2-buffer-0 throughput": ".666667", "line-2-buffer-1 throughput": ".75",
    "line-2-buffer-2 throughput": ".8", "line-2-buffer-5 throughput": ".875",
    "line-3-buffer-0 throughput": ".564103", "line-3-buffer-1 throughput": ".670466",
    "line-3-buffer-2 throughput": ".734017", "line-3-buffer-3 throughput": ".776712",
    "line-2-failing throughput": ".631094", "isolated parts/h": "8.0", "link peak": "6000", "link empty s": "40",
    "base-stock ready rate": ".815263", "base-stock E[B]": ".134621", "rq fill rate": ".848271", "rq E[I]": "4.714446",
    "lost-sales lost": ".110054", "disrupted cost": "2737.0690",
    "plant-out-alone peak": "360", "plant-out-alone cleared d": "40", "plant-out-alone area": "7200",
    "plant-out-rerouted peak": "240", "plant-out-rerouted cleared d": "10", "plant-out-rerouted area": "1200",
    "batch-sync mean min": "60", "batch-sync p95 min": "114",
}  # fmt: skip
SHORT = Plan(seed=5, batch=10, cap=30, half_width=0.05)


def known(name: str) -> LineCase:
    return next(case for case in cases.table() if case.name == name)


def shorter(name: str, length_s: float) -> Case:
    return replace(known(name), length_s=length_s, warmup_s=min(known(name).warmup_s, length_s / 5))


def pretending(case: Case, value: float) -> Case:
    """The same case, told another exact value."""
    return replace(case, measures=tuple(replace(m, exact=value) for m in case.measures))


# --- exact values ---------------------------------------------------------------------------------------------------
def test_computed_values_are_the_published_ones_to_the_last_printed_digit():
    computed = {f"{case.name} {m.name}": m.exact for case in cases.table() for m in case.measures}
    assert computed.keys() == PUBLISHED.keys()
    for name, printed in PUBLISHED.items():
        digits = len(printed.partition(".")[2])
        assert abs(computed[name] - float(printed)) <= 0.5000001 * 10**-digits, name


def mean_number(start, moves, of) -> float:
    return sum(of(state) * share for state, share in stationary(start, moves).items())


def breaking_queue(counts: str, arrival: float, service: float, fails: float, repairs: float, most: int = 250):
    """M/M/1 with failures as a chain of (number, up), cut at `most` customers."""

    def moves(state: tuple[int, bool]) -> Iterator[tuple[float, tuple[int, bool]]]:
        n, up = state
        if n < most:
            yield arrival, (n + 1, up)
        if not up:
            yield repairs, (n, True)
            return
        if n:
            yield service, (n - 1, True)
        if n or counts == "calendar":
            yield fails, (n, False)

    return mean_number((0, True), moves, lambda state: state[0])


@pytest.mark.parametrize("rates", [(0.5, 1.0, 0.05, 0.2), (0.3, 0.9, 0.2, 0.5)])
def test_breakdown_formulas_agree_with_their_chains(rates):
    assert exact.breakdown_number_calendar(*rates) == pytest.approx(breaking_queue("calendar", *rates), rel=1e-9)
    assert exact.breakdown_number_operating(*rates) == pytest.approx(breaking_queue("operating", *rates), rel=1e-9)


def test_queue_formulas_agree_with_a_chain():
    def moves(n: int) -> Iterator[tuple[float, int]]:
        if n < 400:
            yield 2.3, n + 1
        if n:
            yield min(n, 3), n - 1

    assert exact.mmc_wait(2.3, 1.0, 3) * 2.3 == pytest.approx(mean_number(0, moves, lambda n: max(n - 3, 0)), rel=1e-9)
    assert exact.mmc_wait(0.8, 1.0, 1) == pytest.approx(exact.mg1_wait(0.8, 1.0, 1.0))

    def few(n: int) -> Iterator[tuple[float, int]]:
        if n < 5:
            yield 0.9, n + 1
        if n:
            yield 1.0, n - 1

    assert exact.mm1k_loss(0.9, 5) == pytest.approx(stationary(0, few)[5])


def test_conwip_is_a_closed_ring_of_machines():
    def moves(state: tuple[int, ...]) -> Iterator[tuple[float, tuple[int, ...]]]:
        for n, here in enumerate(state):
            if here:
                moved = list(state)
                moved[n] -= 1
                moved[(n + 1) % 3] += 1
                yield rates[n], tuple(moved)

    rates = (1.0, 0.7, 2.0)
    shares = stationary((4, 0, 0), moves)
    assert exact.conwip_throughput(rates, 4) == pytest.approx(sum(p for s, p in shares.items() if s[0]), rel=1e-12)


@pytest.mark.parametrize("buffer", [0, 1, 4, 9])
def test_two_machine_lines_have_their_closed_form(buffer):
    assert exact.line_throughput((1.0, 1.0), (buffer,)) == pytest.approx((buffer + 2) / (buffer + 3))
    assert exact.line_throughput((1.0, 1.0, 1.0), (0, 0)) == pytest.approx(22 / 39)


def test_gershwins_storage_is_our_buffer_and_two_places_on_machines():
    """His model and our own chain of a line that blocks after service are the same for N = buffer + 2."""
    assert exact.gershwin_throughput(1.0, 0.05, 0.2, 6) == pytest.approx(
        exact.line_throughput((1.0, 1.0), (4,), 0.05, 0.2), rel=1e-12
    )
    assert known("line-2-failing").line.buffers == (4,)
    assert exact.line_throughput((1.0, 1.0), (5,), 0.05, 0.2) > 0.64  # the next buffer is another answer altogether


def test_what_has_no_long_run_is_refused():
    with pytest.raises(ValueError, match="load 1: a queue has"):
        exact.mm1_number(1.0, 1.0)
    with pytest.raises(ValueError, match="more than 5000 states"):
        stationary(0, lambda n: [(1.0, n + 1)])


# --- statistics -----------------------------------------------------------------------------------------------------
def drawn(case: Case, seed: int, replication: int):
    """A play that needs no floor: normal numbers about 10, spread `length_s`."""
    return np.random.default_rng((seed, replication)).normal(10.0, case.length_s), 1


def numbers(spread: float, value: float = 10.0, name: str = "numbers") -> Case:
    return Case(name, "numbers", (Measure("mean", value, float),), drawn, spread)


def test_a_right_answer_passes_and_a_wrong_one_misses():
    right, wrong = verify([numbers(0.1), numbers(0.1, 10.2, "off")], jobs=1)
    assert (
        right.passed and right.replications == 20 and right.outer_low < right.low < 10 < right.high < right.outer_high
    )
    assert not wrong.passed and "outside the 99.9 % interval" in wrong.why


def test_replications_come_in_batches_until_the_interval_is_narrow():
    found = verify([numbers(0.3)], jobs=1)[0]
    assert found.passed and found.replications == 40  # 20 give +-0.13, 40 give +-0.095 and 0.1 is asked
    assert (found.high - found.low) / 2 <= 0.1


def test_an_interval_that_stays_wide_is_a_miss():
    found = verify([numbers(3.0)], Plan(cap=60), jobs=1)[0]
    assert found.replications == 60 and found.outer_low < 10 < found.outer_high
    assert not found.passed and "after 60 replications, allowed +-1.00%" in found.why


def test_the_rule_misses_a_right_answer_about_once_in_a_thousand():
    """1,000 right campaigns, half of them with a second batch: about 1 miss, more than 6 once in 10,000 tests."""
    misses = sum(not verify([numbers(0.215)], Plan(seed), jobs=1)[0].passed for seed in range(1_000))
    assert misses <= 6


def test_the_family_wise_chance_is_the_one_the_help_tells(plantsync):
    intervals = sum(m.tolerance == 0 for case in cases.table() for m in case.measures)
    assert intervals == 31 and false_alarm(intervals) == pytest.approx(0.0305, abs=1e-4)
    said = " ".join(plantsync("verify", "--help")[1].split())
    assert "once in 33" in said and "31 intervals" in said and "3.1 %" in said


def test_a_deterministic_quantity_must_be_exact():
    case = known("link")
    peak = case.measures[0]
    assert judge(case, peak, [6000.0], 1, 0.01).passed
    assert "off by 1" in judge(case, peak, [6001.0], 1, 0.01).why


def simpy_queue(case: Case, seed: int, replication: int):
    """M/M/1 at 0.8 as anybody would write it in SimPy: the mean wait, from parts instead of areas."""
    rng, env, waits = np.random.default_rng((seed, replication)), simpy.Environment(), []
    server = simpy.Resource(env)

    def customer():
        came = env.now
        with server.request() as turn:
            yield turn
            waits.append(env.now - came)
            yield env.timeout(rng.exponential(1.0))

    def arrivals():
        while True:
            yield env.timeout(rng.exponential(1 / 0.8))
            env.process(customer())

    env.process(arrivals())
    env.run(until=case.length_s)
    return float(np.mean(waits[200:])), len(waits)


def test_the_campaign_judges_another_simulator_as_well():
    """The statistics do not lean on the floor: a plain SimPy queue passes at its load and misses another's answer."""
    wq = replace(known("mm1").measures[1], of=float)
    plain = Case("plain", "SimPy", (wq,), simpy_queue, 3_000.0)
    loose = Plan(seed=1, batch=30, cap=30, half_width=0.15)
    assert verify([plain], loose, jobs=1)[0].passed
    assert not verify([pretending(plain, exact.mg1_wait(0.7, 1.0, 1.0))], loose, jobs=1)[0].passed


# --- on the floor ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "length_s"),
    [("mm1k", 4_000.0), ("mm3", 4_000.0), ("conwip-3", 2_000.0), ("line-3-buffer-1", 2_000.0),
     ("line-2-failing", 8_000.0), ("jackson", 5_000.0)],
)  # fmt: skip
def test_a_sample_of_the_table_comes_out(name, length_s):
    for found in verify([shorter(name, length_s)], replace(SHORT, half_width=0.08), jobs=1):
        assert found.passed, found


def test_the_link_fills_to_6000_and_is_empty_after_40_seconds():
    peak, empty = verify([known("link")], jobs=1)
    assert peak.passed and peak.measured == 6000 and peak.replications == 1
    assert empty.passed and empty.measured == pytest.approx(40.0, abs=1e-9)


def test_an_outage_of_another_length_is_seen():
    case = known("link")
    longer = replace(case, play=partial(case.play.func, at_s=100.01, for_s=121.0))
    peak, empty = verify([longer], jobs=1)
    assert peak.measured == 6050 and not peak.passed and not empty.passed


@pytest.mark.parametrize("counts", ["calendar", "operating"])
def test_calendar_and_operating_failures_are_told_apart(counts):
    """Each line gives its own answer, and is caught when it gives the other's."""
    other = {"calendar": "operating", "operating": "calendar"}[counts]
    case = shorter(f"failures-{counts}", 12_000.0)
    assert verify([case], SHORT, jobs=1)[0].passed
    source, server = case.line.machines
    assert isinstance(server.fails, FailureSpec)
    swapped = replace(server, fails=replace(server.fails, counts=other))
    wrong = replace(case, line=replace(case.line, machines=(source, swapped)))
    found = verify([wrong], SHORT, jobs=1)[0]
    assert not found.passed and "outside" in found.why


def test_a_line_with_the_wrong_buffer_misses():
    """Gershwin's N without the part that machine 1 keeps would be a buffer of 5, and 2 % more parts."""
    case = shorter("line-2-failing", 12_000.0)
    wrong = replace(case, line=replace(case.line, buffers=(5,)))
    assert "outside" in verify([wrong], Plan(seed=5, batch=20, cap=20, half_width=0.05), jobs=1)[0].why


def test_what_is_in_the_system_either_waits_or_is_served():
    """L comes from the line's parts, Wq from the gap's: on every path parts = waiting + busy, integrated over time."""
    case = known("mm1")
    env, line = build(case, 3, 0)
    env.run(until=2_000.0)
    area, parts, busy = line.gap_area(0), line.wip_area(), line.busy_s(1)
    env.run(until=7_000.0)
    waited, there, worked = line.gap_area(0) - area, line.wip_area() - parts, line.busy_s(1) - busy
    assert there - 5_000.0 == pytest.approx(waited + worked, rel=1e-9)
    assert waited > 1_000 and worked > 3_000


def test_a_queue_without_chance_is_measured_exactly():
    """Arrivals every 4 s, 3 s of service: nobody waits, and 0.75 parts are in the system."""
    case = known("mm1")
    source, server = (replace(m, cycle=constant(c)) for m, c in zip(case.line.machines, (4.0, 3.0), strict=True))
    sure = replace(case, line=replace(case.line, machines=(source, server)), warmup_s=400.5, length_s=4_000.0)
    window, _ = steady(sure, 0, 0)
    assert (number(window), wait(window), throughput(window)) == (pytest.approx(0.75), 0.0, 0.25)


def test_the_warm_up_is_deleted():
    window, _ = steady(replace(known("conwip-1"), warmup_s=500.0, length_s=1_500.0), 0, 0)
    whole, _ = steady(replace(known("conwip-1"), warmup_s=0.0, length_s=2_000.0), 0, 0)
    assert window.span_s == 1_500.0 and whole.span_s == 2_000.0
    assert 0 < window.good < whole.good


def test_verdicts_do_not_depend_on_the_number_of_workers():
    few = [shorter("mm1k", 500.0), shorter("line-2-buffer-0", 500.0), known("link")]
    plan = Plan(seed=2, batch=3, cap=6, half_width=0.02)
    assert verify(few, plan, jobs=1) == verify(few, plan, jobs=2)


def test_cases_and_replications_share_no_random_numbers():
    one = shorter("mm1", 1_000.0)
    values = {play(Task(replace(one, name=name), replication), seed)[0] for name in ("a", "b")
              for replication in (0, 1) for seed in (0, 1)}  # fmt: skip
    assert len(values) == 8


def test_progress_grows_to_the_whole():
    seen = []
    verify([shorter("mm1k", 200.0)], Plan(batch=3, cap=6, half_width=1e-6), jobs=1, report=seen.append)
    shares = [p.done_s / p.total_s for p in seen]
    assert shares[-1] == pytest.approx(1.0) and len(seen) == 6 and seen[-1].label == "mm1k"


# --- the command ----------------------------------------------------------------------------------------------------
def test_the_command_tells_one_line_per_answer_the_seed_and_what_joins_later(plantsync):
    code, out, _ = plantsync("verify", "--case", "link", "--seed", "9")
    assert code == 0
    assert "link" in out and "6000" in out and "40" in out and "MISS" not in out
    assert "seed 9" in out and "every answer is right" in out and "bullwhip" in out


def test_a_wrong_answer_is_a_miss_and_exit_3(plantsync, monkeypatch):
    wrong = pretending(shorter("line-2-buffer-1", 3_000.0), 0.8)
    monkeypatch.setattr(cases, "table", lambda: (wrong,))
    code, out, _ = plantsync("verify", "--jobs", "1")
    assert code == 3
    assert "MISS" in out and "outside the 99.9 % interval" in out and "1 of 1 answer missed" in out


def test_the_json_form(plantsync, monkeypatch):
    few = (shorter("conwip-1", 4_000.0), known("link"))
    monkeypatch.setattr(cases, "table", lambda: few)
    code, out, _ = plantsync("verify", "--json", "--jobs", "1", "--seed", "4")
    told = json.loads(out)
    assert code == 0 and told["passed"] and told["seed"] == 4 and told["floor"] in ("compiled", "interpreted")
    conwip, peak, _ = told["cases"]
    assert conwip["case"] == "conwip-1" and conwip["exact"] == pytest.approx(1 / 3)
    assert conwip["outer_low"] < conwip["low"] < conwip["measured"] < conwip["high"] < conwip["outer_high"]
    assert peak["low"] is None and peak["measured"] == 6000
    assert told["events"] > 10_000 and told["later"]


def test_an_unknown_case_is_named_with_what_there_is(plantsync):
    code, _, err = plantsync("verify", "--case", "mm2")
    assert code == 2 and "found 'mm2'. allowed: mm1, mm3, mg1-scv-0" in err and "did you mean 'mm" in err
