"""One replication of a case in a whole world: write its files, load them, let the twin run, read its books.

    files --loader--> scenario --twin--> ledger, order book, messages --> what was there, as areas over time

Nothing is sampled: stock is what the ledger's rows say, what is owed is what the orders' stamps say, and both are
integrated from event to event.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np

from plants.definition import ScenarioSpec
from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import Twin, assemble
from scenarios.verify.case import Observed, WorldCase
from sim.streams import Streams

HOUSE = "house"  # the site that every case watches
MS_PER_S = 1000.0
DAY_S = 86_400.0
Moves = tuple["np.ndarray[Any, Any]", "np.ndarray[Any, Any]"]  # instants in seconds, changes in pieces


@dataclass(frozen=True)
class Books:
    """What the house and its customers came to, over all worlds of a replication. Areas in piece-seconds.

    placed: the customers' orders, of which so many were served in the instant in which they came, or lost; wave_area:
    the square of the pieces asked for within the last lead time, integrated; outages: the scenario's disruptions,
    out_s: how long they last together, out_s2: the sum of the squares of that.
    """

    span_s: float
    stocked_s: float
    stock_area: float
    owed_area: float
    placed: int
    at_once: int
    lost: int
    wave_area: float
    outages: int
    out_s: float
    out_s2: float


@dataclass(frozen=True)
class Trouble:
    """What a disruption made worse: pieces owed at the worst moment, when that was over (seconds since its beginning),
    and the area between the two curves in piece-seconds. Each is that of the world less that of the undisturbed one."""

    peak: int
    cleared_s: float
    area: float


@dataclass(frozen=True)
class Ages:
    """How old messages were when they came, in seconds."""

    seconds: "np.ndarray[Any, Any]"


def load(files: dict[str, str]) -> ScenarioSpec:
    """The scenario in `run.yaml` of these files. Raises InputError."""
    with TemporaryDirectory(prefix="plantsync-verify-") as folder:
        for name, text in files.items():
            Path(folder, name).write_text(text, encoding="utf-8")
        return load_scenario(str(Path(folder, "run.yaml"))).scenario


def run(case: WorldCase, seed: int, number: int, disrupted: bool = True) -> Twin:
    """The world of that number at its horizon, audited. Two worlds of one number meet the same random numbers."""
    scenario = load(case.files(case, Streams(seed, number)))
    twin = assemble(scenario, "none", seed, number, disruptions=disrupted)
    twin.env.advance(scenario.horizon_s)
    twin.finish()
    return twin


# --- the three ways to look ---------------------------------------------------------------------------------------
def books(case: WorldCase, seed: int, replication: int, lead_s: float = 0.0) -> Observed:
    """Run the replication's worlds and add up their books; lead_s: of the waves. Sees a Books."""
    seen, events = [], 0
    for n in range(case.worlds):
        twin = run(case, seed, replication * case.worlds + n)
        seen.append(_books(case, twin, lead_s))
        events += twin.env.trace.fired
    return Books(*(sum(parts) for parts in zip(*seen, strict=True))), events


def _books(case: WorldCase, twin: Twin, lead_s: float) -> tuple[Any, ...]:
    begin, end = case.warmup_s, twin.scenario.horizon_s
    stock = _stock(twin, f"stock:{HOUSE}")
    asked = [o for o in twin.network.book.orders.values() if o.kind == "customer"]
    placed = [o for o in asked if o.ordered_ms > begin * MS_PER_S]
    out_s = [d.duration.mean for d in twin.scenario.disruptions if d.duration is not None]
    wave = _curve(
        (o.ordered_ms + late, way * o.ordered) for o in asked for late, way in ((0, 1), (lead_s * MS_PER_S, -1))
    )
    return (
        end - begin,
        area(stock, begin, end, lambda level: level > 0),
        area(stock, begin, end),
        area(owed(twin), begin, end),
        len(placed),
        sum(o.done_ms == o.ordered_ms for o in placed),
        sum(o.cancelled > 0 for o in placed),
        area(wave, begin, end, np.square),
        len(out_s),
        sum(out_s),
        sum(s * s for s in out_s),
    )


def trouble(case: WorldCase, seed: int, replication: int) -> Observed:
    """Run the world with and without its disruption. Sees a Trouble."""
    with_it, without = run(case, seed, replication), run(case, seed, replication, disrupted=False)
    (t1, d1), (t2, d2) = owed(with_it), owed(without)
    times, excess = levels((np.concatenate((t1, t2)), np.concatenate((d1, -d2))))
    worse = np.append(times[1:], with_it.scenario.horizon_s)[excess > 0]  # when each stretch with more owed ends
    whole = area((np.concatenate((t1, t2)), np.concatenate((d1, -d2))), 0.0, with_it.scenario.horizon_s)
    seen = Trouble(int(excess.max(initial=0)), float(worse[-1]) if len(worse) else 0.0, whole)
    return seen, with_it.env.trace.fired + without.env.trace.fired


