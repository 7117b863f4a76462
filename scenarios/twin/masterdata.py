"""Master data for the engine, from a network definition: what ERP and PLM would tell it before anything happens."""

from datetime import datetime

from plants import definition as d
from plants.network.network import CALENDAR_MARGIN_S, Network
from plants.shifts import INFINITY, Shifts
from sync.vocabulary import master as m
from sync.vocabulary.planning import stock
from sync.vocabulary.quantities import MS_PER_DAY, ceil_ms


def master_data(network: Network) -> m.MasterData:
    """The static picture of a built network, in integers."""
    spec, until = network.spec, network.horizon_s + CALENDAR_MARGIN_S
    return m.MasterData(
        network=spec.id,
        currency=spec.currency,
        horizon_ms=ceil_ms(network.horizon_s),
        items={i.id: i.value_minor for i in spec.items},
        sites=tuple(_plant(p) for p in spec.plants) + tuple(_warehouse(w) for w in spec.warehouses),
        lines=tuple(_line(network, p, line, until) for p in spec.plants for line in p.lines),
        lanes=tuple(_lane(lane) for lane in _first_of_pairs(spec.lanes)),
        customers=tuple(_customer(c) for c in spec.customers),
        boms=tuple(m.BomData(b.item, dict(b.needs), b.plant or "") for b in spec.boms),
        suppliers=tuple(s.id for s in spec.suppliers),
    )


def start_of(scenario: d.ScenarioSpec) -> datetime:
    """The aware instant at which the scenario starts."""
    return Network.start_instant(scenario.start_local, scenario.network.timezone)


def _reorder(replenish: dict[str, d.ReplenishSpec]) -> dict[str, int]:
    return {i: stock.reorder_level(r) for i, r in replenish.items()}


def _sources(replenish: dict[str, d.ReplenishSpec]) -> dict[str, tuple[str, ...]]:
    return {i: r.sources for i, r in replenish.items()}


def _plant(p: d.PlantSpec) -> m.SiteData:
    return m.SiteData(
        p.id, "plant", p.handling_micro, p.serves, dict(p.stock), _reorder(p.replenish), _sources(p.replenish),
        dict(p.codes),
    )  # fmt: skip


def _warehouse(w: d.WarehouseSpec) -> m.SiteData:
    return m.SiteData(
        w.id, "warehouse", stock=dict(w.stock), reorder=_reorder(w.replenish), sources=_sources(w.replenish)
    )


def _line(network: Network, plant: d.PlantSpec, line: d.LineSpec, until_s: float) -> m.LineData:
    name = f"{plant.id}.{line.id}"
    return m.LineData(
        id=name,
        site=plant.id,
        makes=tuple(
            m.MakeData(x.item, x.lot, ceil_ms(x.setup_s), round(_piece_s(line, x) * 1_000_000), x.prefer)
            for x in line.makes
        ),
        open_ms=_open_ms(network.lines[name].shifts, until_s),
        counts=line.counts,
    )


def _piece_s(line: d.LineSpec, make: d.MakeSpec) -> float:
    """Planned open seconds per good piece: the slowest station with its planned downtime, divided by the yield."""
    if line.rate_per_day is not None:
        return MS_PER_DAY / line.rate_per_day / 1000 * make.cycle_factor / make.yield_share
    return max(_effective_cycle_s(x) for x in line.machines) * make.cycle_factor / make.yield_share


def _effective_cycle_s(machine: d.MachineSpec) -> float:
    cycle = machine.cycle.mean / machine.parallel
    if machine.fails is not None and machine.fails.after.mean > 0:
        cycle *= 1.0 + machine.fails.repair.mean / machine.fails.after.mean
    for service in machine.maintenance:
        if service.counts == "operating":
            cycle *= 1.0 + service.duration.mean / service.every
    return cycle


def _open_ms(shifts: Shifts, until_s: float) -> tuple[tuple[int, int], ...]:
    return tuple((ceil_ms(a), ceil_ms(min(b, until_s))) for a, b in shifts.windows if b == INFINITY or a < until_s)


def _first_of_pairs(lanes: tuple[d.LaneSpec, ...]) -> list[d.LaneSpec]:
    """Of several lanes that join a pair the one that orders take unless somebody names another."""
    found: dict[str, d.LaneSpec] = {}
    for lane in lanes:
        found.setdefault(lane.pair, lane)
    return list(found.values())


def _lane(lane: d.LaneSpec) -> m.LaneData:
    time_ms = -1 if lane.time is None else ceil_ms(lane.time.mean)
    capacity = -1 if lane.capacity_per_day is None else lane.capacity_per_day
    return m.LaneData(lane.id, lane.source, lane.target, time_ms, lane.tariff, capacity)


def _customer(c: d.CustomerSpec) -> m.CustomerData:
    if c.stream is not None:
        return m.CustomerData(c.id, c.served_by, c.stream.penalty_minor, c.stream.penalty_per)
    first = c.orders[0] if c.orders else None
    return m.CustomerData(
        c.id, c.served_by, first.penalty_minor if first else 0, first.penalty_per if first else "order"
    )
