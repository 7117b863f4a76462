"""Bills of material: what a plant uses for what it makes."""

from collections.abc import Iterable
from typing import Protocol, TypeVar


class Bill(Protocol):
    """What one piece of an item takes. plant: the only one it is for; "" or None: all."""

    @property
    def item(self) -> str: ...
    @property
    def plant(self) -> str | None: ...


B = TypeVar("B", bound=Bill)


def bills_at(bills: Iterable[B], plant: str) -> dict[str, B]:
    """The bill of each item at a plant: its own goes before the one for all."""
    return {b.item: b for b in sorted(bills, key=lambda b: bool(b.plant)) if not b.plant or b.plant == plant}
