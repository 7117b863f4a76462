"""Every enterprise system there is, by name, and those of one world, wired.

    SYSTEMS: this product's in their order, then other people's   --build-->   Systems: one of each per owner
                                                                               bus --hears--> system --posts--> bus
                                                                               command --> desk --Ack-->

Somebody else's system is a subclass of `System` (plants.systems.system) that a package offers under the entry point
group `plantsync.systems`: it gets its channel, files may describe it, disruptions may hit it, and `check` knows it.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TypeVar, get_args

from plants.errors import ExtensionError
from plants.extensions import Group, offered
from plants.systems.channel import Bus, Channel
from plants.systems.desk import Desk
from plants.systems.erp import Erp
from plants.systems.mes import Mes
from plants.systems.portal import Portal
from plants.systems.qms import Qms
from plants.systems.system import Per, System
from plants.systems.tms import Tms
from plants.systems.wms import Wms
from sync.vocabulary.commands import Ack

if TYPE_CHECKING:
    from plants.network.network import Network


GROUP: Group = "plantsync.systems"
OURS: tuple[type[System], ...] = (Erp, Mes, Wms, Qms, Tms, Portal)
# Systems of the information world that are not simulated yet: files may describe their channels, to no effect.
NAMED_ONLY: dict[str, Per] = {
    "cmms": "plant", "risk": "network", "crm": "network", "plm": "network", "finance": "network", "platform": "network",
}  # fmt: skip

S = TypeVar("S", bound=System)


def registered(classes: Iterator[tuple[str, type[System]]]) -> dict[str, type[System]]:
    """The classes by name. Raises ExtensionError for a name that is taken, or an owner that does not exist."""
    found: dict[str, type[System]] = {}
    for source, each in classes:
        if each.name in found:
            raise ExtensionError(source, f"there is a system {each.name} already. allowed: another name")
        if each.per not in get_args(Per):
            raise ExtensionError(source, f"{each.name} is per {each.per}. allowed: out of {', '.join(get_args(Per))}")
        found[each.name] = each
    return found


def _all() -> Iterator[tuple[str, type[System]]]:
    yield from ((each.__module__, each) for each in OURS)
    yield from ((str(offer), offer.subclass(System)) for offer in offered(GROUP))


SYSTEMS: dict[str, type[System]] = registered(_all())


# --- what files ask ---------------------------------------------------------------------------------------------------
def names(*per: Per) -> tuple[str, ...]:
    """The systems of which there is one for each of these; all of them when none is named."""
    return tuple(name for name, each in SYSTEMS.items() if not per or each.per in per)


def described(*per: Per) -> tuple[str, ...]:
    """The names under which the owner of such systems (the network: of any) may describe channels, those without effect
    at the end."""
    return (
        *names(*per),
        *(name for name, its in NAMED_ONLY.items() if name not in SYSTEMS and (not per or its in per)),
    )


PLANT: tuple[Per, ...] = ("plant", "site")
WAREHOUSE: tuple[Per, ...] = ("site",)
SUPPLIER: tuple[Per, ...] = ("supplier",)


def sources(plants: list[str], warehouses: list[str], suppliers: list[str]) -> list[str]:
    """Every system of a network by the name of its messages: `erp`, `lyon.mes`, `dc-west.wms`, `kyoto.portal`."""
    owners = [(PLANT, plants), (WAREHOUSE, warehouses), (SUPPLIER, suppliers)]
    return [*names("network"), *(f"{owner}.{name}" for per, ids in owners for owner in ids for name in names(*per))]


# --- those of one world -----------------------------------------------------------------------------------------------
class Systems:
    """Every system of a built network. `channel(name, owner)` makes the channel of one; `answers` are called with every
    Ack. Nothing is noticed or heard before `attach`."""

    def __init__(
        self, network: "Network", channel: Callable[[str, str], Channel], answers: list[Callable[[Ack], None]]
    ) -> None:
        self.by_source: dict[str, System] = {}
        self.desks: dict[str, Desk] = {}
        owners = {
            "network": [""], "plant": list(network.plants), "site": list(network.sites),
            "supplier": list(network.suppliers),
        }  # fmt: skip
        for name, each in SYSTEMS.items():
            for owner in owners[each.per]:
                system = each(network, owner, channel(name, owner))
                self.by_source[system.channel.source] = system
                if each.executes:
                    self.desks[system.channel.source] = Desk(system, answers)

    def of(self, kind: type[S], owner: str = "") -> S:
        """The system of that class that belongs to `owner`. Raises KeyError when there is none."""
        system = self.by_source[f"{owner}.{kind.name}" if owner else kind.name]
        if not isinstance(system, kind):
            raise KeyError(kind.name)
        return system

    def every(self, kind: type[S]) -> dict[str, S]:
        """Every system of that class, by owner."""
        return {system.owner: system for system in self.by_source.values() if isinstance(system, kind)}

    def attach(self, bus: Bus) -> None:
        """Let every system notice the world, and hear what it hears of the others."""
        for system in self.by_source.values():
            system.attach()
            if system.hears:
                bus.listeners.append(_ear(system))


def _ear(system: System) -> Callable[..., None]:
    types = frozenset(body.message_type for body in system.hears)
    return lambda message: system.hear(message) if message.type in types else None
