"""The environment: SimPy and the machine floor on one clock, on both floors, compiled and interpreted."""

import pytest
import simpy

from plants.definition import LineSpec, MachineSpec
from plants.floor.machines import Machines
from sim.environment import LAST, NORMAL, URGENT
from sim.streams import Streams, constant
from tests.common.environments import FREE, at, breaking, busy, regular


# --- equal times ------------------------------------------------------------------------------------------------------
def test_of_one_instant_urgent_comes_first_then_the_floor_then_normal_then_last(environment):
    env, log = environment(), []
    line = regular(env)
    for priority, name in ((LAST, "last"), (NORMAL, "normal"), (URGENT, "urgent"), (NORMAL, "second normal")):
        at(env, 10.0, priority, lambda name=name: log.append((name, env.now, line.done(0))))
    env.run(until=11)
    assert log == [("urgent", 10, 0), ("normal", 10, 1), ("second normal", 10, 1), ("last", 10, 1)]


def test_of_one_instant_lines_go_by_their_slot_and_what_they_wake_by_its_priority(environment):
    env, log = environment(), []

    def process():
        log.append((env.now, "initialize", 0))
        yield env.timeout(0)
        log.append((env.now, "timeout", 0))

    breaking(env, "A", log, then=lambda: env.process(process()) if env.now == 10 else None)
    breaking(env, "B", log)
    env.run(until=12)
    broken = log[0][2]
    assert log == [(10, "A", broken), (10, "initialize", 0), (10, "B", broken), (10, "timeout", 0)]


def test_a_line_sees_those_before_it_after_an_instant_and_those_behind_it_before(environment):
    env, seen = environment(), []
    lines = {}

    def look():
        seen.append([lines[name].done(0) for name in "ABC"])

    lines["A"] = regular(env, "A")
    lines["B"] = breaking(env, "B", [], then=look)
    lines["C"] = regular(env, "C")
    env.run(until=11)
    assert seen == [[1, 1, 0]]


def test_of_one_instant_machines_of_a_line_go_by_the_order_in_which_they_began(environment):
    env = environment()
    machine = MachineSpec("M", constant(10.0), parallel=3)
    line = Machines(env, LineSpec("L", machines=(machine,), **FREE), "L", Streams(1, 0))
    line.keep()
    env.run(until=25)
    records = line.records()
    done = records[records["kind"] == 1]
    assert list(zip(done["time"], done["unit"], strict=True)) == [(t, u) for t in (10.0, 20.0) for u in range(3)]


# --- run, step, peek --------------------------------------------------------------------------------------------------
def test_run_until_a_time_leaves_what_happens_at_that_time(environment):
    env = environment()
    line = regular(env)
    for until, done in ((9.5, 0), (10, 0), (10.5, 1), (1000, 99), (1000.5, 100)):
        env.run(until=until)
        assert (env.now, line.done(0), line.good) == (until, done, done)
    with pytest.raises(ValueError, match="greater than the current simulation time"):
        env.run(until=1000)


def test_run_in_many_pieces_is_run_in_one(environment):
    whole, pieces = environment(), environment()
    lines = busy(whole, "L"), busy(pieces, "L")
    whole.run(until=2000)
    for until in (0.1, 3, 3.5, 700, 1234.5, 1999.999, 2000):
        pieces.run(until=until)
    assert lines[0].digest() == lines[1].digest() and lines[0].events == lines[1].events > 5000
    assert whole.trace.digest() == pieces.trace.digest()


def test_run_until_an_event_returns_its_value_at_its_time(environment):
    env = environment()
    line = regular(env)
    assert env.run(until=env.timeout(25, "here")) == "here"
    assert (env.now, line.done(0)) == (25, 2)
    assert env.run(until=env.timeout(5, "after the floor")) == "after the floor"
    assert (env.now, line.done(0)) == (30, 3)


def test_run_until_an_event_that_a_line_triggers(environment):
    env = environment()
    down = env.event()
    line = breaking(env, "A", [], then=lambda: down.triggered or down.succeed("down"))
    assert env.run(until=down) == "down"
    assert (env.now, line.state(0), line.done(0)) == (10, "down", 1)
    assert env.run(until=down) == "down" and env.now == 10


