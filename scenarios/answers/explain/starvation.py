"""Which line stood for want of which component, since when, and which order waited for it: from the ledger's stock and
the bills of material.

    stock of C  ~~~~\\________|~~~~      the order that used the next C waited from when there was too little of it
                     since    until     (or from when its line came to it) to the receipt
"""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scenarios.answers.explain.explanation import Link
from scenarios.answers.explain.facts import Facts, Row
from scenarios.answers.wording import listed, pieces, span, when
from scenarios.runs.folder import model_of

if TYPE_CHECKING:
    from plants.definition import NetworkSpec

SHOWN = 3


@dataclass(frozen=True)
class Starvation:
    """An order whose line waited for a component. until_ms: -1 to the end of the run; needed: pieces that it wanted at
    least; there: what was in stock; ended_by: the order that brought it; on_order: those under way when it began."""

    order: Row
    line: str
    component: str
    since_ms: int
    until_ms: int
    needed: int
    there: int
    ended_by: str
    on_order: tuple[Row, ...]


def starvations_of(facts: Facts, orders: Iterable[Row]) -> list[Starvation]:
    """Every starvation of the lines of the production orders while those were open, in time."""
    found: dict[tuple[str, str, int], Starvation] = {}
    for order in orders:
        if order["kind"] != "production" or not order["line"]:
            continue
        end = order["done_ms"] if order["done_ms"] >= 0 else facts.rep.horizon_ms
        for s in _of_line(facts, order["line"]):
            last = s.until_ms if s.until_ms >= 0 else facts.rep.horizon_ms
            if s.since_ms < end and last > order["ordered_ms"] and s.order["ordered_ms"] <= order["ordered_ms"]:
                found[s.line, s.component, s.since_ms] = s
    return sorted(found.values(), key=lambda s: (s.since_ms, s.line, s.component))


def _of_line(facts: Facts, line: str) -> list[Starvation]:
    """The starvations of a line, each component's gaps of stock against the orders that the line made one by one."""
    model = model_of(facts.run)
    if model is None:
        return []
    if line not in facts.starved:
        made = sorted(
            (o for o in facts.orders.values() if o["line"] == line), key=lambda o: (_began(facts, o), o["ordered_ms"])
        )
        site = line.partition(".")[0]
        whole = _counts_orders(model.network, line)
        components = {c for o in made for c in needs_of(model.network, site, o["item"])}
        facts.starved[line] = [
            s for c in sorted(components) for s in _of_component(facts, model.network, (line, site, c), made, whole)
        ]
    found: list[Starvation] = facts.starved[line]
    return found


def needs_of(network: "NetworkSpec", site: str, item: str) -> dict[str, int]:
    """Component -> pieces per piece of an item at a plant: the plant's own bill of material, else the common one."""
    own = next((b for b in network.boms if b.item == item and b.plant == site), None)
    bom = own or next((b for b in network.boms if b.item == item and b.plant is None), None)
    return bom.needs if bom else {}


def _counts_orders(network: "NetworkSpec", line: str) -> bool:
    site, _, name = line.partition(".")
    return any(x.id == name and x.counts == "orders" for p in network.plants if p.id == site for x in p.lines)


def _began(facts: Facts, order: Row) -> int:
    """When an order first used something; past the horizon when it never did."""
    uses = facts.uses.get(order["order"], ())
    return min((at for _, at, _ in uses), default=facts.rep.horizon_ms + 1)


def _of_component(
    facts: Facts, network: "NetworkSpec", where: tuple[str, str, str], made: list[Row], whole: bool
) -> list[Starvation]:
    _, site, component = where
    found = []
    times, levels = facts.stock_steps(site, component)
    for n, order in enumerate(made):
        each = needs_of(network, site, order["item"]).get(component, 0)
        needed = each * (order["quantity"] if whole else 1)
        if not needed or order["state"] == "cancelled":
            continue
        before = max((o["done_ms"] for o in made[:n] if o["done_ms"] >= 0), default=-1)
        if any(o["done_ms"] < 0 and o["state"] != "cancelled" for o in made[:n]):
            continue  # another one was before it to the end
        begin = max(order["ordered_ms"], before)
        end = order["done_ms"] if order["done_ms"] >= 0 else facts.rep.horizon_ms
        uses = sorted(first for c, first, _ in facts.uses.get(order["order"], ()) if c == component)
        found += _gaps(facts, order, where, (begin, end, needed), (times, levels, uses))
    return found


