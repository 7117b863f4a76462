"""The M/M/1 queue, lambda 0.8, mu 1, from empty: 4 customers in the mean. Its ratio is time per customer served.

An arrival and the end of a service are one model event each, on every side.

SimPy is written twice. `SimPy` is the queue as its documentation writes it: a process per customer and a `Resource`.
`SimPy, by hand` leaves its resources out: two processes, a counter, and an event only when the server was idle.
"""

from collections.abc import Callable, Generator, Iterator
from functools import partial
from typing import Any

import numpy as np
import simpy

from bench.duel import at_least, duel
from bench.ours import UNLIMITED, line, line_of, machine
from bench.peers import Exponential, Peer, peer, quiet, unwatched
from bench.race import Outcome, Play, Run
from bench.table import Row

ARRIVAL_S, SERVICE_S = 1.25, 1.0
TARGET = at_least(200, 350)


def measure(run: Run) -> Iterator[Row]:
    """Rows of the table, as they come."""
    span = float(run.size(20_000, 2_000))
    for p in PEERS:
        target = TARGET if p.module == "simpy" else None
        yield duel(
            f"M/M/1 / {p.name}", partial(OURS.contestant, run, span), partial(p.contestant, run, span), run, target
        )


def outcome(arrived: int, served: int, area: float, span: float) -> Outcome:
    """area: the integral over time of the number in the system, customer-seconds."""
    values = {"mean number in the system": area / span, "customers served per second": served / span}
    return Outcome(arrived + served, served, values, f"{arrived} came, {served} went, area {area!r}")


def floor(span: float, seed: int) -> Play:
    """Ours: a source (a machine that is never short of anything), a gap without end, a server."""
    spec = line_of(machine("SOURCE", ARRIVAL_S), machine("SERVER", SERVICE_S), buffers=(UNLIMITED,))
    env, made = line(spec, seed)

    return Play(
        lambda: env.run(until=span), lambda: outcome(made.done(0), made.good, made.gap_area(0) + made.busy_s(1), span)
    )


class Count:
    """Who came, who went, and the sums of the instants at which they did: the area under the number in between."""

    def __init__(self) -> None:
        self.arrived = self.served = 0
        self.instants_s = 0.0  # of departures, less those of arrivals

    def outcome(self, span: float) -> Outcome:
        inside = self.arrived - self.served
        return outcome(self.arrived, self.served, self.instants_s + inside * span, span)


def in_simpy(span: float, seed: int, environment: type[simpy.Environment] = simpy.Environment) -> Play:
    """SimPy as its documentation writes it: every customer a process that requests the server."""
    env = environment()
    rng = np.random.default_rng(seed)
    arrival, service = Exponential(rng, ARRIVAL_S).next, Exponential(rng, SERVICE_S).next
    count, server = Count(), simpy.Resource(env)

    def customer() -> Generator[Any, Any, None]:
        with server.request() as turn:
            yield turn
            yield env.timeout(service())
        count.served += 1
        count.instants_s += env.now

    def source() -> Generator[Any, Any, None]:
        while True:
            yield env.timeout(arrival())
            count.arrived += 1
            count.instants_s -= env.now
            env.process(customer())

    env.process(source())

    return Play(lambda: env.run(until=span), lambda: count.outcome(span))


def in_simpy_by_hand(span: float, seed: int) -> Play:
    """SimPy without its resources: the server sleeps on an event only when nobody waits."""
    env = simpy.Environment()
    rng = np.random.default_rng(seed)
    arrival, service = Exponential(rng, ARRIVAL_S).next, Exponential(rng, SERVICE_S).next
    count = Count()
    idle: list[simpy.Event] = []

    def source(timeout: Callable[[float], simpy.events.Timeout]) -> Generator[Any, Any, None]:
        while True:
            yield timeout(arrival())
            count.arrived += 1
            count.instants_s -= env._now
            if idle:
                idle.pop().succeed()

    def server(timeout: Callable[[float], simpy.events.Timeout]) -> Generator[Any, Any, None]:
        while True:
            if count.arrived == count.served:
                idle.append(env.event())
                yield idle[0]
            yield timeout(service())
            count.served += 1
            count.instants_s += env._now

    env.process(source(env.timeout))
    env.process(server(env.timeout))

    return Play(lambda: env.run(until=span), lambda: count.outcome(span))


def in_salabim(span: float, seed: int) -> Play:
    """salabim, by hand in the same way: two components, of which the server sleeps when nobody waits."""
    salabim = peer("salabim")
    env = quiet(salabim)
    rng = np.random.default_rng(seed)
    arrival, service = Exponential(rng, ARRIVAL_S).next, Exponential(rng, SERVICE_S).next
    count = Count()
    idle: list[Any] = []

    class Source(salabim.Component):  # type: ignore[misc, name-defined]
        def process(self) -> Generator[Any, Any, None]:
            while True:
                yield self.hold(arrival())
                count.arrived += 1
                count.instants_s -= env._now
                if idle:
                    idle.pop().activate()

    class Server(salabim.Component):  # type: ignore[misc, name-defined]
        def process(self) -> Generator[Any, Any, None]:
            while True:
                if count.arrived == count.served:
                    idle.append(self)
                    yield self.passivate()
                yield self.hold(service())
                count.served += 1
                count.instants_s += env._now

    for kind in (Source, Server):
        unwatched(kind())

    return Play(lambda: env.run(till=span), lambda: count.outcome(span))


def in_ciw(span: float, seed: int) -> Play:
    """Ciw, which is made for this: one node, one server. The number in the system comes from its records."""
    ciw = peer("ciw")
    ciw.seed(seed)
    network = ciw.create_network(
        arrival_distributions=[ciw.dists.Exponential(1 / ARRIVAL_S)],
        service_distributions=[ciw.dists.Exponential(1 / SERVICE_S)],
        number_of_servers=[1],
    )
    simulation = ciw.Simulation(network)

    def read() -> Outcome:
        records = simulation.get_all_records(only=["service"])
        inside = simulation.nodes[1].all_individuals
        area = sum(r.exit_date - r.arrival_date for r in records) + sum(span - i.arrival_date for i in inside)
        return outcome(len(records) + len(inside), len(records), area, span)

    return Play(lambda: simulation.simulate_until_max_time(span), read)


OURS = Peer("floor", "plants.floor.machines", floor, 60, 4)
PEERS = (
    Peer("SimPy", "simpy", in_simpy, 6),
    Peer("SimPy, by hand", "simpy", in_simpy_by_hand, 16),
    Peer("salabim", "salabim", in_salabim, 8),
    Peer("Ciw", "ciw", in_ciw, 3),
)
