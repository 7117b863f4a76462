"""MES: what is executed on the lines of a plant."""

from sync.vocabulary.messages.envelope import Body, message


@message("line.stopped")
class LineStopped(Body, frozen=True, kw_only=True):
    """`line` is dotted (`lyon.L1`). `expected_ms`: the maintenance estimate of the whole stop, -1 = unknown."""

    line: str
    reason: str
    since_ms: int
    expected_ms: int = -1


@message("line.resumed")
class LineResumed(Body, frozen=True, kw_only=True):
    line: str


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
