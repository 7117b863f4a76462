# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The machines of one line as one block of memory: what happens when a timer is due, and nothing else.

    entry -> [station 0] -> gap 0 -> [station 1] -> gap 1 -> ... -> [last station] -> out
                ^-------------- rework --------------'

A station has one or more equal units; units are numbered through the line. This one file is run interpreted, or
compiled (Cython, pure Python mode) as `plants.floor._kernel`; both fire the same events and write the same trace. It
refuses to know orders, stock, crews and people: it raises a hand (see `words`) and goes on when it is answered.

What a machine does, as verbs: take_next -> (enter) -> begin -> work -> worked -> finished -> put, with fail, mended,
service and serviced between. A finished but blocked part occupies its machine; an interrupted part is resumed.

The file is long because one compiled class is spread over modules only by a .pxd, in which every struct and attribute
would be described a second time, beside what runs interpreted. A third of it is types. Its speed is not the reason:
methods called through the class's table, as between modules, instead of directly, cost 1.2 % at most (medians of 7
pairs on four lines: 0.988, 0.999, 1.008, 1.012).
"""

import cython

from plants.floor import words

if cython.compiled:
    from cython.cimports.sim.ahead.leaf import (
        Component,
        arm,
        begin,
        disarm,
        draw,
        due,
        end,
        note,
        pending,
        raised,
        record,
        share,
        soon,
        tell,
    )
    from cython.cimports.sim.ahead.leaf import ps_fetch as fetch
else:
    from sim.ahead.twin import Component, arm, disarm, draw, note, pending, record, share, tell

INFINITY = cython.declare(cython.double, float("inf"))

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

ENTERED = cython.declare(cython.int, words.ENTERED)
SCRAPPED = cython.declare(cython.int, words.SCRAPPED)
LEFT = cython.declare(cython.int, words.LEFT)
BREAKING = cython.declare(cython.int, words.BREAKING)
STOPPING = cython.declare(cython.int, words.STOPPING)
HALTING = cython.declare(cython.int, words.HALTING)
RUNNING = cython.declare(cython.int, words.RUNNING)
TOLD = cython.declare(cython.int, len(words.TOLD))

WORK = cython.declare(cython.int, words.WORK)
MATERIAL = cython.declare(cython.int, words.MATERIAL)
LOT = cython.declare(cython.int, words.LOT)
CREW = cython.declare(cython.int, words.CREW)
BROKEN = cython.declare(cython.int, words.BROKEN)
WHOLE = cython.declare(cython.int, words.WHOLE)
REPAIR = cython.declare(cython.int, words.REPAIR)
BREAKDOWN = cython.declare(cython.int, words.BREAKDOWN)

# why `advance` came back, as in the leaf
LIMIT = cython.declare(cython.int, 0)
PAUSED = cython.declare(cython.int, 1)
HAND = cython.declare(cython.int, 2)
STATES = cython.declare(cython.int, len(words.STATES))
# units that do not fit into the nearest caches
MANY = cython.declare(cython.int, 512)
# what the main timer of a unit means
AT_WORK = cython.declare(cython.int, 0)
IN_REPAIR = cython.declare(cython.int, 1)
IN_SERVICE = cython.declare(cython.int, 2)
# what a service counts
BY_CALENDAR = cython.declare(cython.int, 0)
BY_WORK = cython.declare(cython.int, 1)
BY_CYCLES = cython.declare(cython.int, 2)


Unit = cython.struct(  # two cache lines: what every part touches, and what is rare
    left=cython.double,  # work left to do on the part (or of the setup), seconds
    to_failure=cython.double,  # work left until it fails
    began=cython.double,  # when the work that is going on began
    busy=cython.double,
    done=cython.longlong,
    number=cython.int,
    station=cython.int,
    part=cython.int,  # the lot of the part on the machine; -1: none
    broken=cython.int,  # how many stops hold it
    state=cython.schar,
    shown=cython.schar,
    phase=cython.schar,
    active=cython.schar,
    setting=cython.schar,
    waiting=cython.schar,
    by_crew=cython.schar,
    told=cython.schar,  # what the diary has of it
    next=cython.int,  # the unit behind it in the queue it stands in
    after=cython.int,  # streams: to the next failure, of repairs, of shares
    repair=cython.int,
    scrap=cython.int,
    rework=cython.int,
    rework_to=cython.int,
    serving=cython.int,
    scrap_share=cython.double,
    rework_share=cython.double,
    down=cython.double,
    down_since=cython.double,
)
Gap = cython.struct(
    stored=cython.longlong,
    capacity=cython.longlong,
    area=cython.double,
    takers=cython.int,  # units that wait for a part
    reserved=cython.int,  # places promised to parts that are worked on (before-service)
    ring_at=cython.int,
    ring_first=cython.int,
)
Lot = cython.struct(
    size=cython.longlong,
    entered=cython.longlong,
    good=cython.longlong,
    scrap=cython.longlong,
    setup=cython.double,
    factor=cython.double,
    share=cython.double,  # that is good (yield), decided by `stream`
    stream=cython.int,
)
Line = cython.struct(
    factor=cython.double,
    wip_sum=cython.double,
    wip=cython.longlong,
    credit=cython.longlong,
    goods=cython.longlong,
    scraps=cython.longlong,
    losses=cython.longlong,
    halts=cython.int,
    entry=cython.int,  # the lot that is entering; -1: none
    asked=cython.int,
    flowing=cython.int,  # is `_flow` allowed?
    shut=cython.int,
    window=cython.int,
)


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
    inspects: cython.bint
    simple: cython.bint
    wip_limit: cython.longlong
    most_told: cython.longlong
    windows: cython.int
    laws: cython.int  # streams it may draw from
    opens: cython.double[::1]
    closes: cython.double[::1]
    worked_before: cython.double[::1]

    line: cython.pointer(Line)
    unit: cython.pointer(Unit)
    gap: cython.pointer(Gap)
    lot: cython.pointer(Lot)
    # queues of units, by gap: who waits for a part, who is blocked, who waits for a place to begin; and two more
    head: cython.p_int
    tail: cython.p_int
    at_entry: cython.int  # who waits for something to enter
    freed: cython.int  # who takes the next part before the event is over
    # lots of the parts in the gaps; per station: parts that came back
    lot_ring: cython.p_int
    returns: cython.p_longlong
    return_first: cython.p_int
    return_ring: cython.p_int
    # per service; per unit that fails by the calendar
    first_service: cython.p_int
    service_unit: cython.p_int
    service_counts: cython.p_int
    service_stream: cython.p_int
    service_every: cython.p_double
    service_left: cython.p_double
    fails_unit: cython.p_int
    fails_phase: cython.p_int
    # per unit and state, where it is reported: planned seconds so far; since when a unit shows what it shows
    spent: cython.p_double
    shown_at: cython.p_double

    def __init__(self, design: object) -> None:
        d: object = design
        self.units, self.stations = len(d.station), d.stations
        self.gaps, self.lots = d.stations - 1, d.lots
        self.at_entry, self.freed = 3 * self.gaps, 3 * self.gaps + 1
        self.services, self.calendars = len(d.service_unit), len(d.fails_unit)
        self.places = d.places
        self.before, self.single, self.loses = d.before, d.single, d.loses
        self.inspects = max(d.scrap) >= 0 or max(d.rework) >= 0
        special = d.before or d.loses or d.wip_limit or len(d.opens) or len(d.service_unit) or self.inspects
        self.simple = d.single and not special
        self.reporting, self.wip_limit, self.most_told = d.reporting, d.wip_limit, words.MOST_TOLD
        self.windows, self.laws = len(d.opens), len(d.streams)
        self.opens, self.closes, self.worked_before = d.opens, d.closes, d.worked_before
        timers = self.units + self.calendars + self.services + 1
        order, place = self._order(d)
        self.prepare(timers, [d.streams[n] for n in order], 4 * self.units + 2 * self.lots + 8)
        self._fill(d, place)

    def _order(self, d: object) -> tuple:
        """Streams as they lie here: the n-th is the cycles of unit n, then all others; and the place of each."""
        cycles: set = set(d.cycle)
        order: list = [*d.cycle, *(n for n in range(len(d.streams)) if n not in cycles)]
        return order, {-1: -1, **{n: at for at, n in enumerate(order)}}

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def layout(self) -> cython.int:
        """Carve every array from the block."""
        if cython.compiled:
            self.line = cython.cast(cython.pointer(Line), self._bytes(cython.sizeof(Line)))
            self.unit = cython.cast(cython.pointer(Unit), self._bytes(self.units * cython.sizeof(Unit)))
            self.gap = cython.cast(cython.pointer(Gap), self._bytes(self.gaps * cython.sizeof(Gap)))
            self.lot = cython.cast(cython.pointer(Lot), self._bytes(self.lots * cython.sizeof(Lot)))
        else:
            self.line = self.structs(1, Line)[0]
            self.unit, self.gap, self.lot = (
                self.structs(self.units, Unit),
                self.structs(self.gaps, Gap),
                self.structs(self.lots, Lot),
            )
        self.head, self.tail = self.ints(self.freed + 1), self.ints(self.freed + 1)
        self.returns, self.return_first = self.longs(self.stations), self.ints(self.stations)
        if not self.single:
            self.lot_ring = self.ints(self.places)
            self.return_ring = self.ints(self.stations * self.places)
        s: cython.int = self.services
        self.first_service = self.ints(self.units + 1)
        self.service_unit, self.service_counts, self.service_stream = self.ints(s), self.ints(s), self.ints(s)
        self.service_every, self.service_left = self.doubles(s), self.doubles(s)
        self.fails_unit, self.fails_phase = self.ints(self.calendars), self.ints(self.calendars)
        if self.reporting:
            self.spent, self.shown_at = self.doubles(STATES * self.units), self.doubles(self.units)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _fill(self, d: object, place: dict) -> cython.int:
        """Parameters into the block, and every machine at its start."""
        n: cython.int
        m: cython.pointer(Unit)
        for n in range(self.units):
            m = self._at(n)
            m.number, m.station, m.by_crew = n, d.station[n], d.by_crew[n]
            m.after, m.repair = place[d.after[n]], place[d.repair[n]]
            m.scrap, m.rework = place[d.scrap[n]], place[d.rework[n]]
            m.scrap_share, m.rework_share, m.rework_to = d.scrap_share[n], d.rework_share[n], d.rework_to[n]
            m.part = m.next = m.shown = m.told = -1
            m.to_failure = INFINITY
            m.down_since = -1.0
            self.first_service[n] = d.first_service[n]
        self.first_service[self.units] = self.services
        for n in range(self.gaps):
            self.gap[n].capacity, self.gap[n].ring_at = d.capacity[n], d.ring_at[n]
        for n in range(self.freed + 1):
            self.head[n] = self.tail[n] = -1
        for n in range(self.services):
            self.service_unit[n], self.service_counts[n] = d.service_unit[n], d.service_counts[n]
            self.service_stream[n], self.service_every[n] = place[d.service_stream[n]], d.service_every[n]
            self.service_left[n] = d.service_every[n]
        for n in range(self.calendars):
            self.fails_unit[n] = d.fails_unit[n]
        self.line.factor = 1.0
        self.line.entry = -1
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _at(self, u: cython.int) -> cython.pointer(Unit):
        if cython.compiled:
            return cython.address(self.unit[u])
        else:
            return self.unit[u]

    def start(self) -> None:
        """Every machine begins its life now (at time 0)."""
        n: cython.int
        m: cython.pointer(Unit)
        for n in range(self.units):
            m = self._at(n)
            if m.after >= 0 and not self._by_calendar(m):
                m.to_failure = draw(self, m.after)
        for n in range(self.calendars):
            arm(self, self.units + n, self.now + draw(self, self._at(self.fails_unit[n]).after))
        for n in range(self.services):
            if self.service_counts[n] == BY_CALENDAR:
                arm(self, self.units + self.calendars + n, self.now + self.service_every[n])
        if self.windows:
            self.line.shut = 1
            self.line.window = -1
            self._shift_turns()
        for n in range(self.units):
            self._push(self.freed, self._at(n))
        self._settle()

    @cython.cfunc
    def _by_calendar(self, m: cython.pointer(Unit)) -> cython.bint:
        n: cython.int
        for n in range(self.calendars):  # noqa: SIM110 - a generator would not be C
            if self.fails_unit[n] == m.number:
                return True
        return False

    # --- queues of units: first in, first out; a unit stands in at most one ----------------------------------------
    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _push(self, queue: cython.int, m: cython.pointer(Unit)) -> cython.void:
        m.next = -1
        if self.head[queue] < 0:
            self.head[queue] = m.number
        else:
            self._at(self.tail[queue]).next = m.number
        self.tail[queue] = m.number

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _pop(self, queue: cython.int) -> cython.int:
        u: cython.int = self.head[queue]
        if u >= 0:
            self.head[queue] = self._at(u).next
        return u

    # --- timers -----------------------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def advance(self, until: cython.double, inclusive: cython.bint, budget: cython.longlong) -> cython.int:
        """The leaf's own loop, here so that the compiler sees all of an event at once."""
        slot: cython.int
        begun: cython.longlong
        while not raised(self):
            slot = due(self, until, inclusive)
            if slot < 0:
                return LIMIT
            if budget == 0:
                return PAUSED
            budget -= 1
            begun = begin(self, slot)
            if not (slot < self.units and self.line.flowing and self._flow(self._at(slot))):
                self.fire(slot)
                end(self, slot, begun)
            if self.units > MANY and slot < self.units:
                fetch(cython.address(self.unit[soon(self, slot)]))
        return HAND

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def fire(self, slot: cython.int) -> cython.int:
        """The timer of `slot` is due."""
        m: cython.pointer(Unit)
        if slot < self.units:
            m = self._at(slot)
            if not cython.compiled and self.line.flowing and self._flow(m):
                return 0  # compiled, `advance` has tried that
            if m.phase == AT_WORK:
                self._worked(m)
            elif m.phase == IN_REPAIR:
                self._mended(m)
            else:
                self._serviced(m)
        else:
            self._fire_other(slot - self.units)
        if self.head[self.freed] >= 0:
            self._settle()
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _flow(self, m: cython.pointer(Unit)) -> cython.int:
        """The common event in one piece, for speed: a part is finished, there is room behind and a part before, and the
        next cycle begins. What `_worked` and all that follows would do, on a line where nothing but failures happens
        (`_may_flow`). 0, with nothing changed, when this event is not that common."""
        g: cython.int = m.station
        work: cython.double = m.left
        if m.phase != AT_WORK or m.setting or m.to_failure <= work:
            return 0
        if g < self.gaps and (self.head[g] >= 0 or self.gap[g].stored >= self.gap[g].capacity):
            return 0
        if g > 0 and (self.gap[g - 1].stored == 0 or self.head[self.gaps + g - 1] >= 0):
            return 0
        m.busy += work
        m.to_failure -= work
        m.done += 1
        record(self, self.now, DONE, m.number, WORKING, 0, m.done)
        if g < self.gaps:
            self.gap[g].stored += 1
            self.gap[g].area -= self.now
        else:
            self.line.wip -= 1
            self.line.wip_sum += self.now
            self.lot[0].good += 1
            self.line.goods += 1
            record(self, self.now, OUT, m.number, 1, 0, self.line.goods)
            if self.reporting:
                note(self, LEFT, 0)
        if g > 0:
            self.gap[g - 1].stored -= 1
            self.gap[g - 1].area += self.now
        else:
            self.line.credit -= 1
            self.line.wip += 1
            self.line.wip_sum -= self.now
            self.lot[0].entered += 1
            if self.reporting:
                note(self, ENTERED, 0)
        work = draw(self, m.number)
        m.left = work
        m.began = self.now
        arm(self, m.number, self.now + (m.to_failure if m.to_failure < work else work))
        return 1

    @cython.cfunc
    @cython.exceptval(check=False)
    def _may_flow(self) -> cython.void:
        """May `_flow` be used from here on? Asked whenever one of these changes."""
        self.line.flowing = (
            self.simple and self.line.halts == 0 and self.line.factor == 1.0
            and self.lot[0].stream < 0 and self.lot[0].factor == 1.0
        )  # fmt: skip

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
        u: cython.int = self._pop(self.freed)
        while u >= 0:
            self._take_next(self._at(u))
            u = self._pop(self.freed)
        return 0

    # --- the life of a part -----------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _take_next(self, m: cython.pointer(Unit)) -> cython.int:
        """A free unit takes what came back, else what waits before it, else it starves."""
        s: cython.int = m.station
        g: cython.int = s - 1
        p: cython.int
        part: cython.int
        if self.returns[s] > 0:
            return self._receive(m, self._come_back(s))
        if s == 0:
            return self._enter(m)
        p = self._pop(self.gaps + g)
        if self.gap[g].stored > 0:
            part = self._unstore(g)
            if p >= 0:
                self._store(g, self._at(p).part)
        elif p >= 0:
            part = self._at(p).part
        else:
            m.state = STARVED
            self._show(m)
            self.gap[g].takers += 1
            self._push(g, m)
            return self._room(g) if self.before else 0
        if p >= 0:
            self._release(self._at(p))
        if self.before:
            self._room(g)
        return self._receive(m, part)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _enter(self, m: cython.pointer(Unit)) -> cython.int:
        """A new piece is let in: its lot's turn, its material, and the setup when the item changes."""
        lot: cython.int = self.line.entry
        why: cython.int = 0
        if self.line.halts > 0 or (self.wip_limit > 0 and self.line.wip >= self.wip_limit):
            m.state = STARVED
        elif lot < 0:
            m.state, why = IDLE, WORK
        elif self.line.credit <= 0:
            m.state, why = STARVED, MATERIAL
        else:
            self.line.credit -= 1
            self.lot[lot].entered += 1
            self.line.wip += 1
            self.line.wip_sum -= self.now
            if self.reporting:
                note(self, ENTERED, lot)
            if self.lot[lot].entered >= self.lot[lot].size:
                self.line.entry = -1
            if self.lot[lot].setup > 0.0:
                m.part = lot
                m.left, self.lot[lot].setup, m.setting = self.lot[lot].setup, 0.0, 1
                return self._work(m)
            return self._receive(m, lot)
        self._show(m)
        self._push(self.at_entry, m)
        if why and not self.line.asked:
            self.line.asked = 1
            self.arise(why, m.number, lot, 0.0)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _receive(self, m: cython.pointer(Unit), part: cython.int) -> cython.int:
        m.part = part
        return self._begin(m)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _begin(self, m: cython.pointer(Unit)) -> cython.int:
        """The cycle begins; before-service waits for the place behind first."""
        g: cython.int = m.station
        cycle: cython.double
        if self.before and g < self.gaps:
            if not self._has_room(g):
                m.state = BLOCKED
                self._push(2 * self.gaps + g, m)
                return self._show(m)
            self.gap[g].reserved += 1
        cycle = draw(self, m.number)
        if self.lot[m.part].factor != 1.0:
            cycle *= self.lot[m.part].factor
        if self.line.factor != 1.0:
            cycle /= self.line.factor
        m.left = cycle
        return self._work(m)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _work(self, m: cython.pointer(Unit)) -> cython.int:
        """Work (or setup) goes on until it is done or the machine fails, unless something keeps it from going on."""
        span: cython.double
        if self.line.halts > 0 or m.broken > 0:
            m.waiting = 1
            m.state = STARVED  # whatever it is, it shows `down`
            return self._show(m)
        if self.services and self._service_due(m):
            return 0
        if m.to_failure <= 0.0:
            return self._fail(m)
        span = self._span(m)
        m.began = self.now
        m.active, m.phase = 1, AT_WORK
        arm(self, m.number, self.now + span if self.windows == 0 else self._finish(span))
        if m.setting:
            m.state = SETUP
            return self._show(m)
        if m.state != WORKING or m.shown != WORKING:
            m.state = WORKING
            return self._show(m)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _span(self, m: cython.pointer(Unit)) -> cython.double:
        """How long work goes on that has begun: to its end, or until the machine fails."""
        return m.to_failure if m.to_failure < m.left else m.left

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _worked(self, m: cython.pointer(Unit)) -> cython.int:
        """The planned span of work is over."""
        self._book(m, self._span(m))
        return self._after_work(m)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _after_work(self, m: cython.pointer(Unit)) -> cython.int:
        if m.left > 0.0:  # a machine that breaks in the middle of a part cannot wait for its service with it
            return self._fail(m) if m.to_failure <= 0.0 else self._work(m)
        if m.setting:
            m.setting = 0
            record(self, self.now, SET_UP, m.number, 0, m.part, 0)
            return self._begin(m)
        return self._finished(m)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _book(self, m: cython.pointer(Unit), worked: cython.double) -> cython.int:
        """So much of the span was really worked."""
        m.active = 0
        m.left -= worked
        m.busy += worked
        m.to_failure -= worked
        if self.services:
            self._wear(m, worked, BY_WORK)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _finished(self, m: cython.pointer(Unit)) -> cython.int:
        """A part is finished here: scrapped, sent back, let out, or handed on."""
        s: cython.int = m.station
        part: cython.int = m.part
        m.done += 1
        record(self, self.now, DONE, m.number, WORKING, part, m.done)
        if self.services:
            self._wear(m, 1.0, BY_CYCLES)
        if self.inspects and m.scrap >= 0 and share(self, m.scrap) < m.scrap_share:
            self._leave(m, part, False)
        elif self.inspects and m.rework >= 0 and share(self, m.rework) < m.rework_share:
            self._send_back(m.rework_to, part)
        elif s == self.gaps:
            self._leave(m, part, True)
        elif not self._put(m, s, part):
            if s > 0 or not self.loses:
                return 0
            record(self, self.now, LOST, m.number, 0, part, self.line.losses)
        m.part = -1
        if self.before and s < self.gaps:
            self.gap[s].reserved -= 1
            self._room(s)
        return self._take_next(m)

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _put(self, m: cython.pointer(Unit), g: cython.int, part: cython.int) -> cython.int:
        """Hand a part on: to a machine that waits for it, or into the gap. 0 when there is no room (it is blocked)."""
        taker: cython.int = self._pop(g)
        if taker >= 0:
            self.gap[g].takers -= 1
            self._receive(self._at(taker), part)
            return 1
        if self.gap[g].stored < self.gap[g].capacity:
            self._store(g, part)
            return 1
        if g == 0 and self.loses:
            self.line.losses += 1
            self.line.wip -= 1
            self.line.wip_sum += self.now
            return 0
        m.state = BLOCKED
        self._push(self.gaps + g, m)
        self._show(m)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _store(self, g: cython.int, part: cython.int) -> cython.void:
        at: cython.int
        if not self.single:
            at = self.gap[g].ring_first + cython.cast(cython.int, self.gap[g].stored)
            if at >= self.gap[g].capacity:
                at -= cython.cast(cython.int, self.gap[g].capacity)
            self.lot_ring[self.gap[g].ring_at + at] = part
        self.gap[g].stored += 1
        self.gap[g].area -= self.now

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _unstore(self, g: cython.int) -> cython.int:
        first: cython.int
        self.gap[g].stored -= 1
        self.gap[g].area += self.now
        if self.single:
            return 0
        first = self.gap[g].ring_first
        self.gap[g].ring_first = first + 1 if first + 1 < self.gap[g].capacity else 0
        return self.lot_ring[self.gap[g].ring_at + first]

    @cython.cfunc
    @cython.inline
    @cython.exceptval(check=False)
    def _release(self, m: cython.pointer(Unit)) -> cython.void:
        """A blocked unit has got rid of its part."""
        m.part = -1
        if self.before:
            self.gap[m.station].reserved -= 1
        self._push(self.freed, m)

    @cython.cfunc
    @cython.inline
    def _has_room(self, g: cython.int) -> cython.bint:
        """Could a part finished now be handed on at once?"""
        return self.gap[g].stored + self.gap[g].reserved < self.gap[g].capacity + self.gap[g].takers

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _room(self, g: cython.int) -> cython.int:
        """Units that wait before service look again, as long as there is room."""
        while self.head[2 * self.gaps + g] >= 0 and self._has_room(g):
            self._begin(self._at(self._pop(2 * self.gaps + g)))
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _leave(self, m: cython.pointer(Unit), part: cython.int, through: cython.bint) -> cython.int:
        """A piece leaves the line: good, unless its machine scrapped it or yield takes it."""
        good: cython.bint = through
        if through and self.lot[part].stream >= 0:
            good = share(self, self.lot[part].stream) < self.lot[part].share
        self.line.wip -= 1
        self.line.wip_sum += self.now
        if good:
            self.lot[part].good += 1
            self.line.goods += 1
            record(self, self.now, OUT, m.number, 1, part, self.line.goods)
            if self.reporting and self.single:
                note(self, LEFT, part)
        else:
            self.lot[part].scrap += 1
            self.line.scraps += 1
            record(self, self.now, OUT, m.number, 0, part, self.line.scraps)
            if self.reporting:
                note(self, SCRAPPED, part)
        if self.lot[part].good + self.lot[part].scrap >= self.lot[part].size:
            self.arise(LOT, m.number, part, 0.0)
            if not self.single:
                self.line.credit = 0  # it is received before the next piece takes its material, which asks again
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
            if self.line.halts == 0:
                self._wake_entry()
            return 0
        taker = self._pop(s - 1)
        if taker >= 0:
            self.gap[s - 1].takers -= 1
            return self._receive(self._at(taker), self._come_back(s))
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
        u: cython.int = self._pop(self.at_entry)
        while u >= 0:
            self._push(self.freed, self._at(u))
            u = self._pop(self.at_entry)

    # --- failures and services --------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _fail(self, m: cython.pointer(Unit)) -> cython.int:
        """A failure that counts operating time: repaired in calendar time, by the crew where there is one."""
        seconds: cython.double = draw(self, m.repair)
        m.state = DOWN
        m.down_since = self.now
        record(self, self.now, FAILED, m.number, DOWN, m.part, 0)
        self._show(m)
        if self.reporting:
            self.arise(BROKEN, m.number, 0, 0.0)
        if m.by_crew:
            return self.arise(CREW, m.number, REPAIR, seconds)
        m.phase = IN_REPAIR
        arm(self, m.number, self.now + seconds)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _mended(self, m: cython.pointer(Unit)) -> cython.int:
        self._whole(m)
        m.to_failure = draw(self, m.after)
        return self._work(m)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _whole(self, m: cython.pointer(Unit)) -> cython.int:
        m.down += self.now - m.down_since
        m.down_since = -1.0
        record(self, self.now, MENDED, m.number, 0, m.part, 0)
        if self.reporting:
            self.arise(WHOLE, m.number, 0, 0.0)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _calendar_failure(self, n: cython.int) -> cython.int:
        """Failures on the calendar come whether the machine works or not."""
        m: cython.pointer(Unit) = self._at(self.fails_unit[n])
        seconds: cython.double
        if self.fails_phase[n]:
            return self._calendar_mended(n)
        seconds = draw(self, m.repair)
        m.down_since = self.now
        self.fails_phase[n] = 1
        record(self, self.now, FAILED, m.number, DOWN, m.part, 0)
        self._stop(m)
        if self.reporting:
            self.arise(BROKEN, m.number, 0, 0.0)
        if m.by_crew:
            return self.arise(CREW, m.number, BREAKDOWN, seconds)
        arm(self, self.units + n, self.now + seconds)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _calendar_mended(self, n: cython.int) -> cython.int:
        m: cython.pointer(Unit) = self._at(self.fails_unit[n])
        self.fails_phase[n] = 0
        self._whole(m)
        arm(self, self.units + n, self.now + draw(self, m.after))
        return self._mend(m)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _stop(self, m: cython.pointer(Unit)) -> cython.int:
        """Break (stops stack): nothing is worked until it is mended as often."""
        m.broken += 1
        if m.broken > 1:
            return self._show(m)
        if m.active:
            return self._interrupt(m)
        return self._show(m)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _mend(self, m: cython.pointer(Unit)) -> cython.int:
        m.broken -= 1
        if m.broken > 0:
            return self._show(m)
        return self._go_on(m)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _go_on(self, m: cython.pointer(Unit)) -> cython.int:
        """What kept the unit is over: it resumes, or shows again what it is waiting for."""
        if m.waiting and self.line.halts == 0 and m.broken == 0:
            m.waiting = 0
            return self._work(m)
        return self._show(m)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _interrupt(self, m: cython.pointer(Unit)) -> cython.int:
        """Stop the work that is going on; nothing done is lost."""
        worked: cython.double = min(self._between(m.began, self.now), self._span(m))
        disarm(self, m.number)
        self._book(m, worked)
        return self._after_work(m)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _wear(self, m: cython.pointer(Unit), amount: cython.double, counts: cython.int) -> cython.int:
        n: cython.int
        for n in range(self.first_service[m.number], self.first_service[m.number + 1]):
            if self.service_counts[n] == counts:
                self.service_left[n] -= amount
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _service_due(self, m: cython.pointer(Unit)) -> cython.int:
        """Begin the first service that is due; 0 when none is."""
        n: cython.int
        seconds: cython.double
        for n in range(self.first_service[m.number], self.first_service[m.number + 1]):
            if self.service_left[n] <= 0.0:
                m.state = MAINTENANCE
                m.serving = n
                self._show(m)
                seconds = draw(self, self.service_stream[n])
                if m.by_crew:
                    self.arise(CREW, m.number, n, seconds)
                else:
                    m.phase = IN_SERVICE
                    arm(self, m.number, self.now + seconds)
                return 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _serviced(self, m: cython.pointer(Unit)) -> cython.int:
        n: cython.int = m.serving
        self.service_left[n] = self.service_every[n]
        record(self, self.now, SERVICED, m.number, 0, m.part, n)
        return self._work(m)

    # --- shifts -----------------------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _shift_turns(self) -> cython.int:
        """A shift begins or ends now (or the line starts): what every machine shows, and when the next turn is."""
        u: cython.int
        i: cython.int = self.line.window
        while i + 1 < self.windows and self.opens[i + 1] <= self.now:
            i += 1
        self.line.window = i
        self.line.shut = 0 if i >= 0 and self.now < self.closes[i] else 1
        if self.now > 0.0:
            record(self, self.now, SHIFT, 0, 1 - self.line.shut, -1, 0)
        for u in range(self.units):
            if self._at(u).shown >= 0:
                self._show(self._at(u))
        if not self.line.shut:
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
        while i + 1 < self.windows:
            i += 1
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

    # --- what it shows ----------------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _show(self, m: cython.pointer(Unit)) -> cython.int:
        """Note the state the unit shows, when it is another one than before, or shown for another reason."""
        state: cython.int = m.state
        if self.line.halts > 0 or m.broken > 0:
            state = DOWN
        elif self.line.shut and state not in (DOWN, MAINTENANCE):
            state = OFF_SHIFT
        if self.reporting:
            self._tell(m, state)
        if state != m.shown:
            if self.reporting:
                self._spend(m)
            m.shown = state
            record(self, self.now, STATE, m.number, state, m.part, 0)
        return 0

    @cython.cfunc
    @cython.inline
    @cython.exceptval(-1, check=False)
    def _tell(self, m: cython.pointer(Unit), state: cython.int) -> cython.int:
        """The diary tells every change, and of `down` also why; when it is full, no more than that a unit runs."""
        code: cython.int = state
        if state == DOWN:
            code += TOLD * self._why(m)
        elif state < DOWN and self.told >= self.most_told:
            code = RUNNING
        if code != m.told:
            m.told = code
            tell(self, code, m.number)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _why(self, m: cython.pointer(Unit)) -> cython.int:
        """Why it shows `down`: of several reasons the one that reaches furthest."""
        if self.line.halts > 0:
            return HALTING
        return STOPPING if m.broken > self._calendar_down(m.number) else BREAKING

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _spend(self, m: cython.pointer(Unit)) -> cython.int:
        """The unit shows another state from now on: note how long it showed this one."""
        shown: cython.int = m.shown
        if shown >= 0:
            self.spent[STATES * m.number + shown] += self._planned(shown, self.shown_at[m.number], self.now)
        self.shown_at[m.number] = self.now
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _planned(self, state: cython.int, t: cython.double, until: cython.double) -> cython.double:
        """Planned seconds of a state shown from `t` to `until`. What is broken or maintained shows that in its time off
        too."""
        if state == OFF_SHIFT:
            return 0.0
        return self._between(t, until) if state >= DOWN else until - t

    # --- what is asked for must be there: the block knows no bounds -------------------------------------------------
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _known_unit(self, u: cython.int) -> cython.int:
        if u < 0 or u >= self.units:
            raise IndexError(f"no unit {u}: the line has {self.units}, numbered from 0")
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _known_gap(self, g: cython.int) -> cython.int:
        if g < 0 or g >= self.gaps:
            raise IndexError(f"no gap {g}: the line has {self.gaps}, numbered from 0")
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _known_lot(self, lot: cython.int) -> cython.int:
        if lot < 0 or lot >= self.lots:
            raise IndexError(f"no lot {lot}: the line has room for {self.lots}, numbered from 0")
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _calendar_down(self, u: cython.int) -> cython.int:
        """Is the unit down after a failure on the calendar? That is one stop which nobody above has given."""
        n: cython.int
        for n in range(self.calendars):
            if self.fails_unit[n] == u and self.fails_phase[n]:
                return 1
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _crew_is_out(self, u: cython.int, turn: cython.int) -> cython.int:
        """Has unit `u` raised hand CREW for `turn`, and is it still waiting?"""
        m: cython.pointer(Unit) = self._at(u)
        if not m.by_crew:
            return 0
        if turn == REPAIR:
            return 1 if m.state == DOWN and m.down_since >= 0.0 else 0
        if turn == BREAKDOWN:
            return self._calendar_down(u)
        return 1 if m.state == MAINTENANCE and m.serving == turn else 0

    # --- commands from above, on a component that was touched -------------------------------------------------------
    def load(
        self, size: cython.longlong, credit: cython.longlong, setup: cython.double, factor: cython.double,
        yield_stream: cython.int, yield_share: cython.double,
    ) -> cython.int:  # fmt: skip
        """Give the line its next lot, with material for `credit` pieces of it. Returns the number it goes by until it
        is closed. Raises ValueError while another lot is still entering and for what no lot can have, OverflowError
        when the line is full of lots."""
        lot: cython.int = 0
        if size < 1 or credit < 0:
            raise ValueError(f"a lot has at least 1 piece, and material for 0 or more, not {size} and {credit}")
        if not (0.0 <= setup < INFINITY and 0.0 <= factor < INFINITY):
            raise ValueError(f"the setup and the cycle factor of a lot are 0 or more, not {setup} and {factor}")
        if yield_stream < -1 or yield_stream >= self.laws or not 0.0 <= yield_share <= 1.0:
            raise ValueError(f"no yield of {yield_share} by stream {yield_stream}: the line has {self.laws}")
        if self.line.entry >= 0:
            raise ValueError("a lot is entering already")
        while lot < self.lots and self.lot[lot].size > 0:
            lot += 1
        if lot == self.lots:
            raise OverflowError(f"more than {self.lots} lots on the line")
        self.lot[lot].size, self.lot[lot].entered, self.lot[lot].good, self.lot[lot].scrap = size, 0, 0, 0
        self.lot[lot].setup, self.lot[lot].factor = setup, factor
        self.lot[lot].stream, self.lot[lot].share = yield_stream, yield_share
        self.line.entry, self.line.credit = lot, credit
        self._may_flow()
        self.line.asked = 0
        self.wake()
        return lot

    def unload(self) -> None:
        """Take back the lot that is entering, as far as it has not entered."""
        lot: cython.int = self.line.entry
        if lot >= 0:
            self.line.entry = -1
            self.lot[lot].size = self.lot[lot].entered

    def close(self, lot: cython.int) -> None:
        """Forget a counted lot; its number is free again. Raises IndexError for a number that no lot can have, and
        ValueError while it is entering or parts of it are on the line."""
        self._known_lot(lot)
        if self.line.entry == lot or self.lot[lot].good + self.lot[lot].scrap < self.lot[lot].entered:
            raise ValueError(f"lot {lot} is still on the line")
        self.lot[lot].size = 0

    def grant(self, credit: cython.longlong) -> None:
        """There is material for `credit` more pieces of the lot that is entering. Raises ValueError below 0."""
        if credit < 0:
            raise ValueError(f"material for {credit} pieces. allowed: 0 or more")
        self.line.credit = credit
        if credit > 0:
            self.line.asked = 0
            self.wake()

    def wake(self) -> None:
        """Something the first machine waits for may be there: it looks, and asks, again."""
        lot: cython.int = self.line.entry
        if self.line.asked and pending(self, WORK if lot < 0 else MATERIAL, lot):
            return  # it is asking already
        self.line.asked = 0
        self._wake_entry()
        self._settle()

    def halt(self) -> None:
        """Stand still until lifted as often. Work in progress keeps what was done."""
        u: cython.int
        self.line.halts += 1
        if self.line.halts > 1:
            return
        self._may_flow()
        record(self, self.now, HALTED, 0, 0, -1, 0)
        for u in range(self.units):
            if self._at(u).active:
                self._interrupt(self._at(u))
            else:
                self._show(self._at(u))
        self._settle()

    def lift(self) -> None:
        """Lift one halt. Raises ValueError when there is none."""
        u: cython.int
        if self.line.halts == 0:
            raise ValueError("the line is not halted")
        self.line.halts -= 1
        if self.line.halts > 0:
            return
        self._may_flow()
        record(self, self.now, LIFTED, 0, 0, -1, 0)
        for u in range(self.units):
            self._go_on(self._at(u))
        self._wake_entry()
        self._settle()

    def set_factor(self, factor: cython.double) -> None:
        """Work at `factor` x normal speed from now on: of every cycle that has begun, what is left of it too. Setups go
        on as they are. Raises ValueError unless it is above 0."""
        u: cython.int
        if not 0.0 < factor < INFINITY:
            raise ValueError(f"a speed of {factor} x normal. allowed: above 0")
        if factor != self.line.factor:
            for u in range(self.units):
                self._pace(self._at(u), self.line.factor / factor)
        self.line.factor = factor
        self._may_flow()

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _pace(self, m: cython.pointer(Unit), ratio: cython.double) -> cython.int:
        """What is left of the cycle takes `ratio` times as long. What is over at this instant is over."""
        worked: cython.double
        span: cython.double
        if m.part < 0 or m.setting:
            return 0
        if not m.active:
            m.left *= ratio
            return 0
        worked = self._between(m.began, self.now)
        if worked >= self._span(m):
            return 0
        self._book(m, worked)
        m.left *= ratio
        m.began = self.now
        m.active = 1
        span = self._span(m)
        arm(self, m.number, self.now + span if self.windows == 0 else self._finish(span))
        return 0

    def stop(self, u: cython.int) -> None:
        """Break one unit. Raises IndexError for an unknown one."""
        self._known_unit(u)
        self._stop(self._at(u))
        self._settle()

    def mend(self, u: cython.int) -> None:
        """Undo one stop of a unit. Raises IndexError for an unknown one, ValueError when nobody has stopped it: what
        fails by itself is mended by itself or by its crew."""
        self._known_unit(u)
        if self._at(u).broken <= self._calendar_down(u):
            raise ValueError(f"unit {u} is not stopped")
        self._mend(self._at(u))
        self._settle()

    def crew_done(self, u: cython.int, turn: cython.int) -> None:
        """The crew has done what hand CREW asked for: `turn` is the hand's aux. Raises IndexError for an unknown unit,
        ValueError when it is not waiting for that."""
        n: cython.int
        self._known_unit(u)
        if not self._crew_is_out(u, turn):
            raise ValueError(f"unit {u} is not waiting for a crew to do {turn}")
        if turn == REPAIR:
            self._mended(self._at(u))
        elif turn == BREAKDOWN:
            for n in range(self.calendars):
                if self.fails_unit[n] == u:
                    self._calendar_mended(n)
        else:
            self._serviced(self._at(u))
        self._settle()

    # --- to be read (IndexError for a unit, gap or lot that is not there) ---------------------------------------------
    def state_of(self, u: cython.int) -> cython.int:
        """What unit `u` shows (an index of words.STATES)."""
        self._known_unit(u)
        return self._at(u).shown

    def is_active(self, u: cython.int) -> cython.bint:
        """Is it working (or setting up) now?"""
        self._known_unit(u)
        return self._at(u).active != 0

    def done(self, u: cython.int) -> cython.longlong:
        """Parts finished by unit `u`."""
        self._known_unit(u)
        return self._at(u).done

    def busy_by(self, u: cython.int, now: cython.double) -> cython.double:
        """Seconds worked by `now`, the part in progress included."""
        self._known_unit(u)
        m: cython.pointer(Unit) = self._at(u)
        worked: cython.double = 0.0
        if m.active:
            worked = min(self._between(m.began, now), self._span(m))
        return m.busy + worked

    def down_by(self, u: cython.int, now: cython.double) -> cython.double:
        """Seconds down after breakdowns by `now`, a repair in progress included."""
        self._known_unit(u)
        m: cython.pointer(Unit) = self._at(u)
        return m.down + (0.0 if m.down_since < 0.0 else now - m.down_since)

    def spent_by(self, u: cython.int, now: cython.double) -> tuple:
        """Planned seconds that unit `u` has shown each of words.STATES by `now` (all 0 where nothing is reported)."""
        self._known_unit(u)
        n: cython.int
        found: list = [0.0] * STATES
        if self.reporting:
            for n in range(STATES):
                found[n] = self.spent[STATES * u + n]
            n = self._at(u).shown
            if n >= 0:
                found[n] += self._planned(n, self.shown_at[u], now)
        return tuple(found)

    def gap_area(self, g: cython.int, now: cython.double) -> cython.double:
        """Integral of the parts in gap `g` over time up to `now`, piece-seconds."""
        self._known_gap(g)
        return self.gap[g].area + self.gap[g].stored * now

    def wip_area(self, now: cython.double) -> cython.double:
        """The same for the parts on the line."""
        return self.line.wip_sum + self.line.wip * now

    def level(self, g: cython.int) -> cython.longlong:
        """Parts in gap `g`."""
        self._known_gap(g)
        return self.gap[g].stored

    def totals(self) -> tuple:
        """(good, scrapped, lost, on the line)."""
        return self.line.goods, self.line.scraps, self.line.losses, self.line.wip

    def lot_counts(self, lot: cython.int) -> tuple:
        """(size, entered, good, scrapped) of a lot."""
        self._known_lot(lot)
        return self.lot[lot].size, self.lot[lot].entered, self.lot[lot].good, self.lot[lot].scrap

    def entering(self) -> tuple:
        """(lot that is entering or -1, pieces there is material for, is the line waiting for an answer)."""
        return self.line.entry, self.line.credit, self.line.asked != 0

    def parts(self) -> list:
        """The lot of every part that is physically there: on a machine, in a gap, or on its way back."""
        found: list = []
        n: cython.int
        k: cython.longlong
        for n in range(self.units):
            if self._at(n).part >= 0:
                found.append(self._at(n).part)
        for n in range(self.gaps):
            for k in range(self.gap[n].stored):
                found.append(
                    0
                    if self.single
                    else self.lot_ring[self.gap[n].ring_at + (self.gap[n].ring_first + k) % self.gap[n].capacity]
                )
        for n in range(self.stations):
            for k in range(self.returns[n]):
                found.append(
                    0 if self.single else self.return_ring[n * self.places + (self.return_first[n] + k) % self.places]
                )
        return found


if not cython.compiled:
    del Kernel.advance  # interpreted, the shorter way is the twin's own loop
