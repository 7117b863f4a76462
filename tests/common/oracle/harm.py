"""The oracle's disruptions: what each kind does, and how it is undone."""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.common.oracle.clock import MENDED, Clock, ms
from tests.common.oracle.floor import Line
from tests.common.oracle.roads import Lane, Load, Supplier
from tests.common.oracle.things import Site


def for_each(lines: list[Line], what: Callable[[Line], None]) -> None:
    """Do it to every line."""
    for line in lines:
        what(line)


class Harms:
    """What goes wrong in a world."""

    clock: Clock
    lanes: list[Lane]
    sites: dict[str, Site]
    suppliers: dict[str, Supplier]
    ship: Any
    route: Any
    doors: Any
    put: Any
    tell: Any

    def _disrupt(self, d: dict[str, Any]) -> None:
        kind, target, now = d["kind"], d["target"], self.clock.now
        over = self._harm(kind, target, d)
        if over is not None and "for" in d:
            self.clock.at(now + ms(d["for"]), over, rank=MENDED)

    def _lines(self, target: str) -> list[Line]:
        plant, _, line = target.partition(".")
        lines = self.sites[plant].lines
        return [lines[line.split(".")[0]]] if line else list(lines.values())

    def _harm(self, kind: str, target: str, d: dict[str, Any]) -> Any:
        """Do it; how it is undone, None where nothing is."""
        factor = Fraction(str(d.get("factor", 1)))
        if kind in ("line-down", "plant-down", "machine-down"):
            lines = self._lines(target)
            for line in lines:
                line.halt()
            return lambda: for_each(lines, Line.lift)
        if kind in ("line-slow", "plant-slow"):
            lines = self._lines(target)
            for line in lines:
                line.speed(factor, True)
            return lambda: for_each(lines, lambda line: line.speed(factor, False))
        return (
            self._of_road(kind, target, d, factor)
            if kind.startswith(("lane", "supp"))
            else self._of_site(kind, target, d)
        )

    def _of_road(self, kind: str, target: str, d: dict[str, Any], factor: Fraction) -> Any:
        if kind.startswith("lane"):
            lane = next(x for x in self.lanes if x.id == target)
            if kind == "lane-slow":
                lane.slow(factor, True)
                return lambda: lane.slow(factor, False)
            lane.close(d.get("goods", "hold"), lambda load: self._detour(d, load))
            return lane.open
        supplier = self.suppliers[target]
        if kind == "supplier-down":
            supplier.stop()
            return supplier.resume
        supplier.delay(d.get("item", ""), self.clock.now, self.clock.now + ms(d["for"]), ms(d["by"]))
        return None

    def _detour(self, d: dict[str, Any], load: Load) -> list[Lane]:
        via = next(x for x in self.lanes if x.id == d["via"])
        target = load.order.target
        rest = [] if via.target == target else self.route(via.target, target)
        return [via, *rest] if via.target == target or rest else []

    def _of_site(self, kind: str, target: str, d: dict[str, Any]) -> Any:
        site = self.sites[target]
        if kind == "site-closed":
            site.closed += 1
            lanes = [x for x in self.lanes if target in (x.source, x.target)]
            for lane in lanes:
                lane.close("hold", lambda load: [])
            return lambda: self._open(site, lanes)
        item = d["item"]
        if kind == "stock-loss":
            gone = round(site.stock(item) * Fraction(str(d["share"])))
            site.take(item, gone)
            if gone:
                self.tell(("book", target, item, -gone))
                self.doors(site)
            return None
        assert kind == "quality-hold"
        lots, kept = site.lots[item], site.lots[item][-d["lots"] :] if "lots" in d else list(site.lots[item])
        site.lots[item] = lots[: len(lots) - len(kept)]
        held = sum(pieces for _, pieces in kept)
        site.held[item] += held
        if held:
            self.tell(("book", target, item, -held))
        self.clock.at(self.clock.now + ms(d["decided_after"]), self._decided, site, item, kept, d["disposition"])
        return None

    def _decided(self, site: Site, item: str, lots: list[list[int]], disposition: str) -> None:
        pieces = sum(n for _, n in lots)
        site.held[item] -= pieces
        if disposition == "release" and lots:
            site.lots[item] = sorted(lots + site.lots[item])  # as the lots they were
            self.tell(("book", site.id, item, pieces))
            self.put(site.id, item, 0)
        else:
            self.doors(site)

    def _open(self, site: Site, lanes: list[Lane]) -> None:
        site.closed -= 1
        for lane in lanes:
            lane.open()
        self.clock.at(self.clock.now, self._docks, site)

    def _docks(self, site: Site) -> None:
        self.doors(site)
        for item in site.asked:
            self.ship(site.id, item)
