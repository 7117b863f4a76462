"""The oracle's lines: a plain rate, or machines one piece wide, worked in exact fractions of a millisecond.

What a line is told: lots of production orders, halts, speeds. What it tells its plant: a piece wants its components, a
lot is through. Only lines on which one piece is worked at a time are here (a rate, a single machine).
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.common.oracle.clock import DAY, ENDED, Clock, Shifts, ms, up


@dataclass(eq=False)
class Lot:
    """A release of `size` pieces of a production order."""

    order: Any
    item: str
    size: int
    entered: int = 0
    done: int = 0
    used: int = 0  # pieces whose components have been told to ERP


class Line:
    """One line; `plant` has needs(line, lot) -> taken?, short(line, lot), counted(line, lot)."""

    def __init__(self, clock: Clock, plant: Any, spec: dict[str, Any], shifts: Shifts) -> None:
        self.clock, self.plant, self.shifts, self.id = clock, plant, shifts, spec["id"]
        self.makes = {make["item"]: make for make in spec["makes"]}
        self.rate = "rate" in spec
        unit = Fraction(DAY) / Fraction(spec["rate"][:-2]) if self.rate else Fraction(ms(spec["machines"][0]["cycle"]))
        self.unit = {item: unit * Fraction(str(make.get("cycle_factor", 1))) for item, make in self.makes.items()}
        self.setups = {item: ms(make.get("setup", 0)) for item, make in self.makes.items()}
        self.matrix = {(a, b): ms(t) for a, row in spec.get("setups", {}).items() for b, t in row.items()}
        self.queue = list[Lot]()
        self.last, self.halts, self.factors, self.turn = "", 0, list[Fraction](), 0
        self.doing, self.left, self.since, self.starving, self.setting = False, Fraction(0), Fraction(0), False, False

    # --- told --------------------------------------------------------------------------------------------------
    def release(self, order: Any, item: str, quantity: int) -> None:
        """Pieces of a production order, in lots; the last lot may be smaller."""
        size = self.makes[item].get("lot", 1)
        while quantity > 0:
            self.queue.append(Lot(order, item, min(size, quantity)))
            quantity -= size
        self.look(self.clock.now)

    def withdraw(self, order: Any, quantity: int) -> int:
        """Take back at most so many pieces of an order in whole lots that are not begun, the last first."""
        first, taken = self.queue[0], 0
        for lot in [lot for lot in reversed(self.queue) if lot.order is order and not lot.entered]:
            if lot.size + taken <= quantity:
                self.queue.remove(lot)
                taken += lot.size
        if self.starving and (not self.queue or self.queue[0] is not first):
            self.wake()
        return taken

    def halt(self) -> None:
        """Stand; what was done of the piece stays done."""
        self._pause()
        self.halts += 1

    def lift(self) -> None:
        """Undo one halt."""
        self.halts -= 1
        self._resume()

    def speed(self, factor: Fraction, on: bool) -> None:
        """A speed comes into force, or goes out of it: the rest of the piece goes on at the new one."""
        self._pause()
        if on:
            self.factors.append(factor)
        else:
            self.factors.remove(factor)
        self._resume()

    def wake(self) -> None:
        """Components have come."""
        if self.starving:
            self.starving = False
            self.look(self.clock.now)

    # --- works -------------------------------------------------------------------------------------------------
    def look(self, at: Fraction) -> None:
        """Begin what comes next, from the (exact) instant `at` on."""
        if self.doing or self.halts or self.starving or not self.queue:
            return
        lot = self.queue[0]
        if not self.plant.needs(self, lot):  # taken as the piece enters: before its setup, off shift too
            self.starving = True
            self.plant.short(self, lot)
            return
        lot.entered += 1
        setup = Fraction(0)
        if self.last != lot.item:
            setup, self.last = Fraction(self.matrix.get((self.last, lot.item), self.setups[lot.item])), lot.item
        at = self.clock.now if setup else at
        if setup:  # at its own pace, however slow the line is
            self.setting = True
            self._begin(setup, at)
        else:
            self._begin(self.unit[lot.item], at)

    def _begin(self, work: Fraction, at: Fraction) -> None:
        self.doing, self.left, self.since = True, work, self.shifts.opens(at)
        self._plan()

    def _factor(self) -> Fraction:
        product = Fraction(1)
        for factor in [] if self.setting else self.factors:
            product *= factor
        return product

    def _plan(self) -> None:
        self.turn += 1
        if self.doing and not self.halts and self._factor():
            end = self.shifts.done(self.since, self.left / self._factor())
            if end is not None:
                self.clock.at(up(end) if self.rate else end, self._end, end, self.turn, rank=ENDED)

    def _pause(self) -> None:
        if self.doing and not self.halts:
            now = self.clock.now
            self.left = max(self.left - self.shifts.between(self.since, now) * self._factor(), Fraction(0))
            self.since = max(now, self.since)
        self.turn += 1

    def _resume(self) -> None:
        if self.halts:
            return
        if self.doing:
            self.since = self.clock.now
            self._plan()
        else:
            self.look(self.clock.now)

    def _end(self, end: Fraction, turn: int) -> None:
        if turn != self.turn:
            return
        self.doing, lot = False, self.queue[0]
        if self.setting:
            self.setting = False
            self._begin(self.unit[lot.item], end)
            return
        lot.done += 1
        if lot.done == lot.size:
            self.queue.pop(0)
            self.plant.counted(self, lot)
        self.look(end)
