"""MES: what a plant's execution system notices of its lines, in the plant's own item codes."""

from typing import TYPE_CHECKING

from plants.systems.channel import Channel
from plants.systems.system import System
from sync.vocabulary import messages as m
from sync.vocabulary.quantities import ceil_ms

if TYPE_CHECKING:
    from plants.floor.line import Line, Lot
    from plants.network.network import Network


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

    def attach(self) -> None:
        """Listen to the plant's floor."""
        self.plant.on_lot.append(self._lot)
        self.plant.on_short.append(self._short)
        self.plant.on_broken.append(self._machine)

    def _machine(self, line: "Line", machine: str, broken: bool) -> None:
        """A breakdown is reported when it begins and when it is over; a halt of the line is `stopped`'s business."""
        name = f"{line.id}.{machine}"
        if broken and not line.halts:
            self._down.add(name)
            self.machine(name, True)
        elif not broken and name in self._down:
            self._down.discard(name)
            self.machine(name, False)

    def _lot(self, line: "Line", lot: "Lot") -> None:
        order = lot.order
        if order is None:
            return
        item = self.code(lot.item)
        self.channel.post(order.id,
            m.ProductionConfirmed(
                order=order.id, line=line.id, item=item, lot=lot.id, good=lot.good, scrap=lot.scrap,
                remaining=order.open_quantity,
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
        """A line stands; `expected_s` is the estimate of the whole stop (None: nobody knows)."""
        expected = -1 if expected_s is None else ceil_ms(expected_s)
        body = m.LineStopped(line=line, reason=reason, since_ms=ceil_ms(since_s), expected_ms=expected)
        self.channel.post(line, body)

    def resumed(self, line: str) -> None:
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
