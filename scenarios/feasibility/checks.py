"""Is what the files ask for possible at all? Steady-state load against capacity, by the file's own static rules.

Random order streams only: orders from a file come at once and are the business of `bounds`. Load is what the first
source of every rule has to bring; setups are left out, so a line that is over its capacity here really is.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import prod

from plants.definition import (
    BomSpec,
    LineSpec,
    MachineSpec,
    MakeSpec,
    NetworkSpec,
    PlantSpec,
    ReplenishSpec,
    WarehouseSpec,
)
from plants.shifts import Calendar
from scenarios.errors import listed, show
from scenarios.feasibility.effects import network_effects, people_effects, scenario_effects, tariff_gaps
from scenarios.files.index import network_index
from scenarios.files.loader import Loaded, LoadedNetwork
from scenarios.files.nodes import Loc
from scenarios.files.weeks import by_day
from sync.vocabulary.planning import choice, materials

DAY_S = 86_400.0
WEEK_MIN = 7 * 1_440
TIGHT = 0.95


@dataclass(frozen=True)
class Finding:
    """level `error` (cannot be met: `check` exits 3) or `warning`; place is `file:line:col: path`."""

    level: str
    message: str
    place: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}" if self.place else self.message


def check_scenario(loaded: Loaded | LoadedNetwork) -> list[Finding]:
    """What of a valid network cannot be met, errors first, and what deserves a look."""
    flows = Flows(loaded.network)
    root = loaded.network_root if isinstance(loaded, Loaded) else loaded.root
    index = network_index(root)
    findings = [Finding("warning", text, "") for text in loaded.warnings]

    def note(level: str, loc: Loc, message: str) -> None:
        fault = root.fault(loc, message)
        findings.append(Finding(level, message, f"{fault.file}:{fault.line}:{fault.column}: {fault.path}"))

    network_effects(loaded.network, root, lambda loc, message: note("warning", loc, message))
    tariff_gaps(loaded.network, lambda loc, message: note("warning", loc, message))
    if isinstance(loaded, Loaded):
        findings += scenario_findings(loaded)
        people_effects(loaded.scenario, lambda loc, message: note("warning", loc, message))
    for plant in loaded.network.plants:
        for lines in together(plant):
            load = flows.utilisation(plant, lines)
            whose = f"of {listed([line.id for line in lines])} together " if len(lines) > 1 else ""
            what = f"the load {whose}is {load:.0%} of the capacity in steady state, setups not counted"
            if load > TIGHT:
                note("error" if load > 1 else "warning", index.lines[f"{plant.id}.{lines[0].id}"], what)
    for (supplier, item), (use, capacity) in flows.suppliers().items():
        if use > capacity:
            message = f"{use:,.0f} pieces of {show(item)} are needed per day, and the capacity is {capacity:,.0f}"
            note("error", (*index.suppliers[supplier], "items", item), message)
    first = {
        lane.pair: lane for lane in reversed(loaded.network.lanes)
    }  # of several between two sites ERP uses the first
    for lane in reversed(first.values()):
        flow = flows.lanes.get((lane.source, lane.target), 0.0)
        if lane.capacity_per_day is not None and flow > lane.capacity_per_day:
            message = f"{flow:,.0f} pieces per day have to go from {lane.source} to {lane.target}"
            note("error", index.lanes[lane.id], f"{message}, and the capacity is {lane.capacity_per_day:,}")
    for site, item in flows.dry:
        level = "warning" if flows.stock_of(site, item) else "error"
        what = "only its starting stock" if level == "warning" else "neither stock nor a source"
        note(level, index.sites[site], f"{site} needs {show(item)} and has {what}")
    for site, item in flows.empty:
        note("warning", index.sites[site], f"{site} starts without {show(item)}, which it replenishes")
    return sorted(findings, key=lambda f: f.level != "error")


def scenario_findings(loaded: Loaded) -> list[Finding]:
    """What the scenario file itself says without effect."""
    found: list[Finding] = []

    def note(loc: Loc, message: str) -> None:
        fault = loaded.root.fault(loc, message)
        found.append(Finding("warning", message, f"{fault.file}:{fault.line}:{fault.column}: {fault.path}"))

    scenario_effects(loaded.scenario, note)
    return found


class Flows:
    """Pieces per day that the first sources have to bring: per line and item, supplier and item, lane."""

    def __init__(self, network: NetworkSpec) -> None:
        self.network = network
        self.plants = {p.id: p for p in network.plants}
        self.sites: tuple[PlantSpec | WarehouseSpec, ...] = (*network.plants, *network.warehouses)
        self.rules: dict[str, dict[str, ReplenishSpec]] = {s.id: s.replenish for s in self.sites}
        self.offers = {(s.id, item): offer for s in network.suppliers for item, offer in s.items.items()}
        self.lines: dict[tuple[str, str, str], float] = defaultdict(float)
        self.used: dict[tuple[str, str], float] = defaultdict(float)
        self.lanes: dict[tuple[str, str], float] = defaultdict(float)
        self.dry: dict[tuple[str, str], None] = {}
        self.empty = [(site.id, item) for site in self.sites for item in site.replenish if not site.stock.get(item)]
        for customer in network.customers:
            stream = customer.stream
            if stream is None or not customer.served_by:
                continue
            per_day = DAY_S / stream.every.mean * max(stream.quantity.mean, 1.0)
            for item, share in stream.shares.items():
                if share:
                    server = choice.server(customer.served_by)
                    self.lanes[server, customer.id] += per_day * share
                    self._need(server, item, per_day * share, ())

    def _need(self, site: str, item: str, per_day: float, above: tuple[tuple[str, str], ...]) -> None:
        """`per_day` good pieces have to be at hand at `site`; follow them to where they are made or bought."""
        if (site, item) in above:
            return
        above = (*above, (site, item))
        plant = self.plants.get(site)
        made = first_line(plant, item) if plant else None
        rule = self.rules.get(site, {}).get(item)
        if plant and made:
            line, make = made
            self.lines[site, line.id, item] += per_day
            if not line.supply_unlimited:
                started = per_day / make.yield_share / prod(1 - m.scrap for m in line.machines)
                bom = bom_of(self.network, plant, item)
                for component, pieces in bom.needs.items() if bom else ():
                    self._need(site, component, started * pieces, above)
        elif rule:
            source = choice.source(rule.sources)
            self.lanes[source, site] += per_day
            offer = self.offers.get((source, item))
            if offer:
                self.used[source, item] += per_day / offer.fill
            else:
                self._need(source, item, per_day, above)
        else:
            self.dry[site, item] = None

    def stock_of(self, site: str, item: str) -> int:
        """Pieces on hand at the start."""
        return next((s.stock.get(item, 0) for s in self.sites if s.id == site), 0)

    def suppliers(self) -> dict[tuple[str, str], tuple[float, float]]:
        """(supplier, item) -> (use, capacity) per day, where there is a capacity."""
        found = {}
        for key, use in self.used.items():
            capacity = self.offers[key].capacity_per_day
            if capacity is not None:
                found[key] = (use, capacity)
        return found

    def utilisation(self, plant: PlantSpec, lines: Sequence[LineSpec]) -> float:
        """Load over capacity of lines that share their items, in open time, so that more than 1 really is too much: all
        items where they take least, or one item alone on every line. 0 where a line makes without orders, or counts
        orders."""
        if any(line.demand_unlimited or line.counts == "orders" for line in lines):
            return 0.0
        open_s = [DAY_S * open_share(self.network.calendars, plant.calendar, line.calendar) for line in lines]
        if not any(open_s):
            return float("inf")
        names = {line.id for line in lines}
        made = {i: per_day for (site, name, i), per_day in self.lines.items() if site == plant.id and name in names}
        work_s = sum(
            per_day * min(work for line in lines if (work := piece_s(line, item)) is not None)
            for item, per_day in made.items()
        )
        if len(lines) == 1 and lines[0].machines:  # exactly: the station with the most to do
            return max(self._station(lines[0], n, made) / open_s[0] for n in range(len(lines[0].machines)))
        shares = [work_s / sum(open_s)]
        for item, per_day in made.items():
            most = sum(
                seconds / work for line, seconds in zip(lines, open_s, strict=True) if (work := piece_s(line, item))
            )
            shares.append(per_day / most if most else 0.0)
        return max(shares)

    @staticmethod
    def _station(line: LineSpec, n: int, made: dict[str, float]) -> float:
        """Seconds a day in which the n-th station of a line is needed."""
        makes = {make.item: make for make in line.makes}
        return sum(per_day * station_s(line, makes[item], n) for item, per_day in made.items())


def station_s(line: LineSpec, make: MakeSpec, n: int) -> float:
    """Seconds of the n-th station for a good piece, breakdowns and what is lost on the way included."""
    machine = line.machines[n]
    survive = prod(1 - later.scrap for later in line.machines[n:]) * make.yield_share
    return machine.cycle.mean * make.cycle_factor / survive / machine.parallel / availability(machine)


def piece_s(line: LineSpec, item: str) -> float | None:
    """Seconds in which the line can make a good piece of an item; None when it cannot."""
    make = next((make for make in line.makes if make.item == item), None)
    if make is None:
        return None
    if line.rate_per_day is not None:
        return DAY_S / line.rate_per_day * make.cycle_factor / make.yield_share
    return max(station_s(line, make, n) for n in range(len(line.machines)))


def together(plant: PlantSpec) -> list[list[LineSpec]]:
    """The lines of a plant in groups that share items, each group and the groups in the file's order."""
    groups: list[list[LineSpec]] = []
    for line in plant.lines:
        items = {make.item for make in line.makes}
        shared = [group for group in groups if any(make.item in items for other in group for make in other.makes)]
        groups = [group for group in groups if group not in shared]
        groups.append([other for group in shared for other in group] + [line])
    place = {line.id: n for n, line in enumerate(plant.lines)}
    return sorted((sorted(group, key=lambda x: place[x.id]) for group in groups), key=lambda group: place[group[0].id])


