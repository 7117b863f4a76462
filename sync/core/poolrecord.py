"""What a decision record says about stocking places: options weighed, what was exposed, what stays late."""

from typing import Any

from sync.core.evolve import span
from sync.core.plan import Plan
from sync.core.projection import queues
from sync.core.sources import DAYS, Pair, Sources, Supply
from sync.vocabulary.master import LineData
from sync.vocabulary.quantities import MS_PER_DAY, price


def options(sources: Sources, chosen: Supply) -> list[dict[str, Any]]:
    """Every plant and stocking place: cost_minor per 100 pieces, late_ms until goods could be there, or why not."""
    options: list[dict[str, Any]] = []
    target, item = chosen.pair
    for site in sources.network.master.sites:
        if site.id == target:
            continue
        lines = [line for line, _ in sources.network.makers.get(item, []) if line.site == site.id]
        stock = sources.free_stock((site.id, item))
        carry = sources.carry(site.id, target)
        option: dict[str, Any] = {"site": site.id, "feasible": False, "chosen": site.id == chosen.site}
        if not lines and not stock:
            option["why"] = "does not make item" if site.id in sources.network.making_sites else "none in stock"
        elif carry is None:
            option["why"] = "no open route"
        else:
            option |= {"feasible": True, "cost_minor": price(carry[0] + site.handling_micro, 100)}
            option["why"] = _when(sources, lines[0] if lines else None, stock, carry[1])
            option["late_ms"] = _ready(sources, lines[0]) + carry[1] if lines else carry[1]
        options.append(option)
    return options


def _ready(sources: Sources, line: LineData) -> int:
    done = sources.view.profiles[line.id].finish(sources.view.work.get(line.id, 0) + 1)
    return max(done - sources.now_ms, 0) if done >= 0 else DAYS * MS_PER_DAY


def _when(sources: Sources, line: LineData | None, stock: int, transit: int) -> str:
    parts = [f"{stock} in stock"] if stock else []
    if line is not None:
        parts.append(f"{line.id} is free in {span(_ready(sources, line))}")
    return "; ".join([*parts, f"transit {span(transit)}"])


def exposure(sources: Sources, late: dict[Pair, int]) -> dict[str, Any]:
    """Places the plan in force serves late (pieces, forecast included), with the stopped lines that feed them, their
    open orders and their customers. revenue: of open orders; forecast: of the late pieces."""
    slow = [line for line in sorted(sources.view.work) if sources.stopped(line)]
    fed = {o.for_order for line, q in queues(sources.state).items() if line in slow for o in q}
    pairs = {(t.target, t.item) for t in sources.state.transfers.values() if t.id in fed}
    pairs |= set(late)
    orders = [o for o in sources.state.orders.values() if (o.site, o.item) in pairs]
    return {
        "lines": slow,
        "orders": [*sorted(fed & set(sources.state.transfers)), *sorted(o.id for o in orders)][:200],
        "items": sorted({item for _, item in pairs}),
        "sites": sorted({site for site, _ in pairs}),
        "customers": sorted(
            {o.customer for o in orders}
            | {c.id for c in sources.network.master.customers if any(site in c.served_by[:1] for site, _ in pairs)}
        ),
        "revenue_minor": sum(sources.network.master.items.get(o.item, 0) * (o.quantity - o.left) for o in orders),
        "forecast_minor": sum(sources.network.master.items.get(item, 0) * n for (_, item), n in sorted(late.items())),
        "late_pieces": sum(late.values()),
        "orders_total": len(orders),
    }


def kept(sources: Sources, plan: Plan) -> list[dict[str, Any]]:
    """Transfer orders that come later than they are due and are left as they are."""
    replaced = {str(r["order"]) for move in plan.moves for r in move["replaces"]}
    found: list[dict[str, Any]] = []
    for transfer in sources.state.transfers.values():
        late = sources.view.last_arrival.get(transfer.id, never(sources)) - transfer.due_ms
        if transfer.outstanding and late > 0 and transfer.id not in replaced:
            found.append(
                {
                    "order": transfer.id,
                    "kind": "keep",
                    "item": transfer.item,
                    "quantity": transfer.outstanding,
                    "from": transfer.source,
                    "to": transfer.source,
                    "target": transfer.target,
                    "extra_cost_minor": 0,
                    "late_ms_before": late,
                    "late_ms_after": late,
                    "options": [],
                }
            )
    return found


def never(sources: Sources) -> int:
    """An arrival beyond the outlook."""
    return sources.now_ms + DAYS * MS_PER_DAY
