"""Every kind of disruption there is, by name: those of the modules beside this one in their order, then other people's.

Somebody else's kind is a subclass of `Kind` (plants.disruptions.kind) that a package offers under the entry point group
`plantsync.disruptions`; once that package is installed, files, `inject`, `check` and the schema know the kind.
"""

from collections.abc import Iterator
from importlib.metadata import entry_points
from keyword import iskeyword
from types import ModuleType

from plants.disruptions import capacity, demand, information, quality, routes, supply
from plants.disruptions.kind import TARGETS, VALUES, Kind
from plants.errors import ExtensionError

GROUP = "plantsync.disruptions"
MODULES = (capacity, routes, supply, demand, quality, information)
COMMON = ("id", "kind", "target", "at", "after", "for", "until")  # what a row says besides the keys of its kind


def kinds_of(module: ModuleType) -> list[Kind]:
    """The kinds that a module defines, in the order in which they stand there."""
    found = (each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__)
    return [each() for each in found if issubclass(each, Kind)]


def _offered() -> Iterator[tuple[str, Kind]]:
    """(where it comes from, kind) of everything installed under GROUP. Raises ExtensionError."""
    for point in sorted(entry_points(group=GROUP), key=lambda p: p.name):
        source = f"the entry point {point.name} = {point.value}"
        try:
            loaded = point.load()
        except Exception as fault:  # whatever somebody else's module does when it is imported
            raise ExtensionError(f"{source} cannot be loaded: {type(fault).__name__}: {fault}") from fault
        if not (isinstance(loaded, type) and issubclass(loaded, Kind)):
            raise ExtensionError(
                f"{source} is no kind of disruption. allowed: a subclass of plants.disruptions.kind.Kind"
            )
        yield source, loaded()


def registered(kinds: Iterator[tuple[str, Kind]]) -> dict[str, Kind]:
    """The kinds by name. Raises ExtensionError for a name or a key that would mean two things."""
    found: dict[str, Kind] = {}
    meant: dict[str, tuple[tuple[str, tuple[str, ...]], str]] = {}
    for source, kind in kinds:
        if kind.name in found:
            raise ExtensionError(f"{source}: there is a kind {kind.name} already. allowed: another name")
        wrong = [target for target in kind.targets if target not in TARGETS]
        if wrong or not kind.targets:
            raise ExtensionError(f"{source}: {kind.name} has the targets {wrong}. allowed: out of {', '.join(TARGETS)}")
        for key in kind.keys:
            if key.value not in VALUES or not key.name.isidentifier() or iskeyword(key.name) or key.name in COMMON:
                raise ExtensionError(
                    f"{source}: key {key.name} of {kind.name} ({key.value}) cannot be read from a file"
                )
            meaning, first = meant.setdefault(key.name, ((key.value, key.choices), kind.name))
            if meaning != (key.value, key.choices):
                found_as = f"key {key.name} is a {key.value} of {kind.name} and a {meaning[0]} of {first}"
                raise ExtensionError(f"{source}: {found_as}. allowed: one meaning of a word")
        found[kind.name] = kind
    return found


def _all() -> Iterator[tuple[str, Kind]]:
    yield from ((module.__name__, kind) for module in MODULES for kind in kinds_of(module))
    yield from _offered()


KINDS: dict[str, Kind] = registered(_all())
