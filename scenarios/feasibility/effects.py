"""What a file says and nothing asks: keys without effect yet, and keys without effect in this network.

Each is a warning that names it, so that nothing is accepted and ignored in silence.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from plants.definition import NetworkSpec, PlantSpec, ScenarioSpec, WarehouseSpec
from plants.disruptions.kinds import KINDS
from scenarios.errors import show
from scenarios.files.kinds import NoEffect
from scenarios.files.networkfile import NetworkFile
from scenarios.files.nodes import Loc, Node
from scenarios.files.schema import written_default
from sync.vocabulary.policy import USED

Note = Callable[[Loc, str], None]


def network_effects(network: NetworkSpec, root: Node, note: Note) -> None:
    """Tell `note` of every key of a network file that changes nothing. root: the file's nodes."""
    for loc, why in _marked(NetworkFile, root, ()):
        note(loc, f"this has no effect yet: {why}")
    _unused_parts(network, note)
    _unused_supply(network, note)
    _unused_weights(network, note)


def scenario_effects(scenario: ScenarioSpec, note: Note) -> None:
    """The same for a scenario file."""
    for action in scenario.policy.approvals:
        if action not in USED:
            note(("policy", "approvals", action), f"nothing asks for {show(action)} yet. in use: {', '.join(USED)}")
    if scenario.policy.approvals and "synced" not in scenario.ways:
        note(("policy",), "this has no effect here: only the engine asks, and 'synced' is not among the ways")
    for n, disruption in enumerate(scenario.disruptions):
        for key in KINDS[disruption.kind].keys:
            given = disruption.extra.get(key.stored)
            why = KINDS[disruption.kind].idle(key.name, given) if given is not None else ""
            if why:
                note(("disruptions", n, key.name), f"this has no effect yet: {why}")
        item, there = disruption.extra.get("item"), _items_at(scenario, disruption.target)
        if item and there and item not in there:
            listed = ", ".join(sorted(there))
            note(
                ("disruptions", n, "item"), f"no {show(item)} at {disruption.target}: it has no effect. there: {listed}"
            )


def _items_at(scenario: ScenarioSpec, target: str) -> set[str]:
    """The items that a customer orders, a supplier offers or a site may ever have; nothing where it cannot be told (the
    engine may bring any item to a site)."""
    net = scenario.network
    for customer in net.customers:
        if customer.id == target:
            drawn = {item for item, share in customer.stream.shares.items() if share} if customer.stream else set()
            return drawn | {order.item for order in customer.orders}
    for supplier in net.suppliers:
        if supplier.id == target:
            return set(supplier.items)
    sites: list[PlantSpec | WarehouseSpec] = [*net.plants, *net.warehouses]
    for site in sites:
        if site.id == target and "synced" not in scenario.ways:
            lines = site.lines if isinstance(site, PlantSpec) else ()
            made = {make.item for line in lines for make in line.makes}
            return made | {item for item, pieces in site.stock.items() if pieces} | set(site.replenish)
    return set()


def people_effects(scenario: ScenarioSpec, note: Note) -> None:
    """Of a network's people, those whom this scenario asks nothing. note: at the network's nodes."""
    asked = {"planner", *(approval.by for approval in scenario.policy.approvals.values())}
    for n, person in enumerate(scenario.network.people):
        if person.role not in asked:
            note(("people", n, "role"), f"no policy asks {show(person.role)}: this person has no effect here")


def tariff_gaps(network: NetworkSpec, note: Note) -> None:
    """Weights that no row of a lane's rates carries: a run takes the nearest row's price for them, and tells so by
    orders_unpriced. A step of 10 g between two rows, as 499.99 and 500 kg leave it, is none."""
    for lane in network.lanes:
        bands = sorted(lane.tariff.bands or (), key=lambda band: band.min_g)
        top = bands[0].max_g if bands else 0
        for band in bands:
            if band.min_g > top + 10:
                found = f"the rates of {lane.id} carry nothing between {top / 1000:g} and {band.min_g / 1000:g} kg"
                note(("lanes",), f"{found}: the nearest row's price is taken")
            top = max(top, band.max_g)


