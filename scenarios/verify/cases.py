"""The table of known answers: every case is a line for the machine floor, or a supply network (`supply`), and the exact
values it must come to.

The factories take parameters, so another load or another buffer is one call; `table()` holds the published ones. Run
lengths are chosen from the asymptotic variance of each estimator, so that the first batch of 20 replications usually
gives a 95 % interval of at most +-0.75 % (for the number in M/M/1 that variance is 2 rho (1 + rho) / (1 - rho)^4 per
unit of time, Whitt, *Management Science* 35 (1989) 1341-1366; the others are from their chains or from pilots).
Warm-ups are at least 20 relaxation times, 1 / (1 - sqrt(rho))^2 for M/M/1.
"""

from collections.abc import Sequence
from functools import partial
from operator import attrgetter
from typing import Any

from plants.definition import FailureSpec, LineSpec, MachineSpec, MakeSpec, ReworkSpec
from scenarios.verify import exact, supply
from scenarios.verify.case import Case, LineCase, Measure
from scenarios.verify.lines import loss, number, outage, steady, throughput, throughput_per_hour, wait
from sim.streams import Law, constant

UNLIMITED = -1
HOUR_S = 3600.0
OUTAGE_AT_S, OUTAGE_S = 100.01, 120.0  # begins and ends between two messages: the count at its end is a whole number


# --- lines --------------------------------------------------------------------------------------------------------
def line(machines: Sequence[MachineSpec], buffers: Sequence[int]) -> LineSpec:
    """Machines in series, supply and demand without end, blocking after service."""
    return LineSpec(
        "line", (MakeSpec("PART"),), machines=tuple(machines), buffers=tuple(buffers),
        supply_unlimited=True, demand_unlimited=True,
    )  # fmt: skip


def exponential(mean: float) -> Law:
    """Exponential times with this mean."""
    return Law("exponential", (mean,))


def with_scv(mean: float, scv: float) -> Law:
    """Times with this mean and squared coefficient of variation: constant for 0, else gamma (1 is exponential)."""
    return Law("gamma", (mean, scv**0.5)) if scv > 0 else constant(mean)


def source(arrival: float) -> MachineSpec:
    """Poisson arrivals: `arrival` per second."""
    return MachineSpec("source", exponential(1.0 / arrival))


def queue(arrival: float, server: MachineSpec, places: int = UNLIMITED) -> LineSpec:
    """A source, `places` to wait, a server."""
    return line((source(arrival), server), (places,))


def long_run(
    name: str, title: str, row: LineSpec, length_s: float, warmup_s: float, *measures: Measure, **more: Any
) -> LineCase:
    """A case that is measured over `length_s` after `warmup_s`."""
    return LineCase(name, title, measures, steady, length_s, warmup_s, line=row, **more)


# --- queues -------------------------------------------------------------------------------------------------------
def mm1(arrival: float, service: float, length_s: float) -> LineCase:
    """M/M/1: L and Wq."""
    return long_run(
        "mm1", f"M/M/1, lambda {arrival:g}, mu {service:g}",
        queue(arrival, MachineSpec("server", exponential(1.0 / service))), length_s, 5_000.0,
        Measure("L", exact.mm1_number(arrival, service), number),
        Measure("Wq", exact.mg1_wait(arrival, 1.0 / service, 1.0), wait),
    )  # fmt: skip


def mmc(arrival: float, service: float, servers: int, length_s: float) -> LineCase:
    """M/M/c: parallel machines behind one queue."""
    server = MachineSpec("server", exponential(1.0 / service), parallel=servers)
    return long_run(
        f"mm{servers}", f"M/M/{servers}, lambda {arrival:g}, mu {service:g}", queue(arrival, server), length_s, 2_000.0,
        Measure("Wq", exact.mmc_wait(arrival, service, servers), wait),
    )  # fmt: skip


