"""A plan: what would be done, what it costs, which commands it takes. A case: one decision problem and its plans."""

from dataclasses import dataclass, field
from typing import Protocol

from sync.core.problem import Answer, Problem
from sync.core.state import Asks
from sync.vocabulary.decisions import Exposure, Move, OrderClass, Unservable

NAMED = 200  # orders, and items, a decision names as exposed, at most


@dataclass(frozen=True)
class Step:
    """A command to come. after: number of the step that must be done first, -1 none."""

    asks: Asks
    after: int = -1


@dataclass
class Plan:
    """kind: keep | greedy | solver; cost = late + carry (making, handling, lanes), minor units; extra: carry above the
    plan in force, which is what policy limits; kept: exposed orders that stay."""

    kind: str
    cost_minor: int = 0
    late_minor: int = 0
    carry_minor: int = 0
    extra_minor: int = 0
    extra_by: dict[str, int] = field(default_factory=dict)  # action -> its part of `extra`
    moves: list[Move] = field(default_factory=list)
    kept: list[Move] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


class Case(Protocol):
    """What a decision is about. `plan` turns quantities per column of `problem` into a Plan with exact costs. staying:
    the problem without changes, when the plan in force is itself an optimisation (the solver prices it for `keep`).
    label: the decision's id. min_gain: minor units a change must win over the plan in force. has_news: worth a
    decision even when nothing is changed. classes: options of like orders; judged: all orders found unservable."""

    label: str
    problem: Problem
    staying: Problem | None

    def has_news(self) -> bool: ...

    def min_gain(self) -> int: ...

    def keep(self, answer: Answer | None = None) -> Plan: ...

    def plan(self, kind: str, quantities: list[int]) -> Plan: ...

    def exposure(self) -> Exposure: ...

    def classes(self) -> dict[str, OrderClass]: ...

    def judged(self) -> tuple[Unservable, ...]: ...

    def newly_unservable(self) -> tuple[Unservable, ...]: ...
