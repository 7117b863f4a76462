"""Signals: machine states and counters of the floor as change records, each with an id that stays the same everywhere.

A change id is `<line>/<n>`, counted per line from 1. States are PackML; a line outside its shifts shows `Stopped`.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from plants.floor.line import Line
from plants.floor.serial import SerialLine
from plants.network import Network
from sync.vocabulary.changes import PACKML, Change, Value
from sync.vocabulary.quantities import ceil_ms


@dataclass(eq=False)
class Signals:
    """Nothing is recorded until somebody listens."""

    network: Network
    listeners: list[Callable[[Change], None]] = field(default_factory=list)
    _count: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for line in self.network.lines.values():
            # always on the clock, so that being watched does not change the trace
            for start, end in line.shifts.windows:
                for at in (start, end):
                    if 0.0 < at <= self.network.horizon_s:
                        self.network.env.call_at(at, lambda li=line: self._shift(li))  # type: ignore[misc]

    def names(self) -> dict[str, list[str]]:
        """Plant -> signal names: `lyon.L1.press.state`, `lyon.L1.press.count`, `lyon.L1.good`, `lyon.L1.scrap`."""
        found: dict[str, list[str]] = {}
        for plant in self.network.plants.values():
            names = found[plant.id] = []
            for line in plant.lines.values():
                for machine, _, _ in line.machines():
                    names += [f"{line.id}.state"] if machine == line.id else [
                        f"{line.id}.{machine}.state", f"{line.id}.{machine}.count",
                    ]  # fmt: skip
                names += [f"{line.id}.good", f"{line.id}.scrap"]
        return found

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Start telling `listener`; the present state of everything is told first."""
        if not self.listeners:
            for plant in self.network.plants.values():
                plant.on_machine.append(self._state)
                plant.on_count.append(self._counted)
                plant.on_piece.append(self._piece)
                for line in plant.lines.values():
                    line.traced = True
        self.listeners.append(listener)
        for line in self.network.lines.values():
            self._shift(line)
            self._emit(line, f"{line.id}.good", line.good)
            self._emit(line, f"{line.id}.scrap", line.scrap)
            if isinstance(line, SerialLine):
                for s in line.stations:
                    self._emit(line, f"{line.id}.{s.name}.count", s.done)

    def _emit(self, line: Line, signal: str, value: Value) -> None:
        n = self._count[line.id] = self._count.get(line.id, 0) + 1
        change = Change(f"{line.id}/{n}", ceil_ms(self.network.env.now), signal, value)
        for listener in self.listeners:
            listener(change)

    def _shift(self, line: Line) -> None:
        """A shift begins or ends: every machine of the line shows it."""
        if not self.listeners:
            return
        off = not line.shifts.is_open(self.network.env.now)
        for name, state, _ in line.machines():
            down = state == "down" or line.halts
            self._state(line, name, "down" if down else "off-shift" if off else state)

    def _state(self, line: Line, machine: str, state: str) -> None:
        signal = f"{line.id}.state" if machine == line.id else f"{line.id}.{machine}.state"
        self._emit(line, signal, PACKML[state])

    def _counted(self, line: Line, machine: str, done: int) -> None:
        self._emit(line, f"{line.id}.{machine}.count", done)

    def _piece(self, line: Line, good: bool) -> None:
        self._emit(line, f"{line.id}.{'good' if good else 'scrap'}", line.good if good else line.scrap)
