"""Random networks of lines: the floor's ways of running are one, its laws hold, and looking at it changes nothing."""

import pytest
from hypothesis import given

from plants.definition import FailureSpec, LineSpec, MachineSpec, MakeSpec
from plants.floor import words
from plants.floor.machines import Machines
from sim.environment import LAST, NORMAL, URGENT, Environment
from sim.streams import Streams, constant
from tests.common.floorlaws import check
from tests.common.floorworlds import Run, campaign, floors, of_many, worlds

FREE = {"makes": (MakeSpec("PART"),), "supply_unlimited": True, "demand_unlimited": True}


MANY = 600


@campaign(100, MANY)
def test_floors_and_orders_of_running_give_one_trace_of_any_network_under_any_commands(examples):
    kinds, hands = set(), set()

    @of_many(examples)
    @given(worlds())
    def prove(world):
        runs = [Run(world, compiled, strict).run() for compiled in floors() for strict in (False, True)]
        traces = [run.merged() for run in runs]
        for run, trace in zip(runs[1:], traces[1:], strict=True):
            assert run.log == runs[0].log
            assert trace == traces[0]
            assert run.digests() == runs[0].digests()
            assert run.figures() == runs[0].figures()
        check(runs[0])
        kinds.update(*(records["kind"].tolist() for records in runs[0].kept))
        hands.update(entry[2][0] for entry in runs[0].log if len(entry) == 3)

    prove()
    # there was everything a line can do; in a sample of worlds a part that finds no room may not come up
    assert kinds >= set(range(words.DONE, words.LOST + 1)) - ({words.LOST} if examples < MANY else set())
    assert hands == set(range(words.WORK, words.WHOLE + 1))


@campaign(60, 600)
def test_pausing_stepping_reading_keeping_and_leaving_the_trace_off_change_nothing(examples):
    compiled = floors()[-1]

    @of_many(examples)
    @given(worlds())
    def prove(world):
        plain, untraced = Run(world, compiled).run(), Run(world, compiled, tracing=False).run()
        others = [
            Run(world, compiled).run(world.pauses),
            Run(world, compiled, strict=True).run(world.pauses),
            Run(world, compiled).run(world.pauses, stepping=True),
            Run(world, compiled, quiet=True).run(),
        ]
        for run in others:
            assert run.digests() == plain.digests()
        for run in (*others, untraced):
            assert run.figures() == plain.figures()
        for run in others[:3]:
            assert run.log == plain.log

    prove()


# --- equal times, one sentence and a trace each -----------------------------------------------------------------------
@pytest.fixture(params=[(c, s) for c in floors() for s in (False, True)], ids=str)
def env(request):
    """On both floors, running ahead and strict."""
    compiled, strict = request.param
    return Environment(compiled=compiled, strict=strict)


def paced(env, name, cycle_s=10.0, parallel=1):
    """A line that finishes a part on every machine every `cycle_s`, for ever."""
    machine = MachineSpec("M", constant(cycle_s), parallel=parallel)
    line = Machines(env, LineSpec("L", machines=(machine,), **FREE), name, Streams(1))
    line.keep()
    return line


def breaking(env, name, answer, after_s=10.0, crew=None, parallel=1):
    """A line whose machines break every `after_s` by the calendar; `answer(line, hand)` hears of it."""
    fails = FailureSpec(constant(after_s), constant(5.0), "calendar")
    machine = MachineSpec("M", constant(7.0), fails=fails, crew=crew, parallel=parallel)

    def hear():
        while (hand := line.now.hand()) is not None:
            answer(line, hand)

    line = Machines(env, LineSpec("L", machines=(machine,), **FREE), name, Streams(1), reporting=True, answer=hear)
    return line


def done_at(line):
    """(time, unit) of every part finished."""
    records = line.records()
    mine = records[records["kind"] == words.DONE]
    return list(zip(mine["time"].tolist(), mine["unit"].tolist(), strict=True))