def test_run_until_an_event_calls_who_else_waits_for_it_when_taken_up_again(environment):
    env, log = environment(), []
    regular(env)
    stop = env.timeout(10)

    def waits(name):
        yield stop
        log.append((name, env.now))

    env.run(until=5)
    for name in "ab":
        env.process(waits(name))
    env.run(until=stop)
    env.run(until=12)
    assert sorted(log) == [("a", 10), ("b", 10)]


def test_run_until_an_event_is_recorded_as_running_through(environment):
    digests = set()
    for stops in (False, True):
        env = environment()
        busy(env, "L")
        event = env.timeout(50)
        if stops:
            env.run(until=event)
        env.run(until=100)
        digests.add(env.trace.digest())
    assert len(digests) == 1


def test_run_until_an_event_that_nothing_can_trigger_is_an_error(environment):
    env = environment()
    env.timeout(3)
    with pytest.raises(RuntimeError, match='"until" event was not triggered'):
        env.run(until=env.event())
    assert env.now == 3


def test_run_ends_by_itself_when_only_simpy_events_are_left_and_none_is(environment):
    env = environment()
    env.timeout(3)
    assert env.run() is None and env.now == 3
    with pytest.raises(simpy.core.EmptySchedule):
        env.step()


def test_peek_says_when_somebody_wants_the_clock(environment):
    env = environment()
    assert env.peek() == float("inf")
    env.timeout(20)
    assert env.peek() == 20
    breaking(env, "A", [])
    assert env.peek() == 10
    env.run(until=5)
    while env.peek() <= 5:  # SimPy may have put the stop back
        env.step()
    assert env.peek() == 10


