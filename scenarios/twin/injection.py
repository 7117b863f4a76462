"""Injected disruptions: judged by the rules of scenario files, the names taken from the built definition.

    kind, target, for, extra --> DisruptionPart (value by value) --> names in the network --> definition.Disruption

Values come as a file has them (`"5d"`, `"0.5"`, `"{uniform: [1d, 2d]}"` as text, or plain numbers and mappings). What a
running world must never meet is refused here in one sentence; files of the machine are not read for somebody outside.
"""

from collections.abc import Mapping
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any

from plants import definition as d
from plants.disruptions.running import Disruptions
from plants.systems import registry
from scenarios.errors import InputError, listed, nearest, show
from scenarios.files.scenariofile import KINDS, NEEDED, DisruptionPart
from scenarios.files.targets import TARGETS
from sync.vocabulary.errors import Refused

LEAST, MOST = 0.01, 100.0  # of normal: what a live world bears of slowness, speed and demand
LONGEST = 200  # characters of one value


def names(network: d.NetworkSpec) -> dict[str, list[str]]:
    """What may be a target -> every name of it, in the file's order."""
    plants = [p.id for p in network.plants]
    warehouses = [w.id for w in network.warehouses]
    suppliers = [s.id for s in network.suppliers]
    return {
        "plants": plants,
        "warehouses": warehouses,
        "lines": [f"{p.id}.{line.id}" for p in network.plants for line in p.lines],
        "machines": [f"{p.id}.{line.id}.{m.id}" for p in network.plants for line in p.lines for m in line.machines],
        "crews": [f"{p.id}.{crew.id}" for p in network.plants for crew in p.crews],
        "suppliers": suppliers,
        "customers": [c.id for c in network.customers],
        "lanes": [lane.id for lane in network.lanes],
        "systems": registry.sources(plants, warehouses, suppliers),
    }


def injected(
    world: Disruptions, identity: str, kind: str, target: str, for_s: float | None, extra: Mapping[str, Any]
) -> d.DisruptionSpec:
    """The disruption `identity` that begins now. Raises Refused, in one sentence with what is allowed."""
    from scenarios.files import resolve

    network = world.network.spec
    _check_target(network, kind, target)
    _check_keys(kind, for_s, extra)
    written: dict[str, Any] = {"id": identity, "kind": kind, "target": target}
    written |= {key: _plain(key, value) for key, value in extra.items()}
    if for_s is not None:
        written["for"] = _duration(for_s)
    part = _part(written, network.currency)
    _check_names(network, part)
    _check_factor(world, part)
    return replace(resolve.disruption(part), at_s=world.network.env.now)


def _check_target(network: d.NetworkSpec, kind: str, target: str) -> None:
    if kind not in KINDS:
        raise Refused(f"there is no disruption {show(kind)}. allowed: {listed(KINDS)}{nearest(kind, KINDS)}")
    every = names(network)
    allowed = [name for what in TARGETS[kind] for name in every[what]]
    if target not in allowed:
        what = " or ".join(what.removesuffix("s") for what in TARGETS[kind])
        near = nearest(target, allowed)
        raise Refused(
            f"{kind} needs a {what} as target, and {show(target)} is none. allowed: {listed(allowed, 8)}{near}"
        )


def _check_keys(kind: str, for_s: float | None, extra: Mapping[str, Any]) -> None:
    own = [key for key in KINDS[kind] if key != "for"]
    wrong = next((key for key in extra if key not in own), None)
    if wrong is not None:
        allowed = f"{listed(own)}{nearest(wrong, own)}" if own else "no key of its own"
        raise Refused(f"key {show(wrong)} does not go with {kind}. allowed: {allowed}")
    missing = next((key for key in NEEDED.get(kind, ()) if key not in extra), None)
    if missing is not None:
        raise Refused(f"key '{missing}' is missing. needed with {kind}: {listed(NEEDED[kind])}")
    if for_s is not None and "for" not in KINDS[kind]:
        raise Refused(f"{kind} has no duration. allowed: {listed(own)}")
    if kind == "lane-closed" and (extra.get("goods") == "divert") != ("via" in extra):
        raise Refused("'goods: divert' and 'via' go together. allowed: both or neither")


