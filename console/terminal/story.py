"""`demo`: the answer of a run told as a story - what happened, who knew it when, what was decided, what it saved."""

from rich.console import Console
from rich.text import Text

from console.terminal.commandline import pasted
from console.terminal.render import print_kpis, say, table, terminal, threshold_line
from scenarios.answers.explain.decision import (
    OUTLOOK,
    against_chosen,
    command_links,
    in_time,
    trigger_links,
)
from scenarios.answers.explain.facts import Facts
from scenarios.answers.headline import claim, in_force
from scenarios.answers.reasons import plan_said
from scenarios.answers.wording import lasting, listed, moment, money, plural, when
from scenarios.runs.replication import Replication
from scenarios.runs.results import RunResult
from scenarios.ways import LABELS
from sync.vocabulary.decisions import Decision
from sync.vocabulary.wording import headline

SAVED = ("late_cost", "total_cost", "otif", "backlog_peak")


def tell(run: RunResult, console: Console | None = None) -> None:
    """Narrate a finished run in five short chapters."""
    console = console or terminal()
    of = run.summary()
    way = of.main[0] if of.main else next(iter(run.ways))
    facts = Facts(run, run.ways[way][0])
    reps = len(run.ways[way])
    console.print()
    console.print(Text(run.title or run.scenario, style="bold"))
    ways = listed([f"{w} ({LABELS[w]})" for w in run.ways])
    console.print(Text(f"The same {plural(reps, 'world')}, run once for each way of working: {ways}."))
    _chapter(console, "What happened", _happened(facts.rep))
    decision = _story_decision(facts)
    _chapter(console, "Who knew it when", _knew(facts, decision))
    _chapter(console, "What was decided", _decided(facts, decision))
    console.print()
    console.print(Text("What it saved", style="bold cyan"))
    print_kpis(of, console)
    if of.main:
        for name in (n for n in SAVED if n in of.names):
            said = claim(of, name)
            console.print(Text(f"  {said.text}", style="green" if said.good else ""))
    for line in in_force(run):
        say(console, f"  {line}", "dim")
    for threshold in of.thresholds:
        console.print(threshold_line(threshold, of.currency))
    console.print(Text(f"run folder {run.out}"), soft_wrap=True)
    _next(console, run, facts, decision)


def _chapter(console: Console, title: str, lines: list[tuple[str, str]]) -> None:
    if not lines:
        return
    console.print()
    console.print(Text(title, style="bold cyan"))
    made = table("", "", left=2)
    made.show_header = False
    for at, said in lines:
        made.add_row(Text(at, style="dim"), Text(said))
    console.print(made)


def _happened(rep: Replication) -> list[tuple[str, str]]:
    if not rep.disruptions:
        return [("", "nothing was disrupted")]
    told = []
    for d in rep.disruptions:
        said = f"{d['title']}{lasting(d['from_ms'], d['to_ms'])}"
        told.append((when(d["from_ms"]), f"{said} (in the first of the worlds)"))
    return told


def _story_decision(facts: Facts) -> Decision | None:
    """The first decision set off by a disruption's news; else the first that was taken after it began."""
    begin = min((d["from_ms"] for d in facts.rep.disruptions), default=0)
    later = [d for d in facts.rep.decisions if d.time_ms >= begin]
    return next(iter([*facts.set_off, *later]), None)


def _knew(facts: Facts, decision: Decision | None) -> list[tuple[str, str]]:
    links = trigger_links(facts, decision) if decision else []
    if not links:
        from scenarios.answers.explain.decision import message_links

        news = [m for d in facts.rep.disruptions for m in facts.news_of(d)]
        links = [link for m in news[:2] for link in message_links(facts, m)]
    return [(moment(link.time_ms), f"{link.who} {link.what}".replace("the world ", "")) for link in links]


def _decided(facts: Facts, decision: Decision | None) -> list[tuple[str, str]]:
    if decision is None:
        return [("", f"{facts.rep.way}: nobody decided anything")]
    currency = facts.run.currency
    told = [(moment(decision.time_ms), f"{decision.id}: {headline(decision)}")]
    for a in decision.alternatives:
        chosen = "  <- chosen" if a.chosen else f"  ({against_chosen(decision, a, currency)} against the chosen)"
        cost = f"{money(a.cost_minor, currency)}, of it late {money(a.late_minor, currency)}"
        told.append(("", f"{plan_said(a.plan)}: {cost}{chosen}"))
    if decision.is_forecast:
        told.append(("", OUTLOOK))
    need = decision.approval
    extra = money(need.extra_cost_minor, currency)
    allowed = "" if need.auto_below_minor < 0 else f", automatic below {money(need.auto_below_minor, currency)}"
    asked = f"{need.by} was asked" if need.needed else "nobody had to be asked"
    told.append(("", f"approval: {extra} of extra cost{allowed}: {asked}; it is {decision.state}"))
    links = command_links(facts, decision, None)
    told += [(moment(link.time_ms), f"{link.who} {link.what}") for link in in_time(links)[:8]]
    more = len(facts.rep.decisions) - 1
    return [*told, ("", f"{plural(more, 'more decision')} in this world")] if more else told


def _next(console: Console, run: RunResult, facts: Facts, decision: Decision | None) -> None:
    """The three most useful commands, ready to paste."""
    folder = str(run.out)
    first = "none" if "none" in run.ways else facts.rep.way
    orders = Facts(run, run.ways[first][0]).orders
    late = [o for o in orders.values() if o["kind"] == "customer" and o["late_ms"] > 0]
    order = max(late, key=lambda o: o["late_cost_minor"])["order"] if late else next(iter(orders), "")
    name = decision.id if decision else order
    console.print()
    console.print(Text("What to do next", style="bold cyan"))
    if run.out and (run.out / "report.html").exists():
        console.print(Text(f"  open {run.out / 'report.html'} in a browser"), soft_wrap=True)
    commands = [
        (pasted("explain", folder, name), "why this, and what else could have been done"),
        (pasted("explain", folder, order, "--way", first), f"how the dearest late order came about in '{first}'"),
        (pasted("run", run.scenario, "--way", "all", "--baseline", "--reps", "10"), "what the disruption itself cost"),
    ]
    for command, why in commands:
        console.print(Text(f"  {command}"), soft_wrap=True)
        console.print(Text(f"      {why}", style="dim"))
