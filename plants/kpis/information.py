"""KPIs of the information world: what got lost, and how far belief is from truth."""

from collections.abc import Mapping

from plants.kpis.figures import Sum, Table
from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured


@kpi("messages", "lower", reads=("messages",))
def messages_lost(world: Measured) -> Sum:
    """Messages that systems lost."""
    return _fate(world, "lost")


@kpi("messages", "lower", reads=("messages",))
def messages_unreadable(world: Measured) -> Sum:
    """Messages that arrived damaged: nobody can read them."""
    return _fate(world, "unreadable")


@kpi("messages", "lower", reads=("messages",))
def messages_dead_lettered(world: Measured) -> Sum:
    """Messages with an item code that nobody knows: whoever needs the item lays them aside."""
    return _fate(world, "unknown-code")


@kpi("pcs", "lower", reads=("beliefs",), by="system")
def belief_gap(world: Measured) -> Mapping[str, Sum | None]:
    """Mean over time after warm-up of |book - free stock that is there|, summed over sites and items; what the
    ledger writes in several steps counts as spread evenly over their time."""
    return {system: gap.over(world.ms) for system, gap in world.beliefs.items()}


def _fate(world: Measured, fate: str) -> Sum:
    """A row for each message that met with it, by the system that sent it."""
    sources = [source for source, became in world.messages.went_wrong if became == fate]
    return Table.of(len(sources), {"system": world.messages.sources}, {"system": sources}).count()
