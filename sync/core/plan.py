"""A plan: what would be done, what it costs, which commands it takes. A case: one decision problem and its plans."""

from dataclasses import dataclass, field
from typing import Any, Protocol

from sync.core.problem import Answer, Problem


@dataclass(frozen=True)
class Step:
    """A command to come. after: number of the step that must be done first, -1 none."""

    type: str
    data: dict[str, Any]
    after: int = -1


@dataclass
class Plan:
    """cost = late + carry (making, handling, lanes), minor units; extra: carry above the plan in force, which is what
    policy limits; kept: exposed orders that stay."""

    title: str
    cost_minor: int = 0
    late_minor: int = 0
    carry_minor: int = 0
    extra_minor: int = 0
    extra_by: dict[str, int] = field(default_factory=dict)  # action -> its part of `extra`
    moves: list[dict[str, Any]] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)


class Case(Protocol):
    """What a decision is about. `plan` turns quantities per column of `problem` into a Plan with exact costs. staying:
    the problem without changes, when the plan in force is itself an optimisation (the solver prices it for `keep`).
    label: the decision's id. min_gain: minor units a change must win over the plan in force.
    has_news: worth a record even when nothing is changed."""

    scope: str
    label: str
    problem: Problem
    staying: Problem | None

    def has_news(self) -> bool: ...

    def min_gain(self) -> int: ...

    def keep(self, answer: Answer | None = None) -> Plan: ...

    def plan(self, title: str, quantities: list[int]) -> Plan: ...

    def exposure(self) -> dict[str, Any]: ...

    def extras(self) -> dict[str, Any]: ...

    def headline(self, plan: Plan) -> str: ...
