"""The world as a disruption gets at it: everything it may touch, and how each harm is done and undone.

Whatever harms a thing of the network goes through `take`, whichever kind of disruption it is, and the system that
would notice says so. `expected` is the estimate that systems pass on, in seconds of the whole disruption (None: nobody
knows): the mean of its duration, which is what maintenance would say.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

from plants.disruptions.harm import Harm, Harmed
from plants.disruptions.undo import Undo
from plants.network.lane import Lane
from plants.network.network import Network
from plants.systems.mes import Mes
from plants.systems.registry import Systems
from plants.systems.tms import Tms
from sim.streams import Law


@dataclass(eq=False)
class World:
    """The physical network and the systems that describe it."""

    network: Network
    systems: Systems
    over: Callable[[str], None] = lambda disruption: None  # told of a disruption that has ended by itself

    def draw(self, disruption: str, key: str, law: Law) -> float:
        """One draw of `law`, the same in every way of working."""
        return self.network.streams.draw(f"disruption/{disruption}/{key}", law)()

    def take(self, harm: Harm, cause: str, expected: float | None) -> Undo:
        """Do the harm. Returns how to undo it."""
        return _TAKE[harm.what](self, harm, cause, expected)

    def factors(self, harm: Harm) -> list[float]:
        """The factors in force that this harm would be multiplied with."""
        if harm.what == "demand":
            changes = self.network.customers[harm.id].changes
            items = {harm.item} if harm.item else {"", *(item for item, _ in changes)}
            products = [prod(factor for changed, factor in changes if changed in ("", item)) for item in sorted(items)]
            return [float(product) for product in products]
        if harm.what == "line":
            return [self.network.lines[harm.id].factor]
        return [self.network.lanes[harm.id].factor] if harm.what == "lane" else []

    def close_lane(
        self, lane: Lane, expected: float | None, goods: str = "hold", detour: list[Lane] | None = None
    ) -> Undo:
        """Close a lane and have the carrier say so. goods, detour: see `Lane.close`."""
        lane.close(goods, detour)
        tms = self.systems.of(Tms)
        tms.closed(lane.id, self.network.env.now, expected)

        def undo() -> None:
            lane.open()
            if not lane.closed:
                tms.opened(lane.id)

        return undo


def _line(w: World, harm: Harm, cause: str, expected: float | None) -> Undo:
    return (_slow_line if harm.factor else _stop_line)(w, harm, cause, expected)


def _stop_line(w: World, harm: Harm, cause: str, expected: float | None) -> Undo:
    line = w.network.lines[harm.id]
    mes = w.systems.of(Mes, line.shop.id)
    line.halt(cause)
    mes.stopped(line.id, cause, w.network.env.now, expected)

    def undo() -> None:
        line.lift(cause)
        mes.resumed(line.id, cause)

    return undo


def _slow_line(w: World, harm: Harm, cause: str, expected: float | None) -> Undo:
    line, factor = w.network.lines[harm.id], float(harm.factor)
    mes = w.systems.of(Mes, line.shop.id)
    line.slow(factor)
    mes.slowed(line.id, line.factor, w.network.env.now, expected)

    def undo() -> None:
        line.unslow(factor)
        mes.slowed(line.id, line.factor, w.network.env.now, None)

    return undo


def _machine(w: World, harm: Harm, cause: str, expected: float | None) -> Undo:
    """A machine stands; where it stands alone, its line does."""
    line_id, name = harm.id.rsplit(".", 1)
    line = w.network.lines[line_id]
    mes, alone = w.systems.of(Mes, line.shop.id), not harm.factor
    if alone:  # reported first: then MES does not derive the same stop from the breakdown
        mes.stopped(line.id, cause, w.network.env.now, expected)
    line.stop_machine(name)

    def undo() -> None:
        line.mend_machine(name)
        if alone:
            mes.resumed(line.id, cause)

    return undo


def _lane(w: World, harm: Harm, cause: str, expected: float | None) -> Undo:
    lane, factor = w.network.lanes[harm.id], float(harm.factor)
    if not factor:
        return w.close_lane(lane, expected)
    lane.slow(factor)
    tms = w.systems.of(Tms)
    tms.slowed(lane.id, lane.factor, w.network.env.now, expected)

    def undo() -> None:
        lane.lift(factor)
        tms.slowed(lane.id, lane.factor, w.network.env.now, None)

    return undo


def _site(w: World, harm: Harm, cause: str, expected: float | None) -> Undo:
    site = w.network.sites[harm.id]
    site.close()
    return site.open


def _supplier(w: World, harm: Harm, cause: str, expected: float | None) -> Undo:
    supplier = w.network.suppliers[harm.id]
    supplier.stop()
    return supplier.resume


def _demand(w: World, harm: Harm, cause: str, expected: float | None) -> Undo:
    changes, change = w.network.customers[harm.id].changes, (harm.item, harm.factor)
    changes.append(change)
    return lambda: changes.remove(change)


_TAKE: dict[Harmed, Callable[[World, Harm, str, float | None], Undo]] = {
    "line": _line,
    "machine": _machine,
    "lane": _lane,
    "site": _site,
    "supplier": _supplier,
    "demand": _demand,
}
