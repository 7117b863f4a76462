"""When a line stood still unplanned: a station had no machine that works, because of breakdowns or of what halts it.

    halted, or all machines of one station broken --> down --lifted, mended--> up again

A machine that is being maintained counts as one that works: maintenance is planned. What lies outside the line's shifts
is no planned time and does not count; the spans are kept whole and cut when they are added up.
"""

from dataclasses import dataclass, field

from plants.shifts import Shifts


@dataclass(eq=False)
class Downtime:
    """stations: the names of the machines of each; a plain rate has none. `spans` are (from, to) in s, in order."""

    stations: list[list[str]]
    shifts: Shifts
    spans: list[tuple[float, float]] = field(default_factory=list)
    since: float | None = None
    _broken: dict[str, int] = field(default_factory=dict)
    _halts: int = 0

    def broke(self, machine: str, broken: bool, now: float) -> None:
        """A machine broke (once more), or one of its breakdowns is over."""
        self._broken[machine] = self._broken.get(machine, 0) + (1 if broken else -1)
        self._look(now)

    def halted(self, halts: int, now: float) -> None:
        """So many things halt the line from now on."""
        self._halts = halts
        self._look(now)

    def _look(self, now: float) -> None:
        down = self._halts > 0 or any(
            units and all(self._broken.get(unit, 0) > 0 for unit in units) for units in self.stations
        )
        if down and self.since is None:
            self.since = now
        elif not down and self.since is not None:
            if now > self.since:
                self.spans.append((self.since, now))
            self.since = None

    def all_spans(self, until: float) -> list[tuple[float, float]]:
        """Every standstill so far, one that goes on until `until`."""
        return [*self.spans, *([] if self.since is None else [(self.since, until)])]

    def seconds(self, begin: float, end: float) -> float:
        """Planned seconds of standstill in [begin, end)."""
        return sum(
            self.shifts.between(max(a, begin), min(b, end))
            for a, b in self.all_spans(end)
            if min(b, end) > max(a, begin)
        )
