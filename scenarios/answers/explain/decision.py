"""Explain a decision: what set it off, what was exposed, what else could be done, who agreed, what came of it."""

from collections import Counter

from msgspec import to_builtins

from scenarios.answers.explain.explanation import Explanation, Link, Section
from scenarios.answers.explain.facts import STANDING, Facts, Row
from scenarios.answers.explain.moves import move_said, option_said, weighed
from scenarios.answers.explain.outcome import expected
from scenarios.answers.reasons import binding_said, plan_said, trigger_said, unservable_said
from scenarios.answers.wording import exact_money, listed, moment, money, plural, span
from scenarios.errors import UnknownName
from scenarios.runs.folder import model_of
from sync.vocabulary.decisions import Alternative, Decision, Exposure
from sync.vocabulary.messages import ENGINE
from sync.vocabulary.wording import headline

SHOWN = 12
COMMANDED, ANSWERED, ENDED = 2, 3, 4  # the order of rows of one instant, after what happened (0) and was decided (1)
OUTLOOK = (
    "Forecasts of the engine when it decided, over its outlook of 12 days and with the demand it expects there:"
    " not what the run measured afterwards."
)
BEFORE = ("proposed", "pending", "executing")


def explain_decision(facts: Facts, name: str, why_not: str | None) -> Explanation:
    """The story of decision `name`."""
    d = facts.decisions[name]
    told = Explanation("decision", name, facts.rep.way, facts.rep.replication, f"{name}: {headline(d)}")
    told.summary = [f"{moment(d.time_ms)}, workflow {d.workflow}, now {d.state}."]
    told.chain = in_time(decision_links(facts, d, None))
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


def in_time(links: list[Link]) -> list[Link]:
    """Each row once, by time; within an instant commands, then answers, then what came of them."""
    return sorted(dict.fromkeys(links), key=lambda link: (link.time_ms, link.rank))


def decision_links(facts: Facts, d: Decision, names: set[str] | None) -> list[Link]:
    """Trigger, decision, approvals, commands and acknowledgements; only those of `names` when given."""
    links = trigger_links(facts, d, names)
    links.append(Link(d.time_ms, ENGINE, f"decides {d.id}: {headline(d)}", 1))
    for h in d.history:
        said = f"{d.id} is {h.state}"
        if h.state == "pending":
            extra = exact_money(d.approval.extra_cost_minor, facts.run.currency)
            said += f", {d.approval.by} is asked to approve {extra}"
        if h.state != "executing" or d.approval.needed:
            links.append(Link(h.time_ms, h.by, said, 1 if h.state in BEFORE else ENDED))
    return links + command_links(facts, d, names)


def trigger_links(facts: Facts, d: Decision, names: set[str] | None = None) -> list[Link]:
    """How each triggering message came to be: happened, noticed, published, arrived. Everyday messages, after which
    the engine found something late, are one row each, and only those of `names` when given."""
    triggers = set(d.causes[:3])
    links = []
    for m in facts.messages:
        if m["id"] not in triggers:
            continue
        if m["type"] in STANDING or m["id"] in facts.news:
            links += message_links(facts, m)
        elif names is None or m["subject"] in names:
            links.append(Link(m["arrived_ms"], ENGINE, f"hears of {m['source']}: {m['type']} {m['subject']}"))
    return links


def message_links(facts: Facts, m: Row) -> list[Link]:
    """When it was so, when its system noticed, when that told, and when the others knew."""
    what = f"{m['type']} {m['subject']}"
    links = [Link(m["happened_ms"], "the world", f"{m['subject']}: {m['type'].replace('.', ' ').replace('_', ' ')}")]
    lasts = facts.data(m).get("expected_ms", -1)
    said = f", expected to last {span(lasts)}" if lasts > 0 else expected(facts, m)
    if m["noticed_ms"] != m["happened_ms"]:
        links.append(Link(m["noticed_ms"], m["source"], f"notices {what}"))
    links.append(Link(m["time_ms"], m["source"], f"publishes {what}{said}"))
    who = ENGINE if facts.rep.way == "synced" else "who listens"
    links.append(
        Link(m["arrived_ms"], who, f"receives it, {span(m['arrived_ms'] - m['happened_ms'])} after it happened")
    )
    return links


