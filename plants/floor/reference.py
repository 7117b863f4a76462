"""The reference: machines in series with finite buffers between them as SimPy processes, one timeout per part.

    materials -> [M1] -> gap -> [M2] -> gap -> [M3] -> lot counted into stock

The file is long because nothing of it may be shared with what it checks.
A finished but blocked part occupies its machine (blocking after service); with `before-service` a machine starts only
when the space behind it is free. Failures that count operating time fall inside a part's work, so they need no
interrupt; only halts from outside and calendar failures interrupt. No world is built of it: tests and benchmarks hold
the machine floor against it, so it shares with `kernel` the rules it follows, the streams it draws from, and no code.
"""

from collections import deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any

import simpy
from simpy.events import Event, Process

from plants import definition
from plants.floor.crew import Crew
from plants.floor.line import Line
from plants.floor.lots import Lot
from sim.streams import Draw, Streams

INFINITY = float("inf")


@dataclass(eq=False)
class Gap:
    """The space between two stations: `capacity` parts, and those who wait to take or to put one."""

    capacity: int
    parts: deque[Lot] = field(default_factory=deque)
    takers: deque[Event] = field(default_factory=deque)
    putters: deque[tuple[Event, Lot]] = field(default_factory=deque)
    waiting: deque[Event] = field(default_factory=deque)  # before service, each given its place when there is one
    reserved: int = 0

    def put(self, part: Lot) -> bool:
        """Hand the part on; False when there is no room (the caller waits on `putters`)."""
        if self.takers:
            self.takers.popleft().succeed(part)
        elif len(self.parts) < self.capacity:
            self.parts.append(part)
        else:
            return False
        return True

    def take(self) -> Lot | None:
        """The next part, or None; frees whoever was blocked for the room."""
        if self.parts:
            part = self.parts.popleft()
            if self.putters:
                event, waiting = self.putters.popleft()
                self.parts.append(waiting)
                event.succeed()
            return part
        if self.putters:
            event, part = self.putters.popleft()
            event.succeed()
            return part
        return None

    def has_room(self) -> bool:
        """Could a part finished now be handed on at once?"""
        return len(self.parts) + self.reserved < self.capacity + len(self.takers)


