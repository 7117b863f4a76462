"""KPIs of stock."""

from plants.kpis.figures import Ratio, Sum
from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured

AT_SITES = ("stock", "held")


@kpi("pcs", reads=("ledger",))
def stock(world: Measured) -> Sum | None:
    """Mean over time after warm-up of the pieces in stock, those held included."""
    return world.ledger.held(*AT_SITES).over(world.ms)


@kpi("pcs", reads=("ledger",))
def in_transit(world: Measured) -> Sum | None:
    """Mean over time after warm-up of the pieces on lanes, at their gates and at doors."""
    return world.ledger.held("transit").over(world.ms)


@kpi("1/a", "higher", reads=("departures", "ledger"))
def inventory_turns(world: Measured) -> Ratio | None:
    """Standard value of the pieces that left for customers after warm-up, a year of 365 days / mean over time of the
    standard value in stock, those held included."""
    left = world.departure_table.sum(s.quantity if s.kind == "customer" else 0 for s in world.departures)
    shipped, kept = world.valued(left).over(world.years), world.valued(world.ledger.held(*AT_SITES)).over(world.ms)
    return Ratio(shipped, kept) if shipped is not None and kept is not None else None
