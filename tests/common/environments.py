"""Lines of an environment, and things that happen in it."""

import os

import pytest

from plants.definition import FailureSpec, LineSpec, MachineSpec, MakeSpec
from plants.floor.machines import Machines
from sim.ahead.active import built
from sim.streams import Law, Streams, constant

FREE = {"makes": (MakeSpec("PART"),), "supply_unlimited": True, "demand_unlimited": True}


def on(floor):
    """Whether this floor is the compiled one; skips where there is none, unless the surroundings insist on it."""
    if floor == "compiled" and not built().compiled and os.environ.get("PLANTSYNC_FLOOR") != "compiled":
        pytest.skip(built().why)
    return floor == "compiled"


def regular(env, name="L", cycle_s=10.0, **options):
    """A line of one machine that finishes a part every `cycle_s`, for ever."""
    return Machines(
        env, LineSpec(name, machines=(MachineSpec("M", constant(cycle_s)),), **FREE), name, Streams(1, 0), **options
    )


def breaking(env, name, log, after_s=10.0, repair_s=5.0, then=None):
    """The same, breaking down after every `after_s` of calendar time; a breakdown is logged and `then` is called."""
    fails = FailureSpec(constant(after_s), constant(repair_s), "calendar")
    spec = LineSpec(name, machines=(MachineSpec("M", constant(7.0), fails=fails),), **FREE)

    def answer():
        kernel = line.touch()
        while (hand := kernel.hand()) is not None:
            log.append((env.now, name, hand[0]))
        if then is not None:
            then()

    line = Machines(env, spec, name, Streams(1, 0), reporting=True, answer=answer)
    return line


def busy(env, name, seed=7, machines=4):
    """A line of random machines that fail, without end."""
    fails = FailureSpec(Law("exponential", (100.0,)), Law("exponential", (5.0,)))
    units = tuple(MachineSpec(f"M{n}", Law("exponential", (1.0,)), fails=fails) for n in range(machines))
    spec = LineSpec(name, machines=units, buffers=(10,) * (machines - 1), **FREE)
    return Machines(env, spec, name, Streams(seed, 0))


def at(env, time_s, priority, what):
    """Have `what` called by a SimPy event of this priority."""
    event = env.event()
    event._ok, event._value = True, None
    event.callbacks.append(lambda _: what())
    env.schedule(event, priority=priority, delay=time_s - env.now)
