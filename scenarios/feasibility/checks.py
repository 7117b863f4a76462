"""Is what the files ask for possible at all? Steady-state load against capacity, by the file's own static rules.

Random order streams only: orders from a file come at once and are the business of `bounds`. Load is what the first
source of every rule has to bring; setups are left out, so a line that is over its capacity here really is.
"""

from collections import defaultdict
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
from scenarios.errors import show
from scenarios.files.index import network_index
from scenarios.files.loader import Loaded, LoadedNetwork
from scenarios.files.nodes import Loc
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

    for plant in loaded.network.plants:
        for line in plant.lines:
            load = flows.utilisation(plant, line)
            what = f"the load is {load:.0%} of the capacity in steady state, setups not counted"
            if load > TIGHT:
                note("error" if load > 1 else "warning", index.lines[f"{plant.id}.{line.id}"], what)
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

    def utilisation(self, plant: PlantSpec, line: LineSpec) -> float:
        """Load over capacity of the line's bottleneck, in open time; 0 for lines that make without orders."""
        if line.demand_unlimited or line.counts == "orders":
            return 0.0
        open_s = DAY_S * open_share(self.network.calendars, plant.calendar, line.calendar)
        if not open_s:
            return float("inf")
        makes = {make.item: make for make in line.makes}
        started = {
            item: per_day / makes[item].yield_share
            for (site, name, item), per_day in self.lines.items()
            if (site, name) == (plant.id, line.id)
        }
        if line.rate_per_day is not None:
            busy = sum(pieces * makes[item].cycle_factor for item, pieces in started.items())
            return busy / (line.rate_per_day * open_s / DAY_S)
        loads = [0.0]
        for n, machine in enumerate(line.machines):
            survive = prod(1 - later.scrap for later in line.machines[n:])
            work_s = sum(pieces / survive * makes[item].cycle_factor for item, pieces in started.items())
            loads.append(work_s * machine.cycle.mean / machine.parallel / (open_s * availability(machine)))
        return max(loads)


def first_line(plant: PlantSpec, item: str) -> tuple[LineSpec, MakeSpec] | None:
    """The line of the plant to which ERP gives an order for the item, and its make."""
    makers = {line.id: line for line in plant.lines if any(make.item == item for make in line.makes)}
    line = makers.get(choice.line(list(makers)))
    return (line, next(make for make in line.makes if make.item == item)) if line else None


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
    weeks = [calendars[name].week for name in names if name is not None]
    if not weeks:
        return 1.0
    open_min = 0
    for day in range(7):
        edges = sorted({m for week in weeks for window in week[day] for m in window})
        for a, b in pairwise(edges):
            if all(any(x <= a and b <= y for x, y in week[day]) for week in weeks):
                open_min += b - a
    return open_min / WEEK_MIN
