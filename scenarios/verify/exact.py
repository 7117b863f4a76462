"""Exact long-run values, each computed from its parameters. Rates are per unit of time, times in that unit.

Sources by name: Kleinrock, *Queueing Systems* vol. 1 (1975); Buzacott & Shanthikumar, *Stochastic Models of
Manufacturing Systems* (1993); Gershwin, *Manufacturing Systems Engineering* (1994). Nothing here is simulated, and
nothing is a number from a table: world.md's figures are compared in the tests. What is known of stock, backlogs and
messages stands in `stocks`.
"""

from collections.abc import Iterator, Sequence
from math import factorial

import numpy as np

from scenarios.verify.chains import stationary


def mm1_number(arrival: float, service: float) -> float:
    """Mean number in an M/M/1 system, rho / (1 - rho). Kleinrock, section 3.2."""
    rho = _stable(arrival / service)
    return rho / (1.0 - rho)


def mg1_wait(arrival: float, mean: float, scv: float) -> float:
    """Mean wait before service in M/G/1: rho m (1 + scv) / 2 (1 - rho), scv = variance / mean^2 of the service time.

    Pollaczek and Khinchine; Kleinrock, section 5.7. With scv 1 it is M/M/1.
    """
    rho = _stable(arrival * mean)
    return rho * mean * (1.0 + scv) / (2.0 * (1.0 - rho))


def mmc_wait(arrival: float, service: float, servers: int) -> float:
    """Mean wait before service in M/M/c: Erlang's C / (c mu - lambda). Kleinrock, section 3.5."""
    offered = arrival / service
    last = offered**servers / factorial(servers) / (1.0 - _stable(offered / servers))
    waits = last / (sum(offered**n / factorial(n) for n in range(servers)) + last)
    return waits / (servers * service - arrival)


def mm1k_loss(rho: float, places: int) -> float:
    """Share of arrivals lost by M/M/1/K, `places` counting the one in service. Kleinrock, section 3.6."""
    return rho**places / sum(rho**n for n in range(places + 1))


def breakdown_number_calendar(arrival: float, service: float, fails: float, repairs: float) -> float:
    """Mean number in M/M/1 whose server breaks at rate `fails` whether it works or not.

    White & Christie, *Operations Research* 6 (1958) 79-95: breakdowns are customers with preemptive priority, so
    L = lambda ((f + r)^2 + mu f) / ((f + r) (mu r - lambda (f + r))).
    """
    both = fails + repairs
    _stable(arrival * both / (service * repairs))
    return arrival * (both**2 + service * fails) / (both * (service * repairs - arrival * both))


def breakdown_number_operating(arrival: float, service: float, fails: float, repairs: float) -> float:
    """Mean number in M/M/1 whose server breaks at rate `fails` only while it serves.

    The repairs of a service then belong to it: M/G/1 with Gaver's completion time C = S + repairs in S (*Journal of
    the Royal Statistical Society* B 24 (1962) 73-90), E[C] = (1 + f/r) / mu,
    E[C^2] = 2 (1 + f/r)^2 / mu^2 + 2 f / (mu r^2).
    """
    mean = (1.0 + fails / repairs) / service
    square = 2.0 * mean**2 + 2.0 * fails / (service * repairs**2)
    return arrival * mean + arrival * mg1_wait(arrival, mean, square / mean**2 - 1.0)


def jackson_number(arrivals: Sequence[float], routes: Sequence[Sequence[float]], services: Sequence[float]) -> float:
    """Mean number in an open network of single exponential servers, the sum of rho / (1 - rho) over its stations.

    arrivals: from outside, per station; routes[i][j]: the share of i's output that goes to j; services: rates.
    Jackson, *Operations Research* 5 (1957) 518-521. Flows by the traffic equations, x = a + x P.
    """
    flows = np.linalg.solve(np.eye(len(services)) - np.array(routes, dtype=float).T, np.array(arrivals, dtype=float))
    return sum(mm1_number(flow, service) for flow, service in zip(flows.tolist(), services, strict=True))


def conwip_throughput(services: Sequence[float], parts: int) -> float:
    """Throughput of `parts` parts going round single exponential stations with these rates (a closed network).

    Exact mean value analysis: Reiser & Lavenberg, *Journal of the ACM* 27 (1980) 313-322; Buzacott & Shanthikumar,
    chapter 8. With M equal rates mu it is mu parts / (parts + M - 1).
    """
    waiting = [0.0] * len(services)
    rate = 0.0
    for n in range(1, parts + 1):
        times = [(1.0 + queue) / service for queue, service in zip(waiting, services, strict=True)]
        rate = n / sum(times)
        waiting = [rate * time for time in times]
    return rate


