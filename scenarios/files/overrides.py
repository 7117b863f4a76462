"""Values put over a file from outside it: `horizon=60d`, `network.lanes.lyon>dc-west.capacity=900/d`,
`network.warehouses.*.replenish.*.s*=1.2`.

`path=value` sets one value, `path*=factor` multiplies what stands there. What begins with `network.` reaches into the
network file, the rest into the scenario. A step is a key, or an element of a list by its id (a bom and a make by its
item, a lane by `from>to` or `from>to:mode`, a person by the role) or by its number; `*` is every one. A wrong value is
refused by the file's own readers, at the override as its place.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any

from scenarios.errors import Fault, InputError, listed, nearest, show
from scenarios.files.networkfile import NetworkFile
from scenarios.files.nodes import Node, Whole, compose
from scenarios.files.scenariofile import ScenarioFile
from scenarios.files.units import finite
from scenarios.files.validation import kind_at
from sync.vocabulary.errors import Refused

_NUMBER = re.compile(r"([+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)(\D*)\Z", re.ASCII)
NETWORK = "network."
EVERY = "*"
WHOLE = ("pieces", "some_pieces", "count", "whole_rate", "buffers", "pieces_drawn")  # kinds that scaling keeps whole
NAMES: tuple[Callable[[dict[str, Any]], Any], ...] = (
    lambda e: e.get("id"),
    lambda e: e.get("item"),
    lambda e: e.get("role"),
    lambda e: _pair(e) + (f":{e['mode']}" if "mode" in e else ""),
    lambda e: _pair(e) or None,
)


def for_network(sets: Sequence[str]) -> list[str]:
    """Those of the overrides that reach into the network file."""
    return [text for text in sets if text.startswith(NETWORK)]


def for_scenario(sets: Sequence[str]) -> list[str]:
    """The others."""
    return [text for text in sets if not text.startswith(NETWORK)]


def scaled(text: str) -> str:
    """`path=factor` as an override that multiplies."""
    path, sign, factor = text.partition("=")
    return f"{path}*{sign}{factor}"


def override(root: Node, text: str) -> list[Fault]:
    """Put one override over a file's nodes, the network's without its `network.`; the faults when it cannot be."""
    path, sign, value = text.partition("=")
    path = path.strip()
    scale = path.endswith("*") and not path.endswith(".*")
    path = path.removesuffix("*") if scale else path
    file = f"--scale {path}={value}" if scale else f"--set {text}"
    begins = len(file) - len("--set ") - len(value) if not scale else len(path) + 1
    if not sign or not path:
        example = "network.warehouses.*.replenish.*.s=1.2" if scale else "horizon=60d"
        return [Fault(file, 1, 1, "", f"this is not an assignment. allowed: key=value, as {example}")]
    if not value.strip():
        return [Fault(file, 1, begins + 1, path, "the value is empty. give a value, or leave the override out")]
    try:
        model = NetworkFile if path.startswith(NETWORK) else ScenarioFile
        places = list(_places(root, path.removeprefix(NETWORK).split("."), file, new=not scale))
        if scale:
            return [f for f in (_scale(*place, value.strip(), (file, begins), model) for place in places) if f]
        for node, step, _ in places:  # each a node of its own: what is broken is pruned place by place
            node.put(step, _composed(" " * begins + value, file, path, len(text)))
    except InputError as e:
        return e.faults
    return []


def _composed(text: str, file: str, path: str, width: int) -> Node:
    try:
        tree = compose(text, file)
    except InputError as e:
        raise InputError([replace(f, line=1, column=min(f.column, width), path=path) for f in e.faults[:1]]) from None
    if tree.faults:
        raise InputError([replace(tree.faults[0], path=path)])
    return tree.root


Place = tuple[Node, str | int, tuple[str | int, ...]]  # a node, the step below it, and the whole way from the root


def _places(root: Node, steps: list[str], file: str, *, new: bool) -> Iterator[Place]:
    """Every place that a path means. new: whether its last step may name a key that is not there yet. Raises
    InputError where a step leads nowhere; behind a `*`, what does not go on is left out."""
    here: list[tuple[Node, tuple[str | int, ...]]] = [(root, ())]
    free = False
    for n, name in enumerate(steps):
        last = n == len(steps) - 1
        found: list[Place] = []
        for node, way in here:
            below = list(_steps(node, name, new=new and (last or not free)))
            if not below and not free and name != EVERY:
                raise InputError([_nowhere(node, name, ".".join(steps[:n]), file)])
            found += [(node, step, (*way, step)) for step in below]
        free = free or name == EVERY
        if last:
            if not found:
                allowed = "allowed: a path to what the file gives"
                raise InputError([Fault(file, 1, 1, ".".join(steps), f"nothing is there. {allowed}")])
            yield from found
            return
        here = []
        for node, step, way in found:
            inner = node.child(step)
            if inner is None:
                inner = Node(file, 1, 1, {})
                inner.children = {}
                node.put(step, inner)
            here.append((inner, way))


def _nowhere(node: Node, name: str, path: str, file: str) -> Fault:
    names = [next((str(x) for x in _called(c.data) if x), str(i)) for i, c in _elements(node)]
    keys = list(node.children) if isinstance(node.children, dict) else []
    if names:
        found = f"no element {show(name)}. allowed: {listed(names)}"
    else:
        found = f"{show(name)} leads nowhere" + (f". allowed: {listed(keys)}" if keys else "")
    return Fault(file, 1, 1, path, f"{found}{nearest(name, names or keys)}")


def _elements(node: Node) -> list[tuple[int, Node]]:
    return list(enumerate(node.children)) if isinstance(node.children, list) else []


def _called(element: Any) -> list[Any]:
    """What an element of a list may be called."""
    return [name(element) for name in NAMES] if isinstance(element, dict) else []


def _pair(element: dict[str, Any]) -> str:
    ends = [element.get("from"), element.get("to")]
    ends = [end[0] if isinstance(end, list) and len(end) == 1 else end for end in ends]
    return f"{ends[0]}>{ends[1]}" if all(isinstance(end, str) for end in ends) else ""


def _steps(node: Node, name: str, *, new: bool) -> Iterator[str | int]:
    """The keys or indices that `name` means in a node."""
    match node.children:
        case dict() as keys:
            if name == EVERY:
                yield from list(keys)
            elif new or name in keys:
                yield name
        case list() as elements:
            if name == EVERY:
                yield from range(len(elements))
                return
            for k in range(len(NAMES)):
                named = [n for n, e in enumerate(elements) if isinstance(e.data, dict) and _called(e.data)[k] == name]
                if named:
                    yield from named[:1]
                    return
            if name.isdecimal() and int(name) < len(elements):
                yield int(name)


def _scale(
    node: Node, step: str | int, way: tuple[str | int, ...], factor: str, at: tuple[str, int], model: Any
) -> Fault | None:
    """Multiply what stands at a place: a number, or a number with its unit; whole pieces stay whole, half to even."""
    file, column = at
    path = ".".join(map(str, way))
    try:
        times = Decimal(factor)
        finite(float(times), "a factor of at least 0")
        if times < 0:
            raise InvalidOperation
    except (InvalidOperation, Refused, OverflowError):
        found = f"{show(factor)} is not a factor. allowed: a number of at least 0, as 1.2"
        return Fault(file, 1, column + 1, path, found)
    there = node.child(step)
    written = str(getattr(there.data, "text", there.data)) if there is not None else ""
    match = _NUMBER.match(written)
    if not match:
        found = f"{show(written)} cannot be multiplied. allowed: a number, with its unit or without"
        return Fault(file, 1, 1, path, found)
    product = Decimal(match[1]) * times
    kind = kind_at(model, way)
    if isinstance(there.data if there else None, Whole) and kind is not None and kind.name in WHOLE:
        product = product.quantize(Decimal(1), ROUND_HALF_EVEN)
    text = f"{product.normalize():f}{match[2]}"
    try:
        node.put(step, compose(" " * column + text, file).root)
    except InputError as e:
        return replace(e.faults[0], path=path)
    return None
