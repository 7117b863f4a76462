"""Local planners of way `fragmented`: everybody reacts to their own system, mail and phone, nobody sees the whole.

Four rules, and no more:
1. *Second source.* Whoever replenishes a site takes the first source of the list, plant, house or supplier, that has
   not been called in as stopped, that owes this site nothing of the item for more than a day (by its due date, by the
   date promised or announced), and that has not put off what this site waits for by more than a day.
2. *Second server.* Customer service takes the first site of `served_by` whose book stock (as posted) covers the order;
   when none does, the first. A plant that makes the item counts as covered unless it was called in as stopped.
3. *Phone.* A plant planner who learns from the own MES that a line stands for more than a shift (8 h) tells the others,
   which takes as long as people take to answer (see `responds_in`), in office hours; the all-clear takes the same way;
   a breakdown of single machines is not called in. Make-to-order customer orders that wait at a stopped plant are then
   placed elsewhere by hand, one every five minutes of office time, where the list of the customer offers a plant that
   makes the item.
4. *Faster lane.* Who sends a customer's order or a transfer that would come after its due date by the lanes the file
   names first (their mean transit; a lane that is closed is not waited for) phones for another mode: of those that come
   in time the one with the least freight, when none does the quickest (ties: the file's order). What waits for goods
   is looked at when it leaves. An order without a due date, or with a mode of its own, goes as it is.
"""

from dataclasses import dataclass, field
from math import inf

from plants.network.lane import Lane
from plants.orders import CustomerOrder, Order
from plants.shifts import Shifts
from plants.systems.erp import Erp
from sim.streams import Keyed, Occurrences
from sync.vocabulary.messages import LineResumed, LineStopped, Message, body_of
from sync.vocabulary.planning import choice
from sync.vocabulary.quantities import MS_PER_DAY, MS_PER_H, ceil_ms

LONG_STOP_MS = 8 * MS_PER_H
OVERDUE_MS = MS_PER_DAY
BY_HAND_S = 300.0


