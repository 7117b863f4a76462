"""KPIs of service: what customers got in time."""

from plants.kpis.figures import Ratio
from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured, is_timely


@kpi("share", "higher", reads=("orders",))
def otif(world: Measured) -> Ratio:
    """Orders delivered complete by their due date / orders placed after warm-up and due by the horizon."""
    table, end = world.order_table, world.horizon_ms
    timely = table.sum(0 <= o.due_ms <= end and is_timely(o) for o in world.orders)
    return Ratio(timely, table.sum(0 <= o.due_ms <= end for o in world.orders))


@kpi("share", "higher", reads=("orders",))
def fill_rate(world: Measured) -> Ratio:
    """Pieces delivered by the due date of their order / pieces ordered, of the orders placed after warm-up and due by
    the horizon; pieces that were cancelled or lost count as ordered."""
    table, end = world.order_table, world.horizon_ms
    due = [o if 0 <= o.due_ms <= end else None for o in world.orders]
    in_time = table.sum(sum(n for at, n in o.deliveries if at <= o.due_ms) if o else 0 for o in due)
    return Ratio(in_time, table.sum(o.ordered if o else 0 for o in due))
