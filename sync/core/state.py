"""What the engine believes: only what messages and acknowledgements told it, never the truth itself.

`evolve` owns a State and changes it in place (linear ownership: one owner at a time); `State.copy` serves what-ifs.
It holds what is open and, of what is over, as much as news may still be late about (KEPT_MS): its size follows the work
in hand, not the history. Refuses to know: clocks, files, how a message travelled.
"""

import copy
from collections import OrderedDict
from dataclasses import dataclass, field, fields
from typing import Any, NamedTuple

import msgspec

from sync.core.network import Network
from sync.core.spelling import sha256
from sync.vocabulary.commands import Ack, CreateTransfer, ReduceTransfer, ResourceOrder
from sync.vocabulary.decisions import Decision, Trigger, Unservable
from sync.vocabulary.messages import Message
from sync.vocabulary.quantities import MS_PER_DAY

# News comes minutes or hours late, after an outage days; no channel keeps it back for two weeks. What is later still
# finds its order forgotten: a repeated order.created would open it again, until the next message about it.
KEPT_MS = 14 * MS_PER_DAY


class CustomerOrder(msgspec.Struct):
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


class TransferOrder(msgspec.Struct):
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


class ProductionOrder(msgspec.Struct):
    """Work on a line. rank: place in the line's queue (order of release); remaining: pieces not yet counted."""

    id: str
    site: str
    line: str
    item: str
    quantity: int
    remaining: int
    for_order: str
    rank: int


class PurchaseOrder(msgspec.Struct):
    id: str
    item: str
    target: str
    remaining: int


class Shipment(msgspec.Struct):
    order: str
    item: str
    quantity: int
    target: str
    eta_ms: int


class LineBelief(msgspec.Struct):
    """down_since_ms -1: running. down_until_ms, slow_until_ms: when the stop, or the slow phase, is expected to end, -1
    unknown. factor_ppm: of its normal speed."""

    down_since_ms: int = -1
    down_until_ms: int = -1
    factor_ppm: int = 1_000_000
    slow_until_ms: int = -1


class Breakdown(msgspec.Struct, frozen=True):
    """What holds a line when nobody has reported a stop: a machine. until_ms: MES's estimate, -1 unknown."""

    machine: str
    since_ms: int
    until_ms: int


class LaneBelief(msgspec.Struct):
    """closed_since_ms -1: open. closed_until_ms -1: unknown. factor_ppm: of its normal speed."""

    closed_since_ms: int = -1
    closed_until_ms: int = -1
    factor_ppm: int = 1_000_000


class Sale(msgspec.Struct, frozen=True):
    """One observed order at a site: what forecasts are made of. lead_ms: from the order to when it must leave;
    penalty_micro: per piece and day."""

    time_ms: int
    quantity: int
    lead_ms: int
    penalty_micro: int


class Said(msgspec.Struct, frozen=True):
    """The last message about a place."""

    message: str
    source: str
    type: str
    subject: str


Asks = ResourceOrder | CreateTransfer | ReduceTransfer  # all that the engine ever asks for


class Sent(msgspec.Struct):
    """A command of a decision. state: waiting > sent > done | refused | failed | expired | dropped. after: it is sent
    only when that command is done."""

    id: str
    asks: Asks
    after: str = ""
    state: str = "waiting"
    not_after_ms: int = -1
    decision: str = ""


class Draft(msgspec.Struct, frozen=True):
    """A decision being made: the solver's answer is due at `due_ms`. basis: what the answer rests on, as a hash."""

    id: str
    scope: str
    workflow: str
    triggers: tuple[Trigger, ...]
    basis: str
    due_ms: int = -1
    retry: bool = False


class Past(NamedTuple):
    """When something was last heard of, and the pieces it moved."""

    at_ms: int
    pieces: int = 0


@dataclass
class State:
    """Everything. Dicts keep the order of the facts; deciding code sorts where order could matter. inbox: heard, not
    yet taken in; decisions: those that are not final, `commands` theirs, `open_commands` those not yet answered; ended:
    decisions the last fact made final, on their way to the archive; awaited: transfer orders asked for, not yet
    announced by ERP; early: pieces moved by an order or shipment not yet announced; closed: orders that are finished, a
    late repeat opens nothing; said: the last message about a place; refused_ms: when a person last said no."""

    network: Network
    inbox: list[Message | Ack] = field(default_factory=list)
    orders: dict[str, CustomerOrder] = field(default_factory=dict)
    transfers: dict[str, TransferOrder] = field(default_factory=dict)
    production: dict[str, ProductionOrder] = field(default_factory=dict)
    purchases: dict[str, PurchaseOrder] = field(default_factory=dict)
    shipments: dict[str, Shipment] = field(default_factory=dict)
    on_hand: dict[tuple[str, str], int] = field(default_factory=dict)
    held: dict[tuple[str, str], int] = field(default_factory=dict)
    lines: dict[str, LineBelief] = field(default_factory=dict)
    lanes: dict[str, LaneBelief] = field(default_factory=dict)
    breakdowns: dict[str, Breakdown] = field(default_factory=dict)  # line -> what it stands by; not projected
    sales: dict[tuple[str, str], list[Sale]] = field(default_factory=dict)
    commands: dict[str, Sent] = field(default_factory=dict)
    decisions: dict[str, Decision] = field(default_factory=dict)
    drafts: dict[str, Draft] = field(default_factory=dict)
    triggers: list[Trigger] = field(default_factory=list)
    open_commands: dict[str, Sent] = field(default_factory=dict)
    awaited: dict[str, Sent] = field(default_factory=dict)
    early: OrderedDict[str, Past] = field(default_factory=OrderedDict)
    closed: OrderedDict[str, Past] = field(default_factory=OrderedDict)
    ended: list[Decision] = field(default_factory=list)
    refused_ms: dict[str, int] = field(default_factory=dict)
    epoch: int = 1
    released: int = 0
    counter: int = 0
    announced: int = 0
    said: dict[tuple[str, str], Said] = field(default_factory=dict)
    news_ms: int = -1
    review_ms: int = 0

    def copy(self) -> "State":
        """An independent copy for what-ifs (the immutable network is shared)."""
        memo: dict[int, Any] = {id(self.network): self.network}
        return copy.deepcopy(self, memo)

    def hash(self) -> str:
        """One hash over everything that is believed; the network, which never changes, is left out."""
        parts = ((f.name, getattr(self, f.name)) for f in fields(self) if f.name != "network")
        return sha256([(name, list(part.items()) if isinstance(part, dict) else part) for name, part in parts])

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


def remember(book: OrderedDict[str, Past], name: str, past: Past) -> None:
    """Note what is over, and forget what has been for longer than KEPT_MS."""
    book[name] = past
    book.move_to_end(name)
    while next(iter(book.values())).at_ms < past.at_ms - KEPT_MS:
        book.popitem(last=False)


def close(state: State, name: str, now_ms: int) -> None:
    """The order is finished."""
    remember(state.closed, name, Past(now_ms))