def first_line(plant: PlantSpec, item: str) -> tuple[LineSpec, MakeSpec] | None:
    """The line of the plant to which ERP gives the first order for the item, and its make."""
    makers = {line.id: (line, make) for line in plant.lines for make in line.makes if make.item == item}
    return makers.get(choice.line([choice.Maker(name, 0, make.prefer) for name, (_, make) in makers.items()]))


def bom_of(network: NetworkSpec, plant: PlantSpec, item: str) -> BomSpec | None:
    """The plant's own bill of material, else the one for all plants."""
    return materials.bills_at(network.boms, plant.id).get(item)


def availability(machine: MachineSpec) -> float:
    """MTBF / (MTBF + MTTR)."""
    if machine.fails is None:
        return 1.0
    up, down = machine.fails.after.mean, machine.fails.repair.mean
    return up / (up + down)


def open_share(calendars: dict[str, Calendar], *names: str | None) -> float:
    """Share of the week in which every named calendar is open; holidays and time zones left out."""
    weeks = [by_day(calendars[name].week) for name in names if name is not None]
    if not weeks:
        return 1.0
    open_min = 0
    for day in range(7):
        edges = sorted({m for week in weeks for window in week[day] for m in window})
        for a, b in pairwise(edges):
            if all(any(x <= a and b <= y for x, y in week[day]) for week in weeks):
                open_min += b - a
    return open_min / WEEK_MIN
