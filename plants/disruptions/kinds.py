"""Every kind of disruption there is, by name: those of the modules beside this one in their order, then other people's.

Somebody else's kind is a subclass of `Kind` (plants.disruptions.kind) that a package offers under the entry point group
`plantsync.disruptions`; once that package is installed, files, `inject`, `check` and the schema know the kind.
"""

from collections.abc import Iterator
from keyword import iskeyword
from types import ModuleType

from plants.disruptions import capacity, demand, information, quality, routes, supply
from plants.disruptions.kind import TARGETS, VALUES, Kind
from plants.errors import ExtensionError
from plants.extensions import Group, offered

GROUP: Group = "plantsync.disruptions"
MODULES = (capacity, routes, supply, demand, quality, information)
COMMON = ("id", "kind", "target", "at", "after", "for", "until")  # what a row says besides the keys of its kind


def kinds_of(module: ModuleType) -> list[Kind]:
    """The kinds that a module defines, in the order in which they stand there."""
    found = (each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__)
    return [each() for each in found if issubclass(each, Kind)]


def registered(kinds: Iterator[tuple[str, Kind]]) -> dict[str, Kind]:
    """The kinds by name. Raises ExtensionError for a name or a key that would mean two things."""
    found: dict[str, Kind] = {}
    meant: dict[str, tuple[tuple[str, tuple[str, ...]], str]] = {}
    for source, kind in kinds:
        if kind.name in found:
            raise ExtensionError(source, f"there is a kind {kind.name} already. allowed: another name")
        wrong = [target for target in kind.targets if target not in TARGETS]
        if wrong or not kind.targets:
            raise ExtensionError(source, f"{kind.name} has the targets {wrong}. allowed: out of {', '.join(TARGETS)}")
        for key in kind.keys:
            if key.value not in VALUES or not key.name.isidentifier() or iskeyword(key.name) or key.name in COMMON:
                raise ExtensionError(source, f"key {key.name} of {kind.name} ({key.value}) is not for a file to say")
            meaning, first = meant.setdefault(key.name, ((key.value, key.choices), kind.name))
            if meaning != (key.value, key.choices):
                found_as = f"key {key.name} is a {key.value} of {kind.name} and a {meaning[0]} of {first}"
                raise ExtensionError(source, f"{found_as}. allowed: one meaning of a word")
        found[kind.name] = kind
    return found


def _all() -> Iterator[tuple[str, Kind]]:
    yield from ((module.__name__, kind) for module in MODULES for kind in kinds_of(module))
    yield from ((str(offer), offer.subclass(Kind)()) for offer in offered(GROUP))


KINDS: dict[str, Kind] = registered(_all())
