"""Rules for the engine's own facts: drafts, decisions, approvals, commands and what systems answered to them.

A decision is done when all its commands are answered and one of them worked; what hung on a refused command is dropped.
"""

from collections.abc import Callable
from typing import Any

from sync.core import policy
from sync.core.facts import Concluded, Dispatched, Drafted, Dropped, Expired, Judged, Looked, Withdrawn
from sync.core.state import Decided, Sent, State, Trigger
from sync.vocabulary import messages as m
from sync.vocabulary.commands import Ack


def take_approval(state: State, body: m.ApprovalGiven, message: m.Message, now_ms: int) -> None:
    decided = state.decisions.get(body.proposal)
    if decided is None or message.source != "people" or body.person != decided.record["approval"]["by"]:
        return
    if policy.advance(decided, "approve" if body.approved else "reject", now_ms, body.person) and body.approved:
        decided.approval_id = message.id
    drop_unless_executing(state, decided)


def take_ack(state: State, ack: Ack, now_ms: int) -> None:
    sent = state.open_commands.pop(ack.command, None)
    if sent is None:
        return
    sent.state = "done" if ack.status in ("done", "duplicate") else ack.status
    sent.reason = ack.reason
    order = state.orders.get(str(sent.data.get("order", "")))
    if sent.type == "order.resource" and order is not None:
        if sent.state == "done":
            order.made = order.made and order.site == sent.data["site"]
            order.site, order.port, order.carrier = sent.data["site"], sent.data["port"], sent.data["carrier"]
        order.frozen = order.frozen or sent.state == "refused"
    if sent.type == "transfer_order.reduce":
        take_reduction(state, sent)
    if sent.state != "done":
        take_refusal(state, sent, ack)
    close_decision_when_answered(state, sent.decision, now_ms)


def take_reduction(state: State, sent: Sent) -> None:
    """A transfer order asks for less now (ERP's own message, if it comes, says the total); or it cannot be cut."""
    transfer = state.transfers.get(str(sent.data["order"]))
    if transfer is None:
        return
    if sent.state == "done":
        transfer.quantity -= min(int(sent.data["quantity"]), transfer.outstanding)
    elif sent.state == "refused":
        transfer.fixed = True


def take_refusal(state: State, sent: Sent, ack: Ack) -> None:
    """What hung on the command is dropped; the engine looks again once, unless this was already the second try."""
    state.awaited.pop(str(sent.data.get("order", "")), None)
    for other in sorted(c.id for c in state.open_commands.values() if c.after == sent.id):
        state.open_commands.pop(other).state = "dropped"
    decided = state.decisions.get(sent.decision)
    if decided is not None and not decided.retry and sent.type != "transfer_order.reduce":
        text = f"{ack.source}: {sent.type} {sent.data.get('order', '')} {sent.state}: {ack.reason}"
        state.triggers.append(Trigger("command-refused", sent.id, sent.id, text))


def close_decision_when_answered(state: State, decision: str, now_ms: int) -> None:
    decided = state.decisions.get(decision)
    if decided is None or decided.state != "executing":
        return
    if any(c.decision == decision for c in state.open_commands.values()):
        return
    ids: list[str] = decided.record["commands"]
    worked = any(state.commands[c].state == "done" for c in ids)
    policy.advance(decided, "finish" if worked or not ids else "fail", now_ms, policy.REQUESTER)


def drop_unless_executing(state: State, decided: Decided) -> None:
    if decided.state == "executing":
        return
    for command in [c for c in state.open_commands.values() if c.decision == decided.id]:
        state.open_commands.pop(command.id).state = "dropped"
        state.awaited.pop(str(command.data.get("order", "")), None)


def begin_draft(state: State, fact: Drafted, now_ms: int) -> None:
    state.counter += 1
    state.drafts[fact.draft.id] = fact.draft


def conclude(state: State, fact: Concluded, now_ms: int) -> None:
    decided = fact.decided
    state.drafts.pop(decided.id, None)
    for older in state.decisions.values():
        if older.scope == decided.scope and older.state == "pending":
            policy.advance(older, "supersede", now_ms, decided.id)
            drop_unless_executing(state, older)
    state.decisions[decided.id] = decided
    for command in fact.commands:
        state.commands[command.id] = state.open_commands[command.id] = command
        if command.type == "transfer_order.create":
            state.awaited[str(command.data["order"])] = command
    close_decision_when_answered(state, decided.id, now_ms)


def drop_draft(state: State, fact: Dropped, now_ms: int) -> None:
    draft = state.drafts.pop(fact.draft, None)
    if draft is not None and fact.stale:
        state.triggers += draft.triggers
    elif draft is not None:
        withdraw(state, Withdrawn(draft.scope), now_ms)


def withdraw(state: State, fact: Withdrawn, now_ms: int) -> None:
    """The plan in force does: what waits for a person in this scope has lost its reason."""
    for older in state.decisions.values():
        if older.scope == fact.scope and older.state == "pending":
            policy.advance(older, "supersede", now_ms, policy.REQUESTER)
            drop_unless_executing(state, older)


def expire(state: State, fact: Expired, now_ms: int) -> None:
    decided = state.decisions[fact.decision]
    policy.advance(decided, "expire", now_ms, policy.REQUESTER)
    drop_unless_executing(state, decided)


def dispatch(state: State, fact: Dispatched, now_ms: int) -> None:
    command = state.commands[fact.command]
    command.state, command.not_after_ms = "sent", fact.not_after_ms


def look(state: State, fact: Looked, now_ms: int) -> None:
    state.triggers.clear()
    state.review_ms = fact.next_ms


def judge(state: State, fact: Judged, now_ms: int) -> None:
    state.news_ms = -1
    for order, reason in fact.reasons:
        if order in state.orders:
            state.orders[order].unservable = reason


RULES: dict[type, Callable[[State, Any, int], None]] = {
    Ack: take_ack,
    Drafted: begin_draft,
    Concluded: conclude,
    Dropped: drop_draft,
    Expired: expire,
    Dispatched: dispatch,
    Looked: look,
    Judged: judge,
    Withdrawn: withdraw,
}
