"""The report's sections, each a function from a run to markup ("" when it has nothing to say)."""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Mapping

from plants.kpis.registry import definition
from scenarios.answers.explain.decision import OUTLOOK, against_chosen
from scenarios.answers.explain.facts import Facts
from scenarios.answers.headline import is_news
from scenarios.answers.reasons import approval_said, plan_said, trigger_said
from scenarios.answers.report.charts import legend, over_time
from scenarios.answers.report.markup import Markup, el, html_table, join
from scenarios.answers.report.network import flows, network_picture
from scenarios.answers.wording import between, lasting, listed, money, plural, points, quantity, when
from scenarios.feasibility.bounds import servable
from scenarios.runs.folder import model_of, table
from scenarios.runs.intervals import Interval
from scenarios.runs.replication import Replication
from scenarios.runs.results import RunResult
from scenarios.runs.summary import NOTHING, Cost, Summary
from scenarios.ways import LABELS, judged
from sync.vocabulary.decisions import Alternative, Decision
from sync.vocabulary.wording import headline

CARDS = ("late_cost", "total_cost", "orders_served", "clear_days", "otif", "backlog_peak", "lane_cost")
SHOWN_DECISIONS = 60
SHOWN_REASONS = 25
COMPONENTS = "inventory of components"
GROUPED = 3  # sites with their own chart


def cards(of: Summary) -> Markup:
    """Up to four numbers that changed most between the main two ways."""
    if of.main is None:
        return Markup("")
    news = [name for name in CARDS if is_news(of, name)][:4]
    return el("div", [_card(of, of.main, name) for name in news], class_="cards")


def _card(of: Summary, pair: tuple[str, str], name: str) -> Markup:
    diff, unit = of.comparison[pair][name], definition(name).unit_in(of.currency)
    colour = {"better": "good", "worse": "bad"}.get(diff.verdict, "") if diff.is_certain else ""
    inside = between(diff.interval.low, diff.interval.high, unit)
    now, before = (quantity(of.ways[way].mean(name).mean, unit) for way in pair)
    return el(
        "div",
        el("div", name.replace("_", " "), class_="what"),
        el("div", points(diff.interval.mean, unit), class_=f"big {colour}".rstrip()),
        el("div", f"{now} instead of {before}", f" [{inside}]" if inside else "", class_="how"),
        class_="card",
    )


def shown(run: RunResult) -> Replication | None:
    """The replication that pictures and decisions are taken from: the first of the way that counts."""
    ways = [way for way, reps in run.ways.items() if reps]
    return run.ways[judged(ways)][0] if ways else None


def what_happened(run: RunResult) -> Markup:
    """The disruptions of the first replication, when the systems and the engine learned of them, what was decided."""
    rep = shown(run)
    if rep is None:
        return Markup("")
    moments = [(d["from_ms"], f"{d['title']}{lasting(d['from_ms'], d['to_ms'])}") for d in rep.disruptions]
    facts = Facts(run, rep)
    news = {m["id"]: m for d in rep.disruptions for m in facts.news_of(d)}
    moments += [
        (m["time_ms"], f"{m['source']} says {m['type']} {m['subject']}, as it was {when(m['happened_ms'])}")
        for m in news.values()
    ]
    told = facts.set_off or rep.decisions[:6]
    moments += [(d.time_ms, f"decision {d.id}: {headline(d)} ({d.state})") for d in told]
    if not moments:
        return el("p", "Nothing was disrupted.")
    counted = el("p", _set_off_said(rep, facts.set_off)) if rep.decisions and rep.disruptions else None
    shown_moments = [el("li", el("time", when(at)), el("span", said)) for at, said in sorted(moments)[:24]]
    return join(
        [
            el("p", f"Replication {rep.replication}, way {rep.way}. Moments count from the start of the run, as in the"
               " scenario file: day 14 08:00 is 14 days and 8 hours after it.", class_="note"),
            counted,
            el("ol", shown_moments, class_="time"),
        ]
    )  # fmt: skip


