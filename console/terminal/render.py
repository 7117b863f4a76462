"""Answers as tables in the terminal. Draws what scenarios computed; decides nothing."""

from typing import TYPE_CHECKING

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from console.answer import stream
from plants.kpis.registry import definition
from scenarios.answers.headline import headline, in_force
from scenarios.answers.wording import TINY, amount, between, plural, plus_minus, points, quantity
from scenarios.runs.summary import Cost, Difference, Summary, WayFigures

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scenarios.answers.compare import RunComparison
    from scenarios.answers.explain.explanation import Explanation
    from scenarios.answers.places import PlaceFigure, Places
    from scenarios.runs.replication import Threshold
    from scenarios.runs.results import RunResult

PLAIN_WIDTH = 160


class Output(Console):
    """A console that leaves a closed pipe to the program (rich would leave with 1, and `| head` is no failure)."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def terminal() -> Console:
    """Standard output: coloured on a terminal (unless NO_COLOR), plain text of a fixed width elsewhere."""
    out = stream()
    return Output(file=out, highlight=False, width=None if out.isatty() else PLAIN_WIDTH, soft_wrap=False)


def table(*heads: str, left: int = 1, keep: bool = False) -> Table:
    """A table whose first `left` columns are words and whose others are numbers; `keep`: cells do not wrap."""
    made = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for n, head in enumerate(heads):
        made.add_column(Text(head), justify="left" if n < left else "right", overflow="fold", no_wrap=keep)
    return made


def say(console: Console, sentence: str | Text, style: str = "") -> None:
    """A sentence: wrapped at words on a terminal, one whole line in a file or a pipe."""
    console.print(Text(sentence, style=style) if isinstance(sentence, str) else sentence,
                  soft_wrap=not console.is_terminal)  # fmt: skip


def print_run(run: "RunResult", console: Console | None = None) -> None:
    """The whole answer of `run`: headline, KPI table, the disruption's cost, thresholds, where it lies."""
    console = console or terminal()
    of = run.summary()
    console.print(Text(f"{run.scenario}: {run.title}" if run.title else run.scenario, style="bold"))
    say(console, headline(of) if of.ways else "nothing was finished", "cyan")
    console.print()
    if of.ways:
        print_kpis(of, console)
        if run.baseline:
            print_costs(of, console)
    for line in in_force(run):
        say(console, line, "dim")
    for threshold in of.thresholds:
        console.print(threshold_line(threshold, of.currency))
    for a, b in of.identical:
        console.print(Text(f"{a} and {b} are identical: nothing was decided differently", style="yellow"))
    floor = "" if run.provenance.floor.compiled else ", machine floor interpreted"
    speed = f"({amount(of.events / of.wall_s) if of.wall_s else '0'} events/s{floor})"
    work = f"{amount(of.events)} events in {of.wall_s:.1f} s of work {speed}"
    console.print(Text(f"{plural(of.replications, 'replication')}, seed {run.seed}, {work}"))
    console.print(Text(f"run folder {run.out}"), soft_wrap=True)


def threshold_line(threshold: "Threshold", currency: str) -> Text:
    unit = definition(threshold.kpi).unit_in(currency)
    value, limit = quantity(threshold.value, unit), quantity(threshold.limit, unit)
    verdict, style = ("held", "green") if threshold.passed else ("missed", "red")
    line = Text(f"threshold {threshold.kpi} {threshold.op} {limit} ({threshold.way}): {value} ")
    return line.append(verdict, style=style)


def print_kpis(of: Summary, console: Console) -> None:
    """The KPI table with as many comparisons as fit uncut, then what it leaves out in lines of their own. What fits a
    terminal is every KPI of the whole network; those of single lines and systems are counted."""
    pairs = list(of.comparison)
    fitting = [made for n in range(len(pairs), 0, -1) if fits(made := kpi_table(of, pairs[:n]), console)]
    left_out = len(pairs) - (len(fitting) if fitting else min(1, len(pairs)))
    console.print(fitting[0] if fitting else kpi_table(of, pairs[:1], keep=False))
    more = len(of.names) - len(of.whole)
    zero = [name for name in of.idle if name not in of.undefined]
    notes = [f"zero in every way: {', '.join(zero)}"] if zero else []
    notes += [f"not defined here: {', '.join(of.undefined)}"] if of.undefined else []
    notes += [f"{more} more, per line and system, in run.json and the report"] if more else []
    if left_out:
        notes.append(f"{plural(left_out, 'more comparison')} on a wider screen and in the report")
    for note in notes:
        say(console, note, "dim")


def fits(made: Table, console: Console) -> bool:
    """Whether a table whose cells do not wrap fits the console whole."""
    return Measurement.get(console, console.options.update(width=1000), made).maximum <= console.width


def kpi_table(of: Summary, pairs: "Sequence[tuple[str, str]]", keep: bool = True) -> Table:
    """One row per KPI: its mean and half interval per way, then each difference with its interval."""
    heads = ("KPI", "unit", *of.ways, *(f"{a} - {b}" for a, b in pairs))
    made = table(*heads, left=2, keep=keep)
    for name in (n for n in of.whole if n not in of.idle):
        cells = [_mean_cell(way, name) for way in of.ways.values()]
        cells += [difference_cell(name, of.comparison[pair][name]) for pair in pairs]
        made.add_row(Text(name), Text(column_unit(name, of.currency), style="dim"), *cells)
    return made


