"""Make-to-stock: places customers draw from, supplied by transfer orders that ERP raises by its static rules.

Needs are open orders by due day, forecast demand by day, and (at low weight) the reorder level. They are covered by

    keep    stock at hand, goods ordered or on the way                 (paid for, costs nothing more)
    erp     what ERP will order from its static first source           (line time nobody has claimed yet)
    make    the same from another maker                                (takes a command)
    stock   what lies at another place beyond that place's own needs   (takes a command)

All needs share the rows of lines, stock, lanes and components, so no place robs another. Only near-term `make` and
`stock` columns become commands; the rest of the plan is looked at again in REVIEW_MS.
"""

from sync.core import poolrecord
from sync.core.plan import Plan, Step
from sync.core.problem import Answer, Column, Need, Problem
from sync.core.projection import Projection, work_ms
from sync.core.repair import greedy, round_to_whole
from sync.core.sources import DAYS, Pair, Sources, Supply
from sync.core.state import State, TransferOrder
from sync.vocabulary.commands import CreateTransfer, ReduceTransfer
from sync.vocabulary.decisions import Exposure, Move, OrderClass, Replaced, Unservable
from sync.vocabulary.master import LineData, MakeData
from sync.vocabulary.planning import lots
from sync.vocabulary.quantities import MICRO_PER_MINOR, MS_PER_DAY, penalty_per_piece_micro, price

COMMIT_DAYS = 3  # production beyond is planned, not ordered
WINDOW_MS = 14 * MS_PER_DAY
MIN_WINDOW_MS = 5 * MS_PER_DAY  # forecasts need that much history
CHANGE_MICRO = 100_000  # per piece that comes from elsewhere than planned
EARLY_MICRO = 1_000  # per piece and day in stock before it is needed
LEVEL_PERCENT = 2  # weight of the reorder level against a customer's penalty
COMPONENT_DAYS = 6  # components for production within these days must be here or ordered
LOOK_SHARE = 3  # 1/3 of a day's demand coming a day late: projected lateness below this is left alone
WAITING_FACTOR = 3  # when customers wait already, a third of that is enough to look
SMALL_SHARE = 10  # taking less than 1/10 of a day's demand from another place's stock is not worth a transport