def _set_off_said(rep: Replication, caused: list[Decision]) -> str:
    names = f" ({listed([d.id for d in caused])})" if caused else ""
    said = f"The disruption set off {len(caused)} of {plural(len(rep.decisions), 'decision')}{names}"
    rest = len(rep.decisions) - len(caused)
    if len(caused) == len(rep.decisions) == 1:
        return f"The disruption set off the only decision{names}."
    others = "the others were taken when the plan in force promised something later than due, see Decisions below"
    return f"{said}; {others}." if rest else f"{said}."


def network(run: RunResult) -> Markup:
    """The picture, with the flows of the shown replication."""
    model, rep = model_of(run), shown(run)
    if model is None or rep is None:
        return Markup("")
    lying = _lying(rep)
    picture = network_picture(model.network, flows(table(rep, "ledger")), rep.disruptions, lying)
    note = (
        f"Lane width: pieces that departed in replication {rep.replication} of {rep.way}; dashed: nothing did."
        " Orange: disrupted at some time. A dashed ring: a place without coordinates, drawn beside who it deals with."
    )
    body = [[kind, place, f"{pieces:,.0f}"] for place, kind, pieces in _by_place(rep) if pieces]
    said = "Where the goods were: pieces on average, in stock, on lines and under way"
    stocks = el("details", el("summary", said), html_table(["where", "which", "pieces#"], body)) if body else None
    return el("div", picture, el("p", note, class_="note"), stocks, class_="card")


def _by_place(rep: Replication) -> list[tuple[str, str, float]]:
    """(place, kind, pieces on average) of every plant, warehouse, line and lane, stock first."""
    kpis = table(rep, "kpis")
    rows = list(zip(*(kpis.get(k, ()) for k in ("kpi", "dimension", "id", "value")), strict=True))
    wanted = {("stock", "plant"): "stock", ("stock", "warehouse"): "stock", ("wip", "line"): "on the line",
              ("in_transit", "lane"): "under way"}  # fmt: skip
    return [
        (place, said, value)
        for key, said in wanted.items()
        for kpi, dimension, place, value in rows
        if (kpi, dimension) == key and value is not None
    ]


def _lying(rep: Replication) -> dict[str, float]:
    """Plant, warehouse or lane -> pieces there on average."""
    return {place: pieces for place, _, pieces in _by_place(rep)}


def disruption_costs(of: Summary) -> Markup:
    """With minus without the disruptions, for the KPIs of the whole network."""
    if not of.costs:
        return Markup("")
    body = [
        [name, *(_cost(costs.get(name, Cost(NOTHING, [])).interval, definition(name).unit_in(of.currency))
                 for costs in of.costs.values())]
        for name in of.whole if name not in of.unchanged
    ]  # fmt: skip
    said = "Every way was also run without the disruptions, in the same world. Their cost is with minus without."
    if same := [name for name in of.unchanged if name not in of.idle]:
        said += f" Changed in no way of working: {', '.join(same)}."
    return join([el("p", said), html_table(["KPI", *(f"{way}#" for way in of.costs)], body)])


def _cost(of: Interval, unit: str) -> Markup:
    shown_mean = "-" if of.mean is None else points(of.mean, unit) if of.mean else "0"
    inside = between(of.low, of.high, unit)
    return el("span", shown_mean, el("small", f"[{inside}]") if inside else None)


def levels(run: RunResult) -> Markup:
    """Backlog and inventory over time, all sites together and the busiest sites alone, one line per way."""
    reps = {way: of[0] for way, of in run.ways.items() if of}
    rep = shown(run)
    if rep is None or not any(table(r, "series") for r in reps.values()):
        return Markup("")
    sums = {way: _sums(r) for way, r in reps.items()}
    windows = [(d["from_ms"], d["to_ms"], d["title"]) for d in rep.disruptions]
    parts = [legend(list(reps))]
    for name in ("backlog", "inventory", COMPONENTS):
        sites = _busiest(sums, name)
        for site in ["", *(sites[:GROUPED] if len(sites) > 1 else [])]:
            lines = {way: sorted(of[name, site].items()) for way, of in sums.items() if (name, site) in of}
            if not any(v for line in lines.values() for _, v in line):
                continue
            title = f"{name} {f'at {site}' if site else 'in the whole network'}, pieces"
            chart = over_time(lines, windows, rep.horizon_ms, rep.warmup_ms, title)
            parts.append(el("div", el("h3", title), chart, class_="card"))
    note = f"Replication {rep.replication}. Backlog: pieces of customer orders that were placed and have not left."
    return join([*parts, el("p", note, class_="note")])


