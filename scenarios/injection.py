"""Which kind of disruption may have which target; said in one sentence when it may not."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches

from plants import definition as d

PLANT_KINDS = ("plant-down", "plant-slow")


def targets(network: d.Network) -> dict[str, list[str]]:
    """kind of target -> every name of it, in the file's order."""
    plants = [p.id for p in network.plants]
    lines = [f"{p.id}.{line.id}" for p in network.plants for line in p.lines]
    machines = [f"{p.id}.{line.id}.{m.id}" for p in network.plants for line in p.lines for m in line.machines]
    warehouses = [w.id for w in network.warehouses]
    suppliers = [s.id for s in network.suppliers]
    systems = ["erp", "tms"]
    systems += [f"{p}.{s}" for p in plants for s in ("mes", "qms", "wms")]
    systems += [f"{w}.{s}" for w in warehouses for s in ("qms", "wms")] + [f"{s}.portal" for s in suppliers]
    return {
        "plant": plants,
        "line": lines,
        "machine": machines,
        "site": plants + warehouses,
        "supplier": suppliers,
        "customer": [c.id for c in network.customers],
        "lane": [lane.id for lane in network.lanes],
        "system": systems,
    }


TARGET_OF: dict[str, tuple[str, ...]] = {
    "plant-down": ("plant",),
    "line-down": ("line",),
    "machine-down": ("machine",),
    "site-closed": ("site", "supplier"),
    "supplier-down": ("supplier",),
    "plant-slow": ("plant",),
    "line-slow": ("line",),
    "lane-slow": ("lane",),
    "lane-closed": ("lane",),
    "supplier-late": ("supplier",),
    "demand-change": ("customer",),
    "quality-hold": ("site",),
    "labour-absence": ("plant", "line"),
    "stock-loss": ("site",),
    "system-down": ("system",),
    "channel": ("system",),
}


def refusal(network: d.Network, kind: str, target: str, kinds: Mapping[str, object]) -> str:
    """Why this disruption cannot be, or ""."""
    if kind not in kinds:
        return f"there is no disruption '{kind}'. allowed: {', '.join(kinds)}{_did_you_mean(kind, kinds)}"
    every = targets(network)
    allowed = [name for what in TARGET_OF[kind] for name in every[what]]
    if target in allowed:
        return ""
    what = " or ".join(TARGET_OF[kind])
    hint = _did_you_mean(target, allowed)
    return f"{kind} needs a {what} as target, and '{target}' is none{hint or f'. there are: {_few(allowed)}'}"


def _few(names: list[str]) -> str:
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _did_you_mean(name: str, names: Iterable[str]) -> str:
    close = get_close_matches(name, list(names), 1)
    return f". did you mean {close[0]}?" if close else ""
