"""What will happen if nobody changes the plan: when lines finish their queues and when goods arrive where.

    line profile --queue in order of release--> finish of each lot --transit--> arrivals at (site, item)

Counts everything already ordered, on the way, or commanded and not yet confirmed.
"""

from dataclasses import dataclass, field

from sync.core.hours import Profile, profile
from sync.core.network import Route
from sync.core.state import ProductionOrder, State, TransferOrder
from sync.vocabulary.commands import CreateTransfer, ReduceTransfer
from sync.vocabulary.master import LineData, MakeData
from sync.vocabulary.planning import choice
from sync.vocabulary.quantities import MS_PER_DAY, MS_PER_H

UNKNOWN_STOP_MS = 24 * MS_PER_H  # a stop without an estimate: this much longer, or as long again as it has lasted
OVERRUN_MS = 4 * MS_PER_H  # a stop that outlasts its estimate
UNKNOWN_CLOSURE_MS = 7 * MS_PER_DAY
BATCHES = 1_000  # lots of an order after which steps are doubled: the effort does not grow with the number written


@dataclass
class Projection:
    """profiles, queued work (ms) and last finish per line; arrivals[(site, item)] = [(time_ms, pieces, transfer)];
    finish[production order] = time_ms or -1; last_arrival[transfer] = time_ms."""

    now_ms: int
    profiles: dict[str, Profile] = field(default_factory=dict)
    work: dict[str, int] = field(default_factory=dict)
    finish: dict[str, int] = field(default_factory=dict)
    arrivals: dict[tuple[str, str], list[tuple[int, int, str]]] = field(default_factory=dict)
    last_arrival: dict[str, int] = field(default_factory=dict)


def down_until(state: State, line: str, now_ms: int) -> int:
    """When a stopped line is expected back (ms); `now_ms` when it runs."""
    belief = state.lines.get(line)
    if belief is None or belief.down_since_ms < 0:
        return now_ms
    if belief.down_until_ms < 0:
        return now_ms + max(UNKNOWN_STOP_MS, now_ms - belief.down_since_ms)
    return max(belief.down_until_ms, now_ms + OVERRUN_MS)


def line_profile(state: State, line: LineData, now_ms: int) -> Profile:
    """The line's capacity from now on, as far as messages tell."""
    belief = state.lines.get(line.id)
    ppm, slow_until = 1_000_000, -1
    if belief is not None and belief.factor_ppm != 1_000_000:
        ppm = belief.factor_ppm
        slow_until = belief.slow_until_ms
        if slow_until < 0:
            slow_until = now_ms + UNKNOWN_CLOSURE_MS
        else:
            slow_until = max(slow_until, now_ms + OVERRUN_MS)
    return profile(line.open_ms, now_ms, down_until(state, line.id, now_ms), ppm, slow_until)


def lane_opens(state: State, lane: str, now_ms: int) -> int:
    """When goods may enter the lane again; now_ms when it is open, -1 when nobody knows."""
    belief = state.lanes.get(lane)
    if belief is None or belief.closed_since_ms < 0:
        return now_ms
    return max(belief.closed_until_ms, now_ms + OVERRUN_MS) if belief.closed_until_ms >= 0 else -1


def route_opens(state: State, route: Route, now_ms: int) -> int:
    """When the whole route is open; -1 when nobody knows."""
    opens = [lane_opens(state, lane.id, now_ms) for lane in route.lanes]
    return -1 if -1 in opens else max(opens, default=now_ms)


def transit_ms(state: State, route: Route) -> int:
    """Mean transit, slow lanes slowed."""
    total = 0
    for lane in route.lanes:
        belief = state.lanes.get(lane.id)
        factor = belief.factor_ppm if belief else 1_000_000
        total += max(lane.time_ms, 0) * 1_000_000 // factor
    return total


def queues(state: State) -> dict[str, list[ProductionOrder]]:
    """Production orders per line, first released first."""
    found: dict[str, list[ProductionOrder]] = {}
    for order in sorted(state.production.values(), key=lambda p: (p.rank, p.id)):
        if order.remaining > 0:
            found.setdefault(order.line, []).append(order)
    return found


