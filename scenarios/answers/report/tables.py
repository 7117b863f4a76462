"""The report's KPI comparison: a chart for each KPI that people ask for first, and one table with all of them."""

from plants.kpis.registry import definition, ordered
from scenarios.answers.report.charts import legend, whiskers
from scenarios.answers.report.markup import Markup, el, html_table
from scenarios.answers.wording import between, plural, plus_minus, points
from scenarios.runs.results import (
    Difference,
    RunResult,
    difference,
    kpi_names,
    mean_of,
    values,
)
from scenarios.ways import PAIRS

CHARTED = 8


def comparison_charts(run: RunResult) -> Markup:
    """Dots and whiskers of the KPIs that differ between the ways, the most asked for first."""
    names = [n for n in ordered(kpi_names(run.ways)) if "." not in n and _differs(run, n)]
    if max((len(reps) for reps in run.ways.values()), default=0) * len(run.ways) < 2:
        names = []  # one number needs no picture
    cards = []
    for name in names[:CHARTED]:
        means = {way: mean_of(reps, name) for way, reps in run.ways.items()}
        dots = {way: values(reps, name) for way, reps in run.ways.items()}
        better = {"higher": "more is better", "lower": "less is better"}.get(definition(name).better, "")
        title = el(
            "h3", name, el("span", f"  {definition(name).unit_in(run.currency)}, {better}".rstrip(", "), class_="faint")
        )
        cards.append(el("div", title, whiskers(means, definition(name).unit_in(run.currency), dots), class_="card"))
    note = el(
        "p",
        "Large dot: mean of the replications. Whiskers: 95 % interval of that mean (Student t). Small dots:"
        " replications."
        " Because every way meets the same world, differences are far more certain than the overlap of whiskers"
        " suggests; the table below gives the paired differences.",
        class_="note",
    )
    return el("div", legend(list(run.ways)), el("div", cards, class_="charts"), note) if cards else Markup("")


def _differs(run: RunResult, name: str) -> bool:
    found = {tuple(values(reps, name)) for reps in run.ways.values()}
    return len(found) > 1 or (len(run.ways) == 1 and any(v is not None for v in next(iter(found))))


def kpi_comparison(run: RunResult) -> Markup:
    """Every KPI of the whole network in one table; those of single lines and systems folded away."""
    names = ordered(kpi_names(run.ways))
    whole = [n for n in names if "." not in n]
    single = [n for n in names if "." in n]
    folded = el(
        "details", el("summary", f"{plural(len(single), 'KPI')} of single lines and systems"), _table(run, single)
    )
    return el("div", _table(run, whole), folded if single else None)


def _table(run: RunResult, names: list[str]) -> Markup:
    pairs = [p for p in PAIRS if p[0] in run.ways and p[1] in run.ways]
    heads = ["KPI", *(f"{way}#" for way in run.ways), *(f"{a} - {b}#" for a, b in pairs)]
    rows = []
    for name in names:
        row: list[object] = [el("span", name, el("small", unit_shown(name, run.currency)))]
        for reps in run.ways.values():
            of = mean_of(reps, name)
            row.append(plus_minus(of.mean, of.half_width, definition(name).unit_in(run.currency)))
        row += [difference_cell(name, difference(run.ways[a], run.ways[b], name), run.currency) for a, b in pairs]
        rows.append(row)
    return html_table(heads, rows, class_="compared")


def unit_shown(name: str, currency: str) -> str:
    """A KPI's unit as people read it: shares are shown in per cent."""
    unit = definition(name).unit_in(currency)
    return "%" if unit == "share" else unit


def difference_cell(name: str, diff: Difference, currency: str) -> Markup:
    """The difference, its interval and its wins; coloured when the interval excludes zero."""
    of, unit = diff.interval, definition(name).unit_in(currency)
    if of.mean is None:
        return Markup("-")
    if of.mean == 0:
        return Markup("0")
    certain = of.excludes_zero and bool(definition(name).better)
    class_ = ("good" if definition(name).judge(of.mean) == "better" else "bad") if certain else None
    inside = between(of.low, of.high, unit)
    small = [el("small", f"[{inside}]")] if inside else []
    if diff.wins is not None and of.n > 1:
        small.append(el("small", f"better in {diff.wins} of {of.n}"))
    return el("span", points(of.mean, unit), small, class_=class_)
