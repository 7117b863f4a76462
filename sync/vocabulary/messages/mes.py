"""MES: what is executed on the lines of a plant."""

from sync.vocabulary.messages.envelope import Body, message


@message("line.stopped")
class LineStopped(Body, frozen=True, kw_only=True):
    """`line` is dotted (`lyon.L1`). `expected_ms`: the estimate of the whole stop, from `since_ms` on, -1 = unknown.
    machine: the one (of several the first) whose breakdown is all that holds the line, estimated from its own earlier
    repairs, and said again with the same `since_ms` when that has changed; "" for a stop that people report, with
    maintenance's estimate. The last word holds."""

    line: str
    reason: str
    since_ms: int
    expected_ms: int = -1
    machine: str = ""


@message("line.resumed")
class LineResumed(Body, frozen=True, kw_only=True):
    """Nothing holds the line any more. machine: the one whose repair was waited for, "" after a reported stop."""

    line: str
    machine: str = ""


@message("line.slowed")
class LineSlowed(Body, frozen=True, kw_only=True):
    """`factor_ppm`: 500_000 = half speed; 1_000_000 = normal again."""

    line: str
    factor_ppm: int
    since_ms: int
    expected_ms: int = -1


@message("machine.stopped")
class MachineStopped(Body, frozen=True, kw_only=True):
    machine: str
    reason: str


@message("machine.resumed")
class MachineResumed(Body, frozen=True, kw_only=True):
    machine: str


@message("production.confirmed")
class ProductionConfirmed(Body, frozen=True, kw_only=True):
    """One lot is counted. `remaining`: pieces of the production order whose lots are not yet counted."""

    order: str
    line: str
    item: str
    lot: str
    good: int
    scrap: int
    remaining: int


@message("material.consumed")
class MaterialConsumed(Body, frozen=True, kw_only=True):
    order: str
    line: str
    item: str
    quantity: int
