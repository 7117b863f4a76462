"""Who repairs and services machines: a queue for so many people, first come first served, in their own shifts."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

from simpy.events import Event
from simpy.resources.resource import Resource

from plants.shifts import Shifts
from sim.environment import Environment


@dataclass(eq=False)
class Crew:
    """`people` are asked for one by one; work pauses outside `shifts`."""

    people: Resource
    shifts: Shifts

    def work(self, env: Environment, seconds: float, done: Callable[[], None]) -> Generator[Event, Any, None]:
        """A process: wait for somebody, let them work for `seconds` of their open time, and call `done()`."""
        with self.people.request() as turn:
            yield turn
            yield env.timeout_at(self.shifts.finish(env.now, seconds))
        done()
