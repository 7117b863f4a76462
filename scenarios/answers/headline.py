"""The sentence a run is remembered by: what synchronisation was worth, and how sure that is."""

from dataclasses import dataclass

from plants.kpis.registry import definition
from scenarios.answers.wording import between, plural, points, quantity
from scenarios.runs.results import RunResult
from scenarios.runs.summary import Difference, Summary, kpi_names

SINGLE = ("orders_served", "orders_total", "clear_days", "late_cost", "otif", "throughput")
FLOWING = ("throughput", "wip")  # of a network without orders
PRICES = (("orders_served", -1, "fewer orders served"), ("total_cost", 1, "more total cost"))
HEADLINES = ("orders_served", "late_cost", "total_cost", "otif", "throughput")


@dataclass(frozen=True)
class Claim:
    """One KPI's difference in words. certain: it may be told as a fact. good: certain and in the good direction."""

    kpi: str
    text: str
    certain: bool
    good: bool


def headline(of: Summary) -> str:
    """One sentence on what the better way was worth, with the interval; a plain statement for a single way."""
    if of.main is None:
        return _single(of)
    first, second = of.main
    claims = told(of)
    if not claims:
        common = min(of.ways[first].replications, of.ways[second].replications)
        return f"{first.capitalize()} and {second} came out the same in {plural(common, 'replication')}."
    return f"{first.capitalize()} against {second}: {claims[0].text}{_at_the_price_of(of, claims[0])}."


def _at_the_price_of(of: Summary, first: Claim) -> str:
    """A success that served fewer orders, or cost more in all, must say so in the same breath."""
    if of.main is None or not first.good or first.kpi == "orders_served":
        return ""
    said = []
    for name, worse, word in PRICES:
        change = of.comparison[of.main][name].interval.mean if name in of.names and name != first.kpi else None
        if change is not None and change * worse > 0:
            unit = definition(name).unit_in(of.currency)
            now, before = (quantity(of.ways[way].mean(name).mean, unit) for way in of.main)
            said.append(f"{word}, {now} instead of {before}")
    return f"; but {' and '.join(said)}" if said else ""


def in_force(run: RunResult) -> list[str]:
    """What the costs rest on that the files may not say: one line, told with every result that has costs."""
    if not run.assumed or "total_cost" not in kpi_names(*run.ways.values()):
        return []
    return [f"total_cost is what is spent beyond the standard value of the goods: {'; '.join(run.assumed)}"]


def more_lines(of: Summary) -> list[str]:
    """What else is worth a sentence, after the headline."""
    return [f"{c.text[0].upper()}{c.text[1:]}." for c in told(of)[1:3]]


def told(of: Summary) -> list[Claim]:
    """The claims of the main comparison, the good and certain ones first."""
    claims = [claim(of, name) for name in HEADLINES if is_news(of, name)]
    return [c for c in claims if c.good] + [c for c in claims if not c.good]


def is_news(of: Summary, name: str) -> bool:
    """A difference of the main comparison at all; for orders served one of at least five in a hundred (the rest is the
    horizon's edge)."""
    if of.main is None or name not in of.names:
        return False
    change = of.comparison[of.main][name].interval.mean or 0.0
    base = of.ways[of.main[1]].mean(name).mean or 0.0
    return bool(change) and (name != "orders_served" or abs(change) >= 0.05 * base)


def _single(of: Summary) -> str:
    way, figures = next(iter(of.ways.items()))
    means = {name: interval.mean for name, interval in figures.kpis.items() if interval.mean is not None}
    wanted = SINGLE if means.get("orders_total") else FLOWING
    said = [
        f"{name.replace('_', ' ')} {quantity(means[name], definition(name).unit_in(of.currency))}"
        for name in [n for n in wanted if n in means][:4]
    ]
    return f"One way of working ({way}), {plural(figures.replications, 'replication')}: {', '.join(said)}."


def claim(of: Summary, name: str) -> Claim:
    """What the first way of the main comparison changed in one KPI. Raises KeyError where nothing was compared."""
    if of.main is None:
        raise KeyError(name)
    diff, unit = of.comparison[of.main][name], definition(name).unit_in(of.currency)
    label = name.replace("_", " ") if name != "otif" else "delivered on time and complete"
    if not diff.interval.mean:
        return Claim(name, f"{label} unchanged", False, False)
    now, before = (quantity(of.ways[way].mean(name).mean, unit) for way in of.main)
    text = f"{label} {now} instead of {before} ({points(diff.interval.mean, unit)}{_surety(diff, unit)})"
    return Claim(name, text, diff.is_certain, diff.is_certain and diff.verdict == "better")


def _surety(diff: Difference, unit: str) -> str:
    of = diff.interval
    if of.low is None or of.high is None:
        return ", one replication"
    won = f", better in {diff.wins} of {of.n}" if diff.wins is not None else ""
    chance = "" if of.excludes_zero else ", may be chance"
    inside = between(of.low, of.high, unit)
    return f", 95 % interval {inside}{won}{chance}" if inside else f"{won}{chance}"
