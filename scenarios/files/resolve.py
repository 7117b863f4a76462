"""A checked file to the parameters of the world: names in place, defaults filled, units canonical. Judges nothing."""

from plants import definition as d
from plants.disruptions.kinds import KINDS
from plants.shifts import Calendar
from scenarios.files.demandfile import CustomerPart
from scenarios.files.disruptionfile import DisruptionPart, own
from scenarios.files.networkfile import (
    LanePart,
    LinePart,
    MachinePart,
    MakePart,
    NetworkFile,
    PersonPart,
    PlantPart,
    ReplenishPart,
    SupplierPart,
    SystemPart,
)
from scenarios.files.scenariofile import APPROVAL, ScenarioFile
from sim.streams import constant
from sync.vocabulary.policy import Approval, Policy
from sync.vocabulary.quantities import ceil_ms
from sync.vocabulary.tariff import Band, Tariff

Tables = tuple[dict[str, tuple[Band, ...]], dict[str, tuple[d.FileOrderSpec, ...]]]


def network(file: NetworkFile, tables: Tables) -> d.NetworkSpec:
    """The whole network. `tables`: rates by file name, orders by customer."""
    rates, orders = tables
    return d.NetworkSpec(
        id=file.network,
        currency=file.currency,
        timezone=file.timezone,
        calendars={
            c.id: Calendar(c.id, c.week, tuple(c.holidays), c.timezone or file.timezone) for c in file.calendars
        },
        items=tuple(d.ItemSpec(i.id, i.uom, i.value, i.weight_kg, i.shelf_life, i.price) for i in file.items),
        boms=tuple(
            d.BomSpec(
                b.item,
                dict(b.needs),
                b.plant,
                tuple(d.AlternateSpec(a.replace, a.with_, a.ratio, a.approval, a.plants) for a in b.alternates),
            )
            for b in file.boms
        ),
        plants=tuple(plant(p) for p in file.plants),
        suppliers=tuple(supplier(s) for s in file.suppliers),
        warehouses=tuple(
            d.WarehouseSpec(w.id, w.at, w.capacity, dict(w.stock), replenishes(w.replenish), systems(w.systems))
            for w in file.warehouses
        ),
        lanes=tuple(lane for part in file.lanes for lane in lanes(part, rates)),
        customers=tuple(customer(c, orders) for c in file.customers),
        systems=systems(file.systems),
        people=tuple(person(p) for p in file.people),
        carrying=file.costs.carrying,
    )


def plant(p: PlantPart) -> d.PlantSpec:
    """A plant with its lines."""
    return d.PlantSpec(
        id=p.id,
        at=p.at,
        kind=p.kind,
        calendar=p.calendar,
        capacity=p.capacity,
        stock=dict(p.stock),
        replenish=replenishes(p.replenish),
        serves=p.serves,
        handling_micro=p.handling,
        crews=tuple(d.CrewSpec(c.id, c.size, c.calendar) for c in p.crews),
        lines=tuple(line(x) for x in p.lines),
        systems=systems(p.systems),
        codes=dict(p.codes),
    )


def line(x: LinePart) -> d.LineSpec:
    """A line; its buffers one per gap."""
    gaps = max(len(x.machines) - 1, 0)
    return d.LineSpec(
        id=x.id,
        makes=tuple(make(m) for m in x.makes),
        calendar=x.calendar,
        rate_per_day=x.rate,
        counts=x.counts,
        machines=tuple(machine(m) for m in x.machines),
        buffers=(x.buffers,) * gaps if isinstance(x.buffers, int) else x.buffers,
        blocking=x.blocking,
        supply_unlimited=x.supply == "unlimited",
        demand_unlimited=x.demand == "unlimited",
        setups_s={(a, b): time for a, row in x.setups.items() for b, time in row.items()},
    )


def make(m: MakePart) -> d.MakeSpec:
    """An item on a line."""
    return d.MakeSpec(m.item, m.lot, m.setup, m.yield_, m.cycle_factor, m.cost, m.setup_cost, m.prefer)


def machine(m: MachinePart) -> d.MachineSpec:
    """A machine with its breakdowns and maintenance."""
    return d.MachineSpec(
        id=m.id,
        cycle=m.cycle,
        parallel=m.parallel,
        fails=d.FailureSpec(m.fails.after, m.fails.repair, m.fails.counts) if m.fails else None,
        crew=m.crew,
        maintenance=tuple(d.MaintenanceSpec(x.every[1], x.for_, x.counts) for x in m.maintenance),
        rework=d.ReworkSpec(m.rework.share, m.rework.to) if m.rework else None,
        scrap=m.scrap,
    )


def replenishes(rules: dict[str, ReplenishPart]) -> dict[str, d.ReplenishSpec]:
    """Rules by item."""
    return {item: replenish(rule) for item, rule in rules.items()}