def _sums(rep: Replication) -> dict[tuple[str, str], dict[int, float]]:
    """(name, site or "" for all) -> time -> value, summed over items."""
    columns = table(rep, "series")
    found: dict[tuple[str, str], dict[int, float]] = defaultdict(lambda: defaultdict(float))
    made = _made(rep)
    times = sorted(set(columns.get("time_ms", ())))
    for at, name, site, item, value in zip(
        *(columns.get(k, ()) for k in ("time_ms", "name", "site", "item", "value")), strict=True
    ):
        if name == "inventory" and made and item not in made:  # it would bury what customers order
            found[COMPONENTS, ""][at] += value
            continue
        found[name, ""][at] += value
        found[name, site][at] += value
    return {key: {t: of.get(t, 0.0) for t in times} for key, of in found.items()}


def _made(rep: Replication) -> set[str]:
    orders = table(rep, "orders")
    return {i for i, kind in zip(orders.get("item", ()), orders.get("kind", ()), strict=True) if kind == "customer"}


def _busiest(sums: Mapping[str, Mapping[tuple[str, str], Mapping[int, float]]], name: str) -> list[str]:
    """Sites by how much the ways differ there, the most first."""
    sites = dict.fromkeys(site for of in sums.values() for n, site in of if n == name and site)
    apart = {}
    for site in sites:
        totals = [sum(of.get((name, site), {}).values()) for of in sums.values()]
        apart[site] = (max(totals) - min(totals), max(totals))
    return [s for s in sorted(sites, key=lambda s: apart[s], reverse=True) if apart[s][1] > 0]


def decisions(run: RunResult) -> Markup:
    """Every decision of the shown replication: when, why, what it cost against what else could have been done."""
    rep = shown(run)
    if rep is None or not rep.decisions:
        return Markup("")
    body = []
    for d in rep.decisions[:SHOWN_DECISIONS]:
        trigger = "; ".join(trigger_said(t) for t in d.triggers[:2])
        options = [el("small", _alternative(d, a, run.currency)) for a in d.alternatives]
        asked = f"asked {d.approval.by}" if d.approval.needed else "no approval needed"
        what = el("span", headline(d), el("small", trigger), el("small", _exposed(d)))
        took = el("span", d.state, el("small", asked), el("small", approval_said(d.approval, run.currency)))
        body.append([when(d.time_ms), d.id, what, el("span", options), plural(len(d.moves), "move"), took])
    rest = len(rep.decisions) - len(body)
    more = f" {rest} more are in decisions.jsonl." if rest > 0 else ""
    said = f"Replication {rep.replication}, way {rep.way}: {plural(len(rep.decisions), 'decision')}.{more}"
    if any(d.is_forecast for d in rep.decisions):
        said += f" Costs of alternatives: {OUTLOOK[0].lower()}{OUTLOOK[1:]}"
    heads = ["when", "id", "decision and what triggered it", "alternatives and their cost", "moves", "outcome"]
    return join([el("p", said, class_="note"), html_table(heads, body, class_="decisions")])


def _exposed(d: Decision) -> str:
    count, late = d.exposure.orders_total, d.exposure.late_pieces
    said = [plural(count, "order")] if count else []
    said += [f"{plural(late, 'piece')} forecast to come late"] if late else []
    return f"exposed: {listed(said)}" if said else "nothing ordered is exposed yet"


