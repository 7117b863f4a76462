"""The peers: which are here, which are not and why, and the random numbers they are fed with.

A peer is imported when its measurement begins. Its random numbers come from numpy in blocks, for every peer alike: the
contest is about events, not about `random.expovariate`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module, metadata
from itertools import chain
from operator import length_hint
from typing import Any

import numpy as np

from bench.race import Contestant, Play, Run

BLOCK = 1024


class Missing(Exception):
    """A side of a duel that cannot run here; the message says why."""


def peer(module: str) -> Any:
    """The module of a peer. Raises Missing with the reason."""
    try:
        return import_module(module)
    except Exception as fault:  # a broken installation raises whatever it likes
        absent = isinstance(fault, ModuleNotFoundError) and fault.name == module and "." not in module
        why = f"pip install {module}" if absent else f"{type(fault).__name__}: {fault}"
        raise Missing(f"{module} cannot be imported: {why}") from fault


def version(distribution: str) -> str:
    """`simpy 4.1.2`, or the bare name when it is not installed."""
    try:
        return f"{distribution} {metadata.version(distribution)}"
    except metadata.PackageNotFoundError:
        return distribution


class Exponential:
    """Exponential draws for a peer. `next()` hands out numbers of a numpy block without running Python code."""

    def __init__(self, generator: np.random.Generator, mean: float) -> None:
        self._generator, self._mean = generator, mean
        self._drawn = 0
        self._block: Iterator[float] = iter(())
        self.next: Callable[[], float] = chain.from_iterable(iter(self._refill, None)).__next__

    def _refill(self) -> Iterator[float]:
        self._drawn += BLOCK
        self._block = iter(self._generator.exponential(self._mean, BLOCK).tolist())
        return self._block

    @property
    def used(self) -> int:
        """How many numbers were handed out: a count of events that costs nothing while the clock runs."""
        return self._drawn - length_hint(self._block)


@dataclass(frozen=True)
class Peer:
    """How one simulator plays one model: the module it needs, `build(size..., seed)`, replications per turn."""

    name: str
    module: str
    build: Callable[..., Play]
    replications: int = 1
    quick_replications: int = 2

    def contestant(self, run: Run, *sizes: Any) -> Contestant:
        """Raises Missing when its module is not here."""
        peer(self.module)
        return Contestant(self.name, partial(self.build, *sizes), run.size(self.replications, self.quick_replications))


def quiet(salabim: Any) -> Any:
    """salabim at its fastest: generators instead of greenlets, no trace, no animation, its own seeding left out."""
    return salabim.Environment(trace=False, yieldless=False, random_seed=None, set_numpy_random_seed=False)


def unwatched(component: Any) -> Any:
    """A salabim component without the monitors that note every change of its mode and status."""
    component.status.monitor(False)
    component.mode.monitor(False)
    return component
