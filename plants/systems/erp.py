"""ERP: owns orders, plans by the file's static rules (plants.systems.supply), executes the engine's commands.

customer order --> ask a site to ship                       (served_by)
the carrier reports a loss --> write it off, and order it anew or have it sent again
"""

from collections.abc import Callable
from typing import ClassVar

from plants.orders import ERP, PLANNER, SENT_AGAIN, CustomerOrder, Order
from plants.systems.records import RULES as BELIEVES
from plants.systems.supply import Supply
from sim.ranks import AFTER
from sync.vocabulary import commands as c
from sync.vocabulary import messages as m
from sync.vocabulary.errors import Refused
from sync.vocabulary.messages import Message
from sync.vocabulary.planning import choice


class Erp(Supply):
    """One for the whole network, source `erp`."""

    name, per = "erp", "network"
    publishes = (
        m.OrderCreated, m.OrderReopened, m.OrderChanged, m.ProductionOrderReleased, m.ProductionOrderChanged,
        m.ProductionOrderCompleted, m.TransferOrderCreated, m.TransferOrderChanged, m.PurchaseOrderCreated,
    )  # fmt: skip
    hears = tuple(BELIEVES)

    def attach(self) -> None:
        """Take customer orders, and begin to plan."""
        self.network.place = self.accept
        self.load()

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
        elif isinstance(body, m.ShipmentLost) and body.order in self.network.book.orders:
            self._write_off(self.network.book[body.order], body.quantity)
        self._plan()

    # --- customer orders -----------------------------------------------------------------------------------------
    def accept(self, order: CustomerOrder) -> None:
        """Take a customer order, choose who serves it, and ask that site to ship."""
        net = self.network
        if not order.site:
            served_by = self.served_by(order.customer, order.item)
            order.site = self.planner.server(order, served_by) if served_by else ""
            order.by = ERP if not served_by or order.site == choice.server(served_by) else PLANNER
        else:
            order.site = self.planner.server(order, (order.site,))
        net.book.add(order)
        self.channel.post(order.id, self._announced(m.OrderCreated, order))
        if order.patience_ms > 0:
            net.env.call_in(
                order.patience_ms / 1000, lambda: self.give_up(order), rank=AFTER
            )  # just in time is in time
        if order.site:
            self.ask(order, order.wanted)
        if order.patience_ms == 0:
            self.give_up(order)  # before anybody orders for it: what is lost at once was never owed
        self._plan()

    def _announced(self, body: type[m.OrderCreated], order: CustomerOrder) -> m.OrderCreated:
        """The order in full, with the pieces that are to be sent."""
        return body(
            order=order.id,
            customer=order.customer,
            item=order.item,
            quantity=order.wanted,
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

    def give_up(self, order: CustomerOrder) -> None:
        """A customer, out of patience or for a reason of its own, takes back what has not left; of what is lost on the
        way, nothing is sent again."""
        order.given_up = True
        if order.wanted:
            if order.site:
                self.withdraw(order, order.wanted)
            else:
                order.cancel(order.wanted, self.now_ms)
            self.channel.post(order.id, m.OrderChanged(order=order.id, site=""))

    def _write_off(self, order: Order, quantity: int) -> None:
        """The carrier has reported a loss: a customer's order, and a transfer that no rule asks for again, is sent
        once more; else the rule sees the position and orders anew. What the customer has given up is not sent again."""
        quantity = min(quantity, order.missing)
        by_rule = order.kind == "transfer" and order.by != m.ENGINE and (order.target, order.item) in self.rules
        again = not by_rule and order.kind in SENT_AGAIN and not (isinstance(order, CustomerOrder) and order.given_up)
        if quantity <= 0:
            return
        if not again:
            order.give_up_missing(quantity, self.now_ms)
            if order.kind == "transfer":
                self.channel.post(order.id, m.TransferOrderChanged(order=order.id, quantity=order.standing))
            return
        order.send_again(quantity)
        if isinstance(order, CustomerOrder):
            self.channel.post(order.id, self._announced(m.OrderReopened, order))
        else:
            self.records.expect(order.id, order.target, order.item, quantity)
        self.ask(order, quantity)

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
        self.ask(order, order.wanted)
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
        self._plan()
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
