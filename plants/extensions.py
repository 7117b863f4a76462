"""What other packages bring, by entry points: found, loaded and refused in one way.

Each group has its registry, which says what it takes and decides what becomes of what cannot be used.
"""

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from inspect import get_annotations
from typing import Literal, TypeVar

from plants.errors import ExtensionError

Group = Literal["plantsync.disruptions", "plantsync.systems", "plantsync.kpis", "plantsync.importers"]
T = TypeVar("T")


@dataclass(frozen=True)
class Offer:
    """What an installed package offers under one entry point."""

    point: EntryPoint

    def __str__(self) -> str:
        return f"the entry point {self.point.name} = {self.point.value}"

    @property
    def package(self) -> str:
        """The name and version of the package that brings it."""
        dist = self.point.dist
        return f"{dist.name} {dist.version}" if dist is not None else "an unknown package"

    def instance(self, base: type[T]) -> T:
        """What it names, which is a `base`. Raises ExtensionError."""
        loaded = self._loaded()
        if not isinstance(loaded, base):
            raise self.refused(
                f"it is of type {type(loaded).__name__}. allowed: a {base.__module__}.{base.__qualname__}"
            )
        return loaded

    def subclass(self, base: type[T]) -> type[T]:
        """What it names, which is a class below `base` that has all that `base` only declares. Raises
        ExtensionError."""
        loaded = self._loaded()
        if not (isinstance(loaded, type) and issubclass(loaded, base)):
            raise self.refused(f"it is no subclass of {base.__module__}.{base.__qualname__}")
        if missing := [name for name in get_annotations(base) if not hasattr(loaded, name)]:
            raise self.refused(f"the class says no {', '.join(missing)}")
        return loaded

    def _loaded(self) -> object:
        try:
            return self.point.load()
        except Exception as fault:  # whatever somebody else's module does when it is imported
            raise self.refused(f"{type(fault).__name__}: {fault}") from fault

    def refused(self, why: str) -> ExtensionError:
        """The failure that names it."""
        return ExtensionError(str(self), why)


def offered(group: Group) -> list[Offer]:
    """Everything installed under an entry point group, in the order of the names."""
    return [Offer(point) for point in sorted(entry_points(group=group), key=lambda p: (p.name, p.value))]
