"""What it costs to carry something over a lane: a price per piece or shipment, or a carrier's table of weight bands."""

import msgspec

from sync.vocabulary.quantities import MICRO_PER_MINOR, divide_half_even, price

OWN_FREIGHT = "CRF"  # customer's own freight: pays nothing here


class Band(msgspec.Struct, frozen=True):
    """One row of a rates file: weights in grams (inclusive), `minimum_micro` per shipment, `per_kg_micro`, transit."""

    carrier: str
    service: str
    min_g: int
    max_g: int
    minimum_micro: int
    per_kg_micro: int
    transit_ms: int

    def cost(self, weight_g: int) -> int:
        """max(minimum, rate x weight) in minor units, rounded half to even."""
        micro = max(self.minimum_micro * 1_000, self.per_kg_micro * weight_g)
        return divide_half_even(micro, MICRO_PER_MINOR * 1_000)

    def gap(self, weight_g: int) -> int:
        """How far (grams) the weight lies outside the band; 0 inside."""
        return max(self.min_g - weight_g, weight_g - self.max_g, 0)


class Quote(msgspec.Struct, frozen=True, gc=False):
    """cost_minor; transit_ms (-1: the lane's or the order's own time); carrier; priced: a band really matched."""

    cost_minor: int
    transit_ms: int
    carrier: str
    priced: bool


class Tariff(msgspec.Struct, frozen=True):
    """`bands` None: `per_piece_micro` x pieces + `per_shipment_minor`. Else the carriers' table."""

    per_piece_micro: int = 0
    per_shipment_minor: int = 0
    bands: tuple[Band, ...] | None = None

    def quote(self, pieces: int, weight_g: int, service: str = "", carrier: str = "") -> Quote | None:
        """The price of one shipment. `carrier` given: the order keeps it when the lane has any row of it.

        The cheapest matching band of the own service level, else of any, else the nearest band of the cheapest lane
        (not priced). Own freight (CRF) is free and counts as priced. None: nobody carries this.
        """
        if self.bands is None:
            return Quote(price(self.per_piece_micro, pieces) + self.per_shipment_minor, -1, carrier, True)
        if service == OWN_FREIGHT:
            return Quote(0, -1, carrier, True)
        rows = [b for b in self.bands if b.carrier == carrier] if carrier else []
        rows = rows or list(self.bands)
        if not rows:
            return None
        fits = [b for b in rows if b.gap(weight_g) == 0]
        fits = [b for b in fits if b.service == service] or fits
        if fits:
            best = min(fits, key=lambda b: (b.cost(weight_g), b.transit_ms, b.carrier, b.service))
            return Quote(best.cost(weight_g), best.transit_ms, best.carrier, True)
        nearest: dict[str, Band] = {}
        for b in rows:
            old = nearest.get(b.carrier)
            if old is None or (b.gap(weight_g), b.cost(weight_g)) < (old.gap(weight_g), old.cost(weight_g)):
                nearest[b.carrier] = b
        best = min(nearest.values(), key=lambda b: (b.cost(weight_g), b.carrier))
        return Quote(best.cost(weight_g), -1, best.carrier, False)
