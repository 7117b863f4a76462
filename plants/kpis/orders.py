"""KPIs of orders: how many were served, and how soon a given list of them was cleared."""

from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured
from sync.vocabulary.quantities import MS_PER_DAY


@kpi("orders", reads=("orders",))
def orders_total(world: Measured) -> float:
    """Customer orders placed after warm-up."""
    return float(len(world.orders))


@kpi("orders", "higher", reads=("orders",))
def orders_served(world: Measured) -> float:
    """Of the orders placed after warm-up, how many have left their plant or warehouse complete before the horizon, with
    nothing lost on the way or cancelled."""
    return float(len(world.served))


@kpi("orders", "lower", reads=("orders",))
def orders_unservable(world: Measured) -> float:
    """Of the orders placed after warm-up, how many no way could serve under the scenario's disruptions."""
    return float(sum(1 for o in world.orders if world.unservable.get(o.id)))


@kpi("orders", "lower", reads=("orders",))
def orders_unpriced(world: Measured) -> float:
    """Of the orders served, how many fell outside every weight band of their lane."""
    return float(sum(1 for o in world.served if not o.priced))


@kpi("d", "lower", reads=("orders",))
def clear_days(world: Measured) -> float | None:
    """The day on which the last servable order was completed (left its site); none if never, or if orders are drawn
    without end."""
    if not _are_given(world):
        return None
    left = [o.left_ms for o in world.orders if not world.unservable.get(o.id)]
    if not left or min(left) < 0:
        return None
    return float(max(-(-max(left) // MS_PER_DAY), 1))


@kpi("orders", "higher", reads=("orders",))
def first_day_orders(world: Measured) -> float | None:
    """Orders completed on day 1; none if orders are drawn without end."""
    return float(sum(1 for o in world.orders if 0 <= o.left_ms <= MS_PER_DAY)) if _are_given(world) else None


def _are_given(world: Measured) -> bool:
    """Whether orders are a given list: a stream of orders is never cleared."""
    return any(c.orders for c in world.network.spec.customers)
