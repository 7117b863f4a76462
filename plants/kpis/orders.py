"""KPIs of orders: how many were served, and how soon a given list of them was cleared."""

from plants.kpis.figures import Sum
from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured, is_served
from plants.orders import CustomerOrder
from sync.vocabulary.quantities import MS_PER_DAY


@kpi("orders", reads=("orders",))
def orders_total(world: Measured) -> Sum:
    """Customer orders placed after warm-up."""
    return world.order_table.count()


@kpi("orders", "higher", reads=("orders",))
def orders_served(world: Measured) -> Sum:
    """Of the orders placed after warm-up, how many have left their plant or warehouse complete before the horizon, with
    nothing lost on the way or cancelled. Goods at the gate of a full lane have not left."""
    return world.order_table.sum(is_served(o) for o in world.orders)


@kpi("orders", "lower", reads=("orders",))
def orders_unservable(world: Measured) -> Sum:
    """Of the orders placed after warm-up, how many no way could serve under the scenario's disruptions."""
    return world.order_table.sum(bool(world.unservable.get(o.id)) for o in world.orders)


@kpi("orders", "lower", reads=("orders",))
def orders_unpriced(world: Measured) -> Sum:
    """Of the orders served, how many fell outside every weight band of their lane."""
    return world.order_table.sum(is_served(o) and not o.priced for o in world.orders)


@kpi("d", "lower", reads=("orders",))
def clear_days(world: Measured) -> float | None:
    """The day on which the last order of the given lists left its site complete; those that were wholly cancelled, and
    those that no way could serve, are not waited for; none if some never left, or if no list of orders is given."""
    left = [o.left_ms for o in _given(world) if not world.unservable.get(o.id) and o.state != "cancelled"]
    if not left or min(left) < 0:
        return None
    return float(max(-(-max(left) // MS_PER_DAY), 1))


@kpi("orders", "higher", reads=("orders",))
def first_day_orders(world: Measured) -> float | None:
    """Orders of the given lists that left their site complete on day 1; none if no list of orders is given."""
    given = _given(world)
    return float(sum(1 for o in given if 0 <= o.left_ms <= MS_PER_DAY)) if given else None


def _given(world: Measured) -> list[CustomerOrder]:
    """The orders of customers that have a list of them: a stream of orders is never cleared."""
    listed = {c.id for c in world.network.spec.customers if c.orders}
    return [o for o in world.orders if o.customer in listed]
