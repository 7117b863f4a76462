"""Make-to-order: customer orders made for the customer at a plant, decided as classes of like orders.

Orders with the same present plant, the same ways (and the same reasons against the others), service, due day and cost
bucket form ONE class, whose columns carry its mean cost; `plan` splits a class back in order of exact extra cost, then
id, and prices every order exactly.
"""

from dataclasses import dataclass, field

from sync.core.plan import NAMED, Plan, Step
from sync.core.problem import Answer, Column, Need, Problem
from sync.core.projection import Projection, down_until, next_line, queues, route_opens, work_ms
from sync.core.state import CustomerOrder, State
from sync.vocabulary import decisions as d
from sync.vocabulary.commands import ResourceOrder
from sync.vocabulary.planning import choice
from sync.vocabulary.quantities import MICRO_PER_MINOR, MS_PER_DAY, late_cost, penalty_per_day

CHANGE_MINOR = 100  # moving an order must win at least this much
MIN_GAIN_MINOR = 10_000  # a plan that wins less changes nothing
UNMET_MINOR = 1_000_000  # never finishing an order, beyond its lateness up to the horizon
MAX_DAYS = 60
COST_BUCKET_MINOR = 5_000


@dataclass(frozen=True)
class Way:
    """One way to serve an order. why None: feasible. moved: it takes a command. opens_ms: its lanes open then."""

    site: str
    line: str
    why: d.Reason | None
    cost_minor: int = 0
    transit_ms: int = 0
    opens_ms: int = 0
    port: str = ""
    moved: bool = True

    @property
    def feasible(self) -> bool:
        return self.why is None


@dataclass
class OrderClass:
    """Orders that are alike. ways: of its first member, site order; sums give the mean cost of each feasible way."""

    id: str
    members: list[CustomerOrder] = field(default_factory=list)
    ways: tuple[Way, ...] = ()
    columns: list[int] = field(default_factory=list)


