"""The machines of one line, run by the machine floor: a pair of kernels, and what a line above may ask and order.

orders --touch--> Kernel (sure) --hands--> answer()        reading never disturbs what has run ahead
"""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import numpy as np

from plants import definition
from plants.floor import words
from plants.floor.design import MOST_KEPT_UNITS, Design, Options, design
from plants.shifts import Shifts
from sim.environment import Environment
from sim.streams import Streams
from sim.tracing import RECORD

ENDLESS = 1 << 60


class Machines:
    """A line on the floor of `env`. Units are numbered through the line, gaps by the station before them.

    Without `answer` the line must have unlimited supply and demand: it is loaded with one endless lot and runs. With
    it, `answer` is called whenever the line wants something (`hands`). Streams are opened as `<name>.<machine>/...`.

        env = Environment()
        machines = (MachineSpec("m1", Law("exponential", (4.0,))), MachineSpec("m2", constant(3.0)))
        endless = {"supply_unlimited": True, "demand_unlimited": True}
        spec = LineSpec("L1", (MakeSpec("PART"),), machines=machines, buffers=(5,), **endless)
        line = Machines(env, spec, "L1", Streams(1))
        env.run(until=3600)
        print(line.good, line.busy_s(0))

    Raises ValueError for a definition that no line can be; its methods raise IndexError for a unit or gap that is not
    there, `mend` and `lift` ValueError for what was not stopped or halted.
    """

    def __init__(
        self,
        env: Environment,
        spec: definition.LineSpec,
        name: str,
        streams: Streams,
        *,
        shifts: Shifts | None = None,
        wip_limit: int = 0,
        loses: bool = False,
        reporting: bool = False,
        answer: Callable[[], None] | None = None,
    ) -> None:
        if not isinstance(env, Environment):
            raise TypeError(f"line {name} needs a sim.environment.Environment, not a {type(env).__qualname__}")
        if not env.now >= 0.0:
            raise ValueError(f"line {name} cannot begin at {env.now} s: the floor has no time before 0")
        options = Options(wip_limit, loses, reporting)
        self.env, self.name = env, name
        self.design: Design = design(spec, name, streams, shifts or Shifts.always(), options)
        kernel: Any = import_module("plants.floor._kernel" if env.compiled else "plants.floor.kernel").Kernel
        sure, ahead = kernel(self.design), kernel(self.design)
        sure.trace(env.trace.tracing)
        sure.now = env.now
        if self.design.single:
            make = spec.makes[0]
            setup = spec.setups_s.get(("", make.item), make.setup_s)
            stream = self.design.yields.get(make.item, -1)
            sure.load(ENDLESS, ENDLESS, setup, make.cycle_factor, stream, make.yield_share)
        elif answer is None:
            raise ValueError(f"line {name} needs somebody who answers: its supply or demand is not unlimited")
        sure.start()
        if not len(env.floor):
            env.floor.stand(env.now)
        self.slot: int = env.floor.add(sure, ahead, answer or self._nobody, name)

    def _nobody(self) -> None:
        raise RuntimeError(f"line {self.name} asks for something, and nobody answers")

    @property
    def now(self) -> Any:
        """The kernel as it is now, to be read at once."""
        return self.env.floor.at(self.slot)

    def touch(self) -> Any:
        """The kernel as it is now, to be changed at once."""
        return self.env.floor.touch(self.slot)

    # --- orders from above -------------------------------------------------------------------------------------------
    def halt(self) -> None:
        """Stand still until lifted as often; nothing done is lost."""
        self.touch().halt()

    def lift(self) -> None:
        """Lift one halt."""
        self.touch().lift()

    def stop(self, unit: int) -> None:
        """Break one unit (stops stack)."""
        self.touch().stop(unit)

    def mend(self, unit: int) -> None:
        """Undo one stop of a unit."""
        self.touch().mend(unit)

    def keep(self) -> None:
        """Keep raw records from now on, for `records`. Raises ValueError for a line of more than 65,536 units, whose
        records would not tell them apart."""
        units = len(self.design.station)
        if units > MOST_KEPT_UNITS:
            raise ValueError(f"line {self.name} has {units} machines; records tell {MOST_KEPT_UNITS} apart")
        self.touch().trace(True, True)

    # --- to be read --------------------------------------------------------------------------------------------------
    def records(self) -> Any:
        """Kept records up to now that were not read before: an array of sim.tracing.RECORD (kinds: words.DONE ...)."""
        return np.frombuffer(self.env.floor.log(self.slot), dtype=RECORD)

    @property
    def good(self) -> int:
        """Good parts out so far."""
        return int(self.now.totals()[0])

    @property
    def lost(self) -> int:
        """Parts that found no room and were dropped (only with `loses`)."""
        return int(self.now.totals()[2])

    @property
    def wip(self) -> int:
        """Parts on the line."""
        return int(self.now.totals()[3])

    @property
    def events(self) -> int:
        """Fired time advances so far (model events)."""
        return int(self.now.events)

    def done(self, unit: int) -> int:
        """Parts finished by a unit."""
        return int(self.now.done(unit))

    def level(self, gap: int) -> int:
        """Parts in a gap."""
        return int(self.now.level(gap))

    def gap_area(self, gap: int) -> float:
        """Integral over time of the parts in a gap, piece-seconds."""
        return float(self.now.gap_area(gap, self.env.now))

    def wip_area(self) -> float:
        """The same for all parts on the line, in a machine or a gap."""
        return float(self.now.wip_area(self.env.now))

    def busy_s(self, unit: int) -> float:
        """Seconds a unit has worked, the part in progress included."""
        return float(self.now.busy_by(unit, self.env.now))

    def down_s(self, unit: int) -> float:
        """Seconds a unit was down after breakdowns, a repair in progress included."""
        return float(self.now.down_by(unit, self.env.now))

    def state(self, unit: int) -> str:
        """What a unit shows: a word of words.STATES."""
        return words.STATES[self.now.state_of(unit)]

    def digest(self) -> str:
        """Hex digest of the line's trace so far."""
        return str(self.now.digest().hex())
