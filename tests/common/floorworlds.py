"""Random networks of lines, what is done to them from above, and what the floor made of it.

World (drawn by hypothesis) --run on one floor or another--> Run: merged trace, log of all that was seen, figures
"""

import os
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pytest
import simpy
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from plants.definition import FailureSpec, LineSpec, MachineSpec, MaintenanceSpec, MakeSpec, ReworkSpec
from plants.floor import words
from plants.floor.machines import Machines
from plants.shifts import Shifts
from sim.ahead.active import built
from sim.environment import LAST, NORMAL, URGENT, Environment
from sim.streams import Law, Streams, constant

HORIZON = 240.0


@dataclass(frozen=True)
class Action:
    """Something done to line `line` (modulo the lines there are); `amount` is seconds, or a factor x 10."""

    what: str
    line: int
    unit: int
    amount: float


@dataclass(frozen=True)
class Lot:
    size: int
    item: int
    setup_s: float
    factor: float


@dataclass(frozen=True)
class Plan:
    """One line and who stands above it. `credits`: how much material comes at once, `delays_s`: how late answers are,
    `reactions`: what is done when a machine breaks or is whole again. All three are gone through again and again."""

    spec: LineSpec
    windows: tuple[tuple[float, float], ...] = ()
    wip_limit: int = 0
    loses: bool = False
    lots: tuple[Lot, ...] = ()
    credits: tuple[int, ...] = (1,)
    delays_s: tuple[float, ...] = (0.0,)
    reactions: tuple[Action, ...] = ()


@dataclass(frozen=True)
class World:
    """Lines that share a crew of `crew` people; `commands` are (time, priority, action)."""

    plans: tuple[Plan, ...]
    commands: tuple[tuple[float, int, Action], ...]
    crew: int
    seed: int
    pauses: tuple[float, ...]


# --- drawing worlds ---------------------------------------------------------------------------------------------------
WHOLE = st.integers(1, 12).map(float)  # whole seconds: many things happen at the same instant
ANY = st.floats(1.0, 20.0, allow_subnormal=False)
CV = st.floats(0.1, 2.0)
LAWS = st.one_of(
    WHOLE.map(constant),
    WHOLE.map(constant),
    st.sampled_from([1.1, 2.3, 3.7]).map(constant),
    ANY.map(lambda m: Law("exponential", (m,))),
    st.builds(lambda m, sd: Law("normal", (m, sd * m)), ANY, st.floats(0.0, 1.0)),
    st.builds(lambda m, cv: Law("lognormal", (m, cv)), ANY, CV),
    st.builds(lambda m, cv: Law("gamma", (m, cv)), ANY, CV),
    st.builds(lambda m, k: Law("erlang", (m, float(k))), ANY, st.integers(1, 9)),
    st.builds(lambda scale, shape: Law("weibull", (scale, shape)), ANY, st.floats(0.5, 3.0)),
    st.builds(lambda a, width: Law("uniform", (a, a + width)), ANY, ANY),
    st.builds(lambda a, b, c: Law("triangular", (a, a + b, a + b + c)), ANY, ANY, ANY),
    st.lists(WHOLE, min_size=1, max_size=5).map(lambda values: Law("empirical", (*values, 0.0, 2.0))),
)
LONG = st.one_of(
    st.integers(10, 60).map(float).map(constant), st.floats(8.0, 60.0).map(lambda m: Law("gamma", (m, 1.0)))
)
TIMES = st.one_of(st.integers(0, int(HORIZON)).map(float), st.floats(0.0, HORIZON, allow_subnormal=False))
SERVICES = st.builds(
    MaintenanceSpec,
    st.integers(4, 40).map(float),
    st.one_of(st.just(constant(0.0)), LAWS),
    st.sampled_from(["calendar", "operating", "cycles"]),
)
KINDS = ["halt", "stop", "factor", "read", "peek", "boss", "supply", "starve", "unload", "late", "pair"]
ACTIONS = st.builds(
    Action, st.sampled_from(KINDS), st.integers(0, 3), st.integers(0, 14), st.integers(0, 40).map(float)
)


def now_and_then(draw, strategy, nothing, out_of=3):
    """Once out of so many times the strategy, else nothing."""
    return draw(strategy) if draw(st.integers(1, out_of)) == out_of else nothing


