"""What the network's files say about who could serve an order: makers, rules, routes, and the disruptions on top."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from scenarios.answers.explain.facts import Facts, Row
from scenarios.answers.wording import listed
from scenarios.runs.folder import model_of

if TYPE_CHECKING:
    from plants.definition import FileOrderSpec, NetworkSpec, ScenarioSpec


def reasons(facts: Facts, order: Row) -> list[tuple[str, str, str]]:
    """(plant, why it cannot serve the order, why it could not even undisturbed) for every plant that makes the item;
    "" = it can. Empty for orders that are not read from a file."""
    model = model_of(facts.run)
    listed_order = _file_order(model, order) if model else None
    if model is None or listed_order is None:
        return []
    from scenarios.feasibility.bounds import eligibility

    now = eligibility(model, listed_order, order["customer"])
    calm = eligibility(replace(model, disruptions=()), listed_order, order["customer"])
    return [(plant, why, calm.get(plant, "")) for plant, why in now.items()]


def _file_order(model: "ScenarioSpec", order: Row) -> "FileOrderSpec | None":
    for customer in model.network.customers:
        if customer.id == order["customer"]:
            return next((o for o in customer.orders if o.id == order["order"]), None)
    return None


def why_not_site(facts: Facts, order: Row, site: str) -> dict[str, Any]:
    """{"sentences": [...]} from the master data, or {"unknown": True, "hint": ...} when there is no such place."""
    model = model_of(facts.run)
    if model is None:
        return {}
    network = model.network
    names = [p.id for p in network.plants] + [w.id for w in network.warehouses]
    found = next((n for n in names if n.casefold() == site.casefold()), None)
    if found is None:
        import difflib

        near = difflib.get_close_matches(site, names, 1)
        return {"unknown": True, "hint": f"did you mean '{near[0]}'?" if near else f"there are {listed(names, 30)}."}
    if found == order["site"]:
        return {"sentences": [f"{found} is the site that serves it."]}
    exact = {plant: why for plant, why, _ in reasons(facts, order)}
    if exact.get(found):
        return {"sentences": [f"{found}: {exact[found]}."]}
    return {"sentences": _said(network, order, found)}


def _said(network: "NetworkSpec", order: Row, site: str) -> list[str]:
    said = []
    plant = next((p for p in network.plants if p.id == site), None)
    item, target = order["item"], order["target"]
    if plant is not None:
        if not any(make.item == item for line in plant.lines for make in line.makes):
            said.append(f"{site} does not make {item}.")
        if plant.serves is not None and order["kind"] == "customer" and target not in plant.serves:
            said.append(f"{site} may deliver only to {listed(plant.serves)}.")
    elif item not in next(w for w in network.warehouses if w.id == site).stock and order["kind"] == "customer":
        said.append(f"{site} does not stock {item}.")
    if not _reaches(network, site, target):
        said.append(f"no chain of lanes leads from {site} to {target}.")
    return said or [f"by the network's files {site} could serve it: it makes or stocks {item} and reaches {target}."]


def _reaches(network: "NetworkSpec", source: str, target: str) -> bool:
    todo, seen = [source], {source}
    while todo:
        place = todo.pop()
        for lane in network.lanes:
            if lane.source == place and lane.target not in seen:
                seen.add(lane.target)
                todo.append(lane.target)
    return target in seen
