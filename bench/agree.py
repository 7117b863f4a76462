"""Do two simulators simulate the same model? Their results must agree statistically before their times are compared.

Welch's interval of the difference of two means at 99.9 % (B. L. Welch 1947, degrees of freedom after Satterthwaite,
rounded down) must hold 0. It refuses to compare times: see `race`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean, variance

from bench.race import Pairing, Turn
from scenarios.runs.intervals import Interval, interval, t_quantile

CONFIDENCE = 0.999


@dataclass(frozen=True)
class Comparison:
    """One quantity on both sides. low, high: the interval of ours - peer; agrees when it holds 0."""

    quantity: str
    ours: Interval
    peer: Interval
    low: float
    high: float

    @property
    def agrees(self) -> bool:
        return self.low <= 0.0 <= self.high

    def told(self) -> str:
        """In one line, both intervals."""
        word = "agree" if self.agrees else "DISAGREE"
        return f"{self.quantity}: ours {_shown(self.ours)}, peer {_shown(self.peer)} at {CONFIDENCE:.1%}: they {word}"


@dataclass(frozen=True)
class Identity:
    """What must be the very same on both sides, replication by replication: a digest, or counts."""

    quantity: str
    ours: tuple[str, ...]
    peer: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return self.ours == self.peer and "" not in self.ours

    def told(self) -> str:
        """In one line, the first difference."""
        if self.agrees:
            return f"{self.quantity}: the same {len(self.ours)} times"
        n, a, b = next(
            (n, a, b) for n, (a, b) in enumerate(zip(self.ours, self.peer, strict=True), 1) if a != b or not a
        )
        return f"{self.quantity}: turn {n} has {a or 'nothing'} on one side, {b or 'nothing'} on the other"


def identical(quantity: str, ours: Sequence[Turn], peer: Sequence[Turn]) -> Identity:
    """The `exact` of all replications of both sides."""
    return Identity(quantity, *(tuple(o.exact for turn in side for o in turn.outcomes) for side in (ours, peer)))


def _shown(i: Interval) -> str:
    return f"{i.mean:.5g} [{i.low:.5g}..{i.high:.5g}] ({i.n} replications)"


def compare(ours: Sequence[Turn], peer: Sequence[Turn]) -> list[Comparison]:
    """Every quantity that both sides report, over all replications of all turns."""
    a, b = _values(ours), _values(peer)
    return [comparison(name, a[name], b[name]) for name in a if name in b]


def settled(race: Callable[[], Pairing]) -> tuple[Pairing, list[Comparison]]:
    """A race and whether its sides agree. One in a thousand pairs of equal models disagrees by chance at 99.9 %, so a
    disagreement is looked at once more, on fresh replications only."""
    pairing = race()
    found = compare(pairing.ours, pairing.peer)
    if not all(c.agrees for c in found):
        again = race()
        found = compare(again.ours, again.peer)
    return pairing, found


def _values(turns: Sequence[Turn]) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {}
    for turn in turns:
        for outcome in turn.outcomes:
            for name, value in outcome.values.items():
                found.setdefault(name, []).append(value)
    return found


def comparison(quantity: str, ours: Sequence[float], peer: Sequence[float]) -> Comparison:
    """Raises ValueError when a side has fewer than two replications: then nothing can be said."""
    if min(len(ours), len(peer)) < 2:
        raise ValueError(f"{quantity}: an interval needs two replications on each side")
    difference = fmean(ours) - fmean(peer)
    half = _half_width(ours, peer)
    return Comparison(
        quantity, interval(ours, CONFIDENCE), interval(peer, CONFIDENCE), difference - half, difference + half
    )


def _half_width(ours: Sequence[float], peer: Sequence[float]) -> float:
    a, b = variance(ours) / len(ours), variance(peer) / len(peer)
    if a + b == 0.0:
        return 0.0
    freedom = (a + b) ** 2 / (a * a / (len(ours) - 1) + b * b / (len(peer) - 1))
    return t_quantile(0.5 + CONFIDENCE / 2, int(min(freedom, 1e6))) * sqrt(a + b)
