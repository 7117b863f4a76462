"""People: answers to the proposals of the engine."""

from sync.vocabulary.messages.envelope import Body, message


@message("approval.given")
class ApprovalGiven(Body, frozen=True, kw_only=True):
    proposal: str
    approved: bool
    person: str
    reason: str = ""
