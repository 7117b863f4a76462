"""ERP: what it carries out on the orders it owns."""

from sync.vocabulary.commands.envelope import CommandBody, Instant, Pieces, command


@command(executed_by="erp")
class ResourceOrder(CommandBody, frozen=True, kw_only=True, tag="order.resource"):
    """Serve a customer order from another site. Refused once anything of it has left."""

    order: str
    site: str
    port: str = ""
    carrier: str = ""


@command(executed_by="erp")
class CreateTransfer(CommandBody, frozen=True, kw_only=True, tag="transfer_order.create"):
    """Ask `source` to send `quantity` of `item` to `target`. A plant that makes the item ships
    free stock and raises a production order for the rest, on `line` when it is given."""

    order: str
    item: str
    quantity: Pieces
    source: str
    target: str
    due_ms: Instant
    line: str = ""


@command(executed_by="erp")
class ReduceTransfer(CommandBody, frozen=True, kw_only=True, tag="transfer_order.reduce"):
    """Take `quantity` pieces off what `order` has still to send, with the production behind it: at most what
    has not left; refused when that is nothing. Lots that are started stay."""

    order: str
    quantity: Pieces
