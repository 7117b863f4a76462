"""What a network file refers to must exist and fit together. Every fault at its exact place.

`check_network` judges names and single parts; whether goods can get anywhere is judged in `scenarios.files.sourcing`.
"""

from collections.abc import Collection, Iterable

from plants.definition import PERIODIC
from plants.systems import registry
from scenarios.errors import FAULT_CAP, Fault, listed, nearest, show
from scenarios.files.demandfile import CustomerPart
from scenarios.files.index import Index
from scenarios.files.networkfile import (
    BomPart,
    CalendarPart,
    LanePart,
    LinePart,
    MachinePart,
    NetworkFile,
    PlantPart,
    ReplenishPart,
    Systems,
    WarehousePart,
)
from scenarios.files.nodes import Loc, Node
from scenarios.files.weeks import Week, by_day


class Checker:
    """Collects faults of one file."""

    def __init__(self, root: Node, index: Index, warnings: list[str]) -> None:
        self.root = root
        self.index = index
        self.warnings = warnings
        self.faults: list[Fault] = []
        self.calendars: dict[str, CalendarPart] = {}

    def fault(self, loc: Loc, message: str, *, key: bool = False) -> None:
        """A fault at the value at `loc`, or at its key."""
        self.faults.append(self.root.fault(loc, message, key=key))

    def warn(self, loc: Loc, message: str) -> None:
        """Something that is allowed and yet worth a look."""
        self.warnings.append(str(self.root.fault(loc, message)))

    def given(self, loc: Loc) -> list[str]:
        """The keys that were written in the mapping at `loc`, the unreadable ones among them."""
        node = self.root.at(loc)
        return list(node.keys) if node else []

    def ref(self, loc: Loc, name: str | None, known: Collection[str], what: str, *, key: bool = False) -> bool:
        """Whether `name` (None: left out) is known; a fault when not."""
        if name is None or name in known:
            return True
        if len(self.faults) > FAULT_CAP:
            return False
        self.fault(loc, f"unknown {what} {show(name)}. allowed: {listed(known, 12)}{nearest(name, known)}", key=key)
        return False

    def keys(self, loc: Loc, names: Iterable[str], known: Collection[str], what: str) -> None:
        """`ref` for the keys of a mapping."""
        for name in names:
            self.ref((*loc, name), name, known, what, key=True)

    def each(self, loc: Loc, names: Iterable[str] | None, known: Collection[str], what: str) -> None:
        """`ref` for one id or a list of ids."""
        node = self.root.at(loc)
        for n, name in enumerate(names or ()):
            self.ref((*loc, n) if node and isinstance(node.children, list) else loc, name, known, what)


def check_network(file: NetworkFile, root: Node, index: Index, warnings: list[str]) -> list[Fault]:
    """Names, bills of material, lines, rules and shares of a network file."""
    c = Checker(root, index, warnings)
    c.faults += index.faults
    c.calendars = {calendar.id: calendar for calendar in file.calendars}
    _boms(c, file.boms)
    for n, plant in enumerate(file.plants):
        _plant(c, ("plants", n), plant)
    for n, supplier in enumerate(file.suppliers):
        loc: Loc = ("suppliers", n)
        c.ref((*loc, "calendar"), supplier.calendar, index.calendars, "calendar")
        c.keys((*loc, "items"), supplier.items, index.items, "item")
        _systems(c, (*loc, "systems"), supplier.systems, registry.described(*registry.SUPPLIER))
    for n, warehouse in enumerate(file.warehouses):
        _store(c, ("warehouses", n), warehouse)
        _systems(c, ("warehouses", n, "systems"), warehouse.systems, registry.described(*registry.WAREHOUSE))
    for n, lane in enumerate(file.lanes):
        _lane(c, ("lanes", n), lane)
    for n, customer in enumerate(file.customers):
        _customer(c, ("customers", n), customer)
    for n, person in enumerate(file.people):
        c.ref(("people", n, "at"), person.at, index.sites, "site")
        c.ref(("people", n, "calendar"), person.calendar, index.calendars, "calendar")
    _systems(c, ("systems",), file.systems, registry.described())
    return c.faults


