"""Golden worlds: what whole runs said and did, as hashes of plain tables, held until a commit says why it changed them.

    pytest tests -k golden -m "slow or not slow"            compare every world, name what differs
    pytest tests -k golden -m "..." --renew-golden          write today's answers (`make golden`)

The event trace is left out on purpose: how a world is computed may change, what happens in it may not.
"""

import hashlib
import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from scenarios.files.loader import Loaded, load_scenario
from scenarios.importers.brunel import BrunelOptions, import_brunel
from scenarios.runs.replication import Replication
from scenarios.twin.assembly import Twin, assemble
from scenarios.twin.runner import find_unservable
from scenarios.ways import WAYS
from sync.vocabulary.decisions import Decision
from tests.common.oracle_brunel import brunel_folder

FOLDER = Path(__file__).parent / "golden"
LIBRARY = ("line-stoppage", "component-delay", "serial-line")
BRUNEL = ("brunel", "brunel-plant03-half", "brunel-plant03-out", "brunel-port04-closed")
SEEDS = (1, 2, 3)
TABLES = ("orders", "ledger", "messages", "commands")  # acknowledgements stand in the rows of their commands
MOVE = (
    "order",
    "kind",
    "item",
    "quantity",
    "source",
    "to",
    "target",
    "extra_cost_minor",
    "late_ms_before",
    "late_ms_after",
)


@dataclass(frozen=True)
class World:
    """One world of the collection. Brunel worlds draw nothing that depends on the seed, so they have one."""

    scenario: str
    way: str
    seed: int

    def __str__(self) -> str:
        return f"{self.scenario}/{self.way}/{self.seed}"


WORLDS = [World(s, w, n) for s in LIBRARY for w in WAYS for n in SEEDS] + [World(s, w, 1) for s in BRUNEL for w in WAYS]


@cache
def loaded(scenario: str) -> Loaded:
    """A scenario of the library, or one that the Brunel importer writes. Skips where the data is absent."""
    if scenario in LIBRARY:
        return load_scenario(scenario)
    return load_scenario(str(brunel_files() / f"{scenario}.yaml"))


@cache
def brunel_files() -> Path:
    out = Path(tempfile.mkdtemp(prefix="brunel-"))
    import_brunel(brunel_folder(), out, BrunelOptions())
    return out


def simulated(world: World) -> tuple[Twin, Replication]:
    """The twin at its horizon and what it says of itself."""
    scenario = loaded(world.scenario).scenario
    twin = assemble(scenario, world.way, world.seed, unservable=find_unservable(scenario))
    twin.env.advance(scenario.horizon_s)
    twin.finish()
    return twin, twin.result()


def portrait(found: Replication) -> dict[str, Any]:
    """Every table, the decisions' moves and the KPIs of a world: small enough to keep, whole enough to notice."""
    said: dict[str, Any] = {name: _hash(found.tables.get(name) or {}) for name in TABLES}
    said["moves"] = _hash([_moves(decision) for decision in found.decisions])
    said["kpis"] = {name: repr(value) for name, value in sorted(found.kpis.items())}
    return said


def _moves(decision: Decision) -> list[Any]:
    return [decision.id, decision.time_ms, [[getattr(move, key) for key in MOVE] for move in decision.moves]]


def _hash(data: Any) -> str:
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]


def golden(world: World) -> dict[str, Any]:
    """`made_with`: versions that answers depend on, and the portrait kept of a world."""
    return dict(json.loads(_file(world).read_text()))


def keep(world: World, found: dict[str, Any]) -> None:
    """Write today's portrait in place of the one that is kept."""
    FOLDER.mkdir(exist_ok=True)
    _file(world).write_text(json.dumps({"made_with": made_with(), **found}, indent=1, sort_keys=True) + "\n")


def _file(world: World) -> Path:
    return FOLDER / f"{world.scenario}-{world.way}-{world.seed}.json"


def made_with() -> dict[str, str]:
    return {name: version(name) for name in ("highspy", "numpy")}


def differences(expected: dict[str, Any], found: dict[str, Any]) -> Iterator[str]:
    """In words, part by part, what is not as it was. A KPI that is new is no difference."""
    for part in (*TABLES, "moves"):
        if expected[part] != found[part]:
            yield f"{part}: other than before"
    for name, value in expected["kpis"].items():
        if found["kpis"].get(name) != value:
            yield f"kpi {name}: {value} before, {found['kpis'].get(name, 'gone')} now"
