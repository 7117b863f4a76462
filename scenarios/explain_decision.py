"""Explain a decision: what set it off, what was exposed, what else could be done, who agreed, what came of it."""

from collections import Counter
from typing import Any

from scenarios.explain import Explanation, Link, Section, UnknownName
from scenarios.explain_facts import Facts, Row, options_of
from scenarios.wording import exact_money, general, listed, moment, money, plural, span

SHOWN = 12


def explain_decision(facts: Facts, name: str, why_not: str | None) -> Explanation:
    """The story of decision `name`."""
    d = facts.decisions[name]
    told = Explanation("decision", name, facts.rep.way, facts.rep.replication, f"{name}: {d['title']}")
    told.summary = [f"{moment(d['time_ms'])}, workflow {d['workflow']}, now {d['state']}."]
    told.chain = sorted(decision_links(facts, d, None), key=lambda link: link.time_ms)
    told.parts = [
        _exposure(facts, d),
        plan_alternatives(facts, [d]),
        _moves(facts, d),
        _binding(facts, d),
        _changes(facts, d),
    ]
    if why_not:
        told.parts.insert(0, _why_not(facts, d, why_not))
    return told


def decision_links(facts: Facts, d: Row, names: set[str] | None) -> list[Link]:
    """Trigger, decision, approvals, commands and acknowledgements; only those of `names` when given."""
    links = trigger_links(facts, d)
    links.append(Link(d["time_ms"], "engine", f"decides {d['id']}: {d['title']}"))
    approval = d.get("approval") or {}
    for h in d.get("history", []):
        said = f"{d['id']} is {h['state']}"
        if h["state"] == "pending" and approval.get("by"):
            extra = exact_money(approval["extra_cost_minor"], facts.run.currency)
            said += f", {approval['by']} is asked to approve {extra}"
        if h["state"] != "executing" or approval.get("needed"):
            links.append(Link(h["time_ms"], str(h.get("by", "")), said))
    return links + command_links(facts, d, names)


def trigger_links(facts: Facts, d: Row) -> list[Link]:
    """How each triggering message came to be: happened, noticed, published, arrived."""
    triggers = set(d.get("trigger", [])[:3])
    links = []
    for m in facts.messages:
        if m["id"] in triggers:
            links += message_links(facts, m)
    return links


def message_links(facts: Facts, m: Row) -> list[Link]:
    """When it was so, when its system noticed, when that told, and when the others knew."""
    what = f"{m['type']} {m['subject']}"
    links = [Link(m["happened_ms"], "the world", f"{m['subject']}: {m['type'].replace('.', ' ').replace('_', ' ')}")]
    expected = facts.data(m).get("expected_ms", -1)
    said = f", expected to last {span(expected)}" if expected > 0 else ""
    if m["noticed_ms"] != m["happened_ms"]:
        links.append(Link(m["noticed_ms"], m["source"], f"notices {what}"))
    links.append(Link(m["time_ms"], m["source"], f"publishes {what}{said}"))
    who = "engine" if facts.rep.way == "synced" else "who listens"
    links.append(
        Link(m["arrived_ms"], who, f"receives it, {span(m['arrived_ms'] - m['happened_ms'])} after it happened")
    )
    return links


def command_links(facts: Facts, d: Row, names: set[str] | None) -> list[Link]:
    """Commands of the decision and what their system answered; many are counted instead of listed."""
    mine = [c for c in facts.commands if c["decision"] == d["id"]]
    if names is not None:
        mine = [c for c in mine if facts.data(c).get("order") in names]
    links = []
    for c in mine[:SHOWN]:
        body = facts.data(c)
        where = f" from {body['source']} to {body['target']}" if "source" in body else f" to {body.get('site', '')}"
        where = where if body.get("source") or body.get("site") else ""
        amount = f", {body['quantity']:,} pcs" if "quantity" in body else ""
        links.append(
            Link(c["time_ms"], "engine", f"commands {c['target']}: {c['type']} {body.get('order', '')}{where}{amount}")
        )
        if c["ack_ms"] is not None and c["ack_ms"] >= 0:
            why = f": {c['reason']}" if c["reason"] and c["status"] != "done" else ""
            links.append(Link(c["ack_ms"], c["target"], f"answers {c['status']}{why}"))
    if len(mine) > SHOWN:
        answers = Counter(c["status"] or "no answer" for c in mine)
        counted = listed([f"{n:,} {status}" for status, n in answers.items()])
        links.append(Link(mine[-1]["time_ms"], "engine", f"{len(mine) - SHOWN:,} more commands; in all {counted}"))
    return links


