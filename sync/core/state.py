"""What the engine believes: only what messages and acknowledgements told it, never the truth itself.

`evolve` owns a State and changes it in place (linear ownership: one owner at a time); `State.copy` serves what-ifs.
Refuses to know: clocks, files, how a message travelled.
"""

import copy
from dataclasses import dataclass, field
from typing import Any

from sync.core.network import Network
from sync.vocabulary.decisions import Decision, Trigger, Unservable


@dataclass(slots=True)
class CustomerOrder:
    """An open customer order. left: pieces that have left; made: its goods are finished; frozen: no longer movable."""

    id: str
    customer: str
    item: str
    quantity: int
    ordered_ms: int
    due_ms: int
    site: str
    penalty_minor: int
    penalty_per: str
    weight_g: int
    service: str
    carrier: str
    port: str
    transit_ms: int
    left: int = 0
    made: bool = False
    frozen: bool = False
    unservable: Unservable | None = None


@dataclass(slots=True)
class TransferOrder:
    """Goods one site is asked to send to another. sent, received: pieces, as the sites' WMS said. fixed: ERP refused to
    take anything off it."""

    id: str
    item: str
    quantity: int
    source: str
    target: str
    due_ms: int
    sent: int = 0
    received: int = 0
    fixed: bool = False

    @property
    def outstanding(self) -> int:
        return max(self.quantity - max(self.sent, self.received), 0)  # what came in had left


@dataclass(slots=True)
class ProductionOrder:
    """Work on a line. rank: place in the line's queue (order of release); remaining: pieces not yet counted."""

    id: str
    site: str
    line: str
    item: str
    quantity: int
    remaining: int
    for_order: str
    rank: int


@dataclass(slots=True)
class PurchaseOrder:
    id: str
    item: str
    target: str
    remaining: int
    eta_ms: int = -1


@dataclass(slots=True)
class Shipment:
    order: str
    item: str
    quantity: int
    target: str
    eta_ms: int


@dataclass(slots=True)
class LineBelief:
    """since_ms -1: running. until_ms: when the stop (or the slow phase) is expected to end, -1 unknown."""

    down_since_ms: int = -1
    down_until_ms: int = -1
    factor_ppm: int = 1_000_000
    slow_until_ms: int = -1


@dataclass(slots=True)
class LaneBelief:
    """since_ms -1: open. until_ms -1: unknown."""

    closed_since_ms: int = -1
    closed_until_ms: int = -1
    factor_ppm: int = 1_000_000


@dataclass(frozen=True, slots=True)
class Sale:
    """One observed order at a site: what forecasts are made of. lead_ms: from the order to when it must leave;
    penalty_micro: per piece and day."""

    time_ms: int
    quantity: int
    lead_ms: int
    penalty_micro: int


@dataclass(frozen=True, slots=True)
class Said:
    """The last message about a place."""

    message: str
    source: str
    type: str
    subject: str


@dataclass(slots=True)
class Sent:
    """A command of a decision. state: waiting > sent > done | refused | failed | expired | dropped. after: it is sent
    only when that command is done; retry: the decision it belongs to was itself an answer to a refusal."""

    id: str
    type: str
    data: dict[str, Any]
    after: str = ""
    state: str = "waiting"
    not_after_ms: int = -1
    decision: str = ""
    reason: str = ""


@dataclass(slots=True)
class Draft:
    """A decision being made: greedy answer ready, the solver's answer due at `due_ms`."""

    id: str
    scope: str
    workflow: str
    triggers: tuple[Trigger, ...]
    basis: str
    due_ms: int
    payload: Any
    retry: bool = False


@dataclass
class State:
    """Everything. Dicts keep the order of the facts; deciding code sorts where order could matter."""

    network: Network
    orders: dict[str, CustomerOrder] = field(default_factory=dict)
    transfers: dict[str, TransferOrder] = field(default_factory=dict)
    production: dict[str, ProductionOrder] = field(default_factory=dict)
    purchases: dict[str, PurchaseOrder] = field(default_factory=dict)
    shipments: dict[str, Shipment] = field(default_factory=dict)
    on_hand: dict[tuple[str, str], int] = field(default_factory=dict)
    held: dict[tuple[str, str], int] = field(default_factory=dict)
    lines: dict[str, LineBelief] = field(default_factory=dict)
    lanes: dict[str, LaneBelief] = field(default_factory=dict)
    machines_down: dict[str, int] = field(default_factory=dict)
    sales: dict[tuple[str, str], list[Sale]] = field(default_factory=dict)
    commands: dict[str, Sent] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    triggers: list[Trigger] = field(default_factory=list)
    open_commands: dict[str, Sent] = field(default_factory=dict)
    awaited: dict[str, Sent] = field(default_factory=dict)  # transfer orders asked for, not yet announced by ERP
    early: dict[str, int] = field(default_factory=dict)  # pieces moved by an order or shipment not yet announced
    closed: dict[str, bool] = field(default_factory=dict)  # orders that are finished: a late repeat opens nothing
    released: int = 0
    counter: int = 0
    said: dict[tuple[str, str], Said] = field(default_factory=dict)
    news_ms: int = -1
    review_ms: int = 0
    retry: bool = False

    def copy(self) -> "State":
        """An independent copy for what-ifs (the immutable network is shared)."""
        memo: dict[int, Any] = {id(self.network): self.network}
        return copy.deepcopy(self, memo)

    def make_to_order(self, order: CustomerOrder) -> bool:
        """Made for the customer at the plant that ships it, instead of taken from a stocking place."""
        return self.network.makes(order.site, order.item)


def initial(network: Network) -> State:
    """What is known before the first message: the stock master data speaks of."""
    state = State(network)
    for site in network.master.sites:
        for item, pieces in site.stock.items():
            state.on_hand[site.id, item] = pieces
    return state
