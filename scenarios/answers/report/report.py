"""The report: one HTML file that opens anywhere, without a network, and says what a run found.

    headline - what was disrupted - the network - the ways compared - the disruption's cost - levels over time -
    decisions - what nobody could serve - what this rests on - glossary

Everything drawn is text and inline SVG; every name is escaped; there is no script and nothing is fetched.
"""

from scenarios.answers.headline import headline, in_force, more_lines
from scenarios.answers.report.markup import Markup, el, join
from scenarios.answers.report.sections import (
    assumptions,
    cards,
    decisions,
    disruption_costs,
    glossary,
    levels,
    network,
    unservable,
    what_happened,
)
from scenarios.answers.report.style import CSS
from scenarios.answers.report.tables import comparison_charts, kpi_comparison
from scenarios.answers.wording import plural
from scenarios.runs.results import RunResult
from scenarios.runs.summary import Summary
from scenarios.ways import LABELS

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def render_report(run: RunResult) -> str:
    """The whole file as text."""
    of = run.summary()
    body = join(
        [
            el("h1", f"PlantSync · {run.scenario} · {run.id}"),
            el("p", headline(of), class_="headline"),
            el(
                "p",
                " ".join([*more_lines(of), *(f"{line}." for line in in_force(run)), _subtitle(run, of)]),
                class_="sub",
            ),
            cards(of),
            _section("What happened", what_happened(run)),
            _section("The network", network(run)),
            _section("The ways of working compared", [comparison_charts(of), kpi_comparison(of)]),
            _section("What the disruption cost", disruption_costs(of)),
            _section("Inventory and backlog over time", levels(run)),
            _section("Decisions", decisions(run)),
            _section("Orders that nobody could serve", unservable(run)),
            _section("What this rests on", assumptions(run)),
            _section("KPIs and their formulas", glossary(of)),
        ]
    )
    head = join(
        [
            el("meta", charset="utf-8"),
            el("meta", http_equiv="Content-Security-Policy", content=POLICY),
            el("meta", name="viewport", content="width=device-width, initial-scale=1"),
            el("meta", name="color-scheme", content="light dark"),
            el("title", f"{run.scenario} - PlantSync"),
            el("style", Markup(CSS)),
        ]
    )
    return f"<!doctype html>\n{el('html', el('head', head), el('body', el('main', body)), lang='en')}\n"


def _subtitle(run: RunResult, of: Summary) -> str:
    ways = ", ".join(f"{way} ({LABELS.get(way, way)})" for way in run.ways)
    said = f"{run.title}. " if run.title else ""
    said += f"Ways of working: {ways}. {plural(of.replications, 'replication')} from seed {run.seed}"
    if of.main:
        said += ", every way in the same world: the same demand, breakdowns and disruptions"
    if run.status != "complete":
        said += f". This run is {run.status}"
    return said + "."


def _section(title: str, content: Markup | list[Markup] | None) -> Markup | None:
    """A section, or nothing when there is nothing to say."""
    inner = join(content if isinstance(content, list) else [content])
    return el("section", el("h2", title), inner) if inner else None