@st.composite
def machines(draw, count, zero):
    """`count` machines in series; `zero`: some may take no time at all (the last always takes some)."""
    made = []
    for n in range(count):
        free = zero and n < count - 1 and draw(st.integers(1, 8)) == 8
        fails = st.builds(FailureSpec, LONG, LAWS, st.sampled_from(["operating", "calendar"]))
        back = st.builds(lambda share, to: ReworkSpec(share, f"M{to}"), st.floats(0.02, 0.4), st.integers(0, n))
        made.append(
            MachineSpec(
                f"M{n}",
                constant(0.0) if free else draw(LAWS.filter(lambda law: law.mean > 0.0)),
                parallel=now_and_then(draw, st.integers(2, 3), 1),
                fails=now_and_then(draw, fails, None, 2),
                crew=now_and_then(draw, st.just("crew"), None),
                maintenance=tuple(now_and_then(draw, st.lists(SERVICES, min_size=1, max_size=3), [])),
                rework=now_and_then(draw, back, None, 5),
                scrap=now_and_then(draw, st.floats(0.02, 0.4), 0.0, 4),
            )
        )
    return tuple(made)


@st.composite
def plans(draw):
    """One line: endless, or making lots of up to three items."""
    free, count = draw(st.booleans()), draw(st.integers(1, 5))
    buffers = tuple(draw(st.lists(st.integers(-1 if free else 0, 4), min_size=count - 1, max_size=count - 1)))
    loses = free and count > 1 and now_and_then(draw, st.just(True), False)
    makes = tuple(
        MakeSpec(f"P{n}", yield_share=now_and_then(draw, st.floats(0.5, 0.99), 1.0))
        for n in range(draw(st.integers(1, 3)))
    )
    spec = LineSpec(
        "L",
        makes[:1] if free else makes,
        machines=draw(machines(count, zero=not loses and -1 not in buffers)),
        buffers=buffers,
        blocking=draw(st.sampled_from(["after-service", "before-service"])),
        supply_unlimited=free,
        demand_unlimited=free,
    )
    edges = sorted(draw(st.sets(TIMES, min_size=2, max_size=10)))
    windows = tuple(zip(edges[::2], edges[1::2], strict=False))
    lot = st.builds(
        Lot, st.integers(1, 6), st.integers(0, len(makes) - 1), st.sampled_from([0.0, 0.0, 2.0, 7.5]),
        st.sampled_from([1.0, 1.0, 0.5, 1.7]),
    )  # fmt: skip
    return Plan(
        spec,
        windows=now_and_then(draw, st.just(windows), ()),
        wip_limit=now_and_then(draw, st.integers(1, 6), 0, 4),
        loses=loses,
        lots=() if free else tuple(draw(st.lists(lot, min_size=1, max_size=5))),
        credits=tuple(draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))),
        delays_s=tuple(draw(st.lists(st.sampled_from([0.0, 0.0, 1.0, 4.3]), min_size=1, max_size=3))),
        reactions=tuple(now_and_then(draw, st.lists(ACTIONS, min_size=1, max_size=4), [], 2)),
    )


@st.composite
def worlds(draw):
    """One to four lines, and up to twenty commands from above at any time."""
    command = st.tuples(TIMES, st.sampled_from([URGENT, NORMAL, NORMAL, LAST]), ACTIONS)
    return World(
        tuple(draw(st.lists(plans(), min_size=1, max_size=4))),
        tuple(draw(st.lists(command, max_size=20))),
        crew=draw(st.integers(1, 2)),
        seed=draw(st.integers(0, 2**32)),
        pauses=tuple(sorted(draw(st.sets(TIMES.filter(lambda t: t > 0), max_size=6)) | {HORIZON})),
    )


