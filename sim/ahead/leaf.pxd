"""What compiled components see of the leaf."""

from libc.math cimport INFINITY
from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t

cdef extern from "leaf.h":
    ctypedef struct ps_key:
        pass
    ctypedef struct ps_stream:
        double a, b, c
        const double *values
        int32_t law, n
    ctypedef struct ps_record:
        double time
        int64_t number, value
        int32_t aux
        uint16_t unit
        uint8_t kind, state
    ctypedef struct ps_note:
        double time
        int32_t what, number
    ps_key ps_make(double time, int64_t seq) noexcept nogil
    double ps_time(ps_key key) noexcept nogil
    int64_t ps_rank(ps_key key) noexcept nogil
    int32_t ps_levels(int32_t n) noexcept nogil
    void ps_set(ps_key *keys, int32_t *win, int32_t n, int32_t levels, int32_t slot, ps_key key) noexcept nogil
    void ps_fetch(const void *at) noexcept nogil
    int32_t ps_soon(const ps_key *keys, const int32_t *win, int32_t n, int32_t levels, int32_t slot) noexcept nogil
    void ps_clear(ps_key *keys, int32_t *win, int32_t n) noexcept nogil
    double ps_draw(ps_stream *s) noexcept nogil
    double ps_share(void *stream) noexcept nogil

cdef enum:
    RECORDS = 128  # records of a block that is hashed at once; the first 32 bytes carry the digest so far
    LIMIT = 0  # why `advance` came back: nothing is due before the limit
    PAUSED = 1  # the budget of events is spent
    HAND = 2  # somebody above must answer

cdef class Recorder:
    cdef ps_record *ring
    cdef object view
    cdef int32_t used
    cdef readonly bint tracing, keeping
    cdef readonly int64_t records
    cdef char *kept
    cdef Py_ssize_t kept_size, kept_room
    cdef bytes last_kept(self, Py_ssize_t count)
    cdef int flush(self) except -1
    cdef int keep(self) except -1

cdef inline int record(
    Recorder r, double time, int kind, int unit, int state, int aux, int64_t value
) except -1:
    """Write one 32-byte record."""
    cdef ps_record *at
    r.records += 1
    if not r.tracing:
        return 0
    at = &r.ring[r.used]
    at.time, at.number, at.aux, at.unit, at.kind, at.state, at.value = time, r.records, aux, unit, kind, state, value
    r.used += 1
    if r.keeping:
        r.keep()
    if r.used == RECORDS:
        return r.flush()
    return 0

cdef class Notebook:
    cdef ps_note *notes
    cdef int64_t base, room, high
    cdef int grow(self) except -1
    cdef list take(self, int64_t upto, int what, int number)

cdef class Component(Recorder):
    cdef public double now
    cdef Notebook book
    cdef readonly int64_t noted
    cdef Notebook diary
    cdef readonly int64_t told
    cdef readonly int64_t events
    cdef int64_t seq
    cdef char *block
    cdef char *memory
    cdef Py_ssize_t size, carved, lasting
    cdef int64_t shared
    cdef void *shared_with
    cdef ps_key *keys
    cdef int32_t *win
    cdef int32_t slots, levels
    cdef ps_stream *streams
    cdef int32_t *hand_at
    cdef int32_t *hand_what
    cdef double *hand_value
    cdef int32_t hand_room
    cdef list held
    cdef int _carve(self) except -1
    cdef char *_bytes(self, Py_ssize_t n) except? NULL
    cdef int layout(self) except -1
    cdef int prepare(self, int slots, list streams, int hands) except -1
    cdef double *doubles(self, Py_ssize_t n) except? NULL
    cdef int *ints(self, Py_ssize_t n) except? NULL
    cdef long long *longs(self, Py_ssize_t n) except? NULL
    cdef int fire(self, int slot) except -1
    cdef int advance(self, double until, bint inclusive, long long budget) except -1
    cdef int follow(self, Component other) except -1
    cdef void _share_ring(self, Component other) noexcept
    cdef int arise(self, int what, int unit, int aux, double value) except -1

cdef inline int note(Component c, int what, int number) except -1:
    """Note down that something of number `number` happened now."""
    cdef int64_t at = c.noted - c.book.base
    if at >= c.book.room:
        c.book.grow()
    c.book.notes[at].time, c.book.notes[at].what, c.book.notes[at].number = c.now, what, number
    c.noted += 1
    if c.noted > c.book.high:
        c.book.high = c.noted
    return 0

cdef inline int tell(Component c, int what, int number) except -1:
    """Write into the diary that `what` became of `number` now: it is kept to the end."""
    if c.told >= c.diary.room:
        c.diary.grow()
    c.diary.notes[c.told].time, c.diary.notes[c.told].what, c.diary.notes[c.told].number = c.now, what, number
    c.told += 1
    return 0

cdef inline int due(Component c, double until, bint inclusive) noexcept:
    """The slot that is due first when that is before `until` (or at it), else -1."""
    cdef int32_t slot = c.win[1]
    cdef double time = ps_time(c.keys[slot])
    return -1 if time > until or (time == until and not inclusive) or time == INFINITY else slot

cdef inline long long begin(Component c, int slot) noexcept:
    """The clock goes to the timer of `slot`, which fires. Returns what `end` wants to know."""
    c.now = ps_time(c.keys[slot])
    c.events += 1
    return ps_rank(c.keys[slot])

cdef inline void end(Component c, int slot, long long begun) noexcept:
    """The timer of `slot` has fired: it is not due again, unless it was set anew."""
    if ps_rank(c.keys[slot]) == begun:
        disarm(c, slot)

cdef inline int soon(Component c, int slot) noexcept:
    """A slot that will fire soon, now that `slot` has fired (more than 64 slots): its timer and stream are fetched."""
    cdef int32_t next = ps_soon(c.keys, c.win, c.slots, c.levels, slot)
    ps_fetch(&c.streams[next])
    return next

cdef inline bint raised(Component c) noexcept:
    """Is a hand up?"""
    return c.hand_at[1] != c.hand_at[0]

cdef inline bint pending(Component c, int what, int aux) noexcept:
    """Is this very hand up, and not taken yet?"""
    cdef int n
    for n in range(c.hand_at[0], c.hand_at[1]):
        if c.hand_what[3 * n] == what and c.hand_what[3 * n + 2] == aux:
            return True
    return False

cdef inline void arm(Component c, int slot, double at) noexcept:
    """Set the timer of `slot` to `at`; equal times fire in the order in which they were set."""
    c.seq += 1
    ps_set(c.keys, c.win, c.slots, c.levels, slot, ps_make(at, c.seq))

cdef inline void disarm(Component c, int slot) noexcept:
    """Take the timer of `slot` back."""
    ps_set(c.keys, c.win, c.slots, c.levels, slot, ps_make(INFINITY, slot))

cdef inline void arm_as(Component c, int slot, double at, long long rank) noexcept:
    """Set the timer of `slot`; equal times fire by `rank`."""
    ps_set(c.keys, c.win, c.slots, c.levels, slot, ps_make(at, rank))

cdef inline int first(Component c) noexcept:
    """The slot that is due first."""
    return c.win[1]

cdef inline double first_time(Component c) noexcept:
    """When it is due (infinity: never)."""
    return ps_time(c.keys[c.win[1]])

cdef inline double draw(Component c, int stream) noexcept:
    """The next draw of a stream."""
    return ps_draw(&c.streams[stream])

cdef inline double share(Component c, int stream) noexcept:
    """The next number of a stream, uniform in [0, 1)."""
    return ps_share(&c.streams[stream])
