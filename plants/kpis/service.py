"""KPIs of service: what customers got in time."""

from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured


@kpi("share", "higher", reads=("orders",))
def otif(world: Measured) -> float | None:
    """Orders delivered complete by their due date / orders placed after warm-up and due by the horizon."""
    return len(world.timely) / len(world.due) if world.due else None


@kpi("share", "higher", reads=("orders",))
def fill_rate(world: Measured) -> float | None:
    """Pieces of orders delivered by their due date / pieces of orders placed after warm-up and due by the horizon."""
    pieces = sum(o.quantity for o in world.due)
    return sum(o.quantity for o in world.timely) / pieces if pieces else None
