"""Explain an order: the chain from the disruption to its delivery, the sites that could have served it, what would
have to change."""

from typing import Any

from msgspec import to_builtins

from scenarios.answers.explain.decision import approval_flips, decision_links, in_time, message_links, plan_alternatives
from scenarios.answers.explain.explanation import Explanation, Link, Section
from scenarios.answers.explain.facts import Facts, Row
from scenarios.answers.explain.losses import Loss, loss_links, losses_of, losses_said, lost_supply
from scenarios.answers.explain.moves import (
    can,
    gives,
    makes_none,
    option_cost,
    option_said,
    option_timing,
    weighed,
)
from scenarios.answers.explain.network import reasons, why_not_site
from scenarios.answers.explain.outcome import gone_links, outcome
from scenarios.answers.explain.planners import planner_links, re_sourced
from scenarios.answers.explain.starvation import Starvation, starvation_links, starvation_said, starvations_of
from scenarios.answers.explain.supply import supply_links, trouble, waited_on
from scenarios.answers.reasons import not_made_said, reason_said
from scenarios.answers.wording import exact_money, lasting, listed, moment, pieces, plural, when
from scenarios.errors import UnknownName
from sync.vocabulary.decisions import Decision, Move
from sync.vocabulary.messages import ENGINE

TOLD = 4  # decisions told in a chain


def explain_order(facts: Facts, name: str, why_not: str | None) -> Explanation:
    """The story of order `name`."""
    order = facts.orders[name]
    told = Explanation("order", name, facts.rep.way, facts.rep.replication, _title(order))
    last = facts.until(order)
    supply = [s for s in facts.supply_of(order) if s["quantity"] > s["cancelled"] and s["ordered_ms"] <= last]
    related = {name, *(s["order"] for s in supply)}
    decisions = facts.decisions_about(order, related)
    starved, lost = _missed(facts, order, supply)
    brought = _brought(facts, starved, lost)
    met = trouble(facts, order, [*supply, *brought])
    called = list({o["order"]: o for o in [*supply, *waited_on(facts, order)]}.values())
    chain = _placed(order) + supply_links(facts, order, supply) + gone_links(facts, order)
    chain += planner_links(facts, order, called)
    end = facts.rep.horizon_ms if order["done_ms"] < 0 else max(last, order["done_ms"])
    over = max(last, order["cancelled_ms"]) if order["done_ms"] < 0 <= order.get("cancelled_ms", -1) else end
    named = {*related, *(o["order"] for o in [*called, *brought])}
    for d in met:
        chain += [link for link in _disrupted(facts, d, named) if link.time_ms <= over]
    chain += starvation_links(starved, end) + loss_links(lost, end)
    for decision in _closest(decisions, order, related):
        links = decision_links(facts, decision, _commanded(decision, related))
        chain += [link for link in links if not met or link.who != "the world"]
    told.chain = in_time(chain)
    missed = [*starvation_said(starved, end), *losses_said(lost, end)]
    told.summary = _summary(facts, order, supply, called, decisions, missed, met)
    told.parts = [
        _sites(facts, order, decisions, related),
        plan_alternatives(facts, _closest(decisions, order, related)),
        _why_unservable(facts, order),
        _changes(facts, order, supply, decisions, related),
    ]
    if why_not:
        told.parts.insert(0, _why_not(facts, order, decisions, related, why_not))
    return told


def _title(order: Row) -> str:
    what = f"{order['order']}: {order['kind']} order, {pieces(order['quantity'])} of {order['item']}"
    if order["kind"] == "production":
        return f"{what} at {order['line'] or order['site']}"
    where = f" to {order['target']}" if order.get("target") and order["target"] != order["site"] else ""
    return f"{what} from {order['site']}{where}"


def _placed(order: Row) -> list[Link]:
    who = order.get("customer") or (ENGINE if order.get("by") == ENGINE else "erp")
    first = order.get("first_site") or order["site"]
    where = f"to be made at {order['line'] or first}" if order["kind"] == "production" else f"{first} is to serve it"
    due = f", due {when(order['due_ms'])}" if order.get("due_ms", -1) >= 0 else ""
    said = f"orders {pieces(order['quantity'])} of {order['item']}; {where}{due}"
    return [Link(order["ordered_ms"], who, said)]


def _missed(facts: Facts, order: Row, supply: list[Row]) -> tuple[list[Starvation], list[Loss]]:
    """For want of what its lines stood, and what was lost of it and of what it, or a line, waited for."""
    made = [*supply, order, *(p for o in waited_on(facts, order) for p in facts.pegged.get(o["order"], ()))]
    last = facts.until(order)
    starved = [s for s in starvations_of(facts, {o["order"]: o for o in made}.values()) if s.since_ms <= last]
    lost = losses_of(facts, {o["order"]: o for o in [order, *supply, *waited_on(facts, order)]}.values())
    if order["kind"] == "customer" and order["left_ms"] != order["ordered_ms"]:
        lost += lost_supply(facts, order["site"], order["item"], order["ordered_ms"], last)
    for s in starved:
        end = s.until_ms if s.until_ms >= 0 else facts.rep.horizon_ms
        lost += lost_supply(facts, s.line.partition(".")[0], s.component, s.since_ms, end)
    found = {loss.shipment["id"]: loss for loss in lost}
    return starved, sorted(found.values(), key=lambda loss: (loss.shipment["lost_ms"], loss.shipment["id"]))


