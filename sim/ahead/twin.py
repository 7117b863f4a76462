"""The leaf's twin: the same names, interpreted. What `sim/ahead/leaf.pyx` does with raw memory is done here with lists.

Both write the same bytes: a trace of one equals a trace of the other, record for record.
"""

from collections.abc import Callable
from struct import Struct
from typing import Any, Self

import cython
import numpy as np
from xxhash import xxh3_128_digest

from sim.ahead.draws import CONSTANT, DRAWS, NAMES
from sim.ahead.kinds import KINDS
from sim.ahead.runs import Run, runs

INFINITY = float("inf")
LIMIT, PAUSED, HAND = 0, 1, 2
RECORDS = 128
BLOCK = 256
KEPT_DRAWS = 1 << 20

_pack_note = Struct("<dii").pack  # time, what, number
_pack = Struct("<dqiHBBq").pack  # time, number, aux, unit, kind, state, value


class Recorder:
    """A trace of 32-byte records: a ring that is hashed block by block (XXH3-128, chained), and kept when asked."""

    def __init__(self) -> None:
        self.ring: list[bytes] = [bytes(32)]
        self.records = 0
        self.tracing, self.keeping = True, False
        self.kept: list[bytes] = []

    def trace(self, tracing: bool = True, keeping: bool = False) -> None:
        """Switch the digest, and the keeping of raw records, on or off."""
        self.tracing, self.keeping = tracing, keeping and tracing

    def write(self, time: float, kind: int, unit: int = 0, state: int = 0, aux: int = 0, value: int = 0) -> None:
        """Write one record."""
        record(self, time, kind, unit, state, aux, value)

    def fired(self, time: float, kind: type, priority: int) -> None:
        """Write down a fired SimPy event of class `kind`."""
        word = KINDS.get(kind, 0)
        if priority > 0 or (priority == 0 and word != 1):  # the stop of a run must not change the digest
            record(self, time, word, 0, priority & 255, 0, 0)

    def last_kept(self, count: int) -> bytes:
        """The last `count` raw records that were kept (or as many as there are); then all are forgotten."""
        taken = b"".join(self.kept[max(len(self.kept) - count, 0) :])
        self.kept = []
        return taken

    def take_kept(self) -> bytes:
        """The raw records kept since the last call, as bytes."""
        return self.last_kept(len(self.kept))

    def digest(self) -> bytes:
        """16 bytes over every record so far."""
        return xxh3_128_digest(b"".join(self.ring))


def record(r: Recorder, time: float, kind: int, unit: int, state: int, aux: int, value: int) -> None:
    """Write one 32-byte record."""
    r.records += 1
    if not r.tracing:
        return
    line = _pack(time, r.records, aux, unit & 0xFFFF, kind, state, value)
    r.ring.append(line)
    if r.keeping:
        r.kept.append(line)
    if len(r.ring) == RECORDS:
        r.ring = [r.digest() + bytes(16)]


