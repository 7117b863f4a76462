"""What a network can do at best under its disruptions: which orders can be served at all, and in how many days.

Works on a loaded scenario, before any run, for customer orders read from files. An order is *servable* when at least
one plant makes its product, may serve its customer and reaches it over open lanes; disruptions count here only when
they last the whole horizon, everything shorter is taken as open later. The days are a maximum flow: order classes
(orders with the same eligible lines) into lines, each with the completions its rate allows in n days. No schedule can
beat such a bound; weight bands, prices and shorter disruptions can only make a schedule slower.

    source --orders--> class {L1, L2} --> line L1 --floor(rate x factor x n)--> sink

Refuses to know: randomness, stock dynamics, machines, weights. Networks of those get no bound, and a sentence why.
"""

from collections import Counter, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property

from plants.definition import CustomerSpec, DisruptionSpec, FileOrderSpec, LaneSpec, LineSpec, PlantSpec, ScenarioSpec
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
        if self.best_days is not None:
            said.append(
                f"At best they are done in {_days(self.best_days)}; the first day completes at most"
                f" {self.first_day_max:,} orders (maximum flow: rerouting can reach this, never beat it)."
            )
        if self.none_served is not None:
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


def completed(classes: Mapping[tuple[str, ...], int], rates: Mapping[str, Fraction], days: int) -> int:
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
        """ "" when some plant (or, for an order that names no plant, some stock) can serve the order, else why none."""
        found = self._clauses(order.item, customer, order.service)
        if "" in found.values() or (not order.plant and self._stocked(order, customer)):
            return ""
        product, whom = IN_GENERAL if in_general else (order.item, customer)
        if not found:
            return f"no plant makes {product}"
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
                if line.rate_per_day is not None and not self._line_down(plant, line):
                    slow = self._factor.get(plant.id, Fraction(1)) * self._factor.get(
                        f"{plant.id}.{line.id}", Fraction(1)
                    )
                    found[f"{plant.id}.{line.id}"] = _exact(line.rate_per_day) * slow
        return found

    def unbounded(self, pairs: Iterable[tuple[CustomerSpec, FileOrderSpec]]) -> str:
        """Why no flow bound is computed for these orders, or "" when one is."""
        if any(not order.plant for _, order in pairs):
            return "No bound on days: some orders name no plant and may be served from stock."
        for plant in self.scenario.network.plants:
            for line in plant.lines:
                if line.makes and (line.rate_per_day is None or line.counts != "orders"):
                    return f"No bound on days: {plant.id}.{line.id} is not a plain rate that counts orders."
        return ""

    @cached_property
    def _whole(self) -> dict[str, list[DisruptionSpec]]:
        """Target -> the disruptions that last from the start to the end of the horizon, by their own schedule."""
        found: dict[str, list[DisruptionSpec]] = {}
        for d in self.scenario.disruptions:
            if lasts_whole(d, self.scenario.horizon_s):
                found.setdefault(d.target, []).append(d)
        return found

    @cached_property
    def _factor(self) -> dict[str, Fraction]:
        found: dict[str, Fraction] = {}
        for target, disruptions in self._whole.items():
            for d in disruptions:
                if d.kind in ("plant-slow", "line-slow"):
                    found[target] = found.get(target, Fraction(1)) * _exact(d.extra.get("factor", 1.0))
        return found

    def _hit(self, target: str, *kinds: str) -> bool:
        return any(d.kind in kinds for d in self._whole.get(target, ()))

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
        name = f"{plant.id}.{line.id}"
        stopped = self._hit(plant.id, "plant-down") or self._hit(name, "line-down")
        stopped = stopped or any(self._hit(f"{name}.{machine.id}", "machine-down") for machine in line.machines)
        return stopped or self._factor.get(plant.id) == 0 or self._factor.get(name) == 0

    def _plant_reason(self, plant: PlantSpec, item: str, customer: str, service: str) -> str:
        """Why `plant` cannot serve `customer` with `item`, as a clause; "" when it can."""
        makers = [line for line in plant.lines if any(make.item == item for make in line.makes)]
        if self._hit(plant.id, "plant-down"):
            return f"{PLANT} {IS} down {WHOLE}"
        if all(self._line_down(plant, line) for line in makers):
            return f"{_listed([f'{plant.id}.{line.id}' for line in makers])} {_is(makers)} down {WHOLE}"
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
            reached = {start} if not (disrupted and self._hit(start, "site-closed")) else set()
            waiting = deque(sorted(reached))
            while waiting:
                for lane in self._lanes_from.get(waiting.popleft(), ()):
                    closed = disrupted and (self._hit(lane.id, "lane-closed") or self._hit(lane.target, "site-closed"))
                    if lane.target not in reached and not closed and (own or lane.tariff.bands != ()):
                        reached.add(lane.target)
                        waiting.append(lane.target)
            self._routes[key] = frozenset(reached)
        return self._routes[key]

    def _closures(self, start: str, own: bool) -> str:
        """The closed sites and lanes that goods leaving `start` would otherwise use, as a clause."""
        open_anyway = self._reached(start, own, False)
        sites = [target for target in self._whole if target in open_anyway and self._hit(target, "site-closed")]
        lanes = [
            lane.id
            for lane in self.scenario.network.lanes
            if lane.source in open_anyway and self._hit(lane.id, "lane-closed")
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
        network = self.scenario.network
        keepers = [plant.id for plant in network.plants if order.item in plant.stock or order.item in plant.replenish]
        keepers += [w.id for w in network.warehouses if order.item in w.stock or order.item in w.replenish]
        return any(customer in self._reached(site, own, True) for site in keepers)


def lasts_whole(disruption: DisruptionSpec, horizon_s: float) -> bool:
    """Whether a disruption is there from 0 to the horizon by its own fixed times, whatever is drawn."""
    if disruption.at_s is None or disruption.at_s > 0 or disruption.after is not None or disruption.until is not None:
        return False
    law = disruption.duration
    return law is None or (law.kind == "constant" and law.params[0] >= horizon_s)


def _as_assigned(
    reach: Reach, pairs: Iterable[tuple[CustomerSpec, FileOrderSpec]], count: int
) -> tuple[int, int | None]:
    """Orders served by the end of the horizon, and the day of the last servable one, when nobody moves any order."""
    load: Counter[str] = Counter()
    for customer, order in pairs:
        if reach.keeps(order, customer.id):
            load[next(line for line in reach.lines_for(order, customer.id) if line.startswith(f"{order.plant}."))] += 1
    horizon_days = _exact(reach.scenario.horizon_s) / 86_400
    served = sum(min(orders, int(reach.line_rates[line] * horizon_days)) for line, orders in load.items())
    if served < count:
        return served, None
    return served, max((-int(-orders // reach.line_rates[line]) for line, orders in load.items()), default=0)


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
    passing = [d.id for d in scenario.disruptions if not lasts_whole(d, scenario.horizon_s)]
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
