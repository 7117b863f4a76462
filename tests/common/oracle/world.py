"""The oracle's network: sites, ERP and customers of the same dicts that are written as YAML for the product.

A second, independent simulation of the network layer after the design (the world's rules), for deterministic worlds:
one heap of events, plain dicts, exact fractions. It imports nothing of the product.
"""

from collections import defaultdict
from typing import Any

from tests.common.oracle.clock import AFTER, BROKEN, DAY, Clock, Shifts, ms
from tests.common.oracle.erp import TOLD, Erp
from tests.common.oracle.floor import Line
from tests.common.oracle.harm import Harms
from tests.common.oracle.roads import Lane, Load, Supplier
from tests.common.oracle.shop import Shop
from tests.common.oracle.things import Order, Site


class World(Erp, Harms):
    """A network and a scenario, simulated up to and including the horizon by `run`."""

    def __init__(self, network: dict[str, Any], scenario: dict[str, Any]) -> None:
        self.clock, self.orders = Clock(), list[Order]()
        self.tied: int | None = None  # the first instant from which on the two may differ
        self.came = dict[tuple[str, str], tuple[int, int]]()
        self.horizon = ms(scenario["horizon"])
        days = self.horizon // DAY * 3 + 30
        calendars = {c["id"]: Shifts.of(c, days) for c in network.get("calendars", ())}
        calendars[None] = Shifts()
        self.needs = {bom["item"]: bom["needs"] for bom in network.get("boms", ())}
        self.sites = {s["id"]: Site(s["id"], s) for s in (*network.get("plants", ()), *network.get("warehouses", ()))}
        self.plants = {p["id"] for p in network.get("plants", ())}
        self.houses = [w["id"] for w in network.get("warehouses", ())]
        self.customers = {c["id"]: c for c in network["customers"]}
        for plant in network.get("plants", ()):
            for spec in plant.get("lines", ()):
                shifts = calendars[plant.get("calendar")].both(calendars[spec.get("calendar")])
                self.sites[plant["id"]].lines[spec["id"]] = Line(self.clock, Shop(self, plant["id"]), spec, shifts)
        self.lanes = [Lane(self.clock, spec, n, self) for n, spec in enumerate(network["lanes"])]
        self.suppliers = {
            s["id"]: Supplier(self.clock, s, calendars[s.get("calendar")], self._ready)
            for s in network.get("suppliers", ())
        }
        self.rules = {(s.id, i): rule for s in self.sites.values() for i, rule in s.spec.get("replenish", {}).items()}
        for table in ("book", "coming", "making", "demand", "left"):
            setattr(self, table, defaultdict(int))
        self.changed, self.planning, self.dependent = dict[tuple[str, str], None](), False, set[tuple[str, str]]()
        for site in self.sites.values():
            for item, quantity in site.spec.get("stock", {}).items():
                if quantity:
                    site.add(item, quantity)
                self.book[site.id, item] = quantity
        self._begin(scenario)

    def _begin(self, scenario: dict[str, Any]) -> None:
        for (site, item), rule in self.rules.items():
            if "review" in rule:
                self._review(site, item)  # reviews are asked first at the beginning
        self.clock.at(0, self._opening)
        for customer in self.customers.values():
            orders = customer["orders"]
            if orders.get("rows"):
                self.clock.at(ms(orders["rows"][0]["at"]), self._filed, customer, 0)
            if "every" in orders:
                self.clock.at(ms(orders["every"]), self._drawn, customer)
        for d in scenario.get("disruptions", ()):
            self.clock.at(ms(d["at"]), self._disrupt, d, rank=BROKEN)

    def _opening(self) -> None:
        """Every rule that does not wait for its review is looked at."""
        self.changed |= {key: None for key, rule in self.rules.items() if "review" not in rule}
        self._plan()

    def run(self, until: int) -> None:
        """Everything up to and including that instant."""
        self.clock.run(until)

    # --- customers ---------------------------------------------------------------------------------------------
    def _drawn(self, customer: dict[str, Any]) -> None:
        orders = customer["orders"]
        self._place(customer, {"item": next(iter(orders["items"])), "quantity": orders["quantity"]})
        self.clock.at(self.clock.now + ms(orders["every"]), self._drawn, customer)

    def _filed(self, customer: dict[str, Any], n: int) -> None:
        rows = customer["orders"]["rows"]
        self._place(customer, rows[n])
        if n + 1 < len(rows):
            self.clock.at(ms(rows[n + 1]["at"]), self._filed, customer, n + 1)

    def _place(self, customer: dict[str, Any], row: dict[str, Any]) -> None:
        now, orders = self.clock.now, customer["orders"]
        due = ms(row["due"]) if "due" in row else self.clock.stamp + ms(orders["due"]) if "due" in orders else -1
        order = Order(
            "customer", row["item"], row["quantity"], self._server(customer, row["item"]), customer["id"], now, due=due,
            wanted=row["quantity"], partial=orders.get("partial", False),
        )  # fmt: skip
        self._file(order)
        if "patience" in orders:
            self.clock.at(now + ms(orders["patience"]), self._give_up, order, rank=AFTER)
        if order.site:
            self._ask(order)
            self._plan()

    def _server(self, customer: dict[str, Any], item: str) -> str:
        if customer.get("served_by"):
            return str(customer["served_by"][0])
        makers = [p for p in self.sites if p in self.plants and self._makes(p, item)]
        return next((s for s in (*self.houses, *makers) if self.route(s, customer["id"])), "")

    # --- sites -------------------------------------------------------------------------------------------------
    def put(self, site: str, item: str, quantity: int, pegged: Order | None = None) -> None:
        """Goods come into stock: a lot."""
        s = self.sites[site]
        if quantity:
            s.add(item, quantity)
        self.ship(site, item, pegged)
        for line in s.lines.values():
            line.wake()

    def ship(self, site: str, item: str, pegged: Order | None = None) -> None:
        """Serve the queue: due date, then customers before transfers, then first come."""
        s = self.sites[site]
        if s.closed:
            return
        queue = [o for o in s.queue if o.item == item and o.wanted]
        queue.sort(key=lambda o: (o.due if o.due >= 0 else 1 << 62, o.kind != "customer", o.seq))
        if pegged in queue:
            queue.remove(pegged)
            queue.insert(0, pegged)
        free = s.stock(item)
        for order in queue:
            route = self.route(site, order.target)
            if free <= 0 or route[0].closed:
                continue
            goes = order.wanted if free >= order.wanted else free if order.partial else 0
            if goes:
                s.take(item, goes)
                order.wanted -= goes
                self.tell(("book", site, item, -goes), ("demand", site, item, -goes))
                route[0].take(Load(order, goes, list(route)))
            free -= goes or free
        s.queue = [o for o in s.queue if o.wanted]
        self.doors(s)

    def doors(self, s: Site) -> None:
        while s.door and not s.closed and s.room(s.door[0][1]):
            item, quantity, order, then = s.door.pop(0)
            then()
            self.put(s.id, item, quantity, order)

    def _ready(self, order: Order, quantity: int) -> None:
        order.wanted = 0
        order.cancelled = order.ordered - quantity
        if order.cancelled:
            self.tell(("coming", order.target, order.item, -order.cancelled))
        route = self.route(order.site, order.target)
        route[0].take(Load(order, quantity, list(route)))

    def met(self, site: str, line: Line, needs: dict[str, int]) -> None:
        """A line wants components that came in this very instant: who was first the design does not say."""
        for item, each in needs.items():
            came, quantity = self.came.get((site, item), (-2, 0))
            if came >= self.clock.stamp - 1 and self.sites[site].stock(item) - quantity < each and self.tied is None:
                self.tied = self.clock.stamp - 1

    # --- told by lanes -----------------------------------------------------------------------------------------
    def departed(self, lane: Lane, load: Load) -> None:
        """Goods have left a gate."""
        order = load.order
        if not load.left_site:  # what turned back has left all the same
            load.left_site = True
            order.sent += load.quantity
            if not order.wanted and order.sent + order.cancelled >= order.ordered:
                order.left_ms = self.clock.stamp

    def opened(self, lane: Lane) -> None:
        """A lane is open again: what waited for it may go."""
        site = self.sites.get(lane.source)
        if site is not None:
            for item in site.asked:
                self.ship(site.id, item)

    def arrived(self, load: Load) -> None:
        """Goods are at their target: a customer has them, a site takes them in at its door."""
        order = load.order
        if order.target in self.customers:
            order.there += load.quantity
            order.last_ms = self.clock.stamp
            self.came_all(order)
            return
        site = self.sites[order.target]
        site.door.append((order.item, load.quantity, None, lambda: self._received(order, load.quantity)))
        self.doors(site)

    def _received(self, order: Order, quantity: int) -> None:
        order.there += quantity
        order.last_ms = self.clock.stamp
        self.came_all(order)
        self.came[order.target, order.item] = self.clock.stamp, quantity
        self.tell(("book", order.target, order.item, quantity), ("coming", order.target, order.item, -quantity))

    def came_all(self, order: Order) -> None:
        if order.there and order.there + order.cancelled >= order.ordered and order.done_ms < 0:
            order.done_ms = order.last_ms

    def lost(self, lane: Lane, load: Load) -> None:
        """Goods are gone; the carrier says so when its time has passed."""
        load.order.missing += load.quantity
        self.clock.at(self.clock.now + lane.reports_after + TOLD, self.write_off, load.order, load.quantity)

    # --- routes ------------------------------------------------------------------------------------------------
    def route(self, source: str, target: str) -> list[Lane]:
        """The quickest by transit time (ties: fewer lanes, then the file's order) by trying every way."""
        best, found = None, list[Lane]()
        stack = [(source, list[Lane]())]
        while stack:
            place, ways = stack.pop()
            if place == target and ways:
                key = (sum(x.time for x in ways), len(ways), [x.place for x in ways])
                if best is None or key < best:
                    best, found = key, ways
                continue
            if ways and place not in self.sites:
                continue
            first = {x.target: x for x in reversed(self.lanes) if x.source == place}
            for lane in first.values():
                if lane.target not in [source, *(x.target for x in ways)]:
                    stack.append((lane.target, [*ways, lane]))
        return found
