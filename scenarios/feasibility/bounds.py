"""What a network can do at best under its disruptions: which orders can be served at all, and in how many days.

Works on a loaded scenario, before any run, for customer orders read from files. An order is *servable* when at least
one plant makes its product and can get what goes into it, may serve its customer and reaches it over open lanes, or
some stock reaches it; disruptions count here only for what they take away from the start to the end (outages.py),
everything shorter is taken as open later. The days are a maximum flow: order classes (orders with the same eligible
lines) into lines, each with the completions its rate allows in n days. No schedule can beat such a bound; weight bands,
prices and shorter disruptions can only make a schedule slower.

    source --orders--> class {L1, L2} --> line L1 --floor(rate x factor x n)--> sink

Refuses to know: randomness, stock dynamics, machines, weights. Networks of those get no bound, and a sentence why.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from plants.definition import CustomerSpec, FileOrderSpec, LaneSpec, LineSpec, PlantSpec, ScenarioSpec, WarehouseSpec
from scenarios.feasibility.materials import Materials
from scenarios.feasibility.outages import Outages
from sync.vocabulary.planning import choice
from sync.vocabulary.tariff import OWN_FREIGHT

WHOLE = "for the whole horizon"
SHOWN = 8  # reasons printed
PLANT, IS, CUSTOMER = "{plant}", "{is}", "{customer}"  # slots of a clause, filled when it is said
IN_GENERAL = ("their product", "their customer")  # said of many orders at once


@dataclass(frozen=True)
class Bounds:
    """Upper bounds on what any way of working can reach; None where no bound is computed (`note` says why).

    best_days: least number of days in which all servable orders can be completed. first_day_max: orders completed on
    day 1 at most. none_served, none_days: orders served, and the day the last servable one is served (None: never),
    when every order stays where the file put it.
    """

    orders_total: int
    servable: int | None
    best_days: int | None = None
    first_day_max: int | None = None
    none_served: int | None = None
    none_days: int | None = None
    reasons: tuple[tuple[str, int], ...] = ()  # why orders are unservable, with how many, most first
    note: str = ""

    def lines(self) -> list[str]:
        """The bounds as sentences for a person."""
        if self.servable is None:
            return [self.note]
        said = [f"{self.servable:,} of {self.orders_total:,} orders can be served by some way of working."]
        if self.orders_total > self.servable:
            said[0] += f" {self.orders_total - self.servable:,} cannot:"
            said += [f"  {count:,}: {reason}" for reason, count in self.reasons[:SHOWN]]
            rest = sum(count for _, count in self.reasons[SHOWN:])
            said += [f"  {rest:,}: for {len(self.reasons) - SHOWN} other reasons"] if rest else []
        if self.best_days is not None and self.servable:
            said.append(
                f"At best they are done in {_days(self.best_days)}; the first day completes at most"
                f" {self.first_day_max:,} orders (maximum flow: rerouting can reach this, never beat it)."
            )
        if self.none_served is not None and self.servable:
            ends = f"the last one in {_days(self.none_days)}" if self.none_days is not None else "the rest never"
            said.append(f"Left where they are, {self.none_served:,} are served, {ends}.")
        return [*said, self.note] if self.note else said


def eligibility(scenario: ScenarioSpec, order: FileOrderSpec, customer: str) -> dict[str, str]:
    """Every plant that makes the order's item, in the file's order -> "" when it can serve it, else why not."""
    return Reach(scenario).eligibility(order.item, customer, order.service)


def servable(scenario: ScenarioSpec, *, in_general: bool = False) -> dict[str, str]:
    """Order id -> "" when some way of working could serve it under the scenario's disruptions, else the reason.

    Orders from files only; the reason is a sentence naming every plant that makes the product. in_general: without
    product and customer, so that equal reasons can be counted.
    """
    reach = Reach(scenario)
    orders = file_orders(scenario)
    return {order.id: reach.reason(order, customer.id, in_general=in_general) for customer, order in orders}


def bounds(scenario: ScenarioSpec) -> Bounds:
    """The bounds of a scenario. Orders drawn from streams have none; nor have lines made of machines."""
    pairs = list(file_orders(scenario))
    if not pairs:
        note = "No bound: it applies to orders read from files, and this network draws its orders at random."
        return Bounds(0, None, note=note)
    reach = Reach(scenario)
    reasons = [reach.reason(order, customer.id) for customer, order in pairs]
    count = reasons.count("")
    summary = _summary(reach, pairs)
    note = reach.unbounded(pairs)
    if note:
        return Bounds(len(pairs), count, reasons=summary, note=note)
    classes = Counter(
        reach.lines_for(order, customer.id)
        for (customer, order), reason in zip(pairs, reasons, strict=True)
        if not reason
    )
    none_served, none_days = _as_assigned(reach, pairs, count)
    return Bounds(
        orders_total=len(pairs),
        servable=count,
        best_days=best_days(classes, reach.line_rates),
        first_day_max=completed(classes, reach.line_rates, 1),
        none_served=none_served,
        none_days=none_days,
        reasons=summary,
        note=_shorter(scenario),
    )


def completed(classes: Mapping[tuple[str, ...], int], rates: Mapping[str, Fraction], days: Fraction | int) -> int:
    """Most orders that can be completed within `days`. classes: eligible lines -> orders; rates: line -> orders/day."""
    import networkx as nx

    graph: nx.DiGraph[str | int] = nx.DiGraph()
    graph.add_nodes_from(("source", "sink"))
    for number, (lines, orders) in enumerate(sorted(classes.items())):
        graph.add_edge("source", number, capacity=orders)
        for line in lines:
            graph.add_edge(number, f"line {line}", capacity=orders)
    for line, rate in sorted(rates.items()):
        graph.add_edge(f"line {line}", "sink", capacity=int(rate * days))
    return int(nx.maximum_flow_value(graph, "source", "sink"))


def best_days(classes: Mapping[tuple[str, ...], int], rates: Mapping[str, Fraction]) -> int | None:
    """Least whole days in which all orders of `classes` can be completed; None when they never can."""
    total = sum(classes.values())
    slowest = min((max((rates.get(line, Fraction(0)) for line in lines), default=0) for lines in classes), default=1)
    if not slowest:
        return None
    low, high = 0, int(total / slowest) + 1  # all orders on the best line of the worst class, one after another
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if completed(classes, rates, middle) == total else (middle + 1, high)
    return low


def file_orders(scenario: ScenarioSpec) -> Iterable[tuple[CustomerSpec, FileOrderSpec]]:
    """Every order that the network reads from files, with its customer, in the file's order."""
    return ((customer, order) for customer in scenario.network.customers for order in customer.orders)