def mg1(rho: float, scv: float, length_s: float) -> LineCase:
    """M/G/1 with mean service time 1: constant or gamma service."""
    return long_run(
        f"mg1-scv-{scv:g}", f"M/G/1, rho {rho:g}, service scv {scv:g}",
        queue(rho, MachineSpec("server", with_scv(1.0, scv))), length_s, 10_000.0,
        Measure("Wq", exact.mg1_wait(rho, 1.0, scv), wait),
    )  # fmt: skip


def mm1k(rho: float, places: int, length_s: float) -> LineCase:
    """M/M/1/K with mu 1: `places` in the system, one of them the server's; who finds none is lost."""
    return long_run(
        "mm1k", f"M/M/1/{places}, rho {rho:g}",
        queue(rho, MachineSpec("server", exponential(1.0)), places - 1), length_s, 2_000.0,
        Measure("loss", exact.mm1k_loss(rho, places), loss), loses=True,
    )  # fmt: skip


def failures(counts: str, arrival: float, service: float, fails: float, repairs: float, length_s: float) -> LineCase:
    """M/M/1 whose server breaks on the calendar (idle or not) or only while it works."""
    known = {"calendar": exact.breakdown_number_calendar, "operating": exact.breakdown_number_operating}[counts]
    breaks = FailureSpec(exponential(1.0 / fails), exponential(1.0 / repairs), counts)
    return long_run(
        f"failures-{counts}",
        f"M/M/1, lambda {arrival:g}, mu {service:g}, {counts} failures {fails:g}, repairs {repairs:g}",
        queue(arrival, MachineSpec("server", exponential(1.0 / service), fails=breaks)), length_s, 5_000.0,
        Measure("L", known(arrival, service, fails, repairs), number),
    )  # fmt: skip


# --- networks of queues ---------------------------------------------------------------------------------------------
def jackson(arrival: float, service: float, again: tuple[float, float], length_s: float) -> LineCase:
    """Three stations in series; after the second and the third a share of the parts goes one station back.

        source -> [1] -> [2] -> [3] -> out
                   ^----/ ^----/            again[0] after 2, again[1] after 3

    Reworked parts go before new ones. That changes who waits, not how many: all service times at a station are alike.
    """
    law = exponential(1.0 / service)
    machines = (
        source(arrival), MachineSpec("one", law),
        MachineSpec("two", law, rework=ReworkSpec(again[0], "one")),
        MachineSpec("three", law, rework=ReworkSpec(again[1], "two")),
    )  # fmt: skip
    routes = ((0.0, 1.0, 0.0), (again[0], 0.0, 1.0 - again[0]), (0.0, again[1], 0.0))
    return long_run(
        "jackson", f"open Jackson network, rework {again[0]:g} after 2, {again[1]:g} after 3",
        line(machines, (UNLIMITED,) * 3), length_s, 5_000.0,
        Measure("L", exact.jackson_number((arrival, 0.0, 0.0), routes, (service,) * 3), number),
    )  # fmt: skip


def conwip(parts: int, stations: int, length_s: float) -> LineCase:
    """CONWIP with equal exponential stations of mean 1: a part enters when one leaves."""
    row = tuple(MachineSpec(f"m{n}", exponential(1.0)) for n in range(1, stations + 1))
    return long_run(
        f"conwip-{parts}", f"CONWIP, {stations} exponential stations, WIP {parts}",
        line(row, (UNLIMITED,) * (stations - 1)), length_s, 1_000.0,
        Measure("throughput", exact.conwip_throughput((1.0,) * stations, parts), throughput), wip_limit=parts,
    )  # fmt: skip


# --- lines with buffers, machines -------------------------------------------------------------------------------------
def serial(machines: int, buffer: int, length_s: float) -> LineCase:
    """Equal exponential machines of mean 1 with equal buffers, blocking after service."""
    row = tuple(MachineSpec(f"m{n}", exponential(1.0)) for n in range(1, machines + 1))
    buffers = (buffer,) * (machines - 1)
    return long_run(
        f"line-{machines}-buffer-{buffer}", f"serial line, {machines} exponential machines, buffer {buffer}",
        line(row, buffers), length_s, 1_000.0,
        Measure("throughput", exact.line_throughput((1.0,) * machines, buffers), throughput),
    )  # fmt: skip


