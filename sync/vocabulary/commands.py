"""Commands ask a system to act; acknowledgements say what came of it. A system applies each command id at most once."""

from typing import Any, Literal

import msgspec

from sync.vocabulary.messages import Body


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """id: `<decision>/<n>`; target: the system (`erp`); type: key of COMMANDS; not_after_ms: expires then;
    epoch: fencing token of the engine that sent it; plan_hash: the plan it belongs to."""

    id: str
    target: str
    type: str
    time_ms: int
    not_after_ms: int
    data: dict[str, Any]
    epoch: int = 1
    plan_hash: str = ""
    approval_id: str = ""
    correlation_id: str = ""
    causation_id: str = ""


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """What a system answered. `reason` is filled when refused or failed."""

    command: str
    source: str
    time_ms: int
    status: Literal["done", "refused", "failed", "expired", "duplicate"]
    reason: str = ""


class ResourceOrder(Body, frozen=True, kw_only=True):
    """Serve a customer order from another site: `order.resource`. Refused once anything of it has left."""

    order: str
    site: str
    port: str = ""
    carrier: str = ""


class CreateTransfer(Body, frozen=True, kw_only=True):
    """Ask `source` to send `quantity` of `item` to `target`: `transfer_order.create`. A plant that makes the item ships
    free stock and raises a production order for the rest, on `line` when it is given."""

    order: str
    item: str
    quantity: int
    source: str
    target: str
    due_ms: int
    line: str = ""


class ReduceTransfer(Body, frozen=True, kw_only=True):
    """Take `quantity` pieces off what `order` has still to send, with the production behind it
    (`transfer_order.reduce`): at most what has not left; refused when that is nothing. Lots that are started stay."""

    order: str
    quantity: int


COMMANDS: dict[str, type[Body]] = {
    "order.resource": ResourceOrder,
    "transfer_order.create": CreateTransfer,
    "transfer_order.reduce": ReduceTransfer,
}
