"""Supplier portal: acknowledgements and advance shipping notices."""

from sync.vocabulary.messages.envelope import Body, message


@message("supplier.acknowledged")
class SupplierAcknowledged(Body, frozen=True, kw_only=True):
    order: str
    promised_ms: int


@message("asn.sent")
class AsnSent(Body, frozen=True, kw_only=True):
    order: str
    item: str
    quantity: int
    eta_ms: int


@message("asn.delayed")
class AsnDelayed(Body, frozen=True, kw_only=True):
    order: str
    item: str
    quantity: int
    eta_ms: int
