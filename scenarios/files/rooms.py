"""Does what is ordered fit into the room there is? Both numbers are named where it does not.

The least that a source sends at once (a minimum order, a pack, a lot) and the most that a rule fills up to must fit
into the site; an order that ships whole must fit where it is served. Sums over several items are a warning: goods come
and go.
"""

from scenarios.errors import show
from scenarios.files.circles import stores
from scenarios.files.demandfile import CustomerPart
from scenarios.files.networkfile import NetworkFile, PlantPart, ReplenishPart, WarehousePart
from scenarios.files.nodes import Loc
from scenarios.files.references import Checker


def check_rooms(c: Checker, file: NetworkFile) -> None:
    """Faults of every site with a capacity, and of the orders that it serves."""
    minimums = {(s.id, item): offer.moq for s in file.suppliers for item, offer in s.items.items()}
    rooms: dict[str, int] = {}
    for loc, site in stores(file):
        if site.capacity is not None:
            rooms[site.id] = site.capacity
            _site(c, loc, site, site.capacity, minimums)
    for n, plant in enumerate(file.plants):
        if plant.capacity is not None:
            _lots(c, ("plants", n), plant, plant.capacity)
    for n, customer in enumerate(file.customers):
        _served(c, ("customers", n), customer, rooms)


def _site(
    c: Checker, loc: Loc, site: PlantPart | WarehousePart, room: int, minimums: dict[tuple[str, str], int]
) -> None:
    filled = 0
    for item, rule in site.replenish.items():
        place: Loc = (*loc, "replenish", item)
        for k, source in enumerate(rule.from_):
            moq = minimums.get((source, item), 0)
            if moq > room:
                node = c.root.at((*place, "from"))
                many = node is not None and isinstance(node.children, list)
                found = f"the minimum order of {show(source)} is {moq}, and the capacity of {show(site.id)} is {room}"
                at: Loc = (*place, "from", k) if many else (*place, "from")
                c.fault(at, f"{found}. allowed: a capacity of at least the minimum")
        filled += _level(c, place, rule, room)
    if filled > room >= max((_most(rule) for rule in site.replenish.values()), default=0):
        c.warn((*loc, "capacity"), f"its rules fill up to {filled} pieces together, and the capacity is {room}")


def _level(c: Checker, loc: Loc, rule: ReplenishPart, room: int) -> int:
    """Faults of the levels of one rule; returns the position that it fills up to."""
    for key, level in (("s", rule.s), ("S", rule.big_s), ("r", rule.r), ("q", rule.q)):
        if level is not None and level > room:
            c.fault((*loc, key), f"{key} {level} is over the capacity {room}. allowed: at most that")
    if rule.r is not None and rule.q is not None and max(rule.r, rule.q) <= room < rule.r + rule.q:
        c.warn(loc, f"r {rule.r} and q {rule.q} fill up to {rule.r + rule.q} pieces, and the capacity is {room}")
    return _most(rule)


def _most(rule: ReplenishPart) -> int:
    return rule.big_s or (rule.r or 0) + (rule.q or 0)


def _lots(c: Checker, loc: Loc, plant: PlantPart, room: int) -> None:
    for n, line in enumerate(plant.lines):
        for k, make in enumerate(line.makes):
            if make.lot > room:
                found = f"lot {make.lot} is over the capacity {room} of {show(plant.id)}"
                c.fault((*loc, "lines", n, "makes", k, "lot"), f"{found}. allowed: at most that")


def _served(c: Checker, loc: Loc, customer: CustomerPart, rooms: dict[str, int]) -> None:
    """An order that must leave whole is kept together at the site that serves it."""
    orders, sites = customer.orders, customer.served_by or ()
    if orders.quantity is None or orders.partial or orders.quantity.kind != "constant" or not sites:
        return
    pieces = int(orders.quantity.mean)
    small = [site for site in sites if rooms.get(site, pieces) < pieces]
    if len(small) == len(sites):
        found = f"{pieces} pieces leave together, and the capacity of {show(small[0])} is {rooms[small[0]]}"
        c.fault((*loc, "orders", "quantity"), f"{found}. allowed: at most that, or partial: true")
    elif small and small[0] == sites[0]:
        found = f"{pieces} pieces leave together, and the capacity of {show(small[0])} is {rooms[small[0]]}"
        c.warn((*loc, "orders", "quantity"), f"{found}; the plan in force has no other site for it")
