"""A decision as a value: what set it off, what was exposed, what was weighed, what is moved, who agrees, what bound it.

    Decision -- triggers: Trigger    why the engine looked
             |- exposure: Exposure   what the plan in force would serve late
             |- alternatives         whole plans with their exact cost
             |- moves, kept: Move -- options: Option -- reason: Reason
             |- classes: OrderClass  options of many like orders at once (`Move.options_of` points here)
             |- unservable           orders no place can serve, place by place with the Reason
             |- binding: Binding     limits that were full, and what one more unit would have saved
             `- approval, commands, state, history

Codes and numbers only: no sentence is made here or in the core (sync.vocabulary.wording and the answers do that, last).
Everything is frozen; what changes its state is a new value. Money is minor units, times and durations are ms.
"""

from collections import Counter

import msgspec


# --- reasons: why a place could not serve, or how it could ------------------------------------------------------------
class Code(msgspec.Struct, frozen=True, tag_field="code"):
    """Base of every reason; `code` is its tag in JSON."""


class NotMade(Code, frozen=True, tag="not_made"):
    """The place does not make the item."""


class NoneInStock(Code, frozen=True, tag="none_in_stock"):
    """A place that makes nothing of it and has none to give."""


class NoRoute(Code, frozen=True, tag="no_route"):
    """No chain of open lanes leads there."""


class NotAllowed(Code, frozen=True, tag="not_allowed"):
    """The place may not deliver to the customer (VMI)."""

    customer: str


class LineDown(Code, frozen=True, tag="line_down"):
    """Its line is down too long. until_ms: rounded up to the whole day, so that a promise that slips by an hour is no
    news."""

    line: str
    until_ms: int


class NoCapacity(Code, frozen=True, tag="no_capacity"):
    """Its line has no open time left before the horizon."""


class QueueEnds(Code, frozen=True, tag="queue_ends"):
    """It could, behind the queue of its line. at_ms: when that ends, -1 beyond the horizon; port: the way it goes."""

    at_ms: int
    port: str = ""


class CanSupply(Code, frozen=True, tag="can_supply"):
    """It could. stock: pieces there; line: a line that makes the item ("" none), free again in `ready_ms`."""

    transit_ms: int
    stock: int = 0
    line: str = ""
    ready_ms: int = 0


Reason = NotMade | NoneInStock | NoRoute | NotAllowed | LineDown | NoCapacity | QueueEnds | CanSupply


# --- the parts --------------------------------------------------------------------------------------------------------
class Trigger(msgspec.Struct, frozen=True, omit_defaults=True):
    """Why the engine looked. code: line-stopped | line-slowed | line-resumed | lane-closed | lane-opened |
    command-refused | orders-late; target: line, lane, command or scope; message: id of what was heard ("" nothing);
    source, type, subject: who said what about what; expected_ms: length of a stop, -1 unknown; status, reason: of a
    refused command, in its system's own words."""

    code: str
    target: str
    message: str = ""
    source: str = ""
    type: str = ""
    subject: str = ""
    expected_ms: int = -1
    factor_ppm: int = 1_000_000
    status: str = ""
    reason: str = ""


class Exposure(msgspec.Struct, frozen=True):
    """What the plan in force serves late or never. orders: at most 200 names of orders_total; revenue_minor: of open
    orders; forecast_minor: worth of late_pieces, expected demand included (networks that serve from stock)."""

    lines: tuple[str, ...] = ()
    orders: tuple[str, ...] = ()
    items: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    customers: tuple[str, ...] = ()
    revenue_minor: int = 0
    forecast_minor: int = 0
    late_pieces: int = 0
    orders_total: int = 0


class Alternative(msgspec.Struct, frozen=True):
    """A whole plan that was weighed. plan: keep | greedy | solver; cost = late + carry. Of a network that serves from
    stock it covers the whole outlook, expected demand included; of one that makes to order, all open orders."""

    plan: str
    cost_minor: int
    late_minor: int
    carry_minor: int
    moves: int
    chosen: bool = False


class Option(msgspec.Struct, frozen=True):
    """One place for a move. cost_minor: freight and handling, per 100 pieces of goods for stock, mean of its class for
    a customer order; late_ms: until goods could be there, or how late the order would be."""

    site: str
    reason: Reason
    feasible: bool = False
    cost_minor: int = 0
    late_ms: int = 0
    chosen: bool = False


class OrderClass(msgspec.Struct, frozen=True):
    """Options of `orders` like customer orders, cost as their mean, lateness at the end of the present queue."""

    orders: int
    options: tuple[Option, ...]


class Replaced(msgspec.Struct, frozen=True):
    """Pieces that a new order takes off an old one."""

    order: str
    quantity: int