def _plain(key: str, value: Any) -> Any:
    """A value as a file would have it: text is read as YAML."""
    from scenarios.files.nodes import compose

    if isinstance(value, str):
        if len(value) > LONGEST:
            raise Refused(f"{key}: {len(value)} characters. allowed: at most {LONGEST}")
        try:
            tree = compose(value, key)
        except InputError:
            tree = None
        if tree is None or tree.faults:
            raise Refused(f"{key}: {show(value)} cannot be read. allowed: a plain value as in a scenario file")
        value = tree.root.data
    if value is None:
        raise Refused(f"{key}: the value is empty. allowed: a plain value as in a scenario file")
    if isinstance(value, Mapping) and "empirical" in value:
        raise Refused(f"{key}: a file cannot be injected. allowed: a constant or a distribution without a file")
    if isinstance(value, int) and abs(value) > 2**63:
        raise Refused(f"{key}: {show(value)} is too large. allowed: numbers of at most 10^12")
    return value


def _duration(for_s: Any) -> str:
    """Seconds as a file writes them."""
    from scenarios.files.units import finite, seconds

    try:
        text = f"{finite(for_s, 'a duration above 0')!r}s"
        seconds(text, above_zero=True)
    except Refused as refusal:
        raise Refused(f"for: {refusal.message}") from None
    return text


def _part(written: dict[str, Any], currency: str) -> DisruptionPart:
    """The validated part; the first error as Refused."""
    from pydantic import ValidationError

    from scenarios.files.fields import Context
    from scenarios.files.tables import Folder
    from scenarios.files.validation import message_of

    context = Context(Folder(Path(), ""), currency)  # its folder is never read: see `_plain`
    try:
        return DisruptionPart.model_validate(written, context=context)
    except ValidationError as fault:
        error = fault.errors(include_url=False)[0]
        loc = tuple(error["loc"])
        raise Refused(f"{'.'.join(map(str, loc))}: {message_of(DisruptionPart, loc, error)}") from None


def _check_names(network: d.NetworkSpec, part: DisruptionPart) -> None:
    from sync.vocabulary.messages import BODIES

    lanes = [lane.id for lane in network.lanes if lane.id != part.target]
    known: dict[str, tuple[str, list[str]]] = {
        "item": ("item", [item.id for item in network.items]),
        "via": ("lane", lanes),
        "message": ("message type", list(BODIES)),
    }
    for key, (what, allowed) in known.items():
        name = getattr(part, key)
        if name is not None and name not in allowed:
            near = nearest(name, allowed)
            raise Refused(f"{key}: unknown {what} {show(name)}. allowed: {listed(allowed, 12)}{near}")


def _check_factor(world: Disruptions, part: DisruptionPart) -> None:
    """Factors multiply with those in force: a demand of 10^12 would fill the memory, a speed of 10^-12 stops time."""
    if part.factor is None and (part.kind != "labour-absence" or part.share in (None, 1.0)):
        return
    factor = part.factor if part.factor is not None else 1.0 - (part.share or 0.0)
    key = "share" if part.factor is None else "factor"
    for before in _in_force(world, part):
        after = before * factor
        if not LEAST * 0.999 <= after <= MOST * 1.001:  # undoing one leaves the others a rounding off
            makes = f", and with what is in force {after:.3g}" if not 0.999 < before < 1.001 else ""
            found = f"{factor:.3g} of normal{makes}"
            raise Refused(f"{key}: that makes {found}. allowed: {LEAST:g} to {MOST:g} of normal in a live twin")


def _in_force(world: Disruptions, part: DisruptionPart) -> list[float]:
    """The factors that this one would be multiplied with."""
    if part.kind == "lane-slow":
        return [world.network.lanes[part.target].factor]
    if part.kind == "demand-change":
        changes = world.network.customers[part.target].changes
        items = {part.item} if part.item else {"", *(item for item, _ in changes)}
        return [prod(factor for changed, factor in changes if changed in ("", item)) for item in sorted(items)]
    return [line.factor for line in world.lines_of(part.target)]


__all__ = ["injected", "names"]
