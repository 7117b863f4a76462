"""Rules for the engine's own facts: drafts, decisions, approvals, commands and what systems answered to them.

A decision is done when all its commands are answered and one of them worked; what hung on a refused command is dropped.
A decision that is final leaves the state, with its commands.
"""

from collections.abc import Callable
from typing import Any

from msgspec.structs import replace

from sync.core import policy
from sync.core.facts import Concluded, Dispatched, Drafted, Dropped, Expired, Judged, Looked, Withdrawn
from sync.core.state import Sent, State
from sync.vocabulary import messages as m
from sync.vocabulary.commands import Ack, CreateTransfer, ReduceTransfer, ResourceOrder
from sync.vocabulary.decisions import Decision, Trigger


def take_approval(state: State, body: m.ApprovalGiven, message: m.Message, now_ms: int) -> None:
    decision = state.decisions.get(body.proposal)
    if decision is None or message.source != "people" or body.person != decision.approval.by:
        return
    answered = policy.advance(decision, "approve" if body.approved else "reject", now_ms, body.person)
    if body.approved and answered is not decision:
        answered = replace(answered, approval_id=message.id)
    put(state, answered)


def take_ack(state: State, ack: Ack, now_ms: int) -> None:
    sent = state.open_commands.pop(ack.command, None)
    if sent is None:
        return
    sent.state = "done" if ack.status in ("done", "duplicate") else ack.status
    if isinstance(sent.asks, ResourceOrder):
        take_resourcing(state, sent.asks, sent.state)
    if isinstance(sent.asks, ReduceTransfer):
        take_reduction(state, sent.asks, sent.state)
    if sent.state != "done":
        take_refusal(state, sent, ack)
    close_decision_when_answered(state, sent.decision, now_ms)


def take_resourcing(state: State, asks: ResourceOrder, came: str) -> None:
    """A customer order is served from elsewhere now; or it stays, and is not asked for again."""
    order = state.orders.get(asks.order)
    if order is None:
        return
    if came == "done":
        order.made = order.made and order.site == asks.site
        order.site, order.port, order.carrier = asks.site, asks.port, asks.carrier
    order.frozen = order.frozen or came == "refused"


def take_reduction(state: State, asks: ReduceTransfer, came: str) -> None:
    """A transfer order asks for less now (ERP's own message, if it comes, says the total); or it cannot be cut."""
    transfer = state.transfers.get(asks.order)
    if transfer is None:
        return
    if came == "done":
        transfer.quantity -= min(asks.quantity, transfer.outstanding)
    elif came == "refused":
        transfer.fixed = True


def take_refusal(state: State, sent: Sent, ack: Ack) -> None:
    """What hung on the command is dropped; the engine looks again once, unless this was already the second try."""
    state.awaited.pop(sent.asks.order, None)
    for other in sorted(c.id for c in state.open_commands.values() if c.after == sent.id):
        state.open_commands.pop(other).state = "dropped"
    decision = state.decisions.get(sent.decision)
    if decision is not None and not decision.retry and not isinstance(sent.asks, ReduceTransfer):
        kind, order = sent.asks.command_type, sent.asks.order
        state.triggers.append(
            Trigger("command-refused", sent.id, sent.id, ack.source, kind, order, status=sent.state, reason=ack.reason)
        )


def close_decision_when_answered(state: State, name: str, now_ms: int) -> None:
    decision = state.decisions.get(name)
    if decision is None or decision.state != "executing":
        return
    if any(c.decision == name for c in state.open_commands.values()):
        return
    worked = not decision.commands or any(state.commands[c].state == "done" for c in decision.commands)
    put(state, policy.advance(decision, "finish" if worked else "fail", now_ms, policy.REQUESTER))


def put(state: State, decision: Decision) -> None:
    """The decision as it stands now; one that is final leaves, and takes its commands with it."""
    state.decisions[decision.id] = decision
    if decision.state not in policy.FINAL:
        return
    if decision.state == "rejected":
        state.refused_ms[decision.scope] = decision.history[-1].time_ms
    for command in [c for c in state.open_commands.values() if c.decision == decision.id]:
        state.open_commands.pop(command.id).state = "dropped"
        state.awaited.pop(command.asks.order, None)
    for name in decision.commands:
        command = state.commands.pop(name)
        if state.awaited.get(command.asks.order) is command:  # only what a decision in force has asked for is awaited
            state.awaited.pop(command.asks.order)
    state.ended.append(state.decisions.pop(decision.id))


def begin_draft(state: State, fact: Drafted, now_ms: int) -> None:
    state.counter += 1
    state.drafts[fact.draft.id] = fact.draft


def conclude(state: State, fact: Concluded, now_ms: int) -> None:
    decision = fact.decision
    state.drafts.pop(decision.id, None)
    supersede(state, decision.scope, now_ms, decision.id)
    state.decisions[decision.id] = decision
    for told in fact.commands:
        command = replace(told)  # ours to change; the fact stays as it was
        state.commands[command.id] = state.open_commands[command.id] = command
        if isinstance(command.asks, CreateTransfer):
            state.awaited[command.asks.order] = command
    close_decision_when_answered(state, decision.id, now_ms)


def supersede(state: State, scope: str, now_ms: int, by: str) -> None:
    """What waits for a person in the scope is void."""
    for older in list(state.decisions.values()):
        if older.scope == scope and older.state == "pending":
            put(state, policy.advance(older, "supersede", now_ms, by))


def drop_draft(state: State, fact: Dropped, now_ms: int) -> None:
    draft = state.drafts.pop(fact.draft, None)
    if draft is not None and fact.stale:
        state.triggers += draft.triggers
    elif draft is not None:
        withdraw(state, Withdrawn(draft.scope), now_ms)


def withdraw(state: State, fact: Withdrawn, now_ms: int) -> None:
    """The plan in force does: what waits for a person in this scope has lost its reason."""
    supersede(state, fact.scope, now_ms, policy.REQUESTER)


def expire(state: State, fact: Expired, now_ms: int) -> None:
    put(state, policy.advance(state.decisions[fact.decision], "expire", now_ms, policy.REQUESTER))


def dispatch(state: State, fact: Dispatched, now_ms: int) -> None:
    command = state.commands[fact.command]
    command.state, command.not_after_ms = "sent", fact.not_after_ms


def look(state: State, fact: Looked, now_ms: int) -> None:
    state.triggers.clear()
    state.review_ms = fact.next_ms


def judge(state: State, fact: Judged, now_ms: int) -> None:
    state.news_ms = -1
    for found in fact.unservable:
        if found.order in state.orders:
            state.orders[found.order].unservable = found


RULES: dict[type, Callable[[State, Any, int], None]] = {
    Drafted: begin_draft,
    Concluded: conclude,
    Dropped: drop_draft,
    Expired: expire,
    Dispatched: dispatch,
    Looked: look,
    Judged: judge,
    Withdrawn: withdraw,
}