def command_links(facts: Facts, d: Decision, names: set[str] | None) -> list[Link]:
    """Commands of the decision and what their system answered; many are counted instead of listed."""
    mine = [c for c in facts.commands if c["decision"] == d.id]
    if names is not None:
        mine = [c for c in mine if facts.data(c).get("order") in names]
    if len(mine) > SHOWN:
        return _counted(mine)
    links = []
    for c in mine:
        body = facts.data(c)
        where = f" from {body['source']} to {body['target']}" if "source" in body else f" to {body.get('site', '')}"
        where = where if body.get("source") or body.get("site") else ""
        amount = f", {body['quantity']:,} pcs" if "quantity" in body else ""
        what = f"commands {c['target']}: {c['type']} {body.get('order', '')}{where}{amount}"
        links.append(Link(c["time_ms"], ENGINE, what, COMMANDED))
        if c["ack_ms"] is not None and c["ack_ms"] >= 0:
            why = f": {c['reason']}" if c["reason"] and c["status"] != "done" else ""
            said = f"answers {c['status']} for {c['type']} {body.get('order', '')}".rstrip()
            links.append(Link(c["ack_ms"], c["target"], f"{said}{why}", ANSWERED))
    return links


def _counted(mine: list[Row]) -> list[Link]:
    """Many commands: one row per system and type, one row for its answers of a kind."""
    groups: dict[tuple[str, str], list[Row]] = {}
    for c in mine:
        groups.setdefault((c["target"], c["type"]), []).append(c)
    links = []
    for (target, kind), of in groups.items():
        said = f"{plural(len(of), 'command')} to {target} ({kind})"
        links.append(Link(max(c["time_ms"] for c in of), ENGINE, said, COMMANDED))
        answered = [c for c in of if c["ack_ms"] is not None and c["ack_ms"] >= 0]
        for status, n in Counter(c["status"] for c in answered).items():
            last = max(c["ack_ms"] for c in answered if c["status"] == status)
            links.append(Link(last, target, f"{n:,} answered {status} ({kind})", ANSWERED))
        if rest := len(of) - len(answered):
            links.append(Link(max(c["time_ms"] for c in of), target, f"{rest:,} not answered ({kind})", ANSWERED))
    return links


def _exposure(facts: Facts, d: Decision) -> Section:
    e = d.exposure
    part = Section("exposure", "What was exposed", records=[to_builtins(e)])
    part.sentences.append(_orders_said(facts, e))
    if e.late_pieces:
        worth = f", worth {exact_money(e.forecast_minor, facts.run.currency)}" if e.forecast_minor else ""
        part.sentences.append(f"{plural(e.late_pieces, 'piece')} would come late, expected demand included{worth}.")
    for key in ("lines", "sites", "items", "customers", "orders"):
        if named := getattr(e, key):
            part.sentences.append(f"{key}: {listed(named, 10)}")
    part.sentences += [f"set off by {trigger_said(t)}" for t in d.triggers[:4]]
    return part


def _orders_said(facts: Facts, exposure: Exposure) -> str:
    named = exposure.orders
    stock = [n for n in named if facts.orders.get(n, {}).get("kind", "customer") != "customer"]
    count = exposure.orders_total or len(named)
    if count == len(stock) == len(named):  # nothing but transfers
        count = 0
    said = [f"{plural(count, 'customer order')}, {revenue_said(facts, exposure)}"] if count else []
    said += [f"{plural(len(stock), 'order')} for stock"] if stock else []
    return f"{'; '.join(said)}." if said else "No order that was placed by then."


def revenue_said(facts: Facts, exposure: Exposure) -> str:
    """`12,300 EUR of revenue`; unknown when no exposed item has a value."""
    orders = [facts.orders[name] for name in exposure.orders if name in facts.orders]
    if exposure.revenue_minor:
        return f"{exact_money(exposure.revenue_minor, facts.run.currency)} of revenue"
    model = model_of(facts.run)
    values = {item.id: item.value_minor for item in model.network.items} if model else {}
    exposed = exposure.items or [o["item"] for o in orders] or list(values)
    known = any(values.get(item) for item in exposed)
    return "no revenue yet" if known else "revenue unknown (the items have no value)"


def plan_alternatives(facts: Facts, decisions: list[Decision]) -> Section:
    """Whole plans that were weighed: their cost, how much dearer than the chosen one, and its parts."""
    currency = facts.run.currency
    heads = ("decision", "plan", "cost", "against the chosen", "of it late", "freight and carrying", "moves", "chosen")
    part = Section("alternatives", "Plans that were weighed", heads=heads)
    for d in decisions:
        for a in d.alternatives:
            cells = (money(a.late_minor, currency), money(a.carry_minor, currency))
            more = against_chosen(d, a, currency)
            cost = money(a.cost_minor, currency)
            part.rows.append((d.id, plan_said(a.plan), cost, more, *cells, f"{a.moves:,}", "yes" if a.chosen else ""))
            part.records.append({"decision": d.id, **to_builtins(a)})
    if any(d.is_forecast for d in decisions):
        part.sentences.append(OUTLOOK)
    return part


