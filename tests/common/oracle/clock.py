"""The oracle's time: one heap of events in whole milliseconds, units, rates, shifts. No code of the product.

Within one instant what ends comes before what begins, and patience ends last: see the ranks.
"""

import heapq
from collections.abc import Callable
from fractions import Fraction
from math import ceil
from typing import Any

DAY = 86_400_000
UNITS = {"ms": 1, "s": 1000, "min": 60_000, "h": 3_600_000, "d": DAY, "w": 7 * DAY}
MENDED, ENDED, BROKEN, ORDINARY, AFTER = range(5)  # ranks within an instant
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def ms(text: str | int) -> int:
    """Milliseconds of a duration such as `90min`; a bare 0 is 0."""
    text = str(text)
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return int(number) * UNITS[text[len(number) :]] if text != "0" else 0


def per_ms(text: str) -> Fraction:
    """Pieces per millisecond of a rate such as `120/d`."""
    number, unit = text.split("/")
    return Fraction(number) / UNITS[unit]


class Clock:
    """Events in the order of (instant, rank, asked first)."""

    def __init__(self) -> None:
        self.now, self._asked, self._heap = Fraction(0), 0, list[tuple[Fraction, int, int, Callable[..., None], Any]]()

    @property
    def stamp(self) -> int:
        """The present in whole milliseconds; a stamp never lies before its event."""
        return ceil(self.now)

    def at(self, when: Fraction | int, what: Callable[..., None], *args: Any, rank: int = ORDINARY) -> None:
        """Call `what` at an instant that is not over."""
        self._asked += 1
        heapq.heappush(self._heap, (max(Fraction(when), self.now), rank, self._asked, what, args))

    def run(self, until: int) -> None:
        """Everything up to and including the instant `until`."""
        while self._heap and self._heap[0][0] <= until:
            self.now, _, _, what, args = heapq.heappop(self._heap)
            what(*args)
        self.now = Fraction(until)


class Shifts:
    """When work goes on: windows of milliseconds since a Monday's midnight, sorted and apart; None is always."""

    def __init__(self, windows: list[tuple[int, int]] | None = None) -> None:
        self.windows = windows

    @classmethod
    def of(cls, calendar: dict[str, Any] | None, days: int) -> "Shifts":
        """Of a calendar of the network, in UTC, from a Monday on. A shift belongs to the day it begins on."""
        if calendar is None:
            return cls()
        found, off = (
            list[tuple[int, int]](),
            {int(day[-2:]) - 5 for day in calendar.get("holidays", ())},
        )  # of January 2026
        for day in range(-1, days):
            hours = calendar["week"].get(DAYS[day % 7], ()) if day not in off else ()
            for text in [hours] if isinstance(hours, str) else hours:
                a, b = ([int(x) for x in clock.split(":")] for clock in text.split("-"))
                begin, end = (a[0] * 60 + a[1]) * 60_000, (b[0] * 60 + b[1]) * 60_000
                end += DAY if end <= begin else 0
                found.append((day * DAY + begin, day * DAY + end))
        joined = list[tuple[int, int]]()
        for a0, b0 in sorted(found):
            if joined and a0 <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(b0, joined[-1][1]))
            elif b0 > 0:
                joined.append((max(a0, 0), b0))
        return cls(joined)

    def both(self, other: "Shifts") -> "Shifts":
        """Open where both are."""
        if self.windows is None or other.windows is None:
            return self if other.windows is None else other
        pairs = [(max(a, c), min(b, d)) for a, b in self.windows for c, d in other.windows]
        return Shifts([(a, b) for a, b in pairs if a < b])

    def done(self, begin: Fraction, work: Fraction) -> Fraction | None:
        """When `work` begun at `begin` is done; None: not in these windows."""
        if self.windows is None:
            return begin + work
        for a, b in self.windows:
            start = max(begin, Fraction(a))
            if b <= begin:
                continue
            if b - start >= work:
                return start + work
            work -= b - start
        return None

    def opens(self, t: Fraction) -> Fraction:
        """The first instant from t on at which work goes on."""
        for a, b in self.windows or ():
            if b > t:
                return max(t, Fraction(a))
        return t

    def between(self, begin: Fraction, end: Fraction) -> Fraction:
        """Open time in [begin, end)."""
        if self.windows is None:
            return max(end - begin, Fraction(0))
        return sum(
            (max(min(Fraction(b), end) - max(Fraction(a), begin), Fraction(0)) for a, b in self.windows), Fraction(0)
        )


def up(t: Fraction) -> int:
    """A stamp never lies before its event."""
    return ceil(t)
