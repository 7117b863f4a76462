"""A line that is a plain capacity: completions come at a fixed rate, in open time.

The k-th completion since the line last became busy comes ceil(k x 86,400,000 / rate) ms after that moment. A halt or a
change of speed starts the count anew and keeps the share of the unit in progress that is already done.
"""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Any

import simpy
from simpy.events import Event, Process

from plants.definition import MakeSpec
from plants.floor.line import Line
from plants.floor.lots import Lot
from sync.vocabulary.quantities import MS_PER_DAY


@dataclass(eq=False)
class RateLine(Line):
    """`spec.rate_per_day` units a day, where a unit is a piece or, with `counts: orders`, a whole order."""

    state: str = "idle"
    _process: Process | None = None
    _working: bool = False
    _interrupted: bool = False
    _unit: Lot | None = None
    _worked_s: float = 0.0
    _began: float = 0.0

    def start(self) -> None:
        self._process = self.env.process(self._run())

    def machines(self) -> list[tuple[str, str, bool]]:
        return [(self.id, self.state, self._working)]

    def _show(self, state: str) -> None:
        """Change state, and say so."""
        if state != self.state:
            self.state = state
            self.changed(self.id, state)

    def _interrupt(self) -> None:
        """Once an instant: whatever else happens in it is found when the work is taken up again."""
        if self._working and not self._interrupted and self._process is not None:
            self._interrupted = True
            self._process.interrupt()

    def set_factor(self, factor: float) -> None:
        """Speed changes at once: the unit in progress goes on at the new speed."""
        self.factor = factor
        self._interrupt()

    def _unit_ms(self, make: MakeSpec) -> float:
        rate = self.spec.rate_per_day
        if rate is None:
            raise ValueError(f"line {self.id} has no rate")
        return MS_PER_DAY * make.cycle_factor / (rate * self.factor)

    def _run(self) -> Generator[Event, Any, None]:
        while True:
            while self.halts:  # nothing is taken in while the line stands
                self._show("down")
                yield self._until_lifted()
            lot = self._current_lot()
            if lot is None or not self.shop.take_materials(self, lot):
                self._show("idle" if lot is None else "starved")
                yield self._woken()
                continue
            yield from self._busy(lot)

    def _busy(self, lot: Lot | None) -> Generator[Event, Any, None]:
        """Work unit after unit without a pause; `anchor` is where counting began, `carried` the share done before,
        `setup_s` what is left of a setup from there on (it has its own pace, however slow the line is)."""
        env, setup_s = self.env, 0.0
        anchor, k, carried, pace = env.now, 0, 0.0, lot.make.cycle_factor if lot is not None else 1.0
        while lot is not None:
            owed_s = self.setup_s(lot.item)
            if owed_s or lot.make.cycle_factor != pace:  # a setup, or another pace: count anew
                pace = lot.make.cycle_factor
                anchor, k, carried, setup_s = env.now, 0, 0.0, owed_s
            self._entered(lot)
            self._unit = lot
            k += 1
            done = False
            while not done:
                if self.halts or self.factor <= 0:
                    self._show("down")
                    while self.halts:
                        yield self._until_lifted()
                    anchor = env.now
                self._show("working")
                began = self._began = env.now
                unit_s = self._unit_ms(lot.make) / 1000
                end = self.shifts.finish(anchor, setup_s + ceil(round((k - carried) * unit_s * 1000, 6)) / 1000)
                self._working = True
                try:
                    yield env.timeout(max(end - env.now, 0.0))
                    done = True
                    self._worked_s += self.shifts.between(began, env.now)
                except simpy.Interrupt:
                    worked = self.shifts.between(began, env.now)
                    self._worked_s += worked
                    # of the unit itself: its stamp is rounded up, and the rest of a millisecond is nobody's work
                    gone = self.shifts.between(anchor, env.now)
                    left = max(k - carried - max(gone - setup_s, 0.0) / unit_s, 0.0)
                    anchor, k, carried, setup_s = env.now, 1, 1 - left, max(setup_s - gone, 0.0)
                    done = left <= 0.0  # it was through at this very instant
                finally:
                    self._working = self._interrupted = False
            self._unit = None
            self._out(lot, lot.size if self.spec.counts == "orders" else 1)
            lot = None if self.halts else self._current_lot()
            if lot is not None and not self.shop.take_materials(self, lot):
                self._show("starved")
                return

    def producing(self, for_order: str) -> bool:
        unit = self._unit
        return unit is not None and unit.order is not None and unit.order.for_order == for_order

    def count(self) -> Iterator[tuple[str, int]]:
        yield from self._inside().items()

    def _inside(self) -> dict[str, int]:
        there: dict[str, int] = {}
        if self._unit is not None:
            pieces = self._unit.size if self.spec.counts == "orders" else 1
            there[self._unit.item] = pieces
        for lot in (*self._uncounted(), *self.parked):
            if lot.good:
                there[lot.item] = there.get(lot.item, 0) + lot.good
        return there

    def _uncounted(self) -> list[Lot]:
        """Lots with pieces that are through but not yet received (a rate line works on one lot at a time)."""
        lots = [lots.first for lots in self._queue.values() if lots.first is not None and lots.first.good]
        if self._unit is not None and self._unit not in lots and self._unit.good:
            lots.append(self._unit)
        return lots

    def busy_s(self) -> dict[str, float]:
        now = self.shifts.between(self._began, self.env.now) if self._working else 0.0
        return {self.id: self._worked_s + now}

    def state_s(self) -> dict[str, dict[str, float]]:
        return self.changes().seconds(self.shifts, self.env.now)

    def unit_s(self, item: str) -> Fraction:
        rate = Fraction(self.spec.rate_per_day or 1.0)
        return Fraction(MS_PER_DAY, 1000) / rate * Fraction(self.makes[item].cycle_factor)

    def ideal_cycle_s(self) -> float:
        return MS_PER_DAY / (self.spec.rate_per_day or 1.0) / 1000
