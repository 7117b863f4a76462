"""Named random streams: every draw has a name, so adding an entity never shifts another entity's numbers.

A stream is numpy's PCG64 keyed by (seed, replication, SHA-256 of the name). Draws are taken in blocks; the n-th draw of
a stream is the same whatever else happens in the model (common random numbers).
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from math import log, sqrt
from typing import Any

import numpy as np

BLOCK = 256

Draw = Callable[[], float]


@dataclass(frozen=True)
class Law:
    """A distribution. kind: `constant` (value), `exponential` (mean), `normal` (mean, sd), `lognormal` (mean, cv),
    `gamma` (mean, cv), `weibull` (scale, shape), `uniform` (a, b), `triangular` (a, mode, b), `empirical` (values).

    Parameters carry the unit of what is drawn: seconds for times, pieces for quantities.
    """

    kind: str
    params: tuple[float, ...]

    @property
    def mean(self) -> float:
        """The expected value, in the unit of the parameters (before negative draws become 0)."""
        p = self.params
        if self.kind in ("uniform", "triangular", "empirical"):
            return sum(p) / len(p)
        if self.kind == "weibull":
            from math import gamma

            return p[0] * gamma(1 + 1 / p[1])
        return p[0]


def constant(value: float) -> Law:
    """The law that always gives `value`."""
    return Law("constant", (value,))


Sample = Callable[[np.random.Generator, tuple[float, ...], int], "np.ndarray[tuple[int], np.dtype[np.float64]]"]


def _lognormal(g: np.random.Generator, p: tuple[float, ...], n: int) -> Any:
    sigma2 = log(1 + p[1] * p[1])
    return g.lognormal(log(p[0]) - sigma2 / 2, sqrt(sigma2), n)


def _gamma(g: np.random.Generator, p: tuple[float, ...], n: int) -> Any:
    shape = 1 / (p[1] * p[1])
    return g.gamma(shape, p[0] / shape, n)


def _empirical(g: np.random.Generator, p: tuple[float, ...], n: int) -> Any:
    return np.asarray(p)[(g.random(n) * len(p)).astype(int)]  # one draw each, as the compiled floor does


SAMPLES: dict[str, Sample] = {
    "exponential": lambda g, p, n: g.exponential(p[0], n),
    "normal": lambda g, p, n: g.normal(p[0], p[1], n),
    "lognormal": _lognormal,
    "gamma": _gamma,
    "weibull": lambda g, p, n: p[0] * g.weibull(p[1], n),
    "uniform": lambda g, p, n: g.uniform(p[0], p[1], n),
    "triangular": lambda g, p, n: g.triangular(p[0], p[1], p[2], n),
    "empirical": _empirical,
}


# A stream as the machine floor takes it: PCG64 state and increment, number of the law, parameters, empirical values.
Seed = tuple[int, int, int, float, float, float, "np.ndarray[Any, np.dtype[np.float64]] | None"]

LAWS = ("constant", "exponential", "normal", "lognormal", "gamma", "weibull", "uniform", "triangular", "empirical")


def floor_params(law: Law) -> tuple[float, float, float]:
    """Parameters as numpy's distribution functions take them: lognormal (mean, sigma of the log), gamma (shape, scale),
    weibull (shape, scale), uniform (low, width), the others as they are."""
    p = (*law.params[:3], 0.0, 0.0, 0.0)
    if law.kind == "lognormal":
        sigma2 = log(1 + p[1] * p[1])
        return log(p[0]) - sigma2 / 2, sqrt(sigma2), 0.0
    if law.kind == "gamma":
        shape = 1 / (p[1] * p[1])
        return shape, p[0] / shape, 0.0
    if law.kind == "weibull":
        return p[1], p[0], 0.0
    if law.kind == "uniform":
        return p[0], p[1] - p[0], 0.0
    if law.kind == "constant":
        return max(p[0], 0.0), 0.0, 0.0
    return p[0], p[1], p[2]


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
        if law.kind == "constant":
            return 0, 1, 0, *floor_params(law), None
        state: Any = self.generator(name).bit_generator.state["state"]
        values = np.asarray(law.params, dtype=np.float64) if law.kind == "empirical" else None
        return int(state["state"]), int(state["inc"]), LAWS.index(law.kind), *floor_params(law), values

    def __post_init__(self) -> None:
        self._opened: set[str] = set()

    def draw(self, name: str, law: Law) -> Draw:
        """A function giving the next draw of `law` on stream `name`; negative draws become 0, never redrawn."""
        if law.kind == "constant":
            value = max(law.params[0], 0.0)
            return lambda: value
        sample, generator, params = SAMPLES[law.kind], self.generator(name), law.params
        block: list[float] = []

        def next_draw() -> float:
            if not block:
                block.extend(sample(generator, params, BLOCK)[::-1].tolist())
            value = block.pop()
            return value if value > 0.0 else 0.0

        return next_draw

    def share(self, name: str) -> Draw:
        """A function giving uniform draws in [0, 1)."""
        return self.draw(name, Law("uniform", (0.0, 1.0)))


def whole(value: float) -> int:
    """A drawn quantity: rounded half to even, at least 1."""
    return max(1, round(value))
