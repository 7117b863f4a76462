"""Ways that are closed or slow, and sites whose docks are shut."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plants.definition import DisruptionSpec, NetworkSpec
from plants.disruptions.capacity import SPEED
from plants.disruptions.harm import Harm, exact
from plants.disruptions.kind import Key, Kind
from plants.disruptions.undo import Undo

if TYPE_CHECKING:
    from plants.disruptions.world import World


class SiteClosed(Kind):
    """The docks of a site are shut, and every lane that touches it is closed; its lines go on."""

    name, targets, says = "site-closed", ("plants", "warehouses"), ("lane.closed", "lane.opened")

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        touching = (lane for lane in network.lanes if d.target in (lane.source, lane.target))
        return (*(Harm("lane", lane.id) for lane in touching), Harm("site", d.target))


class LaneClosed(Kind):
    """A lane is closed: nothing leaves over it, and what is on it waits, is diverted, turns back or is lost."""

    name, targets, says = "lane-closed", ("lanes",), ("lane.closed", "lane.opened")
    keys = (
        Key("goods", "choice", "what happens to goods on the way (hold).", default="hold",
            choices=("hold", "divert", "return", "lose")),
        Key("via", "lane", "with goods: divert: the lane they take."),
    )  # fmt: skip

    def conflict(self, given: Mapping[str, Any]) -> str:
        if (given.get("goods") == "divert") != ("via" in given):
            return "'goods: divert' and 'via' go together. allowed: both or neither"
        return ""

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        return (Harm("lane", d.target),)

    def begin(self, world: "World", d: DisruptionSpec, expected: float | None, drawn: float | None) -> Undo | None:
        lane, via = world.network.lanes[d.target], self.value(d, "via")
        detour = world.network.detour(via, lane) if via else None
        return world.close_lane(lane, expected, self.value(d, "goods"), detour)


class LaneSlow(Kind):
    """Everything on a lane goes slower for as long as it lasts, and what leaves meanwhile too."""

    name, targets, keys, says = "lane-slow", ("lanes",), (SPEED,), ("lane.slowed",)

    def harms(self, network: NetworkSpec, d: DisruptionSpec) -> tuple[Harm, ...]:
        return (Harm("lane", d.target, exact(self.value(d, "factor"))),)