def _brought(facts: Facts, starved: list[Starvation], lost: list[Loss]) -> list[Row]:
    """The orders that a starving line waited for, and those that were lost: their trouble is its own."""
    names = [s.ended_by or next((o["order"] for o in s.on_order), "") for s in starved]
    names += [loss.order["order"] for loss in lost]
    return [facts.orders[name] for name in dict.fromkeys(names) if name in facts.orders]


def _summary(
    facts: Facts, order: Row, supply: list[Row], called: list[Row], decisions: list[Decision], missed: list[str],
    met: list[Row],
) -> list[str]:  # fmt: skip
    said = [outcome(facts, order)]
    if order.get("unservable"):
        said.append(f"No plant could serve it: {order['unservable']}.")
    if order.get("first_site") and order["site"] != order["first_site"]:
        said.append(f"It was moved from {order['first_site']} to {order['site']}.")
    if supply:
        said.append(f"It waited for {listed([s['order'] for s in supply])}.")
    said += missed
    moved = re_sourced(facts, called) if facts.rep.way == "fragmented" else []
    if moved:
        each = [f"{o['order']} to {o['first_site']}" for o in moved]
        said.append(f"Local planners had turned to another source: {listed(each)}.")
    server = [link.what for link in planner_links(facts, order, []) if order["kind"] == "customer"]
    said += [f"Local planners, {what}." for what in server]
    if met:
        said.append(f"In its way: {listed([d['title'] for d in met])}.")
    elif order.get("late_ms", 0) > 0 and not moved and not server and not missed:
        said.append(_undisturbed(order, decisions))
    if decisions:
        said.append(f"{plural(len(decisions), 'decision')} concerned it: {listed([d.id for d in decisions])}.")
    return said


def _undisturbed(order: Row, decisions: list[Decision]) -> str:
    answers = [d.id for d in decisions if d.workflow != "order-at-risk"]
    if answers:
        return f"No disruption touched it itself; {listed(answers)} answered one elsewhere in the meantime."
    if order["left_ms"] == order["ordered_ms"]:
        return "No disruption touched it: it left when it was ordered, and the way took longer than the time it had."
    return "No disruption touched it: it was late by the plan's own shortage of stock or capacity."


# --- the chain -------------------------------------------------------------------------------------------------------
def _disrupted(facts: Facts, d: Row, named: set[str]) -> list[Link]:
    """Its begin, its end and how the systems told of them; of what they told of orders only the `named` ones."""
    links = [Link(d["from_ms"], "the world", f"{d['title']}{lasting(d['from_ms'], d['to_ms'])}")]
    for m in facts.news_of(d, named):
        links += [link for link in message_links(facts, m) if link.who != "the world"]
    if d["to_ms"] > d["from_ms"]:
        links.append(Link(d["to_ms"], "the world", f"{d['title']} is over"))
    return links


def _closest(decisions: list[Decision], order: Row, related: set[str]) -> list[Decision]:
    """The decisions that moved it first, then those that saw it exposed; at most a few."""
    moved = [d for d in decisions if d.moves_of(related)]
    seen = [d for d in decisions if d not in moved]
    return sorted((moved + seen)[:TOLD], key=lambda d: d.time_ms)


def _commanded(d: Decision, related: set[str]) -> set[str]:
    """The orders whose commands belong to the story: the related ones and what was raised in their place."""
    return related | {name for m in d.moves_of(related) for name in (m.order, m.new_order) if name}


# --- what else, and what would have to change -------------------------------------------------------------------------
def _sites(facts: Facts, order: Row, decisions: list[Decision], related: set[str]) -> Section:
    """Every site that a decision weighed for the order (or what it waited for)."""
    heads = ("decision", "move", "site", "can", "cost", "when", "why", "chosen")
    part = Section("options", "Sites that were weighed", heads=heads)
    for d in decisions:
        moves = _moves_for(d, order, related)[:3]
        for m in moves:
            if no_maker := [o.site for o in d.options_of(m) if makes_none(o)]:
                part.sentences.append(not_made_said(no_maker, m.item))
        for m, o in weighed(d, moves):
            cost = option_cost(m, o)
            part.records.append({"decision": d.id, "order": m.order, "cost_of_move_minor": cost, **to_builtins(o)})
            if makes_none(o):
                continue
            what = f"{m.quantity:,} {m.item} for {m.target}"
            told = (exact_money(cost, facts.run.currency), option_timing(m, o)) if o.feasible else ("-", "-")
            why, chosen = reason_said(o.reason, m.item), "yes" if o.chosen else ""
            part.rows.append((d.id, what, o.site, can(m, o), *told, why, chosen))
    part.sentences = list(dict.fromkeys(part.sentences))
    return part


