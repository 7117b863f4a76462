"""The oracle's ERP: positions, rules of replenishment, production orders, what is taken back and written off."""

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from tests.common.oracle.clock import DAY, Clock, ms
from tests.common.oracle.floor import Line
from tests.common.oracle.roads import Lane, Supplier
from tests.common.oracle.things import Order, Site

TOLD = 1000  # ERP hears of what systems notice a second later
TRANSFER_DUE = 2 * DAY  # beyond the transit time
Table = defaultdict[tuple[str, str], int]


class Erp:
    """What ERP does; the world it stands in has the sites, suppliers and routes."""

    clock: Clock
    orders: list[Order]
    sites: dict[str, Site]
    suppliers: dict[str, Supplier]
    plants: set[str]
    needs: dict[str, dict[str, int]]
    rules: dict[tuple[str, str], dict[str, Any]]
    book: Table
    coming: Table
    making: Table
    demand: Table
    changed: dict[tuple[str, str], None]
    dependent: set[tuple[str, str]]
    planning: bool
    left: Table
    ship: Callable[..., None]
    came_all: Callable[[Order], None]
    route: Callable[[str, str], list[Lane]]

    # --- ERP ---------------------------------------------------------------------------------------------------
    def _file(self, order: Order) -> Order:
        order.seq, order.placed, order.ordered_ms = len(self.orders), self.clock.now, self.clock.stamp
        self.orders.append(order)
        return order

    def _makes(self, site: str, item: str) -> bool:
        return any(item in line.makes for line in self.sites[site].lines.values())

    def _add(self, table: str, site: str, item: str, quantity: int) -> None:
        getattr(self, table)[site, item] += quantity
        self.changed[site, item] = None

    def tell(self, *rows: tuple[str, str, str, int], then: Any = None) -> None:
        """A second later ERP books rows of (table, site, item, quantity), and plans."""

        def heard() -> None:
            for row in rows:
                self._add(*row)
            if then is not None:
                then()
            self._plan()

        self.clock.at(self.clock.now + TOLD, heard)

    def position(self, site: str, item: str) -> int:
        """Book + on order + in production - open demand."""
        key = (site, item)
        return int(self.book[key] + self.coming[key] + self.making[key] - self.demand[key])

    def _plan(self) -> None:
        if self.planning:
            return
        self.planning = True
        while self.changed:
            site, item = next(iter(self.changed))
            del self.changed[site, item]
            self._look(site, item)
        self.planning = False

    def _review(self, site: str, item: str) -> None:
        self.clock.at(self.clock.now, self._asked, site, item)
        self.clock.at(self.clock.now + ms(self.rules[site, item]["review"]), self._review, site, item)

    def _asked(self, site: str, item: str) -> None:
        self._reorder(site, item)
        self._plan()

    def _look(self, site: str, item: str) -> None:
        rule = self.rules.get((site, item))
        if rule is None:
            if site in self.plants and self._makes(site, item) and self.making[site, item] <= 0:
                self.lacking(site, item, None)
        elif "review" not in rule:
            self._reorder(site, item)
            self._plan()

    def _reorder(self, site: str, item: str) -> None:
        rule, position = self.rules[site, item], self.position(site, item)
        if "s" in rule:
            quantity = rule["S"] - position if position <= rule["s"] else 0
        elif "r" in rule:
            quantity = -(-(rule["r"] + 1 - position) // rule["q"]) * rule["q"] if position <= rule["r"] else 0
        else:
            quantity = max(rule["S"] - position, 0)
        if quantity > 0:
            self._buy(site, item, quantity, rule["from"][0])

    def _buy(self, site: str, item: str, quantity: int, source: str) -> None:
        now = self.clock.now
        if source == site:
            self._produce(site, item, quantity, None)
        elif source in self.suppliers:
            quantity = max(quantity, self.suppliers[source].spec["items"][item].get("moq", 1))
            order = self._file(Order("purchase", item, quantity, source, site, now, wanted=quantity))
            self._add("coming", site, item, quantity)
            self.suppliers[source].order(order)
        else:
            due = self.clock.stamp + sum(lane.time for lane in self.route(source, site)) + TRANSFER_DUE
            order = self._file(
                Order("transfer", item, quantity, source, site, now, due=due, wanted=quantity, partial=True)
            )
            self._add("coming", site, item, quantity)
            self._ask(order)

    def _ask(self, order: Order) -> None:
        self._add("demand", order.site, order.item, order.wanted)
        self.lacking(order.site, order.item, order)
        self.sites[order.site].enter(order)
        self.ship(order.site, order.item)

    def lacking(self, site: str, item: str, pegged: Order | None) -> None:
        missing = -self.position(site, item)
        if missing > 0 and (site, item) not in self.rules and self._makes(site, item):
            self._produce(site, item, missing, pegged)

    def _produce(self, site: str, item: str, missing: int, pegged: Order | None) -> None:
        lines = [line for line in self.sites[site].lines.values() if item in line.makes]
        rank = [(x.makes[item].get("prefer", 0) or 1 << 30, self.work(f"{site}.{x.id}", x)) for x in lines]
        line = lines[rank.index(min(rank))]  # ties: the file's order
        lot = line.makes[item].get("lot", 1)
        quantity = -(-missing // lot) * lot
        order = Order("production", item, quantity, site, site, self.clock.now, wanted=quantity, pegged=pegged)
        order.line = f"{site}.{line.id}"
        self._file(order)
        self._add("making", site, item, quantity)
        self.left[order.line, item] += quantity
        for component, each in self.needs.get(item, {}).items():
            if self._makes(site, component) and (site, component) not in self.rules:
                self.dependent.add((site, component))
                self._add("demand", site, component, each * quantity)
                self.lacking(site, component, order)
        line.release(order, item, quantity)

    # --- less is wanted, or more again ---------------------------------------------------------------------------
    def _give_up(self, order: Order) -> None:
        order.given_up = True
        if order.wanted:
            self._withdraw(order)
            self._plan()

    def _withdraw(self, order: Order) -> None:
        order.cancelled += order.wanted
        self._add("demand", order.site, order.item, -order.wanted)
        order.wanted = 0
        self.sites[order.site].queue = [o for o in self.sites[order.site].queue if o is not order]
        if order.sent and order.left_ms < 0:
            order.left_ms = self.clock.stamp
        self.came_all(order)
        self.ship(order.site, order.item)
        self._unproduce(order)

    def _unproduce(self, gone: Order) -> None:
        """Lots that nobody needs any more and that are not begun: those made for the order first, then the latest."""
        site, item = gone.site, gone.item
        waiting = {
            lot.order: line for line in self.sites[site].lines.values() for lot in line.queue if lot.item == item
        }
        mine = [o for o in self.orders if o.pegged is gone and o in waiting]
        surplus = self.position(site, item) - self._level(site, item)
        for order in [*mine, *sorted(set(waiting) - set(mine), key=lambda o: -o.seq)]:
            taken = waiting[order].withdraw(order, surplus)
            if taken:
                surplus -= taken
                order.wanted -= taken
                order.cancelled += taken
                self._add("making", site, item, -taken)
                self.left[order.line, item] -= taken
                for component, each in self.needs.get(item, {}).items():
                    if self._makes(site, component) and (site, component) not in self.rules:
                        self._add("demand", site, component, -each * taken)
                if not order.wanted and order.there:
                    order.left_ms = order.done_ms = self.clock.stamp

    def work(self, name: str, line: Line) -> Fraction:
        """What ERP knows to be left on a line, at normal speed: lots that were not confirmed."""
        return sum((line.unit[item] * self.left[name, item] for item in line.makes), Fraction(0))

    def _level(self, site: str, item: str) -> int:
        """What a rule wants to have: nobody takes that back."""
        rule = self.rules.get((site, item), {})
        return int(rule.get("S", rule.get("r", 0) + rule.get("q", 0)))

    def write_off(self, order: Order, quantity: int) -> None:
        """A loss is reported: a customer's order is sent again unless it was given up; others the rule orders anew."""
        order.missing -= quantity
        if order.kind != "customer" or order.given_up:
            order.cancelled += quantity
            self.came_all(order)
            if order.kind != "customer":
                self._add("coming", order.target, order.item, -quantity)
        else:
            order.sent -= quantity
            order.wanted += quantity
            order.left_ms = -1
            if order not in self.sites[order.site].queue:
                self.sites[order.site].enter(order)
            self._add("demand", order.site, order.item, quantity)
            self.lacking(order.site, order.item, order)
            self.ship(order.site, order.item)
        self._plan()
