"""Whether goods can get where they are wanted: sources that can supply, and lanes that lead there.

Only asked of a network whose names are in order. Finite stock counts as a source; capacity per time is the business of
`feasibility`.
"""

from plants.definition import FileOrderSpec
from scenarios.errors import Fault, listed, show
from scenarios.files.circles import check_circles
from scenarios.files.demandfile import CustomerPart
from scenarios.files.index import Index
from scenarios.files.networkfile import NetworkFile, PlantPart, WarehousePart
from scenarios.files.nodes import Loc, Node
from scenarios.files.references import Checker
from scenarios.files.rooms import check_rooms

Orders = dict[str, tuple[FileOrderSpec, ...]]


class Ways:
    """Who can supply what, and who reaches whom."""

    def __init__(self, file: NetworkFile) -> None:
        self.offers: dict[str, set[str]] = {s.id: set(s.items) for s in file.suppliers}
        for plant in file.plants:
            made = {make.item for line in plant.lines for make in line.makes}
            self.offers[plant.id] = made | set(plant.replenish) | {i for i, n in plant.stock.items() if n}
        for warehouse in file.warehouses:
            self.offers[warehouse.id] = set(warehouse.replenish) | {i for i, n in warehouse.stock.items() if n}
        self.makes = {p.id: {m.item for line in p.lines for m in line.makes} for p in file.plants}
        self.lanes: dict[str, list[str]] = {}
        for lane in file.lanes:
            for source in lane.from_:
                self.lanes.setdefault(source, []).extend(lane.to)
        ends = {s.id for s in file.suppliers} | {c.id for c in file.customers}
        self.ends = ends
        self._reached: dict[str, set[str]] = {}

    def reach(self, source: str) -> set[str]:
        """Every site that a chain of lanes from `source` leads to; it passes through plants and warehouses."""
        if source in self._reached:
            return self._reached[source]
        seen = {source}
        waiting = [source]
        while waiting:
            site = waiting.pop()
            for target in self.lanes.get(site, ()):
                if target not in seen:
                    seen.add(target)
                    if target not in self.ends:
                        waiting.append(target)
        self._reached[source] = seen
        return seen

    def why_not(self, source: str, item: str, target: str) -> str:
        """Why `source` cannot bring `item` to `target`; empty when it can."""
        if item not in self.offers.get(source, ()):
            return f"{show(source)} has no {show(item)} to supply"
        if target not in self.reach(source):
            return f"no lane leads from {show(source)} to {show(target)}"
        return ""


def check_sourcing(file: NetworkFile, root: Node, index: Index, orders: Orders, warnings: list[str]) -> list[Fault]:
    """Faults of replenishment and demand that nothing can meet."""
    c = Checker(root, index, warnings)
    ways = Ways(file)
    for n, plant in enumerate(file.plants):
        _rules(c, ("plants", n), ways, plant)
    for n, warehouse in enumerate(file.warehouses):
        _rules(c, ("warehouses", n), ways, warehouse)
    check_circles(c, file)
    check_rooms(c, file)
    for n, customer in enumerate(file.customers):
        _demand(c, ("customers", n), ways, customer, orders.get(customer.id, ()))
    return c.faults


def _rules(c: Checker, place: Loc, ways: Ways, site: PlantPart | WarehousePart) -> None:
    for item, rule in site.replenish.items():
        loc: Loc = (*place, "replenish", item, "from")
        node = c.root.at(loc)
        many = node is not None and isinstance(node.children, list)
        for k, source in enumerate(rule.from_):
            _source(c, (*loc, k) if many else loc, ways, source, item=item, site=site.id)


def _source(c: Checker, loc: Loc, ways: Ways, source: str, *, item: str, site: str) -> None:
    if source == site:
        if item not in ways.makes.get(site, ()):
            c.fault(
                loc, f"{show(site)} replenishes {show(item)} from itself and does not make it. allowed: another site"
            )
        return
    why = ways.why_not(source, item, site)
    if why:
        able = [s for s in ways.offers if s != site and not ways.why_not(s, item, site)]
        c.fault(loc, f"{why}. allowed: {listed(able)}")


def _demand(c: Checker, loc: Loc, ways: Ways, customer: CustomerPart, rows: tuple[FileOrderSpec, ...]) -> None:
    sites = customer.served_by or ()
    if customer.orders.file is not None:
        loose = sum(1 for row in rows if not row.plant)
        if loose and not sites:
            c.fault(
                loc, f"demand without any source: {loose} orders name no plant. needed: 'served_by', or a column plant"
            )
        return
    if not sites:
        c.fault(loc, "demand without any source: key 'served_by' is missing. needed: sites that serve this customer")
        return
    for item in customer.orders.items:
        whys = [ways.why_not(site, item, customer.id) for site in sites]
        if all(whys):
            able = [s for s in c.index.depots if not ways.why_not(s, item, customer.id)]
            found = f"demand without any source: {whys[0]}"
            c.fault((*loc, "orders", "items", item), f"{found}. allowed in served_by: {listed(able)}", key=True)
        elif whys[0]:
            c.warn((*loc, "served_by", 0), f"{whys[0]}; the plan in force has no other source for it")
