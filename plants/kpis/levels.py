"""Levels: what was where over time, and its integrals, worked out from what moved it and when.

    changes: (key, time, pieces), at once or spread evenly until a later time   -->   integral, gap and peak by key

Nothing is sampled. Times are integer milliseconds; integrals are over (begin, end], in pieces x ms, and exact where
every change is at once.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
Numbers = Sequence[int] | Array
EXACT = 2.0**62  # integrals that cannot become greater are whole numbers of 64 bits


class Codes:
    """Names as small numbers, in the order in which they are first seen."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self._number: dict[str, int] = {name: n for n, name in enumerate(dict.fromkeys(names))}

    def __len__(self) -> int:
        return len(self._number)

    @property
    def names(self) -> list[str]:
        """Number -> name."""
        return list(self._number)

    def of(self, name: str) -> int:
        """The number of a name, a new one when it was not seen before."""
        return self._number.setdefault(name, len(self._number))

    def all(self, names: Iterable[str]) -> Array:
        """The numbers of many."""
        number = self._number
        return np.array([number.setdefault(name, len(number)) for name in names], dtype=np.int64)


@dataclass(frozen=True)
class Changes:
    """Columns of equal length. until: the end of a change that is spread evenly from its time on (the time itself:
    at once)."""

    key: Array
    time: Array
    until: Array
    pieces: Array

    @classmethod
    def at_once(cls, key: "Numbers", time: "Numbers", pieces: "Numbers") -> "Changes":
        """Changes that happen in an instant."""
        times = np.asarray(time, dtype=np.int64)
        return cls(np.asarray(key, dtype=np.int64), times, times, np.asarray(pieces, dtype=np.int64))

    @classmethod
    def joined(cls, *parts: "Changes") -> "Changes":
        """All of them."""
        return cls(*(np.concatenate([getattr(p, name) for p in parts]) for name in ("key", "time", "until", "pieces")))

    def of(self, which: Array) -> "Changes":
        """Those that a mask or an order of numbers picks."""
        return Changes(self.key[which], self.time[which], self.until[which], self.pieces[which])

    def minus(self) -> "Changes":
        """The same changes the other way."""
        return Changes(self.key, self.time, self.until, -self.pieces)


def areas(changes: Changes, keys: int, begin: int, end: int) -> Array:
    """Key (0 ... keys - 1) -> integral over (begin, end] of its level, which is 0 before the first change."""
    at_once = changes.until <= changes.time
    c = changes.of(at_once)
    most = float(np.abs(c.pieces).sum()) * max(end - begin, 1)
    found = np.zeros(keys, dtype=np.int64 if most < EXACT else np.float64)
    np.add.at(found, c.key, c.pieces * np.maximum(end - np.maximum(c.time, begin), 0))
    if at_once.all():
        return found
    c = changes.of(~at_once)
    spread = np.zeros(keys)
    np.add.at(spread, c.key, c.pieces * (_ramp(c, end) - _ramp(c, begin)))
    return found + spread


def _ramp(c: Changes, at: int) -> Array:
    """Integral up to `at` of what rises from 0 to 1 between time and until."""
    length = (c.until - c.time).astype(np.float64)
    into = np.clip(at - c.time, 0, length)
    risen: Array = into * into / (2.0 * length) + np.maximum(at - c.until, 0)
    return risen


def gaps(changes: Changes, keys: int, begin: int, end: int) -> Array:
    """Key -> integral over (begin, end] of the absolute value of its level: of a difference, how far off it was."""
    found = np.zeros(keys)
    if not len(changes.key):
        return found
    spread = changes.until > changes.time
    rate = np.where(spread, changes.pieces / np.maximum(changes.until - changes.time, 1), 0.0)
    key = np.concatenate([changes.key, changes.key[spread]])
    time = np.concatenate([changes.time, changes.until[spread]])
    jump = np.concatenate([np.where(spread, 0, changes.pieces), np.zeros(spread.sum(), dtype=np.int64)])
    slope = np.concatenate([rate, -rate[spread]])
    order = np.lexsort((time, key))
    key, time, jump, slope = key[order], time[order], jump[order], slope[order]
    first = np.concatenate([[True], key[1:] != key[:-1]])
    last = np.concatenate([first[1:], [True]])
    following = np.where(last, end, np.concatenate([time[1:], [end]]))
    level = _within(jump, first)
    if spread.any():
        steep = _within(slope, first)
        run = np.where(last, 0, following - time)
        level = level + np.concatenate([[0.0], _within_before(steep * run, first)])[:-1]
    else:
        steep = np.zeros(len(level))
    start, stop = np.clip(time, begin, end), np.clip(following, begin, end)
    here, there = level + steep * (start - time), level + steep * (stop - time)
    a, b, length = np.abs(here), np.abs(there), (stop - start).astype(np.float64)
    crosses = here * there < 0
    both = np.where(crosses, a + b, 1.0)
    np.add.at(found, key, length * np.where(crosses, (a * a + b * b) / (2.0 * both), (a + b) / 2.0))
    return found


def _within(values: Array, first: Array) -> Array:
    """Running sums that begin anew where `first` says so."""
    sums: Array = np.cumsum(values)
    before: Array = sums - values
    within: Array = sums - before[np.maximum.accumulate(np.where(first, np.arange(len(values)), 0))]
    return within


def _within_before(values: Array, first: Array) -> Array:
    """What has run up to the next row, where that is of the same key (0 where it is not)."""
    sums = _within(values, first)
    return np.where(np.concatenate([first[1:], [True]]), 0.0, sums)


def peaks(changes: Changes, keys: int, begin: int) -> Array:
    """Key -> the highest level of changes at once from `begin` on, between instants: what comes and goes in the same
    millisecond was never there."""
    found = np.zeros(keys, dtype=np.int64)
    if not len(changes.key):
        return found
    order = np.lexsort((changes.time, changes.key))
    key, time = changes.key[order], np.maximum(changes.time[order], begin)
    first = np.concatenate([[True], key[1:] != key[:-1]])
    level = _within(changes.pieces[order], first)
    settled = np.concatenate([(key[1:] != key[:-1]) | (time[1:] != time[:-1]), [True]])
    np.maximum.at(found, key[settled], level[settled])
    return found
