"""KPIs of service: what customers got in time."""

from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured


@kpi("share", "higher", reads=("orders",))
def otif(world: Measured) -> float | None:
    """Orders delivered complete by their due date / orders placed after warm-up and due by the horizon."""
    return len(world.timely) / len(world.due) if world.due else None


@kpi("share", "higher", reads=("orders",))
def fill_rate(world: Measured) -> float | None:
    """Pieces delivered by the due date of their order / pieces ordered, of the orders placed after warm-up and due by
    the horizon; pieces that were cancelled or lost count as ordered."""
    ordered = sum(o.ordered for o in world.due)
    in_time = sum(pieces for o in world.due for at, pieces in o.deliveries if at <= o.due_ms)
    return in_time / ordered if ordered else None
