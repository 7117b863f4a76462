"""Named random streams: every draw has a name, so adding an entity never shifts another entity's numbers.

A stream is numpy's PCG64 keyed by (seed, replication, SHA-256 of the name). Draws are taken in blocks; the n-th draw of
a stream is the same whatever else happens in the model (common random numbers).

Where nobody can say which draw is the n-th, because what happens more or less often in one way of working than in
another would shift the rest (messages, answers of people), a draw is keyed by its cause instead: the same cause has the
same number, whatever else is drawn.
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
Keyed = Callable[[str], float]  # cause -> its draw


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
        self._open(name)
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

    def _open(self, name: str) -> None:
        if name in self._opened:
            raise ValueError(f"stream {name!r} is opened twice; two users would share its numbers")
        self._opened.add(name)
        self.names.append(name)

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

    def keyed(self, name: str, law: Law) -> Keyed:
        """A function giving the draw of `law` that belongs to a cause; negative draws become 0. Every cause seeds a
        PCG64 of its own: BLAKE2b of it, under a key made of (seed, replication, name)."""
        kind, (a, b, c), values = _drawn(law)
        if kind == draws.NAMES[draws.CONSTANT]:
            return lambda _: a
        sample, secret, generator = draws.DRAWS[kind], self._secret(name), np.random.Generator(np.random.PCG64(0))
        bits = generator.bit_generator
        state = {"bit_generator": "PCG64", "has_uint32": 0, "uinteger": 0}

        def drawn(cause: str) -> float:
            seed = hashlib.blake2b(cause.encode(), digest_size=32, key=secret).digest()
            inner = {"state": int.from_bytes(seed[:16], "little"), "inc": int.from_bytes(seed[16:], "little") | 1}
            bits.state = {**state, "state": inner}
            return max(float(sample(generator, a, b, c, values, 1)[0]), 0.0)

        return drawn

    def chance(self, name: str) -> Keyed:
        """A function giving the uniform draw in [0, 1) that belongs to a cause; far cheaper than `keyed`."""
        secret = self._secret(name)

        def drawn(cause: str) -> float:
            return (
                int.from_bytes(hashlib.blake2b(cause.encode(), digest_size=8, key=secret).digest()) >> 11
            ) * 2.0**-53

        return drawn

    def _secret(self, name: str) -> bytes:
        """The key of a stream of keyed draws; its name is taken as that of any other stream."""
        self._open(name)
        return hashlib.sha256(f"{self.seed}/{self.replication}/{name}".encode()).digest()


class Occurrences:
    """Numbers what happens of the same name, so that each time is its own cause: `stopped L1/1`, `stopped L1/2`."""

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

    def next(self, name: str) -> str:
        """The cause that is the next occurrence of `name`."""
        n = self._seen[name] = self._seen.get(name, 0) + 1
        return f"{name}/{n}"


def whole(value: float) -> int:
    """A drawn quantity: rounded half to even, at least 1."""
    return max(1, round(value))
