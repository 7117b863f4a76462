"""Master data, indexed: who makes what, which lanes lead where, what carrying costs, whose code is whose.

Built once from MasterData and never changed. Prices are remembered because a tariff of bands is searched thousands of
times for the same shipment.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sync.vocabulary.master import CustomerData, LaneData, LineData, MakeData, MasterData, SiteData
from sync.vocabulary.planning import materials
from sync.vocabulary.quantities import price
from sync.vocabulary.tariff import Quote

MAX_LANES = 4  # a route longer than this is no plan


@dataclass(frozen=True)
class Route:
    """Lanes in a row from a source to a target, passing through `stops`."""

    lanes: tuple[LaneData, ...]
    stops: tuple[str, ...]

    @property
    def port(self) -> str:
        """The first stop, as orders name it ("" on a direct lane)."""
        return self.stops[0] if self.stops else ""


@dataclass(frozen=True)
class Carriage:
    """What one shipment over a route costs (minor units) and takes (ms)."""

    route: Route
    cost_minor: int
    transit_ms: int
    priced: bool


class Network:
    """The index. All members are read-only for the core. lines_at: (site, item) -> the lines that make it there."""

    def __init__(self, master: MasterData) -> None:
        self.master = master
        self.sites: dict[str, SiteData] = {s.id: s for s in master.sites}
        self.lines: dict[str, LineData] = {line.id: line for line in master.lines}
        self.lanes: dict[str, LaneData] = {lane.id: lane for lane in master.lanes}
        self.customers: dict[str, CustomerData] = {c.id: c for c in master.customers}
        self.makers: dict[str, list[tuple[LineData, MakeData]]] = {}
        self.make: dict[tuple[str, str], MakeData] = {}
        self.lines_at: dict[tuple[str, str], list[tuple[LineData, MakeData]]] = {}
        for line in master.lines:
            for make in line.makes:
                self.makers.setdefault(make.item, []).append((line, make))
                self.make[line.id, make.item] = make
                self.lines_at.setdefault((line.site, make.item), []).append((line, make))
        self.making_sites = sorted({line.site for line in master.lines})
        self._bills = {site: materials.bills_at(master.boms, site) for site in self.making_sites}
        self.codes = {s.id: {local: item for item, local in s.codes.items()} for s in master.sites if s.codes}
        self._out: dict[str, list[LaneData]] = {}
        for lane in master.lanes:
            self._out.setdefault(lane.source, []).append(lane)
        self._routes: dict[tuple[str, str], tuple[Route, ...]] = {}
        self._quotes: dict[tuple[str, int, int, str, str], Quote | None] = {}

    def makes(self, site: str, item: str) -> bool:
        """Whether `site` has a line that makes `item`."""
        return (site, item) in self.lines_at

    def canonical(self, site: str, code: str) -> str | None:
        """The canonical item behind a site's own code; None when it is mapped nowhere."""
        known = self.codes.get(site, {}).get(code)
        return known or (code if code in self.master.items else None)

    def needs_of(self, item: str, site: str) -> dict[str, int]:
        """Components per piece of `item` made at `site`."""
        bill = self._bills[site].get(item)
        return bill.needs if bill else {}

    def routes(self, source: str, target: str) -> tuple[Route, ...]:
        """All routes of at most MAX_LANES lanes, through stocking places and ports only, shortest chains first."""
        key = (source, target)
        if key not in self._routes:
            found: list[Route] = []
            trails: list[tuple[LaneData, ...]] = [(lane,) for lane in self._out.get(source, ())]
            while trails:
                longer: list[tuple[LaneData, ...]] = []
                for trail in trails:
                    here = trail[-1].target
                    if here == target:
                        found.append(Route(trail, tuple(lane.source for lane in trail[1:])))
                    elif len(trail) < MAX_LANES and self._may_pass(here):
                        seen = {source, *(lane.target for lane in trail)}
                        longer += [(*trail, lane) for lane in self._out.get(here, ()) if lane.target not in seen]
                # a chain is only worth looking at when nothing shorter leads there
                trails = [] if found else longer
            self._routes[key] = tuple(found)
        return self._routes[key]

    def _may_pass(self, place: str) -> bool:
        site = self.sites.get(place)
        return site is not None and site.kind != "plant"

    def _quote(self, lane: LaneData, pieces: int, weight_g: int, service: str, carrier: str) -> Quote | None:
        key = (lane.id, pieces, weight_g, service, carrier)
        if key not in self._quotes:
            self._quotes[key] = lane.tariff.quote(pieces, weight_g, service, carrier)
        return self._quotes[key]

    def carriage(
        self, route: Route, pieces: int, *, weight_g: int = 0, service: str = "", carrier: str = "", own_ms: int = -1
    ) -> Carriage | None:
        """Cost and transit of one shipment; own_ms: the order's own transit, for lanes that name none. None: a lane
        of the route does not carry it."""
        cost, transit, priced, own_used = 0, 0, True, False
        for lane in route.lanes:
            quote = self._quote(lane, pieces, weight_g, service, carrier)
            if quote is None:
                return None
            cost += quote.cost_minor
            priced = priced and quote.priced
            if quote.transit_ms >= 0:
                transit += quote.transit_ms
            elif lane.time_ms >= 0:
                transit += lane.time_ms
            elif not own_used:
                transit, own_used = transit + max(own_ms, 0), True
        return Carriage(route, cost, transit, priced)

    def handling(self, site: str, pieces: int) -> int:
        """Minor units for handling `pieces` at `site`."""
        data = self.sites.get(site)
        return price(data.handling_micro, pieces) if data else 0

    def delivery_ms(self, site: str, customer: str) -> int:
        """Mean time from a site's dock to a customer's, by the quickest route; 0 when there is none."""
        route = self.quickest(site, customer, lambda r: False)
        return sum(max(lane.time_ms, 0) for lane in route.lanes) if route else 0

    def quickest(self, source: str, target: str, closed: Callable[[Route], bool]) -> Route | None:
        """The quickest open route for goods between sites (ties: file order)."""
        open_routes = [r for r in self.routes(source, target) if not closed(r)]
        return min(open_routes, key=lambda r: sum(max(lane.time_ms, 0) for lane in r.lanes), default=None)
