"""A line asks once: however often it is woken, whoever answers, and whatever is taken back in between."""

import pytest

from plants import definition
from plants.floor import words
from plants.floor.machines import Machines
from sim.environment import Environment
from sim.streams import Streams, constant


@pytest.mark.parametrize("compiled", [True, False])
def test_a_line_that_is_woken_a_thousand_times_in_one_event_asks_once(compiled: bool) -> None:
    env = Environment(compiled=compiled)
    machines = (definition.MachineSpec("M", constant(10.0)),)
    asked: list[int] = []

    def answer() -> None:
        while (hand := line.now.hand()) is not None:
            asked.append(hand[0])

    line = Machines(
        env, definition.LineSpec("L", (definition.MakeSpec("PART"),), machines=machines), "L", Streams(1), answer=answer
    )
    env.run(until=1)
    env.call_at(5.0, lambda: [line.touch().wake() for _ in range(1000)] and None)
    env.run(until=10)
    assert asked == [words.WORK, words.WORK]


@pytest.mark.parametrize("compiled", [True, False])
def test_a_slot_or_a_pair_that_cannot_be_is_refused(compiled: bool) -> None:
    env = Environment(compiled=compiled)
    one = definition.LineSpec(
        "L", (definition.MakeSpec("PART"),), machines=(definition.MachineSpec("M", constant(1.0)),),
        supply_unlimited=True, demand_unlimited=True,
    )  # fmt: skip
    line = Machines(env, one, "L", Streams(1))
    for slot in (-1, 1, 1 << 20):
        for look in (env.floor.at, env.floor.touch, env.floor.log):
            with pytest.raises(IndexError, match="no component"):
                look(slot)
    two = definition.LineSpec(
        "L", one.makes, machines=(*one.machines, definition.MachineSpec("N", constant(1.0))), buffers=(1,),
        supply_unlimited=True, demand_unlimited=True,
    )  # fmt: skip
    other = Machines(Environment(compiled=compiled), two, "L", Streams(1))
    with pytest.raises(ValueError, match="not of one making"):
        env.floor.add(line.now, other.now, print, "mixed")
