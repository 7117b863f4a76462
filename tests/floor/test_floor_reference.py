"""The machine floor against the reference: the same lines as SimPy processes, written without a word of the floor.

Both draw from the same named streams, so they agree event by event; with other seeds they agree in distribution.
"""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plants.definition import FailureSpec, LineSpec, MachineSpec, MaintenanceSpec, MakeSpec, ReworkSpec
from plants.floor import words
from plants.floor.machines import Machines
from plants.floor.reference import SimpyLine
from plants.ledger import Ledger
from plants.shifts import Shifts
from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import assemble
from sim.environment import Environment
from sim.streams import Law, Streams, constant
from tests.common.floorworlds import ANY, CV, WHOLE, campaign, floors, of_many

SEEDS = st.integers(0, 2**32)
UNTIL = 1000.0
# laws that never give the same time twice: what happens at one instant, two machines may do in either order
CONTINUOUS = st.one_of(
    ANY.map(lambda m: Law("exponential", (m,))),
    st.builds(lambda m, cv: Law("lognormal", (m, cv)), ANY, CV),
    st.builds(lambda m, cv: Law("gamma", (m, cv)), ANY, CV),
    st.builds(lambda scale, shape: Law("weibull", (scale, shape)), ANY, st.floats(0.5, 3.0)),
    st.builds(lambda a, width: Law("uniform", (a, a + width)), ANY, ANY),
    st.builds(lambda a, b, c: Law("triangular", (a, a + b, a + b + c)), ANY, ANY, ANY),
)
CONSTANT = WHOLE.map(constant)
FEATURES = ("parallel", "operating", "calendar", "serviced", "scrap", "rework")


class Watching:
    """The shop around a line of the reference: it notes what machines and the line do."""

    id = "shop"

    def __init__(self, env):
        self.env, self.done, self.out = env, [], []

    def machine_counted(self, _, machine, done):
        self.done.append((self.env.now, machine, done))

    def piece_out(self, _, good):
        self.out.append((self.env.now, good))

    def machine_changed(self, *_):
        pass

    def machine_broke(self, *_):
        pass


def by_simpy(spec, seed, until, shifts):
    """What the reference does: (time, machine, its count) of every part finished, (time, good) of every part out, and
    (busy, down) seconds of every machine."""
    env = Environment()
    shop = Watching(env)
    line = SimpyLine(env, "L", spec, shop, shifts, Ledger(lambda: 0), {}, streams=Streams(seed), traced=True)
    line.start()
    env.run(until=until)
    return shop.done, shop.out, [(s.busy_s(), s.down_s()) for s in line.stations]


def by_floor(spec, seed, until, shifts, compiled):
    """The same, done by the floor."""
    env = Environment(compiled=compiled)
    line = Machines(env, spec, "L", Streams(seed), shifts=shifts)
    line.keep()
    env.run(until=until)
    done, out = [], []
    for r in line.records():
        if r["kind"] == words.DONE:
            done.append((float(r["time"]), line.design.names[r["unit"]], int(r["value"])))
        elif r["kind"] == words.OUT:
            out.append((float(r["time"]), bool(r["state"])))
    return done, out, [(line.busy_s(u), line.down_s(u)) for u in range(len(line.design.names))]


@st.composite
def lines(draw, laws, features):
    """A saturated line of one to five stations, each with any of `features`."""
    count, made = draw(st.integers(1, 5)), []
    for n in range(count):
        has = draw(st.sets(st.sampled_from(sorted(features)))) if features else set()
        counts = sorted(has & {"operating", "calendar"})[:1]
        after = st.floats(20.0, 90.0).map(lambda m: Law("gamma", (m, 1.0))) if laws is CONTINUOUS else CONSTANT
        every, counted = st.integers(7, 60).map(float), st.sampled_from(["operating", "cycles", "calendar"])
        services = st.lists(st.builds(MaintenanceSpec, every, laws, counted), min_size=1, max_size=2)
        made.append(
            MachineSpec(
                f"M{n}",
                draw(laws),
                parallel=draw(st.integers(2, 3)) if "parallel" in has else 1,
                fails=FailureSpec(draw(after), draw(laws), counts[0]) if counts else None,
                maintenance=tuple(draw(services)) if "serviced" in has else (),
                scrap=draw(st.floats(0.02, 0.4)) if "scrap" in has else 0.0,
                rework=ReworkSpec(draw(st.floats(0.02, 0.4)), f"M{draw(st.integers(0, n))}")
                if "rework" in has
                else None,
            )
        )
    # the reference lets parallel machines that wait before service overtake each other
    ways = ["after-service"] if "parallel" in features else ["after-service", "before-service"]
    return LineSpec(
        "L",
        (MakeSpec("PART"),),
        machines=tuple(made),
        buffers=tuple(draw(st.lists(st.integers(0, 5), min_size=count - 1, max_size=count - 1))),
        blocking=draw(st.sampled_from(ways)),
        supply_unlimited=True,
        demand_unlimited=True,
    )


