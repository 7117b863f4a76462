"""The design of a line for the machine floor: a definition, flattened into the arrays its block is filled from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from plants import definition
from plants.shifts import INFINITY, Shifts
from sim.distributions import DISTRIBUTIONS, fault_of
from sim.streams import Law, Seed, Streams

UNLIMITED = -1  # a gap without a limit (only on lines with one endless lot)
_HUGE = 1 << 40
_COUNTS = ("calendar", "operating", "cycles")
_BLOCKING = ("after-service", "before-service")
MOST_UNITS = 1 << 24  # their slots and queues are 32-bit numbers
MOST_KEPT_UNITS = 1 << 16  # a record numbers them in 16 bits; the trace of a longer line has their lower bits
MOST_PLACES = 10_000_000  # for parts of lots: each could be of another lot, and every lot lies in the block
SHARE = Law("uniform", (0.0, 1.0))


@dataclass(frozen=True)
class Options:
    """What a line of the floor may have besides its definition: `wip_limit` parts at most on it (CONWIP; 0: no limit);
    `loses`: machine 1 drops a finished part when the gap behind it is full; `reporting`: breakdowns raise a hand."""

    wip_limit: int = 0
    loses: bool = False
    reporting: bool = False


@dataclass
class Design:
    """One list per property; units are numbered station by station. Streams are indices into `streams`, -1 is none."""

    names: list[str] = field(default_factory=list)
    streams: list[Seed] = field(default_factory=list)
    stations: int = 0
    lots: int = 1
    places: int = 1
    before: bool = False
    single: bool = False
    loses: bool = False
    reporting: bool = False
    wip_limit: int = 0
    station: list[int] = field(default_factory=list)
    cycle: list[int] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    repair: list[int] = field(default_factory=list)
    scrap: list[int] = field(default_factory=list)
    rework: list[int] = field(default_factory=list)
    by_crew: list[int] = field(default_factory=list)
    scrap_share: list[float] = field(default_factory=list)
    rework_share: list[float] = field(default_factory=list)
    rework_to: list[int] = field(default_factory=list)
    first_service: list[int] = field(default_factory=list)
    capacity: list[int] = field(default_factory=list)
    ring_at: list[int] = field(default_factory=list)
    service_unit: list[int] = field(default_factory=list)
    service_counts: list[int] = field(default_factory=list)
    service_stream: list[int] = field(default_factory=list)
    service_every: list[float] = field(default_factory=list)
    fails_unit: list[int] = field(default_factory=list)
    opens: Any = None
    closes: Any = None
    worked_before: Any = None
    yields: dict[str, int] = field(default_factory=dict)


def design(
    spec: definition.LineSpec, name: str, streams: Streams, shifts: Shifts, options: Options = Options()
) -> Design:
    """Flatten `spec`, open its streams (`<name>.<machine>/cycle`, ...) and its calendar. Raises ValueError for whatever
    no line can be (`_check`), and for a gap without limit on a line that makes more than one endless lot."""
    _check(spec, name, options)
    d = Design(stations=len(spec.machines), before=spec.blocking == "before-service")
    d.single = spec.supply_unlimited and spec.demand_unlimited
    d.loses, d.wip_limit, d.reporting = options.loses, options.wip_limit, options.reporting
    for index, machine in enumerate(spec.machines):
        for n in range(machine.parallel):
            unit = machine.id if machine.parallel == 1 else f"{machine.id}:{n + 1}"
            _add_unit(d, spec, machine, index, unit, f"{name}.{unit}", streams)
    _add_gaps(d, spec)
    _add_shifts(d, shifts)
    for make in spec.makes:
        if make.yield_share < 1.0:
            d.yields[make.item] = _stream(d, streams.seed_of(f"{name}/yield/{make.item}", SHARE))
    return d


def _stream(d: Design, seed: Seed) -> int:
    d.streams.append(seed)
    return len(d.streams) - 1


def _add_unit(
    d: Design, spec: definition.LineSpec, m: definition.MachineSpec, index: int, unit: str, key: str, streams: Streams
) -> None:  # fmt: skip
    def opened(what: str, law: Law, wanted: object = True) -> int:
        return _stream(d, streams.seed_of(f"{key}/{what}", law)) if wanted else -1

    d.names.append(unit)
    d.station.append(index)
    d.cycle.append(opened("cycle", m.cycle))
    d.after.append(opened("failure", m.fails.after) if m.fails else -1)
    d.repair.append(opened("repair", m.fails.repair) if m.fails else -1)
    d.scrap.append(opened("scrap", SHARE, m.scrap))
    d.rework.append(opened("rework", SHARE, m.rework))
    d.by_crew.append(int(m.crew is not None))
    d.scrap_share.append(m.scrap)
    d.rework_share.append(m.rework.share if m.rework else 0.0)
    d.rework_to.append(_index(spec.machines, m.rework.to) if m.rework else 0)
    d.first_service.append(len(d.service_unit))
    n = len(d.station) - 1
    for k, service in enumerate(m.maintenance):
        d.service_unit.append(n)
        d.service_counts.append(_COUNTS.index(service.counts))
        d.service_every.append(service.every)
        d.service_stream.append(opened(f"maintenance-{k}", service.duration))
    if m.fails and m.fails.counts == "calendar":
        d.fails_unit.append(n)


def _index(machines: Sequence[definition.MachineSpec], wanted: str) -> int:
    return next(n for n, m in enumerate(machines) if m.id == wanted)


def _add_gaps(d: Design, spec: definition.LineSpec) -> None:
    """Gaps, and how many parts and lots there can be at once: a lot on the line has a part there, or is entering. What
    comes back to a station is bounded by the places behind it, since nothing new enters while it waits."""
    at = 0
    for room in spec.buffers:
        if room < 0 and not d.single:
            raise ValueError("a gap without limit needs unlimited supply and demand")
        d.capacity.append(_HUGE if room < 0 else room)
        d.ring_at.append(at)
        at += max(room, 0)
    d.places = at + len(d.station) + 1
    rework = any(m.rework for m in spec.machines)
    d.lots = 1 if d.single else d.places * (1 + rework) + 2


def _add_shifts(d: Design, shifts: Shifts) -> None:
    """The windows opened so far: asking a calendar opens more of it, so they are taken before anything is asked."""
    windows = [] if shifts.windows == [(0.0, INFINITY)] else list(shifts.windows)
    d.opens = np.array([a for a, _ in windows], dtype=np.float64)
    d.closes = np.array([b for _, b in windows], dtype=np.float64)
    d.worked_before = np.array([shifts.worked(a) for a, _ in windows], dtype=np.float64)


# --- what no line can be: files are checked when they are read, a definition made in Python is checked here ----------
def _check(spec: definition.LineSpec, name: str, options: Options) -> None:
    """Raises ValueError, which names the line and the machine, for the first thing that is wrong."""
    gaps = len(spec.machines) - 1
    _must(gaps >= 0, f"line {name} has no machines")
    _must(len(spec.buffers) == gaps, f"line {name} has {len(spec.buffers)} buffers. allowed: {gaps}, one per gap")
    for room in spec.buffers:
        _must(_whole(room, UNLIMITED, _HUGE), f"line {name} has a buffer of {room!r}. allowed: places from 0, or -1")
    _must(spec.blocking in _BLOCKING, f"line {name} has blocking {spec.blocking!r}. allowed: {', '.join(_BLOCKING)}")
    _must(_whole(options.wip_limit, 0, _HUGE), f"line {name} has wip_limit {options.wip_limit!r}. allowed: 0 or more")
    ids = [m.id for m in spec.machines]
    for machine in spec.machines:
        for fault in _faults(machine, ids):
            raise ValueError(f"machine {name}.{machine.id}: {fault}")
    units = sum(m.parallel for m in spec.machines)
    _must(units <= MOST_UNITS, f"line {name} has {units} machines, parallel ones included. allowed: {MOST_UNITS}")
    if not (spec.supply_unlimited and spec.demand_unlimited):
        places = sum(spec.buffers)
        _must(places <= MOST_PLACES, f"line {name} has {places} places in its buffers. allowed: {MOST_PLACES}")


def _must(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ValueError(otherwise)


def _whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int | np.integer) and bool(least <= value <= most)


def _faults(m: definition.MachineSpec, ids: list[str]) -> Iterator[str]:
    if ids.count(m.id) > 1:
        yield "its id is given twice"
    if not _whole(m.parallel, 1, _HUGE):
        yield f"parallel {m.parallel!r}. allowed: 1 or more"
    if not 0.0 <= m.scrap <= 1.0:
        yield f"scrap {m.scrap}. allowed: a share from 0 to 1"
    if m.rework and not 0.0 <= m.rework.share <= 1.0:
        yield f"rework share {m.rework.share}. allowed: a share from 0 to 1"
    if m.rework and m.rework.to not in ids:
        yield f"rework to {m.rework.to!r}. allowed: {', '.join(ids)}"
    yield from _law_faults("cycle", m.cycle)
    if m.fails:
        if m.fails.counts not in _COUNTS[:2]:
            yield f"failures that count {m.fails.counts!r}. allowed: {', '.join(_COUNTS[:2])}"
        yield from _law_faults("failures after", m.fails.after)
        yield from _law_faults("repair", m.fails.repair)
    for service in m.maintenance:
        if service.counts not in _COUNTS:
            yield f"maintenance that counts {service.counts!r}. allowed: {', '.join(_COUNTS)}"
        if not service.every > 0.0:
            yield f"maintenance every {service.every}. allowed: above 0"
        yield from _law_faults("maintenance", service.duration)


def _law_faults(what: str, law: object) -> Iterator[str]:
    if not isinstance(law, Law) or law.kind not in DISTRIBUTIONS:
        yield f"{what}: {law!r} is not a Law. allowed: {', '.join(DISTRIBUTIONS)}"
    elif fault := fault_of(law.kind, law.params):
        yield f"{what}: {fault}"
