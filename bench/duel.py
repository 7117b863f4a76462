"""A duel: ours against one peer on one model, from the race to the row of the table."""

from collections.abc import Callable
from dataclasses import replace

from bench.agree import compare
from bench.peers import Missing
from bench.race import Contestant, Run, ns_per_event, race
from bench.table import Row, Target, figure, ns


def duel(
    measure: str, ours: Callable[[], Contestant], peer: Callable[[], Contestant], run: Run,
    target: Target | None = None, note: str = "",
) -> Row:  # fmt: skip
    """Race, check that the results agree, and say how often faster ours is. A side that is missing makes a row that
    says why."""
    row = Row(measure, target=target)
    try:
        a, b = ours(), peer()
    except Missing as why:
        return replace(row, note=str(why))
    pairing = race(a, b, run)
    mine, theirs = ns_per_event(pairing.ours), ns_per_event(pairing.peer)
    return replace(
        row,
        ours=ns(mine),
        peer=f"{b.name} {ns(theirs)}",
        ratio=pairing.ratio,
        value=pairing.ratio.median,
        note=note,
        comparisons=tuple(compare(pairing.ours, pairing.peer)),
        figures={
            "ours_ns_per_event": mine.median,
            "peer_ns_per_event": theirs.median,
            "ours_events": float(sum(t.events for t in pairing.ours)),
            "peer_events": float(sum(t.events for t in pairing.peer)),
            "ours_s": sum(t.seconds for t in pairing.ours),
            "peer_s": sum(t.seconds for t in pairing.peer),
        },
    )


def at_least(must: float, aim: float) -> Target:
    """Ours is that many times faster."""
    return Target(">=", must, aim)


def at_most(must: float, aim: float, form: str = "{:g}x") -> Target:
    """No more than that."""
    return Target("<=", must, aim, form)


def per_second(events_per_s: float) -> str:
    """`21.3 M/s`."""
    return f"{figure(events_per_s / 1e6)} M/s"
