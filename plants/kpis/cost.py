"""KPIs of cost. Summed in minor units, told in the network's currency."""

from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured


@kpi("money", "lower", reads=("orders",))
def late_cost(world: Measured) -> float:
    """Sum over orders placed after warm-up: penalty x exact days from due to delivery (or to the horizon), per piece
    for each piece by its own delivery, per order until it is complete; what was cancelled is not late."""
    return world.lateness_minor / 100


@kpi("money", "lower", reads=("departures",))
def transfer_cost(world: Measured) -> float:
    """The part of lane_cost that transfers between sites caused."""
    return sum(s.freight_minor for s in world.departures if s.kind == "transfer") / 100


@kpi("money", "lower", reads=("departures",))
def lane_cost(world: Measured) -> float:
    """Freight of everything that departed after warm-up."""
    return _freight(world) / 100


@kpi("money", "lower", reads=("departures",))
def handling_cost(world: Measured) -> float:
    """Handling price x pieces that left plants after warm-up."""
    return _handling(world) / 100


@kpi("money", "lower", reads=("orders", "departures"))
def total_cost(world: Measured) -> float:
    """late_cost + lane_cost + handling_cost."""
    return (world.lateness_minor + _freight(world) + _handling(world)) / 100


def _freight(world: Measured) -> int:
    return sum(s.freight_minor for s in world.departures)


def _handling(world: Measured) -> int:
    return sum(s.handling_minor for s in world.departures)
