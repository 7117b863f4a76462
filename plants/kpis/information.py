"""KPIs of the information world: what got lost, and how far belief is from truth."""

from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured


@kpi("messages", "lower", reads=("messages",))
def messages_lost(world: Measured) -> float:
    """Messages that systems lost."""
    return float(world.messages)


@kpi("pcs", "lower", reads=("beliefs",), by="system")
def belief_gap(world: Measured) -> dict[str, float]:
    """Mean over time of |book - true stock|, summed over sites and items, sampled every 2,221 s after warm-up (a prime:
    no batch interval hides it)."""
    return world.beliefs
