"""What was lost on the way, by the shipments: when, on which lane, when its carrier reported it, and what followed."""

from collections.abc import Iterable
from dataclasses import dataclass

from scenarios.answers.explain.explanation import Link
from scenarios.answers.explain.facts import Facts, Row
from scenarios.answers.wording import listed, pieces, span, when

LOST, AGAIN, ANEW = 0, 1, 2  # ranks within one instant


@dataclass(frozen=True)
class Loss:
    """A shipment that was lost, with its order. lane: where; reported_ms: when its carrier said so, -1 never; report:
    by whom; again: the shipment of the same order that left for it; anew: the order that was placed for it."""

    shipment: Row
    order: Row
    lane: str
    reported_ms: int
    report: str
    again: tuple[Row, ...]
    anew: tuple[Row, ...]


def losses_of(facts: Facts, orders: Iterable[Row]) -> list[Loss]:
    """Every loss of the orders, in time."""
    found = [
        _loss(facts, order, s)
        for order in orders
        for s in facts.shipments_of.get(order["order"], ())
        if s["lost_ms"] >= 0
    ]
    return sorted(found, key=lambda loss: (loss.shipment["lost_ms"], loss.shipment["id"]))


def _loss(facts: Facts, order: Row, shipment: Row) -> Loss:
    told = facts.loss_reports.get(shipment["id"])
    lane = facts.lost_lane.get(shipment["id"], "")
    if told is None:
        return Loss(shipment, order, lane, -1, "", (), ())
    known = int(told["arrived_ms"])
    is_sent_again = order["kind"] == "customer" or (order["kind"] == "transfer" and order["cancelled"] < order["lost"])
    again = [s for s in facts.shipments_of[order["order"]] if s["departed_ms"] >= known][:1] if is_sent_again else []
    anew = [] if is_sent_again else _anew(facts, order, known)
    return Loss(shipment, order, lane, int(told["time_ms"]), told["source"], tuple(again), tuple(anew))


def _anew(facts: Facts, order: Row, at: int) -> list[Row]:
    """The next order of its kind, item and target that a rule placed once the loss was known."""
    alike = facts.supplies_to.get((order["target"], order["item"]), ())
    later = [o for o in alike if o["kind"] == order["kind"] and o["ordered_ms"] >= at and o is not order]
    return sorted(later, key=lambda o: (o["ordered_ms"], o["order"]))[:1]


def lost_supply(facts: Facts, site: str, item: str, begin: int, end: int) -> list[Loss]:
    """The losses of what was to bring an item to a site, whose gap lies in [begin, end]: from the loss to when what
    replaced it had arrived."""
    found = losses_of(facts, facts.supplies_to.get((site, item), ()))
    return [loss for loss in found if loss.shipment["lost_ms"] <= end and _filled(facts, loss) >= begin]


def _filled(facts: Facts, loss: Loss) -> int:
    """When what was sent or ordered in its place had arrived; at the horizon when it had not."""
    came = [s["received_ms"] for s in loss.again] + [o["done_ms"] for o in loss.anew]
    return came[0] if came and came[0] >= 0 else facts.rep.horizon_ms


def loss_links(losses: Iterable[Loss], end: int) -> list[Link]:
    """Rows for the chain, until `end`."""
    links = []
    for loss in losses:
        s, name = loss.shipment, loss.order["order"]
        what = f"{pieces(s['quantity'])} of {name} ({s['id']})"
        where = f" on {loss.lane}" if loss.lane else ""
        links.append(Link(s["lost_ms"], "the world", f"{what} are lost{where}", LOST))
        if loss.reported_ms >= 0:
            after = span(loss.reported_ms - s["lost_ms"])
            links.append(
                Link(loss.reported_ms, loss.report, f"reports {what} lost{where}, {after} after it happened", LOST)
            )
        for a in loss.again:
            text = f"sends {pieces(a['quantity'])} of {name} again ({a['id']})"
            links.append(Link(a["departed_ms"], a["source"], text, AGAIN))
        for o in loss.anew:
            text = f"writes {name} off and orders {pieces(o['quantity'])} anew: {o['order']}"
            links.append(Link(o["ordered_ms"], "erp", text, ANEW))
    return [link for link in links if 0 <= link.time_ms <= end]


def losses_said(losses: list[Loss], end: int) -> list[str]:
    """A sentence for each of the first losses."""
    said = []
    for loss in losses[:3]:
        s = loss.shipment
        where = f" on {loss.lane}" if loss.lane else ""
        text = f"{pieces(s['quantity'])} of {loss.order['order']} ({s['id']}) were lost{where} {when(s['lost_ms'])}"
        if loss.reported_ms < 0 or loss.reported_ms > end:
            said.append(f"{text}; its carrier had not reported it by then.")
            continue
        text = f"{text}; reported {when(loss.reported_ms)}"
        if loss.again:
            text = f"{text}, sent again {when(loss.again[0]['departed_ms'])} ({loss.again[0]['id']})"
        elif loss.anew:
            text = (
                f"{text}, ordered anew {when(loss.anew[0]['ordered_ms'])} ({listed([o['order'] for o in loss.anew])})"
            )
        else:
            text = f"{text}, and nothing was sent or ordered in its place"
        said.append(f"{text}.")
    if len(losses) > 3:
        said.append(f"{len(losses) - 3} more losses were in its way.")
    return said