def _exposure(facts: Facts, d: Row) -> Section:
    e = d.get("exposure", {})
    part = Section("exposure", "What was exposed", records=[e])
    count = e.get("orders_total") or len(e.get("orders", []))
    revenue = exact_money(e.get("revenue_minor", 0), facts.run.currency)
    part.sentences.append(f"{plural(count, 'order')}, {revenue} of revenue.")
    for key in ("lines", "sites", "items", "customers", "orders"):
        if e.get(key):
            part.sentences.append(f"{key}: {listed(e[key], 10)}")
    part.sentences += [f"set off by {facts.money(t)}" for t in d.get("trigger_text", [])[:4]]
    return part


def plan_alternatives(facts: Facts, decisions: list[Row]) -> Section:
    """Whole plans that were weighed: their cost and its parts."""
    currency = facts.run.currency
    heads = ("decision", "plan", "cost", "of it late", "freight and carrying", "moves", "chosen")
    part = Section("alternatives", "Plans that were weighed", heads=heads)
    for d in decisions:
        for a in d.get("alternatives", []):
            cells = (
                money(a["cost_minor"], currency),
                money(a["late_minor"], currency),
                money(a["carry_minor"], currency),
            )
            moves = f"{a['moves']:,}" if "moves" in a else "-"
            part.rows.append((d["id"], a["title"], *cells, moves, "yes" if a.get("chosen") else ""))
            part.records.append({"decision": d["id"], **a})
    return part


def _moves(facts: Facts, d: Row) -> Section:
    heads = ("order", "kind", "item", "pieces", "from", "to", "extra cost", "late before", "late after")
    part = Section("moves", "What was moved", heads=heads)
    for m in d.get("moves", [])[:SHOWN]:
        extra = exact_money(m.get("extra_cost_minor"), facts.run.currency)
        late = (span(m.get("late_ms_before")), span(m.get("late_ms_after")))
        part.rows.append((m["order"], m["kind"], m["item"], f"{m['quantity']:,}", m["from"], m["to"], extra, *late))
    part.records = list(d.get("moves", []))
    rest = len(d.get("moves", [])) - SHOWN
    if rest > 0:
        part.sentences.append(f"{rest:,} more moves: explain one of their orders, or see decisions.jsonl.")
    reasons = Counter(_general(facts, u) for u in d.get("unservable", []))
    part.sentences += [f"unservable, {plural(n, 'order')}: {reason}" for reason, n in reasons.most_common(5)]
    return part


def _general(facts: Facts, unservable: Row) -> str:
    order = facts.orders.get(unservable["order"], {})
    return general(facts.money(unservable["reason"]), order.get("item", ""), order.get("customer", ""))


def _binding(facts: Facts, d: Row) -> Section:
    part = Section("binding", "What bound it (the dearest first)")
    worth = d.get("duals", {})
    told = sorted(
        d.get("binding", []), key=lambda s: -max((abs(v) for k, v in worth.items() if s.startswith(k)), default=0)
    )
    part.sentences = [facts.money(sentence) for sentence in told[:8]]
    if len(told) > 8:
        part.sentences.append(f"and {len(told) - 8} more")
    part.records = [{"row": k, "dual_minor": v} for k, v in worth.items()]
    if d.get("gap_minor") is not None:
        part.sentences.append(
            f"the plan is within {exact_money(d['gap_minor'], facts.run.currency)} of the best possible"
        )
    return part