def _alternative(decision: Decision, plan: Alternative, currency: str) -> str:
    said = f"{plan_said(plan.plan)}: {money(plan.cost_minor, currency)}"
    if plan.chosen:
        return f"▸ {said}"
    more = against_chosen(decision, plan, currency)
    return said + (f" ({more})" if more else "")


def unservable(run: RunResult) -> Markup:
    """Orders that no way could serve, counted by reason."""
    rep = shown(run)
    orders = table(rep, "orders") if rep else {}
    columns = zip(orders.get("unservable", ()), orders.get("order", ()), strict=True)
    found = [(why, order) for why, order in columns if why]
    if not found:
        return Markup("")
    model = model_of(run)
    general = servable(model, in_general=True) if model else {}
    told = [(general.get(order) or why, order) for why, order in found]
    reasons = Counter(reason for reason, _ in told)
    example = dict(reversed(told))
    body = [[f"{n:,}", reason, example[reason]] for reason, n in reasons.most_common(SHOWN_REASONS)]
    rest = sum(reasons.values()) - sum(n for _, n in reasons.most_common(SHOWN_REASONS))
    said = f"{plural(sum(reasons.values()), 'order')} could not be served by any plant under these disruptions."
    more = el("p", f"{rest:,} more for {len(reasons) - SHOWN_REASONS} other reasons.", class_="note") if rest else None
    return join([el("p", said), html_table(["orders#", "reason", "for example"], body), more])


def assumptions(run: RunResult) -> Markup:
    """Inputs, seed, versions, the words of whoever wrote the files, and what the loader warned of."""
    by = run.provenance
    facts = [
        ("command", " ".join(by.command)),
        ("seed", str(run.seed)),
        ("overrides", ", ".join(by.sets)),
        ("started, ended", f"{by.started}, {by.ended}" if by.started else ""),
        ("machine floor", str(by.floor)),
        ("versions", ", ".join(f"{k} {v}" for k, v in by.versions.items())),
        *((f"input {name}", f"sha256 {hashlib.sha256(content).hexdigest()}") for name, content in run.inputs.items()),
        *((f"digest {way}", ", ".join(r.digest[:16] for r in reps[:5])) for way, reps in run.ways.items()),
        *(("costs", sentence) for sentence in run.assumed),
        *(("warning", w) for w in by.warnings),
    ]
    known = el("dl", [[el("dt", k), el("dd", v)] for k, v in facts if v])
    said = [el("li", line) for line in stated_assumptions(run)]
    return join(
        [el("h3", "Assumptions stated in the files") if said else None, el("ul", said) if said else None, known]
    )


def stated_assumptions(run: RunResult) -> list[str]:
    """The comments at the head of the input files that state assumptions (importers write theirs there)."""
    found: list[str] = []
    for name, content in run.inputs.items():
        if not name.endswith(".yaml"):
            continue
        head = []
        for line in content.decode("utf-8", "replace").splitlines():
            if not line.startswith("#"):
                break
            head.append(line.lstrip("#").rstrip())
        found += _bullets(head)
    return list(dict.fromkeys(found))


def _bullets(lines: list[str]) -> list[str]:
    """`- ` or `1. ` items of a comment, their continuation lines joined; a comment without items is one sentence."""
    items: list[str] = []
    for line in lines:
        if found := re.match(r"\s*(?:[-*]|\d+[.)])\s+(.*)", line):
            items.append(found.group(1))
        elif items and line.strip():
            items[-1] += " " + line.strip()
    return items or ([" ".join(x.strip() for x in lines if x.strip())] if lines else [])


def glossary(of: Summary) -> Markup:
    """Unit, direction and formula of every KPI that appears."""
    kpis = {name.partition(".")[0]: definition(name) for name in of.names}
    body = [[k.name, k.unit_in(of.currency), k.better or "-", k.formula] for k in kpis.values()]
    ways = el("p", "; ".join(f"{way}: {LABELS.get(way, way)}" for way in of.ways), ".", class_="note")
    return join([ways, html_table(["KPI", "unit", "better", "formula"], body)])