def test_peek_and_step_go_on_where_run_stopped(environment):
    env = environment()
    line = regular(env)
    env.run(until=15)
    for _ in range(3):
        assert env.now <= env.peek() < float("inf")
        env.step()
    assert env.now > 15 and line.done(0) == int(env.now // 10)


def test_steps_bring_the_clock_along_and_never_run_past_it(environment):
    env = environment()
    line, times = regular(env), []
    env.timeout(33_333)
    for _ in range(8):
        due = env.peek()
        env.step()
        assert env.now == due and line.done(0) == int(env.now // 10)
        times.append(env.now)
    assert times == sorted(times) and 33_333 in times


def test_steps_do_what_run_does(environment):
    logs = []
    for stepping in (False, True):
        env, log = environment(), []
        lines = [breaking(env, name, log) for name in "AB"]
        everyday(env, log)
        if stepping:
            while env.peek() < 100:
                env.step()
        env.run(until=100)
        logs.append((log, [line.digest() for line in lines]))
    assert logs[0] == logs[1]


def test_a_replaced_step_is_used_as_simpys_documentation_shows(environment):
    env, seen = environment(), []
    regular(env)
    original = env.step

    def step():
        seen.append(env.peek())
        original()

    env.step = step
    env.timeout(5)
    env.run(until=12)
    assert seen[0] == 5 and seen == sorted(seen)


class FakeClock:
    """A clock that only sleeping moves."""

    def __init__(self):
        self.time, self.seen = 1000.0, []

    def now(self):
        return self.time

    def sleep(self, seconds):
        self.time += seconds


def test_a_paced_run_keeps_to_its_clock_and_does_what_an_unpaced_one_does(environment):
    paced, free, clock = environment(), environment(), FakeClock()
    lines = busy(paced, "L"), busy(free, "L")
    logs = [], []
    for env, log in zip((paced, free), logs, strict=True):
        everyday(env, log)
    at(paced, 20.0, NORMAL, lambda: clock.seen.append(clock.time))
    at(free, 20.0, NORMAL, lambda: None)
    paced.pace(60, clock, speed=10.0, tick_s=0.25)
    free.run(until=60)
    assert paced.now == 60 and clock.time == 1006.0
    assert 1002.0 <= clock.seen[0] <= 1002.25 + 1e-9
    assert logs[0] == logs[1] and lines[0].digest() == lines[1].digest()
    assert paced.trace.digest() == free.trace.digest()
    for wrong in ({"speed": 0.0}, {"tick_s": 0.0}):
        with pytest.raises(ValueError, match="greater than 0"):
            paced.pace(70, clock, **wrong)


def test_a_timeout_at_an_instant_is_not_rounded(environment):
    env, seen = environment(), []
    env.run(until=0.1)

    def process():
        yield env.timeout_at(0.3)
        seen.append(env.now)
        with pytest.raises(ValueError, match="has passed"):
            env.timeout_at(0.2)

    env.process(process())
    env.run(until=1)
    assert seen == [0.3]


def test_calls_are_made_at_their_time_or_now_when_it_has_passed(environment):
    env, log = environment(), []
    env.run(until=5)
    env.call_at(3, lambda: log.append(("late", env.now)))
    env.call_in(2, lambda: log.append(("in", env.now)))
    env.call_at(5, lambda: log.append(("last", env.now)), priority=LAST)
    env.run(until=10)
    assert log == [("late", 5), ("last", 5), ("in", 7)]


# --- ordinary SimPy ---------------------------------------------------------------------------------------------------
def everyday(env, log):
    """A bit of everything SimPy offers, logging what happens and when."""

    def note(*what):
        log.append((float(env.now), *what))

    def customer(name, counter, patience):
        with counter.request(priority=len(name)) as request:
            found = yield request | env.timeout(patience, "patience")
            note(name, "served" if request in found else "left")
            yield env.timeout(2.5)

    def thief(machine):
        with machine.request(priority=1) as request:
            yield request
            try:
                yield env.timeout(9)
            except simpy.Interrupt as cause:
                note("preempted", type(cause.cause).__name__, cause.cause.usage_since)

    def owner(machine):
        yield env.timeout(4)
        with machine.request(priority=0) as request:
            yield request
            note("owner")

    def producer(store, tank):
        for n in range(5):
            yield env.timeout(n)
            yield store.put(n) & tank.put(n + 1)

    def consumer(store, tank):
        odd = yield store.get(lambda n: n % 2)
        note("odd", odd)
        yield tank.get(6)
        note("level", tank.level)

    def sleeper():
        try:
            yield env.timeout(100)
        except simpy.Interrupt as why:
            note("woken", why.cause)
        yield env.all_of([env.timeout(1), env.timeout(3)])
        return "rested"

    def waker(victim):
        yield env.timeout(6)
        victim.interrupt("morning")
        note("result", (yield victim))
        try:
            yield env.process(failing())
        except ZeroDivisionError:
            note("caught")

    def failing():
        yield env.timeout(0)
        raise ZeroDivisionError

    counter, machine = simpy.PriorityResource(env, 1), simpy.PreemptiveResource(env, 1)
    store, tank = simpy.FilterStore(env), simpy.Container(env, 20)
    for n, patience in enumerate((5, 1, 30, 30)):
        env.process(customer("c" * (n % 3 + 1), counter, patience))
    for process in (thief(machine), owner(machine), producer(store, tank), consumer(store, tank)):
        env.process(process)
    env.process(waker(env.process(sleeper())))


def test_ordinary_simpy_programs_do_what_they_do_with_simpy_beside_a_busy_floor(environment):
    wanted, found = [], []
    plain, ours = simpy.Environment(), environment()
    everyday(plain, wanted)
    lines = [busy(ours, name) for name in "AB"]
    everyday(ours, found)
    for env in (plain, ours):
        env.run(until=60)
    assert found == wanted and len(wanted) > 10
    assert all(line.events > 100 for line in lines)


def test_what_simpy_does_beside_it_is_nothing_to_a_line(environment):
    digests = set()
    for crowded in (False, True):
        env = environment()
        line = busy(env, "L")
        if crowded:
            everyday(env, [])
        env.run(until=500)
        digests.add(line.digest())
    assert len(digests) == 1


def test_a_process_may_wait_for_lines_and_command_them(environment):
    env, log = environment(), []
    line = regular(env)

    def boss():
        while True:
            yield env.timeout(25)
            line.stop(0)
            yield env.timeout(100)
            log.append((env.now, line.done(0), line.state(0)))
            line.mend(0)

    env.process(boss())
    env.run(until=251)
    assert log == [(125, 2, "down"), (250, 5, "down")]


def test_a_failure_nobody_waits_for_ends_the_run_and_the_next_one_goes_on(environment):
    env = environment()
    line = regular(env)

    def failing():
        yield env.timeout(12)
        raise LookupError("lost")

    env.process(failing())
    with pytest.raises(LookupError, match="lost"):
        env.run(until=100)
    assert env.now == 12 and line.done(0) == 1
    env.run(until=100)
    assert line.done(0) == 9


def test_what_an_answer_raises_ends_the_run(environment):
    env = environment()

    def refuse():
        raise LookupError("nobody home")

    breaking(env, "A", [], then=refuse)
    with pytest.raises(LookupError, match="nobody home"):
        env.run(until=100)
    assert env.now == 10
