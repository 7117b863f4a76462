"""The names of a network: which exist, where each stands, and which are given twice.

Taken from the nodes before anything broken is pruned: a plant with a fault in it is not an unknown plant.
"""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from plants.systems import registry
from scenarios.errors import Fault, show
from scenarios.files.nodes import Loc, Node

# Letters of other scripts that look like Latin ones; an id must not differ from another by these alone.
_LOOKALIKE = str.maketrans(
    "аеорсухіјѕԁԛԝһпвнкмтαορυνικτχ",
    "aeopcyxijsdqwhnbhkmtaopuviktx",
)

SITE_KINDS = ("plants", "suppliers", "warehouses", "customers")


@dataclass
class Index:
    """Names by kind. Lines, machines, crews are dotted, a lane is `from>to` or `from>to:mode`; order is the file's."""

    items: dict[str, Loc] = field(default_factory=dict)
    calendars: dict[str, Loc] = field(default_factory=dict)
    plants: dict[str, Loc] = field(default_factory=dict)
    suppliers: dict[str, Loc] = field(default_factory=dict)
    warehouses: dict[str, Loc] = field(default_factory=dict)
    customers: dict[str, Loc] = field(default_factory=dict)
    lines: dict[str, Loc] = field(default_factory=dict)
    machines: dict[str, Loc] = field(default_factory=dict)
    crews: dict[str, Loc] = field(default_factory=dict)
    lanes: dict[str, Loc] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def sites(self) -> dict[str, Loc]:
        """Everything a lane may touch."""
        return {**self.plants, **self.suppliers, **self.warehouses, **self.customers}

    @property
    def depots(self) -> dict[str, Loc]:
        """What may hold stock: plants and warehouses."""
        return {**self.plants, **self.warehouses}

    @property
    def systems(self) -> list[str]:
        """Systems that can be a target: `erp`, `tms`, `lyon.mes`, `dc-west.wms`, `kyoto.portal`."""
        return registry.sources(list(self.plants), list(self.warehouses), list(self.suppliers))


def look(name: str) -> str:
    """What a name looks like: without case, composed, and in Latin letters."""
    return unicodedata.normalize("NFKC", name).casefold().translate(_LOOKALIKE)


def elements(root: Node, loc: Loc, key: str) -> Iterator[tuple[Loc, str]]:
    """(place, id) of every element of the list `key` below `loc` that has an id."""
    node = root.at((*loc, key))
    if node is None or not isinstance(node.children, list):
        return
    for n, element in enumerate(node.children):
        name = element.child("id")
        written = getattr(name.data, "text", name.data) if name else None
        if isinstance(written, str):
            yield (*loc, key, n), written


def network_index(root: Node) -> Index:
    """The names of a network file, with a fault for each that is given twice."""
    index = Index()
    sites: dict[str, tuple[str, Loc]] = {}
    crews: dict[str, tuple[str, Loc]] = {}
    for kind in SITE_KINDS:
        found: dict[str, Loc] = getattr(index, kind)
        for loc, name in elements(root, (), kind):
            _note(index, root, sites, (loc, name), "each id once among plants, suppliers, warehouses and customers")
            found.setdefault(name, loc)
    for kind in ("items", "calendars"):
        seen: dict[str, tuple[str, Loc]] = {}
        names: dict[str, Loc] = getattr(index, kind)
        for loc, name in elements(root, (), kind):
            _note(index, root, seen, (loc, name), f"each id once among {kind}")
            names.setdefault(name, loc)
    for plant, place in index.plants.items():
        lines: dict[str, tuple[str, Loc]] = {}
        for loc, name in elements(root, place, "lines"):
            _note(index, root, lines, (loc, name), "each id once among the lines of a plant")
            index.lines.setdefault(f"{plant}.{name}", loc)
            machines: dict[str, tuple[str, Loc]] = {}
            for below, machine in elements(root, loc, "machines"):
                _note(index, root, machines, (below, machine), "each id once among the machines of a line")
                index.machines.setdefault(f"{plant}.{name}.{machine}", below)
        for loc, name in elements(root, place, "crews"):
            _note(index, root, crews, (loc, name), "each id once among crews")
            index.crews.setdefault(f"{plant}.{name}", loc)
    _lanes(index, root)
    return index


def _note(index: Index, root: Node, seen: dict[str, tuple[str, Loc]], at: tuple[Loc, str], allowed: str) -> None:
    loc, name = at
    key = look(name)
    if key not in seen:
        seen[key] = (name, loc)
        return
    first, place = seen[key]
    node = root.at((*place, "id"))
    line = node.line if node else 0
    if first == name:
        found = f"id {show(name)} is given twice, first in line {line}"
    else:
        found = f"id {show(name)} looks like {show(first)} in line {line} (case and script do not tell ids apart)"
    index.faults.append(root.fault((*loc, "id"), f"{found}. allowed: {allowed}"))


def _ids(node: Node | None) -> list[tuple[str, Loc]]:
    if node is None:
        return []
    several = node.children if isinstance(node.children, list) else None
    places: list[tuple[Node, Loc]] = [(node, ())] if several is None else [(c, (n,)) for n, c in enumerate(several)]
    written = ((getattr(one.data, "text", one.data), loc) for one, loc in places)
    return [(text, loc) for text, loc in written if isinstance(text, str)]


def _lanes(index: Index, root: Node) -> None:
    lanes = root.at(("lanes",))
    for n, lane in enumerate(lanes.children if lanes and isinstance(lanes.children, list) else []):
        mode = next((text for text, _ in _ids(lane.child("mode"))), "")
        for source, _ in _ids(lane.child("from")):
            for target, below in _ids(lane.child("to")):
                loc = ("lanes", n, "to", *below)
                name = f"{source}>{target}:{mode}" if mode else f"{source}>{target}"
                if name in index.lanes:
                    node = root.at(index.lanes[name])
                    found = f"lane {show(name)} is given twice, first in line {node.line if node else 0}"
                    index.faults.append(root.fault(loc, f"{found}. allowed: one lane for each pair and mode"))
                index.lanes.setdefault(name, loc)
