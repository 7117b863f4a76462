# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The machines of one line as one block of memory: what happens when a timer is due, and nothing else.

    entry -> [station 0] -> gap 0 -> [station 1] -> gap 1 -> ... -> [last station] -> out
                ^-------------- rework --------------'

A station has one or more equal units; units are numbered through the line. This one file is run interpreted, or compiled
(Cython, pure Python mode) as `plants.floor._kernel`; both fire the same events and write the same trace. It refuses to
know orders, stock, crews and people: it raises a hand (see `words`) and goes on when it is answered.

What a machine does, as verbs: take_next -> (enter) -> begin -> work -> worked -> finished -> put, with fail, mended,
service and serviced between. A finished but blocked part occupies its machine; an interrupted part is resumed.
"""

import cython

from plants.floor import words

if cython.compiled:
    from cython.cimports.sim.leaf import Component, arm, disarm, draw, record, share
else:
    from sim.twin import Component, arm, disarm, draw, record, share

INFINITY = cython.declare(cython.double, float("inf"))
ENDLESS = cython.declare(cython.longlong, 1 << 60)

IDLE = cython.declare(cython.int, words.IDLE)
SETUP = cython.declare(cython.int, words.SETUP)
WORKING = cython.declare(cython.int, words.WORKING)
BLOCKED = cython.declare(cython.int, words.BLOCKED)
STARVED = cython.declare(cython.int, words.STARVED)
DOWN = cython.declare(cython.int, words.DOWN)
MAINTENANCE = cython.declare(cython.int, words.MAINTENANCE)
OFF_SHIFT = cython.declare(cython.int, words.OFF_SHIFT)

DONE = cython.declare(cython.int, words.DONE)
STATE = cython.declare(cython.int, words.STATE)
OUT = cython.declare(cython.int, words.OUT)
FAILED = cython.declare(cython.int, words.FAILED)
MENDED = cython.declare(cython.int, words.MENDED)
SERVICED = cython.declare(cython.int, words.SERVICED)
SET_UP = cython.declare(cython.int, words.SET_UP)
DUE = cython.declare(cython.int, words.DUE)
SHIFT = cython.declare(cython.int, words.SHIFT)
HALTED = cython.declare(cython.int, words.HALTED)
LIFTED = cython.declare(cython.int, words.LIFTED)
LOST = cython.declare(cython.int, words.LOST)

WORK = cython.declare(cython.int, words.WORK)
MATERIAL = cython.declare(cython.int, words.MATERIAL)
LOT = cython.declare(cython.int, words.LOT)
CREW = cython.declare(cython.int, words.CREW)
BROKEN = cython.declare(cython.int, words.BROKEN)
WHOLE = cython.declare(cython.int, words.WHOLE)
REPAIR = cython.declare(cython.int, words.REPAIR)
BREAKDOWN = cython.declare(cython.int, words.BREAKDOWN)

# what the main timer of a unit means
AT_WORK = cython.declare(cython.int, 0)
IN_REPAIR = cython.declare(cython.int, 1)
IN_SERVICE = cython.declare(cython.int, 2)
# what a service counts
BY_CALENDAR = cython.declare(cython.int, 0)
BY_WORK = cython.declare(cython.int, 1)
BY_CYCLES = cython.declare(cython.int, 2)


@cython.final
@cython.cclass
class Kernel(Component):
    """Build it from a `plants.floor.design.Design`; `sim`'s Floor runs it. Times are seconds, units and gaps ints."""

    # sizes and switches; all else lies in the block
    units: cython.int
    stations: cython.int
    gaps: cython.int
    lots: cython.int
    services: cython.int
    calendars: cython.int
    places: cython.longlong
    before: cython.bint
    single: cython.bint
    loses: cython.bint
    reporting: cython.bint
    wip_limit: cython.longlong
    windows: cython.int
    opens: cython.double[::1]
    closes: cython.double[::1]
    worked_before: cython.double[::1]

    # per unit: what it is
    station: cython.p_int
    cycle: cython.p_int
    after: cython.p_int
    repair: cython.p_int
    scrap: cython.p_int
    rework: cython.p_int
    by_crew: cython.p_int
    first_service: cython.p_int
    scrap_share: cython.p_double
    rework_share: cython.p_double
    rework_to: cython.p_int
    # per unit: how it is
    state: cython.p_int
    shown: cython.p_int
    part: cython.p_int
    phase: cython.p_int
    active: cython.p_int
    setting: cython.p_int
    waiting: cython.p_int
    broken: cython.p_int
    serving: cython.p_int
    next_unit: cython.p_int
    done_count: cython.p_longlong
    left: cython.p_double
    span: cython.p_double
    began: cython.p_double
    to_failure: cython.p_double
    busy: cython.p_double
    down: cython.p_double
    down_since: cython.p_double
    # per gap, and per queue of units
    capacity: cython.p_longlong
    stored: cython.p_longlong
    area: cython.p_double
    reserved: cython.p_int
    takers: cython.p_int
    ring_at: cython.p_int
    ring_first: cython.p_int
    lot_ring: cython.p_int
    head: cython.p_int
    tail: cython.p_int
    # per station: parts that came back
    returns: cython.p_longlong
    return_first: cython.p_int
    return_ring: cython.p_int
    # per lot
    size_of: cython.p_longlong
    entered_of: cython.p_longlong
    good_of: cython.p_longlong
    scrap_of: cython.p_longlong
    setup_of: cython.p_double
    factor_of: cython.p_double
    yield_of: cython.p_double
    yield_stream: cython.p_int
    # per service; per unit that fails by the calendar
    service_unit: cython.p_int
    service_counts: cython.p_int
    service_stream: cython.p_int
    service_every: cython.p_double
    service_left: cython.p_double
    fails_unit: cython.p_int
    fails_phase: cython.p_int
    # the line (one of each)
    factor: cython.p_double
    wip_sum: cython.p_double
    halts: cython.p_int
    entry: cython.p_int
    asked: cython.p_int
    shut: cython.p_int
    window: cython.p_int
    credit: cython.p_longlong
    wip: cython.p_longlong
    goods: cython.p_longlong
    scraps: cython.p_longlong
    losses: cython.p_longlong

    def __init__(self, design: object) -> None:
        d: object = design
        self.units, self.stations = len(d.station), d.stations
        self.gaps, self.lots = d.stations - 1, d.lots
        self.services, self.calendars = len(d.service_unit), len(d.fails_unit)
        self.places = d.places
        self.before, self.single, self.loses = d.before, d.single, d.loses
        self.reporting, self.wip_limit = d.reporting, d.wip_limit
        self.windows = len(d.opens)
        self.opens, self.closes, self.worked_before = d.opens, d.closes, d.worked_before
        timers = self.units + self.calendars + self.services + 1
        self.prepare(timers, d.streams, 4 * self.units + 2 * self.lots + 8)
        self._fill(d)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def layout(self) -> cython.int:
        """Carve every array from the block."""
        u: cython.int = self.units
        self.left, self.span, self.began = self.doubles(u), self.doubles(u), self.doubles(u)
        self.to_failure, self.busy = self.doubles(u), self.doubles(u)
        self.done_count = self.longs(u)
        self.station, self.cycle, self.part, self.state = self.ints(u), self.ints(u), self.ints(u), self.ints(u)
        self.shown, self.phase, self.active, self.setting = self.ints(u), self.ints(u), self.ints(u), self.ints(u)
        self.waiting, self.broken, self.serving = self.ints(u), self.ints(u), self.ints(u)
        self.next_unit, self.scrap, self.rework = self.ints(u), self.ints(u), self.ints(u)
        self.after, self.repair, self.by_crew = self.ints(u), self.ints(u), self.ints(u)
        self.first_service, self.rework_to = self.ints(u + 1), self.ints(u)
        self.scrap_share, self.rework_share = self.doubles(u), self.doubles(u)
        self.down, self.down_since = self.doubles(u), self.doubles(u)
        g: cython.int = self.gaps
        self.capacity, self.stored, self.area = self.longs(g), self.longs(g), self.doubles(g)
        self.reserved, self.takers = self.ints(g), self.ints(g)
        self.head, self.tail = self.ints(3 * g + 2), self.ints(3 * g + 2)
        self.ring_at, self.ring_first = self.ints(g + 1), self.ints(g)
        self.returns, self.return_first = self.longs(self.stations), self.ints(self.stations)
        if not self.single:
            self.lot_ring = self.ints(self.places)
            self.return_ring = self.ints(self.stations * self.places)
        return self._layout_rest()

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _layout_rest(self) -> cython.int:
        n: cython.int = self.lots
        self.size_of, self.entered_of = self.longs(n), self.longs(n)
        self.good_of, self.scrap_of = self.longs(n), self.longs(n)
        self.setup_of, self.factor_of, self.yield_of = self.doubles(n), self.doubles(n), self.doubles(n)
        self.yield_stream = self.ints(n)
        s: cython.int = self.services
        self.service_unit, self.service_counts, self.service_stream = self.ints(s), self.ints(s), self.ints(s)
        self.service_every, self.service_left = self.doubles(s), self.doubles(s)
        self.fails_unit, self.fails_phase = self.ints(self.calendars), self.ints(self.calendars)
        self.factor, self.wip_sum = self.doubles(1), self.doubles(1)
        self.halts, self.entry, self.asked = self.ints(1), self.ints(1), self.ints(1)
        self.shut, self.window = self.ints(1), self.ints(1)
        self.credit, self.wip = self.longs(1), self.longs(1)
        self.goods, self.scraps, self.losses = self.longs(1), self.longs(1), self.longs(1)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _fill(self, d: object) -> cython.int:
        """Parameters into the block, and every machine at its start."""
        n: cython.int
        for n in range(self.units):
            self.station[n], self.cycle[n], self.after[n], self.repair[n] = (
                d.station[n],
                d.cycle[n],
                d.after[n],
                d.repair[n],
            )
            self.scrap[n], self.rework[n], self.by_crew[n] = d.scrap[n], d.rework[n], d.by_crew[n]
            self.scrap_share[n], self.rework_share[n] = d.scrap_share[n], d.rework_share[n]
            self.rework_to[n], self.first_service[n] = d.rework_to[n], d.first_service[n]
            self.part[n] = self.next_unit[n] = self.shown[n] = -1
            self.to_failure[n] = INFINITY
            self.down_since[n] = -1.0
        self.first_service[self.units] = self.services
        for n in range(self.gaps):
            self.capacity[n], self.ring_at[n] = d.capacity[n], d.ring_at[n]
        for n in range(3 * self.gaps + 2):
            self.head[n] = self.tail[n] = -1
        for n in range(self.services):
            self.service_unit[n], self.service_counts[n] = d.service_unit[n], d.service_counts[n]
            self.service_stream[n], self.service_every[n] = d.service_stream[n], d.service_every[n]
            self.service_left[n] = d.service_every[n]
        for n in range(self.calendars):
            self.fails_unit[n] = d.fails_unit[n]
        self.factor[0] = 1.0
        self.entry[0] = -1
        return 0

    def start(self) -> None:
        """Every machine begins its life now (at time 0)."""
        n: cython.int
        for n in range(self.units):
            if self.after[n] >= 0 and not self._by_calendar(n):
                self.to_failure[n] = draw(self, self.after[n])
        for n in range(self.calendars):
            arm(self, self.units + n, self.now + draw(self, self.after[self.fails_unit[n]]))
        for n in range(self.services):
            if self.service_counts[n] == BY_CALENDAR:
                arm(self, self.units + self.calendars + n, self.now + self.service_every[n])
        if self.windows:
            self.shut[0] = 1
            self.window[0] = -1
            self._shift_turns()
        for n in range(self.units):
            self._push(3 * self.gaps + 1, n)
        self._settle()

    @cython.cfunc
    def _by_calendar(self, u: cython.int) -> cython.bint:
        n: cython.int
        for n in range(self.calendars):
            if self.fails_unit[n] == u:
                return True
        return False

    # --- queues of units: first in, first out; a unit stands in at most one --------------------------------------------
    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _push(self, queue: cython.int, u: cython.int) -> cython.void:
        self.next_unit[u] = -1
        if self.head[queue] < 0:
            self.head[queue] = u
        else:
            self.next_unit[self.tail[queue]] = u
        self.tail[queue] = u

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _pop(self, queue: cython.int) -> cython.int:
        u: cython.int = self.head[queue]
        if u >= 0:
            self.head[queue] = self.next_unit[u]
        return u

    # --- timers ----------------------------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def fire(self, slot: cython.int) -> cython.int:
        """The timer of `slot` is due."""
        if slot < self.units:
            if self.phase[slot] == AT_WORK:
                self._worked(slot)
            elif self.phase[slot] == IN_REPAIR:
                self._mended(slot)
            else:
                self._serviced(slot)
        else:
            self._fire_other(slot - self.units)
        if self.head[3 * self.gaps + 1] >= 0:
            self._settle()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _fire_other(self, n: cython.int) -> cython.int:
        if n < self.calendars:
            return self._calendar_failure(n)
        n -= self.calendars
        if n < self.services:
            self.service_left[n] = 0.0
            record(self, self.now, DUE, self.service_unit[n], 0, -1, n)
            arm(self, self.units + self.calendars + n, self.now + self.service_every[n])
            return 0
        return self._shift_turns()

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _settle(self) -> cython.int:
        """Units that came free take their next part, first come first served."""
        u: cython.int = self._pop(3 * self.gaps + 1)
        while u >= 0:
            self._take_next(u)
            u = self._pop(3 * self.gaps + 1)
        return 0

    # --- the life of a part ------------------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _take_next(self, u: cython.int) -> cython.int:
        """A free unit takes what came back, else what waits before it, else it starves."""
        s: cython.int = self.station[u]
        g: cython.int = s - 1
        p: cython.int
        part: cython.int
        if self.returns[s] > 0:
            return self._receive(u, self._come_back(s))
        if s == 0:
            return self._enter(u)
        p = self._pop(self.gaps + g)
        if self.stored[g] > 0:
            part = self._unstore(g)
            if p >= 0:
                self._store(g, self.part[p])
        elif p >= 0:
            part = self.part[p]
        else:
            self.state[u] = STARVED
            self._show(u)
            self.takers[g] += 1
            self._push(g, u)
            return self._room(g) if self.before else 0
        if p >= 0:
            self._release(p)
        if self.before:
            self._room(g)
        return self._receive(u, part)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _enter(self, u: cython.int) -> cython.int:
        """A new piece is let in: its lot's turn, its material, and the setup when the item changes."""
        lot: cython.int = self.entry[0]
        why: cython.int = 0
        if self.halts[0] > 0 or (self.wip_limit > 0 and self.wip[0] >= self.wip_limit):
            self.state[u] = STARVED
        elif lot < 0:
            self.state[u], why = IDLE, WORK
        elif self.credit[0] <= 0:
            self.state[u], why = STARVED, MATERIAL
        else:
            self.credit[0] -= 1
            self.entered_of[lot] += 1
            self.wip[0] += 1
            self.wip_sum[0] -= self.now
            if self.entered_of[lot] >= self.size_of[lot]:
                self.entry[0] = -1
            if self.setup_of[lot] > 0.0:
                self.part[u] = lot
                self.left[u], self.setup_of[lot], self.setting[u] = self.setup_of[lot], 0.0, 1
                return self._work(u)
            return self._receive(u, lot)
        self._show(u)
        self._push(3 * self.gaps, u)
        if why and not self.asked[0]:
            self.asked[0] = 1
            self.arise(why, u, lot, 0.0)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _receive(self, u: cython.int, part: cython.int) -> cython.int:
        self.part[u] = part
        return self._begin(u)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _begin(self, u: cython.int) -> cython.int:
        """The cycle begins; before-service waits for the place behind first."""
        g: cython.int = self.station[u]
        cycle: cython.double
        if self.before and g < self.gaps:
            if not self._has_room(g):
                self.state[u] = BLOCKED
                self._push(2 * self.gaps + g, u)
                return self._show(u)
            self.reserved[g] += 1
        cycle = draw(self, self.cycle[u])
        if not self.single:
            cycle *= self.factor_of[self.part[u]]
        if self.factor[0] != 1.0:
            cycle /= self.factor[0]
        self.left[u] = cycle
        return self._work(u)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _work(self, u: cython.int) -> cython.int:
        """Work (or setup) goes on until it is done or the machine fails, unless something keeps it from going on."""
        span: cython.double = self.left[u]
        if self.halts[0] > 0 or self.broken[u] > 0:
            self.waiting[u] = 1
            self.state[u] = STARVED  # whatever it is, it shows `down`
            return self._show(u)
        if self.services and self._service_due(u):
            return 0
        if self.to_failure[u] <= 0.0:
            return self._fail(u)
        if self.to_failure[u] < span:
            span = self.to_failure[u]
        self.began[u], self.span[u] = self.now, span
        self.active[u], self.phase[u] = 1, AT_WORK
        arm(self, u, self.now + span if self.windows == 0 else self._finish(span))
        if self.setting[u]:
            self.state[u] = SETUP
            return self._show(u)
        if self.state[u] != WORKING or self.shown[u] != WORKING:
            self.state[u] = WORKING
            return self._show(u)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _worked(self, u: cython.int) -> cython.int:
        """The planned span of work is over."""
        self._book(u, self.span[u])
        return self._after_work(u)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _after_work(self, u: cython.int) -> cython.int:
        if self.left[u] > 0.0:
            return self._work(u)
        if self.setting[u]:
            self.setting[u] = 0
            record(self, self.now, SET_UP, u, 0, self.part[u], 0)
            return self._begin(u)
        return self._finished(u)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _book(self, u: cython.int, worked: cython.double) -> cython.int:
        """So much of the span was really worked."""
        self.active[u] = 0
        self.left[u] -= worked
        self.busy[u] += worked
        self.to_failure[u] -= worked
        if self.services:
            self._wear(u, worked, BY_WORK)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _finished(self, u: cython.int) -> cython.int:
        """A part is finished here: scrapped, sent back, let out, or handed on."""
        s: cython.int = self.station[u]
        part: cython.int = self.part[u]
        self.done_count[u] += 1
        record(self, self.now, DONE, u, WORKING, part, self.done_count[u])
        if self.services:
            self._wear(u, 1.0, BY_CYCLES)
        if self.scrap[u] >= 0 and share(self, self.scrap[u]) < self.scrap_share[u]:
            self._leave(u, part, False)
        elif self.rework[u] >= 0 and share(self, self.rework[u]) < self.rework_share[u]:
            self._send_back(self.rework_to[u], part)
        elif s == self.gaps:
            self._leave(u, part, True)
        elif not self._put(u, s, part):
            if s > 0 or not self.loses:
                return 0
            record(self, self.now, LOST, u, 0, part, self.losses[0])
        self.part[u] = -1
        if self.before and s < self.gaps:
            self.reserved[s] -= 1
            self._room(s)
        return self._take_next(u)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _put(self, u: cython.int, g: cython.int, part: cython.int) -> cython.int:
        """Hand a part on: to a machine that waits for it, or into the gap. 0 when there is no room (it is blocked)."""
        taker: cython.int = self._pop(g)
        if taker >= 0:
            self.takers[g] -= 1
            self._receive(taker, part)
            return 1
        if self.stored[g] < self.capacity[g]:
            self._store(g, part)
            return 1
        if g == 0 and self.loses:
            self.losses[0] += 1
            self.wip[0] -= 1
            self.wip_sum[0] += self.now
            return 0
        self.state[u] = BLOCKED
        self._push(self.gaps + g, u)
        self._show(u)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _store(self, g: cython.int, part: cython.int) -> cython.void:
        at: cython.int
        if not self.single:
            at = self.ring_first[g] + cython.cast(cython.int, self.stored[g])
            if at >= self.capacity[g]:
                at -= cython.cast(cython.int, self.capacity[g])
            self.lot_ring[self.ring_at[g] + at] = part
        self.stored[g] += 1
        self.area[g] -= self.now

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _unstore(self, g: cython.int) -> cython.int:
        first: cython.int
        self.stored[g] -= 1
        self.area[g] += self.now
        if self.single:
            return 0
        first = self.ring_first[g]
        self.ring_first[g] = first + 1 if first + 1 < self.capacity[g] else 0
        return self.lot_ring[self.ring_at[g] + first]

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _release(self, p: cython.int) -> cython.void:
        """A blocked unit has got rid of its part."""
        self.part[p] = -1
        if self.before:
            self.reserved[self.station[p]] -= 1
        self._push(3 * self.gaps + 1, p)

    @cython.cfunc
    @cython.inline
    def _has_room(self, g: cython.int) -> cython.bint:
        """Could a part finished now be handed on at once?"""
        return self.stored[g] + self.reserved[g] < self.capacity[g] + self.takers[g]

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _room(self, g: cython.int) -> cython.int:
        """Units that wait before service look again, as long as there is room."""
        while self.head[2 * self.gaps + g] >= 0 and self._has_room(g):
            self._begin(self._pop(2 * self.gaps + g))
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _leave(self, u: cython.int, part: cython.int, through: cython.bint) -> cython.int:
        """A piece leaves the line: good, unless its machine scrapped it or yield takes it."""
        good: cython.bint = through
        if through and self.yield_stream[part] >= 0:
            good = share(self, self.yield_stream[part]) < self.yield_of[part]
        self.wip[0] -= 1
        self.wip_sum[0] += self.now
        if good:
            self.good_of[part] += 1
            self.goods[0] += 1
            record(self, self.now, OUT, u, 1, part, self.goods[0])
        else:
            self.scrap_of[part] += 1
            self.scraps[0] += 1
            record(self, self.now, OUT, u, 0, part, self.scraps[0])
        if self.good_of[part] + self.scrap_of[part] >= self.size_of[part]:
            self.arise(LOT, u, part, 0.0)
        if self.wip_limit:
            self._wake_entry()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _send_back(self, s: cython.int, part: cython.int) -> cython.int:
        """A part goes back to station `s`, where it is worked before anything new."""
        at: cython.longlong
        taker: cython.int
        if not self.single:
            at = self.return_first[s] + self.returns[s]
            if at >= self.places:
                at -= self.places
            self.return_ring[s * self.places + at] = part
        self.returns[s] += 1
        if s == 0:
            if self.halts[0] == 0:
                self._wake_entry()
            return 0
        taker = self._pop(s - 1)
        if taker >= 0:
            self.takers[s - 1] -= 1
            return self._receive(taker, self._come_back(s))
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _come_back(self, s: cython.int) -> cython.int:
        first: cython.int
        self.returns[s] -= 1
        if self.single:
            return 0
        first = self.return_first[s]
        self.return_first[s] = first + 1 if first + 1 < self.places else 0
        return self.return_ring[s * self.places + first]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _wake_entry(self) -> cython.void:
        """The units that wait for new work look again."""
        u: cython.int = self._pop(3 * self.gaps)
        while u >= 0:
            self._push(3 * self.gaps + 1, u)
            u = self._pop(3 * self.gaps)

    # --- failures and services ---------------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _fail(self, u: cython.int) -> cython.int:
        """A failure that counts operating time: repaired in calendar time, by the crew where there is one."""
        seconds: cython.double = draw(self, self.repair[u])
        self.state[u] = DOWN
        self.down_since[u] = self.now
        record(self, self.now, FAILED, u, DOWN, self.part[u], 0)
        self._show(u)
        if self.reporting:
            self.arise(BROKEN, u, 0, 0.0)
        if self.by_crew[u]:
            return self.arise(CREW, u, REPAIR, seconds)
        self.phase[u] = IN_REPAIR
        arm(self, u, self.now + seconds)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _mended(self, u: cython.int) -> cython.int:
        self._whole(u)
        self.to_failure[u] = draw(self, self.after[u])
        return self._work(u)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _whole(self, u: cython.int) -> cython.int:
        self.down[u] += self.now - self.down_since[u]
        self.down_since[u] = -1.0
        record(self, self.now, MENDED, u, 0, self.part[u], 0)
        if self.reporting:
            self.arise(WHOLE, u, 0, 0.0)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _calendar_failure(self, n: cython.int) -> cython.int:
        """Failures on the calendar come whether the machine works or not."""
        u: cython.int = self.fails_unit[n]
        seconds: cython.double
        if self.fails_phase[n]:
            return self._calendar_mended(n)
        seconds = draw(self, self.repair[u])
        self.down_since[u] = self.now
        self.fails_phase[n] = 1
        record(self, self.now, FAILED, u, DOWN, self.part[u], 0)
        self._stop(u)
        if self.reporting:
            self.arise(BROKEN, u, 0, 0.0)
        if self.by_crew[u]:
            return self.arise(CREW, u, BREAKDOWN, seconds)
        arm(self, self.units + n, self.now + seconds)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _calendar_mended(self, n: cython.int) -> cython.int:
        u: cython.int = self.fails_unit[n]
        self.fails_phase[n] = 0
        self._whole(u)
        arm(self, self.units + n, self.now + draw(self, self.after[u]))
        return self._mend(u)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _stop(self, u: cython.int) -> cython.int:
        """Break (stops stack): nothing is worked until it is mended as often."""
        self.broken[u] += 1
        if self.broken[u] > 1:
            return 0
        if self.active[u]:
            return self._interrupt(u)
        return self._show(u)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _mend(self, u: cython.int) -> cython.int:
        self.broken[u] -= 1
        if self.broken[u] > 0:
            return 0
        return self._go_on(u)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _go_on(self, u: cython.int) -> cython.int:
        """What kept the unit is over: it resumes, or shows again what it is waiting for."""
        if self.waiting[u] and self.halts[0] == 0 and self.broken[u] == 0:
            self.waiting[u] = 0
            return self._work(u)
        return self._show(u)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _interrupt(self, u: cython.int) -> cython.int:
        """Stop the work that is going on; nothing done is lost."""
        worked: cython.double = self._between(self.began[u], self.now)
        if worked > self.span[u]:
            worked = self.span[u]
        disarm(self, u)
        self._book(u, worked)
        return self._after_work(u)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _wear(self, u: cython.int, amount: cython.double, counts: cython.int) -> cython.int:
        n: cython.int
        for n in range(self.first_service[u], self.first_service[u + 1]):
            if self.service_counts[n] == counts:
                self.service_left[n] -= amount
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _service_due(self, u: cython.int) -> cython.int:
        """Begin the first service that is due; 0 when none is."""
        n: cython.int
        seconds: cython.double
        for n in range(self.first_service[u], self.first_service[u + 1]):
            if self.service_left[n] <= 0.0:
                self.state[u] = MAINTENANCE
                self.serving[u] = n
                self._show(u)
                seconds = draw(self, self.service_stream[n])
                if self.by_crew[u]:
                    self.arise(CREW, u, n, seconds)
                else:
                    self.phase[u] = IN_SERVICE
                    arm(self, u, self.now + seconds)
                return 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _serviced(self, u: cython.int) -> cython.int:
        n: cython.int = self.serving[u]
        self.service_left[n] = self.service_every[n]
        record(self, self.now, SERVICED, u, 0, self.part[u], n)
        return self._work(u)

    # --- shifts --------------------------------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _shift_turns(self) -> cython.int:
        """A shift begins or ends now (or the line starts): what every machine shows, and when the next turn is."""
        u: cython.int
        i: cython.int = self.window[0]
        while i + 1 < self.windows and self.opens[i + 1] <= self.now:
            i += 1
        self.window[0] = i
        self.shut[0] = 0 if i >= 0 and self.now < self.closes[i] else 1
        if self.now > 0.0:
            record(self, self.now, SHIFT, 0, 1 - self.shut[0], -1, 0)
        for u in range(self.units):
            if self.shown[u] >= 0:
                self._show(u)
        if not self.shut[0]:
            arm(self, self.units + self.calendars + self.services, self.closes[i])
        elif i + 1 < self.windows:
            arm(self, self.units + self.calendars + self.services, self.opens[i + 1])
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _finish(self, work: cython.double) -> cython.double:
        """When `work` seconds begun now are done, in open time; infinity when the calendar does not hold that much."""
        i: cython.int = self._window_of(self.now)
        if i >= 0 and self.now < self.closes[i]:
            if self.now + work <= self.closes[i]:
                return self.now + work
            work -= self.closes[i] - self.now
        for i in range(i + 1, self.windows):
            if self.opens[i] + work <= self.closes[i]:
                return self.opens[i] + work
            work -= self.closes[i] - self.opens[i]
        return INFINITY

    @cython.cfunc
    @cython.exceptval(check=False)
    def _window_of(self, t: cython.double) -> cython.int:
        """The last window that opens at or before `t`; -1 before the first."""
        low: cython.int = 0
        high: cython.int = self.windows
        middle: cython.int
        while low < high:
            middle = (low + high) // 2
            if self.opens[middle] <= t:
                low = middle + 1
            else:
                high = middle
        return low - 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _open_by(self, t: cython.double) -> cython.double:
        """Open seconds in [0, t)."""
        i: cython.int = self._window_of(t)
        if i < 0:
            return 0.0
        return self.worked_before[i] + (t if t < self.closes[i] else self.closes[i]) - self.opens[i]

    @cython.cfunc
    @cython.exceptval(check=False)
    def _between(self, t: cython.double, until: cython.double) -> cython.double:
        return until - t if self.windows == 0 else self._open_by(until) - self._open_by(t)

    # --- what it shows -------------------------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _show(self, u: cython.int) -> cython.int:
        """Note the state the unit shows, when it is another one than before."""
        state: cython.int = self.state[u]
        if self.halts[0] > 0 or self.broken[u] > 0:
            state = DOWN
        elif self.shut[0] and state != DOWN and state != MAINTENANCE:
            state = OFF_SHIFT
        if state != self.shown[u]:
            self.shown[u] = state
            record(self, self.now, STATE, u, state, self.part[u], 0)
        return 0

    # --- commands from above, on a component that was touched ------------------------------------------------------------------
    def load(
        self, size: cython.longlong, credit: cython.longlong, setup: cython.double, factor: cython.double,
        yield_stream: cython.int, yield_share: cython.double,
    ) -> cython.int:  # fmt: skip
        """Give the line its next lot, with material for `credit` pieces of it. Returns the number it goes by until it
        is closed. Raises ValueError while another lot is still entering."""
        lot: cython.int = 0
        if self.entry[0] >= 0:
            raise ValueError("a lot is entering already")
        while lot < self.lots and self.size_of[lot] > 0:
            lot += 1
        if lot == self.lots:
            raise OverflowError(f"more than {self.lots} lots on the line")
        self.size_of[lot], self.entered_of[lot], self.good_of[lot], self.scrap_of[lot] = size, 0, 0, 0
        self.setup_of[lot], self.factor_of[lot] = setup, factor
        self.yield_stream[lot], self.yield_of[lot] = yield_stream, yield_share
        self.entry[0], self.credit[0] = lot, credit
        self.wake()
        return lot

    def unload(self) -> None:
        """Take back the lot that is entering, as far as it has not entered."""
        lot: cython.int = self.entry[0]
        if lot >= 0:
            self.entry[0] = -1
            self.size_of[lot] = self.entered_of[lot]

    def close(self, lot: cython.int) -> None:
        """Forget a counted lot; its number is free again."""
        self.size_of[lot] = 0

    def grant(self, credit: cython.longlong) -> None:
        """There is material for `credit` more pieces of the lot that is entering."""
        self.credit[0] = credit
        if credit > 0:
            self.wake()

    def wake(self) -> None:
        """Something the first machine waits for may be there: it looks, and asks, again."""
        self.asked[0] = 0
        self._wake_entry()
        self._settle()

    def halt(self) -> None:
        """Stand still until lifted as often. Work in progress keeps what was done."""
        u: cython.int
        self.halts[0] += 1
        if self.halts[0] > 1:
            return
        record(self, self.now, HALTED, 0, 0, -1, 0)
        for u in range(self.units):
            if self.active[u]:
                self._interrupt(u)
            else:
                self._show(u)
        self._settle()

    def lift(self) -> None:
        """Lift one halt."""
        u: cython.int
        self.halts[0] -= 1
        if self.halts[0] > 0:
            return
        record(self, self.now, LIFTED, 0, 0, -1, 0)
        for u in range(self.units):
            self._go_on(u)
        self._wake_entry()
        self._settle()

    def set_factor(self, factor: cython.double) -> None:
        """Work at `factor` x normal speed from the next piece on."""
        self.factor[0] = factor

    def stop(self, u: cython.int) -> None:
        """Break one unit."""
        self._stop(u)
        self._settle()

    def mend(self, u: cython.int) -> None:
        """Undo one stop of a unit."""
        self._mend(u)
        self._settle()

    def crew_done(self, u: cython.int, turn: cython.int) -> None:
        """The crew has done what hand CREW asked for: `turn` is the hand's aux."""
        n: cython.int
        if turn == REPAIR:
            self._mended(u)
        elif turn == BREAKDOWN:
            for n in range(self.calendars):
                if self.fails_unit[n] == u:
                    self._calendar_mended(n)
        else:
            self._serviced(u)
        self._settle()

    # --- to be read ------------------------------------------------------------------------------------------------------------
    def state_of(self, u: cython.int) -> cython.int:
        """What unit `u` shows (an index of words.STATES)."""
        return self.shown[u]

    def is_active(self, u: cython.int) -> cython.bint:
        """Is it working (or setting up) now?"""
        return self.active[u] != 0

    def done(self, u: cython.int) -> cython.longlong:
        """Parts finished by unit `u`."""
        return self.done_count[u]

    def busy_by(self, u: cython.int, now: cython.double) -> cython.double:
        """Seconds worked by `now`, the part in progress included."""
        worked: cython.double = 0.0
        if self.active[u]:
            worked = self._between(self.began[u], now)
            if worked > self.span[u]:
                worked = self.span[u]
        return self.busy[u] + worked

    def down_by(self, u: cython.int, now: cython.double) -> cython.double:
        """Seconds down after breakdowns by `now`, a repair in progress included."""
        return self.down[u] + (0.0 if self.down_since[u] < 0.0 else now - self.down_since[u])

    def gap_area(self, g: cython.int, now: cython.double) -> cython.double:
        """Integral of the parts in gap `g` over time up to `now`, piece-seconds."""
        return self.area[g] + self.stored[g] * now

    def wip_area(self, now: cython.double) -> cython.double:
        """The same for the parts on the line."""
        return self.wip_sum[0] + self.wip[0] * now

    def level(self, g: cython.int) -> cython.longlong:
        """Parts in gap `g`."""
        return self.stored[g]

    def totals(self) -> tuple:
        """(good, scrapped, lost, on the line)."""
        return self.goods[0], self.scraps[0], self.losses[0], self.wip[0]

    def lot_counts(self, lot: cython.int) -> tuple:
        """(size, entered, good, scrapped) of a lot."""
        return self.size_of[lot], self.entered_of[lot], self.good_of[lot], self.scrap_of[lot]

    def entering(self) -> tuple:
        """(lot that is entering or -1, pieces there is material for, is the line waiting for an answer)."""
        return self.entry[0], self.credit[0], self.asked[0] != 0

    def parts(self) -> list:
        """The lot of every part that is physically there: on a machine, in a gap, or on its way back."""
        found: list = []
        n: cython.int
        k: cython.longlong
        for n in range(self.units):
            if self.part[n] >= 0:
                found.append(self.part[n])
        for n in range(self.gaps):
            for k in range(self.stored[n]):
                found.append(
                    0 if self.single else self.lot_ring[self.ring_at[n] + (self.ring_first[n] + k) % self.capacity[n]]
                )
        for n in range(self.stations):
            for k in range(self.returns[n]):
                found.append(
                    0 if self.single else self.return_ring[n * self.places + (self.return_first[n] + k) % self.places]
                )
        return found
