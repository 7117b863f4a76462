"""The sentence a run is remembered by: what synchronisation was worth, and how sure that is."""

from dataclasses import dataclass

from plants.kpis.registry import definition
from scenarios.answers.wording import between, plural, points, quantity
from scenarios.runs.results import Difference, RunResult, difference, kpi_names, mean_of
from scenarios.ways import PAIRS

SINGLE = ("orders_served", "orders_total", "clear_days", "late_cost", "otif", "throughput")
FLOWING = ("throughput", "wip")  # of a network without orders
HEADLINES = ("orders_served", "late_cost", "total_cost", "otif", "throughput")


@dataclass(frozen=True)
class Claim:
    """One KPI's difference in words. certain: the interval excludes zero. good: certain and in the good direction."""

    kpi: str
    text: str
    certain: bool
    good: bool


def main_pair(run: RunResult) -> tuple[str, str] | None:
    """The comparison that matters most: synced against none, else what there is, else None."""
    return next((pair for pair in PAIRS if pair[0] in run.ways and pair[1] in run.ways), None)


def headline(run: RunResult) -> str:
    """One sentence on what the better way was worth, with the interval; a plain statement for a single way."""
    pair = main_pair(run)
    if pair is None:
        return _single(run)
    claims = told(run)
    if not claims:
        return f"{pair[0].capitalize()} and {pair[1]} came out the same in {plural(_n(run, pair), 'replication')}."
    return f"{pair[0].capitalize()} against {pair[1]}: {claims[0].text}{_at_the_price_of(run, pair, claims[0])}."


def _at_the_price_of(run: RunResult, pair: tuple[str, str], first: Claim) -> str:
    """A success that served fewer orders must say so in the same breath."""
    if not first.good or first.kpi == "orders_served" or "orders_served" not in kpi_names(run.ways):
        return ""
    change = difference(run.ways[pair[0]], run.ways[pair[1]], "orders_served").interval.mean
    if change is None or change >= 0:
        return ""
    now, before = (quantity(mean_of(run.ways[way], "orders_served").mean, "orders") for way in pair)
    return f"; but fewer orders served, {now} instead of {before}"


def more_lines(run: RunResult) -> list[str]:
    """What else is worth a sentence, after the headline."""
    return [f"{c.text[0].upper()}{c.text[1:]}." for c in told(run)[1:3]]


def told(run: RunResult) -> list[Claim]:
    """The claims of the main comparison, the good and certain ones first."""
    pair = main_pair(run)
    if pair is None:
        return []
    have = kpi_names(run.ways)
    claims = [claim(run, pair, name) for name in HEADLINES if name in have and is_news(run, pair, name)]
    return [c for c in claims if c.good] + [c for c in claims if not c.good]


def is_news(run: RunResult, pair: tuple[str, str], name: str) -> bool:
    """A difference at all; for orders served one of at least five in a hundred (the rest is the horizon's edge)."""
    change = difference(run.ways[pair[0]], run.ways[pair[1]], name).interval.mean
    base = mean_of(run.ways[pair[1]], name).mean or 0.0
    return bool(change) and (name != "orders_served" or abs(change or 0.0) >= 0.05 * base)


def _n(run: RunResult, pair: tuple[str, str]) -> int:
    return min(len(run.ways[pair[0]]), len(run.ways[pair[1]]))


def _single(run: RunResult) -> str:
    way, reps = next(iter(run.ways.items()), ("none", []))
    known = [n for n in kpi_names({way: reps}) if mean_of(reps, n).mean is not None]
    wanted = SINGLE if "orders_total" in known and mean_of(reps, "orders_total").mean else FLOWING
    said = [
        f"{name.replace('_', ' ')} {quantity(mean_of(reps, name).mean, definition(name).unit_in(run.currency))}"
        for name in [n for n in wanted if n in known][:4]
    ]
    return f"One way of working ({way}), {plural(len(reps), 'replication')}: {', '.join(said)}."


def claim(run: RunResult, pair: tuple[str, str], name: str) -> Claim:
    """What the first way of `pair` changed in one KPI."""
    diff = difference(run.ways[pair[0]], run.ways[pair[1]], name)
    unit = definition(name).unit_in(run.currency)
    label = name.replace("_", " ") if name != "otif" else "delivered on time and complete"
    of = diff.interval
    if not of.mean:
        return Claim(name, f"{label} unchanged", False, False)
    a = quantity(mean_of(run.ways[pair[0]], name).mean, unit)
    b = quantity(mean_of(run.ways[pair[1]], name).mean, unit)
    certain = of.excludes_zero or of.n == 1
    good = certain and definition(name).judge(of.mean) == "better"
    return Claim(name, f"{label} {a} instead of {b} ({points(of.mean, unit)}{_surety(diff, unit)})", certain, good)


def _surety(diff: Difference, unit: str) -> str:
    of = diff.interval
    if of.low is None or of.high is None:
        return ", one replication"
    won = f", better in {diff.wins} of {of.n}" if diff.wins is not None else ""
    chance = "" if of.excludes_zero else ", may be chance"
    inside = between(of.low, of.high, unit)
    return f", 95 % interval {inside}{won}{chance}" if inside else f"{won}{chance}"