def failing_line(fails: float, repairs: float, storage: int, length_s: float) -> LineCase:
    """Two exponential machines of mean 1 that break while they work, Gershwin's storage `storage`.

    His storage counts the part in machine 2 and, under blocking after service, the finished one that machine 1 keeps:
    the buffer between has `storage` - 2 places. A starved or blocked machine does not break.
    """
    breaks = FailureSpec(exponential(1.0 / fails), exponential(1.0 / repairs), "operating")
    row = tuple(MachineSpec(name, exponential(1.0), fails=breaks) for name in ("m1", "m2"))
    return long_run(
        "line-2-failing", f"two exponential machines, operating failures {fails:g}, repairs {repairs:g}, N {storage}",
        line(row, (storage - 2,)), length_s, 5_000.0,
        Measure("throughput", exact.gershwin_throughput(1.0, fails, repairs, storage), throughput),
    )  # fmt: skip


def isolated(up_h: float, down_h: float, per_hour: float, length_h: float) -> LineCase:
    """One machine that is never starved or blocked and breaks on the calendar; constant cycle."""
    breaks = FailureSpec(exponential(up_h * HOUR_S), exponential(down_h * HOUR_S), "calendar")
    alone = MachineSpec("alone", constant(HOUR_S / per_hour), fails=breaks)
    return long_run(
        "isolated", f"isolated machine, MTBF {up_h:g} h, MTTR {down_h:g} h, {per_hour:g}/h, calendar",
        line((alone,), ()), length_h * HOUR_S, 2_000.0 * HOUR_S,
        Measure("parts/h", per_hour * exact.availability(up_h, down_h), throughput_per_hour),
    )  # fmt: skip


# --- the link ---------------------------------------------------------------------------------------------------------
def link(per_s: float, drain_per_s: float) -> LineCase:
    """Messages before a link that is out for 120 s: the second machine is stopped and mended. Deterministic, so both
    values are compared to less than one message."""
    sends, carries = MachineSpec("sender", constant(1.0 / per_s)), MachineSpec("link", constant(1.0 / drain_per_s))
    return LineCase(
        "link", f"link out {OUTAGE_S:g} s at {per_s:g} messages/s, drain {drain_per_s:g}/s",
        (
            Measure("peak", exact.outage_peak(per_s, OUTAGE_S), attrgetter("peak"), tolerance=0.5),
            Measure("empty s", exact.outage_drain(per_s, drain_per_s, OUTAGE_S), attrgetter("empty_s"),
                    tolerance=0.5 / drain_per_s),
        ),
        partial(outage, at_s=OUTAGE_AT_S, for_s=OUTAGE_S), 2.5 * OUTAGE_S, line=line((sends, carries), (UNLIMITED,)),
    )  # fmt: skip


def table() -> tuple[Case, ...]:
    """The published table, in its order."""
    return (
        mm1(0.8, 1.0, 540_000.0),
        mmc(2.0, 1.0, 3, 150_000.0),
        *(mg1(0.8, scv, length) for scv, length in ((0.0, 320_000.0), (0.5, 380_000.0), (2.0, 1_100_000.0))),
        mm1k(0.9, 5, 120_000.0),
        failures("calendar", 0.5, 1.0, 0.05, 0.2, 540_000.0),
        failures("operating", 0.5, 1.0, 0.05, 0.2, 660_000.0),
        jackson(1.0, 2.0, (0.2, 0.1), 120_000.0),
        *(conwip(parts, 3, 10_000.0) for parts in (1, 3, 5)),
        *(serial(2, buffer, 10_000.0) for buffer in (0, 1, 2, 5)),
        *(serial(3, buffer, 10_000.0) for buffer in (0, 1, 2, 3)),
        failing_line(0.05, 0.2, 6, 30_000.0),
        isolated(100.0, 25.0, 10.0, 50_000.0),
        link(50.0, 200.0),
        *supply.table(),
    )


LATER = ("bullwhip of a moving average: ERP's rules have fixed levels, no forecast",)
