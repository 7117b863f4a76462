"""Virtual time against the wall clock: an absolute schedule, and how late we are on it.

    virtual = start + speed x (monotonic - origin)

Nothing is ever skipped or stamped anew: who is late emits the backlog, and the lag is recorded.
"""

import time
from collections.abc import Callable
from math import ceil

from sync.vocabulary.master import MasterData
from sync.vocabulary.quantities import ceil_ms

BUCKETS_MS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 60_000)


class Pacer:
    """speed: virtual seconds per wall second. `begin` sets the origin."""

    def __init__(self, start_s: float, speed: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.start_s, self.speed = start_s, speed
        self._clock, self._origin = clock, clock()
        self.counts = [0] * (len(BUCKETS_MS) + 1)
        self.max_lag_ms = self.last_lag_ms = 0

    def begin(self) -> None:
        self._origin = self._clock()

    def due_s(self) -> float:
        """The virtual time that should be reached by now."""
        return self.start_s + self.speed * (self._clock() - self._origin)

    def note(self, reached_s: float) -> int:
        """Record how late `reached_s` is now, in wall milliseconds."""
        self.last_lag_ms = max(ceil((self.due_s() - reached_s) / self.speed * 1000), 0)
        self.max_lag_ms = max(self.max_lag_ms, self.last_lag_ms)
        self.counts[sum(1 for limit in BUCKETS_MS if self.last_lag_ms > limit)] += 1
        return self.last_lag_ms

    def lag_ms_p99(self) -> int:
        """An upper bound of the 99th percentile of the recorded lags: the edge of its bucket."""
        rest = sum(self.counts) / 100
        for n in range(len(self.counts) - 1, -1, -1):
            rest -= self.counts[n]
            if rest < 0:
                return min(BUCKETS_MS[n], self.max_lag_ms) if n < len(BUCKETS_MS) else self.max_lag_ms
        return 0


def first_shift_s(master: MasterData, warmup_s: float, horizon_s: float) -> float:
    """When a line first works after the warm-up: a network at work is shown, not one that fills up, nor the night."""
    begin_ms = ceil_ms(warmup_s)
    opens = [max(start, begin_ms) for line in master.lines for start, end in line.open_ms if end > begin_ms]
    begin_s = min(opens, default=begin_ms) / 1000
    return begin_s if begin_s < horizon_s else 0.0
