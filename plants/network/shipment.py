"""A shipment on record: what stays known of a consignment when it has arrived. It moves nothing."""

from dataclasses import dataclass


@dataclass(slots=True)
class Shipment:
    """kind: of the order it serves (customer, transfer, purchase); departed_ms: when it left its site or supplier;
    received_ms: when the customer has it, or the site has taken it in, waiting at a full door included (-1: not yet,
    or never). Freight is that of the way planned when it left."""

    kind: str
    departed_ms: int
    freight_minor: int = 0
    handling_minor: int = 0
    received_ms: int = -1