class MakeToStock:
    """The case of all stocking places at `now_ms`."""

    label: str
    staying: Problem | None

    def __init__(self, state: State, view: Projection) -> None:
        self.state, self.view, self.now_ms, self.network = state, view, view.now_ms, state.network
        self.label = ""
        self.sources = Sources(state, view)
        self.pairs: list[Pair] = sorted(
            p for p in state.sales if p[0] in self.network.sites and not self.network.makes(*p)
        )
        self.penalty = {pair: self._mean_penalty(pair) for pair in self.pairs}
        self.supply_of: list[Supply | None] = []
        self.need_pair: list[Pair] = []
        self.need_day: list[int] = []
        self._rows: dict[tuple[str, int], int] = {}
        self._parts: dict[tuple[str, str], list[tuple[int, int]]] = {}
        self.problem = self._build()
        self._staying = self.problem.without(("make", "stock"))
        self._staying_greedy = greedy(self._staying)
        self.staying = self._staying

    # --- needs -----------------------------------------------------------------------------------------------------
    def _mean_penalty(self, pair: Pair) -> int:
        sales = self.state.sales[pair]
        return sum(s.penalty_micro for s in sales) // len(sales) if sales else 0

    def rate_per_day(self, pair: Pair) -> int:
        """Observed pieces per day over the trailing window; 0 until there is enough history."""
        window = min(self.now_ms, WINDOW_MS)
        if window < MIN_WINDOW_MS:
            return 0
        sold = sum(s.quantity for s in self.state.sales[pair] if s.time_ms >= self.now_ms - window)
        return sold * MS_PER_DAY // window

    def _needs_of(self, pair: Pair) -> dict[int, tuple[int, int]]:
        """day bucket -> (pieces, penalty micro per piece and day) of open orders and forecast together."""
        pieces: dict[int, int] = {}
        weight: dict[int, int] = {}
        for order in self.state.orders.values():
            if (order.site, order.item) != pair:
                continue
            left = order.quantity - order.left
            leave = order.due_ms - self.network.delivery_ms(order.site, order.customer)
            day = min(max((leave - self.now_ms) // MS_PER_DAY, 0), DAYS - 1)
            per_piece = penalty_per_piece_micro(order.penalty_minor, order.penalty_per, order.quantity)
            pieces[day] = pieces.get(day, 0) + left
            weight[day] = weight.get(day, 0) + per_piece * left
        rate = self.rate_per_day(pair)
        sales = self.state.sales[pair]
        lead = sum(s.lead_ms for s in sales) // len(sales) // 2 // MS_PER_DAY if sales else 0
        for ahead in range(DAYS - lead):
            day = ahead + lead
            pieces[day] = pieces.get(day, 0) + rate
            weight[day] = weight.get(day, 0) + self.penalty[pair] * rate * max(100 - 5 * ahead, 40) // 100
        return {day: (n, weight[day] // n) for day, n in sorted(pieces.items()) if n > 0}

    # --- the problem -------------------------------------------------------------------------------------------------
    def _build(self) -> Problem:
        problem = Problem()
        for pair in self.pairs:
            supplies = self.sources.supplies(pair)
            for day, (pieces, weight) in self._needs_of(pair).items():
                self._cover(problem, pair, (day, pieces, weight, 0), supplies)
            level = self.network.sites[pair[0]].reorder.get(pair[1], 0)
            if level > 0:
                weight = self.penalty[pair] * LEVEL_PERCENT // 100
                self._cover(problem, pair, (DAYS // 2, level, weight, 1), supplies)
        return problem

    def _cover(self, problem: Problem, pair: Pair, want: tuple[int, int, int, int], supplies: list[Supply]) -> None:
        """One need, want = (day, pieces, penalty per piece and day, rank), and every way to cover it."""
        day, pieces, weight, rank = want
        need = problem.need(Need(f"{pair[1]} at {pair[0]} day {day}", pieces, (rank, day), weight * (DAYS + 4)))
        self.need_pair.append(pair)
        self.need_day.append(day)
        stock = self._stock_row(problem, pair)
        self._column(problem, Column(need, EARLY_MICRO * day, ((stock, 1),), "keep", pair[0], "", 0), None)
        arriving: dict[int, int] = {}
        for at, quantity, _ in self.view.arrivals.get(pair, []):
            bucket = (at - self.now_ms) // MS_PER_DAY
            arriving[bucket] = arriving.get(bucket, 0) + quantity
        for bucket, quantity in sorted(arriving.items()):
            name = f"{pair[1]} due at {pair[0]} in {bucket} d"
            row = problem.row(name, quantity, 1, "on_order", *pair, self.now_ms + bucket * MS_PER_DAY)
            cost = self._waiting(day, bucket, weight)
            self._column(problem, Column(need, cost, ((row, 1),), "keep", pair[0], "", 0), None)
        for supply in supplies:
            self._supply_columns(problem, need, day, weight, supply)

    def _stock_row(self, problem: Problem, place: Pair) -> int:
        """What lies free at a place."""
        return problem.row(f"stock {place[1]} at {place[0]}", self.sources.free_stock(place), 1, "stock", *place)

    @staticmethod
    def _waiting(day: int, bucket: int, weight: int) -> int:
        """Lateness, or the little it costs to come early, of a piece needed on `day` that comes on `bucket`."""
        return weight * (bucket - day) if bucket > day else EARLY_MICRO * (day - bucket)

    def _supply_columns(self, problem: Problem, need: int, day: int, weight: int, supply: Supply) -> None:
        change = CHANGE_MICRO if supply.kind in ("make", "stock") else 0
        base = supply.cost_micro + change
        if supply.kind == "stock":
            row = self._stock_row(problem, (supply.site, supply.pair[1]))
            cost = base + self._waiting(day, supply.transit_ms // MS_PER_DAY, weight)
            self._column(problem, Column(need, cost, ((row, 1),), "stock", supply.site, "", 0), supply)
            return
        line = self.network.lines[supply.line]
        make = self.network.make[supply.line, supply.pair[1]]
        use = make.piece_ms_x1000 + make.setup_ms * 1000 // (4 * max(make.lot, 1))
        for made in range(DAYS):
            bucket = made + (supply.transit_ms + MS_PER_DAY // 2) // MS_PER_DAY
            if not day - 4 <= bucket <= day + 8:
                continue
            row_number = self._line_row(problem, line, made)
            if row_number < 0:
                continue
            uses = [(row_number, use), *self._components(problem, line, make, made)]
            cost = base + self._waiting(day, bucket, weight) + made
            self._column(problem, Column(need, cost, tuple(uses), supply.kind, supply.site, line.id, made), supply)

    def _line_row(self, problem: Problem, line: LineData, day: int) -> int:
        """The line's open time on a day, after its queue; -1 when there is none."""
        key = (line.id, day)
        if key not in self._rows:
            self._rows[key] = self._new_line_row(problem, line, day)
        return self._rows[key]

    def _new_line_row(self, problem: Problem, line: LineData, day: int) -> int:
        profile = self.view.profiles[line.id]
        begin, end = self.now_ms + day * MS_PER_DAY, self.now_ms + (day + 1) * MS_PER_DAY
        before = max(profile.work_before(begin), self.view.work.get(line.id, 0))
        room = profile.work_before(end) - before
        if room <= 0:
            return -1
        return problem.row(f"{line.id} in {day} d", room * 1000, 3_600_000_000, "line", line.id, at_ms=begin)

    def _components(self, problem: Problem, line: LineData, make: MakeData, day: int) -> list[tuple[int, int]]:
        """Rows of components for early production: stock at the plant and what is on order, less the queue's use."""
        if day >= COMPONENT_DAYS:
            return []
        key = (line.id, make.item)
        if key not in self._parts:
            self._parts[key] = self._new_component_rows(problem, line, make)
        return self._parts[key]

    def _new_component_rows(self, problem: Problem, line: LineData, make: MakeData) -> list[tuple[int, int]]:
        uses: list[tuple[int, int]] = []
        for component, per_piece in sorted(self.network.needs_of(make.item, line.site).items()):
            name = f"{component} at {line.site}"
            if name not in problem.index:
                free = self.state.on_hand.get((line.site, component), 0)
                free += sum(
                    p.remaining for p in self.state.purchases.values() if (p.target, p.item) == (line.site, component)
                )
                for order in self.state.production.values():
                    if order.site == line.site:
                        free -= order.remaining * self.network.needs_of(order.item, order.site).get(component, 0)
                problem.row(name, free, 100, "components", line.site, component)
            uses.append((problem.index[name], per_piece))
        return uses

    def _column(self, problem: Problem, column: Column, supply: Supply | None) -> None:
        problem.columns.append(column)
        self.supply_of.append(supply)

    # --- plans ----------------------------------------------------------------------------------------------------
    @staticmethod
    def has_news() -> bool:
        """A look that changes nothing needs no record."""
        return False

    def min_gain(self) -> int:
        """Minor units a change must win: half of what was worth looking at."""
        return self.worth_a_look() // 2

    def keep(self, answer: Answer | None = None) -> Plan:
        """The plan in force: what is there, ordered, and what ERP will order by its own rule."""
        staying, quantities = self._staying, self._staying_greedy
        if answer is not None:
            quantities = min(quantities, round_to_whole(staying, answer), key=staying.cost_minor)
        plan = Plan("keep")
        plan.cost_minor = staying.cost_minor(quantities)
        plan.carry_minor = self._carry_minor(staying, quantities)
        plan.late_minor = plan.cost_minor - plan.carry_minor
        return plan

    def _carry_minor(self, problem: Problem, quantities: list[int]) -> int:
        handled: dict[tuple[str, str, Pair], int] = {}
        rate = {(s.site, s.line, s.pair): s.cost_micro for s in self.supply_of if s is not None}
        for column, quantity in zip(problem.columns, quantities, strict=True):
            key = (column.site, column.line, self.need_pair[column.need])
            if quantity and key in rate and column.kind != "keep":
                handled[key] = handled.get(key, 0) + quantity
        return sum(price(rate[key], pieces) for key, pieces in sorted(handled.items()))

    def at_risk(self) -> int:
        """Minor units of lateness of customers' needs in the plan in force (reorder levels left out)."""
        staying, quantities = self._staying, self._staying_greedy
        covered = [0] * len(staying.needs)
        risk = 0
        for column, quantity in zip(staying.columns, quantities, strict=True):
            covered[column.need] += quantity
            if quantity and staying.needs[column.need].rank[0] == 0:
                late = column.cost_micro - EARLY_MICRO * DAYS - self._base_of(column)
                risk += max(late, 0) * quantity
        for need, units in zip(staying.needs, covered, strict=True):
            if need.rank[0] == 0:
                risk += need.unmet_micro * (need.units - units)
        return risk // MICRO_PER_MINOR

    def _base_of(self, column: Column) -> int:
        if column.kind == "keep":
            return 0
        pair = self.need_pair[column.need]
        carry = self.sources.carry(column.site, pair[0])
        return (carry[0] if carry else 0) + self.network.sites[column.site].handling_micro

    def worth_a_look(self) -> int:
        """Lateness (minor units) from which the problem is worth solving, in proportion to the demand."""
        daily = sum(self.rate_per_day(pair) * self.penalty[pair] for pair in self.pairs)
        waiting = any(o.due_ms < self.now_ms for o in self.state.orders.values())
        share = LOOK_SHARE * (WAITING_FACTOR if waiting else 1)
        return max(daily // (share * MICRO_PER_MINOR), 1)

    def plan(self, kind: str, quantities: list[int]) -> Plan:
        """The plan that covers needs by these quantities; only near-term changes become commands."""
        plan = Plan(kind)
        plan.cost_minor = self.problem.cost_minor(quantities)
        plan.carry_minor = self._carry_minor(self.problem, quantities)
        plan.late_minor = plan.cost_minor - plan.carry_minor
        wanted: dict[Supply, int] = {}
        for column, quantity, supply in zip(self.problem.columns, quantities, self.supply_of, strict=True):
            if quantity and supply is not None and supply.kind != "erp" and column.day <= COMMIT_DAYS:
                wanted[supply] = wanted.get(supply, 0) + quantity
        used: dict[str, int] = {}
        for supply in sorted(wanted, key=lambda s: (s.pair, s.kind, s.site, s.line)):
            self._move(plan, supply, wanted[supply], used)
        plan.kept = poolrecord.kept(self.sources, plan)
        return plan

    def _move(self, plan: Plan, supply: Supply, wanted: int, used: dict[str, int]) -> None:
        """One new transfer order, whole lots, and what it takes off the orders it stands in for."""
        _, item = supply.pair
        quantity, due = wanted, self.now_ms + supply.transit_ms
        if supply.line:
            line, make = self.network.lines[supply.line], self.network.make[supply.line, item]
            if wanted * 2 < make.lot:
                return
            quantity = lots.whole(wanted, make.lot)
            work = self.view.work.get(line.id, 0) + work_ms(line, make, quantity)
            due = max(self.view.profiles[line.id].finish(work), self.now_ms) + supply.transit_ms
        elif quantity * SMALL_SHARE < self.rate_per_day(supply.pair):
            return
        taken: list[tuple[TransferOrder, int]] = []
        for transfer in self.sources.replaceable(supply.pair, supply.site):
            reducible = self.sources.reducible(transfer) - used.get(transfer.id, 0)
            cut = min(quantity - sum(n for _, n in taken), reducible)
            if cut > 0:
                used[transfer.id] = used.get(transfer.id, 0) + cut
                taken.append((transfer, cut))
        self._write(plan, supply, (quantity, due, self._extra(supply, quantity, taken)), taken)

    def _extra(self, supply: Supply, quantity: int, taken: list[tuple[TransferOrder, int]]) -> int:
        """Handling and lanes above the plan in force: what is not taken off an order would have come from the static
        source later; what another stocking place gives away comes back to it from its own static source."""
        extra = price(supply.cost_micro, quantity)
        if supply.kind == "stock":
            extra += price(self.sources.static_micro((supply.site, supply.pair[1])), quantity)
        for transfer, cut in taken:
            extra -= price(self.sources.spared_micro(transfer), cut)
        rest = quantity - sum(cut for _, cut in taken)
        return extra - price(self.sources.static_micro(supply.pair), rest)

    def _write(
        self, plan: Plan, supply: Supply, what: tuple[int, int, int], taken: list[tuple[TransferOrder, int]]
    ) -> None:
        """Commands and move of a new transfer order; what = (pieces, due, extra cost)."""
        quantity, due, extra = what
        target, item = supply.pair
        order = f"TO-{self.label.replace('-', '')}-{len(plan.steps) + 1}"
        first = len(plan.steps)
        plan.steps.append(
            Step(CreateTransfer(
                order=order, item=item, quantity=quantity, source=supply.site, target=target, due_ms=due,
                line=supply.line,
            ))
        )  # fmt: skip
        for transfer, cut in taken:
            plan.steps.append(Step(ReduceTransfer(order=transfer.id, quantity=cut), first))
        plan.extra_minor += extra
        action = "reroute" if supply.line else "transfer"
        plan.extra_by[action] = plan.extra_by.get(action, 0) + extra
        wanted_ms = max((t.due_ms for t, _ in taken), default=due)
        before = max((self.view.last_arrival.get(t.id, poolrecord.never(self.sources)) for t, _ in taken), default=due)
        plan.moves.append(
            Move(
                order=taken[0][0].id if taken else order,
                kind=action,
                item=item,
                quantity=quantity,
                source=taken[0][0].source if taken else self.sources.static_source(supply.pair),
                to=supply.site,
                target=target,
                extra_cost_minor=extra,
                late_ms_before=max(before - wanted_ms, 0),
                late_ms_after=max(due - wanted_ms, 0),
                new_order=order,
                replaces=tuple(Replaced(t.id, n) for t, n in taken),
                options=poolrecord.options(self.sources, supply),
            )
        )

    def exposure(self) -> Exposure:
        """What the trigger touches (see poolrecord)."""
        return poolrecord.exposure(self.sources, self._late_pieces())

    def _late_pieces(self) -> dict[Pair, int]:
        """Pieces of customers' needs, forecast included, that the plan in force covers late or not at all."""
        staying, late = self._staying, dict.fromkeys(self.pairs, 0)
        left = [n.units for n in staying.needs]
        for column, quantity in zip(staying.columns, self._staying_greedy, strict=True):
            left[column.need] -= quantity
            if quantity and column.cost_micro - EARLY_MICRO * DAYS > self._base_of(column):
                left[column.need] += quantity
        for need, pair, pieces in zip(staying.needs, self.need_pair, left, strict=True):
            late[pair] += pieces if need.rank[0] == 0 else 0
        return {pair: pieces for pair, pieces in late.items() if pieces > 0}

    @staticmethod
    def judged() -> tuple[Unservable, ...]:
        """Nothing is unservable here: unserved orders wait."""
        return ()

    @staticmethod
    def newly_unservable() -> tuple[Unservable, ...]:
        """None (see `judged`)."""
        return ()

    @staticmethod
    def classes() -> dict[str, OrderClass]:
        """None: every move has options of its own."""
        return {}