class MakeToOrder:
    """The case of all open make-to-order orders at `now_ms`."""

    label: str
    staying: Problem | None

    def __init__(self, state: State, view: Projection) -> None:
        self.state, self.view, self.now_ms = state, view, view.now_ms
        self.network = state.network
        self.label, self.staying = "", None
        self.horizon_ms = self.network.master.horizon_ms
        self.running = self._first_in_process()
        self.on_line = {(p.for_order, p.site): line for line, queue in queues(state).items() for p in queue}
        self.ways: dict[str, tuple[Way, ...]] = {}
        self.unservable: dict[str, d.Unservable] = {}
        self.groups: dict[str, OrderClass] = {}
        self.class_of: dict[str, str] = {}
        self._sort_orders()
        self.found_unservable = tuple(u for u in self.unservable.values() if state.orders[u.order].unservable != u)
        self.problem = self._build()
        self._kept = self._outcome({})

    # --- which orders, which ways --------------------------------------------------------------------------------
    def _first_in_process(self) -> set[str]:
        """Orders whose production has begun: ERP would refuse, so nobody asks."""
        return {q[0].for_order for line, q in queues(self.state).items() if down_until(self.state, line, 0) == 0}

    def _sort_orders(self) -> None:
        for order in sorted(self.state.orders.values(), key=lambda o: o.id):
            if order.left or not self.state.make_to_order(order):
                continue
            here = self._way(order, order.site)
            if (order.made or order.id in self.running) and here.feasible:
                ways: tuple[Way, ...] = (here,)  # begun and able to leave: at most its port may change
            elif order.frozen:
                continue  # refused once: waits until it is made
            else:
                ways = tuple(self._ways(order))
            self.ways[order.id] = ways
            if not any(way.feasible for way in ways):
                sites = tuple(d.SiteReason(w.site, w.why) for w in ways if w.why is not None)
                self.unservable[order.id] = d.Unservable(order.id, order.item, sites)
            elif len(ways) > 1 or ways[0].moved or not self._begun(order):
                self._classify(order, ways)

    def _begun(self, order: CustomerOrder) -> bool:
        return order.made or order.id in self.running

    def _ways(self, order: CustomerOrder) -> list[Way]:
        sites = dict.fromkeys(line.site for line, _ in self.network.makers.get(order.item, ()))
        return [self._way(order, site) for site in sorted(sites)]

    def _way(self, order: CustomerOrder, site: str) -> Way:
        line = self.on_line.get((order.id, site), "") or next_line(self.state, self.view, site, order.item)
        if not choice.may_serve(self.network.sites[site].serves, order.customer):
            return Way(site, line, d.NotAllowed(order.customer))
        back = down_until(self.state, line, self.now_ms)
        profile = self.view.profiles[line]
        make = self.network.make[line, order.item]
        work = 0 if order.made and site == order.site else work_ms(self.network.lines[line], make, order.quantity)
        done = profile.finish(work) if work else self.now_ms
        if done < 0 or done > self.horizon_ms:
            until = -(-back // MS_PER_DAY) * MS_PER_DAY
            return Way(site, line, d.LineDown(line, until) if back > self.now_ms else d.NoCapacity())
        return self._carried(order, site, line)

    def _carried(self, order: CustomerOrder, site: str, line: str) -> Way:
        """The own port and carrier where the order stays and they are open; else the cheapest open port."""
        handling = self.network.handling(site, order.quantity)
        found: list[tuple[int, int, str, int, bool]] = []
        for route in self.network.routes(site, order.customer):
            opens = route_opens(self.state, route, self.now_ms)
            if not 0 <= opens < self.horizon_ms:
                continue
            own = site == order.site and (not order.port or order.port in route.stops)
            carrier = order.carrier if own else ""
            carriage = self.network.carriage(
                route, order.quantity, weight_g=order.weight_g, service=order.service, carrier=carrier,
                own_ms=order.transit_ms,
            )  # fmt: skip
            if carriage is None:
                continue
            if own:
                cost = handling + carriage.cost_minor
                return Way(site, line, None, cost, carriage.transit_ms, opens, order.port, moved=False)
            found.append((carriage.cost_minor, carriage.transit_ms, route.port, opens, True))
        if not found:
            return Way(site, line, d.NoRoute())
        cost, transit, port, opens, moved = min(found)
        return Way(site, line, None, handling + cost, transit, opens, port, moved)

    def _classify(self, order: CustomerOrder, ways: tuple[Way, ...]) -> None:
        feasible = [w for w in ways if w.feasible]
        least = min(w.cost_minor for w in feasible)
        relative = tuple(((w.cost_minor - least) // COST_BUCKET_MINOR).bit_length() for w in feasible)
        slack = tuple((order.due_ms - w.transit_ms) // MS_PER_DAY for w in feasible)
        reasons = (order.made, tuple((w.site, _alike(w.why), w.moved) for w in ways))
        weight = penalty_per_day(order.penalty_minor, order.penalty_per, order.quantity)
        key = repr((order.site, reasons, order.service, slack, relative, weight.bit_length()))
        if key not in self.groups:
            self.groups[key] = OrderClass(f"C{len(self.groups) + 1}", [], ways)
        self.groups[key].members.append(order)
        self.class_of[order.id] = self.groups[key].id

    # --- the problem -----------------------------------------------------------------------------------------------
    def _end_of(self, day: int) -> int:
        return (self.now_ms // MS_PER_DAY + day + 1) * MS_PER_DAY

    def _build(self) -> Problem:
        problem = Problem()
        days = min(-(-self.horizon_ms // MS_PER_DAY) - self.now_ms // MS_PER_DAY, MAX_DAYS)
        committed = self._committed()
        for group in self.groups.values():
            count = len(group.members)
            weight = sum(penalty_per_day(o.penalty_minor, o.penalty_per, o.quantity) for o in group.members) // count
            due = sum(o.due_ms for o in group.members) // count
            unmet = (late_cost(weight, "order", 1, self.horizon_ms - due) + UNMET_MINOR) * MICRO_PER_MINOR
            choices = sum(w.feasible for w in group.ways)
            need = problem.need(Need(group.id, count, (choices, due // MS_PER_DAY), unmet))
            for number, way in enumerate(group.ways):
                if way.feasible:
                    self._columns(problem, group, (need, number, weight), days, committed)
        return problem

    def _committed(self) -> dict[str, int]:
        """Line time that is not ours to give away: work begun, and work for other purposes."""
        taken: dict[str, int] = {}
        for line_id, queue in queues(self.state).items():
            line = self.network.lines.get(line_id)
            for order in queue:
                make = self.network.make.get((line_id, order.item))
                free = order.for_order in self.class_of or order.for_order in self.unservable
                if line is not None and make is not None and not free:
                    taken[line_id] = taken.get(line_id, 0) + work_ms(line, make, order.remaining)
        return taken

    def _columns(
        self, problem: Problem, group: OrderClass, key: tuple[int, int, int], days: int, taken: dict[str, int]
    ) -> None:
        """Columns of one way of a class, a day each; key: (need, number of the way, penalty per day)."""
        need, number, weight = key
        way, count = group.ways[number], len(group.members)
        own = [self.ways[o.id][number] for o in group.members]
        mean = sum(w.cost_minor for w in own) * MICRO_PER_MINOR // count
        slack = sum(o.due_ms - w.transit_ms for o, w in zip(group.members, own, strict=True)) // count
        line = self.network.lines[way.line]
        pieces = sum(o.quantity for o in group.members) // count
        use = 0 if group.members[0].made else self._use(line.id, group.members[0].item, pieces)
        profile = self.view.profiles[line.id]
        for day in range(days):
            end = self._end_of(day)
            before = max(profile.work_before(self._end_of(day - 1) if day else self.now_ms), taken.get(line.id, 0))
            room = (profile.work_before(end) - before) * 1000 + use // 50
            if room < max(use, 1) or max(end, way.opens_ms) > self.horizon_ms + MS_PER_DAY:
                continue
            name = f"{line.id} day {end // MS_PER_DAY}"
            row = problem.row(name, room, 3_600_000_000, "line", line.id, at_ms=end - MS_PER_DAY)
            late = late_cost(weight, "order", 1, max(end, way.opens_ms) - slack)
            change = CHANGE_MINOR if way.moved else 0
            cost = mean + (late + change) * MICRO_PER_MINOR + day
            kind = "make" if way.moved else "keep"
            problem.columns.append(Column(need, cost, ((row, use),) if use else (), kind, way.site, line.id, day))

    def _use(self, line: str, item: str, pieces: int) -> int:
        make = self.network.make[line, item]
        return make.piece_ms_x1000 * (1 if self.network.lines[line].counts == "orders" else max(pieces, 1))

    # --- plans -----------------------------------------------------------------------------------------------------
    def _outcome(self, moved: dict[str, Way]) -> dict[str, int]:
        """Finish time per order when `moved` orders change place: they queue up behind what is there, in id order."""
        done: dict[str, int] = {}
        work: dict[str, int] = {}
        for line_id, queue in queues(self.state).items():
            for order in queue:
                customer_order = self.state.orders.get(order.for_order)
                goes = moved.get(order.for_order)
                if goes is not None and goes.line != line_id:
                    continue
                make = self.network.make.get((line_id, order.item))
                if make is None or line_id not in self.network.lines:
                    continue
                work[line_id] = work.get(line_id, 0) + work_ms(self.network.lines[line_id], make, order.remaining)
                if customer_order is not None:
                    done[customer_order.id] = self.view.profiles[line_id].finish(work[line_id])
        for order_id, order_ in self.state.orders.items():
            if order_.made and order_id in self.ways:
                done[order_id] = self.now_ms
        for order_id in sorted(moved):
            way, order_ = moved[order_id], self.state.orders[order_id]
            if order_id not in done:
                make = self.network.make[way.line, order_.item]
                line = self.network.lines[way.line]
                work[way.line] = work.get(way.line, 0) + work_ms(line, make, order_.quantity)
                done[order_id] = self.view.profiles[way.line].finish(work[way.line])
        return done

    def _present(self, order: CustomerOrder) -> Way | None:
        return next((w for w in self.ways[order.id] if w.feasible and not w.moved), None)

    def _late(self, order: CustomerOrder, way: Way | None, done: int) -> int:
        """How late (ms) the order comes; one that never leaves is late up to the horizon."""
        if way is None or done < 0 or max(done, way.opens_ms) > self.horizon_ms:
            return max(self.horizon_ms - order.due_ms, 0)
        return max(max(done, way.opens_ms) + way.transit_ms - order.due_ms, 0)

    def has_news(self) -> bool:
        """Orders were found unservable that were not known to be."""
        return bool(self.found_unservable)

    @staticmethod
    def min_gain() -> int:
        """Minor units a change must win."""
        return MIN_GAIN_MINOR

    def keep(self, answer: Answer | None = None) -> Plan:
        """The plan in force: every order where it is, in the queue's order."""
        return self._priced("keep", {})

    def plan(self, kind: str, quantities: list[int]) -> Plan:
        """The plan that moves as many orders of each class as the quantities say, priced order by order."""
        return self._priced(kind, self._split(quantities))

    def _split(self, quantities: list[int]) -> dict[str, Way]:
        """Which order takes which way: moved places go to the orders that lose least by moving, ties by id."""
        places: dict[int, dict[str, int]] = {}
        for column, quantity in zip(self.problem.columns, quantities, strict=True):
            if quantity and column.kind == "make":
                sites = places.setdefault(column.need, {})
                sites[column.site] = sites.get(column.site, 0) + quantity
        moved: dict[str, Way] = {}
        for need, group in enumerate(self.groups.values()):
            left = list(group.members)
            for site, count in sorted(places.get(need, {}).items()):
                left.sort(key=lambda o, s=site: (self._loss(o, s), o.id))  # type: ignore[misc]
                for order in left[:count]:
                    moved[order.id] = next(w for w in self.ways[order.id] if w.site == site)
                left = left[count:]
        return moved

    def _loss(self, order: CustomerOrder, site: str) -> int:
        present = self._present(order)
        there = next(w for w in self.ways[order.id] if w.site == site)
        return there.cost_minor - (present.cost_minor if present else 0)

    def _priced(self, kind: str, moved: dict[str, Way]) -> Plan:
        plan = Plan(kind)
        done = self._outcome(moved)
        for order_id in self.ways:
            if order_id in self.unservable:
                continue
            order = self.state.orders[order_id]
            present = self._present(order)
            way = moved.get(order_id, present)
            late = self._late(order, way, done.get(order_id, -1))
            plan.late_minor += late_cost(order.penalty_minor, order.penalty_per, order.quantity, late)
            plan.carry_minor += way.cost_minor if way else 0
            if order_id in moved:
                self._move(plan, order, moved[order_id], present, late)
        plan.cost_minor = plan.late_minor + plan.carry_minor
        return plan

    def _move(self, plan: Plan, order: CustomerOrder, way: Way, present: Way | None, late: int) -> None:
        extra = way.cost_minor - (present.cost_minor if present else 0)
        plan.extra_minor += extra
        plan.extra_by["reroute"] = plan.extra_minor
        plan.moves.append(
            d.Move(
                order.id, "resource", order.item, order.quantity, order.site, way.site, order.customer, extra,
                self._late(order, present, self._kept.get(order.id, -1)), late, options_of=self.class_of[order.id],
            )
        )  # fmt: skip
        plan.steps.append(Step(ResourceOrder(order=order.id, site=way.site, port=way.port)))

    # --- what the decision says --------------------------------------------------------------------------------------
    def at_risk(self) -> int:
        """Minor units of lateness in the plan in force, unservable orders left out."""
        return self.keep().late_minor

    def exposure(self) -> d.Exposure:
        """Orders that come late in the plan in force, or never, and what hangs on them."""
        touched = [
            self.state.orders[o]
            for o in self.ways
            if o in self.unservable
            or self._late(self.state.orders[o], self._present(self.state.orders[o]), self._kept.get(o, -1)) > 0
        ]
        lines = {way.line for o in touched for way in self.ways[o.id] if way.site == o.site}
        return d.Exposure(
            lines=tuple(sorted(lines)),
            orders=tuple(o.id for o in touched[:NAMED]),
            items=tuple(sorted({o.item for o in touched})[:NAMED]),
            sites=tuple(sorted({o.site for o in touched})),
            customers=tuple(sorted({o.customer for o in touched})),
            revenue_minor=sum(self.network.master.items.get(o.item, 0) * o.quantity for o in touched),
            orders_total=len(touched),
        )

    def judged(self) -> tuple[d.Unservable, ...]:
        """Every order that no plant can serve."""
        return tuple(self.unservable.values())

    def newly_unservable(self) -> tuple[d.Unservable, ...]:
        """Those of them that were not known to be, or for other reasons."""
        return self.found_unservable

    def classes(self) -> dict[str, d.OrderClass]:
        """The options of every class (moves point there by `options_of`)."""
        return {g.id: d.OrderClass(len(g.members), self._options(g)) for g in self.groups.values()}

    def _options(self, group: OrderClass) -> tuple[d.Option, ...]:
        options: list[d.Option] = []
        by_site = {w.site: (n, w) for n, w in enumerate(group.ways)}
        for site in self.network.making_sites:
            if site not in by_site:
                options.append(d.Option(site, d.NotMade()))
                continue
            number, way = by_site[site]
            if way.why is not None:
                options.append(d.Option(site, way.why))
                continue
            cost = sum(self.ways[o.id][number].cost_minor for o in group.members) // len(group.members)
            queue = self.view.profiles[way.line].finish(self.view.work.get(way.line, 0))
            late = self._late(group.members[0], way, queue)
            options.append(d.Option(site, d.QueueEnds(queue, way.port), True, cost, late))
        return tuple(options)


def _alike(why: d.Reason | None) -> str:
    """Reasons that make no difference between orders are one: which customer, say, a plant may not serve."""
    return f"down {why.line}" if isinstance(why, d.LineDown) else type(why).__name__
