"""Named random streams: every draw has a name, so adding an entity never shifts another entity's numbers.

A stream is numpy's PCG64 keyed by (seed, replication, SHA-256 of the name). Draws are taken in blocks; the n-th draw of
a stream is the same whatever else happens in the model (common random numbers).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from sim.ahead import draws
from sim.distributions import DISTRIBUTIONS

BLOCK = 256

Draw = Callable[[], float]


@dataclass(frozen=True)
class Law:
    """A distribution: `kind` is a name of `sim.distributions`, `params` its parameters in the order of that table (of
    `empirical` the values). They carry the unit of what is drawn: seconds for times, pieces for quantities."""

    kind: str
    params: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The expected value, in the unit of the parameters (before negative draws become 0)."""
        return DISTRIBUTIONS[self.kind].mean(self.params)


def constant(value: float) -> Law:
    """The law that always gives `value`."""
    return Law("constant", (value,))


# A stream as the machine floor takes it: PCG64 state and increment, number of the draw, parameters, empirical values.
Seed = tuple[int, int, int, float, float, float, "np.ndarray[Any, np.dtype[np.float64]] | None"]


def _drawn(law: Law) -> tuple[str, tuple[float, float, float], "np.ndarray[Any, np.dtype[np.float64]] | None"]:
    """The leaf's draw, its parameters as numpy's distribution functions take them, and empirical values."""
    row = DISTRIBUTIONS[law.kind]
    a, b, c, *_ = (*row.drawn(law.params), 0.0, 0.0, 0.0)
    values = np.asarray(law.params, dtype=np.float64) if row.form == "file" else None
    return row.draw, (a, b, c), values


@dataclass
class Streams:
    """The streams of one replication. `names` lists those opened, in order, for the run record."""

    seed: int
    replication: int = 0
    names: list[str] = field(default_factory=list)

    def generator(self, name: str) -> np.random.Generator:
        """A fresh PCG64 generator for `name`. Raises ValueError when the name was opened before."""
        if name in self._opened:
            raise ValueError(f"stream {name!r} is opened twice; two users would share its numbers")
        self._opened.add(name)
        self.names.append(name)
        key = int.from_bytes(hashlib.sha256(name.encode()).digest()[:16], "little")
        return np.random.Generator(
            np.random.PCG64(np.random.SeedSequence((self.seed, self.replication, key & (2**64 - 1), key >> 64)))
        )

    def seed_of(self, name: str, law: Law) -> Seed:
        """The stream `name` as the machine floor takes it; its n-th number is that of `draw`. A constant has none."""
        kind, params, values = _drawn(law)
        number = draws.NAMES.index(kind)
        if number == draws.CONSTANT:
            return 0, 1, number, *params, None
        state: Any = self.generator(name).bit_generator.state["state"]
        return int(state["state"]), int(state["inc"]), number, *params, values

    def __post_init__(self) -> None:
        self._opened: set[str] = set()

    def draw(self, name: str, law: Law) -> Draw:
        """A function giving the next draw of `law` on stream `name`; negative draws become 0, never redrawn."""
        kind, (a, b, c), values = _drawn(law)
        if kind == draws.NAMES[draws.CONSTANT]:
            return lambda: a
        sample, generator = draws.DRAWS[kind], self.generator(name)
        block: list[float] = []

        def next_draw() -> float:
            if not block:
                block.extend(sample(generator, a, b, c, values, BLOCK)[::-1].tolist())
            value = block.pop()
            return value if value > 0.0 else 0.0

        return next_draw

    def share(self, name: str) -> Draw:
        """A function giving uniform draws in [0, 1)."""
        return self.draw(name, Law("uniform", (0.0, 1.0)))


def whole(value: float) -> int:
    """A drawn quantity: rounded half to even, at least 1."""
    return max(1, round(value))