def ages(case: WorldCase, seed: int, replication: int, kind: str) -> Observed:
    """Run the world and look at its messages of one type. Sees Ages."""
    twin = run(case, seed, replication)
    late_ms = [at - m.happened_ms for at, m in twin.bus.log if m.type == kind and m.happened_ms > case.warmup_s * 1000]
    return Ages(np.array(late_ms) / MS_PER_S), twin.env.trace.fired


# --- curves -------------------------------------------------------------------------------------------------------
def owed(twin: Twin) -> Moves:
    """Pieces that customers have ordered, that they do not have and still want: how it changes."""
    moves: list[tuple[int, int]] = []
    for order in twin.network.book.orders.values():
        if order.kind == "customer":
            moves.append((order.ordered_ms, order.ordered - order.cancelled))
            moves += [(at, -pieces) for at, pieces in order.deliveries]
    return _curve(moves)


def _stock(twin: Twin, account: str) -> Moves:
    """How an account of the ledger changes."""
    rows = twin.network.ledger.rows
    columns = (rows[c] for c in ("time_ms", "quantity", "from", "to"))
    moves: list[tuple[Any, Any]] = []
    for time_ms, quantity, source, target in zip(*columns, strict=True):
        if target == account:
            moves.append((time_ms, quantity))
        elif source == account:
            moves.append((time_ms, -quantity))
    return _curve(moves)


def _curve(moves: Iterable[tuple[float, int]]) -> Moves:
    pairs = np.array(list(moves), dtype=float).reshape(-1, 2)
    return pairs[:, 0] / MS_PER_S, pairs[:, 1]


def levels(moves: Moves) -> Moves:
    """Instants in order, each once, and the level from there on."""
    times, changes = moves
    order = np.argsort(times, kind="stable")
    times, level = times[order], np.cumsum(changes[order])
    last = np.append(np.diff(times) > 0, True) if len(times) else np.zeros(0, dtype=bool)
    return times[last], level[last]


def area(moves: Moves, begin: float, end: float, of: Callable[[Any], Any] = lambda level: level) -> float:
    """The integral of `of(level)` from `begin` to `end`; the level is 0 before the first change."""
    times, level = levels(moves)
    edges = np.clip(np.concatenate(([begin], times, [end])), begin, end)
    return float(np.sum(np.diff(edges) * of(np.concatenate(([0], level)))))


# --- what the books say -------------------------------------------------------------------------------------------
def ready(seen: Books) -> float:
    """The share of the time with stock."""
    return seen.stocked_s / seen.span_s


def mean_stock(seen: Books) -> float:
    """Pieces in stock."""
    return seen.stock_area / seen.span_s


def mean_owed(seen: Books) -> float:
    """Pieces owed."""
    return seen.owed_area / seen.span_s


def at_once(seen: Books) -> float:
    """The share of the orders that were served in the instant in which they came."""
    return seen.at_once / seen.placed


def lost(seen: Books) -> float:
    """The share of the orders that were lost."""
    return seen.lost / seen.placed


def more_orders(seen: Books, per_s: float) -> float:
    """Control: by which share there were more orders than `per_s` brings in the long run."""
    return seen.placed / (seen.span_s * per_s) - 1.0


def more_waves(seen: Books, mean: float) -> float:
    """Control: by how much the square of the demand of a lead time was above that of a Poisson number."""
    return seen.wave_area / seen.span_s - mean - mean * mean


def longer_outages(seen: Books, mean_s: float) -> float:
    """Control: by which share outages were longer than in the long run."""
    return seen.out_s / seen.outages / mean_s - 1.0


def wilder_outages(seen: Books, square_s2: float) -> float:
    """Control: the same of the mean square of their length."""
    return seen.out_s2 / seen.outages / square_s2 - 1.0


def rarer_outages(seen: Books, mean_s: float) -> float:
    """Control: by which share the time from one outage to the next was longer than in the long run."""
    return seen.span_s / seen.outages / mean_s - 1.0


def cost(seen: Books, hold: float, owe: float) -> float:
    """`hold` for a piece in stock and `owe` for a piece owed, per day."""
    return hold * mean_stock(seen) + owe * mean_owed(seen)


def cleared_d(seen: Trouble) -> float:
    """Days until nothing more was owed than without the disruption."""
    return seen.cleared_s / DAY_S


def area_d(seen: Trouble) -> float:
    """Piece-days that were owed because of it."""
    return seen.area / DAY_S


def mean_min(seen: Ages) -> float:
    """The mean age in minutes."""
    return float(np.mean(seen.seconds)) / 60.0


def quantile_min(seen: Ages, share: float) -> float:
    """The age in minutes that this share of the messages is not older than."""
    return float(np.quantile(seen.seconds, share)) / 60.0


def shuffled_strata(streams: Streams, name: str, n: int) -> Sequence[float]:
    """`n` uniform numbers, one from each n-th of the unit interval, in random order: what is drawn with them has its
    law, and its mean over all of them hardly any chance left."""
    generator = streams.generator(name)
    return ((generator.permutation(n) + generator.random(n)) / n).tolist()  # type: ignore[no-any-return]