def _gaps(
    facts: Facts, order: Row, where: tuple[str, str, str], bounds: tuple[int, int, int],
    curve: tuple[list[int], list[int], list[int]],
) -> list[Starvation]:  # fmt: skip
    """The gaps of stock between an order's turn and its end, after which it used the component, or which last."""
    (_, site, component), (begin, end, needed), (times, levels, uses) = where, bounds, curve
    found = []
    at = max(0, bisect_right(times, begin) - 1)
    since = -1
    for n in range(at, len(times)):
        if times[n] > end:
            break
        if levels[n] < needed and since < 0:
            since, there = max(times[n], begin), levels[n]
        elif levels[n] >= needed and since >= 0:
            if times[n] > since and any(use >= times[n] for use in uses):
                came = facts.came_at(site, component, times[n])
                found.append(_starved(facts, order, where, (since, times[n], needed, there), came))
            since = -1
    if since >= 0 and order["done_ms"] < 0 and since < end:
        found.append(_starved(facts, order, where, (since, -1, needed, there), ""))
    return found


def _starved(
    facts: Facts, order: Row, where: tuple[str, str, str], gap: tuple[int, int, int, int], came: str
) -> Starvation:
    line, site, component = where
    since, until, needed, there = gap
    alike = facts.supplies_to.get((site, component), ())
    under_way = tuple(o for o in alike if o["ordered_ms"] <= since and (o["done_ms"] < 0 or o["done_ms"] > since)
                      and not 0 <= o["cancelled_ms"] <= since)  # fmt: skip
    return Starvation(order, line, component, since, until, needed, there, came, under_way)


def starvation_links(found: Iterable[Starvation], end: int) -> list[Link]:
    """Rows for the chain, until `end`."""
    links = []
    for s in found:
        waits = f"{s.order['order']} waits for {s.component}: {pieces(s.there)} there, {pieces(s.needed)} needed"
        links.append(Link(s.since_ms, s.line, waits))
        if s.until_ms >= 0:
            brought = f" with {s.ended_by}" if s.ended_by else ""
            links.append(
                Link(s.until_ms, s.line, f"{s.component} is there again{brought}; {s.order['order']} goes on", 1)
            )
    return [link for link in links if link.time_ms <= end]


def starvation_said(found: list[Starvation], end: int) -> list[str]:
    """A sentence for each of the longest: which line, which component, which order waited, since when and for what."""
    horizon = max([end, *(s.until_ms for s in found)])
    longest = sorted(found, key=lambda s: -((s.until_ms if s.until_ms >= 0 else horizon) - s.since_ms))[:SHOWN]
    said = []
    for s in sorted(longest, key=lambda s: s.since_ms):
        text = f"{s.line} stood for want of {s.component} since {when(s.since_ms)}: {s.order['order']} waited for it"
        if s.until_ms >= 0 and s.until_ms <= end:
            text += f" until {when(s.until_ms)} ({span(s.until_ms - s.since_ms)})"
            text += f", when {s.ended_by} brought it" if s.ended_by else ""
        else:
            text += " and was waiting still"
        under_way = [f"{o['order']} (ordered {when(o['ordered_ms'])} from {o['site']})" for o in s.on_order]
        were = "was" if len(under_way) == 1 else "were"
        text += f"; on order {were} {listed(under_way, 3)}" if under_way else "; nothing was on order"
        said.append(f"{text}.")
    if len(found) > SHOWN:
        said.append(f"It stood for want of material {len(found)} times in all.")
    return said