class Sequence:
    """The numbers of one stream, in order: shared by a component and those that follow it, each at its own place."""

    def __init__(self, state: int, inc: int, law: int, a: float, b: float, c: float, values: Any) -> None:
        bits: Any = np.random.PCG64(0)
        bits.state = {
            "bit_generator": "PCG64", "state": {"state": state, "inc": inc}, "has_uint32": 0, "uinteger": 0,
        }  # fmt: skip
        g = np.random.Generator(bits)
        self.base, self.numbers, self.law, self.a = 0, list[float](), law, a
        sample = DRAWS[NAMES[law]]
        self.more: Callable[[], Any] = lambda: sample(g, a, b, c, values, BLOCK)

    def number(self, n: int) -> float:
        """The n-th number, from 0."""
        at = n - self.base
        while at >= len(self.numbers):
            if len(self.numbers) > KEPT_DRAWS:
                del self.numbers[: KEPT_DRAWS // 2]
                self.base += KEPT_DRAWS // 2
                at = n - self.base
            self.numbers.extend(self.more().tolist())
        return self.numbers[at]


class Notebook:
    """What components of one making noted down, from place `base` on; see the leaf."""

    def __init__(self) -> None:
        self.base, self.notes = 0, list[tuple[float, int, int]]()

    def take(self, upto: int, what: int, number: int) -> list[Run]:
        """The runs of `what` of `number` noted before place `upto`; they are forgotten."""
        n = upto - self.base
        found = [t for t, *of in self.notes[:n] if of == [what, number]]
        if found:
            stay = [x for x in self.notes[:n] if x[1:] != (what, number)]
            self.notes[:n] = stay
            self.base += n - len(stay)
        return runs(found)


def note(c: "Component", what: int, number: int) -> None:
    """Note down that something of number `number` happened now."""
    at = c.noted - c.book.base
    c.book.notes[at : at + 1] = [(c.now, what, number)]
    c.noted += 1


def tell(c: "Component", what: int, number: int) -> None:
    """Write into the diary that `what` became of `number` now: it is kept to the end."""
    c.diary[c.told : c.told + 1] = [_pack_note(c.now, what, number)]
    c.told += 1


class Members:
    """A record of the block: plain attributes."""


class Component(Recorder):
    """Timers, streams, hands, and whatever a subclass carves in `layout`; see the leaf."""

    now: float = 0.0
    events: int
    seq: int
    book: Notebook
    noted: int
    diary: list[bytes]
    told: int

    def __new__(cls, *_: Any) -> Self:
        self = super().__new__(cls)
        Recorder.__init__(self)
        self.now, self.events, self.seq = 0.0, 0, 0
        self.book, self.noted = Notebook(), 0
        self.diary, self.told = [], 0
        return self

    def prepare(self, slots: int, streams: list[Any], hands: int) -> None:
        """Carve the block: `slots` timers, these streams, and room for `hands` raised hands."""
        self.slots, self.hand_room = max(slots, 2), hands
        self.keys = [(INFINITY, n) for n in range(self.slots)]
        self.win = [0] * self.slots
        for n in range(self.slots - 1, 0, -1):
            a, b = (m - self.slots if m >= self.slots else self.win[m] for m in (2 * n, 2 * n + 1))
            self.win[n] = b if self.keys[b] < self.keys[a] else a
        self.sequences = [Sequence(*seed) for seed in streams]
        self.raised: list[tuple[int, int, int, float]] = []
        self.arrays: list[list[Any]] = [self.keys, self.win]
        self.structures: list[list[Members]] = []
        self.drawn = self.ints(len(streams))
        self.layout()

    def doubles(self, n: int) -> list[Any]:
        """An array of the block: `n` floats."""
        self.arrays.append([0.0] * n)
        return self.arrays[-1]

    def ints(self, n: int) -> list[Any]:
        """An array of the block: `n` ints."""
        self.arrays.append([0] * n)
        return self.arrays[-1]

    longs = ints

    def structs(self, n: int, kind: Any) -> list[Any]:
        """An array of the block: `n` records with the members of a `cython.struct`, all 0."""
        members = {name: 0.0 if of is cython.double else 0 for name, of in kind._members.items()}
        made: list[Any] = []
        for _ in range(n):
            one = Members()
            one.__dict__.update(members)
            made.append(one)
        self.structures.append(made)
        return made

    def layout(self) -> int:
        return 0

    def fire(self, slot: int) -> int:
        return 0

    def arise(self, what: int, unit: int, aux: int, value: float) -> int:
        """Raise a hand: somebody above is asked as soon as the event is over."""
        if len(self.raised) == self.hand_room:
            raise OverflowError(f"more than {self.hand_room} hands raised in one event")
        self.raised.append((what, unit, aux, value))
        return 0

    def hand(self) -> tuple[int, int, int, float] | None:
        """The oldest raised hand as (what, unit, aux, value), or None. Each is given once."""
        return self.raised.pop(0) if self.raised else None

    def advance(self, until: float, inclusive: bool, budget: int) -> int:
        """Fire timers up to `until`, at most `budget` of them, or until a hand is raised."""
        while not self.raised:
            slot = self.win[1]
            key = self.keys[slot]
            time = key[0]
            if time > until or (time == until and not inclusive) or time == INFINITY:
                return LIMIT
            if budget == 0:
                return PAUSED
            budget -= 1
            self.now = time
            self.events += 1
            self.fire(slot)
            if self.keys[slot] is key:  # not set anew
                disarm(self, slot)
        return HAND

    def follow(self, other: "Component") -> None:
        """Become a copy of `other`, a component of the same making."""
        for mine, theirs in zip(self.arrays, other.arrays, strict=True):
            mine[:] = theirs
        for structs, others in zip(self.structures, other.structures, strict=True):
            for struct, another in zip(structs, others, strict=True):
                struct.__dict__.update(another.__dict__)
        self.sequences, self.raised = other.sequences, list(other.raised)
        self.ring = list(other.ring)
        self.now, self.events, self.seq, self.records = other.now, other.events, other.seq, other.records
        self.tracing, self.keeping, self.kept = other.tracing, other.keeping, []
        self.book, self.noted = other.book, other.noted
        self.diary, self.told = other.diary, other.told

    def take_notes(self, what: int, number: int) -> list[Run]:
        """What was noted of `what` of `number` and nobody has taken yet: blocks of (first, last instant in s, how
        many)."""
        return self.book.take(self.noted, what, number)

    def read_diary(self) -> bytes:
        """All that was told so far, as the bytes of an array of sim.tracing.NOTE."""
        return b"".join(self.diary[: self.told])

    def extent(self) -> tuple[int, ...]:
        """What two components of the same making have in common: the sizes of what `follow` copies."""
        return (*(len(array) for array in self.arrays), self.hand_room)

    def run(self, until: float, budget: int = 1 << 62) -> int:
        """Advance alone (no floor, no snapshot): 0 nothing more is due, 1 the budget is spent, 2 a hand is up."""
        return self.advance(until, False, budget)


# --- timers and draws -----------------------------------------------------------------------------------------------
def arm_as(c: Component, slot: int, at: float, rank: int) -> None:
    """Set the timer of `slot`; equal times fire by `rank`. A tournament over slots, as in the leaf."""
    keys, win, n = c.keys, c.win, c.slots
    keys[slot] = (at, rank)
    best, node = slot, n + slot
    while node > 1:
        sibling = node ^ 1
        other = sibling - n if sibling >= n else win[sibling]
        if keys[other] < keys[best]:
            best = other
        node >>= 1
        if win[node] == best != slot:
            return
        win[node] = best


def arm(c: Component, slot: int, at: float) -> None:
    """Set the timer of `slot` to `at`; equal times fire in the order in which they were set."""
    c.seq += 1
    arm_as(c, slot, at, c.seq)


def disarm(c: Component, slot: int) -> None:
    """Take the timer of `slot` back."""
    arm_as(c, slot, INFINITY, slot)


def pending(c: Component, what: int, aux: int) -> bool:
    """Is this very hand up, and not taken yet?"""
    return any(hand[0] == what and hand[2] == aux for hand in c.raised)


def first(c: Component) -> int:
    """The slot that is due first."""
    return c.win[1]


def first_time(c: Component) -> float:
    """When it is due (infinity: never)."""
    return c.keys[c.win[1]][0]


def draw(c: Component, stream: int) -> float:
    """The next draw of a stream; negative draws become 0, never redrawn."""
    sequence = c.sequences[stream]
    if sequence.law == CONSTANT:
        return sequence.a
    n = c.drawn[stream]
    c.drawn[stream] = n + 1
    value = sequence.number(n)
    return value if value > 0.0 else 0.0


share = draw  # streams of shares are uniform on [0, 1)