def replenish(r: ReplenishPart) -> d.ReplenishSpec:
    """One of the three forms, told apart by its keys."""
    if r.review is not None:
        return d.ReplenishSpec("review", r.from_, big_s=r.big_s or 0, review_s=r.review)
    if r.q is not None:
        return d.ReplenishSpec("rq", r.from_, r=r.r or 0, q=r.q)
    return d.ReplenishSpec("sS", r.from_, s=r.s or 0, big_s=r.big_s or 0)


def systems(parts: dict[str, SystemPart]) -> dict[str, d.ChannelProfile]:
    """Channel profiles by system."""
    return {
        name: d.ChannelProfile(
            s.posts,
            s.delay,
            s.every if s.every is not None else d.ChannelProfile.every_s,
            s.loses,
            s.duplicates,
            s.reorders,
            s.keeps_while_down,
        )
        for name, s in parts.items()
    }


def supplier(s: SupplierPart) -> d.SupplierSpec:
    """A supplier and its offers."""
    items = {k: d.SupplierItemSpec(v.lead, v.capacity, v.moq, v.price, v.fill) for k, v in s.items.items()}
    return d.SupplierSpec(s.id, items, s.at, s.calendar, systems(s.systems))


def lanes(part: LanePart, rates: dict[str, tuple[Band, ...]]) -> list[d.LaneSpec]:
    """One lane per pair of `from` and `to`, in order."""
    if part.rates:
        tariff = Tariff(bands=rates.get(part.rates.file, ()))
    else:
        tariff = Tariff(*part.cost) if part.cost else Tariff()
    return [
        d.LaneSpec(
            source, target, part.time, tariff, part.capacity, part.co2, part.mode or "", part.reports_loss_after,
            part.ships, part.refund,
        )
        for source in part.from_
        for target in part.to
    ]  # fmt: skip


def customer(c: CustomerPart, orders: dict[str, tuple[d.FileOrderSpec, ...]]) -> d.CustomerSpec:
    """A customer with a stream or with the rows of its file."""
    o = c.orders
    served_by = c.served_by or ()
    if o.file is not None or o.every is None or o.quantity is None or o.due is None:
        return d.CustomerSpec(c.id, served_by, None, orders.get(c.id, ()), c.at)
    money, per = o.late_penalty or (d.OrderStreamSpec.penalty_minor, d.OrderStreamSpec.penalty_per)
    stream = d.OrderStreamSpec(
        o.every, dict(o.items), o.quantity, o.due, money, per, o.partial, o.patience,
        o.season.weekly or (), o.season.yearly or (), o.trend,
    )  # fmt: skip
    return d.CustomerSpec(c.id, served_by, stream, at=c.at)


def person(p: PersonPart) -> d.PersonSpec:
    """Someone who is asked."""
    return d.PersonSpec(p.role, p.at, p.calendar, p.responds_in, p.approves)


def disruption(part: DisruptionPart, lanes: dict[str, str]) -> d.DisruptionSpec:
    """A disruption; `extra` holds the kind's own keys that were given or have a default. lanes: name -> id."""
    kind, values = KINDS[part.kind], own(part)
    extra = {key.stored: values.get(key.name, key.default) for key in kind.keys}
    extra = {name: value for name, value in extra.items() if value is not None}
    after = None
    if part.after:
        delay = part.after.delay if part.after.delay is not None else constant(0.0)
        after = d.AfterSpec(part.after.id, delay, part.after.probability)
    target = lanes.get(part.target, part.target) if "lanes" in kind.targets else part.target
    for key in kind.keys:
        if key.value == "lane" and key.stored in extra:
            extra[key.stored] = lanes.get(str(extra[key.stored]), extra[key.stored])
    return d.DisruptionSpec(part.id, part.kind, target, part.at, part.for_, after, part.until, extra)


def policy(file: ScenarioFile) -> Policy:
    """Approvals by action."""
    return Policy(
        {
            action: Approval(a.auto_below, a.by, APPROVAL.within_ms if a.within is None else ceil_ms(a.within))
            for action, a in file.policy.approvals.items()
        }
    )


def scenario(file: ScenarioFile, world: d.NetworkSpec) -> d.ScenarioSpec:
    """The scenario on its network."""
    lane_ids = d.lane_names(lane.id for lane in world.lanes)
    return d.ScenarioSpec(
        id=file.scenario,
        network=world,
        title=file.title,
        start_local=file.start,
        horizon_s=file.horizon,
        warmup_s=0.0 if isinstance(file.warmup, str) else file.warmup,
        warmup_auto=file.warmup == "auto",
        seed=file.seed,
        replications=file.replications,
        ways=file.ways,
        disruptions=tuple(disruption(part, lane_ids) for part in file.disruptions),
        policy=policy(file),
        thresholds=dict(file.thresholds),
    )
