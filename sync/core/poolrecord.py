"""What a decision says about stocking places: options weighed, what was exposed, what stays late."""

from sync.core.plan import NAMED, Plan
from sync.core.projection import next_line, queues
from sync.core.sources import DAYS, Pair, Sources, Supply
from sync.vocabulary.decisions import CanSupply, Exposure, Move, NoneInStock, NoRoute, NotMade, Option
from sync.vocabulary.master import LineData, SiteData
from sync.vocabulary.quantities import MS_PER_DAY, price


def options(sources: Sources, chosen: Supply) -> tuple[Option, ...]:
    """Every other plant and stocking place with its cost per 100 pieces and its time, or the reason against it."""
    sites = [site for site in sources.network.master.sites if site.id != chosen.pair[0]]
    return tuple(_option(sources, chosen, site) for site in sites)


def _option(sources: Sources, chosen: Supply, site: SiteData) -> Option:
    target, item = chosen.pair
    line = sources.network.lines.get(next_line(sources.state, sources.view, site.id, item))
    stock = sources.free_stock((site.id, item))
    carry = sources.carry(site.id, target)
    taken = site.id == chosen.site
    if line is None and not stock:
        why = NotMade() if site.id in sources.network.making_sites else NoneInStock()
        return Option(site.id, why, chosen=taken)
    if carry is None:
        return Option(site.id, NoRoute(), chosen=taken)
    ready = _ready(sources, line) if line else 0
    reason = CanSupply(carry[1], stock, line.id if line else "", ready)
    return Option(site.id, reason, True, price(carry[0] + site.handling_micro, 100), ready + carry[1], taken)


def _ready(sources: Sources, line: LineData) -> int:
    done = sources.view.profiles[line.id].finish(sources.view.work.get(line.id, 0) + 1)
    return max(done - sources.now_ms, 0) if done >= 0 else DAYS * MS_PER_DAY


def exposure(sources: Sources, late: dict[Pair, int]) -> Exposure:
    """Places the plan in force serves late (pieces, forecast included), with the stopped lines that feed them, their
    open orders and their customers. revenue: of open orders; forecast: of the late pieces."""
    slow = [line for line in sorted(sources.view.work) if sources.stopped(line)]
    fed = {o.for_order for line, q in queues(sources.state).items() if line in slow for o in q}
    pairs = {(t.target, t.item) for t in sources.state.transfers.values() if t.id in fed}
    pairs |= set(late)
    orders = [o for o in sources.state.orders.values() if (o.site, o.item) in pairs]
    served = {c.id for c in sources.network.master.customers if any(site in c.served_by[:1] for site, _ in pairs)}
    value = sources.network.master.items
    return Exposure(
        lines=tuple(slow),
        orders=(*sorted(fed & set(sources.state.transfers)), *sorted(o.id for o in orders))[:NAMED],
        items=tuple(sorted({item for _, item in pairs})),
        sites=tuple(sorted({site for site, _ in pairs})),
        customers=tuple(sorted({o.customer for o in orders} | served)),
        revenue_minor=sum(value.get(o.item, 0) * (o.quantity - o.left) for o in orders),
        forecast_minor=sum(value.get(item, 0) * n for (_, item), n in sorted(late.items())),
        late_pieces=sum(late.values()),
        orders_total=len(orders),
    )


def kept(sources: Sources, plan: Plan) -> list[Move]:
    """Transfer orders that come later than they are due and are left as they are."""
    replaced = {r.order for move in plan.moves for r in move.replaces}
    found: list[Move] = []
    for transfer in sources.state.transfers.values():
        late = sources.view.last_arrival.get(transfer.id, never(sources)) - transfer.due_ms
        if transfer.outstanding and late > 0 and transfer.id not in replaced:
            source, target, pieces = transfer.source, transfer.target, transfer.outstanding
            found.append(
                Move(transfer.id, "keep", transfer.item, pieces, source, source, target, 0, late, late)
            )  # fmt: skip
    return found


def never(sources: Sources) -> int:
    """An arrival beyond the outlook."""
    return sources.now_ms + DAYS * MS_PER_DAY
