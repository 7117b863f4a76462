"""The physical network: every site, line, lane, supplier and customer of a definition, built and wired.

    supplier --lane--> plant --lane--> warehouse --lane--> customer
                        |  lines, stock                (goods may pass through sites: routes chain lanes)

This file builds and routes; what each thing does stands in the file of its name.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from heapq import heappop, heappush
from zoneinfo import ZoneInfo

from simpy.resources.resource import Resource

from plants import definition
from plants.floor.crew import Crew
from plants.floor.line import Line
from plants.floor.rate import RateLine
from plants.floor.reference import SimpyLine
from plants.floor.serial import SerialLine
from plants.ledger import Ledger
from plants.network.customer import Customer
from plants.network.lane import Consignment, Lane
from plants.network.plant import Plant
from plants.network.shipment import Shipment
from plants.network.sites import Site
from plants.network.supplier import Supplier
from plants.orders import CustomerOrder, Order, OrderBook
from plants.shifts import Shifts
from sim.environment import Environment
from sim.streams import Draw, Streams
from sync.vocabulary.planning import materials
from sync.vocabulary.quantities import ceil_ms, price

CALENDAR_MARGIN_S = 60 * 86_400.0


@dataclass(eq=False)
class Network:
    """The built world. `reference`: its lines of machines are SimPy processes, to hold the machine floor against."""

    env: Environment
    spec: definition.NetworkSpec
    start: datetime
    horizon_s: float
    streams: Streams
    reference: bool = False
    ledger: Ledger = field(init=False)
    book: OrderBook = field(default_factory=OrderBook)
    shifts: dict[str, Shifts] = field(default_factory=dict)
    lanes: dict[str, Lane] = field(default_factory=dict)
    sites: dict[str, Site] = field(default_factory=dict)
    plants: dict[str, Plant] = field(default_factory=dict)
    suppliers: dict[str, Supplier] = field(default_factory=dict)
    customers: dict[str, Customer] = field(default_factory=dict)
    lines: dict[str, Line] = field(default_factory=dict)
    crews: dict[str, dict[str, Crew]] = field(default_factory=dict)
    on_delivered: list[Callable[[CustomerOrder, Consignment], None]] = field(default_factory=list)
    on_lost: list[Callable[[Order, Consignment, Lane], None]] = field(default_factory=list)
    place: Callable[[CustomerOrder], None] | None = None
    forwarder: Callable[[str, Order], str] | None = None  # from where, which order -> the mode to take; "": the order's
    shipments: list[Shipment] = field(default_factory=list)  # as they departed
    _routes: dict[tuple[str, str, str, str], list[str] | None] = field(default_factory=dict)
    _shipments: dict[str, int] = field(default_factory=dict)  # of each site or supplier
    _shipments_of: dict[str, int] = field(default_factory=dict)  # of each order
    _at_gate: dict[str, int] = field(default_factory=dict)  # order -> pieces of it at the gate of their first lane

    def __post_init__(self) -> None:
        d = self.spec
        self.ledger = Ledger(lambda: ceil_ms(self.env.now), lambda: self.env.now)
        for lane in d.lanes:
            self.lanes[lane.id] = Lane.build(self.env, lane, self.ledger, self.streams)
        self._weights = {i.id: i.weight_g for i in d.items}
        self._out: dict[str, dict[str, list[Lane]]] = {}  # source -> target -> the lanes that join them
        for built in self.lanes.values():
            self._out.setdefault(built.spec.source, {}).setdefault(built.spec.target, []).append(built)
        for plant in d.plants:
            self._build_plant(plant)
        for house in d.warehouses:
            site = Site(self.env, house.id, self.ledger, self, capacity=house.capacity)
            self._add_site(site, house.stock)
        for supplier in d.suppliers:
            self.suppliers[supplier.id] = Supplier.build(
                self.env, supplier, self.ledger, self, self.streams, self.calendar(supplier.calendar)
            )
        for customer in d.customers:
            self.customers[customer.id] = Customer(self.env, customer, self._placed, self.streams, self.start)
        for built in self.lanes.values():
            built.on_lost.append(lambda c, lane=built: self._lost(c, lane))  # type: ignore[misc]
            built.on_freight.append(self._billed)
            built.on_wait.append(self._waits)
            built.on_depart.append(self._departed)
            if built.spec.source in self.sites:
                built.on_open.append(self.sites[built.spec.source].ship_all)

    # --- building ------------------------------------------------------------------------------------------------
    def calendar(self, calendar: str | None) -> Shifts:
        """The calendar of that id, opened to beyond the horizon; None is always open. Each is opened once."""
        if calendar is None:
            return Shifts.always()
        if calendar not in self.shifts:
            shifts = self.shifts[calendar] = Shifts.of(self.spec.calendars[calendar], self.start)
            shifts.until(self.horizon_s + CALENDAR_MARGIN_S)
        return self.shifts[calendar]

    def _add_site(self, site: Site, stock: dict[str, int]) -> None:
        self.sites[site.id] = site
        site.on_received.append(self._received)
        for item, quantity in stock.items():
            site.open_stock(item, quantity)

    def _build_plant(self, spec: definition.PlantSpec) -> None:
        plant = Plant(
            self.env, spec.id, self.ledger, self, capacity=spec.capacity, handling_micro=spec.handling_micro, spec=spec
        )
        plant.needs = {item: dict(bom.needs) for item, bom in materials.bills_at(self.spec.boms, spec.id).items()}
        self.crews[spec.id] = {c.id: Crew(Resource(self.env, c.size), self.calendar(c.calendar)) for c in spec.crews}
        for line in spec.lines:
            built = self._build_line(plant, line)
            plant.lines[built.id] = self.lines[built.id] = built
        self.plants[spec.id] = plant
        self._add_site(plant, spec.stock)

    def _build_line(self, plant: Plant, spec: definition.LineSpec) -> Line:
        name = f"{plant.id}.{spec.id}"
        own, site = spec.calendar, plant.spec.calendar
        shifts = self.calendar(own) if own == site or site is None else self.calendar(site)
        if own is not None and site is not None and own != site:
            shifts = self.calendar(own).intersect(self.calendar(site))
            shifts.until(self.horizon_s + CALENDAR_MARGIN_S)
        common = (self.env, name, spec, plant, shifts, self.ledger)
        if spec.rate_per_day is not None:
            return RateLine(*common, self._yields(name, spec))
        if self.reference:
            crews = self.crews[plant.id]
            return SimpyLine(*common, self._yields(name, spec), streams=self.streams, crews=crews)
        return SerialLine(*common, {}, streams=self.streams, crews=self.crews[plant.id])

    def _yields(self, name: str, spec: definition.LineSpec) -> dict[str, Draw]:
        return {m.item: self.streams.share(f"{name}/yield/{m.item}") for m in spec.makes if m.yield_share < 1.0}

    def start_all(self) -> None:
        """Set lines and customers going."""
        for line in self.lines.values():
            line.start()
        for customer in self.customers.values():
            customer.start()

    def _placed(self, order: CustomerOrder) -> None:
        if self.place is None:
            raise ValueError("nobody takes customer orders: the network has no ERP")
        self.place(order)

    # --- routing -------------------------------------------------------------------------------------------------
    def route(self, source: str, order: Order, mode: str = "") -> list[Lane] | None:
        """The lanes from `source` to the order's target: through the order's port when it names one, else the quickest
        by mean transit time (ties: fewer lanes, then the file's order). Where several lanes join a pair it takes the
        one of `mode` (left out: of the order's own), where there is none the first that the file names. Closed lanes
        stay on the route: goods wait for them, unless somebody reroutes the order."""
        via, mode = order.port if isinstance(order, CustomerOrder) else "", mode or order.mode
        key = (source, order.target, via, mode)
        if key not in self._routes:
            if via and via != source:
                first, second = self._quickest(source, via, mode), self._quickest(via, order.target, mode)
                self._routes[key] = None if first is None or second is None else first + second
            else:
                self._routes[key] = self._quickest(source, order.target, mode)
        ids = self._routes[key]
        return None if ids is None else [self.lanes[i] for i in ids]

    def way(self, source: str, order: Order) -> list[Lane] | None:
        """The lanes by which an order leaves now: its route, by the mode a forwarder calls for, if there is one."""
        mode = self.forwarder(source, order) if self.forwarder is not None else ""
        return self.route(source, order, mode)

    @cached_property
    def every_mode(self) -> tuple[str, ...]:
        """The modes of all pairs that more than one lane joins, as the file names them."""
        pairs = [joining for targets in self._out.values() for joining in targets.values() if len(joining) > 1]
        return tuple(dict.fromkeys(lane.spec.mode for joining in pairs for lane in joining if lane.spec.mode))

    def weight_g(self, item: str) -> int:
        """Of one piece, in grams."""
        return self._weights[item]

    def modes(self, source: str, target: str) -> tuple[str, ...]:
        """The modes of the lanes that join a pair, as the file names them ("" for a lane without)."""
        return tuple(lane.spec.mode for lane in self._out.get(source, {}).get(target, []))

    def _quickest(self, source: str, target: str, mode: str = "", avoid: str = "") -> list[str] | None:
        """Dijkstra over mean transit times; suppliers and customers are never passed through, nor the lane `avoid`."""
        heap: list[tuple[float, int, int, str, tuple[str, ...]]] = [(0.0, 0, 0, source, ())]
        seen: set[str] = set()
        pushed = 0
        while heap:
            cost, hops, _, at, path = heappop(heap)
            if at == target:
                return list(path)
            if at in seen or (at != source and at not in self.sites):
                continue
            seen.add(at)
            for joining in self._out.get(at, {}).values():
                lanes = [lane for lane in joining if lane.id != avoid]
                if not lanes:
                    continue
                lane = next((lane for lane in lanes if lane.spec.mode == mode), lanes[0]) if mode else lanes[0]
                pushed += 1
                mean = lane.spec.time.mean if lane.spec.time is not None else 0.0
                heappush(heap, (cost + mean, hops + 1, pushed, lane.spec.target, (*path, lane.id)))
        return None

    def detour(self, via: str, closed: Lane) -> list[Lane]:
        """The lane `via` and the quickest way on from its end to where a closed lane leads; [] when there is none."""
        rest = self._quickest(self.lanes[via].spec.target, closed.spec.target, avoid=closed.id)
        return [] if rest is None else [self.lanes[i] for i in (via, *rest)]

    def cheapest_port(self, source: str, order: CustomerOrder) -> str:
        """The open site behind `source` from which a rates table carries the order for least; "" when there is none."""
        best: tuple[int, str] | None = None
        for firsts in self._out.get(source, {}).values():
            first = firsts[0]
            for seconds in self._out.get(first.spec.target, {}).values():
                second = seconds[0]
                if second.spec.target != order.target or first.closed or second.closed:
                    continue
                quote = second.spec.tariff.quote(order.quantity, order.weight_g, order.service)
                if quote is not None and (best is None or quote.cost_minor < best[0]):
                    best = (quote.cost_minor, first.spec.target)
        return best[1] if best else ""

    def load(self, source: str, order: Order, quantity: int, route: list[Lane]) -> Consignment:
        """A priced consignment. A lane with a rates table is asked for the order's weight, service and carrier."""
        n = self._shipments[source] = self._shipments.get(source, 0) + 1
        of_order = self._shipments_of[order.id] = self._shipments_of.get(order.id, 0) + 1
        site, weight, own = self.sites.get(source), self._weights[order.item] * quantity, 0.0
        shipment = Shipment(
            order.kind, -1, price(site.handling_micro, quantity) if site is not None else 0, id=f"{source}/{n}",
            order=order.id, item=order.item, quantity=quantity, source=source, target=order.target,
        )  # fmt: skip
        self.shipments.append(shipment)
        service = carrier = ""
        if isinstance(order, CustomerOrder):
            weight = order.weight_g * quantity // max(order.quantity, 1) if order.weight_g else weight
            service, carrier, own = order.service, order.kept_carrier, max(order.transit_ms, 0) / 1000
        c = Consignment(
            shipment.id, order.id, order.item, quantity, source, order.target, list(route), self._arrive, shipment,
            self.shipments, f"{order.cause} {of_order}", weight, service, carrier, own, eta_s=self.env.now,
        )  # fmt: skip
        for lane in route:
            quote = c.quote(lane)
            c.eta_s += lane.expected_s(quote, own)
            if quote is None or lane.spec.tariff.bands is None:
                continue
            order.priced = order.priced and quote.priced
            if isinstance(order, CustomerOrder):
                order.carrier = quote.carrier
        order.handling_cost_minor += shipment.handling_minor
        return c

    def _billed(self, c: Consignment, minor: int) -> None:
        """Freight is due, or refunded, for goods of an order."""
        self.book[c.order].lane_cost_minor += minor

    def _waits(self, c: Consignment) -> None:
        """Goods wait at the gate of a lane: until they have left the first, the order has not."""
        if not c.shipment.legs:
            self._at_gate[c.order] = self._at_gate.get(c.order, 0) + c.quantity
            self.book[c.order].left_ms = -1

    def _departed(self, c: Consignment) -> None:
        """Goods leave the gate of a lane; with the last of them the order has left."""
        if c.order in self._at_gate and len(c.shipment.legs) == 1:
            order = self.book[c.order]
            self._at_gate[c.order] -= c.quantity
            if not self._at_gate[c.order]:
                del self._at_gate[c.order]
                if not order.wanted:
                    order.left_ms = c.shipment.departed_ms

    def _received(self, c: Consignment) -> None:
        """A site has taken in what was sent to it: the order behind it has arrived, or a part of it."""
        self._noted(c)

    def _arrive(self, c: Consignment) -> None:
        site = self.sites.get(c.target)
        if site is not None:
            site.arrive(c)
            return
        self.ledger.move(c.item, c.quantity, f"transit:{c.last_lane}", f"shipped:{c.target}", c.order, c.id)
        order = self._noted(c)
        if isinstance(order, CustomerOrder):
            for call in self.on_delivered:
                call(order, c)

    def _lost(self, c: Consignment, lane: Lane) -> None:
        """Goods are gone on a lane."""
        order = self.book[c.order]
        order.lose(c.quantity)
        for call in self.on_lost:
            call(order, c, lane)

    def _noted(self, c: Consignment) -> Order:
        """The order of a consignment that is there, with its pieces counted as arrived."""
        c.shipment.received_ms = ceil_ms(self.env.now)
        order = self.book[c.order]
        order.deliver(c.quantity, c.shipment.received_ms)
        return order

    def audit(self, event: str, *, whole: bool = False) -> None:
        """Compare every place with the ledger, and the quantities of every order with each other and with the goods on
        lanes and at doors (`whole`: of those at their end before, too). Raises InvariantViolation."""
        self.ledger.audit(event)
        self.book.audit(ceil_ms(self.env.now), self._moving, whole=whole)

    def _moving(self) -> Iterator[tuple[str, int]]:
        for lane in self.lanes.values():
            for c in lane.carried():
                yield c.order, c.quantity
        for site in self.sites.values():
            for c in site.at_door():
                yield c.order, c.quantity

    # --- the start -----------------------------------------------------------------------------------------------
    @staticmethod
    def start_instant(local: str, timezone: str) -> datetime:
        """The aware instant of an ISO local date-time in a time zone."""
        return datetime.fromisoformat(local).replace(tzinfo=ZoneInfo(timezone))