def column_unit(name: str, currency: str) -> str:
    """The unit as a column of its own: shares are shown in per cent, their differences in points of it."""
    unit = definition(name).unit_in(currency)
    return "%" if unit == "share" else unit


def scaled(value: float | None, name: str) -> float | None:
    """A value as it is shown in a column: shares in per cent."""
    return value if value is None or definition(name).unit != "share" else value * 100


def _mean_cell(way: WayFigures, name: str) -> Text:
    of = way.mean(name)
    mean, half = scaled(of.mean, name), scaled(of.half_width, name)
    percent = definition(name).unit == "share" and mean is not None and not half
    text = Text(f"{mean:.1f}" if percent else plus_minus(mean, half, ""))
    if of.n < way.replications and of.n:
        text.append(f" (n={of.n})", style="dim")
    return text


def difference_cell(name: str, diff: Difference) -> Text:
    """`-12.3 k`, below it `[-15.0 k .. -9.6 k] 5/5`; green or red when the interval says so."""
    of = diff.interval
    if of.mean is None:
        return Text("-")
    style = {"better": "green", "worse": "red"}.get(diff.sure, "")
    text = Text()
    text.append("0" if of.mean == 0 else amount(scaled(of.mean, name), sign=True), style=style)
    if inside := between(scaled(of.low, name), scaled(of.high, name), ""):
        won = f" {diff.wins}/{of.n}" if diff.wins is not None else ""
        text.append(f"\n[{inside}]{won}", style="dim")
    return text


def print_costs(of: Summary, console: Console) -> None:
    """What the disruptions cost, and in a line of its own what they did not change in any way."""
    console.print(cost_table(of))
    if same := [name for name in of.unchanged if name not in of.idle]:
        say(console, f"changed in no way by the disruption: {', '.join(same)}", "dim")


def cost_table(of: Summary) -> Table:
    """What the disruptions cost in each way: with minus without, on the same random numbers; only what they changed."""
    made = table("cost of the disruption", *of.costs)
    for name in (n for n in of.whole if n not in of.unchanged):
        unit = definition(name).unit_in(of.currency)
        made.add_row(Text(name), *(Text(_cost_cell(costs.get(name), unit)) for costs in of.costs.values()))
    return made


def _cost_cell(cost: Cost | None, unit: str) -> str:
    if cost is None or cost.interval.mean is None:
        return "-"
    of = cost.interval
    said = "0" if abs(of.mean or 0.0) < TINY else points(of.mean, unit)
    inside = between(of.low, of.high, unit)
    return f"{said} [{inside}]" if inside else said


def print_comparison(compared: "RunComparison", console: Console | None = None) -> None:
    """`compare`: one table per way of working."""
    console = console or terminal()
    first, other = compared.first, compared.other
    console.print(Text(f"{other.id} ({other.scenario}) against {first.id} ({first.scenario})", style="bold"))
    for note in compared.notes:
        console.print(Text(note, style="yellow"))
    for way in compared.ways:
        made = table(f"{way.way}, {plural(way.pairs, 'pair')}", "unit", "first", "other", "other - first", left=2)
        for name in (n for n in way.kpis if "." not in n):
            unit = Text(column_unit(name, first.currency), style="dim")
            means = (Text(amount(scaled(side.get(name), name))) for side in (way.first, way.other))
            made.add_row(Text(name), unit, *means, difference_cell(name, way.kpis[name]))
        console.print(made)
        if way.same:
            console.print(Text("identical: every replication has the same digest"))


def print_places(of: "Places", console: Console | None = None, *, all_of_them: bool = False) -> None:
    """`kpis`: a row for each place under its KPI; what is zero or undefined everywhere is named alone, unless asked."""
    from scenarios.answers.places import is_idle

    console = console or terminal()
    grouped: dict[str, list[PlaceFigure]] = {}
    for figure in of.figures:
        grouped.setdefault(figure.kpi, []).append(figure)
    idle = [] if all_of_them else [name for name, figures in grouped.items() if is_idle(figures)]
    made = table("KPI", of.dimension, "unit", *of.ways, left=3)
    for name in (n for n in grouped if n not in idle):
        for n, figure in enumerate(grouped[name]):
            unit = "%" if figure.unit == "share" else figure.unit
            cells = [
                Text(plus_minus(scaled(i.mean, name), scaled(i.half_width, name), "")) for i in figure.ways.values()
            ]
            made.add_row(Text("" if n else name), Text(figure.place), Text(unit, style="dim"), *cells)
    console.print(made)
    if idle:
        say(console, f"zero or undefined everywhere: {', '.join(idle)}", "dim")


def print_explanation(told: "Explanation", console: Console | None = None) -> None:
    """`explain`: what it is about, the chain of causes, what else could have been done, what would have to change."""
    console = console or terminal()
    say(console, told.title, "bold")
    for sentence in told.summary:
        say(console, sentence)
    for section in told.sections:
        console.print()
        console.print(Text(section.title, style="bold cyan"))
        for sentence in section.sentences:
            say(console, f"  {sentence}")
        if section.rows:
            made = table(*section.heads, left=len(section.heads))
            for row in section.rows:
                made.add_row(*(Text(str(cell)) for cell in row))
            console.print(made)