def against_chosen(d: Decision, plan: Alternative, currency: str) -> str:
    """`+4,528 EUR`: what the plan costs more than the chosen one; empty for the chosen one itself."""
    if d.chosen is None or plan.chosen:
        return ""
    more = plan.cost_minor - d.chosen.cost_minor
    return money(more, currency, sign=True) if more else "the same"


def _moves(facts: Facts, d: Decision) -> Section:
    heads = ("order", "what", "extra cost", "late before", "late after")
    part = Section("moves", "What was moved", heads=heads)
    for m in d.moves[:SHOWN]:
        extra = exact_money(m.extra_cost_minor, facts.run.currency)
        added = m.for_stock and not m.replaces
        late = ("-" if added else span(m.late_ms_before), span(m.late_ms_after))
        part.rows.append((m.order, move_said(facts, m), extra, *late))
    part.records = [to_builtins(m) for m in d.moves]
    rest = len(d.moves) - SHOWN
    if rest > 0:
        part.sentences.append(f"{plural(rest, 'more move')}: explain one of their orders, or see decisions.jsonl.")
    reasons = Counter(unservable_said(u, "their product", "their customer") for u in d.unservable)
    part.sentences += [f"unservable, {plural(n, 'order')}: {reason}" for reason, n in reasons.most_common(5)]
    return part


def _binding(facts: Facts, d: Decision) -> Section:
    part = Section("binding", "What bound it (the dearest first)")
    part.sentences = [binding_said(b, facts.run.currency) for b in d.binding[:8]]
    if len(d.binding) > 8:
        part.sentences.append(f"and {len(d.binding) - 8} more")
    part.records = [to_builtins(b) for b in d.binding]
    if d.gap_minor is not None:
        part.sentences.append(f"the plan is within {exact_money(d.gap_minor, facts.run.currency)} of the best possible")
    return part


def _changes(facts: Facts, d: Decision) -> Section:
    part = Section("change", "What would have to change")
    part.sentences = [*approval_flips(facts, d), *_plan_flips(facts, d)]
    return part


def approval_flips(facts: Facts, d: Decision) -> list[str]:
    """At which limit somebody would have been asked, or would not have been."""
    a = d.approval
    extra, limit = exact_money(a.extra_cost_minor, facts.run.currency), a.auto_below_minor
    allowed = exact_money(limit, facts.run.currency)
    if limit < 0:
        return [f"{d.id} needed nobody: {a.action} is always automatic (extra cost {extra})."]
    if not a.needed and a.extra_cost_minor <= 0:
        return [f"{d.id} needed nobody: it costs nothing extra ({extra})."]
    if not a.needed:
        return [
            f"{d.id} needed nobody: its extra cost of {extra} is below the {a.action} limit of {allowed};"
            f" {a.by} would have been asked with a limit of {extra} or less."
        ]
    if d.state in ("rejected", "expired", "superseded"):
        return [f"{d.id} was {d.state}: it flips if the {a.action} limit were above {extra} (it is {allowed})."]
    return [f"{d.id} waited for {a.by}; automatic if the {a.action} limit were above {extra} (it is {allowed})."]


def _plan_flips(facts: Facts, d: Decision) -> list[str]:
    chosen = d.chosen
    others = [a for a in d.alternatives if chosen and not a.chosen and a.cost_minor >= chosen.cost_minor]
    if not chosen or not others:
        return []
    second = min(others, key=lambda a: a.cost_minor)
    gap = exact_money(second.cost_minor - chosen.cost_minor, facts.run.currency)
    if second.cost_minor == chosen.cost_minor:
        return [f"'{plan_said(second.plan)}' costs the same as what was chosen."]
    return [f"'{plan_said(second.plan)}' would have been chosen if it were more than {gap} cheaper."]


def _why_not(facts: Facts, d: Decision, site: str) -> Section:
    """The site in the options of every move of a decision, equal answers once."""
    part = Section("why_not", f"Why not {site}")
    said: Counter[str] = Counter()
    for m, o in weighed(d, d.moves):
        if o.site.casefold() == site.casefold():
            said[f"{m.item}: {option_said(facts, m, o)}"] += 1
    if not said:
        sites = sorted({o.site for _, o in weighed(d, d.moves[:50])})
        raise UnknownName(f"{d.id} did not weigh '{site}'; it weighed {listed(sites, 30) or 'no other site'}")
    part.sentences = [f"{sentence}" + (f" ({n:,} moves)" if n > 1 else "") for sentence, n in said.most_common(8)]
    return part
