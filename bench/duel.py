"""A duel: ours against one peer on one model, from the race to the row of the table."""

from collections.abc import Callable
from dataclasses import replace

from bench.agree import Comparison, Identity, compare, identical
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


def contrast(
    measure: str, plain: Contestant, changed: Contestant, run: Run, target: Target | None = None, exact: str = ""
) -> Row:
    """Ours against ours: how much longer the changed way takes for the same work. exact: the name of what must be the
    very same on both sides, which then play the same seeds (without it the results must agree statistically)."""
    pairing = race(plain, changed, run, same_seeds=bool(exact))
    return contrasted(measure, plain.name, changed.name, pairing, target, exact)


def contrasted(
    measure: str, plain: str, changed: str, pairing: Pairing, target: Target | None = None, exact: str = ""
) -> Row:
    """The row of a race that has been run."""
    base, other = ns_per_event(pairing.ours), ns_per_event(pairing.peer)
    return Row(
        measure,
        ours=f"{changed} {ns(other)}",
        peer=f"{plain} {ns(base)}",
        ratio=pairing.ratio,
        value=pairing.ratio.median,
        target=target,
        comparisons=_checked(pairing, exact),
        figures={"ours_ns_per_event": other.median, "plain_ns_per_event": base.median},
    )


def _checked(pairing: Pairing, exact: str) -> tuple[Comparison | Identity, ...]:
    if exact:
        return (identical(exact, pairing.ours, pairing.peer),)
    return tuple(compare(pairing.ours, pairing.peer))


def at_least(must: float, aim: float, form: str = "{:g}x") -> Target:
    """Ours is that many times faster (or that fast)."""
    return Target(">=", must, aim, form)


def at_most(must: float, aim: float, form: str = "{:g}x") -> Target:
    """No more than that."""
    return Target("<=", must, aim, form)