@dataclass(eq=False)
class Station:
    """One machine (or one of `parallel` equal ones): its draws, its life and its counters."""

    line: "SimpyLine"
    spec: definition.MachineSpec
    index: int
    name: str
    cycle: Draw
    after: Draw | None
    repair: Draw | None
    scrap: Draw | None
    rework: Draw | None
    services: list[Draw]
    part: Lot | None = None
    done: int = 0
    state: str = "idle"
    to_failure: float = INFINITY
    to_service: list[float] = field(default_factory=list)
    broken: int = 0
    process: Process | None = None
    working: bool = False
    paced: bool = False  # the line's speed has changed meanwhile
    interrupted: bool = False  # once is enough, whatever else happens at that instant
    _busy_s: float = 0.0
    _down_s: float = 0.0
    _began: float = 0.0
    _span: float = 0.0
    _down_since: float | None = None
    _before: str = "idle"

    def start(self) -> None:
        fails = self.spec.fails
        if fails is not None and self.after is not None:
            if fails.counts == "operating":
                self.to_failure = self.after()
            else:
                self.line.env.process(self._calendar_failures())
        self.to_service = [m.every for m in self.spec.maintenance]
        for n, m in enumerate(self.spec.maintenance):
            if m.counts == "calendar":
                self.line.env.process(self._calendar_service(n, m.every))
        self.process = self.line.env.process(self._run())

    def show(self, state: str) -> None:
        """Change state, and say so. What is broken shows nothing else until it is mended."""
        if self.broken and state != "down":
            self._before = state
        elif state != self.state:
            self.state = state
            self.line.changed(self.name, state)

    # --- the life of a machine -----------------------------------------------------------------------------------
    def _run(self) -> Generator[Event, Any, None]:
        line, last = self.line, self.index == len(self.line.gaps)
        before = line.spec.blocking == "before-service" and not last
        while True:
            part = yield from self._get()
            self.part = part
            if before:
                yield from self._reserve(line.gaps[self.index])
            yield from self._work(self.cycle() * part.make.cycle_factor / line.factor)
            self.done += 1
            if line.traced:
                line.shop.machine_counted(line, self.name, self.done)
            if self.spec.maintenance:
                self._wear(1.0, "cycles")
            if self.scrap is not None and self.scrap() < self.spec.scrap:
                self.part = None
                line.drop(part)
            elif self.rework is not None and self.spec.rework and self.rework() < self.spec.rework.share:
                self.part = None
                line.send_back(part, self.spec.rework.to)
            elif last:
                self.part = None
                line.finish(part)
            elif not line.gaps[self.index].put(part):
                self.show("blocked")
                event = line.env.event()
                line.gaps[self.index].putters.append((event, part))
                self.part = None  # it stands in this machine, but is counted at the gap
                yield event
            self.part = None
            if before:
                line.gaps[self.index].reserved -= 1
                line.room()

    def _get(self) -> Generator[Event, Any, Lot]:
        line = self.line
        again = line.returns.get(self.index)
        if again:
            return again.popleft()
        if self.index == 0:
            return (yield from self._enter())
        gap = line.gaps[self.index - 1]
        part = gap.take()
        line.room()
        if part is None:
            self.show("starved")
            event = line.env.event()
            gap.takers.append(event)
            line.room()
            part = yield event
        return part

    def _enter(self) -> Generator[Event, Any, Lot]:
        """The first machine draws a new piece: its lot's turn, its materials, and the setup when the item changes."""
        line = self.line
        while True:
            while line.halts:  # nothing is taken in while the line stands
                self.show("down")
                yield line._until_lifted()
            again = line.returns.get(0)
            if again:
                return again.popleft()
            lot = line._current_lot()
            if lot is not None and (line.endless or line.shop.take_materials(line, lot)):
                setup = line.setup_s(lot.item)
                line._entered(lot)
                if setup:
                    self.part = lot
                    self.show("setup")
                    yield from self._work(setup, "setup")
                return lot
            self.show("idle" if lot is None else "starved")
            yield line._woken()

    def _reserve(self, gap: Gap) -> Generator[Event, Any, None]:
        if gap.has_room():
            gap.reserved += 1
            return
        self.show("blocked")
        place = self.line.env.event()
        gap.waiting.append(place)
        yield place

    def _work(self, work: float, state: str = "working") -> Generator[Event, Any, None]:
        """`work` seconds of open time, with breakdowns, services and halts between; nothing done is lost. What is left
        of a cycle goes with the speed of the line."""
        line, env, shifts = self.line, self.line.env, self.line.shifts
        pace = line.factor
        while True:
            while line.halts or self.broken:
                self.show("down")
                yield line._until_lifted() if line.halts else line.repaired(self)
            due = min((n for n, left in enumerate(self.to_service) if left <= 0), default=-1)
            if due >= 0:
                yield from self._service(due)
                continue  # a halt, a breakdown or another service may be due by now
            self.show(state)
            repaced = True
            while repaced:
                if state == "working":
                    work, pace = work * (pace / line.factor), line.factor
                span = min(work, self.to_failure)
                began = self._began = env.now
                self._span = span
                self.working, self.paced, self.interrupted = True, False, False
                try:
                    yield env.timeout_at(shifts.finish(began, span))
                except simpy.Interrupt:
                    span = min(shifts.between(began, env.now), span)
                self.working = False
                work -= span
                self._busy_s += span
                self.to_failure -= span
                if self.to_service:
                    self._wear(span, "operating")
                repaced = self.paced and work > 0.0 and self.to_failure > 0.0 and not (line.halts or self.broken)
            if work <= 0.0:
                return
            if self.to_failure <= 0.0:
                yield from self._break()

    def _wear(self, amount: float, counts: str) -> None:
        for n, m in enumerate(self.spec.maintenance):
            if m.counts == counts:
                self.to_service[n] -= amount

    def _break(self) -> Generator[Event, Any, None]:
        """An operating-time failure: repaired in calendar time, by the crew where there is one."""
        self.show("down")
        self._down_since = self.line.env.now
        self.line.broke(self.name, True)
        yield from self._by_crew(self.repair() if self.repair else 0.0)
        self._end_down()
        self.line.broke(self.name, False)
        self.to_failure = self.after() if self.after else INFINITY

    def _end_down(self) -> None:
        if self._down_since is not None:
            self._down_s += self.line.env.now - self._down_since
            self._down_since = None

    def busy_s(self) -> float:
        """Seconds worked so far, the part in progress included."""
        if not self.working:
            return self._busy_s
        return self._busy_s + min(self.line.shifts.between(self._began, self.line.env.now), self._span)

    def down_s(self) -> float:
        """Seconds down after breakdowns so far, a repair in progress included."""
        return self._down_s + (0.0 if self._down_since is None else self.line.env.now - self._down_since)

    def _by_crew(self, seconds: float) -> Generator[Event, Any, None]:
        """Wait for the crew (where the machine has one), which works in its own shifts."""
        env, crew = self.line.env, self.line.crews.get(self.spec.crew or "")
        if crew is None:
            yield env.timeout(seconds)
            return
        with crew.people.request() as turn:
            yield turn
            yield env.timeout_at(crew.shifts.finish(env.now, seconds))

    def _service(self, n: int) -> Generator[Event, Any, None]:
        self.show("maintenance")
        yield from self._by_crew(self.services[n]())
        self.to_service[n] = self.spec.maintenance[n].every

    def _calendar_service(self, n: int, every: float) -> Generator[Event, Any, None]:
        while True:
            yield self.line.env.timeout(every)
            self.to_service[n] = 0.0

    def _calendar_failures(self) -> Generator[Event, Any, None]:
        """Failures on the calendar come whether the machine works or not."""
        env = self.line.env
        if self.after is None or self.repair is None:
            return
        while True:
            yield env.timeout(self.after())
            self.stop()
            self._down_since = env.now
            self.line.broke(self.name, True)
            yield from self._by_crew(self.repair())
            self._end_down()
            self.line.broke(self.name, False)
            self.mend()

    def stop(self) -> None:
        """Break (stops stack): nothing is worked until it is mended as often."""
        self.broken += 1
        if self.broken == 1:
            self._before = "starved" if self.state == "down" else self.state
            self.interrupt()
            self.show("down")

    def mend(self) -> None:
        """Undo one stop."""
        self.broken -= 1
        if not self.broken:
            if not self.line.halts and self.state == "down":
                self.show(self._before)
            self.line.announce_repair(self)

    def interrupt(self) -> None:
        """Stop the work that is going on."""
        if self.working and not self.interrupted and self.process is not None:
            self.interrupted = True
            self.process.interrupt()