def line_throughput(
    services: Sequence[float], buffers: Sequence[int], fails: float = 0.0, repairs: float = 1.0
) -> float:
    """Throughput of exponential machines in series, blocking after service, first never starved, last never blocked.

    services: rates; buffers: places between neighbours; every machine breaks at rate `fails` while it works (not while
    it is starved or blocked) and is mended at rate `repairs`. From the whole Markov chain: no closed form beyond two
    machines (Hunt, *Operations Research* 4 (1956) 674-683, solves three without buffers: 22/39).
    """
    start = (*(0 for _ in buffers), *(True for _ in services))
    shares = stationary(start, lambda state: _line_moves(state, services, buffers, fails, repairs))
    last = len(services) - 1
    return services[-1] * sum(p for state, p in shares.items() if _working(state, buffers)[last])


def _line_moves(
    state: tuple[int, ...], services: Sequence[float], buffers: Sequence[int], fails: float, repairs: float
) -> Iterator[tuple[float, tuple[int, ...]]]:
    """The state: per gap the parts that the machine before has finished and the one behind has not, then which
    machines are up."""
    gaps = len(buffers)
    for n, works in enumerate(_working(state, buffers)):
        up = state[gaps + n]
        if not up:
            yield repairs, _with(state, gaps + n, 1)
        elif works:
            moved = list(state)
            if n > 0:
                moved[n - 1] -= 1
            if n < gaps:
                moved[n] += 1
            yield services[n], tuple(moved)
            if fails:
                yield fails, _with(state, gaps + n, 0)


def _working(state: tuple[int, ...], buffers: Sequence[int]) -> list[bool]:
    """Which machines work: up, with a part that is not finished. A blocked machine holds a finished part, so it has no
    place for one of the gap before it."""
    gaps = len(buffers)
    free = [True] * (gaps + 1)
    for n in reversed(range(gaps)):
        free[n] = state[n] <= buffers[n] + free[n + 1]
    return [bool(state[gaps + n]) and free[n] and (n == 0 or state[n - 1] > 0) for n in range(gaps + 1)]


def _with(state: tuple[int, ...], place: int, value: int) -> tuple[int, ...]:
    return (*state[:place], value, *state[place + 1 :])


def gershwin_throughput(service: float, fails: float, repairs: float, storage: int) -> float:
    """Throughput of two equal machines with exponential service, operating failures and repairs.

    Gershwin, section 3.3 (after Gershwin & Berman, *AIIE Transactions* 13 (1981) 2-11): n of 0 .. `storage` parts
    between the machines, the one in machine 2 among them; machine 1 stops (and cannot fail) at n = `storage`, machine 2
    at n = 0. Under blocking after service a finished part kept by machine 1 counts too, so `storage` = buffer + 2;
    under blocking before service `storage` = buffer + 1.
    """

    def moves(state: tuple[int, bool, bool]) -> Iterator[tuple[float, tuple[int, bool, bool]]]:
        n, first, second = state
        if not first:
            yield repairs, (n, True, second)
        elif n < storage:
            yield service, (n + 1, first, second)
            yield fails, (n, False, second)
        if not second:
            yield repairs, (n, first, True)
        elif n > 0:
            yield service, (n - 1, first, second)
            yield fails, (n, first, False)

    shares = stationary((0, True, True), moves)
    return service * sum(p for (n, _, up), p in shares.items() if up and n > 0)


def availability(up: float, down: float) -> float:
    """The share of time a machine is up: up / (up + down), mean times to failure and to repair."""
    return up / (up + down)


def outage_peak(arrival: float, seconds: float) -> float:
    """Messages waiting when a link comes back after `seconds`, at `arrival` messages per second (fluid)."""
    return arrival * seconds


def outage_drain(arrival: float, drain: float, seconds: float) -> float:
    """Seconds after the restore until nothing waits: peak / (drain - arrival) (fluid)."""
    _stable(arrival / drain)
    return outage_peak(arrival, seconds) / (drain - arrival)


def _stable(rho: float) -> float:
    if not 0.0 <= rho < 1.0:
        raise ValueError(f"load {rho:g}: a queue has long-run values only below 1")
    return rho