def together(spec, seed, until=UNTIL, shifts=None, order=sorted):
    """The floor and the reference do the same, to the last bit; `order` brings both lists into one order."""
    wanted = by_simpy(spec, seed, until, shifts or Shifts.always())
    assert wanted[0]
    for compiled in floors():
        done, out, seconds = by_floor(spec, seed, until, shifts, compiled)
        assert order(done) == order(wanted[0])
        assert sorted(out) == sorted(wanted[1])
        if order is sorted:
            assert seconds == wanted[2]


def stations(done):
    """Parts finished, by time and station: which of several equal machines takes a part at one instant is open."""
    return sorted((time, machine.split(":")[0]) for time, machine, _ in done)


@campaign(15, 300)
@pytest.mark.parametrize(
    "features",
    [(), ("operating", "calendar"), ("serviced",), ("scrap", "calendar")],
    ids=lambda features: "-and-".join(features) or "plain",
)
def test_with_constant_times_every_machine_finishes_every_part_when_the_reference_does(examples, features):
    @of_many(examples)
    @given(lines(CONSTANT, features), SEEDS)
    def prove(spec, seed):
        together(spec, seed)

    prove()


@campaign(15, 300)
def test_with_constant_times_parallel_machines_finish_parts_when_those_of_the_reference_do(examples):
    @of_many(examples)
    @given(lines(CONSTANT, ("parallel",)), SEEDS)
    def prove(spec, seed):
        together(spec, seed, order=stations)

    prove()


@campaign(15, 300)
@pytest.mark.parametrize(
    "features",
    [(), ("operating", "scrap", "rework"), FEATURES, ("calendar", "serviced", "rework")],
    ids=["plain", "fails-and-rework", "everything", "calendar-and-rework"],
)
def test_with_random_times_from_the_same_streams_it_agrees_with_the_reference_part_by_part(examples, features):
    @of_many(examples)
    @given(lines(CONTINUOUS, features), SEEDS)
    def prove(spec, seed):
        together(spec, seed)

    prove()


@campaign(15, 300)
def test_on_shifts_it_agrees_with_the_reference_part_by_part(examples):
    features = ("parallel", "operating", "calendar", "scrap", "rework")

    @of_many(examples)
    @given(lines(CONTINUOUS, features), SEEDS, st.integers(10, 90), st.integers(1, 90))
    def prove(spec, seed, shift, pause):
        begins = [float(k * (shift + pause)) for k in range(200)]
        together(spec, seed, 2000.0, Shifts([(a, a + shift) for a in begins]))

    prove()


# --- with other seeds -------------------------------------------------------------------------------------------------
REPLICATIONS = 10
T_9 = 4.781  # Student's t with 9 degrees of freedom: 99.9 % lie within


def _mean(rates):
    return sum(rates) / len(rates)


@campaign(5, 30)
def test_with_other_seeds_throughput_lies_in_the_interval_of_the_reference(examples):
    @of_many(examples)
    @given(lines(CONTINUOUS, FEATURES), SEEDS)
    def prove(spec, seed):
        until = 1500.0
        reference = [len(by_simpy(spec, seed + 100 + n, until, Shifts.always())[1]) for n in range(REPLICATIONS)]
        floor = [len(by_floor(spec, seed + n, until, None, floors()[-1])[1]) for n in range(REPLICATIONS)]
        spread = sum((r - _mean(reference)) ** 2 for r in reference) / (REPLICATIONS - 1)
        half = T_9 * sqrt(spread * 2 / REPLICATIONS)  # both means are of so many replications
        print(f"seed {seed}: floor {_mean(floor):.2f}, reference {_mean(reference):.2f} +- {half:.2f} parts")
        assert abs(_mean(floor) - _mean(reference)) <= half

    prove()


# --- a whole world ----------------------------------------------------------------------------------------------------
def rows(table):
    """The rows of a table, in one order."""
    return sorted(zip(*table.values(), strict=True))


@pytest.mark.parametrize("way", ["none", "synced"])
def test_a_world_of_three_plants_comes_to_the_same_on_the_floor_and_on_the_reference(way):
    scenario = load_scenario("line-stoppage", ["horizon=20d"]).scenario
    results = []
    for reference in (False, True):
        twin = assemble(scenario, way, 7, reference=reference)
        twin.env.advance(scenario.horizon_s)
        twin.finish()
        results.append(twin.result())
    floor, reference = results
    both = reference.kpis.keys()  # planned time by state is counted on the floor only
    assert {k: v for k, v in floor.kpis.items() if k in both} == reference.kpis
    for table in ("orders", "messages", "commands", "series"):
        assert floor.tables[table] == reference.tables[table]
    # what a lot took and what it became are rows of one instant: which is written first is open
    assert rows(floor.tables["ledger"]) == rows(reference.tables["ledger"])
    assert len(floor.tables["ledger"]["item"]) > 1000
    assert floor.decisions == reference.decisions
    assert floor.disruptions == reference.disruptions
