"""Policy as data: who must approve what, and by when."""

import msgspec

ACTIONS = ("reroute", "transfer", "substitution", "reprioritise", "expedite", "release")
USED = ("reroute", "transfer")  # what the engine asks for until now


class Approval(msgspec.Struct, frozen=True):
    """auto_below_minor: extra cost against the plan in force below which no person is asked; -1 = always automatic.
    by: the role that is asked; within_ms: the proposal expires then and the plan in force stays (-1: never)."""

    auto_below_minor: int = 0
    by: str = "planner"
    within_ms: int = -1


class Policy(msgspec.Struct, frozen=True):
    """approvals: action -> Approval; an action not named needs a person (deny by default)."""

    approvals: dict[str, Approval] = {}

    def approval(self, action: str) -> Approval:
        return self.approvals.get(action, Approval())
