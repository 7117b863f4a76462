"""Shift calendars: when work may go on. Work pauses at the end of a shift and resumes with nothing lost.

A `Calendar` is a weekly pattern in a time zone. Opened from a scenario's start it becomes `Shifts`: windows in seconds,
opened as far as somebody asks, on which working time is computed exactly.

A shift belongs to the day it begins on: one over midnight ends on the next day whatever that day is, and a holiday
takes away the shifts that begin on it, whole. A local time that does not exist (spring forward) is the instant after
the gap, one that exists twice is the first.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from itertools import pairwise
from zoneinfo import ZoneInfo

INFINITY = float("inf")
DAY_MIN = 1_440
LAST_DAY = date(9000, 1, 1)  # beyond it Python's calendar ends soon
SECOND = timedelta(seconds=1)
LONGEST_S = 1e11  # nobody waits three thousand years: later is never


def instant_of(local: datetime, zone: tzinfo) -> datetime:
    """The instant (UTC) of a local time without zone: of two the first, in a gap the instant after it."""
    aware = local.replace(tzinfo=zone)
    after = aware.astimezone(UTC)
    if after.astimezone(zone).replace(tzinfo=None) == local:
        return after
    before = aware.replace(fold=1).astimezone(UTC)  # by the offset after the gap: this instant lies before it
    offset = before.astimezone(zone).utcoffset()
    while after - before > SECOND:
        middle = before + (after - before) // 2
        middle -= timedelta(microseconds=middle.microsecond)
        if middle <= before or middle.astimezone(zone).utcoffset() == offset:
            before = max(middle, before + SECOND)
        else:
            after = middle
    return after if before.astimezone(zone).utcoffset() == offset else before


@dataclass(frozen=True)
class Calendar:
    """week: seven tuples (Monday first) of (open, close) in minutes after local midnight of the day a shift begins on;
    close may lie on the next day (up to 2,880). Without a timezone that of the scenario's start holds."""

    id: str
    week: tuple[tuple[tuple[int, int], ...], ...]
    holidays: tuple[date, ...] = ()
    timezone: str | None = None

    def windows(self, start: datetime) -> Iterator[tuple[float, float]]:
        """Windows in seconds since `start` (an aware instant), in order and apart from each other, for ever."""
        zone: tzinfo = ZoneInfo(self.timezone) if self.timezone else start.tzinfo or UTC
        day, off, began = start.astimezone(zone).date() - timedelta(days=1), set(self.holidays), start.astimezone(UTC)
        endless_from = max((day, *self.holidays)) + timedelta(days=2) if self._never_shut() else date.max
        a = b = -1.0  # what is open last so far
        while day < LAST_DAY:
            if b > 0 and day >= endless_from:
                yield a, INFINITY
                return
            midnight = datetime(day.year, day.month, day.day)
            for minutes in self.week[day.weekday()] if day not in off else ():
                c, d = ((instant_of(midnight + timedelta(minutes=m), zone) - began).total_seconds() for m in minutes)
                if c >= d or d <= 0:
                    continue
                c = max(c, 0.0)
                if c > b:
                    if b > 0:
                        yield a, b
                    a = c
                b = max(b, d)
            day += timedelta(days=1)

    def _never_shut(self) -> bool:
        """Does the week leave no gap, holidays aside?"""
        shifts = sorted((day * DAY_MIN + a, day * DAY_MIN + b) for day in range(7) for a, b in self.week[day])
        if not shifts:
            return False
        reached = shifts[0][0]
        for a, b in shifts:
            if a > reached:
                return False
            reached = max(reached, b)
        return reached >= shifts[0][0] + 7 * DAY_MIN


