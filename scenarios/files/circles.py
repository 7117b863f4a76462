"""Supply that goes round in a circle: rules whose first sources lead back to where they began, and from nowhere.

ERP buys, makes or transfers by the first source of a rule. A place of an item therefore hangs on one other: the first
source's stock of it; or, where it is made, the components beside the line. Followed from place to place this must end
at a supplier, at a line that needs nothing, or at stock that nothing replenishes. Where it comes back instead, each
place would order from the next without end.
"""

from scenarios.errors import show
from scenarios.files.networkfile import NetworkFile, PlantPart, ReplenishPart, WarehousePart
from scenarios.files.nodes import Loc
from scenarios.files.references import Checker, find_cycle

MOST_CIRCLES = 10  # told of one file


def check_circles(c: Checker, file: NetworkFile) -> None:
    """A fault for each circle of places, at the rule that closes it."""
    hangs_on, where = _places(c, file)
    for _ in range(MOST_CIRCLES):
        circle = find_cycle(hangs_on)
        if not circle:
            return
        items = {place.partition(" at ")[0] for place in circle}
        if len(items) == 1:
            (item,) = items
            way = " > ".join(place.partition(" at ")[2] for place in circle)
            found = f"{show(item)} goes round in a circle and comes from nowhere: {way}"
        else:
            found = f"supply goes round in a circle and comes from nowhere: {' > '.join(circle)}"
        at = max(n for n, place in enumerate(circle[:-1]) if place in where)
        allowed = "allowed: a first source that leads to a supplier, or to a plant that makes it"
        c.fault(where[circle[at]], f"{found}. {allowed}")
        hangs_on[circle[at]] = []


def stores(file: NetworkFile) -> list[tuple[Loc, PlantPart | WarehousePart]]:
    """Every plant and warehouse, with its place in the file."""
    plants: list[tuple[Loc, PlantPart | WarehousePart]] = [(("plants", n), p) for n, p in enumerate(file.plants)]
    return [*plants, *((("warehouses", n), w) for n, w in enumerate(file.warehouses))]


def _places(c: Checker, file: NetworkFile) -> tuple[dict[str, list[str]], dict[str, Loc]]:
    """Place -> the places it hangs on, and where its rule stands. A place is `item at site`."""
    hangs_on: dict[str, list[str]] = {}
    where: dict[str, Loc] = {}
    sellers = {supplier.id for supplier in file.suppliers}
    for loc, site in stores(file):
        for item, rule in site.replenish.items():
            place = f"{item} at {site.id}"
            where[place] = _first_source(c, (*loc, "replenish", item, "from"))
            hangs_on[place] = _source_of(file, site.id, item, rule, sellers)
    for plant in file.plants:
        for item in dict.fromkeys(make.item for line in plant.lines for make in line.makes):
            hangs_on.setdefault(f"{item} at {plant.id}", _made_of(file, plant, item))
    return hangs_on, where


def _source_of(file: NetworkFile, site: str, item: str, rule: ReplenishPart, sellers: set[str]) -> list[str]:
    source = rule.from_[0]
    if source == site:
        plant = next((plant for plant in file.plants if plant.id == site), None)
        return _made_of(file, plant, item) if plant else []
    return [] if source in sellers else [f"{item} at {source}"]


def _made_of(file: NetworkFile, plant: PlantPart, item: str) -> list[str]:
    """The components beside the lines that make an item at a plant; none where a line never starves."""
    makers = [line for line in plant.lines if any(make.item == item for make in line.makes)]
    if not makers or any(line.supply for line in makers):
        return []
    boms = [bom for bom in file.boms if bom.item == item and bom.plant in (plant.id, None)]
    own = next((bom for bom in boms if bom.plant), boms[0] if boms else None)
    return [f"{component} at {plant.id}" for component in own.needs] if own else []


def _first_source(c: Checker, loc: Loc) -> Loc:
    node = c.root.at(loc)
    return (*loc, 0) if node is not None and isinstance(node.children, list) else loc
