"""The clock: SimPy's environment with the machine floor under it, every firing traced, and an order of last resort.

Equal times: URGENT SimPy events, then the floor (by slot of the component, then by its own sequence), then NORMAL SimPy
events by scheduling order, then LAST: what is to be done once when everything else of an instant has been said. Among
URGENT, and among NORMAL events, what is planned with the rank ENDS comes first, then BEGINS, then all others, and
AFTER last.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from importlib import import_module
from math import nextafter
from typing import Any, Protocol

import simpy
from simpy.core import BoundClass, EmptySchedule, StopSimulation
from simpy.events import Event

from sim.ahead.active import active
from sim.errors import Stalled
from sim.ranks import ORDINARY
from sim.tracing import Trace

URGENT, NORMAL, LAST = 0, 1, 2  # SimPy has the first two
_OVER = 3  # after everything of an instant
INFINITY = float("inf")
STANDSTILL = 2_000_000  # events at one instant that are taken for a standstill


class Clock(Protocol):
    """Wall time, given from above: the kernel never reads a clock itself."""

    def now(self) -> float:
        """Seconds since some fixed instant."""
        ...

    def sleep(self, seconds: float) -> None:
        """Come back after so many seconds."""
        ...


class Environment(simpy.Environment):
    """A `simpy.Environment` whose time is float seconds since the scenario's start.

    `floor` holds the components that run compiled (or, `compiled=False`, interpreted; None: what there is). `tracing`
    switches their traces. `strict` lets them run event by event instead of ahead of the clock, with the same results.
    One thread at a time may use it.
    """

    def __init__(
        self,
        initial_time: float = 0,
        *,
        compiled: bool | None = None,
        tracing: bool = True,
        strict: bool = False,
    ) -> None:
        super().__init__(initial_time)
        for name, each in vars(simpy.Environment).items():
            if type(each) is BoundClass:  # SimPy binds `timeout` and the like early for its own class only
                setattr(self, name, getattr(self, name))
        self.compiled = active().compiled if compiled is None else compiled
        self.floor: Any = import_module("sim.ahead._floor" if self.compiled else "sim.ahead.floor").Floor(strict)
        self.floor.stand(initial_time)
        self.trace = Trace(self.floor, self.compiled, tracing)
        self._fired = self.trace.recorder.fired
        self.when_standing: list[Callable[[], None]] = []  # called whenever a run is over and the clock stands

    def step(self) -> None:
        """Let the next thing happen: a SimPy event, or a stop of the floor. Raises EmptySchedule when there is none,
        Stalled when time does not move, and an event's unhandled failure."""
        self.floor.step(self, self._queue)

    def peek(self) -> float:
        """When the next SimPy event is due, or the floor wants the clock (infinity: never). What machines do in
        between is nobody's business until it is looked at."""
        due: float = self.floor.due()
        return min(self._queue[0][0], due) if self._queue else due

    def run(self, until: Any = None) -> Any:
        """As SimPy's: to the end, to a time (s; events at that time stay), or until an event is triggered, whose value
        is returned. Machines that never stop need an `until`. Raises ValueError for a time that is not ahead,
        RuntimeError when nothing is left to trigger the event, Stalled when time does not move."""
        limit = INFINITY
        if until is not None and not isinstance(until, Event):
            limit = until if isinstance(until, int) else float(until)
            if not limit > self._now:  # also for nan
                raise ValueError(f"until ({limit}) must be greater than the current simulation time")
            until = Event(self)
            until._ok = True
            until._value = None
            heappush(self._queue, (limit, URGENT, next(self._eid), until))  # type: ignore[misc]
        if until is not None:
            if until.callbacks is None:
                return until.value
            until.callbacks.append(StopSimulation.callback)
        self.floor.until(limit)
        try:
            value = self._loop(until)
        finally:
            self.floor.until(INFINITY)
        for call in self.when_standing:
            call()
        return value

    def _loop(self, until: Event | None) -> Any:
        try:
            if getattr(self.step, "__func__", None) is not Environment.step:
                while True:  # somebody watches the steps, as SimPy's documentation shows
                    self.step()
            self._loop_alone()
            self.floor.loop(self, self._queue)
        except StopSimulation as stop:
            return stop.args[0]
        except EmptySchedule:
            if until is not None:
                raise RuntimeError(f'No scheduled events left but "until" event was not triggered: {until}') from None
        return None

    def fire(self, entry: tuple[Any, int, int, Event]) -> None:
        """Fire one SimPy event that was taken from the queue, as SimPy's own `step` does."""
        self._now, priority, _, event = entry
        callbacks: Any = event.callbacks
        event.callbacks = None  # type: ignore[assignment]
        self._fired(self._now, type(event), priority)
        try:
            for callback in callbacks:
                callback(event)
        except StopSimulation:
            self._put_back(event, callbacks[callbacks.index(callback) + 1 :])
            raise
        if not event._ok and not hasattr(event, "_defused"):
            raise event._value  # a process failed and nobody was waiting for it

    def _loop_alone(self) -> None:
        """SimPy's events for as long as nothing stands on the floor: `fire` for each, inlined for speed."""
        queue, standing, fired = self._queue, self.floor.pairs(), self._fired
        while not standing:
            before = self._now
            for _ in range(STANDSTILL):
                if not queue:
                    raise EmptySchedule
                self._now, priority, _, event = heappop(queue)
                callbacks: Any = event.callbacks
                event.callbacks = None  # type: ignore[assignment]
                fired(self._now, type(event), priority)
                try:
                    for callback in callbacks:
                        callback(event)
                except StopSimulation:
                    self._put_back(event, callbacks[callbacks.index(callback) + 1 :])
                    raise
                if not event._ok and not hasattr(event, "_defused"):
                    raise event._value
                if standing:
                    return
            if self._now == before:
                raise Stalled("the environment", self._now, STANDSTILL)

    def _put_back(self, event: Event, callbacks: Any) -> None:
        """The callbacks that a stop has kept from being called are called when the run is taken up again."""
        if callbacks:
            event.callbacks = callbacks
            heappush(self._queue, (self._now, -1, next(self._eid), event))  # type: ignore[misc]

    def advance(self, until_s: float) -> None:
        """Run to exactly `until_s`; nothing happens when that is not ahead. Events at `until_s` itself stay."""
        if until_s > self._now:
            self.run(until=until_s)

    def drain(self) -> None:
        """Let everything happen that is still due at this very instant, LAST included. Raises Stalled when that never
        ends."""
        over = Event(self)
        over._ok, over._value = True, None
        over.callbacks.append(StopSimulation.callback)
        heappush(self._queue, (self._now, _OVER, next(self._eid), over))  # type: ignore[misc]
        self.floor.until(nextafter(self._now, INFINITY))
        try:
            self._loop(over)
        finally:
            self.floor.until(INFINITY)
        for call in self.when_standing:
            call()

    def pace(self, until_s: float, clock: Clock, speed: float = 1.0, tick_s: float = 0.1) -> None:
        """Run to `until_s` at `speed` x the pace of `clock`, in ticks of `tick_s` wall seconds. Falls behind when the
        model is slower than that, and catches up when it can. Raises ValueError for a speed or tick that is not > 0."""
        if speed <= 0 or tick_s <= 0:
            raise ValueError(f"speed and tick must be greater than 0, not {speed} and {tick_s}")
        began, here = clock.now(), self._now
        while self._now < until_s:
            due = min(here + (clock.now() - began) * speed, until_s)
            self.advance(due)
            if self._now < until_s:
                clock.sleep(tick_s)

    def timeout_at(self, at_s: float, value: Any = None) -> Event:
        """An event that is triggered at exactly `at_s` (a Timeout adds a delay to now, which rounds). Raises ValueError
        for a time that has passed."""
        if at_s < self._now:
            raise ValueError(f"{at_s} s has passed; it is {self._now} s")
        event = Event(self)
        event._ok = True
        event._value = value
        heappush(self._queue, (at_s, NORMAL, next(self._eid), event))  # type: ignore[misc]
        return event

    def call_at(self, at_s: float, what: Callable[[], None], priority: int = NORMAL, rank: int = ORDINARY) -> Event:
        """Call `what()` at `at_s` (now, when that has passed). rank: ENDS, BEGINS (plus a place among
        those) or AFTER."""
        event = Event(self)
        event._ok = True
        event._value = None
        event.callbacks.append(lambda _: what())
        now = self._now
        heappush(self._queue, (at_s if at_s > now else now, priority, rank + next(self._eid), event))  # type: ignore[misc]
        return event

    def call_in(self, delay_s: float, what: Callable[[], None], priority: int = NORMAL, rank: int = ORDINARY) -> Event:
        """Call `what()` after `delay_s` seconds; as `call_at`."""
        return self.call_at(self._now + delay_s, what, priority, rank)
