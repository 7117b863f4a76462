"""How ERP keeps a network supplied: what it has sites ship, plants make, houses and suppliers send.

    position <= s  --> transfer or purchase    (replenish)
    a plant is asked for what it makes --> ships free stock, production order for the rest, in whole lots

It looks at its own records (plants.systems.records), which lag behind the world as its channels do. Who plans otherwise
(local planners in `fragmented`) is asked through `planner`.
"""

from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol

from plants import definition
from plants.orders import ERP, PLANNER, CustomerOrder, Order
from plants.systems.channel import Channel
from plants.systems.records import Records
from plants.systems.system import System
from sync.vocabulary import messages as m
from sync.vocabulary.errors import Refused
from sync.vocabulary.planning import choice, lots, stock
from sync.vocabulary.quantities import MS_PER_DAY, ceil_ms

if TYPE_CHECKING:
    from plants.floor.line import Line
    from plants.network.network import Network
    from plants.network.plant import Plant

ENDLESS = 1_000  # looks at each place in one round of planning; a chain of places needs one or two
TRANSFER_DUE_MS = 2 * MS_PER_DAY  # what a replenishment is planned to take beyond its transit time


class Planner(Protocol):
    """Who decides where ERP's rule leaves a choice."""

    def source(self, site: str, item: str, sources: tuple[str, ...]) -> str: ...

    def server(self, order: CustomerOrder, served_by: tuple[str, ...]) -> str: ...


class StaticRule:
    """`from: [a, b]` and `served_by: [a, b]` mean *a*."""

    def source(self, site: str, item: str, sources: tuple[str, ...]) -> str:
        return choice.source(sources)

    def server(self, order: CustomerOrder, served_by: tuple[str, ...]) -> str:
        return choice.server(served_by)