def _changes(facts: Facts, d: Row) -> Section:
    part = Section("change", "What would have to change")
    part.sentences = [*approval_flips(facts, d), *_plan_flips(facts, d)]
    return part


def approval_flips(facts: Facts, d: Row) -> list[str]:
    """At which limit somebody would have been asked, or would not have been."""
    a = d.get("approval") or {}
    if not a:
        return []
    extra, limit = exact_money(a["extra_cost_minor"], facts.run.currency), a["auto_below_minor"]
    allowed = exact_money(limit, facts.run.currency)
    if limit < 0:
        return [f"{d['id']} needed nobody: {a['action']} is always automatic (extra cost {extra})."]
    if not a["needed"]:
        return [
            f"{d['id']} needed nobody: its extra cost of {extra} is below the {a['action']} limit of {allowed};"
            f" {a['by']} would have been asked with a limit of {extra} or less."
        ]
    flips = f"automatic if the {a['action']} limit were above {extra} (it is {allowed})"
    if d["state"] in ("rejected", "expired", "superseded"):
        return [
            f"{d['id']} was {d['state']}: it flips if the {a['action']} limit were above {extra} (it is {allowed})."
        ]
    return [f"{d['id']} waited for {a['by']}; {flips}."]


def _plan_flips(facts: Facts, d: Row) -> list[str]:
    plans = d.get("alternatives", [])
    chosen = next((a for a in plans if a.get("chosen")), None)
    others = [a for a in plans if chosen and a is not chosen and a["cost_minor"] >= chosen["cost_minor"]]
    if not chosen or not others:
        return []
    second = min(others, key=lambda a: int(a["cost_minor"]))
    gap = exact_money(second["cost_minor"] - chosen["cost_minor"], facts.run.currency)
    if second["cost_minor"] == chosen["cost_minor"]:
        return [f"'{second['title']}' costs the same as what was chosen."]
    return [f"'{second['title']}' would have been chosen if it were more than {gap} cheaper."]


def _why_not(facts: Facts, d: Row, site: str) -> Section:
    """The site in the options of every move of a decision, equal answers once."""
    part = Section("why_not", f"Why not {site}")
    said: Counter[str] = Counter()
    for m in d.get("moves", []):
        for o in options_of(d, m):
            if str(o.get("site", "")).casefold() == site.casefold():
                said[f"{m['item']}: {option_said(facts, m, o)}"] += 1
    if not said:
        sites = sorted({str(o.get("site")) for m in d.get("moves", [])[:50] for o in options_of(d, m)})
        raise UnknownName(f"{d['id']} did not weigh '{site}'; it weighed {listed(sites, 30) or 'no other site'}")
    part.sentences = [f"{sentence}" + (f" ({n:,} moves)" if n > 1 else "") for sentence, n in said.most_common(8)]
    return part


def option_said(facts: Facts, move: Row, option: Row) -> str:
    """One site as an option of one move, in words."""
    why = facts.money(str(option.get("why", "")))
    if not option.get("feasible"):
        return f"cannot: {why}"
    cost = exact_money(option_cost(move, option), facts.run.currency)
    chosen = "chosen, " if option.get("chosen") else ""
    return f"{chosen}{cost}, {option_timing(move, option)} ({why})"


def is_supply(move: Row) -> bool:
    """Whether a move makes or takes goods for stock: its options are priced per 100 pieces and timed from now."""
    return move.get("kind") in ("reroute", "transfer") and "options" in move and "options_of" not in move


def option_cost(move: Row, option: Row) -> int:
    """Minor units of freight and handling for the move by this option."""
    cost = int(option.get("cost_minor", 0))
    return round(cost * move["quantity"] / 100) if is_supply(move) else cost


def option_timing(move: Row, option: Row) -> str:
    late: Any = option.get("late_ms")
    if late is None:
        return "-"
    if is_supply(move):
        return f"there in {span(late)}"
    return f"{span(late)} late" if late > 0 else "on time"
