"""A line of machines in series: orders above, the machine floor below.

    orders --> lots --load, grant--> Machines (floor) --hands--> work wanted, material out, lot counted, crew, breakdown

What the machines do between two hands is booked when somebody looks (`settle`): pieces entered, good and scrapped, and
the components they used. Material is granted ahead, as many pieces as the stock allows; whoever takes from that stock
in between makes the line look again.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from plants.floor import words
from plants.floor.changes import Changes
from plants.floor.crew import Crew
from plants.floor.line import Line
from plants.floor.lots import Lot
from plants.floor.machines import Machines
from plants.orders import Order
from sim.streams import Streams


@dataclass(eq=False)
class SerialLine(Line):
    """The line's side above the floor: which lot is next, what there is for it, and what became of it."""

    streams: Streams = field(kw_only=True)
    crews: dict[str, Crew] = field(default_factory=dict)
    _lots: dict[int, Lot] = field(default_factory=dict)  # by their number on the floor
    _seen: dict[int, tuple[int, int, int]] = field(default_factory=dict)  # entered, good, scrap booked so far

    def __post_init__(self) -> None:
        super().__post_init__()
        self.floor = Machines(
            self.env, self.spec, self.id, self.streams, shifts=self.shifts, reporting=True, answer=self._answer
        )
        if self.endless:
            endless = self._current_lot()
            assert endless is not None
            self._lots[0], self._seen[0] = endless, (0, 0, 0)
        self.ledger.cutters.append(self._cut)
        self._answers: dict[int, Callable[[int, int, float], None]] = {
            words.WORK: self._work_wanted,
            words.MATERIAL: self._material_wanted,
            words.LOT: self._lot_counted,
            words.CREW: self._crew_wanted,
            words.BROKEN: lambda unit, *_: self.broke(self._name(unit), True),
            words.WHOLE: lambda unit, *_: self.broke(self._name(unit), False),
        }

    def start(self) -> None:
        """The machines have been running since they were built."""

    def _name(self, unit: int) -> str:
        return self.floor.design.names[unit]

    # --- answers to the floor ----------------------------------------------------------------------------------------
    def _answer(self) -> None:
        kernel = self.floor.now
        while (hand := kernel.hand()) is not None:
            what, unit, aux, value = hand
            self._answers[what](unit, aux, value)

    def _work_wanted(self, *_: object) -> None:
        """The first machine is free: the next lot is its, with what material there is for it."""
        self.settle()
        lot = self._current_lot()
        if lot is None or self.entering() is not None:  # it may have asked twice before it was answered
            return
        stream = self.floor.design.yields.get(lot.item, -1)
        number = self.floor.touch().load(
            lot.size, self._credit(lot), self.setup_s(lot.item), lot.make.cycle_factor, stream, lot.make.yield_share
        )
        self._lots[number], self._seen[number] = lot, (0, 0, 0)
        self.settle()
        self.shop.lot_begins(self)

    def _material_wanted(self, unit: int, number: int, _: float) -> None:
        """The material granted is used up: grant more, or wait for it."""
        self.settle()
        entering, left, _ = self.floor.now.entering()
        if entering != number or left > 0:
            return  # answered already, or the lot was taken back
        lot = self._lots[number]
        credit = self._credit(lot)
        if credit:
            self.floor.touch().grant(credit)
            self.settle()
        else:
            self.shop.starving(self, lot)

    def _credit(self, lot: Lot) -> int:
        return self.shop.pieces_possible(self, lot)

    def _lot_counted(self, unit: int, number: int, _: float) -> None:
        self.settle()
        lot = self._lots.pop(number)
        del self._seen[number]
        self._write(number, lot)
        self.floor.touch().close(number)
        self.shop.lot_done(self, lot)

    def _crew_wanted(self, unit: int, turn: int, seconds: float) -> None:
        machine = self.spec.machines[self.floor.design.station[unit]]
        crew = self.crews[machine.crew or ""]
        self.env.process(crew.work(self.env, seconds, lambda: self.floor.touch().crew_done(unit, turn)))

    # --- orders from above -------------------------------------------------------------------------------------------
    def wake(self) -> None:
        """Something the first station waits for may be there: it asks again."""
        if self.floor.now.entering()[2]:
            self.floor.touch().wake()

    def recheck(self) -> None:
        """What was granted may not be there any more."""
        number, credit, _ = self.floor.now.entering()
        if number < 0 or credit <= 0 or self.endless:
            return
        self.settle()
        lot = self._lots[number]
        possible = self._credit(lot)
        if possible <= 1 or possible < min(credit, lot.size - lot.entered):
            self.floor.touch().grant(0)  # from here on it asks piece by piece

    def withdraw(self, order: Order, quantity: int) -> int:
        """As any line; a lot that waits before the first machine is taken back from there."""
        taken = self._take_back(order, quantity)
        entering = self.floor.now.entering()[0]
        lot = self._lots.get(entering)
        if lot is not None and not any(lot is lots.first for lots in self._queue.values()):
            kernel = self.floor.touch()
            kernel.unload()
            del self._lots[entering], self._seen[entering]
            kernel.wake()
        return taken

    def _stand(self) -> None:
        self.floor.halt()

    def _go_on(self) -> None:
        self.floor.lift()

    def set_factor(self, factor: float) -> None:
        self.factor = factor
        self.floor.touch().set_factor(factor)

    def stop_machine(self, machine: str) -> None:
        """Break a machine (of parallel ones the first). Stops stack."""
        unit = self._unit(machine)
        self.floor.stop(unit)
        self.broke(self._name(unit), True)

    def mend_machine(self, machine: str) -> None:
        """Undo one stop of a machine."""
        unit = self._unit(machine)
        self.floor.mend(unit)
        self.broke(self._name(unit), False)

    def _unit(self, machine: str) -> int:
        ids = [m.id for m in self.spec.machines]
        if machine not in ids:
            raise ValueError(f"line {self.id} has no machine {machine}")
        return self.floor.design.station.index(ids.index(machine))

    # --- what it has done so far -------------------------------------------------------------------------------------
    def settle(self) -> None:
        """Book what the machines did since somebody last looked."""
        kernel = self.floor.now
        for number, lot in list(self._lots.items()):
            _, entered, good, scrap = kernel.lot_counts(number)
            before = self._seen[number]
            if (entered, good, scrap) != before:
                self._seen[number] = (entered, good, scrap)
                self._book(lot, entered - before[0], good - before[1], scrap - before[2])

    def _book(self, lot: Lot, entered: int, good: int, scrap: int) -> None:
        ledger, cause = self.ledger, self._cause(lot)
        if entered:
            lot.entered += entered
            self.last_item = lot.item
            ledger.post(lot.item, entered, f"made:{self.shop.id}", self.account, cause)
            if lot.entered >= lot.size:
                self._leave_queue(lot)
        if good:
            lot.good += good
            self._good += good
            self._units[lot.item] = self._units.get(lot.item, 0) + good
        if scrap:
            lot.scrap += scrap
            self._scrap += scrap
            ledger.post(lot.item, scrap, self.account, f"scrapped:{self.shop.id}", cause)
        if lot.order is None and lot.good:
            ledger.post(lot.item, lot.good, self.account, f"shipped:{self.shop.id}", cause)
            lot.good = 0
        if entered:
            self.shop.use(self, lot, entered)

    # --- what the ledger writes down of it ---------------------------------------------------------------------------
    def _cut(self) -> None:
        """Everything up to now."""
        self.settle()
        for number, lot in self._lots.items():
            self._write(number, lot)

    def _write(self, number: int, lot: Lot) -> None:
        """What the machines noted of a lot: when its pieces entered, were scrapped, and left an endless line."""
        kernel, cause, shop = self.floor.now, self._cause(lot), self.shop.id
        entered = kernel.take_notes(words.ENTERED, number)
        self.ledger.write((lot.item, 1, f"made:{shop}", self.account, cause), lot.id, entered)
        if entered:
            self.shop.write_use(self, lot, entered)
        for what, target in ((words.SCRAPPED, f"scrapped:{shop}"), (words.LEFT, f"shipped:{shop}")):
            went = kernel.take_notes(what, number)
            self.ledger.write((lot.item, 1, self.account, target, cause), lot.id, went)

    def entering(self) -> Lot | None:
        """The lot that is entering now, if there is one."""
        return self._lots.get(self.floor.now.entering()[0])

    def machines(self) -> list[tuple[str, str, bool]]:
        kernel = self.floor.now
        return [
            (name, words.STATES[kernel.state_of(u)], kernel.is_active(u))
            for u, name in enumerate(self.floor.design.names)
        ]

    def producing(self, for_order: str) -> bool:
        self.settle()
        orders = [self._lots[number].order for number in set(self.floor.now.parts())]
        return any(order is not None and order.for_order == for_order for order in orders)

    def count(self) -> Iterator[tuple[str, int]]:
        """Every part counted where it is, and good pieces whose lot is not counted yet."""
        self.settle()
        there: Counter[str] = Counter()
        for number, pieces in Counter(self.floor.now.parts()).items():
            there[self._lots[number].item] += pieces
        for lot in (*self._lots.values(), *self.parked):
            if lot.good:
                there[lot.item] += lot.good
        yield from there.items()

    # --- for the measures --------------------------------------------------------------------------------------------
    def busy_s(self) -> dict[str, float]:
        kernel, now = self.floor.now, self.env.now
        return {name: kernel.busy_by(u, now) for u, name in enumerate(self.floor.design.names)}

    def down_s(self) -> float:
        kernel, now = self.floor.now, self.env.now
        return float(sum(kernel.down_by(u, now) for u in range(len(self.floor.design.names))))

    def state_s(self) -> dict[str, dict[str, float]]:
        kernel, now = self.floor.now, self.env.now
        return {
            name: dict(zip(words.STATES, kernel.spent_by(u, now), strict=True))
            for u, name in enumerate(self.floor.design.names)
        }

    def changes(self) -> Changes:
        return Changes.told(self.floor.design.names, self.floor.now.read_diary())

    def ideal_cycle_s(self) -> float:
        return max(m.cycle.mean / m.parallel for m in self.spec.machines)
