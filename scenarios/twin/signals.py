"""Signals: machine states and counters of the floor as change records, each with an id that stays the same everywhere.

    machine floor: records, kept per line --drain, merged by (time, line, number)--+
    plain-rate lines: told as it happens ------------------------------------------+--> listeners

A change id is `<line>/<n>`, counted per line from 1. States are PackML; a line outside its shifts shows `Stopped`. The
floor runs ahead of the clock, so its changes are read whenever the clock stands, that is after every run or tick.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from plants.floor import words
from plants.floor.line import Line
from plants.floor.serial import SerialLine
from plants.network.network import Network
from sync.vocabulary.changes import PACKML, Change, Value
from sync.vocabulary.quantities import ceil_ms


@dataclass(eq=False)
class Signals:
    """Nothing is recorded until somebody listens."""

    network: Network
    listeners: list[Callable[[Change], None]] = field(default_factory=list)
    _count: dict[str, int] = field(default_factory=dict)
    _shown: dict[tuple[int, int], int] = field(default_factory=dict)  # (floor line, unit) -> the state told last

    def __post_init__(self) -> None:
        lines = self.network.lines.values()
        self._floor = [line for line in lines if isinstance(line, SerialLine)]
        self._told = [line for line in lines if not isinstance(line, SerialLine)]
        for line in self._told:
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
            for line in self._told:
                line.traced = True
            for serial in self._floor:
                serial.floor.keep()
            self.network.env.when_standing.append(self.drain)
        self.drain()
        self.listeners.append(listener)
        for line in self._told:
            self._shift(line)
        for slot, serial in enumerate(self._floor):
            self._present(slot, serial)
        for line in self.network.lines.values():
            self._emit(line, f"{line.id}.good", line.good)
            self._emit(line, f"{line.id}.scrap", line.scrap)

    def _emit(self, line: Line, signal: str, value: Value, at_s: float | None = None) -> None:
        n = self._count[line.id] = self._count.get(line.id, 0) + 1
        change = Change(f"{line.id}/{n}", ceil_ms(self.network.env.now if at_s is None else at_s), signal, value)
        for listener in self.listeners:
            listener(change)

    # --- lines on the machine floor --------------------------------------------------------------------------------
    def _present(self, slot: int, line: SerialLine) -> None:
        kernel = line.floor.now
        for unit, name in enumerate(line.floor.design.names):
            self._shown[slot, unit] = kernel.state_of(unit)
            self._emit(line, f"{line.id}.{name}.state", PACKML[words.STATES[kernel.state_of(unit)]])
            self._emit(line, f"{line.id}.{name}.count", kernel.done(unit))

    def drain(self) -> None:
        """Tell what the machine floor has done since the last time, in the order in which it happened. A state that a
        machine only passes through within an instant (it asks for its next lot and has it) is not told."""
        merged = []
        for slot, line in enumerate(self._floor):
            records = line.floor.records()
            wanted = records[(records["kind"] <= words.OUT)]
            merged += [(row[0], slot, row[1], row) for row in wanted.tolist()]
        merged.sort(key=lambda each: each[:3])
        lasting = {(at, slot, row[3]): n for at, slot, n, row in merged if row[4] == words.STATE}
        for at, slot, n, (_, _, _, unit, kind, state, value) in merged:
            line = self._floor[slot]
            if kind == words.OUT:
                self._emit(line, f"{line.id}.{'good' if state else 'scrap'}", value, at)
            elif kind == words.DONE:
                self._emit(line, f"{line.id}.{line.floor.design.names[unit]}.count", value, at)
            elif lasting[at, slot, unit] == n and self._shown[slot, unit] != state:
                self._shown[slot, unit] = state
                self._emit(line, f"{line.id}.{line.floor.design.names[unit]}.state", PACKML[words.STATES[state]], at)

    # --- plain-rate lines -------------------------------------------------------------------------------------------
    def _shift(self, line: Line) -> None:
        """A shift begins or ends: the line shows it."""
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
