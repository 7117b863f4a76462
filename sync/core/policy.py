"""Who must agree, and where a proposal stands: the approval state machine, as a table.

proposed -> pending -> approved -> executing -> done | compensated | handed
               |-> rejected | expired | superseded
"""

from sync.core.state import Decided
from sync.vocabulary.policy import Approval, Policy

REQUESTER = "engine"  # who asks; nobody approves what he asked for himself

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


def advance(decided: Decided, event: str, now_ms: int, by: str) -> bool:
    """Move the proposal along the table; False (and nothing changed) when the event means nothing in its state."""
    steps = TRANSITIONS.get((decided.state, event))
    if steps is None:
        return False
    for state in steps:
        decided.state = state
        decided.record["state"] = state
        decided.record["history"].append({"state": state, "time_ms": now_ms, "by": by})
    return True


def needs_person(approval: Approval, extra_cost_minor: int) -> bool:
    """Whether a person is asked: limit -1 never, limit 0 (the default: deny) always, else from the limit on."""
    limit = approval.auto_below_minor
    return limit == 0 or 0 < limit <= extra_cost_minor


def strictest(policy: Policy, extra_by: dict[str, int]) -> dict[str, object]:
    """The approval of a plan of several actions: one that needs a person before any that does not."""
    records = [approval_record(policy, action, extra) for action, extra in sorted(extra_by.items())]
    records = records or [approval_record(policy, "reroute", 0)]
    return next((r for r in records if r["needed"]), records[0])


def approval_record(policy: Policy, action: str, extra_cost_minor: int) -> dict[str, object]:
    """The `approval` part of a decision record, with the reason as a sentence."""
    approval = policy.approval(action)
    needed = needs_person(approval, extra_cost_minor)
    limit = approval.auto_below_minor
    if limit < 0:
        why = f"{action} is always automatic"
    elif limit == 0:
        why = f"every {action} needs {approval.by}"
    elif needed:
        why = f"extra cost {extra_cost_minor} is not below the limit of {limit} (minor units) for {action}"
    else:
        why = f"extra cost {extra_cost_minor} is below the limit of {limit} (minor units) for {action}"
    return {
        "action": action,
        "needed": needed,
        "by": approval.by,
        "extra_cost_minor": extra_cost_minor,
        "auto_below_minor": limit,
        "why": why,
    }
