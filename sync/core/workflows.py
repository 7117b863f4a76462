"""What the engine does about what: each workflow is a short list of named rules, looked up by its trigger.

    line-stopped, line-slowed, lane-closed   at once, when it lasts long enough to matter
    order-at-risk                            a look every REVIEW_MS, soon after new orders, and when a stop ends

A rule takes the state and returns a Case, or None when the trigger touches nothing. Machine breakdowns trigger
nothing, though they stop a line: the next look sees whether an order became late by them.
"""

from collections.abc import Callable
from dataclasses import dataclass

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


def made_to_order_work(state: State) -> tuple[int, ...]:
    """How much is open to be made, and was ever released."""
    return (len(state.orders), len(state.production), state.released)


def has_stocking_places(state: State) -> bool:
    """Whether customers were seen to draw from stock."""
    return bool(state.sales)


@dataclass(frozen=True)
class Scope:
    """Something that is decided at a time. applies: cheap, asked first; rule: projects the plan in force; basis: what
    else than lines, lanes and commands an answer rests on; on_news: without a trigger it is looked at when new orders
    came, and says which of them nobody can serve, else at every periodic look."""

    name: str
    applies: Callable[[State], bool]
    rule: Rule
    basis: Callable[[State], tuple[int, ...]] = lambda state: ()
    on_news: bool = False


ORDERS = Scope("orders", has_made_to_order, serve_made_to_order, made_to_order_work, on_news=True)
STOCK = Scope("stock", has_stocking_places, supply_stocking_places)
SCOPES = {scope.name: scope for scope in (ORDERS, STOCK)}


@dataclass(frozen=True)
class Workflow:
    """One row of what the engine does about what. triggers: codes of what `evolve` notices."""

    name: str
    triggers: tuple[str, ...]
    scopes: tuple[Scope, ...]


AT_RISK = ("line-resumed", "lane-opened", "command-refused", "orders-late")
# In the order in which they go first when several triggers come at once: a disruption before a risk.
WORKFLOWS = (
    Workflow("line-stopped", ("line-stopped",), (ORDERS, STOCK)),
    Workflow("line-slowed", ("line-slowed",), (ORDERS, STOCK)),
    Workflow("lane-closed", ("lane-closed",), (ORDERS, STOCK)),
    Workflow("order-at-risk", AT_RISK, (ORDERS, STOCK)),
)


def workflow_of(triggers: tuple[Trigger, ...]) -> Workflow:
    """The workflow that simultaneous triggers belong to; without any it is a regular look at orders at risk."""
    codes = {t.code for t in triggers}
    return next((w for w in WORKFLOWS if codes.intersection(w.triggers)), WORKFLOWS[-1])
