"""What a scenario file refers to: targets of disruptions, their order in time, and the run's own numbers."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from plants.definition import lane_names
from plants.disruptions.kind import TARGETS
from plants.disruptions.kinds import KINDS
from scenarios.errors import Fault, listed, nearest, show
from scenarios.files.disruptionfile import BEFORE, DisruptionPart, keys_of, misfits, own, references
from scenarios.files.index import Index, elements, look
from scenarios.files.networkfile import NetworkFile
from scenarios.files.nodes import Loc, Node
from scenarios.files.references import Checker, find_cycle
from scenarios.files.scenariofile import ScenarioFile
from scenarios.files.thresholds import check_thresholds

EVENT_LIMIT = 10**9


def disruption_ids(root: Node) -> tuple[dict[str, Loc], list[Fault]]:
    """The ids of the disruptions, before anything broken is pruned, and a fault for each given twice."""
    ids: dict[str, Loc] = {}
    seen: dict[str, tuple[str, int]] = {}
    faults = []
    for loc, name in elements(root, (), "disruptions"):
        node = root.at((*loc, "id"))
        first = seen.setdefault(look(name), (name, node.line if node else 0))
        if node and first[1] != node.line:
            found = f"id {show(name)} is given twice, first in line {first[1]}"
            faults.append(root.fault((*loc, "id"), f"{found}. allowed: each id once among disruptions"))
        ids.setdefault(name, loc)
    return ids, faults


def check_scenario_file(
    file: ScenarioFile, root: Node, ids: dict[str, Loc], network: tuple[NetworkFile, Index] | None, warnings: list[str]
) -> list[Fault]:
    """Faults of a scenario file; `network` None: what it names could not be read, so names are not judged."""
    c = Checker(root, network[1] if network else Index(), warnings)
    if isinstance(file.warmup, float) and file.warmup >= file.horizon:
        c.fault(
            ("warmup",),
            f"the warm-up is as long as the horizon ({file.horizon / 86_400:g} d). allowed: less than the horizon",
        )
    for n, part in enumerate(file.disruptions):
        loc: Loc = ("disruptions", n)
        _keys(c, loc, part)
        _order(c, loc, part, file, ids)
        if network:
            _names(c, loc, part, network[1])
    _chain(c, file)
    if network:
        _start(c, file, network[0].timezone)
        _events(c, file, network[0])
    check_thresholds(c, file.thresholds)
    return c.faults


def _keys(c: Checker, loc: Loc, part: DisruptionPart) -> None:
    given, kind = c.given(loc), KINDS[part.kind]
    allowed = (*BEFORE, *keys_of(kind))
    for key in given:
        if key not in allowed:
            found = f"key '{key}' does not go with 'kind: {part.kind}'"
            c.fault((*loc, key), f"{found}. allowed: {listed(allowed)}", key=True)
    for key, wrong in misfits(part):
        c.fault((*loc, key), wrong)
    for key in kind.required:
        if key not in given:
            c.fault(loc, f"key '{key}' is missing. needed: {listed(kind.required)} with 'kind: {part.kind}'")
    values = own(part)
    if all(key.name in values for key in kind.keys if key.name in given):  # else one that is unreadable is the fault
        conflict = kind.conflict(values)
        if conflict:
            c.fault(loc, conflict)


def _order(c: Checker, loc: Loc, part: DisruptionPart, file: ScenarioFile, ids: dict[str, Loc]) -> None:
    """When it begins and ends, and what it hangs on."""
    given = c.given(loc)
    if not {"at", "after"} & set(given):
        c.fault(loc, "key 'at' is missing. needed: when it begins (at), or what sets it off (after)")
    if part.at is not None and part.after is not None:
        c.fault((*loc, "after"), "'at' and 'after' are both given. allowed: one of them", key=True)
    if part.at is not None and part.at >= file.horizon:
        c.warn(
            (*loc, "at"), f"the disruption begins after the horizon of {file.horizon / 86_400:g} d and never happens"
        )
    if part.after:
        c.ref((*loc, "after", "id"), part.after.id, ids, "disruption")
    for key in ("for", "until"):
        if key in given and not KINDS[part.kind].lasts:
            c.fault((*loc, key), f"'{key}' is given, and {part.kind} does not last. allowed: leave it out", key=True)
    if part.until is None:
        if KINDS[part.kind].lasts and not {"for", "until"} & set(given):
            c.warn(loc, "no 'for' is given: it lasts to the horizon")
        return
    if part.for_ is not None:
        c.fault((*loc, "until"), "'for' and 'until' are both given. allowed: one of them", key=True)
    if part.until == part.id:
        c.fault((*loc, "until"), f"{show(part.id)} ends with itself. allowed: the id of another disruption")
        return
    c.ref((*loc, "until"), part.until, ids, "disruption")
    other = next((d for d in file.disruptions if d.id == part.until), None)
    if other and part.at is not None and other.at is not None and other.for_ and other.for_.kind == "constant":
        end = other.at + other.for_.mean
        if end <= part.at:
            found = f"it begins at {part.at / 86_400:g} d and {show(other.id)} ends at {end / 86_400:g} d"
            c.fault((*loc, "until"), f"{found}. allowed: an end after the beginning")


def _names(c: Checker, loc: Loc, part: DisruptionPart, index: Index) -> None:
    kind = KINDS[part.kind]
    known = [name for what in kind.targets for name in _called(index, what)]
    what = " or ".join(target.removesuffix("s") for target in kind.targets)
    is_a = next((other.removesuffix("s") for other in sorted(TARGETS) if part.target in _called(index, other)), None)
    if is_a and part.target not in known:
        allowed = f"{listed(known, 12)}{nearest(part.target, known)}"
        c.fault((*loc, "target"), f"{show(part.target)} is a {is_a}, not a {what}. allowed: {allowed}")
    else:
        c.ref((*loc, "target"), part.target, known, what)
    for key, name, referred in references(part, index.items, _called(index, "lanes")):
        c.ref((*loc, key), name, *referred)


def _called(index: Index, what: str) -> list[str]:
    """What a target may call the things of one kind: a lane by its id, or by its pair where that means one lane."""
    there = getattr(index, what)
    return list(lane_names(there)) if what == "lanes" else list(there)


def _chain(c: Checker, file: ScenarioFile) -> None:
    for key in ("after", "until"):
        edges: dict[str, list[str]] = {}
        for part in file.disruptions:
            to = part.after.id if key == "after" and part.after else part.until if key == "until" else None
            if to and to != (part.id if key == "until" else None):
                edges[part.id] = [to]
        cycle = find_cycle(edges)
        if cycle:
            n = next(n for n, part in enumerate(file.disruptions) if part.id == cycle[0])
            found = f"disruptions wait for each other: {' > '.join(cycle)}"
            c.fault(("disruptions", n, key), f"{found}. allowed: a beginning that comes first", key=True)


def _start(c: Checker, file: ScenarioFile, zone: str) -> None:
    local = datetime.fromisoformat(file.start).replace(tzinfo=ZoneInfo(zone))
    back = local.astimezone(UTC).astimezone(ZoneInfo(zone))
    if back.replace(tzinfo=None) != local.replace(tzinfo=None):
        c.fault(("start",), f"{show(file.start)} does not exist in {zone} (clocks go forward). allowed: another time")


def _events(c: Checker, file: ScenarioFile, network: NetworkFile) -> None:
    per_s = sum(1 / x.orders.every.mean for x in network.customers if x.orders.every)
    for plant in network.plants:
        for line in plant.lines:
            per_s += sum(m.parallel / m.cycle.mean for m in line.machines)
    expected = per_s * file.horizon
    if expected > EVENT_LIMIT:
        found = f"about {expected:.2g} events are expected up to the horizon"
        c.fault(("horizon",), f"{found}. allowed: at most {EVENT_LIMIT:.0e}; shorten it, or draw orders less often")
