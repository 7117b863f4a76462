"""Machine lines against a max-plus recursion that knows nothing of the floor: equal times, to the last bit.

The recursion computes when parts are finished from nothing but the definition and the named streams.
"""

from hypothesis import given
from hypothesis import strategies as st

from plants.definition import FailureSpec, LineSpec, MachineSpec, MaintenanceSpec, MakeSpec
from plants.floor import words
from plants.floor.machines import Machines
from plants.shifts import Shifts
from sim.environment import Environment
from sim.streams import Streams, constant
from tests.common.floorworlds import LAWS, LONG, WHOLE, campaign, floors, of_many

PARTS = 220
TAKES_TIME = LAWS.filter(lambda law: law.mean > 0.0)
FAILS = st.builds(FailureSpec, LONG, LAWS, st.just("operating"))
SERVICES = st.builds(MaintenanceSpec, st.integers(3, 60).map(float), LAWS, st.sampled_from(["operating", "cycles"]))
SEEDS = st.integers(0, 2**32)


# --- the oracle -------------------------------------------------------------------------------------------------------
class Work:
    """One machine's clock: when a part is done that is begun at `t`, with repairs and services between."""

    def __init__(self, machine: MachineSpec, key: str, streams: Streams, shifts: Shifts) -> None:
        self.cycle, self.shifts, self.services = (
            streams.draw(f"{key}/cycle", machine.cycle),
            shifts,
            machine.maintenance,
        )
        self.after = self.repair = None
        self.to_failure = float("inf")
        if machine.fails:
            self.after = streams.draw(f"{key}/failure", machine.fails.after)
            self.repair = streams.draw(f"{key}/repair", machine.fails.repair)
            self.to_failure = self.after()
        self.serve = [streams.draw(f"{key}/maintenance-{k}", s.duration) for k, s in enumerate(self.services)]
        self.to_service = [s.every for s in self.services]

    def wear(self, amount: float, counts: str) -> None:
        for k, service in enumerate(self.services):
            self.to_service[k] -= amount if service.counts == counts else 0.0

    def repaired(self, t: float) -> float:
        self.to_failure = self.after()
        return t + self.repair()

    def until(self, t: float) -> float:
        """Work is done in open time and comes to a failure when it has added up to it; repairs take calendar time.
        A service waits for the next beginning of work, a breakdown in the middle of a part does not."""
        left = self.cycle()
        while True:
            due = [k for k, rest in enumerate(self.to_service) if rest <= 0.0]
            if due:
                t += self.serve[due[0]]()
                self.to_service[due[0]] = self.services[due[0]].every
                continue
            if self.to_failure <= 0.0:  # reached with the last second of the part before
                t = self.repaired(t)
                continue
            span = min(self.to_failure, left)
            t = self.shifts.finish(t, span)
            left -= span
            self.to_failure -= span
            self.wear(span, "operating")
            if left <= 0.0:
                self.wear(1.0, "cycles")
                return t
            t = self.repaired(t)


def max_plus(spec: LineSpec, name: str, streams: Streams, parts: int, shifts: Shifts) -> list[list[float]]:
    """When each station finishes each of its first `parts` parts.

    A part that is finished leaves its machine when the part before which it needs a place has left the next station:
    with b places between and k machines there, that is the part b + k before it (Altiok 1997; blocking before service
    waits for the same place before it begins). Machines that work in parallel must take equal, constant times.
    """
    stations, last = spec.machines, len(spec.machines) - 1
    room = [b + stations[m + 1].parallel for m, b in enumerate(spec.buffers)]
    works = [Work(m, f"{name}.{m.id}", streams, shifts) for m in stations]
    done: list[list[float]] = [[] for _ in stations]
    left: list[list[float]] = [[] for _ in stations]
    for n in range(parts):
        for m, work in enumerate(works):
            t = left[m - 1][n] if m else 0.0
            if n >= stations[m].parallel:
                t = max(t, left[m][n - stations[m].parallel])
            place = left[m + 1][n - room[m]] if m < last and n >= room[m] else 0.0
            before = spec.blocking == "before-service"
            done[m].append(work.until(max(t, place) if before else t))
            left[m].append(done[m][n] if before else max(done[m][n], place))
    return done


