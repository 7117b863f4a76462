"""A scenario or network file to the parameters of the world, strictly: everything wrong is named, all at once.

The way of a file: bytes > nodes (`nodes`) > `--set` overrides > one model per mapping (`networkfile`,
`scenariofile`) > CSVs (`tables`) > references (`references`) > definitions (`resolve`).
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

from plants.definition import FileOrderSpec, NetworkSpec, ScenarioSpec
from scenarios.errors import FAULT_CAP, Fault, InputError, nearest, show
from scenarios.files import resolve
from scenarios.files.clock import Clock, as_start
from scenarios.files.fields import SUPPORTED_VERSION, Context, as_timezone
from scenarios.files.index import Index, network_index
from scenarios.files.library import find
from scenarios.files.networkfile import NetworkFile
from scenarios.files.nodes import Node, Tree, Whole, read_tree
from scenarios.files.overrides import for_network, for_scenario, override
from scenarios.files.references import check_network
from scenarios.files.scenariofile import ScenarioFile
from scenarios.files.sourcing import check_sourcing
from scenarios.files.tables import Folder, Known, bands, file_orders
from scenarios.files.targets import check_scenario_file, disruption_ids
from scenarios.files.validation import validate
from sync.vocabulary.errors import Refused
from sync.vocabulary.tariff import Band

MANY = 100_000  # faults that are looked for in tables, where many say the same


@dataclass(frozen=True)
class LoadedNetwork:
    """A network that was read. `files`: relative name -> bytes of everything read; `root`: where each value stands."""

    network: NetworkSpec
    files: dict[str, bytes]
    warnings: list[str]
    root: Node


@dataclass(frozen=True)
class Loaded:
    """A scenario that was read, its network with it."""

    scenario: ScenarioSpec
    files: dict[str, bytes]
    warnings: list[str]
    root: Node
    network_root: Node
    path: Path

    @property
    def network(self) -> NetworkSpec:
        """The network of the scenario."""
        return self.scenario.network


@dataclass
class _Read:
    """A network file half way: what of it could be understood, and its faults."""

    tree: Tree
    model: NetworkFile | None
    index: Index
    faults: list[Fault]
    files: dict[str, bytes] = field(default_factory=dict)
    tables: resolve.Tables = field(default_factory=lambda: ({}, {}))
    warnings: list[str] = field(default_factory=list)


def kind_of(path: str) -> str:
    """`scenario` or `network`, by the top-level key of a file. Raises InputError when it is neither."""
    where, shown = find(path)
    root = read_tree(where, shown).root
    kinds = [k for k in ("scenario", "network") if isinstance(root.data, dict) and k in root.data]
    if not kinds:
        message = "this is neither a network nor a scenario. needed: a top-level key 'network' or 'scenario'"
        raise InputError([Fault(shown, root.line, root.column, "", message)])
    return kinds[0]


def load_network(path: str | Path, sets: Sequence[str] = ()) -> LoadedNetwork:
    """A network file, `sets` (`network.a.b=v`) put over it. Raises InputError with every fault."""
    other = for_scenario(sets)
    if other:
        found = "this would set a scenario, and the file is a network. allowed: network."
        raise InputError([Fault(f"--set {text}", 1, 1, "", found + text) for text in other])
    read = _read_network(Path(path), str(path), sets)
    if read.faults or read.model is None:
        raise InputError(_in_order(read.faults))
    world = resolve.network(read.model, read.tables)
    return LoadedNetwork(world, read.files, read.warnings, read.tree.root)


def network_of(path: str) -> LoadedNetwork:
    """The network of a network file, or of a scenario file. Raises InputError."""
    if kind_of(path) == "network":
        return load_network(path)
    loaded = load_scenario(path)
    root = loaded.network_root
    named = {name: raw for name, raw in loaded.files.items() if name != loaded.path.name}
    return LoadedNetwork(loaded.network, named, loaded.warnings, root)


def load_scenario(name_or_path: str, sets: Sequence[str] = (), at: Path | None = None) -> Loaded:
    """A scenario by path or library name, `sets` (see `overrides`) put over it and its network. Raises InputError with
    every fault."""
    path, shown = find(name_or_path, at)
    tree = read_tree(path, shown)
    root = tree.root
    faults = list(tree.faults)
    _expect(root, "scenario", "network", shown)
    faults += [f for text in for_scenario(sets) for f in override(root, text)]
    _check_version(root)
    start = _start_of(root)
    read, network_faults = _network_of(root, path, shown, for_network(sets), start)
    faults += network_faults
    currency = read.model.currency if read and read.model else "EUR"
    folder = Folder(path.parent, os.path.dirname(shown))
    context = Context(folder, currency, Clock(start, read.model.timezone if read and read.model else "UTC"))
    ids, more = disruption_ids(root)
    faults += more
    model, more = validate(ScenarioFile, root, context)
    faults += more
    faults += [f for e in context.input_errors for f in e.faults]
    warnings: list[str] = list(read.warnings) if read else []
    if model is not None:
        network = (read.model, read.index) if read and read.model else None
        faults += check_scenario_file(model, root, ids, network, warnings)
    if faults or model is None or read is None or read.model is None:
        raise InputError(_in_order(faults))
    world = resolve.network(read.model, read.tables)
    files = {path.name: tree.raw, **read.files, **folder.files}
    return Loaded(resolve.scenario(model, world), files, warnings, root, read.tree.root, path)


def _in_order(faults: Iterable[Fault]) -> list[Fault]:
    """Faults by file (in the order met) and place, each once."""
    faults = list(dict.fromkeys(faults))
    files = {f.file: n for n, f in reversed(list(enumerate(faults)))}
    return sorted(faults, key=lambda f: (files[f.file], f.line, f.column))


def _expect(root: Node, kind: str, other: str, shown: str) -> None:
    """Refuse what is not a mapping, and a file of the other kind."""
    if not isinstance(root.data, dict):
        message = f"{show(root.data)} is not a mapping. allowed: a {kind} file, which begins with 'version: 1'"
        raise InputError([Fault(shown, root.line, root.column, "", message)])
    is_network = "scenario" not in root.data and bool({"plants", "items", "lanes", "customers"} & set(root.data))
    if is_network != (kind == "network") and (is_network or "scenario" in root.data):
        raise InputError([Fault(shown, 1, 1, "", f"this is a {other} file. allowed: a {kind} file")])


def _check_version(root: Node) -> None:
    """A file of a newer version has that one fault; its other keys mean what we cannot know."""
    version = root.data.get("version")
    if isinstance(version, Whole) and version > SUPPORTED_VERSION:
        from scenarios.files.fields import as_version

        try:
            as_version(version)
        except Refused as refusal:
            raise InputError([root.fault(("version",), refusal.message)]) from None


def _start_of(root: Node) -> str:
    """The start that a scenario gives; the default where it gives none, or none that can be read."""
    try:
        return as_start(root.data.get("start", Clock.start))
    except Refused:
        return Clock.start


def _zone_of(root: Node) -> str:
    """The same for the zone of a network."""
    try:
        return as_timezone(root.data.get("timezone", Clock.zone))
    except Refused:
        return Clock.zone


def _network_of(
    root: Node, path: Path, shown: str, sets: Sequence[str], start: str
) -> tuple[_Read | None, list[Fault]]:
    """The network a scenario names; faults when it cannot be read."""
    name = root.data.get("network")
    if not isinstance(name, str):
        return None, []
    where = path.parent / name
    shown_name = os.path.join(os.path.dirname(shown), name)
    try:
        missing = not where.exists()
    except (OSError, ValueError):
        missing = True
    if missing:
        near = nearest(name, sorted(p.name for p in path.parent.glob("*.yaml")))
        message = f"file {show(name)} does not exist. allowed: the path of a network file, relative to this file{near}"
        return None, [root.fault(("network",), message)]
    try:
        read = _read_network(where, shown_name, sets, start)
    except InputError as e:
        return None, e.faults
    return read, read.faults


def _read_network(path: Path, shown: str, sets: Sequence[str] = (), start: str = Clock.start) -> _Read:
    """A network file with everything it names. Raises InputError only when nothing of it can be understood."""
    return _judged(read_tree(path, shown), path, shown, sets, start)


def judge_network(tree: Tree, path: Path, told: Callable[[list[Fault]], list[Fault]]) -> LoadedNetwork:
    """A network whose nodes come from elsewhere than a YAML file, as one at `path`; many alike faults may be told
    as one. Raises InputError."""
    read = _judged(tree, path, str(path), most=MANY)
    if read.faults or read.model is None:
        raise InputError(told(_in_order(read.faults)))
    return LoadedNetwork(resolve.network(read.model, read.tables), read.files, read.warnings, tree.root)


def _judged(
    tree: Tree, path: Path, shown: str, sets: Sequence[str] = (), start: str = Clock.start, most: int = FAULT_CAP
) -> _Read:
    root = tree.root
    _expect(root, "network", "scenario", shown)
    faults = [f for text in sets for f in override(root, text)]
    _check_version(root)
    folder = Folder(path.parent, os.path.dirname(shown))
    currency = root.data.get("currency")
    clock = Clock(start, _zone_of(root))
    context = Context(folder, currency if isinstance(currency, str) else "EUR", clock, most=most)
    index = network_index(root)
    model, more = validate(NetworkFile, root, context)
    read = _Read(tree, model, index, [*tree.faults, *faults, *more])
    read.faults += [f for e in context.input_errors for f in e.faults]
    if model is not None:
        read.tables, table_faults = _tables(model, root, folder, index, clock)
        read.faults += table_faults
        read.faults += check_network(model, root, index, read.warnings)
        if not read.faults:
            read.faults += check_sourcing(model, root, index, read.tables[1], read.warnings)
    read.files = {path.name: tree.raw, **folder.files}
    return read


def _tables(
    file: NetworkFile, root: Node, folder: Folder, index: Index, clock: Clock
) -> tuple[resolve.Tables, list[Fault]]:
    """Every CSV the network names, each file read once."""
    rates: dict[str, tuple[Band, ...]] = {}
    orders: dict[str, tuple[FileOrderSpec, ...]] = {}
    faults: list[Fault] = []

    def attempt(loc: tuple[str | int, ...], read: Callable[[], Any]) -> Any:
        try:
            return read()
        except Refused as refusal:
            faults.append(root.fault(loc, refusal.message))
        except InputError as e:
            faults.extend(e.faults)
        return ()

    for n, lane in enumerate(file.lanes):
        if lane.rates and lane.rates.file not in rates:
            name = lane.rates.file
            rates[name] = attempt(("lanes", n, "rates", "file"), partial(bands, folder, name))
    weights = {**dict.fromkeys(index.items, 0), **{i.id: i.weight_kg for i in file.items}}
    known = Known(file.currency, weights, frozenset(index.depots), frozenset(index.plants), clock=clock)
    for n, customer in enumerate(file.customers):
        if customer.orders.file is not None:
            asked = replace(known, due_from=customer.orders.due_from or "")
            read = partial(file_orders, folder, customer.orders.file, asked)
            loc = ("customers", n, "orders", "file")
            orders[customer.id] = attempt(loc, read)
            faults += [root.fault(loc, said) for said in _taken(orders, customer.id)]
    return (rates, orders), faults


def _taken(orders: dict[str, tuple[FileOrderSpec, ...]], customer: str) -> list[str]:
    """Order ids of one file that another file or ERP itself uses (each file's own are judged where it is read)."""
    others = {o.id: name for name, read in orders.items() if name != customer for o in read}
    said = []
    for order in orders[customer]:
        if order.id in others:
            said.append(f"order id {order.id} is also in the file of {others[order.id]}. allowed: each id once")
        elif order.id.startswith(("TO-", "PO-", "PU-")):
            said.append(
                f"order id {order.id} looks like one of ERP's own. allowed: ids without TO-, PO- or PU- in front"
            )
    return said[:3]