def work_ms(line: LineData, make: MakeData, pieces: int) -> int:
    """Full-speed line time for `pieces` of a make (one load per order where the line counts orders)."""
    units = 1 if line.counts == "orders" else pieces
    return -(-units * make.piece_ms_x1000 // 1000)


def next_line(state: State, view: Projection, site: str, item: str) -> str:
    """The line to which ERP gives the next order for an item at a site; "" when none makes it there."""
    makers = state.network.lines_at.get((site, item), ())
    return choice.line([choice.Maker(line.id, view.work.get(line.id, 0), make.prefer) for line, make in makers])


def project(state: State, now_ms: int) -> Projection:
    """The plan in force, carried forward."""
    view = Projection(now_ms)
    cuts = pending_cuts(state)
    for line in state.network.master.lines:
        view.profiles[line.id] = line_profile(state, line, now_ms)
    made: dict[str, list[tuple[int, int]]] = {}
    for line_id, queue in queues(state).items():
        run_queue(state, view, line_id, queue, cuts=cuts, made=made)
    for transfer in state.transfers.values():
        if transfer.outstanding:
            project_transfer(state, view, transfer, cuts.get(transfer.id, 0), made)
    add_moving(state, view)
    add_awaited(state, view)
    for arrivals in view.arrivals.values():
        arrivals.sort()
    return view


def pending_cuts(state: State) -> dict[str, int]:
    """Pieces that commanded, unconfirmed reductions will take off a transfer order."""
    cuts: dict[str, int] = {}
    for command in state.open_commands.values():
        asks = command.asks
        if isinstance(asks, ReduceTransfer) and executing(state, command.decision):
            cuts[asks.order] = cuts.get(asks.order, 0) + asks.quantity
    return cuts


def executing(state: State, decision: str) -> bool:
    decided = state.decisions.get(decision)
    return decided is not None and decided.state == "executing"


def run_queue(
    state: State,
    view: Projection,
    line_id: str,
    queue: list[ProductionOrder],
    *,
    cuts: dict[str, int],
    made: dict[str, list[tuple[int, int]]],
) -> None:
    """Work the queue off lot by lot, after every BATCHES of an order twice as many lots at a time, for as long as the
    line's windows reach; `made[for_order]` collects (finish, pieces)."""
    line = state.network.lines.get(line_id)
    if line is None:
        return
    capacity = view.profiles[line_id]
    work, before = 0, ""
    for order in queue:
        make = state.network.make.get((line_id, order.item))
        if make is None:
            continue
        work += make.setup_ms if before and before != order.item else 0
        before = order.item
        pieces = max(order.remaining - cuts.get(order.for_order, 0), 0)
        lot = pieces if line.counts == "orders" else max(make.lot, 1)
        steps, size = 0, lot
        while pieces > 0:
            batch = min(size, pieces)
            work += work_ms(line, make, lot) * (batch // lot) + work_ms(line, make, batch % lot)
            pieces -= batch
            done = view.finish[order.id] = capacity.finish(work)
            if done < 0:  # nor is anything of the rest: it is only work
                size = max(pieces // lot, 1) * lot
                continue
            made.setdefault(order.for_order, []).append((done, batch))
            steps += 1
            size *= 2 if steps % BATCHES == 0 else 1
    view.work[line_id] = work


def project_transfer(
    state: State, view: Projection, transfer: TransferOrder, cut: int, made: dict[str, list[tuple[int, int]]]
) -> None:
    """Lots travel as they are finished; what no lot stands for leaves from the source's stock now."""
    route = state.network.quickest(transfer.source, transfer.target, lambda r: route_opens(state, r, view.now_ms) < 0)
    opens = route_opens(state, route, view.now_ms) if route else view.now_ms + UNKNOWN_CLOSURE_MS
    transit = transit_ms(state, route) if route else MS_PER_DAY
    left = max(transfer.outstanding - cut, 0)
    lots = made.get(transfer.id, [])
    from_stock = max(left - sum(pieces for _, pieces in lots), 0)
    if any(p.for_order == transfer.id and view.finish.get(p.id, 0) < 0 for p in state.production.values()):
        from_stock = 0  # its line never finishes it: nothing lies ready
    for done, pieces in [(view.now_ms, from_stock), *lots]:
        batch = min(pieces, left)
        if batch > 0:
            left -= batch
            at = max(done, opens) + transit
            view.arrivals.setdefault((transfer.target, transfer.item), []).append((at, batch, transfer.id))
            view.last_arrival[transfer.id] = max(view.last_arrival.get(transfer.id, 0), at)


def add_moving(state: State, view: Projection) -> None:
    """Goods on lanes arrive as announced, or very soon when that has passed."""
    for shipment in state.shipments.values():
        at = max(shipment.eta_ms, view.now_ms + MS_PER_H)
        view.arrivals.setdefault((shipment.target, shipment.item), []).append((at, shipment.quantity, ""))


def add_awaited(state: State, view: Projection) -> None:
    """Transfer orders commanded, but not yet announced by ERP, count as ordered: arrival when they are due."""
    for command in state.awaited.values():
        asks, void = command.asks, 0 <= command.not_after_ms + MS_PER_H < view.now_ms
        if void or not isinstance(asks, CreateTransfer) or not executing(state, command.decision):
            continue
        at = max(asks.due_ms, view.now_ms)
        view.arrivals.setdefault((asks.target, asks.item), []).append((at, asks.quantity, asks.order))
        make = state.network.make.get((asks.line, asks.item))
        if make is not None:
            line = state.network.lines[asks.line]
            work = work_ms(line, make, asks.quantity)
            view.work[line.id] = view.work.get(line.id, 0) + work
