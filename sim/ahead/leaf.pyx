# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The leaf: the only place with raw memory.

    Recorder    a trace of 32-byte records and its running digest
    Component   one block of memory with its own timers, streams and hands; advances alone until somebody is asked

Knows no factory word. The same names, interpreted, are in `sim.ahead.twin`; both write the same bytes.
"""

from cpython.buffer cimport PyBUF_READ
from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_FromStringAndSize
from cpython.memoryview cimport PyMemoryView_FromMemory
from libc.math cimport INFINITY
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.string cimport memcpy, memmove

from xxhash import xxh3_128_digest

from sim.ahead import runs as _runs
from sim.ahead.kinds import KINDS as _kinds

cdef dict KINDS = _kinds
cdef double EXACT_S = _runs.EXACT_S, ABOUT_S = _runs.ABOUT_S, SELDOM_S = _runs.SELDOM_S
cdef int64_t FEW = _runs.FEW

cdef enum:
    LINE_BYTES = 32  # of a record
    CACHE_LINE = 64


cdef class Recorder:
    """A trace of 32-byte records: a ring that is hashed block by block (XXH3-128, chained), and kept when asked."""

    def __cinit__(self):
        self.ring = <ps_record *>calloc(RECORDS, sizeof(ps_record))
        if self.ring == NULL:
            raise MemoryError
        self.view = PyMemoryView_FromMemory(<char *>self.ring, RECORDS * LINE_BYTES, PyBUF_READ)  # never leaves
        self.used = 1
        self.tracing = True

    def __dealloc__(self):
        free(self.ring)
        free(self.kept)

    def trace(self, bint tracing=True, bint keeping=False):
        """Switch the digest, and the keeping of raw records, on or off."""
        self.tracing, self.keeping = tracing, keeping and tracing

    def write(self, double time, int kind, int unit=0, int state=0, int aux=0, int64_t value=0):
        """Write one record from Python."""
        record(self, time, kind, unit, state, aux, value)

    def fired(self, double time, kind, long priority):
        """Write down a fired SimPy event of class `kind`."""
        cdef int word = KINDS.get(kind, 0)
        if priority > 0 or (priority == 0 and word != 1):  # the stop of a run must not change the digest
            record(self, time, word, 0, priority & 255, 0, 0)

    cdef int flush(self) except -1:
        """The ring is full: its digest becomes the beginning of the next."""
        cdef bytes digest = xxh3_128_digest(self.view)
        memcpy(self.ring, PyBytes_AS_STRING(digest), 16)
        self.used = 1
        return 0

    cdef int keep(self) except -1:
        cdef char *more
        if self.kept_size == self.kept_room:
            self.kept_room = max(2 * self.kept_room, 64 * LINE_BYTES)
            more = <char *>realloc(self.kept, self.kept_room)
            if more == NULL:
                raise MemoryError
            self.kept = more
        memcpy(self.kept + self.kept_size, &self.ring[self.used - 1], LINE_BYTES)
        self.kept_size += LINE_BYTES
        return 0

    cdef bytes last_kept(self, Py_ssize_t count):
        """The last `count` raw records that were kept (or as many as there are); then all are forgotten."""
        cdef Py_ssize_t size = min(count * LINE_BYTES, self.kept_size)
        cdef bytes taken = PyBytes_FromStringAndSize(self.kept + self.kept_size - size, size) if size else b""
        self.kept_size = 0
        return taken

    def take_kept(self):
        """The raw records kept since the last call, as bytes."""
        return self.last_kept(self.kept_size // LINE_BYTES)

    def digest(self):
        """16 bytes over every record so far."""
        return xxh3_128_digest(PyBytes_FromStringAndSize(<char *>self.ring, self.used * LINE_BYTES))


cdef list within(const double *times, int64_t n, double off):
    """Blocks as long as they come, each instant at most `off` from where its block has it (sim.ahead.runs)."""
    cdef list found = []
    cdef double low = -INFINITY, high = INFINITY, since, pace
    cdef int64_t a = 0, i, k
    for i in range(1, n):
        k, since = i - a, times[i] - times[a]
        pace = since / k
        if pace < low or pace > high:
            found.append((times[a], times[i - 1], k))
            a, low, high = i, -INFINITY, INFINITY
            continue
        low, high = max(low, (since - off) / k), min(high, (since + off) / k)
    if n:
        found.append((times[a], times[n - 1], n - a))
    return found


cdef list runs(const double *times, int64_t n):
    """The blocks of `n` instants, as `sim.ahead.runs.runs` has them."""
    cdef list exact
    if times[n - 1] - times[0] >= SELDOM_S * (n - 1):
        return [(times[k], times[k], 1) for k in range(n)]
    exact = within(times, n, EXACT_S)
    return exact if len(exact) * FEW <= n or n <= FEW else within(times, n, ABOUT_S)


cdef class Notebook:
    """What components of one making noted down. They share it: whoever goes the same way again writes the same notes to
    the same places, so what ran ahead need not be copied when it is void, nor when it came true."""

    def __dealloc__(self):
        free(self.notes)

    cdef int grow(self) except -1:
        cdef int64_t room = max(2 * self.room, 64)
        cdef ps_note *more = <ps_note *>realloc(self.notes, room * sizeof(ps_note))
        if more == NULL:
            raise MemoryError
        self.notes, self.room = more, room
        return 0

    cdef list take(self, int64_t upto, int what, int number):
        """The runs of `what` of `number` noted before place `upto`; they are forgotten."""
        cdef int64_t n = upto - self.base, k, stay = n, took = 0
        cdef double *times
        cdef list found
        for k in range(n):
            took += self.notes[k].what == what and self.notes[k].number == number
        if took == 0:
            return []
        times = <double *>malloc(took * sizeof(double))
        if times == NULL:
            raise MemoryError
        for k in range(n - 1, -1, -1):
            if self.notes[k].what == what and self.notes[k].number == number:
                took -= 1
                times[took] = self.notes[k].time
            else:  # the others close up towards what may have been noted ahead
                stay -= 1
                self.notes[stay] = self.notes[k]
        found = runs(times, stay)
        free(times)
        memmove(self.notes, &self.notes[stay], (self.high - self.base - stay) * sizeof(ps_note))
        self.base += stay
        return found


cdef class Component(Recorder):
    """One block of memory: timers, streams, hands and whatever a subclass carves from it in `layout`.

    A subclass calls `prepare` once, and overrides `layout` (carve the arrays: run twice, first to measure) and `fire`
    (a timer is due). Everything that changes while it runs lies in the block, so that `follow` is one copy.
    """

    def __cinit__(self):
        self.book, self.diary = Notebook(), Notebook()

    def __dealloc__(self):
        free(self.memory)

    cdef int prepare(self, int slots, list streams, int hands) except -1:
        self.slots, self.hand_room, self.held = max(slots + (slots & 1), 2), hands, streams
        self.levels = ps_levels(self.slots)
        free(self.memory)
        self.block = self.memory = NULL
        self.carved = 0
        self._carve()
        self.size = self.carved
        self.memory = <char *>calloc(1, self.size + CACHE_LINE)
        if self.memory == NULL:
            raise MemoryError
        self.block = <char *>((<size_t>self.memory + CACHE_LINE - 1) & ~<size_t>(CACHE_LINE - 1))
        self.carved = 0
        self._carve()
        ps_clear(self.keys, self.win, self.slots)
        for n, (state, inc, law, a, b, c, values) in enumerate(streams):
            self._seed(n, state.to_bytes(16, "little") + inc.to_bytes(16, "little"), law, a, b, c, values)
        return 0

    cdef int _carve(self) except -1:
        self.streams = <ps_stream *>self._bytes(len(self.held) * sizeof(ps_stream))
        self.keys = <ps_key *>self._bytes(self.slots * sizeof(ps_key))
        self.win = <int32_t *>self.ints(self.slots)
        self.hand_at = <int32_t *>self.ints(2)
        self.layout()
        self.lasting = self.carved  # what follows matters only while a hand is up
        self.hand_what = <int32_t *>self.ints(3 * self.hand_room)
        self.hand_value = self.doubles(self.hand_room)
        return 0

    def _seed(self, int n, bytes state, int law, double a, double b, double c, values):
        cdef ps_stream *s = &self.streams[n]
        cdef const double[::1] view
        memcpy(s, PyBytes_AS_STRING(state), 32)
        s.law, s.a, s.b, s.c = law, a, b, c
        if values is not None:  # kept alive by `held`
            view = values
            s.values, s.n = &view[0], view.shape[0]

    cdef char *_bytes(self, Py_ssize_t n) except? NULL:
        # larger arrays begin with a cache line
        if n >= CACHE_LINE:
            self.carved = (self.carved + CACHE_LINE - 1) & ~(CACHE_LINE - 1)
        cdef char *at = self.block + self.carved if self.block != NULL else NULL
        self.carved += (n + 15) & ~15
        return at

    cdef double *doubles(self, Py_ssize_t n) except? NULL:
        return <double *>self._bytes(8 * n)

    cdef int *ints(self, Py_ssize_t n) except? NULL:
        return <int *>self._bytes(4 * n)

    cdef long long *longs(self, Py_ssize_t n) except? NULL:
        return <long long *>self._bytes(8 * n)

    cdef int layout(self) except -1:
        return 0

    cdef int fire(self, int slot) except -1:
        return 0

    cdef int arise(self, int what, int unit, int aux, double value) except -1:
        """Raise a hand: Python is asked as soon as the event is over."""
        cdef int n = self.hand_at[1]
        if n == self.hand_at[0]:
            n = self.hand_at[0] = 0
        if n == self.hand_room:
            raise OverflowError(f"more than {n} hands raised in one event")
        self.hand_what[3 * n], self.hand_what[3 * n + 1], self.hand_what[3 * n + 2] = what, unit, aux
        self.hand_value[n] = value
        self.hand_at[1] = n + 1
        return 0

    def hand(self):
        """The oldest raised hand as (what, unit, aux, value), or None. Each is given once."""
        cdef int n = self.hand_at[0]
        if n == self.hand_at[1]:
            self.hand_at[0] = self.hand_at[1] = 0
            return None
        self.hand_at[0] = n + 1
        return self.hand_what[3 * n], self.hand_what[3 * n + 1], self.hand_what[3 * n + 2], self.hand_value[n]

    def take_notes(self, int what, int number):
        """What was noted of `what` of `number` and nobody has taken yet, as sim.ahead.runs has it: blocks of
        (first, last instant in s, how many)."""
        return self.book.take(self.noted, what, number)

    def read_diary(self):
        """All that was told so far, as the bytes of an array of sim.tracing.NOTE."""
        return PyBytes_FromStringAndSize(<char *>self.diary.notes, self.told * sizeof(ps_note)) if self.told else b""

    cdef int advance(self, double until, bint inclusive, long long budget) except -1:
        """Fire timers up to `until`, at most `budget` of them, or until a hand is raised."""
        cdef int slot
        cdef int64_t begun
        while not raised(self):
            slot = due(self, until, inclusive)
            if slot < 0:
                return LIMIT
            if budget == 0:
                return PAUSED
            budget -= 1
            begun = begin(self, slot)
            self.fire(slot)
            end(self, slot, begun)
        return HAND

    cdef int follow(self, Component other) except -1:
        """Become a copy of `other`, a component of the same making."""
        memcpy(self.block, other.block, self.size if raised(other) else self.lasting)
        self._share_ring(other)
        self.now, self.events, self.seq = other.now, other.events, other.seq
        self.records, self.used = other.records, other.used
        self.tracing, self.keeping, self.kept_size = other.tracing, other.keeping, 0
        self.book, self.noted = other.book, other.noted
        self.diary, self.told = other.diary, other.told
        return 0

    cdef void _share_ring(self, Component other) noexcept:
        """The ring becomes that of `other`. When both are in the round in which they last were equal, the records up to
        there need not be copied again."""
        cdef int64_t same = 0, round = other.records - other.used
        if self.shared_with == <void *>other and self.records - self.used == round and self.shared > round:
            same = self.shared - round
        memcpy(self.ring + same, other.ring + same, (other.used - same) * LINE_BYTES)
        self.shared_with, other.shared_with = <void *>other, <void *>self
        self.shared = other.shared = other.records

    def extent(self):
        """What two components of the same making have in common: the sizes of what `follow` copies."""
        return self.size, self.slots, len(self.held or ()), self.hand_room

    def run(self, double until, int64_t budget=1 << 62):
        """Advance alone (no floor, no snapshot): 0 nothing more is due, 1 the budget is spent, 2 a hand is up."""
        return self.advance(until, False, budget)

    @property
    def bytes_in_block(self):
        """Size of the block in bytes; `bytes_of_timers` of it are its calendar."""
        return self.size

    @property
    def bytes_of_timers(self):
        return self.slots * (sizeof(ps_key) + sizeof(int32_t))

