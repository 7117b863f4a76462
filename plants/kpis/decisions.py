"""KPIs of deciding: how quickly decisions took effect, and how much they moved."""

from plants.kpis.figures import Total
from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured, percentile
from plants.orders import ERP, CustomerOrder


@kpi("s", "lower", reads=("decisions",))
def decision_latency_p99(world: Measured) -> float | None:
    """99th percentile of the time from what triggered a decision (from the look itself, where it was a regular one) to
    its last acknowledged command."""
    latency_ms = percentile(world.decisions, 0.99)
    return None if latency_ms is None else latency_ms / 1000


@kpi("orders", reads=("orders", "moves"))
def orders_rerouted(world: Measured) -> Total:
    """What people or the engine moved: customer orders placed after warm-up that the rules had given to another site,
    served or not, and transfers and purchases of another source than that of ERP's rule."""
    return Total([world.order_table.sum(map(_is_moved, world.orders)), world.move_table.count()])


@kpi("pcs", reads=("orders", "moves"))
def pieces_rerouted(world: Measured) -> Total:
    """Pieces of the orders that orders_rerouted counts, as they were ordered, less what was cancelled."""
    moved = world.order_table.sum(o.standing if _is_moved(o) else 0 for o in world.orders)
    return Total([moved, world.move_table.sum(o.standing for o in world.moves)])


def _is_moved(order: CustomerOrder) -> bool:
    return order.site != order.first_site or order.by != ERP
