"""Messages: business events as a system published them, in the canonical names of the information world.

A message is an envelope (CloudEvents 1.0 attributes, milliseconds for time) around one of the typed bodies below.
Item codes inside a body are the *sender's*: a plant with `codes` writes its own, and a receiver translates.
"""

from typing import Any

import msgspec

from sync.vocabulary.decisions import Change


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """id: unique per source; source: `erp`, `lyon.mes`; type: key of BODIES; subject: what it is about;
    time_ms: when the system published it; noticed_ms: when the system learned of it; happened_ms: when it was so.
    `sequence` counts per source from 1 without gaps. A transport adds or drops nothing."""

    id: str
    source: str
    type: str
    subject: str
    time_ms: int
    data: dict[str, Any]
    sequence: int = 0
    noticed_ms: int = 0
    happened_ms: int = 0
    correlation_id: str = ""
    causation_id: str = ""


class Body(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every message body: keyword-only, closed."""


# --- ERP: orders, purchase orders, production orders, commitments -----------------------------------------------
class OrderCreated(Body, frozen=True, kw_only=True):
    """A customer order, as ERP accepted it. `site` ships it in the plan in force. Times ms, money minor units."""

    order: str
    customer: str
    item: str
    quantity: int
    ordered_ms: int
    due_ms: int
    site: str
    penalty_minor: int = 0
    penalty_per: str = "pcs"
    weight_g: int = 0
    service: str = ""
    carrier: str = ""
    port: str = ""
    transit_ms: int = -1
    partial: bool = False


class OrderChanged(Body, frozen=True, kw_only=True):
    order: str
    site: str
    port: str = ""
    carrier: str = ""


class OrderDelivered(Body, frozen=True, kw_only=True):
    order: str
    quantity: int


class ProductionOrderReleased(Body, frozen=True, kw_only=True):
    """`for_order`: the transfer or customer order it is pegged to ("" = to stock)."""

    order: str
    site: str
    line: str
    item: str
    quantity: int
    for_order: str = ""


class ProductionOrderChanged(Body, frozen=True, kw_only=True):
    order: str
    quantity: int


class TransferOrderCreated(Body, frozen=True, kw_only=True):
    order: str
    item: str
    quantity: int
    source: str
    target: str
    ordered_ms: int
    due_ms: int


class TransferOrderChanged(Body, frozen=True, kw_only=True):
    """`quantity` is the new total asked for; what has left stays counted."""

    order: str
    quantity: int


class PurchaseOrderCreated(Body, frozen=True, kw_only=True):
    order: str
    item: str
    quantity: int
    supplier: str
    target: str


# --- MES: execution per line ------------------------------------------------------------------------------------
class LineStopped(Body, frozen=True, kw_only=True):
    """`line` is dotted (`lyon.L1`). `expected_ms`: the maintenance estimate of the whole stop, -1 = unknown."""

    line: str
    reason: str
    since_ms: int
    expected_ms: int = -1


class LineResumed(Body, frozen=True, kw_only=True):
    line: str


class LineSlowed(Body, frozen=True, kw_only=True):
    """`factor_ppm`: 500_000 = half speed; 1_000_000 = normal again."""

    line: str
    factor_ppm: int
    since_ms: int
    expected_ms: int = -1


class MachineStopped(Body, frozen=True, kw_only=True):
    machine: str
    reason: str


class MachineResumed(Body, frozen=True, kw_only=True):
    machine: str


class ProductionConfirmed(Body, frozen=True, kw_only=True):
    """One lot is counted. `remaining`: pieces of the production order whose lots are not yet counted."""

    order: str
    line: str
    item: str
    lot: str
    good: int
    scrap: int
    remaining: int


class MaterialConsumed(Body, frozen=True, kw_only=True):
    order: str
    line: str
    item: str
    quantity: int


# --- WMS: receipts, picks, transfers; `on_hand` is the site's stock of the item after the move ------------------
class StockPosted(Body, frozen=True, kw_only=True):
    site: str
    item: str
    quantity: int
    on_hand: int
    reason: str


class ReceiptPosted(Body, frozen=True, kw_only=True):
    """Goods came in: from production (`order` PO-...), from another site (TO-...) or from a supplier (PU-...)."""

    site: str
    item: str
    quantity: int
    on_hand: int
    order: str


class Departed(Body, frozen=True, kw_only=True):
    """Goods left `source`: `transfer.departed` for transfers, `shipment.departed` for customer orders."""

    shipment: str
    order: str
    item: str
    quantity: int
    source: str
    target: str
    on_hand: int
    eta_ms: int


class Arrived(Body, frozen=True, kw_only=True):
    shipment: str
    order: str
    item: str
    quantity: int
    target: str


# --- TMS / carriers ---------------------------------------------------------------------------------------------
class LaneClosed(Body, frozen=True, kw_only=True):
    """`lane`: `lyon>dc-west`; a closed site closes every lane that touches it. `expected_ms`: -1 = unknown."""

    lane: str
    since_ms: int
    expected_ms: int = -1


class LaneOpened(Body, frozen=True, kw_only=True):
    lane: str


class LaneSlowed(Body, frozen=True, kw_only=True):
    lane: str
    factor_ppm: int
    since_ms: int
    expected_ms: int = -1


# --- QMS --------------------------------------------------------------------------------------------------------
class QualityHeld(Body, frozen=True, kw_only=True):
    site: str
    item: str
    quantity: int
    hold: str


class QualityDisposed(Body, frozen=True, kw_only=True):
    """`quality.released` or `quality.rejected`."""

    site: str
    item: str
    quantity: int
    hold: str


# --- supplier portal --------------------------------------------------------------------------------------------
class SupplierAcknowledged(Body, frozen=True, kw_only=True):
    order: str
    promised_ms: int


class AsnSent(Body, frozen=True, kw_only=True):
    order: str
    item: str
    quantity: int
    eta_ms: int


class AsnDelayed(Body, frozen=True, kw_only=True):
    order: str
    item: str
    quantity: int
    eta_ms: int


# --- people and the engine --------------------------------------------------------------------------------------
class ApprovalRequested(Body, frozen=True, kw_only=True):
    """The engine asks `role` to approve `proposal` (approval class `action`), extra cost in minor units. changes,
    unservable: as in DecisionMade."""

    proposal: str
    action: str
    role: str
    extra_cost_minor: int
    expires_ms: int
    changes: tuple[Change, ...] = ()
    unservable: int = 0


class ApprovalGiven(Body, frozen=True, kw_only=True):
    proposal: str
    approved: bool
    person: str
    reason: str = ""


class DecisionMade(Body, frozen=True, kw_only=True):
    """The engine's announcement of a decision, for everyone who listens; the whole of it is in the journal. changes:
    what it moves (sync.vocabulary.wording has the words); unservable: orders it found that nobody can serve."""

    decision: str
    workflow: str
    state: str
    changes: tuple[Change, ...] = ()
    unservable: int = 0


BODIES: dict[str, type[Body]] = {
    "order.created": OrderCreated,
    "order.changed": OrderChanged,
    "order.delivered": OrderDelivered,
    "production_order.released": ProductionOrderReleased,
    "production_order.changed": ProductionOrderChanged,
    "production_order.completed": ProductionOrderChanged,
    "transfer_order.created": TransferOrderCreated,
    "transfer_order.changed": TransferOrderChanged,
    "purchase_order.created": PurchaseOrderCreated,
    "line.stopped": LineStopped,
    "line.resumed": LineResumed,
    "line.slowed": LineSlowed,
    "machine.stopped": MachineStopped,
    "machine.resumed": MachineResumed,
    "production.confirmed": ProductionConfirmed,
    "material.consumed": MaterialConsumed,
    "stock.posted": StockPosted,
    "receipt.posted": ReceiptPosted,
    "transfer.departed": Departed,
    "transfer.arrived": Arrived,
    "shipment.departed": Departed,
    "shipment.arrived": Arrived,
    "lane.closed": LaneClosed,
    "lane.opened": LaneOpened,
    "lane.slowed": LaneSlowed,
    "quality.held": QualityHeld,
    "quality.released": QualityDisposed,
    "quality.rejected": QualityDisposed,
    "supplier.acknowledged": SupplierAcknowledged,
    "asn.sent": AsnSent,
    "asn.delayed": AsnDelayed,
    "approval.requested": ApprovalRequested,
    "approval.given": ApprovalGiven,
    "decision.made": DecisionMade,
}


def body_of(message: Message) -> Body:
    """The typed body of `message`. Raises KeyError for an unknown type, msgspec.ValidationError for a bad body."""
    return msgspec.convert(message.data, BODIES[message.type])


def data_of(body: Body) -> dict[str, Any]:
    """The plain JSON-able dict of a body."""
    return {name: getattr(body, name) for name in body.__struct_fields__}
