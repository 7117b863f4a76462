"""What a file refers to must exist and make sense together. Every fault at its exact place."""

from dataclasses import dataclass, field

from scenarios.errors import Fault
from scenarios.networkfile import NetworkFile
from scenarios.resolve import Tables
from scenarios.scenariofile import ScenarioFile
from scenarios.yamlnodes import Node


@dataclass
class Index:
    """The ids of a file by kind, taken before anything broken is pruned: a broken plant is not an unknown one."""

    items: dict[str, None] = field(default_factory=dict)
    calendars: dict[str, None] = field(default_factory=dict)
    plants: set[str] = field(default_factory=set)
    depots: set[str] = field(default_factory=set)


def network_index(root: Node) -> Index:
    i = Index()
    for k in ("items",):
        for x in root.data.get(k, ()):
            i.items[x["id"]] = None
    i.plants = {x["id"] for x in root.data.get("plants", ())}
    i.depots = {x["id"] for x in root.data.get("warehouses", ())} | i.plants
    return i


def scenario_index(root: Node) -> list[str]:
    return []


def check_network(
    file: NetworkFile, root: Node, index: Index, tables: Tables, broken: bool, warnings: list[str]
) -> list[Fault]:
    return []


def check_scenario_file(
    file: ScenarioFile, root: Node, index: list[str], network: Index | None, warnings: list[str]
) -> list[Fault]:
    return []
