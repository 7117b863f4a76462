"""Shift calendars: when work may go on. Work pauses at the end of a shift and resumes with nothing lost.

A `Calendar` is a weekly pattern in a time zone; opened over a horizon it becomes `Shifts`, a sorted list of windows in
seconds since the scenario's start, on which working time is computed exactly.
"""

from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

INFINITY = float("inf")


@dataclass(frozen=True)
class Calendar:
    """week: seven tuples (Monday first) of (open, close) in minutes after local midnight, close up to 1440."""

    id: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: tuple[date, ...] = ()
    timezone: str | None = None

    def open_windows(self, start: datetime, until_s: float) -> list[tuple[float, float]]:
        """Windows in seconds since `start` (an aware instant) up to `until_s`; touching windows are joined.

        A local time that does not exist (spring forward) is taken as the instant after the gap, one that exists twice
        as the first.
        """
        zone = ZoneInfo(self.timezone) if self.timezone else start.tzinfo
        utc = ZoneInfo("UTC")
        first = start.astimezone(zone).date() - timedelta(days=1)
        days = int(until_s // 86_400) + 3
        windows: list[tuple[float, float]] = []
        for n in range(days):
            day = first + timedelta(days=n)
            if day in self.holidays:
                continue
            midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
            for open_min, close_min in self.week[day.weekday()]:
                a, b = (
                    ((midnight + timedelta(minutes=m)).astimezone(utc) - start.astimezone(utc)).total_seconds()
                    for m in (open_min, close_min)
                )
                a, b = max(a, 0.0), min(b, until_s)
                if a >= b:
                    continue
                if windows and windows[-1][1] >= a:
                    windows[-1] = (windows[-1][0], max(b, windows[-1][1]))
                else:
                    windows.append((a, b))
        return windows


@dataclass
class Shifts:
    """Open windows [a, b) in seconds, sorted and disjoint. `always()` is open without end."""

    windows: list[tuple[float, float]]
    _starts: list[float] = field(init=False)
    _before: list[float] = field(init=False)

    def __post_init__(self) -> None:
        for (_, b), (c, _) in pairwise(self.windows):
            if c < b:
                raise ValueError(f"shift windows overlap at {c} s")
        self._starts = [a for a, _ in self.windows]
        self._before = [0.0]
        for a, b in self.windows:
            self._before.append(self._before[-1] + (b - a))

    @classmethod
    def always(cls) -> "Shifts":
        return cls([(0.0, INFINITY)])

    def intersect(self, other: "Shifts") -> "Shifts":
        """Open where both are."""
        out = []
        for a, b in self.windows:
            for c, d in other.windows:
                lo, hi = max(a, c), min(b, d)
                if lo < hi:
                    out.append((lo, hi))
        return Shifts(sorted(out))

    def is_open(self, t: float) -> bool:
        i = bisect_right(self._starts, t) - 1
        return i >= 0 and t < self.windows[i][1]

    def closes(self, t: float) -> float:
        """End of the window that is open at `t`; `t` itself when closed."""
        i = bisect_right(self._starts, t) - 1
        return self.windows[i][1] if i >= 0 and t < self.windows[i][1] else t

    def next_open(self, t: float) -> float:
        """The first instant >= t at which it is open; infinity when never again."""
        i = bisect_right(self._starts, t) - 1
        if i >= 0 and t < self.windows[i][1]:
            return t
        return self._starts[i + 1] if i + 1 < len(self._starts) else INFINITY

    def worked(self, t: float) -> float:
        """Open seconds in [0, t)."""
        i = bisect_right(self._starts, t) - 1
        if i < 0:
            return 0.0
        a, b = self.windows[i]
        return self._before[i] + min(t, b) - a

    def between(self, t: float, u: float) -> float:
        """Open seconds in [t, u)."""
        return self.worked(u) - self.worked(t)

    def finish(self, t: float, work: float) -> float:
        """When `work` seconds begun at or after `t` are done; infinity when the windows do not hold that much."""
        i = bisect_right(self._starts, t) - 1
        if i >= 0:
            b = self.windows[i][1]
            if t < b:
                if t + work <= b:
                    return t + work
                work -= b - t
        for a, b in self.windows[i + 1 :]:
            if a + work <= b:
                return a + work
            work -= b - a
        return INFINITY
