"""When a disruption is on for certain, whatever is drawn: the rules of `running`, answered before anything runs.

    at, or after with probability 1 and a fixed delay --> [begin ..... end) <-- a fixed `for`, or that of `until`

What may end earlier, begin later or not happen at all counts only for as long as none of that is possible.
"""

from collections.abc import Iterable
from math import inf

from plants.definition import DisruptionSpec
from plants.disruptions.kinds import KINDS

Window = tuple[float, float]


class Windows:
    """The windows of the disruptions of one scenario, in seconds since the start."""

    def __init__(self, disruptions: Iterable[DisruptionSpec]) -> None:
        self._all = {d.id: d for d in disruptions}

    def certain(self, disruption_id: str) -> Window | None:
        """[begin, end) in which it is on whatever happens; None when there is none. end: inf when nothing ends it."""
        d = self._all[disruption_id]
        begin, end = self._begun_by(d), self._ends_at_least(d)
        return (begin, end) if begin < end else None

    def _begins_at_least(self, d: DisruptionSpec) -> float:
        """The earliest instant at which it can begin."""
        if d.after is None:
            return inf if d.at_s is None else d.at_s
        other = self._all.get(d.after.id)
        delay = d.after.delay.params[0] if d.after.delay.kind == "constant" else 0.0
        return inf if other is None else self._begins_at_least(other) + delay

    def _begun_by(self, d: DisruptionSpec) -> float:
        """The instant by which it has begun for certain; inf when it may not happen."""
        begin = inf
        if d.after is None and d.at_s is not None:
            begin = d.at_s
        elif d.after is not None and d.after.id in self._all and d.after.probability >= 1.0:
            delay = d.after.delay
            begin = self._begun_by(self._all[d.after.id]) + (delay.params[0] if delay.kind == "constant" else inf)
        if d.until is not None:  # it does not begin when what it lasts until is over by then
            other = self._all.get(d.until)
            if other is None or self._ends_at_least(other) <= begin:
                return inf
        return begin

    def _ends_at_least(self, d: DisruptionSpec) -> float:
        """The earliest instant at which it can end."""
        if d.until is not None:
            other = self._all.get(d.until)
            return 0.0 if other is None else self._ends_at_least(other)
        if not KINDS[d.kind].lasts:  # it ends by itself, nobody knows when
            return self._begins_at_least(d)
        if d.duration is None:
            return inf
        lasts = d.duration.params[0] if d.duration.kind == "constant" else 0.0
        return self._begins_at_least(d) + lasts