def _moves_for(d: Decision, order: Row, related: set[str]) -> tuple[Move, ...]:
    """The decision's moves of the order itself, else of what supplied it, else of the same item to its site."""
    place = order["site"] if order["kind"] == "customer" else order["target"]
    alike = tuple(m for m in d.moves if m.item == order["item"] and m.target == place)
    return d.moves_of({order["order"]}) or d.moves_of(related) or alike


def _why_unservable(facts: Facts, order: Row) -> Section:
    part = Section("reasons", "Why no plant could serve it", heads=("plant", "why not"))
    if order.get("unservable"):
        found = reasons(facts, order)
        part.rows = [(plant, why or "it could") for plant, why, _ in found]
        part.sentences = [order["unservable"]] if not found else []
    return part


def _changes(facts: Facts, order: Row, supply: list[Row], decisions: list[Decision], related: set[str]) -> Section:
    part = Section("change", "What would have to change")
    if order.get("unservable"):
        part.sentences += unservable_changes(facts, order)
    elif order.get("due_ms", -1) >= 0 and order.get("late_ms", 0) > 0:
        part.sentences += _late_changes(facts, order, supply)
    for d in _closest(decisions, order, related):
        for m in _moves_for(d, order, related)[:1]:
            part.sentences += _option_flips(facts, d, m)
        part.sentences += approval_flips(facts, d)
    part.sentences = list(dict.fromkeys(part.sentences))
    return part


def unservable_changes(facts: Facts, order: Row) -> list[str]:
    """Per plant that makes the product: what stands in its way; and that another maker would do."""
    said = []
    latest = _latest_leave(order)
    by = f" (on time if before {when(latest)})" if latest > 0 else ""
    for plant, why, undisturbed in reasons(facts, order):
        if why and not undisturbed:
            said.append(f"{plant} back before the end of the run{by}: only the disruption keeps it from serving.")
        elif why:
            said.append(f"{plant}: {why}, disruption or not.")
    said.append(
        f"or another plant that makes {order['item']}, may serve {order['customer'] or order['target']} and reaches it."
    )
    return said


def _latest_leave(order: Row) -> int:
    if order.get("due_ms", -1) < 0:
        return -1
    transit = order["done_ms"] - order["left_ms"] if order["done_ms"] >= 0 and order["left_ms"] >= 0 else 0
    return int(order["due_ms"] - transit)


def _late_changes(facts: Facts, order: Row, supply: list[Row]) -> list[str]:
    said = []
    if order["left_ms"] >= 0 and order["done_ms"] >= 0:
        latest = _latest_leave(order)
        said.append(f"on time if it had left {order['site']} by {when(latest)} instead of {when(order['left_ms'])}.")
        for d in trouble(facts, order, supply):
            if d["to_ms"] >= 0:
                back = max(d["from_ms"], d["to_ms"] - order["late_ms"])
                said.append(f"{d['target']} back before about {moment(back)} instead of {moment(d['to_ms'])}.")
            else:
                said.append(f"{d['target']} back by {when(latest)}, with time to make the order.")
        waited = [s for s in supply if s["kind"] == "transfer" and s["done_ms"] >= 0]
        if waited:
            more = f"{pieces(order['quantity'])} more of {order['item']}"
            said.append(f"or {more} in stock at {order['site']} when it was ordered.")
    return said


def _option_flips(facts: Facts, d: Decision, m: Move) -> list[str]:
    options = [o for o in d.options_of(m) if o.feasible]
    chosen = next((o for o in options if o.chosen), None)
    others = [o for o in options if o is not chosen]
    if chosen is None or not others:
        return []
    said = []
    for o in sorted(others, key=lambda o: (gives(m, o) < m.quantity, option_cost(m, o)))[:2]:
        if gives(m, o) < m.quantity:
            said.append(f"{o.site} instead of {chosen.site} in {d.id}: it could give only {can(m, o)}.")
            continue
        more = option_cost(m, o) - option_cost(m, chosen)
        sign = "dearer" if more >= 0 else "cheaper"
        price = f"{exact_money(abs(more), facts.run.currency)} {sign} in freight and handling"
        timing = f"{option_timing(m, o)} against {option_timing(m, chosen)}"
        said.append(f"{o.site} instead of {chosen.site} in {d.id}: {price}, {timing}.")
    return said


def _why_not(facts: Facts, order: Row, decisions: list[Decision], related: set[str], site: str) -> Section:
    """A site in the options that were weighed, else what the network's files say about it."""
    part = Section("why_not", f"Why not {site}")
    for d in decisions:
        for m, o in weighed(d, _moves_for(d, order, related)[:2]):
            if o.site.casefold() == site.casefold():
                part.sentences.append(f"{d.id}, {m.quantity:,} {m.item} for {m.target}: {option_said(facts, m, o)}")
    known: dict[str, Any] = why_not_site(facts, order, site)
    if known.get("unknown") and not part.sentences:
        raise UnknownName(f"the network has no plant or warehouse '{site}'. {known['hint']}")
    part.sentences += known.get("sentences", [])
    part.sentences = list(dict.fromkeys(part.sentences)) or [f"no decision weighed {site} for this order"]
    return part
