"""What the machines of a line showed: every change of state, with the instant, and why where it is `down`.

    0 s idle | 60 s working | 300 s down (breakdown) | 900 s working ...

In arrays, since a long run of many lines has millions of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from plants.floor import words
from plants.shifts import Shifts
from sim.tracing import NOTE

_NUMBER = {state: n for n, state in enumerate(words.TOLD)}


@dataclass(frozen=True, eq=False)
class Changes:
    """machines: their names; the arrays, in the order of time, of one length: at_s (seconds), machine (index into
    machines), state (into words.TOLD) and cause (into words.CAUSES)."""

    machines: Sequence[str]
    at_s: Any
    machine: Any
    state: Any
    cause: Any

    @classmethod
    def told(cls, machines: Sequence[str], diary: bytes) -> "Changes":
        """Those that the kernel of a line told (words.TOLD, and causes above them)."""
        notes = np.frombuffer(diary, dtype=NOTE)
        cause, state = np.divmod(notes["what"], len(words.TOLD))
        return cls(machines, notes["time"], notes["number"], state, cause)

    def seconds(self, shifts: Shifts, until: float) -> dict[str, dict[str, float]]:
        """Machine -> state -> seconds up to `until` within shifts."""
        found: dict[str, dict[str, float]] = {name: {} for name in self.machines}
        since: dict[int, tuple[float, int]] = {}
        columns = (self.at_s.tolist(), self.machine.tolist(), self.state.tolist())
        ends = ((until, machine, -1) for machine in range(len(self.machines)))
        for at, machine, state in (*zip(*columns, strict=True), *ends):
            before = since.get(machine)
            if before is not None:
                spent, word = found[self.machines[machine]], words.TOLD[before[1]]
                spent[word] = spent.get(word, 0.0) + shifts.between(before[0], at)
            since[machine] = (at, state)
        return found


@dataclass(eq=False)
class Said:
    """The changes that a line says one by one. A machine is idle until it says something else; what it says twice is no
    change."""

    _rows: list[tuple[float, str, int, int]] = field(default_factory=list)
    _last: dict[str, tuple[int, int]] = field(default_factory=dict)

    def say(self, at_s: float, machine: str, state: str, cause: int) -> None:
        """From now on a machine shows `state`."""
        now = (_NUMBER[state], cause if state == "down" else 0)
        if now != self._last.get(machine, (words.IDLE, 0)):
            self._last[machine] = now
            self._rows.append((at_s, machine, *now))

    def changes(self, machines: Sequence[str]) -> Changes:
        """All of them so far, from the beginning on."""
        numbers = {name: n for n, name in enumerate(machines)}
        rows = [(0.0, name, words.IDLE, 0) for name in machines] + self._rows
        at, who, state, cause = zip(*rows, strict=True) if rows else ((), (), (), ())
        return Changes(
            list(machines), np.array(at, dtype=float), np.array([numbers[name] for name in who], dtype=int),
            np.array(state, dtype=int), np.array(cause, dtype=int),
        )  # fmt: skip
