"""How much a line can do: its working windows, seen from now on, with stops and slow phases cut out.

Knows no order. Work is counted in milliseconds at full speed; a slowed line gains factor_ppm / 1e6 of them per open
millisecond. Everything is integer; an instant is rounded up to the whole millisecond.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

FULL = 1_000_000


@dataclass(frozen=True)
class Profile:
    """Segments (start_ms, end_ms, ppm) from now on, sorted, disjoint; done[k] = work possible before segment k."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    ppm: tuple[int, ...]
    done: tuple[int, ...]
    total: int

    def work_before(self, time_ms: int) -> int:
        """Milliseconds of full-speed work possible between now and `time_ms`."""
        k = bisect_right(self.starts, time_ms) - 1
        if k < 0:
            return 0
        span = min(time_ms, self.ends[k]) - self.starts[k]
        return self.done[k] + span * self.ppm[k] // FULL

    def finish(self, work_ms: int) -> int:
        """The instant at which `work_ms` of work, begun now, is done; -1 if the windows never suffice."""
        if work_ms > self.total or not self.starts:
            return -1
        k = max(bisect_left(self.done, work_ms) - 1, 0)
        return self.starts[k] + -(-(work_ms - self.done[k]) * FULL // self.ppm[k])


def profile(
    windows: tuple[tuple[int, int], ...], now_ms: int, down_until_ms: int, factor_ppm: int, slow_until_ms: int
) -> Profile:
    """What the line can do from `now_ms`: nothing before `down_until_ms`, `factor_ppm` of full speed before
    `slow_until_ms`, then full speed, inside its windows."""
    begin = max(now_ms, down_until_ms)
    starts: list[int] = []
    ends: list[int] = []
    speeds: list[int] = []
    for start, end in windows:
        if end <= begin:
            continue
        cut = min(max(slow_until_ms, start, begin), end)
        for low, high, ppm in ((max(start, begin), cut, factor_ppm), (max(cut, start, begin), end, FULL)):
            if high > low and ppm > 0:
                starts.append(low)
                ends.append(high)
                speeds.append(ppm)
    done: list[int] = []
    total = 0
    for low, high, ppm in zip(starts, ends, speeds, strict=True):
        done.append(total)
        total += (high - low) * ppm // FULL
    return Profile(tuple(starts), tuple(ends), tuple(speeds), tuple(done), total)