def meet(week: Week, other: Week) -> bool:
    """Whether two weeks are ever open at the same time."""
    days = zip(by_day(week), by_day(other), strict=True)
    return any(max(a, x) < min(b, y) for one, two in days for a, b in one for x, y in two)


def find_cycle(edges: dict[str, list[str]]) -> list[str]:
    """The first cycle of a directed graph in the order of its nodes, closed (`[a, b, a]`), or nothing."""
    state: dict[str, int] = {}
    for start, first in edges.items():
        if state.get(start):
            continue
        path = [start]
        waiting = [iter(first)]
        state[start] = 1
        while waiting:
            step = next(waiting[-1], None)
            if step is None:
                waiting.pop()
                state[path.pop()] = 2
            elif state.get(step) == 1:
                return [*path[path.index(step) :], step]
            elif not state.get(step):
                state[step] = 1
                path.append(step)
                waiting.append(iter(edges.get(step, [])))
    return []


def _boms(c: Checker, boms: list[BomPart]) -> None:
    edges: dict[str, list[str]] = {}
    where: dict[tuple[str, str], Loc] = {}
    given: dict[tuple[str, str | None], int] = {}
    for n, bom in enumerate(boms):
        loc: Loc = ("boms", n)
        c.ref((*loc, "item"), bom.item, c.index.items, "item")
        c.keys((*loc, "needs"), bom.needs, c.index.items, "item")
        c.ref((*loc, "plant"), bom.plant, c.index.plants, "plant")
        node = c.root.at((*loc, "item"))
        first = given.setdefault((bom.item, bom.plant), node.line if node else 0)
        if node and first != node.line:
            where_ = f" at {bom.plant}" if bom.plant else ""
            c.fault(
                (*loc, "item"),
                f"the bom of {show(bom.item)}{where_} is given twice, first in line {first}. allowed: one",
            )
        for need in bom.needs:
            edges.setdefault(bom.item, []).append(need)
            where.setdefault((bom.item, need), (*loc, "needs", need))
        _alternates(c, loc, bom)
    cycle = find_cycle(edges)
    if cycle:
        place = where[cycle[-2], cycle[-1]]
        c.fault(place, f"the bill of material is a cycle: {' > '.join(cycle)}. allowed: no item needs itself", key=True)


def _alternates(c: Checker, loc: Loc, bom: BomPart) -> None:
    edges: dict[str, list[str]] = {}
    for k, other in enumerate(bom.alternates):
        place: Loc = (*loc, "alternates", k)
        c.ref((*place, "replace"), other.replace, bom.needs, f"component of {bom.item}")
        c.ref((*place, "with"), other.with_, c.index.items, "item")
        c.each((*place, "plants"), other.plants, c.index.plants, "plant")
        edges.setdefault(other.replace, []).append(other.with_)
        cycle = find_cycle(edges)
        if cycle:
            c.fault(
                (*place, "with"), f"substitutes form a cycle: {' > '.join(cycle)}. allowed: no item replaces itself"
            )
            edges[other.replace].pop()


def _store(c: Checker, loc: Loc, site: PlantPart | WarehousePart) -> None:
    """Stock and rules of a plant or a warehouse."""
    c.keys((*loc, "stock"), site.stock, c.index.items, "item")
    total = sum(site.stock.values())
    if site.capacity is not None and total > site.capacity:
        c.fault(
            (*loc, "stock"), f"{total} pieces of stock are over the capacity {site.capacity}. allowed: at most that"
        )
    sources = {**c.index.suppliers, **c.index.plants, **c.index.warehouses}
    for item, rule in site.replenish.items():
        place: Loc = (*loc, "replenish", item)
        c.ref(place, item, c.index.items, "item", key=True)
        c.each((*place, "from"), rule.from_, sources, "source")
        _rule(c, place, rule)


_FORMS = ({"s", "S"}, {"r", "q"}, {"review", "S"})


