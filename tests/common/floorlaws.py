"""What must hold of every run of a random network of lines, whatever was done to it."""

from collections import Counter

import numpy as np

from plants.floor import words
from plants.floor.machines import Machines
from tests.common.floorworlds import HORIZON, Run


# --- what must hold ---------------------------------------------------------------------------------------------------
def shown(records: np.ndarray, unit: int, first: int) -> list[tuple[int, float, float]]:
    """(state, from, to) of everything a unit showed, from the first at time 0 up to the horizon."""
    mine = records[(records["kind"] == words.STATE) & (records["unit"] == unit)]
    times = [0.0, *mine["time"].tolist(), HORIZON]
    return list(zip([first, *mine["state"].tolist()], times[:-1], times[1:], strict=True))


def overlap(spans: list[tuple[int, float, float]], states: tuple[int, ...], a: float, b: float) -> float:
    """Seconds of [a, b) in which one of `states` was shown."""
    return sum(max(0.0, min(b, end) - max(a, begin)) for state, begin, end in spans if state in states)


def check(run: Run) -> None:
    """Laws of every line at the horizon, told from its records and its counters (after `run.merged`)."""
    for n, (line, plan, records) in enumerate(zip(run.lines, run.world.plans, run.kept, strict=True)):
        assert (np.diff(records["time"]) >= 0).all() and (np.diff(records["number"]) == 1).all()
        _check_parts(run, n, line, records)
        for g, room in enumerate(plan.spec.buffers):
            assert 0 <= line.level(g) <= (room if room >= 0 else 1 << 40)
        for u in range(len(line.design.names)):
            _check_unit(run, n, u, shown(records, u, run.began[n][u]))


def _check_parts(run: Run, n: int, line: Machines, records: np.ndarray) -> None:
    """No part is made or lost by the floor, lot by lot."""
    good, scrapped, lost, there = line.now.totals()
    live = run.live[n] if run.world.plans[n].lots else {0}
    counts = {number: line.now.lot_counts(number) for number in live}
    assert run.closed[n] + sum(entered for _, entered, _, _ in counts.values()) == good + scrapped + lost + there
    parts = Counter(line.now.parts())
    assert sum(parts.values()) == there and set(parts) <= live
    for number, (_, entered, fine, bad) in counts.items():
        assert parts[number] == entered - fine - bad - lost
    kinds, states = records["kind"], records["state"]
    out = kinds == words.OUT
    assert (out & (states == 1)).sum() == good and (out & (states == 0)).sum() == scrapped
    assert (kinds == words.LOST).sum() == lost
    for u in range(len(line.design.names)):
        assert ((kinds == words.DONE) & (records["unit"] == u)).sum() == line.done(u)


def _check_unit(run: Run, n: int, u: int, spans: list[tuple[int, float, float]]) -> None:
    """A unit works when it shows that it works, which is never while it is held, broken, or off shift."""
    line, working = run.lines[n], (words.WORKING, words.SETUP)
    busy, down = line.busy_s(u), line.down_s(u)
    assert abs(busy - overlap(spans, working, 0.0, HORIZON)) < 1e-6
    assert down < overlap(spans, (words.DOWN,), 0.0, HORIZON) + 1e-6
    assert busy + down < HORIZON + 1e-6
    for other, unit, begin, end in run.held:
        if other == n and unit in (-1, u):
            assert abs(overlap(spans, (words.DOWN,), begin, end) - (end - begin)) < 1e-6
    edges = [0.0, *(t for window in run.world.plans[n].windows for t in window), HORIZON]
    if len(edges) > 2:
        for a, b in zip(edges[::2], edges[1::2], strict=True):  # the line is shut
            assert overlap(spans, working, a, b) == 0.0
