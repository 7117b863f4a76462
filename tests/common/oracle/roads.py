"""The oracle's lanes and suppliers: what is under way, and what is ready when."""

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.common.oracle.clock import BROKEN, DAY, ENDED, Clock, Shifts, ms, per_ms


@dataclass(eq=False)
class Load:
    """Goods of one order under way together; `route`: the lanes ahead, the present one first."""

    order: Any
    quantity: int
    route: list["Lane"]
    left: Fraction = Fraction(0)  # way that is left on the present lane, in ms at normal speed
    since: Fraction = Fraction(0)
    turn: int = 0
    moved: Fraction = Fraction(0)  # time in motion on the present lane
    back: bool = False
    left_site: bool = False


class Lane:
    """A lane: a gate (closed? room today?), the way, and what comes of goods when it closes."""

    def __init__(self, clock: Clock, spec: dict[str, Any], place: int, tell: Any) -> None:
        self.clock, self.place, self.tell = clock, place, tell  # tell: departed, arrived, lost, opened
        self.source, self.target, self.mode = spec["from"], spec["to"], spec.get("mode", "")
        self.time = ms(spec["time"])
        self.per_day = int(per_ms(spec["capacity"]) * DAY) if "capacity" in spec else None
        self.reports_after = ms(spec.get("reports_loss_after", "1d"))
        self.whole = spec.get("ships") == "whole"
        self.gate, self.way = list[Load](), list[Load]()
        self.day, self.used, self.closed, self.factors = -1, 0, 0, list[Fraction]()
        self.asked = -1

    @property
    def id(self) -> str:
        return f"{self.source}>{self.target}" + (f":{self.mode}" if self.mode else "")

    def take(self, load: Load) -> None:
        """Goods come to the gate."""
        load.back = False
        self.gate.append(load)
        self.look()

    def look(self) -> None:
        """Let go what may go: first come first served, piece by piece as far as today's room reaches."""
        now = self.clock.now
        day = int(-(-now // DAY))  # day n is (n-1, n]
        if day != self.day:
            self.used = self.used - self.per_day * (day - self.day) if self.whole and self.per_day and self.gate else 0
            self.used, self.day = max(self.used, 0), day
        while self.gate and not self.closed:
            load = self.gate[0]
            room = load.quantity if self.per_day is None else self.per_day - self.used
            if room < (load.quantity if self.whole else 1) and not (self.whole and self.used <= 0):
                if self.asked != day:
                    self.asked = day
                    self.clock.at(day * DAY + 1, self.look)
                return
            goes = (
                load
                if self.whole or room >= load.quantity
                else Load(load.order, room, list(load.route), left_site=load.left_site)
            )
            if goes is load:
                self.gate.pop(0)
            else:
                load.quantity -= room
            self.used += goes.quantity
            self._depart(goes)

    def _depart(self, load: Load) -> None:
        self.tell.departed(self, load)
        load.moved = Fraction(0)
        self._go(load, Fraction(self.time))

    def _go(self, load: Load, way: Fraction) -> None:
        load.left, load.since = way, self.clock.now
        self.way.append(load)
        self._plan(load)

    def _factor(self) -> Fraction:
        product = Fraction(1)
        for factor in self.factors:
            product *= factor
        return product

    def _plan(self, load: Load) -> None:
        load.turn += 1
        if load.back or not self.closed:
            load.since = self.clock.now
            speed = Fraction(1) if load.back else self._factor()
            self.clock.at(self.clock.now + load.left / speed, self._end, load, load.turn, rank=ENDED)

    def _pause(self) -> None:
        for load in self.way:
            if not load.back and not self.closed:
                load.left -= (self.clock.now - load.since) * self._factor()
                load.moved += self.clock.now - load.since
                load.turn += 1

    def _end(self, load: Load, turn: int) -> None:
        if turn != load.turn:
            return
        self.way.remove(load)
        if load.back:
            self.take(load)
            return
        load.route.pop(0)
        if load.route:
            load.route[0].take(load)
        else:
            self.tell.arrived(load)

    def slow(self, factor: Fraction, on: bool) -> None:
        """The speed of everything on the way changes for as long as it lasts."""
        self._pause()
        if on:
            self.factors.append(factor)
        else:
            self.factors.remove(factor)
        for load in self.way:
            if not load.back:
                self._plan(load)

    def close(self, goods: str, detour: Callable[["Load"], list["Lane"]]) -> None:
        """Close: what is on the way is held, diverted, turned back or lost."""
        self._pause()
        self.closed += 1
        for load in [load for load in self.way if not load.back]:
            if goods == "lose":
                self.way.remove(load)
                self.tell.lost(self, load)
            elif goods == "divert" and (ways := detour(load)):
                self.way.remove(load)
                load.route = ways
                ways[0].take(load)
            elif goods == "return":
                load.left, load.back = load.moved, True
                self._plan(load)

    def open(self) -> None:
        """Undo one closing."""
        self.closed -= 1
        if not self.closed:
            for load in self.way:
                if not load.back:
                    self._plan(load)
            self.clock.at(self.clock.now, self._reopened)  # when all that closes or opens in this instant has

    def _reopened(self) -> None:
        self.look()
        self.tell.opened(self)


@dataclass(eq=False)
class Job:
    """A purchase at work: the time of work that its promise needs, or its place in the queue of a capacity."""

    order: Any
    promised: Fraction
    turn: int = 0
    late: int = 0
    stood: Fraction = Fraction(0)


@dataclass(eq=False)
class Supplier:
    """Promises, and hands over. A stopped supplier makes nothing: what was promised moves by the time it stood."""

    clock: Clock
    spec: dict[str, Any]
    shifts: Shifts
    hand_over: Callable[[Any, int], None]
    stops: int = 0
    stood: Fraction = Fraction(0)
    free: dict[str, Fraction] = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    lates: list[tuple[str, Fraction, Fraction, int]] = field(default_factory=list)

    def order(self, order: Any) -> None:
        """Accept a purchase: ready after its lead, and not before the capacity has made what was asked before."""
        offer, now = self.spec["items"][order.item], Fraction(self.clock.now)
        ready = now + ms(offer["lead"])
        if "capacity" in offer:  # so many a day, whatever its hours
            stood = now - self.stood if self.stops else Fraction(0)  # of the stop that lasts
            begin = max(self.free.get(order.item, Fraction(0)), now - stood)
            self.free[order.item] = begin + order.ordered / per_ms(offer["capacity"])
            ready = max(ready, self.free[order.item] + stood)
        job = Job(order, self.shifts.opens(ready))  # it is handed over when somebody is there
        job.late = sum(by for item, a, b, by in self.lates if item in ("", order.item) and a <= job.promised < b)
        self.jobs.append(job)
        self._plan(job)

    def _plan(self, job: Job) -> None:
        job.turn += 1
        if not self.stops:
            moved = job.promised if not job.stood else self.shifts.opens(job.promised + job.stood)
            self.clock.at(moved + job.late, self._ready, job, job.turn, rank=ENDED)

    def _ready(self, job: Job, turn: int) -> None:
        if turn == job.turn:
            self.jobs.remove(job)
            offer = self.spec["items"][job.order.item]
            self.hand_over(job.order, round(job.order.ordered * Fraction(str(offer.get("fill", 1)))) or 1)

    def stop(self) -> None:
        """It stands."""
        self.stops += 1
        if self.stops == 1:
            self.stood = self.clock.now
            for job in self.jobs:
                job.turn += 1

    def resume(self) -> None:
        """Undo one stop; everything that was promised moves by the time it stood."""
        self.stops -= 1
        if not self.stops:
            gone = self.clock.now - self.stood
            for item in self.free:
                self.free[item] = max(self.free[item], Fraction(self.stood)) + gone
            for job in self.jobs:  # what was ordered in between waited from then on
                job.stood += self.clock.now - max(self.stood, job.order.placed)
                self._plan(job)

    def delay(self, item: str, begin: Fraction, end: Fraction, by: int) -> None:
        """What is promised for [begin, end) comes later, what is at work included."""
        self.lates.append((item, begin, end, by))
        for job in self.jobs:
            if item in ("", job.order.item) and begin <= job.promised < end:
                job.late += by
                if not self.stops:
                    self._plan(job)


__all__ = ["BROKEN", "Job", "Lane", "Load", "Supplier"]
