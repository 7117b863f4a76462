"""What the engine does about what: each workflow is a short list of named rules, looked up by its trigger.

    line-stopped, line-slowed, lane-closed   at once, when it lasts long enough to matter
    order-at-risk                            a look every REVIEW_MS, soon after new orders, and when a stop ends

A rule takes the state and returns a Case, or None when the trigger touches nothing. Machine breakdowns trigger
nothing, though they stop a line: the next look sees whether an order became late by them.
"""

from collections.abc import Callable

from sync.core.classes import MakeToOrder
from sync.core.plan import Case
from sync.core.pools import MakeToStock
from sync.core.projection import Projection
from sync.core.state import State
from sync.vocabulary.decisions import Trigger
from sync.vocabulary.quantities import MS_PER_H

REVIEW_MS = 6 * MS_PER_H  # projected promises are compared with due dates this often, of virtual time
RECONSIDER_MS = 24 * MS_PER_H  # after a person said no
SETTLE_MS = 60_000  # new orders are looked at together, this long after the first

WORKFLOW_OF: dict[str, str] = {
    "line-stopped": "line-stopped",
    "line-slowed": "line-slowed",
    "lane-closed": "lane-closed",
    "line-resumed": "order-at-risk",
    "lane-opened": "order-at-risk",
    "command-refused": "order-at-risk",
    "orders-late": "order-at-risk",
}
_FIRST = ("line-stopped", "line-slowed", "lane-closed", "order-at-risk")

Rule = Callable[[State, Projection], Case | None]


def serve_made_to_order(state: State, view: Projection) -> Case | None:
    """Customer orders that plants make on order: another plant, another port."""
    case = MakeToOrder(state, view)
    return case if case.at_risk() > 0 or case.has_news() else None


def supply_stocking_places(state: State, view: Projection) -> Case | None:
    """Places customers draw from: other makers, stock of other places."""
    case = MakeToStock(state, view)
    return case if case.at_risk() >= case.worth_a_look() else None


def has_made_to_order(state: State) -> bool:
    """Whether any open order is made for its customer."""
    return any(not o.left and state.make_to_order(o) for o in state.orders.values())


def has_stocking_places(state: State) -> bool:
    """Whether customers were seen to draw from stock."""
    return bool(state.sales)


# scope -> (does it apply, the rule); the first is cheap, the second projects the plan in force
APPLIES: dict[str, Callable[[State], bool]] = {"orders": has_made_to_order, "stock": has_stocking_places}
RULES: dict[str, Rule] = {"orders": serve_made_to_order, "stock": supply_stocking_places}

WORKFLOWS: dict[str, tuple[str, ...]] = {
    "line-stopped": ("orders", "stock"),
    "line-slowed": ("orders", "stock"),
    "lane-closed": ("orders", "stock"),
    "order-at-risk": ("orders", "stock"),
}


def workflow_of(triggers: tuple[Trigger, ...]) -> str:
    """The workflow that several simultaneous triggers belong to: a disruption before a risk."""
    names = {WORKFLOW_OF[t.code] for t in triggers}
    return next((w for w in _FIRST if w in names), "order-at-risk")