class Supply(System):
    """The planning half of ERP (plants.systems.erp)."""

    def __init__(self, network: "Network", owner: str, channel: Channel) -> None:
        super().__init__(network, owner, channel)
        codes = {p.id: {local: item for item, local in p.codes.items()} for p in network.spec.plants}
        self.records = Records(codes, frozenset(i.id for i in network.spec.items))
        self.records.now_ms = lambda: ceil_ms(network.env.now)
        self.planner: Planner = StaticRule()
        self.rules: dict[tuple[str, str], definition.ReplenishSpec] = {}
        self._planning = False
        self._pegged: dict[str, list[Order]] = {}

    def load(self) -> None:
        """Take over the opening balances, and look at every replenishment rule once, again where that has asked for
        something."""
        net = self.network
        owners: list[definition.PlantSpec | definition.WarehouseSpec] = [*net.spec.plants, *net.spec.warehouses]
        for spec in owners:
            for item, rule in spec.replenish.items():
                self.rules[spec.id, item] = rule
            for item, quantity in spec.stock.items():
                self.records.open_book(spec.id, item, quantity)
        for (site, item), rule in self.rules.items():
            if rule.kind == "review":
                net.env.process(self._review(site, item, rule))
        net.env.call_at(0.0, self._open)

    def _open(self) -> None:
        self.records.changed |= dict.fromkeys(key for key, rule in self.rules.items() if rule.kind != "review")
        self._plan()

    def book(self) -> dict[str, list[Any]]:
        """Book stock as it changed; {} where nothing was ever booked."""
        said = self.records.said
        if not said:
            return {}
        return {
            "time_ms": [at for at, _, _ in said], "site": [key[0] for _, key, _ in said],
            "item": [key[1] for _, key, _ in said], "quantity": [n for _, _, n in said],
        }  # fmt: skip

    @property
    def now_ms(self) -> int:
        return ceil_ms(self.network.env.now)

    def _plan(self) -> None:
        """Look at the positions that changed. Planning changes positions too, hence the loop. Raises Refused where it
        comes to no end: each place would order from the next, and that from the first."""
        if self._planning:
            return
        self._planning = True
        left = ENDLESS * (1 + len(self.rules) + len(self.records.changed))
        while self.records.changed:
            site, item = next(iter(self.records.changed))
            left -= 1
            if left < 0:
                raise Refused(f"planning comes to no end at {self.now_ms} ms: {item} at {site} is ordered in a circle")
            del self.records.changed[site, item]
            self._replenish(site, item)
        self._planning = False

    def ask(self, order: Order, quantity: int) -> None:
        """Ask `order.site` to ship `quantity` pieces (more): book the demand; a plant that makes the item plans what it
        has not."""
        site = self.network.sites[order.site]
        self.records.add(self.records.demand, site.id, order.item, quantity)
        plant = self.network.plants.get(site.id)
        if plant is not None and plant.makes(order.item):
            self._produce(plant, order.item, order.id, getattr(order, "line", ""))
        site.ask(order)

    # --- production orders ---------------------------------------------------------------------------------------
    def _produce(self, plant: "Plant", item: str, for_order: str, line_id: str = "") -> None:
        """Raise a production order for what the position lacks, rounded up to whole lots."""
        missing = stock.lacking(self.records.position(plant.id, item))
        if missing > 0 and (plant.id, item) not in self.rules:
            self._release(plant, item, missing, for_order, line_id)

    def _release(self, plant: "Plant", item: str, missing: int, for_order: str = "", line_id: str = "") -> None:
        """Release a production order for `missing` pieces in whole lots, on the line named or the one with the least
        work."""
        line = plant.line_for(item, line_id, self._work)
        if line is None:
            return
        lot = line.makes[item].lot
        quantity = missing if line.spec.counts == "orders" else lots.whole(missing, lot)
        book = self.network.book
        order = Order(
            id=book.next_id("PO"), kind="production", item=item, ordered=missing, ordered_ms=self.now_ms,
            site=plant.id, target=plant.id, line=line.id, for_order=for_order, surplus=quantity - missing,
        )  # fmt: skip
        book.add(order)
        self._pegged.setdefault(for_order, []).append(order)
        self.records.add(self.records.in_production, plant.id, item, quantity)
        self.records.release(order.id, line.id, item, quantity)
        body = m.ProductionOrderReleased(
            order=order.id, site=plant.id, line=line.id, item=item, quantity=quantity, for_order=for_order
        )
        self.channel.post(order.id, body, causation=for_order)
        self._explode(plant, order, quantity)
        plant.release(order, quantity)

    def _work(self, line: "Line") -> Fraction:
        """What a line has still to do, as far as ERP knows, in seconds of the plan."""
        loads = self.records.work.get(line.id, {})
        in_orders = line.spec.counts == "orders"
        return choice.work([(load[0] if in_orders else load[1], line.unit_s(item)) for item, load in loads.items()])

    def _explode(self, plant: "Plant", order: Order, quantity: int) -> None:
        """A component that is made in the same plant, and that no rule replenishes, is planned with the order."""
        if plant.lines[order.line].spec.supply_unlimited:
            return
        for component, each in plant.needs.get(order.item, {}).items():
            if plant.makes(component) and (plant.id, component) not in self.rules:
                self.records.dependent[plant.id, component] = None
                self.records.add(self.records.demand, plant.id, component, each * quantity)
                if quantity > 0:
                    self._produce(plant, component, order.id)

    def _top_up(self, production_order: str) -> None:
        """The last lot of a production order is counted: re-order what yield took."""
        order = self.network.book.orders.get(production_order)
        if order is not None:
            order.give_up_missing(order.missing, self.now_ms)  # ordered anew
            body = m.ProductionOrderCompleted(order=order.id, quantity=order.delivered)
            self.channel.post(order.id, body)
            self._produce(self.network.plants[order.site], order.item, order.for_order)

    # --- replenishment -------------------------------------------------------------------------------------------
    def _review(self, site: str, item: str, rule: definition.ReplenishSpec):  # type: ignore[no-untyped-def]
        while True:
            self._reorder(site, item, rule)
            self._plan()
            yield self.network.env.timeout(rule.review_s)

    def _replenish(self, site: str, item: str) -> None:
        """(s, S) and (r, q) look at the position after every change."""
        rule = self.rules.get((site, item))
        if rule is None:
            plant = self.network.plants.get(site)
            # what was made to order and got lost is made again; while an order runs, its end decides (see _top_up)
            if plant is not None and plant.makes(item) and self.records.in_production.get((site, item), 0) <= 0:
                self._produce(plant, item, "")
            return
        if rule.kind != "review":
            self._reorder(site, item, rule)

    def _reorder(self, site: str, item: str, rule: definition.ReplenishSpec) -> None:
        """Order what the rule wants at the present position, where that is anything."""
        quantity = stock.to_order(rule, self.records.position(site, item))
        if not quantity:
            return
        source = self.planner.source(site, item, rule.sources)
        by = ERP if source == choice.source(rule.sources) else PLANNER
        if source in self.network.suppliers:
            self._purchase(site, item, quantity, source, by)
        elif source == site:
            self._release(self.network.plants[site], item, quantity)  # make to stock
        else:
            self.transfer(site, item, quantity, source, by=by)

    def _purchase(self, site: str, item: str, quantity: int, supplier: str, by: str = ERP) -> None:
        seller = self.network.suppliers[supplier]
        needed, quantity = quantity, lots.at_least(quantity, seller.spec.items[item].moq)
        book = self.network.book
        order = Order(
            id=book.next_id("PU"), kind="purchase", item=item, ordered=needed, ordered_ms=self.now_ms,
            site=supplier, target=site, surplus=quantity - needed, by=by,
        )  # fmt: skip
        book.add(order)
        self.records.expect(order.id, site, item, quantity)
        self.records.purchased[order.id] = quantity
        body = m.PurchaseOrderCreated(order=order.id, item=item, quantity=quantity, supplier=supplier, target=site)
        self.channel.post(order.id, body)
        seller.order(order)

    def transfer(
        self, site: str, item: str, quantity: int, source: str, *, order_id: str = "", due_ms: int = -1, line: str = "",
        by: str = ERP,
    ) -> Order:  # fmt: skip
        """Ask `source` to send `quantity` pieces to `site` under a new transfer order."""
        net, book = self.network, self.network.book
        order = Order(
            id=order_id or book.next_id("TO"), kind="transfer", item=item, ordered=quantity, ordered_ms=self.now_ms,
            site=source, target=site, line=line, by=by,
        )  # fmt: skip
        route = net.route(source, order) or []
        transit = sum(lane.spec.time.mean for lane in route if lane.spec.time is not None)
        order.due_ms = due_ms if due_ms >= 0 else self.now_ms + ceil_ms(transit) + TRANSFER_DUE_MS
        book.add(order)
        self.records.expect(order.id, site, item, quantity)
        body = m.TransferOrderCreated(
            order=order.id, item=item, quantity=quantity, source=source, target=site, ordered_ms=self.now_ms,
            due_ms=order.due_ms,
        )  # fmt: skip
        self.channel.post(order.id, body)
        self.ask(order, order.wanted)
        return order

    def _unproduce(self, plant: "Plant", for_order: Order) -> None:
        """Take back lots that nobody needs any more, and no rule would order again: those pegged to the order first,
        then the latest."""
        rule = self.rules.get((plant.id, for_order.item))
        surplus = self.records.position(plant.id, for_order.item) - (stock.level(rule) if rule else 0)
        for order in self._pegged.get(for_order.id, []):
            surplus -= self._take_back(plant, order, surplus)
        if surplus <= 0:
            return
        book = self.network.book
        waiting = [book[i] for line in plant.lines.values() for i in line.queue if i in book.orders]
        for order in sorted(waiting, key=lambda o: -o.seq):
            if order.item == for_order.item:
                surplus -= self._take_back(plant, order, surplus)

    def _take_back(self, plant: "Plant", order: Order, surplus: int) -> int:
        """Withdraw lots of one production order that are not started, up to `surplus` pieces."""
        taken = plant.lines[order.line].withdraw(order, surplus) if surplus > 0 and order.site == plant.id else 0
        if taken:
            order.cancel(taken, self.now_ms)
            self.records.add(self.records.in_production, plant.id, order.item, -taken)
            self.records.finish(order.id, taken)
            self._explode(plant, order, -taken)
            body = m.ProductionOrderChanged(order=order.id, quantity=order.standing)
            self.channel.post(order.id, body)
        return taken

    def in_production(self, order: CustomerOrder) -> bool:
        """Is a piece of it on a line right now?"""
        plant = self.network.plants.get(order.site)
        if plant is None:
            return False
        return any(line.producing(order.id) for line in plant.lines.values())
