"""Breakdowns: whether a line stands because a station has no working machine left, since when, and until when.

    a machine breaks --> its station has no other --> the line stands until the last such station works again

How long a machine takes is the median of its own earlier repairs, of those that took longer than this one has taken
so far; without any nobody knows.

Refuses to know: messages, stops that people report, and planned maintenance: a machine that is being maintained counts
as one that works.
"""

from bisect import bisect_right, insort
from dataclasses import dataclass, field

from plants.definition import LineSpec

UNKNOWN = -1


@dataclass(frozen=True)
class Standstill:
    """What breakdowns hold a line for. machines: dotted below the line, the first of each station that has none left,
    in the line's order; since_ms: when the last one of such a station broke, of the earliest; until_ms: when the
    line is expected to work again, -1 = unknown."""

    machines: tuple[str, ...]
    since_ms: int
    until_ms: int


@dataclass
class Breakdowns:
    """The machines of one line (parallel ones: `press:1`, `press:2`): which are broken, how long repairs took."""

    line: LineSpec
    _broken: dict[str, list[int]] = field(default_factory=dict)  # machine -> when each of its breakdowns began, ms
    _repairs: dict[str, list[int]] = field(default_factory=dict)  # machine -> ms its repairs took, sorted

    def broke(self, machine: str, now_ms: int) -> None:
        """A machine broke (once more, where it was broken)."""
        self._broken.setdefault(machine, []).append(now_ms)

    def whole(self, machine: str, now_ms: int, learn: bool = True) -> None:
        """One breakdown of a machine is over; its length is remembered when it says something of the next (`learn`)."""
        began = self._broken.get(machine)
        if not began:
            return
        took = now_ms - began.pop()
        if not began:
            del self._broken[machine]
        if learn:
            insort(self._repairs.setdefault(machine, []), took)

    def broken(self) -> list[str]:
        """The machines that are broken."""
        return list(self._broken)

    def standstill(self, now_ms: int) -> Standstill | None:
        """Why, since when and until when the line stands at `now_ms`; None when every station has a working machine."""
        if not self._broken:
            return None
        found: list[tuple[str, int, int]] = []
        for spec in self.line.machines:
            units = [spec.id] if spec.parallel == 1 else [f"{spec.id}:{n + 1}" for n in range(spec.parallel)]
            if all(unit in self._broken for unit in units):
                ends = [end for end in (self._end(unit, now_ms) for unit in units) if end != UNKNOWN]
                last = max(min(self._broken[unit]) for unit in units)
                found.append((units[0], last, min(ends, default=UNKNOWN)))
        if not found:
            return None
        ends = [end for *_, end in found]
        until = UNKNOWN if UNKNOWN in ends else max(ends)
        return Standstill(tuple(unit for unit, *_ in found), min(since for _, since, _ in found), until)

    def _end(self, machine: str, now_ms: int) -> int:
        """When a broken machine is expected to work again."""
        began = min(self._broken[machine])
        repairs = self._repairs.get(machine, [])
        longer = repairs[bisect_right(repairs, now_ms - began) :]
        if not longer:
            return UNKNOWN
        middle = len(longer) // 2
        median = longer[middle] if len(longer) % 2 else (longer[middle - 1] + longer[middle]) // 2
        return began + median
