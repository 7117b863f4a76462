"""Can a line get what it uses at all? Every component needs some stock, some supplier or some line that reaches it.

Whoever plans may call on any of them, so any that is open is enough; how much there is of it is not asked.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from plants.definition import LineSpec, NetworkSpec, PlantSpec
from scenarios.feasibility.checks import bom_of
from scenarios.feasibility.outages import Outages


@dataclass
class Materials:
    """`down`: whether a line never runs; `reaches`: whether goods get from one place to another over open lanes."""

    network: NetworkSpec
    outages: Outages
    down: Callable[[PlantSpec, LineSpec], bool]
    reaches: Callable[[str, str], bool]
    _lacks: dict[tuple[str, str, str], str] = field(default_factory=dict)

    def lacks(self, plant: PlantSpec, line: LineSpec, item: str) -> str:
        """The first component of `item` that the line can never get; "" when it can get all."""
        key = (plant.id, line.id, item)
        if key not in self._lacks:
            self._lacks[key] = self._lacking(plant, line, item, ())
        return self._lacks[key]

    def closed_suppliers(self, item: str) -> list[str]:
        """Those that offer the item and hand nothing over."""
        return [s.id for s in self.network.suppliers if item in s.items and self.outages.out("supplier", s.id)]

    def _lacking(self, plant: PlantSpec, line: LineSpec, item: str, above: tuple[str, ...]) -> str:
        bom = None if line.supply_unlimited else bom_of(self.network, plant, item)
        if bom is None:
            return ""
        for component in bom.needs:
            instead = [alternate.with_item for alternate in bom.alternates if alternate.replace == component]
            if not any(self.comes(each, plant.id, (*above, item)) for each in (component, *instead)):
                return component
        return ""

    def comes(self, item: str, to: str, above: tuple[str, ...] = ()) -> bool:
        """Whether some of the item gets to the site `to`; above: what it is needed for, which cannot be made of it."""
        net = self.network
        if any(site.stock.get(item) and self._way(site.id, to) for site in net.plants):
            return True
        if any(house.stock.get(item) and self._way(house.id, to) for house in net.warehouses):
            return True
        sellers = [s.id for s in net.suppliers if item in s.items and not self.outages.out("supplier", s.id)]
        if any(self._way(seller, to) for seller in sellers):
            return True
        return item not in above and any(
            self._way(plant.id, to) and not self.down(plant, line) and not self._lacking(plant, line, item, above)
            for plant in net.plants
            for line in plant.lines
            if any(make.item == item for make in line.makes)
        )

    def _way(self, source: str, to: str) -> bool:
        return source == to or self.reaches(source, to)
