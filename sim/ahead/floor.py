# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The floor: components under one calendar, run ahead of the clock and always exactly where it is when looked at.

    sure   ---|=========|                what has happened: at the clock, or lagging behind it
    ahead     |---------:------> hand    what will happen if nobody interferes: to its next hand, a pause, or the limit
                        ^ somebody touches it: `sure` goes to that instant, `ahead` starts anew from there

Equal times: URGENT SimPy events, then the floor (by slot, then by the component's own sequence), then all other SimPy
events. This file is run interpreted, or compiled (Cython, pure Python mode) as `sim.ahead._floor`.
"""

from heapq import heappop

import cython
from simpy.core import EmptySchedule

from sim.errors import Stalled

if cython.compiled:
    from cython.cimports.cpython.exc import PyErr_CheckSignals
    from cython.cimports.sim.ahead.leaf import Component, arm_as, first, first_time
else:
    from sim.ahead.twin import Component, arm_as, first, first_time

    def PyErr_CheckSignals() -> None:
        """The interpreter looks at signals by itself."""


INFINITY = cython.declare(cython.double, float("inf"))
LIMIT = cython.declare(cython.int, 0)  # why a component stopped, as in the leaf
PAUSED = cython.declare(cython.int, 1)
HAND = cython.declare(cython.int, 2)
STALE = cython.declare(cython.int, 3)  # what ran ahead is void

# Events between two looks at signals and other threads. More than the 5 ms after which a waiting thread asks for the
# interpreter: released before it asks, the lock is taken back at once and nobody else ever runs.
CHUNK = cython.declare(cython.longlong, 1 << 19)
FIRST_WINDOW = cython.declare(cython.longlong, 256)  # events a component may run ahead at first, after a touch, at most
SHORT_WINDOW = cython.declare(cython.longlong, 64)
LAST_WINDOW = cython.declare(cython.longlong, 65536)
STANDSTILL = cython.declare(cython.longlong, 2_000_000)  # events at one instant that are taken for a standstill


@cython.final
@cython.cclass
class Floor(Component):
    """Pairs of components. Itself a component: its timers are the calendar, a slot per pair."""

    sure: list
    ahead: list
    answers: list
    logs: list
    names: list
    n: cython.int
    built: cython.bint
    strict: cython.bint
    stale_n: cython.int
    passed: cython.int  # how far the floor has come at this instant: a slot, or all
    answering: cython.int  # the slot whose hand set off what happens now; -1: none
    limit: cython.double
    last: cython.double
    same: cython.longlong
    unbreathed: cython.longlong
    stale: cython.p_int
    status: cython.p_int
    window: cython.p_longlong
    stood: cython.p_longlong
    logged: cython.p_longlong
    touched: cython.p_longlong

    def __init__(self, strict: bool = False) -> None:
        """`strict`: every component runs one event at a time, in the order of all (slow; to check the rest against)."""
        self.sure, self.ahead, self.answers, self.logs, self.names = [], [], [], [], []
        self.n, self.stale_n, self.passed, self.answering = 0, 0, -1, -1
        self.built, self.strict = True, strict
        self.limit, self.last = INFINITY, -1.0
        self.same, self.unbreathed = 0, 0
        self.prepare(2, [], 0)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def layout(self) -> cython.int:
        n: cython.int = self.n
        self.stale, self.status = self.ints(n), self.ints(n)
        self.window, self.stood = self.longs(n), self.longs(n)
        self.logged, self.touched = self.longs(n), self.longs(n)
        return 0

    def __len__(self) -> int:
        return self.n

    def pairs(self) -> list:
        """The components that are sure, by slot; the list grows as they are added."""
        return self.sure

    def add(self, sure: Component, ahead: Component, answer: object, name: str = "") -> int:
        """Take a pair of equal components in; `answer()` is called whenever a hand is up. Returns its slot. Raises
        ValueError for a pair that is not of one making."""
        if type(sure) is not type(ahead) or sure.extent() != ahead.extent():
            raise ValueError(f"the two components of {name or 'a pair'} are not of one making")
        self.sure.append(sure)
        self.ahead.append(ahead)
        self.answers.append(answer)
        self.logs.append([])
        self.names.append(name)
        self.built = False
        return len(self.sure) - 1

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _build(self) -> cython.int:
        """Make room for the pairs that were added; everybody runs ahead anew."""
        k: cython.int
        old: list = [(self.window[k], self.logged[k], self.touched[k]) for k in range(self.n)]
        self.n = len(self.sure)
        self.prepare(max(self.n, 2), [], 0)
        self.built = True
        self.stale_n = 0
        for k in range(self.n):
            self.window[k], self.logged[k], self.touched[k] = old[k] if k < len(old) else (FIRST_WINDOW, 0, -1)
            self.status[k] = LIMIT
            self._mark(k)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _mark(self, slot: cython.int) -> cython.void:
        """What has run ahead of the component is void."""
        if self.status[slot] != STALE:
            self.status[slot] = STALE
            self.stale[self.stale_n] = slot
            self.stale_n += 1

    def until(self, limit: cython.double) -> None:
        """Nobody need run ahead beyond `limit` (s); those that stopped at an earlier limit go on."""
        k: cython.int
        if not self.built:
            self._build()
        for k in range(self.n):
            if self.status[k] == LIMIT:
                if self.now >= self.limit:
                    self._adopt(k)
                self._mark(k)
        self.limit = limit

    # --- running ahead ----------------------------------------------------------------------------------------------
    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _settle(self) -> cython.int:
        """Let everybody who is stale run ahead, and note in the calendar when they will want something."""
        if not self.built:
            self._build()
        while self.stale_n > 0:
            self.stale_n -= 1
            self._run_ahead(self.stale[self.stale_n])
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _run_ahead(self, slot: cython.int) -> cython.int:
        sure: Component = cython.cast(Component, self.sure[slot])
        ahead: Component = cython.cast(Component, self.ahead[slot])
        window: cython.longlong = 1 if self.strict else self.window[slot]
        began: cython.longlong = sure.events
        before: cython.double = sure.now
        reason: cython.int
        if sure.keeping:
            self._harvest(slot, sure)
        ahead.follow(sure)
        reason = ahead.advance(self.limit, False, window)
        self.status[slot] = reason
        arm_as(self, slot, INFINITY if reason == LIMIT else ahead.now, slot)
        if reason == PAUSED and ahead.now == before:
            self.stood[slot] += window
            if self.stood[slot] > STANDSTILL:
                raise Stalled(self.names[slot] or f"component {slot}", ahead.now, self.stood[slot])
        else:
            self.stood[slot] = 0
        self.unbreathed += ahead.events - began + 16
        if self.unbreathed > CHUNK:
            self._breathe()
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _breathe(self) -> cython.int:
        """Look at signals (Ctrl-C), and let other threads run."""
        self.unbreathed = 0
        PyErr_CheckSignals()
        with cython.nogil:
            pass
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _adopt(self, slot: cython.int) -> cython.int:
        """The clock has come to where `ahead` stands, and nobody has touched it: that is what happened."""
        ahead: Component = cython.cast(Component, self.ahead[slot])
        self.ahead[slot] = self.sure[slot]
        self.sure[slot] = ahead
        if ahead.keeping:
            self._harvest(slot, ahead)
        self._widen(slot, ahead.events)
        return 0

    @cython.cfunc
    @cython.exceptval(check=False)
    def _widen(self, slot: cython.int, events: cython.longlong) -> cython.void:
        """How far to run ahead the next time: what a touch makes void stays an eighth of what lay between touches."""
        calm: cython.longlong = events - self.touched[slot]
        wide: cython.longlong = 2 * self.window[slot] if self.touched[slot] < 0 else calm // 8
        if wide > self.window[slot]:
            self.window[slot] = wide if wide < LAST_WINDOW else LAST_WINDOW

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _harvest(self, slot: cython.int, c: Component) -> cython.int:
        """Records the clock has passed go to the log of the component."""
        fresh: cython.longlong = c.records - self.logged[slot]
        log: list = self.logs[slot]
        taken: bytes = c.last_kept(fresh)
        if taken:
            log.append(taken)
        self.logged[slot] = c.records
        return 0

    @cython.cfunc
    def _now_of(self, slot: cython.int) -> Component:
        sure: Component
        if not self.built:
            self._build()
        if self.status[slot] == LIMIT and self.now >= self.limit and slot >= self.passed:
            self._adopt(slot)  # it has run to this very instant already
            self._mark(slot)
        sure = cython.cast(Component, self.sure[slot])
        if slot != self.answering:  # who is being answered stands exactly where its hand went up
            sure.advance(self.now, slot < self.passed, 1 << 60)
        return sure

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _check(self, slot: cython.int) -> cython.int:
        if not self.built:
            self._build()
        if slot < 0 or slot >= self.n:
            raise IndexError(f"no component {slot} on the floor; there are {self.n}")
        return 0

    def at(self, slot: cython.int) -> Component:
        """The component as it is now, to be read: its run-ahead stays valid. The reference is good for this instant.
        Raises IndexError for a slot that does not exist."""
        self._check(slot)
        return self._now_of(slot)

    def touch(self, slot: cython.int) -> Component:
        """The component as it is now, to be changed. Raises IndexError for a slot that does not exist."""
        sure: Component
        self._check(slot)
        sure = self._now_of(slot)
        if self.status[slot] != STALE and slot != self.answering:
            self.window[slot] = SHORT_WINDOW
            self._widen(slot, sure.events)
            self.touched[slot] = sure.events
        sure.now = self.now
        self._mark(slot)
        return sure

    def log(self, slot: cython.int) -> bytes:
        """Raw records of the component up to now that nobody has read yet (only while it keeps them)."""
        self._check(slot)
        sure: Component = self._now_of(slot)
        if sure.keeping:
            self._harvest(slot, sure)
        taken = b"".join(self.logs[slot])
        self.logs[slot].clear()
        return taken

    def fired(self) -> int:
        """Events of all components so far."""
        return sum(self.at(k).events for k in range(len(self.sure)))

    def digests(self) -> list:
        """The digest of every component's trace so far, in slot order."""
        return [self.at(k).digest() for k in range(len(self.sure))]

    # --- the clock --------------------------------------------------------------------------------------------------
    def stand(self, now: cython.double) -> None:
        """The clock stands at `now`, between two runs: nothing of that instant has happened yet."""
        self.now, self.passed, self.answering = now, -1, -1

    def due(self) -> float:
        """When the floor next wants the clock (s; infinity: never before the limit)."""
        if len(self.sure) == 0:
            return INFINITY
        self._settle()
        return first_time(self)

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _answer(self, env: object) -> cython.int:
        """The first of the calendar: what it did is sure now, and its hands are answered."""
        slot: cython.int = first(self)
        reason: cython.int = self.status[slot]
        at: cython.double = first_time(self)
        self._pass(at)
        self._adopt(slot)
        self._mark(slot)
        if at > self.now or slot > self.passed:  # else others further on have been before, at this instant
            self.passed = slot
        self.now, self.answering = at, slot
        env._now = at
        if reason == HAND:
            try:
                self.answers[slot]()
            finally:
                self._mark(slot)  # whatever ran ahead meanwhile (`peek`) still had the hands that are answered now
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _pass(self, time: cython.double) -> cython.int:
        """The clock comes to `time`; too often to the same is a standstill."""
        if time != self.last:
            self.last, self.same = time, 0
            return 0
        self.same += 1
        if self.same > STANDSTILL:
            raise Stalled("the environment", time, self.same)
        return 0

    @cython.cfunc
    @cython.exceptval(-1, check=False)
    def _next(self, env: object, queue: list) -> cython.int:
        """One event of the environment, or one stop of the floor."""
        time: cython.double
        floor: cython.double = INFINITY
        priority: cython.long
        head: tuple
        if self.n > 0 or not self.built:
            if self.stale_n > 0 or not self.built:
                self._settle()
            floor = first_time(self)
        if queue:
            head = queue[0]
            time, priority = head[0], head[1]
            if floor < time or (floor == time and priority > 0):
                return self._answer(env)
        elif floor < INFINITY:
            return self._answer(env)
        else:
            raise EmptySchedule
        self._pass(time)
        if priority > 0:
            self.passed, self.answering = self.n, -1  # the floor's events of this instant have been
        elif time > self.now:
            # they are still to come; an URGENT event set off within the instant finds what its cause did
            self.passed = self.answering = -1
        self.now = time
        env.fire(heappop(queue))
        return 0

    def step(self, env: object, queue: list) -> None:
        """Let the next thing happen. Raises EmptySchedule when there is none, Stalled when time does not move, and an
        event's unhandled failure."""
        self._next(env, queue)

    def loop(self, env: object, queue: list) -> None:
        """`step` until something is raised."""
        n: cython.int = 0
        while True:
            self._next(env, queue)
            n += 1
            if n == 4096:
                n = 0
                PyErr_CheckSignals()
