"""An Erlang: its moments, its shares, the queue it serves, and one trace on both floors."""

from itertools import pairwise
from math import exp, factorial, sqrt

import pytest

from plants.definition import FailureSpec, LineSpec, MachineSpec, MakeSpec
from plants.floor.machines import Machines
from scenarios.verify import cases, exact
from scenarios.verify.campaign import Plan, verify
from scenarios.verify.case import Measure
from scenarios.verify.lines import wait
from sim.environment import Environment
from sim.streams import Law, Streams
from tests.common.floorworlds import floors

N = 60_000


@pytest.mark.parametrize("k", [1, 2, 3, 10])
def test_its_mean_and_coefficient_of_variation_are_those_of_k_phases(k: int) -> None:
    law = Law("erlang", (30.0, float(k)))
    draw = Streams(11).draw("x", law)
    drawn = [draw() for _ in range(N)]
    mean = sum(drawn) / N
    cv = sqrt(sum((x - mean) ** 2 for x in drawn) / N) / mean
    assert law.mean == 30.0
    assert mean == pytest.approx(30.0, abs=5 * 30.0 / sqrt(k * N))
    assert cv == pytest.approx(1 / sqrt(k), rel=0.03)


@pytest.mark.parametrize("k", [1, 3, 6])
def test_its_shares_are_those_of_a_poisson_count(k: int) -> None:
    """P(X <= t) is the chance of at least k events of a Poisson process of rate k / mean in t."""
    draw = Streams(12).draw("x", Law("erlang", (1.0, float(k))))
    drawn = [draw() for _ in range(N)]
    points = [0.25, 0.5, 1.0, 1.5, 2.5]
    known = [1 - exp(-k * t) * sum((k * t) ** n / factorial(n) for n in range(k)) for t in points]
    assert all(a < b for a, b in pairwise(known))
    for t, share in zip(points, known, strict=True):
        assert sum(x <= t for x in drawn) / N == pytest.approx(share, abs=5 * sqrt(share * (1 - share) / N))


@pytest.mark.parametrize("k", [2, 5])
def test_a_queue_it_serves_waits_as_pollaczek_and_khinchine_say(k: int) -> None:
    """M/E_k/1: a squared coefficient of variation of 1/k."""
    wanted = exact.mg1_wait(0.7, 1.0, 1 / k)
    row = cases.queue(0.7, MachineSpec("server", Law("erlang", (1.0, float(k)))))
    plan = Plan(seed=5, batch=10, cap=30, half_width=0.05)

    def judged(value: float) -> bool:
        case = cases.long_run(f"me{k}1", f"M/E{k}/1", row, 8_000.0, 1_000.0, Measure("Wq", value, wait))
        return verify([case], plan, jobs=1)[0].passed

    assert judged(wanted)
    assert not judged(exact.mg1_wait(0.7, 1.0, 1.0))  # M/M/1 waits longer


def test_both_floors_draw_the_same_to_the_last_bit() -> None:
    law = Law("erlang", (20.0, 3.0))
    machines = tuple(
        MachineSpec(f"M{n}", law, fails=FailureSpec(Law("erlang", (400.0, 2.0)), Law("erlang", (60.0, 4.0))))
        for n in range(3)
    )
    spec = LineSpec("L", (MakeSpec("PART"),), machines=machines, buffers=(2, 2), supply_unlimited=True,
                    demand_unlimited=True)  # fmt: skip
    traces = []
    for compiled in floors():
        env = Environment(compiled=compiled)
        line = Machines(env, spec, "L", Streams(3))
        line.keep()
        env.run(until=20_000.0)
        traces.append((line.records().tobytes(), line.digest()))
    assert all(trace == traces[0] for trace in traces)
    assert len(traces[0][0]) > 100_000