class Shifts:
    """Open windows [a, b) in seconds, sorted and disjoint, known as far as somebody has asked (`windows`). `always()`
    is open without end; a list of windows is all there is."""

    def __init__(self, windows: Iterable[tuple[float, float]]) -> None:
        self.windows: list[tuple[float, float]] = []
        self._starts: list[float] = []
        self._before: list[float] = [0.0]  # open seconds before each window, and before what comes after the last
        self._more: Iterator[tuple[float, float]] | None = None
        for (_, b), (c, _) in pairwise(given := list(windows)):
            if c < b:
                raise ValueError(f"shift windows overlap at {c} s")
        for a, b in given:
            self._add(a, b)

    @classmethod
    def of(cls, calendar: Calendar, start: datetime) -> "Shifts":
        """A calendar, opened from `start` (an aware instant) on."""
        shifts = cls([])
        shifts._more = calendar.windows(start)
        return shifts

    @classmethod
    def always(cls) -> "Shifts":
        return cls([(0.0, INFINITY)])

    def _add(self, a: float, b: float) -> None:
        self.windows.append((a, b))
        self._starts.append(a)
        self._before.append(self._before[-1] + (b - a))

    def _open_next(self) -> bool:
        """Open one more window; False when there is none."""
        found = next(self._more, None) if self._more is not None else None
        if found is None:
            self._more = None
            return False
        self._add(*found)
        return True

    def _reach(self, t: float) -> None:
        """Open whatever begins at `t` or before, and the window after that."""
        if t > LONGEST_S:
            return
        while self._more is not None and (not self._starts or self._starts[-1] <= t):
            self._open_next()

    def until(self, t: float) -> list[tuple[float, float]]:
        """The windows that begin before `t`, whole."""
        self._reach(t)
        return self.windows[: bisect_left(self._starts, t)]

    def intersect(self, other: "Shifts") -> "Shifts":
        """Open where both are."""
        both = Shifts([])
        both._more = _both(self, other)
        if self._more is None and other._more is None:
            while both._open_next():
                pass
        return both

    def _at(self, n: int) -> tuple[float, float] | None:
        """The n-th window; None when there are not so many."""
        while len(self.windows) <= n:
            if not self._open_next():
                return None
        return self.windows[n]

    def is_open(self, t: float) -> bool:
        return self.closes(t) > t

    def closes(self, t: float) -> float:
        """End of the window that is open at `t`; `t` itself when closed."""
        self._reach(t)
        i = bisect_right(self._starts, t) - 1
        return self.windows[i][1] if i >= 0 and t < self.windows[i][1] else t

    def next_open(self, t: float) -> float:
        """The first instant >= t at which it is open; infinity when never again."""
        if self.closes(t) > t:
            return t
        i = bisect_right(self._starts, t)
        return self._starts[i] if i < len(self._starts) else INFINITY

    def worked(self, t: float) -> float:
        """Open seconds in [0, t)."""
        self._reach(t)
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
        if work > LONGEST_S or t > LONGEST_S:
            return INFINITY
        self._reach(t)
        i = bisect_right(self._starts, t) - 1
        if i >= 0:
            b = self.windows[i][1]
            if t < b:
                if t + work <= b:
                    return t + work
                work -= b - t
        first = i + 1
        if first >= len(self._starts):
            return INFINITY
        done = self._before[first]  # open seconds before the windows that are still ahead
        while self._before[-1] - done < work and self._open_next():
            pass
        n = max(bisect_left(self._before, done + work) - 2, first)
        work -= self._before[n] - done
        while (window := self._at(n)) is not None:
            a, b = window
            if a + work <= b:
                return a + work
            work -= b - a
            n += 1
        return INFINITY


def _both(one: Shifts, other: Shifts) -> Iterator[tuple[float, float]]:
    """Where both are open, in one walk over the two."""
    n = m = 0
    while (x := one._at(n)) is not None and (y := other._at(m)) is not None:
        low, high = max(x[0], y[0]), min(x[1], y[1])
        if low < high:
            yield low, high
        if x[1] <= y[1]:
            n += 1
        else:
            m += 1
