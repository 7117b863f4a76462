"""The engine: what it asks people, and what it announces. The one owner of messages that is no system: it speaks as
ENGINE."""

from sync.vocabulary.decisions import Change
from sync.vocabulary.messages.envelope import BODIES, Body, message

ENGINE = "engine"  # the source of its messages, and its name where people and orders name who acted


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


FROM_ENGINE = tuple(kind for kind, body in BODIES.items() if body.__module__ == __name__)
