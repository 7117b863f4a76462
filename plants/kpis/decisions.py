"""KPIs of deciding: how quickly decisions took effect, and how much they moved."""

from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured, percentile


@kpi("s", "lower", reads=("decisions",))
def decision_latency_p99(world: Measured) -> float | None:
    """99th percentile of the time from what triggered a decision (from the look itself, where it was a regular one) to
    its last acknowledged command."""
    latency_ms = percentile(world.decisions, 0.99)
    return None if latency_ms is None else latency_ms / 1000


@kpi("orders", reads=("orders",))
def orders_rerouted(world: Measured) -> float:
    """Of the orders served, how many left from another site than first planned."""
    return float(sum(1 for o in world.served if o.site != o.first_site))
