"""TMS: what the carriers report of lanes and shipments."""

from sync.vocabulary.messages.envelope import Body, message


class Arrived(Body, frozen=True, kw_only=True):
    shipment: str
    order: str
    item: str
    quantity: int
    target: str


@message("transfer.arrived")
class TransferArrived(Arrived, frozen=True, kw_only=True):
    """Goods of a transfer order are at the dock."""


@message("shipment.arrived")
class ShipmentArrived(Arrived, frozen=True, kw_only=True):
    """Goods of a customer order are with the customer."""


@message("shipment.lost")
class ShipmentLost(Body, frozen=True, kw_only=True):
    """Goods of an order were lost on a lane, at `since_ms`; its carrier reports it now."""

    shipment: str
    order: str
    item: str
    quantity: int
    source: str
    target: str
    lane: str
    since_ms: int


@message("lane.closed")
class LaneClosed(Body, frozen=True, kw_only=True):
    """`lane`: `lyon>dc-west`; a closed site closes every lane that touches it. `expected_ms`: -1 = unknown."""

    lane: str
    since_ms: int
    expected_ms: int = -1


@message("lane.opened")
class LaneOpened(Body, frozen=True, kw_only=True):
    lane: str


@message("lane.slowed")
class LaneSlowed(Body, frozen=True, kw_only=True):
    lane: str
    factor_ppm: int
    since_ms: int
    expected_ms: int = -1