# --- the lines it is asked about --------------------------------------------------------------------------------------
@st.composite
def lines(draw, cycle, parallel=None, fails=None, services=None):
    """A saturated line of one to six stations."""
    count = draw(st.integers(1, 6))
    return LineSpec(
        "L",
        (MakeSpec("PART"),),
        machines=tuple(
            MachineSpec(
                f"M{n}",
                draw(cycle),
                parallel=1 if parallel is None else draw(parallel),
                fails=None if fails is None else draw(fails),
                maintenance=() if services is None else tuple(draw(services)),
            )
            for n in range(count)
        ),
        buffers=tuple(draw(st.lists(st.integers(0, 5), min_size=count - 1, max_size=count - 1))),
        blocking=draw(st.sampled_from(["after-service", "before-service"])),
        supply_unlimited=True,
        demand_unlimited=True,
    )


def agree(spec, seed, shifts=None, parts=PARTS):
    """The floor finishes the first `parts` parts of every station, and lets them out, when the recursion says so."""
    wanted = max_plus(spec, "x", Streams(seed), parts, shifts or Shifts.always())
    end = wanted[-1][-1]
    assert end < float("inf")
    for compiled in floors():
        env = Environment(compiled=compiled)
        line = Machines(env, spec, "x", Streams(seed), shifts=shifts)
        line.keep()
        env.run(until=max(end, 1.0) * 1.001)  # a little more: what happens at `until` itself has not happened
        records = line.records()
        station = [line.design.station[unit] for unit in records["unit"].tolist()]
        done = [[] for _ in spec.machines]
        for s, kind, time in zip(station, records["kind"].tolist(), records["time"].tolist(), strict=True):
            if kind == words.DONE:
                done[s].append(time)
        assert [times[:parts] for times in done] == wanted
        assert records[records["kind"] == words.OUT]["time"].tolist()[:parts] == wanted[-1]


@campaign(40, 500)
def test_lines_of_random_machines_finish_parts_exactly_when_the_recursion_says(examples):
    @of_many(examples)
    @given(lines(TAKES_TIME), SEEDS)
    def prove(spec, seed):
        agree(spec, seed)

    prove()


@campaign(40, 500)
def test_lines_that_fail_by_operating_time_finish_parts_exactly_when_the_recursion_says(examples):
    @of_many(examples)
    @given(lines(TAKES_TIME, fails=FAILS), SEEDS)
    def prove(spec, seed):
        agree(spec, seed)

    prove()


@campaign(20, 300)
def test_machines_serviced_by_work_or_cycles_finish_parts_exactly_when_the_recursion_says(examples):
    @of_many(examples)
    @given(lines(TAKES_TIME, fails=FAILS, services=st.lists(SERVICES, max_size=3)), SEEDS)
    def prove(spec, seed):
        agree(spec, seed)

    prove()


@campaign(20, 300)
def test_parallel_machines_of_constant_cycles_finish_parts_exactly_when_the_recursion_says(examples):
    @of_many(examples)
    @given(lines(WHOLE.map(constant), parallel=st.integers(1, 4)), SEEDS)
    def prove(spec, seed):
        agree(spec, seed)

    prove()


@campaign(20, 300)
def test_lines_on_shifts_finish_parts_exactly_when_the_recursion_says_in_open_time(examples):
    @of_many(examples)
    @given(lines(TAKES_TIME, fails=FAILS), SEEDS, st.integers(10, 90), st.integers(1, 90), st.integers(0, 50))
    def prove(spec, seed, shift, pause, first):
        begins = [first + k * float(shift + pause) for k in range(3000)]
        agree(spec, seed, Shifts([(a, a + shift) for a in begins]), parts=200)

    prove()
