"""Injected disruptions: judged by the rules of scenario files, the names taken from the built definition.

    kind, target, for, extra --> DisruptionPart (value by value) --> names in the network --> definition.DisruptionSpec

Values come as a file has them (`"5d"`, `"0.5"`, `"{uniform: [1d, 2d]}"` as text, or plain numbers and mappings). What a
running world must never meet is refused here in one sentence; files of the machine are not read for somebody outside.
"""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from plants import definition as d
from plants.disruptions.kinds import KINDS
from plants.disruptions.world import World
from plants.systems import registry
from scenarios.errors import InputError, listed, nearest, show
from scenarios.files.disruptionfile import DisruptionPart, WrittenDisruption, misfits, own, references
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
        "lanes": list(d.lane_names(lane.id for lane in network.lanes)),
        "systems": registry.sources(plants, warehouses, suppliers),
    }


def injected(
    world: World, identity: str, kind: str, target: str, for_s: float | None, extra: Mapping[str, Any]
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
    lanes = d.lane_names(lane.id for lane in network.lanes)
    disruption = replace(resolve.disruption(part, lanes), at_s=world.network.env.now)
    _check_factor(world, disruption)
    return disruption


def _check_target(network: d.NetworkSpec, kind: str, target: str) -> None:
    if kind not in KINDS:
        raise Refused(f"there is no disruption {show(kind)}. allowed: {listed(KINDS)}{nearest(kind, KINDS)}")
    every = names(network)
    allowed = [name for what in KINDS[kind].targets for name in every[what]]
    if target not in allowed:
        what = " or ".join(what.removesuffix("s") for what in KINDS[kind].targets)
        near = nearest(target, allowed)
        raise Refused(
            f"{kind} needs a {what} as target, and {show(target)} is none. allowed: {listed(allowed, 8)}{near}"
        )


def _check_keys(kind: str, for_s: float | None, extra: Mapping[str, Any]) -> None:
    declared = KINDS[kind]
    names = [key.name for key in declared.keys]
    wrong = next((key for key in extra if key not in names), None)
    if wrong is not None:
        allowed = f"{listed(names)}{nearest(wrong, names)}" if names else "no key of its own"
        raise Refused(f"key {show(wrong)} does not go with {kind}. allowed: {allowed}")
    missing = next((key for key in declared.required if key not in extra), None)
    if missing is not None:
        raise Refused(f"key '{missing}' is missing. needed with {kind}: {listed(declared.required)}")
    if for_s is not None and not declared.lasts:
        raise Refused(f"{kind} has no duration. allowed: {listed(names)}")


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
        return WrittenDisruption.model_validate(written, context=context)
    except ValidationError as fault:
        error = fault.errors(include_url=False)[0]
        loc = tuple(error["loc"])
        raise Refused(f"{'.'.join(map(str, loc))}: {message_of(WrittenDisruption, loc, error)}") from None


def _check_names(network: d.NetworkSpec, part: DisruptionPart) -> None:
    for key, wrong in misfits(part):
        raise Refused(f"{key}: {wrong}")
    conflict = KINDS[part.kind].conflict(own(part))
    if conflict:
        raise Refused(conflict)
    items, lanes = [item.id for item in network.items], names(network)["lanes"]
    for key, name, (allowed, what) in references(part, items, lanes):
        if name not in allowed:
            near = nearest(name, allowed)
            raise Refused(f"{key}: unknown {what} {show(name)}. allowed: {listed(allowed, 12)}{near}")


def _check_factor(world: World, disruption: d.DisruptionSpec) -> None:
    """Factors multiply with those in force: a demand of 10^12 would fill the memory, a speed of 10^-12 stops time."""
    kind = KINDS[disruption.kind]
    key = next((key.name for key in kind.keys if key.value in ("factor", "share")), "")
    for harm in kind.harms(world.network.spec, disruption):
        factor = float(harm.factor)
        for before in world.factors(harm) if factor else ():
            after = before * factor
            if not LEAST * 0.999 <= after <= MOST * 1.001:  # undoing one leaves the others a rounding off
                makes = f", and with what is in force {after:.3g}" if not 0.999 < before < 1.001 else ""
                found = f"{factor:.3g} of normal{makes}"
                raise Refused(f"{key}: that makes {found}. allowed: {LEAST:g} to {MOST:g} of normal in a live twin")


__all__ = ["injected", "names"]