@dataclass
class Reach:
    """Who can serve whom under the disruptions that last the whole horizon. Answers are kept by what they depend on."""

    scenario: ScenarioSpec
    _eligible: dict[tuple[str, str, bool], dict[str, str]] = field(default_factory=dict)
    _routes: dict[tuple[str, bool, bool], frozenset[str]] = field(default_factory=dict)
    _keepers_of: dict[str, list[str]] = field(default_factory=dict)

    def eligibility(self, item: str, customer: str, service: str) -> dict[str, str]:
        """Every plant that makes `item` -> "" when it can serve `customer`, else why not."""
        clauses = self._clauses(item, customer, service)
        return {plant: _said(clause, [plant], customer) for plant, clause in clauses.items()}

    def _clauses(self, item: str, customer: str, service: str) -> dict[str, str]:
        """The same with the slots of every clause open: plants with equal ones share their words."""
        key = (item, customer, service == OWN_FREIGHT)
        if key not in self._eligible:
            found = {plant.id: self._plant_reason(plant, item, customer, service) for plant in self._makers(item)}
            self._eligible[key] = found
        return self._eligible[key]

    def reason(self, order: FileOrderSpec, customer: str, *, in_general: bool = False) -> str:
        """ "" when some plant or some stock can serve the order, else why none."""
        found = self._clauses(order.item, customer, order.service)
        if "" in found.values() or self._stocked(order, customer):
            return ""
        product, whom = IN_GENERAL if in_general else (order.item, customer)
        if not found:
            closed = self._materials.closed_suppliers(order.item)
            why = f", and {_listed(closed)} {_is(closed)} down {WHOLE}" if closed else ""
            return f"no plant makes {product}{why}"
        only = "only " if len(found) == 1 else ""
        verb = "makes" if len(found) == 1 else "make"
        return f"{only}{_listed(list(found))} {verb} {product}, and {_joined(found, whom)}"

    def lines_for(self, order: FileOrderSpec, customer: str) -> tuple[str, ...]:
        """The running lines (`plant.line`) of the eligible plants that make the order's item, sorted."""
        found = self.eligibility(order.item, customer, order.service)
        return tuple(
            sorted(
                f"{plant.id}.{line.id}"
                for plant in self._makers(order.item)
                if not found[plant.id]
                for line in plant.lines
                if f"{plant.id}.{line.id}" in self.line_rates and any(make.item == order.item for make in line.makes)
                if not self._materials.lacks(plant, line, order.item)
            )
        )

    def keeps(self, order: FileOrderSpec, customer: str) -> bool:
        """Whether the order can be served exactly as the file assigns it: by its plant, through its port."""
        if self.eligibility(order.item, customer, order.service).get(order.plant, "no"):
            return False
        if not order.port:
            return True
        own = order.service == OWN_FREIGHT
        return order.port in self._reached(order.plant, own, True) and customer in self._reached(order.port, own, True)

    @cached_property
    def line_rates(self) -> dict[str, Fraction]:
        """Line -> completions a day under the disruptions, for every line with a plain rate that is not down."""
        found = {}
        for plant in self.scenario.network.plants:
            for line in plant.lines:
                name = f"{plant.id}.{line.id}"
                if line.rate_per_day is not None and not self._line_down(plant, line):
                    found[name] = _exact(line.rate_per_day) * self._outages.best("line", name)
        return found

    def unbounded(self, pairs: Iterable[tuple[CustomerSpec, FileOrderSpec]]) -> str:
        """Why no flow bound is computed for these orders, or "" when one is."""
        if any(not order.plant for _, order in pairs):
            return "No bound on days: some orders name no plant and may be served from stock."
        if any(self._keepers(item) for item in sorted({order.item for _, order in pairs})):
            return "No bound on days: some orders may be served from stock."
        for plant in self.scenario.network.plants:
            for line in plant.lines:
                if line.makes and (line.rate_per_day is None or line.counts != "orders"):
                    return f"No bound on days: {plant.id}.{line.id} is not a plain rate that counts orders."
        return ""

    @cached_property
    def _outages(self) -> Outages:
        return Outages(self.scenario)

    @cached_property
    def _materials(self) -> Materials:
        return Materials(
            self.scenario.network,
            self._outages,
            self._line_down,
            lambda source, to: to in self._reached(source, True, True),
        )

    def _makers(self, item: str) -> tuple[PlantSpec, ...]:
        return self._makers_of.get(item, ())

    @cached_property
    def _makers_of(self) -> dict[str, tuple[PlantSpec, ...]]:
        found: dict[str, tuple[PlantSpec, ...]] = {}
        for plant in self.scenario.network.plants:
            for item in dict.fromkeys(make.item for line in plant.lines for make in line.makes):
                found[item] = (*found.get(item, ()), plant)
        return found

    def _line_down(self, plant: PlantSpec, line: LineSpec) -> bool:
        """Whether nothing ever leaves the line: it stands, or a machine of it that has no other beside it."""
        name, out = f"{plant.id}.{line.id}", self._outages.out
        return out("line", name) or any(out("machine", f"{name}.{machine.id}") for machine in line.machines)

    def _plant_reason(self, plant: PlantSpec, item: str, customer: str, service: str) -> str:
        """Why `plant` cannot serve `customer` with `item`, as a clause; "" when it can."""
        makers = [line for line in plant.lines if any(make.item == item for make in line.makes)]
        if all(self._line_down(plant, line) for line in makers):
            names = [f"{plant.id}.{line.id}" for line in makers]
            if all(plant.id in self._outages.because_of("line", name) for name in names):
                return f"{PLANT} {IS} down {WHOLE}"
            return f"{_listed(names)} {_is(makers)} down {WHOLE}"
        running = [line for line in makers if not self._line_down(plant, line)]
        lacking = [self._materials.lacks(plant, line, item) for line in running]
        if all(lacking):
            closed = self._materials.closed_suppliers(lacking[0])
            why = f": {_listed(closed)} {_is(closed)} down {WHOLE}" if closed else ""
            return f"no {lacking[0]} can come to {PLANT}{why}"
        if not choice.may_serve(plant.serves, customer):
            return f"{PLANT} may not deliver to {CUSTOMER}"
        return self._way_reason(plant.id, customer, service)

    def _way_reason(self, plant: str, customer: str, service: str) -> str:
        """Why nothing open leads from `plant` to `customer` for this service, as a clause; "" when something does."""
        own = service == OWN_FREIGHT
        if customer in self._reached(plant, own, True):
            return ""
        if customer in self._reached(plant, own, False):
            return f"the way from {PLANT} to {CUSTOMER} is closed: {self._closures(plant, own)}"
        if customer in self._reached(plant, True, True):
            return f"no lane from {PLANT} to {CUSTOMER} has a carrier for service {service or '(none)'}"
        return f"no lane leads from {PLANT} to {CUSTOMER}"

    def _reached(self, start: str, own: bool, disrupted: bool) -> frozenset[str]:
        """Every site that goods leaving `start` can reach over lanes that carry them, closed ones left out or not."""
        key = (start, own, disrupted)
        if key not in self._routes:
            out = self._outages.out if disrupted else _nothing_out
            reached = {start} if not out("site", start) else set()
            waiting = deque(sorted(reached))
            while waiting:
                for lane in self._lanes_from.get(waiting.popleft(), ()):
                    closed = out("lane", lane.id) or out("site", lane.target)
                    if lane.target not in reached and not closed and (own or lane.tariff.bands != ()):
                        reached.add(lane.target)
                        waiting.append(lane.target)
            self._routes[key] = frozenset(reached)
        return self._routes[key]

    def _closures(self, start: str, own: bool) -> str:
        """The closed sites and lanes that goods leaving `start` would otherwise use, as a clause."""
        open_anyway = self._reached(start, own, False)
        sites = [site for site in self._outages.names_out("site") if site in open_anyway]
        lanes = [
            lane.id
            for lane in self.scenario.network.lanes
            if lane.source in open_anyway
            and self._outages.out("lane", lane.id)
            and not {lane.source, lane.target} & {*sites}
        ]
        closed = sites + lanes
        return f"{_listed(closed)} {_is(closed)} closed {WHOLE}"

    @cached_property
    def _lanes_from(self) -> dict[str, list[LaneSpec]]:
        found: dict[str, list[LaneSpec]] = {}
        for lane in self.scenario.network.lanes:
            found.setdefault(lane.source, []).append(lane)
        return found

    def _stocked(self, order: FileOrderSpec, customer: str) -> bool:
        """Whether a site that keeps or buys the item reaches the customer."""
        own = order.service == OWN_FREIGHT
        return any(customer in self._reached(site, own, True) for site in self._keepers(order.item))

    def _keepers(self, item: str) -> list[str]:
        """The sites that start with some of the item, or replenish it from where there is some."""
        if item not in self._keepers_of:
            net = self.scenario.network
            keepers = [p.id for p in net.plants if self._keeps(p, item)]
            self._keepers_of[item] = keepers + [h.id for h in net.warehouses if self._keeps(h, item)]
        return self._keepers_of[item]

    def _keeps(self, site: PlantSpec | WarehouseSpec, item: str) -> bool:
        return bool(site.stock.get(item)) or (item in site.replenish and self._materials.comes(item, site.id))