@dataclass(eq=False)
class SimpyLine(Line):
    """The line itself: stations, gaps between them, and the parts that go back for rework."""

    streams: Streams = field(kw_only=True)
    crews: dict[str, Crew] = field(default_factory=dict)
    stations: list[Station] = field(default_factory=list)
    gaps: list[Gap] = field(default_factory=list)
    returns: dict[int, deque[Lot]] = field(default_factory=dict)
    _uncounted: dict[str, Lot] = field(default_factory=dict)
    _repairs: dict[str, list[Event]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.gaps = [Gap(n) for n in self.spec.buffers]
        for index, machine in enumerate(self.spec.machines):
            for n in range(machine.parallel):
                name = machine.id if machine.parallel == 1 else f"{machine.id}:{n + 1}"
                self.stations.append(self._station(machine, index, name))

    def _station(self, m: definition.MachineSpec, index: int, name: str) -> Station:
        key, draw, share = f"{self.id}.{name}", self.streams.draw, self.streams.share
        return Station(
            self, m, index, name,
            cycle=draw(f"{key}/cycle", m.cycle),
            after=draw(f"{key}/failure", m.fails.after) if m.fails else None,
            repair=draw(f"{key}/repair", m.fails.repair) if m.fails else None,
            scrap=share(f"{key}/scrap") if m.scrap else None,
            rework=share(f"{key}/rework") if m.rework else None,
            services=[draw(f"{key}/maintenance-{n}", x.duration) for n, x in enumerate(m.maintenance)],
        )  # fmt: skip

    def start(self) -> None:
        for station in self.stations:
            station.start()

    def finish(self, part: Lot) -> None:
        """The last station is done with a part."""
        self._uncounted[part.id] = part
        self._out(part)
        if part.counted:
            self._uncounted.pop(part.id, None)

    def drop(self, part: Lot) -> None:
        """A machine scrapped a part."""
        self._scrapped(part, 1)
        if part.counted:
            self._uncounted.pop(part.id, None)
            self.shop.lot_done(self, part)

    def send_back(self, part: Lot, to: str) -> None:
        """A part goes back to machine `to` for rework; it is worked there before anything new."""
        index = next(n for n, m in enumerate(self.spec.machines) if m.id == to)
        self.returns.setdefault(index, deque()).append(part)
        if index == 0:
            self.wake()
        elif self.gaps[index - 1].takers:
            self.gaps[index - 1].takers.popleft().succeed(self.returns[index].popleft())

    def room(self) -> None:
        """A gap may have room again: those that wait before service get their places, first come first served."""
        for gap in self.gaps:
            while gap.waiting and gap.has_room():
                gap.reserved += 1
                gap.waiting.popleft().succeed()

    def repaired(self, station: Station) -> Event:
        """Fires when the calendar failure of `station` is repaired."""
        event = self.env.event()
        self._repairs.setdefault(station.name, []).append(event)
        return event

    def announce_repair(self, station: Station) -> None:
        for event in self._repairs.pop(station.name, []):
            event.succeed()

    def machines(self) -> list[tuple[str, str, bool]]:
        return [(s.name, s.state, s.working) for s in self.stations]

    def stop_machine(self, machine: str) -> None:
        """Break a machine (of parallel ones the first). Stops stack."""
        station = next(s for s in self.stations if s.spec.id == machine)
        station.stop()
        self.broke(station.name, True)

    def mend_machine(self, machine: str) -> None:
        """Undo one stop of a machine."""
        station = next(s for s in self.stations if s.spec.id == machine)
        station.mend()
        self.broke(station.name, False)

    def set_factor(self, factor: float) -> None:
        self.factor = factor
        for station in self.stations:
            if station.working and station.state != "setup":
                station.paced = True
                station.interrupt()

    def _interrupt(self) -> None:
        for station in self.stations:
            station.interrupt()

    def _parts(self) -> list[Lot]:
        """Every part on a machine, in a gap, or on its way back."""
        parts = [s.part for s in self.stations if s.part is not None]
        parts += [p for gap in self.gaps for p in (*gap.parts, *(part for _, part in gap.putters))]
        parts += [p for back in self.returns.values() for p in back]
        return parts

    def producing(self, for_order: str) -> bool:
        return any(p.order is not None and p.order.for_order == for_order for p in self._parts())

    def count(self) -> Iterator[tuple[str, int]]:
        there: dict[str, int] = {}
        for part in self._parts():
            there[part.item] = there.get(part.item, 0) + 1
        for lot in (*self._uncounted.values(), *self.parked):
            if lot.good:
                there[lot.item] = there.get(lot.item, 0) + lot.good
        yield from there.items()

    def busy_s(self) -> dict[str, float]:
        return {s.name: s.busy_s() for s in self.stations}

    def down_s(self) -> float:
        return sum(s.down_s() for s in self.stations)

    def ideal_cycle_s(self) -> float:
        return max(m.cycle.mean / m.parallel for m in self.spec.machines)