def _rule(c: Checker, loc: Loc, rule: ReplenishPart) -> None:
    given = set(c.given(loc)) - {"from"}
    if given not in _FORMS:
        found = f"keys {listed(sorted(given))} together" if given else "no levels"
        c.fault(loc, f"{found}. allowed: 's, S, from', 'r, q, from' or 'review, S, from'")
    elif rule.s is not None and rule.big_s is not None and rule.s > rule.big_s:
        c.fault((*loc, "s"), f"s {rule.s} is above S {rule.big_s}. allowed: s at most S")


def _plant(c: Checker, loc: Loc, plant: PlantPart) -> None:
    c.ref((*loc, "calendar"), plant.calendar, c.index.calendars, "calendar")
    _store(c, loc, plant)
    c.each((*loc, "serves"), plant.serves, c.index.customers, "customer")
    c.keys((*loc, "codes"), plant.codes, c.index.items, "item")
    codes: dict[str, str] = {}
    for item, code in plant.codes.items():
        if code in codes:
            c.fault(
                (*loc, "codes", item),
                f"code {show(code)} already stands for {show(codes[code])}. allowed: one item per code",
            )
        codes.setdefault(code, item)
    for n, crew in enumerate(plant.crews):
        c.ref((*loc, "crews", n, "calendar"), crew.calendar, c.index.calendars, "calendar")
    for n, line in enumerate(plant.lines):
        _line(c, (*loc, "lines", n), line, plant)
    _systems(c, (*loc, "systems"), plant.systems, registry.described(*registry.PLANT))


def _line(c: Checker, loc: Loc, line: LinePart, plant: PlantPart) -> None:
    c.ref((*loc, "calendar"), line.calendar, c.index.calendars, "calendar")
    own, common = c.calendars.get(line.calendar or ""), c.calendars.get(plant.calendar or "")
    if own and common and own.timezone == common.timezone and not meet(own.week, common.week):
        found = f"calendar {show(own.id)} is never open together with {show(common.id)} of the plant"
        c.fault((*loc, "calendar"), f"{found}. allowed: calendars that share a shift")
    made: dict[str, None] = {}
    for n, make in enumerate(line.makes):
        c.ref((*loc, "makes", n, "item"), make.item, c.index.items, "item")
        if make.item in made:
            c.fault(
                (*loc, "makes", n, "item"), f"item {show(make.item)} is listed twice. allowed: each item once on a line"
            )
        made[make.item] = None
        if make.rate is not None:
            message = "a rate of its own per item is not simulated yet. allowed: the line's rate and a cycle_factor"
            c.fault((*loc, "makes", n, "rate"), message, key=True)
    for item, row in line.setups.items():
        c.ref((*loc, "setups", item), item, made, "item of this line", key=True)
        c.keys((*loc, "setups", item), row, made, "item of this line")
    if line.rate is not None:
        for key in ("machines", "buffers", "blocking"):
            if c.root.at((*loc, key)):
                c.fault((*loc, key), f"key '{key}' does not go with 'rate'. allowed: a rate, or machines", key=True)
    elif not line.machines and not {"rate", "machines"} & set(c.given(loc)):
        c.fault(loc, "the line has neither a rate nor machines. needed: one of them")
    if line.counts == "orders" and line.rate is None:
        c.fault((*loc, "counts"), "'counts: orders' goes with 'rate' only. allowed: pcs")
    gaps = max(len(line.machines) - 1, 0)
    if isinstance(line.buffers, tuple) and len(line.buffers) != gaps:
        found = f"{len(line.buffers)} buffers for {len(line.machines)} machines"
        c.fault((*loc, "buffers"), f"{found}. allowed: one number, or a list of {gaps}")
    for n, machine in enumerate(line.machines):
        _machine(c, (*loc, "machines", n), machine, line, plant)