def _nothing_out(what: str, name: str) -> bool:
    return False


def _as_assigned(
    reach: Reach, pairs: Iterable[tuple[CustomerSpec, FileOrderSpec]], count: int
) -> tuple[int, int | None]:
    """Orders served by the end of the horizon, and the day of the last servable one, when nobody moves any order."""
    load: Counter[tuple[str, ...]] = Counter()
    for customer, order in pairs:
        if reach.keeps(order, customer.id):
            lines = reach.lines_for(order, customer.id)
            load[tuple(line for line in lines if line.startswith(f"{order.plant}."))] += 1
    rates = reach.line_rates
    served = completed(load, rates, _exact(reach.scenario.horizon_s) / 86_400)
    return served, None if served < count else best_days(load, rates)


def _summary(
    reach: Reach, pairs: Iterable[tuple[CustomerSpec, FileOrderSpec]]
) -> tuple[tuple[str, int], ...]:  # fmt: skip
    """Reasons without product and customer, so that 600 products of one closed plant are one line; most first."""
    counts = Counter(reach.reason(order, customer.id, in_general=True) for customer, order in pairs)
    counts.pop("", None)
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def _joined(clauses: Mapping[str, str], customer: str) -> str:
    """The clauses of the plants in one sentence; plants that share a clause share its words."""
    groups: dict[str, list[str]] = {}
    for plant, clause in clauses.items():
        groups.setdefault(clause, []).append(plant)
    return "; ".join(_said(clause, plants, customer) for clause, plants in groups.items())


def _said(clause: str, plants: list[str], customer: str) -> str:
    """A clause about these plants, its slots filled."""
    return clause.replace(PLANT, _listed(plants)).replace(IS, _is(plants)).replace(CUSTOMER, customer)


def _shorter(scenario: ScenarioSpec) -> str:
    passing = Outages(scenario).uncounted()
    if not passing:
        return ""
    return f"Taken as over in time: {_listed(passing)} (shorter than the horizon)."


def _exact(value: object) -> Fraction:
    """A number as it is written in decimal, so that 0.7 x 10 is 7."""
    return Fraction(str(value))


def _days(days: int | None) -> str:
    return f"{days} day" if days == 1 else f"{days} days"


def _is(names: list[LineSpec] | list[str]) -> str:
    return "is" if len(names) == 1 else "are"


def _listed(names: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