class Move(msgspec.Struct, frozen=True):
    """One change. kind: resource (a customer order goes to another place) | reroute (made elsewhere for stock) |
    transfer (taken from another place's stock) | keep (late, and left as it is); source: where it would have come
    from; to: where from now; options_of: key of Decision.classes, else `options` stand here."""

    order: str
    kind: str
    item: str
    quantity: int
    source: str
    to: str
    target: str
    extra_cost_minor: int = 0
    late_ms_before: int = 0
    late_ms_after: int = 0
    new_order: str = ""
    replaces: tuple[Replaced, ...] = ()
    options: tuple[Option, ...] = ()
    options_of: str = ""

    @property
    def for_stock(self) -> bool:
        """Whether it makes or takes goods for stock: its options are priced per 100 pieces and timed from now."""
        return self.kind in ("reroute", "transfer")

    def names(self) -> set[str]:
        """Every order it is about."""
        return ({self.order, self.new_order} | {r.order for r in self.replaces}) - {""}


class SiteReason(msgspec.Struct, frozen=True):
    """Why one place cannot."""

    site: str
    reason: Reason


class Unservable(msgspec.Struct, frozen=True):
    """A customer order that no place can serve; `sites`: those that make its item (none: nobody does)."""

    order: str
    item: str
    sites: tuple[SiteReason, ...] = ()


class Binding(msgspec.Struct, frozen=True):
    """A limit that was full, and the minor units one more unit of it would have saved. kind: line (an hour of it on the
    day of at_ms) | stock (a piece) | on_order (a piece due on the day of at_ms) | components (100 pieces)."""

    kind: str
    place: str
    saves_minor: int
    item: str = ""
    at_ms: int = -1


class ApprovalNeed(msgspec.Struct, frozen=True):
    """Who must agree. code: always_automatic | always_asked | above_limit | below_limit."""

    action: str
    needed: bool
    by: str
    extra_cost_minor: int
    auto_below_minor: int
    code: str


class HistoryStep(msgspec.Struct, frozen=True):
    """A state the decision came to, when, and by whom."""

    state: str
    time_ms: int
    by: str


class Change(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a decision changes, small enough for an announcement. resource: `count` customer orders go to `site`;
    reroute, transfer: `count` pieces of `item` are made at, or taken from, `site` for `target`."""

    kind: str
    site: str
    count: int
    item: str = ""
    target: str = ""


# --- the whole --------------------------------------------------------------------------------------------------------
class Decision(msgspec.Struct, frozen=True, kw_only=True):
    """What the engine decided. workflow: a row of the core's WORKFLOWS; scope: orders | stock; gap_minor: how far the
    plan may be from the best one, None when no bound is known; commands: ids; expires_ms: when a proposal
    falls, -1 never; retry: it answers a refused command; state: see sync.core.policy."""

    id: str
    time_ms: int
    workflow: str
    scope: str = ""
    triggers: tuple[Trigger, ...] = ()
    exposure: Exposure = Exposure()
    alternatives: tuple[Alternative, ...] = ()
    moves: tuple[Move, ...] = ()
    kept: tuple[Move, ...] = ()
    classes: dict[str, OrderClass] = {}
    unservable: tuple[Unservable, ...] = ()
    binding: tuple[Binding, ...] = ()
    gap_minor: int | None = None
    plan_hash: str = ""
    approval: ApprovalNeed
    approval_id: str = ""
    commands: tuple[str, ...] = ()
    expires_ms: int = -1
    retry: bool = False
    state: str = "proposed"
    history: tuple[HistoryStep, ...] = ()

    @property
    def causes(self) -> tuple[str, ...]:
        """Ids of the messages (and refused commands) that set it off."""
        return tuple(t.message for t in self.triggers if t.message)

    @property
    def chosen(self) -> Alternative | None:
        """The plan that was chosen."""
        return next((a for a in self.alternatives if a.chosen), None)

    @property
    def is_forecast(self) -> bool:
        """Whether its plans cost expected demand too: those of networks that serve from stock."""
        return bool(self.alternatives) and any(m.for_stock for m in self.moves)

    def orders(self) -> set[str]:
        """Every order it names."""
        named = {name for move in (*self.moves, *self.kept) for name in move.names()}
        return named | set(self.exposure.orders) | {u.order for u in self.unservable}

    def moves_of(self, names: set[str]) -> tuple[Move, ...]:
        """The moves, and orders kept, that concern one of the orders."""
        return tuple(m for m in (*self.moves, *self.kept) if names & m.names())

    def options_of(self, move: Move) -> tuple[Option, ...]:
        """A move's options, written in the move itself or once for its whole class of orders."""
        of_class = self.classes.get(move.options_of)
        if of_class is None:
            return move.options
        return tuple(msgspec.structs.replace(o, chosen=o.site == move.to) for o in of_class.options)

    def changes(self) -> tuple[Change, ...]:
        """Its moves, customer orders counted by the place they go to."""
        places = Counter(m.to for m in self.moves if not m.for_stock)
        resourced = (Change("resource", site, count) for site, count in sorted(places.items()))
        return (*resourced, *(Change(m.kind, m.to, m.quantity, m.item, m.target) for m in self.moves if m.for_stock))
