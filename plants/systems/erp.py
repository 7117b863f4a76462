"""ERP: owns orders and plans by the file's static rules; executes the engine's commands.

    customer order --> ask a site to ship      (served_by)
    position <= s  --> transfer or purchase    (replenish)
    a plant is asked for what it makes --> ships free stock, production order for the rest, in whole lots

It looks at its own records (plants.systems.records), which lag behind the world as its channels do. Who plans otherwise
(local planners in `fragmented`) is asked through `planner`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Protocol

from plants import definition
from plants.orders import CustomerOrder, Order
from plants.systems.channel import Channel
from plants.systems.records import RULES as BELIEVES
from plants.systems.records import Records
from plants.systems.system import System
from sync.vocabulary import commands as c
from sync.vocabulary import messages as m
from sync.vocabulary.errors import Refused
from sync.vocabulary.messages import Message
from sync.vocabulary.planning import choice, lots, stock
from sync.vocabulary.quantities import MS_PER_DAY, ceil_ms

if TYPE_CHECKING:
    from plants.network.network import Network
    from plants.network.plant import Plant


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


class Erp(System):
    """One for the whole network, source `erp`."""

    name, per = "erp", "network"
    publishes = (
        m.OrderCreated, m.OrderChanged, m.ProductionOrderReleased, m.ProductionOrderChanged, m.ProductionOrderCompleted,
        m.TransferOrderCreated, m.TransferOrderChanged, m.PurchaseOrderCreated,
    )  # fmt: skip
    hears = tuple(BELIEVES)

    def __init__(self, network: "Network", owner: str, channel: Channel) -> None:
        super().__init__(network, owner, channel)
        codes = {p.id: {local: item for item, local in p.codes.items()} for p in network.spec.plants}
        self.records = Records(codes, frozenset(i.id for i in network.spec.items))
        self.planner: Planner = StaticRule()
        self.rules: dict[tuple[str, str], definition.ReplenishSpec] = {}
        self._planning = False
        self._pegged: dict[str, list[Order]] = {}

    def attach(self) -> None:
        """Take customer orders, load the opening balances, and look at every replenishment rule once."""
        net = self.network
        net.place = self.accept
        owners: list[definition.PlantSpec | definition.WarehouseSpec] = [*net.spec.plants, *net.spec.warehouses]
        for spec in owners:
            for item, rule in spec.replenish.items():
                self.rules[spec.id, item] = rule
            for item, quantity in spec.stock.items():
                self.records.book[spec.id, item] = quantity
        for (site, item), rule in self.rules.items():
            if rule.kind == "review":
                net.env.process(self._review(site, item, rule))
            else:
                net.env.call_at(0.0, lambda s=site, i=item: self._replenish(s, i))  # type: ignore[misc]

    @property
    def now_ms(self) -> int:
        return ceil_ms(self.network.env.now)

    # --- hearing -------------------------------------------------------------------------------------------------
    def hear(self, message: Message) -> None:
        """A message from another system: book it, then plan where the position changed."""
        body = self.records.believe(message)
        if body is None:
            return
        if isinstance(body, m.ProductionConfirmed) and body.remaining == 0:
            self._top_up(body.order)
        elif isinstance(body, m.AsnSent) and body.order in self.network.book.orders:
            order = self.network.book[body.order]  # what the supplier does not send is ordered anew
            order.give_up_missing(min(order.missing, order.standing - body.quantity), self.now_ms)
        self._plan()

    def _plan(self) -> None:
        """Look at the positions that changed. Planning changes positions too, hence the loop."""
        if self._planning:
            return
        self._planning = True
        while self.records.changed:
            site, item = next(iter(self.records.changed))
            del self.records.changed[site, item]
            self._replenish(site, item)
        self._planning = False

    # --- customer orders -----------------------------------------------------------------------------------------
    def accept(self, order: CustomerOrder) -> None:
        """Take a customer order, choose who serves it, and ask that site to ship."""
        net = self.network
        if not order.site:
            served_by = self.served_by(order.customer, order.item)
            order.site = self.planner.server(order, served_by) if served_by else ""
        else:
            order.site = self.planner.server(order, (order.site,))
        net.book.add(order)
        body = m.OrderCreated(
            order=order.id,
            customer=order.customer,
            item=order.item,
            quantity=order.quantity,
            ordered_ms=order.ordered_ms,
            due_ms=order.due_ms,
            site=order.site,
            penalty_minor=order.penalty_minor,
            penalty_per=order.penalty_per,
            weight_g=order.weight_g,
            service=order.service,
            carrier=order.carrier,
            port=order.port,
            transit_ms=order.transit_ms,
            partial=order.partial,
        )
        self.channel.post(order.id, body)
        if order.patience_ms >= 0:
            net.env.call_in(order.patience_ms / 1000, lambda: self.give_up(order))
        if order.site:
            self.ask(order)
            self._plan()

    def give_up(self, order: CustomerOrder) -> None:
        """A customer, out of patience or for a reason of its own, takes back what has not left."""
        if order.state in ("open", "started") and order.site:
            self.withdraw(order, order.wanted)
            self.channel.post(order.id, m.OrderChanged(order=order.id, site=""))

    def served_by(self, customer: str, item: str) -> tuple[str, ...]:
        """The sites of the file's list, else every warehouse and every plant that makes the item, with a route."""
        net = self.network
        listed = net.customers[customer].spec.served_by
        if listed:
            return tuple(s for s in listed if self.may_serve(s, customer)) or listed[:1]
        probe = CustomerOrder(id="", kind="customer", item=item, ordered=1, ordered_ms=0, target=customer)
        houses = [w.id for w in net.spec.warehouses]
        makers = [p.id for p in net.plants.values() if p.makes(item)]
        return tuple(s for s in (*houses, *makers) if net.route(s, probe) is not None)

    def may_serve(self, site: str, customer: str) -> bool:
        """A plant with `serves` delivers only to the customers listed there."""
        plant = self.network.plants.get(site)
        return plant is None or choice.may_serve(plant.spec.serves, customer)

    def ask(self, order: Order) -> None:
        """Ask `order.site` to ship: book the demand; a plant that makes the item plans the rest of it."""
        site = self.network.sites[order.site]
        self.records.add(self.records.demand, site.id, order.item, order.wanted)
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
        """Release a production order for `missing` pieces in whole lots, on the line named or the first that can."""
        line = plant.line_for(item, line_id)
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
        body = m.ProductionOrderReleased(
            order=order.id, site=plant.id, line=line.id, item=item, quantity=quantity, for_order=for_order
        )
        self.channel.post(order.id, body, causation=for_order)
        self._explode(plant, order, quantity)
        plant.release(order, quantity)

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
        if source in self.network.suppliers:
            self._purchase(site, item, quantity, source)
        elif source == site:
            self._release(self.network.plants[site], item, quantity)  # make to stock
        else:
            self.transfer(site, item, quantity, source)

    def _purchase(self, site: str, item: str, quantity: int, supplier: str) -> None:
        seller = self.network.suppliers[supplier]
        needed, quantity = quantity, lots.at_least(quantity, seller.spec.items[item].moq)
        book = self.network.book
        order = Order(
            id=book.next_id("PU"), kind="purchase", item=item, ordered=needed, ordered_ms=self.now_ms,
            site=supplier, target=site, surplus=quantity - needed,
        )  # fmt: skip
        book.add(order)
        self.records.expect(order.id, site, item, quantity)
        self.records.purchased[order.id] = quantity
        body = m.PurchaseOrderCreated(order=order.id, item=item, quantity=quantity, supplier=supplier, target=site)
        self.channel.post(order.id, body)
        seller.order(order)

    def transfer(
        self, site: str, item: str, quantity: int, source: str, *, order_id: str = "", due_ms: int = -1, line: str = "",
        by: str = "erp",
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
        self.ask(order)
        return order

    # --- changes of the plan, asked for by people and by the engine ----------------------------------------------
    def withdraw(self, order: Order, quantity: int) -> int:
        """Take up to `quantity` unsent pieces off an order, with production behind it that is not started."""
        quantity = min(quantity, order.wanted)
        if quantity <= 0:
            return 0
        site = self.network.sites[order.site]
        order.cancel(quantity, self.now_ms)
        self.records.add(self.records.demand, site.id, order.item, -quantity)
        if order.kind == "transfer":
            self.records.expect(order.id, order.target, order.item, -quantity)
            body = m.TransferOrderChanged(order=order.id, quantity=order.standing)
            self.channel.post(order.id, body)
        if order.wanted == 0:
            site.withdraw(order)
        if site.id in self.network.plants:
            self._unproduce(self.network.plants[site.id], order)
        self._plan()
        return quantity

    def _unproduce(self, plant: "Plant", for_order: Order) -> None:
        """Take back lots that nobody needs any more: those pegged to the order first, then the latest."""
        surplus = self.records.position(plant.id, for_order.item)
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

    def move(self, order: CustomerOrder, site: str, port: str = "", carrier: str = "") -> str:
        """Serve a customer order from another site. Returns "" or why not."""
        net = self.network
        refusal = self._why_not(order, site, port)
        if refusal:
            return refusal
        old = net.sites[order.site] if order.site else None
        if old is not None:
            self.records.add(self.records.demand, old.id, order.item, -order.wanted)
            old.withdraw(order)
            if old.id in net.plants:
                self._unproduce(net.plants[old.id], order)
        order.site, order.port, order.kept_carrier = site, port, carrier
        self.ask(order)
        body = m.OrderChanged(order=order.id, site=site, port=port, carrier=carrier)
        self.channel.post(order.id, body)
        self._plan()
        return ""

    def _why_not(self, order: CustomerOrder, site: str, port: str) -> str:  # noqa: PLR0911 - one reason a return
        net = self.network
        if order.state != "open":
            return f"{order.id} is {order.state}"
        if site not in net.sites:
            return f"there is no site {site}"
        plant = net.plants.get(site)
        if not self.may_serve(site, order.customer):
            return f"{site} may not deliver to {order.customer}"
        if plant is not None and not plant.makes(order.item) and not plant.on_hand.get(order.item):
            return f"{site} neither makes nor holds {order.item}"
        probe = CustomerOrder(
            id="", kind="customer", item=order.item, ordered=1, ordered_ms=0, target=order.target, port=port
        )
        if net.route(site, probe) is None:
            return f"no route from {site} to {order.target}"
        if site != order.site and self.in_production(order):
            return f"{order.id} is in production at {order.site}"
        return ""

    # --- commands ----------------------------------------------------------------------------------------------------
    def _order(self, order_id: str, kind: str) -> Order:
        order = self.network.book.orders.get(order_id)
        if order is None or order.kind != kind:
            raise Refused(f"there is no {kind} order {order_id}")
        return order

    def _resource(self, body: c.ResourceOrder) -> str:
        order = self._order(body.order, "customer")
        refusal = self.move(order, body.site, body.port, body.carrier) if isinstance(order, CustomerOrder) else ""
        if refusal:
            raise Refused(refusal)
        return ""

    def _create(self, body: c.CreateTransfer) -> str:
        net = self.network
        problems = [f"there is no site {s}" for s in (body.source, body.target) if s not in net.sites]
        if body.item not in {i.id for i in net.spec.items}:
            problems.append(f"there is no item {body.item}")
        if body.quantity <= 0:
            problems.append(f"quantity {body.quantity} is not positive")
        if body.source == body.target:
            problems.append("source and target are the same site")
        if body.order in net.book.orders:
            problems.append(f"order id {body.order} is taken")
        if problems:
            raise Refused("; ".join(problems))
        plant = net.plants.get(body.source)
        if plant is not None and not plant.makes(body.item) and plant.on_hand.get(body.item, 0) <= 0:
            raise Refused(f"{body.source} neither makes nor holds {body.item}")
        order = self.transfer(
            body.target, body.item, body.quantity, body.source,
            order_id=body.order, due_ms=body.due_ms, line=body.line, by=m.ENGINE,
        )  # fmt: skip
        return order.id

    def _reduce(self, body: c.ReduceTransfer) -> str:
        taken = self.withdraw(self._order(body.order, "transfer"), body.quantity)
        if not taken:
            raise Refused(f"{body.order} has nothing left to send")
        return f"reduced by {taken}"

    executes: ClassVar[dict[type[c.CommandBody], Callable[..., str]]] = {
        c.ResourceOrder: _resource,
        c.CreateTransfer: _create,
        c.ReduceTransfer: _reduce,
    }
