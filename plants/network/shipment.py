"""A shipment on record: what stays known of goods that left together, and of the way they really went.

left its site --> leg --> leg --> there            a leg that was begun and not finished says how it ended:
                    \\-> diverted, returned (and the leg back), lost
"""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Leg:
    """One lane of a shipment's way, from the gate. begin_ms, end_ms: when it was on it (-1: still is). freight_minor:
    due when it leaves the gate, less what is refunded; co2_mg: of the way really gone. ended: `there`, `diverted`,
    `returned` (turned round), `back` (the leg back is done), `lost`; "" while it is on it."""

    lane: str
    begin_ms: int
    end_ms: int = -1
    freight_minor: int = 0
    co2_mg: int = 0
    back: bool = False  # towards the gate
    ended: str = ""


@dataclass(slots=True)
class Shipment:
    """kind: of the order it serves (customer, transfer, purchase). departed_ms: when it left the gate of its first lane
    (-1: still waits there); received_ms: when the customer has it, or the site has taken it in, waiting at a full door
    included; lost_ms: when it was lost (-1: not). A consignment that a lane took in parts is a shipment for each part;
    what was paid for the way they had together stays with the first."""

    kind: str
    departed_ms: int = -1
    handling_minor: int = 0
    received_ms: int = -1
    lost_ms: int = -1
    id: str = ""
    order: str = ""
    item: str = ""
    quantity: int = 0
    source: str = ""
    target: str = ""
    legs: list[Leg] = field(default_factory=list)

    @property
    def freight_minor(self) -> int:
        """Freight of the way really gone, in minor units."""
        return sum(leg.freight_minor for leg in self.legs)

    @property
    def co2_mg(self) -> int:
        """Milligrams of CO2 of the way really gone."""
        return sum(leg.co2_mg for leg in self.legs)