@dataclass(eq=False)
class LocalPlanners:
    """The Planner of ERP (see plants.systems.erp) in way `fragmented`. `stopped`: lines called in as standing."""

    erp: Erp
    office: Shifts
    responds_in: Keyed
    stopped: dict[str, None] = field(default_factory=dict)
    _calls: Occurrences = field(default_factory=Occurrences)

    # --- rule 1 --------------------------------------------------------------------------------------------------
    def source(self, site: str, item: str, sources: tuple[str, ...]) -> str:
        for source in sources:
            if not self._called_in(source, item) and not self._owes(source, site, item):
                return source
        return choice.source(sources)

    def _called_in(self, site: str, item: str) -> bool:
        plant = self.erp.network.plants.get(site)
        lines = [line.id for line in plant.lines.values() if item in line.makes] if plant else []
        return bool(lines) and all(line in self.stopped for line in lines)

    def _owes(self, source: str, site: str, item: str) -> bool:
        """Does a source keep this site waiting for an order, as far as the buyer has been told?"""
        records, now, orders = self.erp.records, self.erp.now_ms, self.erp.network.book.orders
        for order_id, ((target, what), _) in records.expected.items():
            if target == site and what == item and orders[order_id].site == source:
                first, last = records.acknowledged.get(order_id, -1), records.promised.get(order_id, -1)
                due = orders[order_id].due_ms if orders[order_id].kind == "transfer" else last
                put_off = order_id in records.purchased and 0 <= first < last - OVERDUE_MS
                if put_off or 0 <= due < now - OVERDUE_MS:
                    return True
        return False

    # --- rule 2 --------------------------------------------------------------------------------------------------
    def server(self, order: CustomerOrder, served_by: tuple[str, ...]) -> str:
        net = self.erp.network
        for site in served_by:
            plant = net.plants.get(site)
            if plant is not None and plant.makes(order.item):
                if not self._called_in(site, order.item) and self.erp.may_serve(site, order.customer):
                    return site
            elif self.erp.records.position(site, order.item) - self._coming(site, order.item) >= order.quantity:
                return site
        return choice.server(served_by)

    def _coming(self, site: str, item: str) -> int:
        key = (site, item)
        records = self.erp.records
        return records.on_order.get(key, 0) + records.in_production.get(key, 0)

    # --- rule 4 --------------------------------------------------------------------------------------------------
    def mode(self, source: str, order: Order) -> str:
        """The mode by which an order leaves `source` now; "" by the lanes that the file names first."""
        if order.due_ms < 0 or order.mode or order.kind == "purchase":
            return ""
        net = self.erp.network
        now, usual = net.env.now, net.route(source, order)
        if not usual or not self._late(order, now, usual):
            return ""
        quickest, cheapest = (self._takes_s(usual), -1, ""), (inf, 0, "")
        for n, mode in enumerate(net.every_mode):
            lanes = net.route(source, order, mode) or []
            if not lanes or lanes == usual or any(lane.closed for lane in lanes):
                continue
            if not self._late(order, now, lanes):
                cheapest = min(cheapest, (self._freight(order, lanes), n, mode))
            quickest = min(quickest, (self._takes_s(lanes), n, mode))
        return cheapest[2] or quickest[2]

    def _late(self, order: Order, now: float, lanes: list[Lane]) -> bool:
        return any(lane.closed for lane in lanes) or ceil_ms(now + self._takes_s(lanes)) > order.due_ms

    @staticmethod
    def _takes_s(lanes: list[Lane]) -> float:
        """The mean transit in seconds, as the file says it; infinite by a lane that is closed."""
        if any(lane.closed for lane in lanes):
            return inf
        return sum(lane.spec.time.mean for lane in lanes if lane.spec.time is not None)

    def _freight(self, order: Order, lanes: list[Lane]) -> float:
        """What the carriers ask for what is still to be sent, in minor units; infinite where one asks nothing."""
        total = 0.0
        for lane in lanes:
            weight = self.erp.network.weight_g(order.item) * order.wanted
            quote = lane.spec.tariff.quote(order.wanted, weight, "", "")
            total += quote.cost_minor if quote is not None else inf
        return total

    # --- rule 3 --------------------------------------------------------------------------------------------------
    def hear(self, message: Message) -> None:
        """What the MES of one's own plant says."""
        if message.type not in ("line.stopped", "line.resumed"):
            return
        try:
            body = body_of(message)
        except ValueError:
            return
        if not isinstance(body, LineStopped | LineResumed):
            return
        env, line = self.erp.network.env, body.line
        if isinstance(body, LineStopped) and not body.machine:
            if not -1 < body.expected_ms <= LONG_STOP_MS:
                env.call_at(self._by_phone(message), lambda: self._told(line))
        elif not body.machine or line in self.stopped:  # what was called in is over, even where a machine is broken
            env.call_at(self._by_phone(message), lambda: self.stopped.pop(line, None))

    def _by_phone(self, news: Message) -> float:
        cause = self._calls.next(f"{news.type} {news.subject}")
        return self.office.finish(self.erp.network.env.now, self.responds_in(cause))

    def _told(self, line_id: str) -> None:
        line = self.erp.network.lines.get(line_id)
        if line is None or not line.halts:
            return  # it runs again by the time anybody is told
        self.stopped[line_id] = None
        plant = self.erp.network.plants[line_id.split(".", 1)[0]]
        waiting = [o for o in plant.waiting() if isinstance(o, CustomerOrder)]
        at = self.erp.network.env.now
        for order in sorted(waiting, key=lambda o: (o.due_ms, o.seq)):
            other = self._elsewhere(order)
            if other:
                at = self.office.finish(at, BY_HAND_S)
                self.erp.network.env.call_at(at, lambda o=order, s=other: self._place(o, s))  # type: ignore[misc]

    def _place(self, order: CustomerOrder, site: str) -> None:
        if order.state == "open" and order.site != site:
            port = self.erp.network.cheapest_port(site, order) if order.port else ""
            if port or not order.port:
                self.erp.move(order, site, port)

    def _elsewhere(self, order: CustomerOrder) -> str:
        net = self.erp.network
        for site in self.erp.served_by(order.customer, order.item):
            plant = net.plants.get(site)
            if plant is None or site == order.site or not plant.makes(order.item):
                continue
            if not self._called_in(site, order.item) and self.erp.may_serve(site, order.customer):
                return site
        return ""
