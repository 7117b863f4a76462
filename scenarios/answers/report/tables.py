"""The report's KPI comparison: a chart for each KPI that people ask for first, and one table with all of them."""

from plants.kpis.registry import definition
from scenarios.answers.report.charts import legend, whiskers
from scenarios.answers.report.markup import Markup, el, html_table
from scenarios.answers.wording import between, plural, plus_minus, points
from scenarios.runs.summary import Difference, Summary

CHARTED = 8


def comparison_charts(of: Summary) -> Markup:
    """Dots and whiskers of the KPIs that differ between the ways, the most asked for first."""
    names = [n for n in of.whole if _differs(of, n)]
    if of.replications * len(of.ways) < 2:
        names = []  # one number needs no picture
    cards = []
    for name in names[:CHARTED]:
        kpi = definition(name)
        means = {way: figures.mean(name) for way, figures in of.ways.items()}
        dots = {way: figures.values.get(name, []) for way, figures in of.ways.items()}
        better = {"higher": "more is better", "lower": "less is better"}.get(kpi.better, "")
        unit = kpi.unit_in(of.currency)
        title = el("h3", name, el("span", f"  {unit}, {better}".rstrip(", "), class_="faint"))
        cards.append(el("div", title, whiskers(means, unit, dots), class_="card"))
    note = el(
        "p",
        "Large dot: mean of the replications. Whiskers: 95 % interval of that mean (Student t). Small dots:"
        " replications."
        " Because every way meets the same world, differences are far more certain than the overlap of whiskers"
        " suggests; the table below gives the paired differences.",
        class_="note",
    )
    return el("div", legend(list(of.ways)), el("div", cards, class_="charts"), note) if cards else Markup("")


def _differs(of: Summary, name: str) -> bool:
    found = {tuple(way.values.get(name, ())) for way in of.ways.values()}
    return len(found) > 1 or (len(of.ways) == 1 and any(v is not None for v in next(iter(found))))


def kpi_comparison(of: Summary) -> Markup:
    """Every KPI of the whole network in one table; those of single lines and systems folded away."""
    single = [n for n in of.names if "." in n]
    title = el("summary", f"{plural(len(single), 'KPI')} of single lines and systems")
    folded = el("details", title, _table(of, single))
    return el("div", _table(of, of.whole), folded if single else None)


def _table(of: Summary, names: list[str]) -> Markup:
    heads = ["KPI", *(f"{way}#" for way in of.ways), *(f"{a} - {b}#" for a, b in of.comparison)]
    rows = []
    for name in names:
        unit = definition(name).unit_in(of.currency)
        row: list[object] = [el("span", name, el("small", "%" if unit == "share" else unit))]
        for way in of.ways.values():
            row.append(plus_minus(way.mean(name).mean, way.mean(name).half_width, unit))
        row += [difference_cell(differences[name], unit) for differences in of.comparison.values()]
        rows.append(row)
    return html_table(heads, rows, class_="compared")


def difference_cell(diff: Difference, unit: str) -> Markup:
    """The difference, its interval and its wins; coloured when the interval excludes zero."""
    of = diff.interval
    if of.mean is None:
        return Markup("-")
    if of.mean == 0:
        return Markup("0")
    inside = between(of.low, of.high, unit)
    small = [el("small", f"[{inside}]")] if inside else []
    if diff.wins is not None and of.n > 1:
        small.append(el("small", f"better in {diff.wins} of {of.n}"))
    return el("span", points(of.mean, unit), small, class_={"better": "good", "worse": "bad"}.get(diff.sure))
