"""Standards: what a piece of an item is worth, whatever was paid for it. Costs are what is beyond them.

    standard of an item = its `value`, else its first supplier's price, else its components' standards + conversion

All in micro currency units a piece. Which of these an item has is told with every result.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from plants.definition import MakeSpec, NetworkSpec
from sync.vocabulary.planning import materials
from sync.vocabulary.quantities import MICRO_PER_MINOR

GIVEN, PRICE, COMPONENTS, NOTHING = "value", "first supplier's price", "components and conversion", "nothing"


@dataclass(frozen=True)
class Standard:
    """micro: currency units x 1e-6 a piece; basis: GIVEN, PRICE, COMPONENTS or NOTHING."""

    micro: int
    basis: str


class Standards:
    """Those of a network. An item that is made of itself in the end has none."""

    def __init__(self, network: NetworkSpec) -> None:
        self.network = network
        self._values = {i.id: i.value_minor for i in network.items}
        self._found: dict[str, Standard] = {}
        self._asked: set[str] = set()

    @cached_property
    def micro(self) -> dict[str, int]:
        """Item -> standard."""
        return {item: self.of(item).micro for item in self._values}

    def of(self, item: str) -> Standard:
        """The standard of an item."""
        if item not in self._found:
            if item in self._asked:
                return Standard(0, NOTHING)
            self._asked.add(item)
            self._found[item] = self._worked_out(item)
        return self._found[item]

    def _worked_out(self, item: str) -> Standard:
        if self._values.get(item):
            return Standard(self._values[item] * MICRO_PER_MINOR, GIVEN)
        for supplier in self.network.suppliers:
            if item in supplier.items and supplier.items[item].price_micro:
                return Standard(supplier.items[item].price_micro, PRICE)
        for plant, make in self._makes(item):
            micro = self.components(plant, item) + make.cost_micro
            return Standard(micro, COMPONENTS) if micro else Standard(0, NOTHING)
        return Standard(0, NOTHING)

    def _makes(self, item: str) -> Iterator[tuple[str, MakeSpec]]:
        for plant in self.network.plants:
            for line in plant.lines:
                yield from ((plant.id, make) for make in line.makes if make.item == item)

    def components(self, plant: str, item: str) -> int:
        """The standards of what one piece of `item` takes at a plant."""
        bill = materials.bills_at(self.network.boms, plant).get(item)
        return sum(n * self.of(component).micro for component, n in bill.needs.items()) if bill is not None else 0

    @property
    def told(self) -> tuple[str, ...]:
        """What is assumed of costs, a sentence each; the first is always there."""
        by = {basis: [i for i in self._values if self.of(i).basis == basis] for basis in (PRICE, COMPONENTS, NOTHING)}
        unpriced = [i.id for i in self.network.items if i.price_minor is None]
        share, default = self.network.carrying, self.network.carrying == NetworkSpec.carrying
        how = " (the default of costs.carrying)" if default else ""
        sentences = [f"owning goods costs {share * 100:.4g} % of their standard value a year{how}"]
        for basis in (PRICE, COMPONENTS):
            if by[basis]:
                sentences.append(f"standard value of {_listed(by[basis])}: {basis}")
        if by[NOTHING]:
            sentences.append(f"standard value of {_listed(by[NOTHING])}: 0, as neither value nor price is given")
        if unpriced and len(unpriced) < len(self._values):
            sentences.append(f"a lost sale of {_listed(unpriced)} costs its standard value, as no price is given")
        elif unpriced:
            sentences.append("a lost sale costs the standard value, as no price is given")
        return tuple(sentences)


def _listed(items: list[str], most: int = 4) -> str:
    more = f" and {len(items) - most} more" if len(items) > most else ""
    return f"{', '.join(items[:most])}{more}"
