"""KPIs of stock."""

from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured


@kpi("1/a", "higher", reads=("orders", "samples"))
def inventory_turns(world: Measured) -> float | None:
    """Value shipped to customers per year / mean value in stock, sampled every 6 h after warm-up."""
    seen = world.samples
    mean = seen.stock_value / seen.samples if seen.samples else 0.0
    if not mean or not world.years:
        return None
    value = {i.id: i.value_minor for i in world.network.spec.items}
    return sum(o.quantity * value[o.item] for o in world.served) / world.years / mean