def _machine(c: Checker, loc: Loc, machine: MachinePart, line: LinePart, plant: PlantPart) -> None:
    c.ref((*loc, "crew"), machine.crew, [crew.id for crew in plant.crews], f"crew of {plant.id}")
    if machine.rework:
        c.ref((*loc, "rework", "to"), machine.rework.to, [m.id for m in line.machines], "machine of this line")
        if machine.rework.share + machine.scrap > 1:
            found = f"rework {machine.rework.share:g} and scrap {machine.scrap:g} sum to more than 1"
            c.fault((*loc, "rework", "share"), f"{found}. allowed: at most 1")
    for n, plan in enumerate(machine.maintenance):
        kind = "cycles" if plan.counts == "cycles" else "time"
        if plan.every[0] != kind:
            allowed = "a number of cycles" if kind == "cycles" else "a duration such as 100h (or counts: cycles)"
            c.fault(
                (*loc, "maintenance", n, "every"), f"this does not go with 'counts: {plan.counts}'. allowed: {allowed}"
            )


def _systems(c: Checker, loc: Loc, systems: Systems, known: tuple[str, ...]) -> None:
    for name, system in systems.items():
        place: Loc = (*loc, name)
        if not c.ref(place, name, known, "system", key=True):
            continue
        if name not in registry.SYSTEMS:
            c.warn(place, f"system '{name}' is not simulated yet; its channel has no effect")
        periodic = system.posts in PERIODIC
        if periodic and system.every is None:
            c.fault(place, f"'posts: {system.posts}' has no interval. needed: 'every', such as every: 2h")
        if not periodic and system.every is not None:
            c.fault(
                (*place, "every"),
                f"'every' does not go with 'posts: {system.posts}'. allowed: with {' and '.join(PERIODIC)}",
                key=True,
            )
        if periodic and "delay" in c.given(place):
            c.warn(
                (*place, "delay"), f"'delay' has no effect with 'posts: {system.posts}', which posts at its interval"
            )
        if system.timeout is not None:
            c.fault((*place, "timeout"), "'timeout' goes with 'posts: request', which is not simulated yet", key=True)


def _lane(c: Checker, loc: Loc, lane: LanePart) -> None:
    sites = c.index.sites
    c.each((*loc, "from"), lane.from_, sites, "site")
    c.each((*loc, "to"), lane.to, sites, "site")
    for end, names in (("from", lane.from_), ("to", lane.to)):
        node = c.root.at((*loc, end))
        for n, name in enumerate(names):
            place: Loc = (*loc, end, n) if node and isinstance(node.children, list) else (*loc, end)
            if end == "from" and name in c.index.customers:
                c.fault(place, f"a lane begins at the customer {show(name)}. allowed: plants, suppliers and warehouses")
            if end == "to" and name in lane.from_:
                c.fault(place, f"the lane leads from {show(name)} to itself. allowed: two different sites")
    if lane.rates:
        for key in ("time", "cost"):
            if c.root.at((*loc, key)):
                c.fault(
                    (*loc, key), f"key '{key}' does not go with 'rates'. allowed: rates, or time and cost", key=True
                )
    elif lane.time is None and not {"time", "rates"} & set(c.given(loc)):
        c.fault(loc, "the lane has neither a time nor rates. needed: one of them")


def _customer(c: Checker, loc: Loc, customer: CustomerPart) -> None:
    c.each((*loc, "served_by"), customer.served_by, c.index.depots, "plant or warehouse")
    orders = customer.orders
    place: Loc = (*loc, "orders")
    c.keys((*place, "items"), orders.items, c.index.items, "item")
    given = c.given(place)
    if orders.file is not None:
        for key in [k for k in given if k not in ("file", "due_from")]:
            c.fault(
                (*place, key), f"key '{key}' does not go with 'file'. allowed: a file, or a stream of orders", key=True
            )
        return
    if orders.due_from is not None:
        c.fault((*place, "due_from"), "'due_from' goes with 'file' only. allowed: leave it out", key=True)
    missing = [k for k in ("every", "items", "quantity", "due") if k not in given]
    if missing:
        c.fault(place, f"key '{missing[0]}' is missing. needed: every, items, quantity and due; or file")
    elif orders.items and abs(sum(orders.items.values()) - 1) > 1e-6:
        c.fault((*place, "items"), f"the shares sum to {sum(orders.items.values()):g}. allowed: exactly 1")
