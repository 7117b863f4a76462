"""Seasons and trend of a stream of orders: by which factor the quantity differs from normal, at a time.

    factor = weekly[weekday] x monthly[month] x (1 + trend) ^ years since the start

Weekday and month are those of the network's clock when the order is placed. Factors are not scaled to a mean of 1: what
the file says of a Sunday is what happens on a Sunday.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction

from plants.definition import OrderStreamSpec

YEAR_S = 365.25 * 86_400.0
ONE = Fraction(1)


@dataclass(frozen=True)
class Season:
    """start: the aware instant of the run's beginning, in the network's time zone."""

    start: datetime
    weekly: tuple[Fraction, ...] = ()
    monthly: tuple[Fraction, ...] = ()
    trend: float = 0.0

    @classmethod
    def of(cls, stream: OrderStreamSpec, start: datetime) -> "Season":
        """The season of a stream, its factors as they are written in decimal."""
        weekly, monthly = (tuple(Fraction(str(x)) for x in given) for given in (stream.weekly, stream.monthly))
        return cls(start, weekly, monthly, stream.trend)

    def factor(self, now_s: float) -> Fraction:
        """The factor at `now_s` seconds after the start; a trend to nine digits, so that sums stay exact and short."""
        factor = ONE
        if self.weekly or self.monthly:
            local = (self.start.astimezone(UTC) + timedelta(seconds=now_s)).astimezone(self.start.tzinfo)
            factor *= self.weekly[local.weekday()] if self.weekly else ONE
            factor *= self.monthly[local.month - 1] if self.monthly else ONE
        if self.trend:
            factor *= Fraction(f"{(1.0 + self.trend) ** (now_s / YEAR_S):.9f}")
        return factor
