"""The engine: what it asks people, and what it announces."""

from sync.vocabulary.decisions import Change
from sync.vocabulary.messages.envelope import Body, message


@message("approval.requested")
class ApprovalRequested(Body, frozen=True, kw_only=True):
    """The engine asks `role` to approve `proposal` (approval class `action`), extra cost in minor units. changes,
    unservable: as in DecisionMade."""

    proposal: str
    action: str
    role: str
    extra_cost_minor: int
    expires_ms: int
    changes: tuple[Change, ...] = ()
    unservable: int = 0


@message("decision.made")
class DecisionMade(Body, frozen=True, kw_only=True):
    """The engine's announcement of a decision, for everyone who listens; the whole of it is in the journal. changes:
    what it moves (sync.vocabulary.wording has the words); unservable: orders it found that nobody can serve."""

    decision: str
    workflow: str
    state: str
    changes: tuple[Change, ...] = ()
    unservable: int = 0