# --- running them -----------------------------------------------------------------------------------------------------
@dataclass
class Run:
    """A world on one floor. `quiet`: nobody reads and nothing is kept; `tracing` off: only figures remain."""

    world: World
    compiled: bool
    strict: bool = False
    quiet: bool = False
    tracing: bool = True
    log: list = field(default_factory=list)
    held: list = field(default_factory=list)  # [line, unit (-1: all), from, to] of every halt and stop from above
    closed: Counter = field(default_factory=Counter)  # parts that entered with lots that are closed, by line
    live: list = field(default_factory=list)  # numbers of the lots on each line
    began: list = field(default_factory=list)  # the state every unit of each line began with

    def __post_init__(self) -> None:
        self.env = Environment(compiled=self.compiled, strict=self.strict, tracing=self.tracing)
        self.crew = simpy.Resource(self.env, self.world.crew)
        self.turns = Counter()
        self.lines, streams = [], Streams(self.world.seed)
        for n, plan in enumerate(self.world.plans):
            self.live.append(set())
            self.lines.append(self._line(n, plan, streams))
        if not self.quiet and self.tracing:
            self.env.trace.keep()
            for line in self.lines:
                line.keep()
        self.began = [[line.now.state_of(u) for u in range(len(line.design.names))] for line in self.lines]
        for at, priority, action in self.world.commands:
            self.env.call_at(at, lambda action=action: self.do(action), priority)

    def _line(self, n: int, plan: Plan, streams: Streams) -> Machines:
        return Machines(
            self.env, plan.spec, f"line{n}", streams,
            shifts=Shifts(list(plan.windows)) if plan.windows else None, wip_limit=plan.wip_limit, loses=plan.loses,
            reporting=bool(plan.reactions), answer=lambda: self._answer(n),
        )  # fmt: skip

    def run(self, pauses: tuple[float, ...] = (HORIZON,), stepping: bool = False) -> "Run":
        """Run to the horizon, stopping at every pause (by single steps, when `stepping`)."""
        for until in pauses:
            while stepping and self.env.peek() < until:
                self.env.step()
            self.env.run(until=until)
        return self

    # --- what people above do ----------------------------------------------------------------------------------------
    def _turn(self, n: int, what: str, choices: tuple):
        """The next of `choices`, which are gone through again and again."""
        self.turns[n, what] += 1
        return choices[self.turns[n, what] % len(choices)]

    def _answer(self, n: int) -> None:
        plan, line = self.world.plans[n], self.lines[n]
        while (hand := line.now.hand()) is not None:
            what, unit, aux, value = hand
            self.log.append((self.env.now, n, hand))
            if what == words.LOT:
                self._close(n, aux)
            elif what == words.CREW:
                self.env.process(self._repair(n, unit, aux, value))
            elif what in (words.BROKEN, words.WHOLE):
                self.do(self._turn(n, "reaction", plan.reactions))
            elif delay := self._turn(n, "delay", plan.delays_s):
                self.env.call_in(delay, lambda: self._supply(n))
            else:
                self._supply(n)

    def _supply(self, n: int) -> None:
        """Load the next lot, or grant material for the one that is entering."""
        plan, line = self.world.plans[n], self.lines[n]
        if not plan.lots:
            return
        number, credit, _ = line.now.entering()
        if number < 0:
            lot = self._turn(n, "lot", plan.lots)
            make = plan.spec.makes[lot.item]
            stream = line.design.yields.get(make.item, -1)
            material = self._turn(n, "credit", plan.credits)
            loaded = line.touch().load(lot.size, material, lot.setup_s, lot.factor, stream, make.yield_share)
            self.live[n].add(loaded)
        elif credit <= 0:
            line.touch().grant(self._turn(n, "credit", plan.credits))

    def _close(self, n: int, number: int) -> None:
        size, entered, good, scrapped = self.lines[n].now.lot_counts(number)
        assert size == entered == good + scrapped
        self.closed[n] += entered
        self.live[n].remove(number)
        self.lines[n].touch().close(number)

    def _repair(self, n: int, unit: int, turn: int, seconds: float):
        with self.crew.request() as request:
            yield request
            yield self.env.timeout(seconds)
        self.lines[n].touch().crew_done(unit, turn)

    def do(self, action: Action) -> None:
        """Carry out an action now."""
        n = action.line % len(self.lines)
        getattr(self, f"_do_{action.what}")(n, action.unit % len(self.lines[n].design.names), action.amount)

    def _do_halt(self, n: int, _: int, seconds: float) -> None:
        self.lines[n].halt()
        until = self._hold(n, -1)
        self.env.call_in(seconds, lambda: (until(), self.lines[n].lift()))

    def _do_stop(self, n: int, unit: int, seconds: float) -> None:
        self.lines[n].stop(unit)
        until = self._hold(n, unit)
        self.env.call_in(seconds, lambda: (until(), self.lines[n].mend(unit)))

    def _hold(self, n: int, unit: int):
        """Note that a unit (-1: every unit) of a line may not work from now; the end is when the answer is called."""
        hold = [n, unit, self.env.now, HORIZON]
        self.held.append(hold)
        return lambda: hold.__setitem__(3, self.env.now)

    def _do_factor(self, n: int, _: int, amount: float) -> None:
        self.lines[n].touch().set_factor((amount + 1.0) / 10.0)

    def _do_read(self, n: int, *_: object) -> None:
        if not self.quiet:
            self.log.append(self.look(n))

    def _do_peek(self, *_: object) -> None:
        if not self.quiet:
            assert self.env.peek() >= self.env.now

    def _do_boss(self, n: int, unit: int, seconds: float) -> None:
        def boss():  # begins at this very instant, URGENT
            self._do_read(n)
            self.lines[n].stop(unit)
            until = self._hold(n, unit)
            yield self.env.timeout(seconds)
            until()
            self.lines[n].mend(unit)
            self._do_read(n)

        self.env.process(boss())

    def _do_supply(self, n: int, *_: object) -> None:
        self._supply(n)

    def _do_starve(self, n: int, *_: object) -> None:
        if self.world.plans[n].lots:
            self.lines[n].touch().grant(0)

    def _do_unload(self, n: int, *_: object) -> None:
        """Withdraw the lot that waits before the first machine, when nothing of it has entered."""
        line = self.lines[n]
        number = line.now.entering()[0]
        if self.world.plans[n].lots and number >= 0 and line.now.lot_counts(number)[1] == 0:
            line.touch().unload()
            self.live[n].remove(number)
            line.touch().wake()

    def _do_late(self, n: int, _: int, seconds: float) -> None:
        """Woken somewhat later, and once more when everything else of that instant has been said."""
        self.env.call_in(seconds, lambda: self.lines[n].touch().wake(), LAST)

    def _do_pair(self, n: int, unit: int, seconds: float) -> None:
        """A decision that touches two lines at once, and looks at both."""
        self._do_stop(n, unit, seconds)
        self._do_halt((n + 1) % len(self.lines), 0, seconds)
        self._do_read(n)
        self._do_read((n + 1) % len(self.lines))

    # --- what there is to see ----------------------------------------------------------------------------------------
    def look(self, n: int, digest: bool = True) -> tuple:
        """Everything that can be read of a line now."""
        line, now = self.lines[n], self.env.now
        units, gaps = range(len(line.design.names)), range(len(self.world.plans[n].spec.buffers))
        k = line.now
        return (
            now, n, k.totals(), k.entering(), tuple(sorted(k.parts())), line.wip_area(),
            [(k.state_of(u), k.is_active(u), k.done(u), k.busy_by(u, now), k.down_by(u, now)) for u in units],
            [(k.level(g), k.gap_area(g, now)) for g in gaps],
            (k.events, k.digest() if digest and self.tracing else None),
        )  # fmt: skip

    def figures(self) -> list:
        """What the model came to, without its traces."""
        return [self.look(n, digest=False) for n in range(len(self.lines))]

    def digests(self) -> list:
        """Of every line, and of the whole."""
        return [*(line.digest() for line in self.lines), self.env.trace.digest(), self.env.trace.fired]

    def merged(self) -> bytes:
        """The kept records of all lines, merged by time, slot and number; then those of SimPy."""
        kept = [line.records() for line in self.lines]
        slots = np.concatenate([np.full(len(r), n) for n, r in enumerate(kept)])
        records = np.concatenate(kept)
        order = np.lexsort((records["number"], slots, records["time"]))
        self.kept = kept
        return records[order].tobytes() + slots[order].tobytes() + self.env.trace.records().tobytes()


# --- how tests use it -------------------------------------------------------------------------------------------------
def floors() -> list[bool]:
    """Which floors there are: interpreted (False), and compiled where it is built or the surroundings insist on it."""
    return [False, True] if built().compiled or os.environ.get("PLANTSYNC_FLOOR") == "compiled" else [False]


def campaign(short: int, long: int):
    """Parametrizes a test with `examples`: a sample for every day, and the slow campaign."""
    slow = pytest.param(long, id="campaign", marks=pytest.mark.slow)
    return pytest.mark.parametrize("examples", [pytest.param(short, id="sample"), slow])


def of_many(examples: int):
    """Settings of a property: always the same examples, so that a failure is found again; shrinking takes minutes."""
    return settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example],
    )  # fmt: skip
