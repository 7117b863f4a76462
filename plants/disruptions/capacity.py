"""Lines that stand or work slowly: breakdowns, stops of a whole plant, and people who are missing."""

from fractions import Fraction
from math import ceil
from typing import TYPE_CHECKING

from plants.definition import DisruptionSpec, NetworkSpec
from plants.disruptions.harm import Harm, exact
from plants.disruptions.kind import Key, Kind
from plants.disruptions.undo import Undo

if TYPE_CHECKING:
    from plants.disruptions.world import World

SPEED = Key("factor", "factor", "new speed as a share of normal.", required=True)


def _of_plant(network: NetworkSpec, plant: str, factor: Fraction) -> tuple[Harm, ...]:
    lines = (line for p in network.plants if p.id == plant for line in p.lines)
    return tuple(Harm("line", f"{plant}.{line.id}", factor) for line in lines)


class PlantDown(Kind):
    """Every line of the plant stands still; its docks stay open."""

    name, targets, says = "plant-down", ("plants",), ("line.stopped", "line.resumed")

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        return _of_plant(network, d.target, Fraction(0))


class LineDown(Kind):
    """A line stands still; work in progress keeps what was done."""

    name, targets, says = "line-down", ("lines",), ("line.stopped", "line.resumed")

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        return (Harm("line", d.target),)


class MachineDown(Kind):
    """A machine is broken, of parallel ones the first; where it stands alone, its line stops."""

    name, targets, says = (
        "machine-down",
        ("machines",),
        ("machine.stopped", "machine.resumed", "line.stopped", "line.resumed"),
    )

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        plant, line, name = d.target.split(".")
        machines = (m for p in network.plants if p.id == plant for x in p.lines if x.id == line for m in x.machines)
        units = sum(m.parallel for m in machines if m.id == name)
        return (Harm("machine", d.target, Fraction(units - 1, units)),)


class PlantSlow(Kind):
    """Every line of the plant works at a part of its speed."""

    name, targets, keys, says = "plant-slow", ("plants",), (SPEED,), ("line.slowed",)

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        return _of_plant(network, d.target, exact(self.value(d, "factor")))


class LineSlow(Kind):
    """A line works at a part of its speed."""

    name, targets, keys, says = "line-slow", ("lines",), (SPEED,), ("line.slowed",)

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        return (Harm("line", d.target, exact(self.value(d, "factor"))),)


class LabourAbsence(Kind):
    """People are missing: the lines of the plant work slower by that share; of a crew that many are away."""

    name, targets = "labour-absence", ("plants", "crews")
    keys = (Key("share", "share", "the share that is absent.", required=True),)
    says = ("line.slowed", "line.stopped", "line.resumed")

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        """A crew mends and maintains; without it no capacity is gone for certain."""
        return _of_plant(network, d.target, 1 - exact(self.value(d, "share")))

    def begin(self, world: "World", d: DisruptionSpec, expected: float | None, drawn: float | None) -> Undo | None:
        plant, _, crew = d.target.partition(".")
        if not crew:
            return super().begin(world, d, expected, drawn)
        people = world.network.crews[plant][crew].people
        absent = [people.request() for _ in range(ceil(exact(self.value(d, "share")) * people.capacity))]

        def back() -> None:
            for one in absent:
                if one.triggered:
                    people.release(one)
                else:
                    one.cancel()

        return back
