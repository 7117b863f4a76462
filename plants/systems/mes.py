"""MES: what a plant's execution system notices of its lines, in the plant's own item codes.

A line stands while anything holds it: a stop that people report (a disruption), or a station without a working machine
(see breakdowns.py). While a reported stop lasts MES says nothing of breakdowns; when it ends and a machine still holds
the line, that is said instead of `line.resumed`, which is said only when nothing holds the line any more.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from plants.systems.breakdowns import Breakdowns, Standstill
from plants.systems.channel import Channel
from plants.systems.system import System
from sync.vocabulary import messages as m
from sync.vocabulary.quantities import ceil_ms

if TYPE_CHECKING:
    from plants.floor.line import Line
    from plants.floor.lots import Lot
    from plants.network.network import Network

OVERDUE_S = 60.0  # a repair that is so much over its estimate is estimated again


class Mes(System):
    """Confirms lots, reports stops, and knows nothing of other plants."""

    name, per = "mes", "plant"
    publishes = (
        m.LineStopped, m.LineResumed, m.LineSlowed, m.MachineStopped, m.MachineResumed, m.ProductionConfirmed,
        m.MaterialConsumed,
    )  # fmt: skip

    def __init__(self, network: "Network", owner: str, channel: Channel) -> None:
        super().__init__(network, owner, channel)
        self.plant = network.plants[owner]
        self._posted: dict[str, int] = {}
        self._down: set[str] = set()
        self._machines = {line.id: Breakdowns(line.spec) for line in self.plant.lines.values()}
        self._reported: dict[str, list[str]] = {}  # line -> reasons of the stops that people reported
        self._standing: dict[str, Standstill] = {}  # line -> what was said last of a stop by breakdowns

    def attach(self) -> None:
        """Listen to the plant's floor."""
        self.plant.on_lot.append(self._lot)
        self.plant.on_short.append(self._short)
        self.plant.on_broken.append(self._machine)

    def _machine(self, line: "Line", machine: str, broken: bool) -> None:
        """A breakdown is reported when it begins and when it is over, one that begins while the line is halted when it
        outlasts that."""
        name, now_ms, own = f"{line.id}.{machine}", ceil_ms(self.network.env.now), self._machines[line.id]
        if broken:
            own.broke(machine, now_ms)
            if not line.halts:
                self._down.add(name)
                self.machine(name, True)
        else:
            own.whole(machine, now_ms, learn=not self._reported.get(line.id))
            if name in self._down:
                self._down.discard(name)
                self.machine(name, False)
        self._look(line.id)

    def _look(self, line: str) -> None:
        """Say what has changed of a line's standing by breakdowns, where no reported stop holds it."""
        if self._reported.get(line):
            return
        said, found = self._standing.get(line), self._machines[line].standstill(ceil_ms(self.network.env.now))
        if found is None:
            if said is not None:
                del self._standing[line]
                self.channel.post(line, m.LineResumed(line=line, machine=f"{line}.{said.machines[0]}"))
        elif said is None or (found.machines, found.until_ms) != (said.machines, said.until_ms):
            self._stand(line, found if said is None else replace(found, since_ms=said.since_ms))

    def _stand(self, line: str, stop: Standstill) -> None:
        """Say that breakdowns hold the line; look again when the estimate has passed."""
        self._standing[line] = stop
        expected = stop.until_ms - stop.since_ms if stop.until_ms >= 0 else -1
        machine, reason = f"{line}.{stop.machines[0]}", f"breakdown of {', '.join(stop.machines)}"
        body = m.LineStopped(
            line=line, reason=reason, since_ms=stop.since_ms, expected_ms=expected, machine=machine
        )  # fmt: skip
        self.channel.post(line, body)
        if stop.until_ms >= 0:
            again = stop.until_ms / 1000 + OVERDUE_S
            self.network.env.call_at(again, lambda: self._look(line) if self._standing.get(line) is stop else None)

    def _lot(self, line: "Line", lot: "Lot") -> None:
        order = lot.order
        if order is None:
            return
        item = self.code(lot.item)
        self.channel.post(order.id,
            m.ProductionConfirmed(
                order=order.id, line=line.id, item=item, lot=lot.id, good=lot.good, scrap=lot.scrap,
                remaining=order.wanted,
            ),
        )  # fmt: skip
        self._consumed(line, lot, lot.size - self._posted.pop(lot.id, 0))

    def _short(self, line: "Line", lot: "Lot") -> None:
        """The line starves: what the lot has used so far is posted now, or nobody would re-order it."""
        used = lot.entered - self._posted.get(lot.id, 0)
        if used > 0:
            self._posted[lot.id] = lot.entered
            self._consumed(line, lot, used)

    def _consumed(self, line: "Line", lot: "Lot", pieces: int) -> None:
        if line.spec.supply_unlimited or lot.order is None or pieces <= 0:
            return
        for component, each in self.plant.needs.get(lot.item, {}).items():
            body = m.MaterialConsumed(
                order=lot.order.id, line=line.id, item=self.code(component), quantity=each * pieces
            )
            self.channel.post(lot.order.id, body)

    # --- stops, as maintenance and the shift leads report them ---------------------------------------------------
    def stopped(self, line: str, reason: str, since_s: float, expected_s: float | None) -> None:
        """People report that a line stands; `expected_s` is the estimate of the whole stop (None: nobody knows)."""
        self._reported.setdefault(line, []).append(reason)
        expected = -1 if expected_s is None else ceil_ms(expected_s)
        body = m.LineStopped(line=line, reason=reason, since_ms=ceil_ms(since_s), expected_ms=expected)
        self.channel.post(line, body)

    def resumed(self, line: str, reason: str) -> None:
        """A reported stop is over; the line works again unless something else holds it."""
        self._reported[line].remove(reason)
        if self._reported[line]:
            return
        self._standing.pop(line, None)
        for machine in self._machines[line].broken():
            if (name := f"{line}.{machine}") not in self._down:
                self._down.add(name)
                self.machine(name, True)
        self._look(line)
        if line not in self._standing:
            self.channel.post(line, m.LineResumed(line=line))

    def slowed(self, line: str, factor: float, since_s: float, expected_s: float | None) -> None:
        """A line works at `factor` of its speed (1 = normal again)."""
        expected = -1 if expected_s is None else ceil_ms(expected_s)
        self.channel.post(
            line,
            m.LineSlowed(
                line=line, factor_ppm=round(factor * 1_000_000), since_ms=ceil_ms(since_s), expected_ms=expected
            ),
        )

    def machine(self, machine: str, down: bool) -> None:
        """A machine broke down, or is repaired."""
        if down:
            self.channel.post(machine, m.MachineStopped(machine=machine, reason="breakdown"))
        else:
            self.channel.post(machine, m.MachineResumed(machine=machine))
