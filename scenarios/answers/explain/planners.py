"""What the local planners of way `fragmented` did, by the rules of plants.people.planner: rows for the chain."""

from typing import TYPE_CHECKING

from scenarios.answers.explain.explanation import Link
from scenarios.answers.explain.facts import Facts, Row
from scenarios.runs.folder import model_of

if TYPE_CHECKING:
    from plants.definition import PlantSpec, ReplenishSpec, WarehouseSpec


def first_source(facts: Facts, transfer: Row) -> str:
    """The first source of the list by which a transfer's target replenishes its item; "" when there is no list."""
    model = model_of(facts.run)
    if model is None:
        return ""
    sites: list[WarehouseSpec | PlantSpec] = [*model.network.warehouses, *model.network.plants]
    rules: dict[str, ReplenishSpec] = next((dict(s.replenish) for s in sites if s.id == transfer["target"]), {})
    rule = rules.get(transfer["item"])
    return rule.sources[0] if rule and rule.sources else ""


def planner_links(facts: Facts, order: Row, supply: list[Row]) -> list[Link]:
    """Who reacted without an engine: transfers called at a second source, orders given to a second server, orders
    placed elsewhere after a phone call. Nothing in other ways than `fragmented`."""
    if facts.rep.way != "fragmented":
        return []
    links = [link for o in [order, *supply] if o["kind"] == "transfer" for link in _second_source(facts, o)]
    links += [link for o in [order, *supply] for link in _faster_lane(facts, o)]
    if order["kind"] == "customer":
        links += _second_server(facts, order) + _by_phone(facts, order)
    return links


def re_sourced(facts: Facts, orders: list[Row]) -> list[Row]:
    """The transfers among the orders that were called at another source than the first of their list."""
    moved = [(o, first_source(facts, o)) for o in orders if o["kind"] == "transfer"]
    return [o for o, first in moved if first and o["first_site"] != first]


def _second_source(facts: Facts, transfer: Row) -> list[Link]:
    if not re_sourced(facts, [transfer]):
        return []
    first, target = first_source(facts, transfer), transfer["target"]
    stopped = facts.disruptions_of({first}, transfer["ordered_ms"], transfer["ordered_ms"])
    owed = f"it owed {target} goods for more than a day"
    why = f"{first} was called in as stopped, or {owed}" if stopped else owed
    said = f"rule 'second source': calls {transfer['order']} at {transfer['first_site']} instead of {first}, as {why}"
    return [Link(transfer["ordered_ms"], f"planner of {target}", said, 1)]


def _faster_lane(facts: Facts, order: Row) -> list[Link]:
    """What left by another lane than the first that the file names for its pair."""
    model = model_of(facts.run)
    lanes, links = model.network.lanes if model else (), []
    for shipment in facts.shipments_of.get(order["order"], ()):
        taken = facts.first_lane.get(shipment["id"], "")
        spec = next((lane for lane in lanes if lane.id == taken), None)
        if spec is None or not spec.mode:
            continue
        usual = next(x for x in lanes if (x.source, x.target) == (spec.source, spec.target))
        if usual is not spec:
            said = f"rule 'faster lane': sends {order['order']} by {spec.mode}, as it would be late by {usual.mode}"
            links.append(Link(shipment["departed_ms"], f"planner of {spec.source}", said, 1))
    return links


def _second_server(facts: Facts, order: Row) -> list[Link]:
    model = model_of(facts.run)
    customers = model.network.customers if model else ()
    listed = next((c.served_by for c in customers if c.id == order["customer"]), ())
    given = any(o.id == order["order"] and o.plant for c in customers for o in c.orders if c.id == order["customer"])
    if not listed or given or order["first_site"] == listed[0]:
        return []
    why = f"the stock of {listed[0]} does not cover it"
    said = f"rule 'second server': gives it to {order['first_site']} instead of {listed[0]}, as {why}"
    return [Link(order["ordered_ms"], "customer service", said, 1)]


def _by_phone(facts: Facts, order: Row) -> list[Link]:
    if not order["first_site"] or order["site"] == order["first_site"]:
        return []
    changed = [m for m in facts.messages if m["type"] == "order.changed" and m["subject"] == order["order"]]
    at = changed[0]["happened_ms"] if changed else order["ordered_ms"]
    said = f"rule 'phone': hears that {order['first_site']} stands and places it at {order['site']} by hand"
    return [Link(at, "planners", said, 1)]
