"""Our side of the models: lines of machines on the machine floor."""

from typing import Any

from plants import definition
from plants.floor.machines import Machines
from sim.environment import Environment
from sim.streams import Law, Streams

UNLIMITED = -1  # a gap that never fills


def exponential(mean: float) -> Law:
    return Law("exponential", (mean,))


def machine(
    name: str, mean: float = 1.0, parallel: int = 1, fails: definition.FailureSpec | None = None
) -> definition.MachineSpec:
    """A machine with exponential cycles of that mean (seconds)."""
    return definition.MachineSpec(name, exponential(mean), parallel=parallel, fails=fails)


def line_of(*stations: definition.MachineSpec, buffers: tuple[int, ...]) -> definition.LineSpec:
    """A line with unlimited supply and demand that blocks after service."""
    return definition.LineSpec(
        "L", makes=(definition.MakeSpec("PART"),), machines=stations, buffers=buffers, blocking="after-service",
        supply_unlimited=True, demand_unlimited=True,
    )  # fmt: skip


def lines(spec: definition.LineSpec, count: int, seed: int, **options: Any) -> tuple[Environment, list[Machines]]:
    """(environment, `count` lines of that making on it, each with its own name and so its own random numbers);
    options go to the environment."""
    env, streams = Environment(**options), Streams(seed)
    return env, [Machines(env, spec, f"line-{n}", streams) for n in range(count)]


def line(spec: definition.LineSpec, seed: int, **options: Any) -> tuple[Environment, Machines]:
    """(environment, one line on it); options go to the environment."""
    env, (one,) = lines(spec, 1, seed, **options)
    return env, one
