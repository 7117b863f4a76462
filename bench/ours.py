"""Our side of the models: lines of machines on the machine floor."""

from importlib import import_module
from typing import Any

from bench.peers import Missing
from plants import definition
from sim.streams import Law, Streams

UNLIMITED = -1  # a gap that never fills


def exponential(mean: float) -> Law:
    return Law("exponential", (mean,))


def machine(name: str, mean: float = 1.0, parallel: int = 1, fails: definition.Failure | None = None) -> Any:
    """A machine with exponential cycles of that mean (seconds)."""
    return definition.Machine(name, exponential(mean), parallel=parallel, fails=fails)


def line_of(*stations: definition.Machine, buffers: tuple[int, ...]) -> definition.Line:
    """A line with unlimited supply and demand that blocks after service."""
    return definition.Line(
        "L", makes=(definition.Make("PART"),), machines=stations, buffers=buffers, blocking="after-service",
        supply_unlimited=True, demand_unlimited=True,
    )  # fmt: skip


def floor() -> Any:
    """The module of the machine floor. Raises Missing when this version has none."""
    try:
        return import_module("plants.floor.machines")
    except ModuleNotFoundError as fault:
        raise Missing(f"this version has no machine floor ({fault})") from fault


def environment(**options: Any) -> Any:
    """An environment of ours, with a machine floor."""
    return import_module("sim.environment").Environment(**options)


def machines(spec: definition.Line, seed: int, **options: Any) -> tuple[Any, Any]:
    """(environment, the machines of one line on it); options go to the environment."""
    Machines = floor().Machines
    env = environment(**options)
    return env, Machines(env, spec, "line", Streams(seed))


def compiled() -> bool:
    """Whether the compiled floor is the one that runs."""
    return bool(getattr(environment(), "compiled", False))