def test_what_is_said_of_one_instant_finds_the_floor_before_after_and_last(env):
    line, log = paced(env, "A"), []
    for priority in (LAST, NORMAL, URGENT):
        env.call_at(
            20.0, lambda priority=priority: log.append((priority, env.now, line.done(0), line.busy_s(0))), priority
        )
    env.run(until=30)
    assert log == [(URGENT, 20.0, 1, 20.0), (NORMAL, 20.0, 2, 20.0), (LAST, 20.0, 2, 20.0)]


def test_what_is_set_off_within_an_instant_finds_what_its_cause_did(env):
    line, log = paced(env, "A"), []

    def process():  # its first step is URGENT
        log.append((env.now, line.done(0)))
        line.touch().set_factor(2.0)
        yield env.timeout(0)

    env.call_at(10.0, lambda: env.process(process()))
    env.run(until=31)
    assert log == [(10.0, 1)]
    assert done_at(line) == [(10.0, 0), (15.0, 0), (20.0, 0), (25.0, 0), (30.0, 0)]


def test_a_hand_that_is_set_off_late_in_an_instant_finds_the_whole_floor_after_its_events(env):
    seen = []

    def answer(line, hand):
        if hand[0] == words.CREW:  # NORMAL, at 20
            env.call_in(hand[3], lambda: line.touch().crew_done(hand[1], hand[2]))
        elif hand[0] == words.WHOLE:
            seen.append((env.now, other.done(0)))
            other.touch().set_factor(2.0)

    breaking(env, "A", answer, after_s=15.0, crew="c")
    other = paced(env, "B")
    env.run(until=36)
    assert seen == [(20.0, 2)]
    assert done_at(other) == [(10.0, 0), (20.0, 0), (25.0, 0), (30.0, 0), (35.0, 0)]


def test_of_one_instant_lines_go_by_slot_and_machines_of_a_line_by_when_they_began(env):
    hands = []
    for name in "AB":
        breaking(env, name, lambda line, hand: hands.append((env.now, line.name, hand[0], hand[1])), parallel=2)
    env.run(until=16)
    assert hands == [
        (time, name, what, unit)
        for time, what in ((10.0, words.BROKEN), (15.0, words.WHOLE))
        for name in "AB"
        for unit in (0, 1)
    ]


def test_several_hands_of_one_event_are_given_one_by_one_in_the_order_they_rose(env):
    hands = []

    def answer(line, hand):
        hands.append((env.now, *hand))
        if hand[0] == words.CREW:
            env.call_in(hand[3], lambda: line.touch().crew_done(hand[1], hand[2]))

    breaking(env, "A", answer, crew="c")
    env.run(until=16)
    assert hands == [
        (10.0, words.BROKEN, 0, 0, 0.0),
        (10.0, words.CREW, 0, words.BREAKDOWN, 5.0),
        (15.0, words.WHOLE, 0, 0, 0.0),
    ]


def test_a_decision_of_a_line_meets_lines_behind_it_before_and_lines_ahead_of_it_after_their_own_events(env):
    ahead, seen = paced(env, "ahead"), []

    def answer(_, hand):
        if hand[0] == words.BROKEN and env.now == 10.0:
            for line in (ahead, behind):
                seen.append(line.done(0))
                line.touch().set_factor(2.0)

    breaking(env, "decides", answer)
    behind = paced(env, "behind")
    env.run(until=26)
    assert seen == [1, 0]  # the first part of the one was done by then; that of the other is over at that instant
    assert done_at(ahead) == done_at(behind) == [(10.0, 0), (15.0, 0), (20.0, 0), (25.0, 0)]


def test_being_read_at_the_instant_of_an_event_does_not_bring_it_forward(env):
    line, seen = paced(env, "A"), []

    def answer(*_):
        seen.append((env.now, line.done(0), other.done(0)))

    breaking(env, "B", answer)
    other = paced(env, "C")
    env.run(until=11)
    assert seen == [(10.0, 1, 0)]
    assert done_at(line) == done_at(other) == [(10.0, 0)]
