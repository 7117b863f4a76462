"""Injected disruptions: which kind may have which target in a running world, said in one sentence when it may not.

The table of kinds is that of scenario files (scenarios.targets); here the names come from the built definition.
"""

from collections.abc import Mapping

from plants import definition as d
from scenarios.errors import nearest
from scenarios.targets import TARGETS


def names(network: d.Network) -> dict[str, list[str]]:
    """What may be a target -> every name of it, in the file's order."""
    plants = [p.id for p in network.plants]
    warehouses = [w.id for w in network.warehouses]
    systems = ["erp", "tms"]
    systems += [f"{p}.{s}" for p in plants for s in ("mes", "qms", "wms")]
    systems += [f"{w}.wms" for w in warehouses] + [f"{s.id}.portal" for s in network.suppliers]
    return {
        "plants": plants,
        "warehouses": warehouses,
        "lines": [f"{p.id}.{line.id}" for p in network.plants for line in p.lines],
        "machines": [f"{p.id}.{line.id}.{m.id}" for p in network.plants for line in p.lines for m in line.machines],
        "crews": [f"{p.id}.{crew.id}" for p in network.plants for crew in p.crews],
        "suppliers": [s.id for s in network.suppliers],
        "customers": [c.id for c in network.customers],
        "lanes": [lane.id for lane in network.lanes],
        "systems": systems,
    }


def refusal(network: d.Network, kind: str, target: str, kinds: Mapping[str, object]) -> str:
    """Why this disruption cannot be, or ""."""
    if kind not in kinds:
        return f"there is no disruption '{kind}'. allowed: {', '.join(kinds)}{nearest(kind, list(kinds))}"
    every = names(network)
    allowed = [name for what in TARGETS[kind] for name in every[what]]
    if target in allowed:
        return ""
    what = " or ".join(TARGETS[kind]).replace("s or", " or").removesuffix("s")
    return f"{kind} needs a {what} as target, and '{target}' is none{nearest(target, allowed) or _few(allowed)}"


def _few(allowed: list[str]) -> str:
    return f". there are: {', '.join(allowed[:8])}" + (f" and {len(allowed) - 8} more" if len(allowed) > 8 else "")