def _marked(model: Any, node: Node, loc: Loc) -> Iterator[tuple[Loc, str]]:
    """Every key below a mapping that is given, is not its default, and is marked as being without effect."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        child = node.child(key)
        if child is None:
            continue
        why = next((mark.why for mark in field.metadata if isinstance(mark, NoEffect)), "")
        if why and child.data not in (written_default(field), [], {}, None):
            yield (*loc, key), why
        elif not why:
            yield from _marked_inside(field.annotation, child, (*loc, key))


def _marked_inside(annotation: Any, node: Node, loc: Loc) -> Iterator[tuple[Loc, str]]:
    inside = annotation
    while hasattr(inside, "__metadata__"):
        inside = get_args(inside)[0]
    if isinstance(inside, type) and issubclass(inside, BaseModel):
        yield from _marked(inside, node, loc)
    elif get_origin(inside) in (list, dict):
        steps: Any = node.children if isinstance(node.children, dict) else range(len(node.children or ()))
        for step in steps:
            below = node.child(step)
            if below is not None:
                yield from _marked_inside(get_args(inside)[-1], below, (*loc, step))


def _unused_parts(network: NetworkSpec, note: Note) -> None:
    """Calendars and crews that nobody works by, and preferences without a choice."""
    lines = [line for plant in network.plants for line in plant.lines]
    crews = [crew for plant in network.plants for crew in plant.crews]
    used = {plant.calendar for plant in network.plants} | {supplier.calendar for supplier in network.suppliers}
    used |= {person.calendar for person in network.people} | {line.calendar for line in lines}
    used |= {crew.calendar for crew in crews}
    for n, name in enumerate(network.calendars):
        if name not in used:
            note(("calendars", n), f"nobody works by {show(name)}: it has no effect")
    for n, plant in enumerate(network.plants):
        asked = {machine.crew for line in plant.lines for machine in line.machines}
        for k, crew in enumerate(plant.crews):
            if crew.id not in asked:
                note(("plants", n, "crews", k), f"no machine calls {show(crew.id)}: it has no effect")
        makers = Counter(make.item for line in plant.lines for make in line.makes)
        for k, line in enumerate(plant.lines):
            for i, make in enumerate(line.makes):
                if make.prefer and makers[make.item] == 1:
                    at: Loc = ("plants", n, "lines", k, "makes", i, "prefer")
                    note(at, f"no other line of {plant.id} makes {show(make.item)}: a preference has no effect")
            for i, machine in enumerate(line.machines):
                if machine.crew and machine.fails is None and not machine.maintenance:
                    loc: Loc = ("plants", n, "lines", k, "machines", i, "crew")
                    note(loc, f"{show(machine.id)} neither fails nor is maintained: its crew has no effect")


def _unused_supply(network: NetworkSpec, note: Note) -> None:
    """Suppliers and their offers that no rule names, bills of what nobody makes, lanes that nothing comes to."""
    stores: list[PlantSpec | WarehouseSpec] = [*network.plants, *network.warehouses]
    wanted = {(source, item) for site in stores for item, rule in site.replenish.items() for source in rule.sources}
    for n, supplier in enumerate(network.suppliers):
        for item in supplier.items:
            if (supplier.id, item) not in wanted:
                note(("suppliers", n, "items", item), f"no rule buys {show(item)} from {show(supplier.id)}")
    made = {(plant.id, make.item) for plant in network.plants for line in plant.lines for make in line.makes}
    for n, bom in enumerate(network.boms):
        if not any(item == bom.item and bom.plant in (plant, None) for plant, item in made):
            where = f" at {bom.plant}" if bom.plant else ""
            note(("boms", n), f"nobody makes {show(bom.item)}{where}: its bill of material has no effect")
    sellers = {supplier.id for supplier in network.suppliers}
    asked = {lane.target for lane in network.lanes}
    holding = {source for source, _ in wanted} | {plant for plant, _ in made}
    holding |= {site.id for site in stores if any(site.stock.values())}
    for lane in network.lanes:
        if lane.target in sellers or not (lane.source in holding or lane.source in asked):
            note(("lanes",), f"nothing can ever travel on {lane.id}: it has no effect")


def _unused_weights(network: NetworkSpec, note: Note) -> None:
    """Weights that no tariff and no emission asks for; rooms of a day that nothing is kept together in."""
    weighed = any(lane.tariff.bands is not None or lane.co2_g_per_kg for lane in network.lanes)
    for n, item in enumerate(network.items):
        if item.weight_g and not weighed:
            note(("items", n, "weight_kg"), "no lane has rates or co2: a weight has no effect")
    if not any(item.weight_g for item in network.items) and not any(
        order.weight_g for customer in network.customers for order in customer.orders
    ):
        for lane in network.lanes:
            if lane.co2_g_per_kg:
                note(("lanes",), f"nothing has a weight: the co2 of {lane.id} has no effect")
    for lane in network.lanes:
        if lane.ships == "whole" and lane.capacity_per_day is None:
            note(("lanes",), f"{lane.id} has no capacity: 'ships: whole' has no effect")
