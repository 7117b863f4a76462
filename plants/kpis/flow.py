"""KPIs of flow: what waits, what is on the lines, what comes out of them, what keeps them from it, and how long goods
travel between sites."""

from collections.abc import Callable

import numpy as np

from plants.kpis.figures import Peak, Percentile, Ratio, Sum
from plants.kpis.kpi import kpi
from plants.kpis.measured import LineCount, Measured
from sync.vocabulary.quantities import MS_PER_H


@kpi("pcs", "lower", reads=("backlog",))
def backlog_peak(world: Measured) -> Peak:
    """Most pieces of customer orders that had been placed and had not left the gate of their first lane, at any instant
    after warm-up."""
    return world.backlog


@kpi("pcs", "lower", reads=("backlog",))
def backlog(world: Measured) -> Sum | None:
    """Mean over time after warm-up of the pieces of customer orders that had been placed and had not left."""
    waited = world.backlog
    since = np.maximum(world.horizon_ms - np.maximum(waited.time, world.warmup_ms), 0)
    return Sum(waited.table, waited.pieces * since).over(world.ms)


@kpi("pcs/h", "higher", reads=("lines",))
def throughput(world: Measured) -> Sum | None:
    """Good pieces out of all lines after warm-up / hours after warm-up."""
    return world.line_table.sum(line.good for line in world.lines.values()).over(world.hours)


@kpi("pcs", "lower", reads=("ledger",))
def wip(world: Measured) -> Sum | None:
    """Mean over time after warm-up of the pieces on lines, those that are through and whose lot is not counted
    included."""
    return world.ledger.held("wip").over(world.ms)


@kpi("pcs", "lower", reads=("ledger",))
def pieces_scrapped(world: Measured) -> Sum:
    """Pieces scrapped after warm-up, by lines and after holds."""
    return world.ledger.moved(("wip", "held", "stock"), ("scrapped",))


@kpi("pcs", "lower", reads=("ledger",))
def pieces_lost(world: Measured) -> Sum:
    """Pieces lost after warm-up, on lanes and in stock."""
    return world.ledger.moved(("stock", "held", "transit", "wip"), ("lost",))


@kpi("h", "lower", reads=("lines",))
def unplanned_downtime(world: Measured) -> Sum:
    """Planned line-hours after warm-up in which a station had no working machine because of a breakdown or a
    disruption."""
    return world.line_table.sum((line.down_s for line in world.lines.values()), 3600)


@kpi("h", "lower", reads=("receipts",))
def transfer_cycle_time(world: Measured) -> Ratio:
    """Mean time from departure to receipt over the consignments of transfers received after warm-up, waiting at gates
    and doors included; none without any."""
    time = _transfers(world)
    return Ratio(Sum(time.table, time.values, MS_PER_H), time.table.count())


@kpi("h", "lower", reads=("receipts",))
def transfer_cycle_time_p95(world: Measured) -> Percentile:
    """95th percentile of the times that transfer_cycle_time is the mean of."""
    time = _transfers(world)
    return Percentile(time.table, time.values, 0.95, MS_PER_H)


@kpi("share", reads=("lines",), by="line")
def utilisation(world: Measured) -> dict[str, float | None]:
    """Time the busiest machine worked or was set up / open time of the line."""
    return {name: line.busy_s / line.open_s if line.open_s else None for name, line in world.lines.items()}


@kpi("share", "higher", reads=("lines",), by="line")
def oee(world: Measured) -> dict[str, float | None]:
    """Ideal cycle of the bottleneck x good pieces / planned busy time, its open time less its maintenance (ISO 22400-2:
    availability x effectiveness x quality), of lines that count pieces."""
    return _shares(world, lambda line: (line.ideal_s, _busy_s(line)))


@kpi("share", "higher", reads=("lines",), by="line")
def oee_availability(world: Measured) -> dict[str, float | None]:
    """Time the bottleneck worked / planned busy time, its open time less its maintenance."""
    return _shares(world, lambda line: (line.bottleneck_s("working"), _busy_s(line)))


@kpi("share", "higher", reads=("lines",), by="line")
def oee_effectiveness(world: Measured) -> dict[str, float | None]:
    """Ideal cycle of the bottleneck x pieces, good or not / time the bottleneck worked."""
    return _shares(world, lambda line: (_ideal_of_all(line), line.bottleneck_s("working")))


@kpi("share", "higher", reads=("lines",), by="line")
def oee_quality(world: Measured) -> dict[str, float | None]:
    """Good pieces / pieces, good or not."""
    return _shares(world, lambda line: (line.good, line.good + line.scrap))


@kpi("kg", "lower", reads=("legs",))
def co2(world: Measured) -> Sum:
    """CO2 of the ways really gone: of every lane that goods set out on after warm-up."""
    return world.leg_table.sum((leg.co2_mg for _, leg in world.legs), 1e6)


def _transfers(world: Measured) -> Sum:
    """The milliseconds that transfers took, a row each."""
    received = [s for s in world.receipts if s.kind == "transfer"]
    return world.shipped(received).sum(s.received_ms - s.departed_ms for s in received)


def _shares(world: Measured, of: Callable[[LineCount], tuple[float, float]]) -> dict[str, float | None]:
    """Line -> above / below, of lines that count pieces."""
    both = {name: of(line) for name, line in world.lines.items() if line.in_pieces}
    return {name: above / below if below else None for name, (above, below) in both.items()}


def _busy_s(line: LineCount) -> float:
    """Planned busy time: the open time of the bottleneck less its maintenance."""
    return line.open_s - line.bottleneck_s("maintenance")


def _ideal_of_all(line: LineCount) -> float:
    """What all pieces of a line would have taken at the ideal cycle, those scrapped as the good ones on average."""
    return line.ideal_s * (line.good + line.scrap) / line.good if line.good else 0.0
