"""KPIs of flow: what waits, what is on the lines, what comes out of them, what keeps them from it, and how long goods
travel between sites."""

from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured, percentile
from sync.vocabulary.quantities import MS_PER_H


@kpi("pcs", "lower", reads=("samples",))
def backlog_peak(world: Measured) -> float:
    """Most pieces of customer orders that had been placed and had not left, sampled every 6 h after warm-up."""
    return float(world.samples.backlog_peak)


@kpi("pcs/h", "higher", reads=("lines",))
def throughput(world: Measured) -> float | None:
    """Good pieces out of all lines after warm-up / hours after warm-up."""
    return sum(line.good for line in world.lines.values()) / world.hours if world.hours else None


@kpi("pcs", "lower", reads=("samples",))
def wip(world: Measured) -> float | None:
    """Mean pieces on lines, sampled every 6 h after warm-up."""
    return world.samples.wip / world.samples.samples if world.samples.samples else None


@kpi("h", "lower", reads=("lines",))
def unplanned_downtime(world: Measured) -> float:
    """Planned line-hours after warm-up in which a station had no working machine because of a breakdown or a
    disruption."""
    return sum((line.down_s for line in world.lines.values()), 0.0) / 3600


@kpi("h", "lower", reads=("receipts",))
def transfer_cycle_time(world: Measured) -> float | None:
    """Mean time from departure to receipt over the consignments of transfers received after warm-up, waiting at gates
    and doors included; none without any."""
    times_ms = _transfer_times_ms(world)
    return sum(times_ms) / len(times_ms) / MS_PER_H if times_ms else None


@kpi("h", "lower", reads=("receipts",))
def transfer_cycle_time_p95(world: Measured) -> float | None:
    """95th percentile of the times that transfer_cycle_time is the mean of."""
    time_ms = percentile(_transfer_times_ms(world), 0.95)
    return None if time_ms is None else time_ms / MS_PER_H


@kpi("share", reads=("lines",), by="line")
def utilisation(world: Measured) -> dict[str, float | None]:
    """Time the bottleneck machine worked / open time of the line."""
    return {name: line.busy_s / line.open_s if line.open_s else None for name, line in world.lines.items()}


@kpi("share", "higher", reads=("lines",), by="line")
def oee(world: Measured) -> dict[str, float | None]:
    """Ideal cycle of the bottleneck x good pieces / open time (ISO 22400-2, elements summed), of lines that count
    pieces."""
    return {
        name: line.ideal_s / line.open_s if line.open_s else None
        for name, line in world.lines.items()
        if line.in_pieces
    }


def _transfer_times_ms(world: Measured) -> list[int]:
    return [s.received_ms - s.departed_ms for s in world.receipts if s.kind == "transfer"]
