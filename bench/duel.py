"""A duel: ours against one peer on one model, from the race to the row of the table."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from bench.agree import Comparison, Identity, identical, settled
from bench.peers import Missing
from bench.race import Contestant, Pairing, Run, ns_per_event, race
from bench.table import Row, Target, ns


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
    pairing, comparisons = settled(partial(race, a, b, run))
    mine, theirs = ns_per_event(pairing.ours), ns_per_event(pairing.peer)
    return replace(
        row,
        ours=ns(mine),
        peer=f"{b.name} {ns(theirs)}",
        ratio=pairing.ratio,
        value=pairing.ratio.median,
        note=note,
        comparisons=tuple(comparisons),
        figures={
            "ours_ns_per_event": mine.median,
            "peer_ns_per_event": theirs.median,
            "ours_events": float(sum(t.events for t in pairing.ours)),
            "peer_events": float(sum(t.events for t in pairing.peer)),
            "ours_s": sum(t.seconds for t in pairing.ours),
            "peer_s": sum(t.seconds for t in pairing.peer),
        },
    )


def contrast(measure: str, plain: Contestant, changed: Contestant, run: Run, target: Target | None, exact: str) -> Row:
    """Ours against ours on the same seeds: how much longer the changed way takes for the same work. exact: the name of
    what must be the very same on both sides."""
    pairing = race(plain, changed, run, same_seeds=True)
    return contrasted(measure, plain, changed, pairing, target, (identical(exact, pairing.ours, pairing.peer),))


def contrasted(
    measure: str, plain: Contestant, changed: Contestant, pairing: Pairing, target: Target | None,
    comparisons: tuple[Comparison | Identity, ...],
) -> Row:  # fmt: skip
    """The row of a race that has been run."""
    base, other = ns_per_event(pairing.ours), ns_per_event(pairing.peer)
    return Row(
        measure,
        ours=f"{changed.name} {ns(other)}",
        peer=f"{plain.name} {ns(base)}",
        ratio=pairing.ratio,
        value=pairing.ratio.median,
        target=target,
        comparisons=comparisons,
        figures={"ours_ns_per_event": other.median, "plain_ns_per_event": base.median},
    )


def at_least(must: float, aim: float, form: str = "{:g}x") -> Target:
    """Ours is that many times faster (or that fast)."""
    return Target(">=", must, aim, form)


def at_most(must: float, aim: float, form: str = "{:g}x") -> Target:
    """No more than that."""
    return Target("<=", must, aim, form)
