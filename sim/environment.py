"""The clock and the event list: SimPy's environment, with every firing traced and an order of last resort.

Equal times fire URGENT first, then NORMAL by scheduling order, then LAST: what is to be done once when everything else
of an instant has been said.
"""

from collections.abc import Callable
from heapq import heappop
from typing import Any

import simpy
from simpy.core import EmptySchedule
from simpy.events import Event, Initialize, Interruption, Process, Timeout

from sim.tracing import Trace

LAST = 2  # SimPy has URGENT = 0 and NORMAL = 1

_KINDS: dict[type, int] = {Event: 1, Timeout: 2, Process: 3, Initialize: 4, Interruption: 5}
_PLAIN = _KINDS[Event]


class Environment(simpy.Environment):
    """A `simpy.Environment` whose time is float seconds since the scenario's start."""

    def __init__(self, trace: Trace | None = None) -> None:
        super().__init__()
        self.trace = trace if trace is not None else Trace()

    def step(self) -> None:
        """Fire the next event. Raises EmptySchedule when there is none, and an event's unhandled failure."""
        try:
            self._now, priority, _, event = heappop(self._queue)
        except IndexError:
            raise EmptySchedule from None
        callbacks: Any = event.callbacks
        event.callbacks = None  # type: ignore[assignment]
        kind = _KINDS.get(type(event), 0)
        if priority or kind != _PLAIN:
            # an urgent plain event is the stop of run(until): pacing must not change the digest
            self.trace.record(self._now, kind, priority)
        for callback in callbacks:
            callback(event)
        if not event._ok and not hasattr(event, "_defused"):
            raise event._value  # a process failed and nobody was waiting for it

    def advance(self, until_s: float) -> None:
        """Run to exactly `until_s`; nothing happens when that is not ahead. Events at `until_s` itself stay."""
        if until_s > self._now:
            self.run(until=until_s)

    def call_at(self, at_s: float, what: Callable[[], None], priority: int = 1) -> Event:
        """Call `what()` at `at_s` (now, when that has passed)."""
        event = Event(self)
        event._ok = True
        event._value = None
        event.callbacks.append(lambda _: what())
        self.schedule(event, priority=priority, delay=max(at_s - self._now, 0.0))  # type: ignore[arg-type]
        return event

    def call_in(self, delay_s: float, what: Callable[[], None], priority: int = 1) -> Event:
        """Call `what()` after `delay_s` seconds."""
        return self.call_at(self._now + delay_s, what, priority)
