"""Who must agree, and where a proposal stands: the approval state machine, as a table.

proposed -> pending -> approved -> executing -> done | compensated | handed
               |-> rejected | expired | superseded
"""

from msgspec.structs import replace

from sync.vocabulary.decisions import ApprovalNeed, Decision, HistoryStep
from sync.vocabulary.messages import ENGINE
from sync.vocabulary.policy import Approval, Policy

REQUESTER = ENGINE  # who asks; nobody approves what he asked for himself

TRANSITIONS: dict[tuple[str, str], tuple[str, ...]] = {
    ("proposed", "submit"): ("pending",),
    ("proposed", "automatic"): ("executing",),
    ("pending", "approve"): ("approved", "executing"),
    ("pending", "reject"): ("rejected",),
    ("pending", "expire"): ("expired",),
    ("pending", "supersede"): ("superseded",),
    ("executing", "finish"): ("done",),
    ("executing", "fail"): ("handed",),
    ("executing", "compensate"): ("compensated",),
}
FINAL = ("done", "rejected", "expired", "superseded", "handed", "compensated")


def advance(decision: Decision, event: str, now_ms: int, by: str) -> Decision:
    """The decision one step on along the table; the same when the event means nothing in its state."""
    states = TRANSITIONS.get((decision.state, event))
    if states is None:
        return decision
    history = (*decision.history, *(HistoryStep(state, now_ms, by) for state in states))
    return replace(decision, state=states[-1], history=history)


def needs_person(approval: Approval, extra_cost_minor: int) -> bool:
    """Whether a person is asked: limit -1 never, limit 0 (the default: deny) always, else from the limit on."""
    limit = approval.auto_below_minor
    return limit == 0 or 0 < limit <= extra_cost_minor


def strictest(policy: Policy, extra_by: dict[str, int]) -> ApprovalNeed:
    """The approval of a plan of several actions: one that needs a person before any that does not."""
    needs = [approval_need(policy, action, extra) for action, extra in sorted(extra_by.items())]
    needs = needs or [approval_need(policy, "reroute", 0)]
    return next((n for n in needs if n.needed), needs[0])


def approval_need(policy: Policy, action: str, extra_cost_minor: int) -> ApprovalNeed:
    """Whether, and by whom, an action of this extra cost must be approved."""
    approval = policy.approval(action)
    needed = needs_person(approval, extra_cost_minor)
    limit = approval.auto_below_minor
    limited = "above_limit" if needed else "below_limit"
    code = "always_automatic" if limit < 0 else "always_asked" if limit == 0 else limited
    return ApprovalNeed(action, needed, approval.by, extra_cost_minor, limit, code)
