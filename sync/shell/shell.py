"""The shell around the core: receive > record > evolve > decide > (approve) > record > dispatch. Time is always given.

The host calls `receive` for every message when it arrives, `acknowledge` for every answer, and `step` once per instant
after all of that instant's facts, and again at `wake_ms`. Facts of one instant are evolved in an order of their own
(source, sequence, id), so the order in which they came does not matter.
"""

import hashlib
from dataclasses import dataclass, field
from typing import Any

import msgspec

from sync.core import facts
from sync.core.decide import conclude, decide, next_look_ms
from sync.core.evolve import evolve
from sync.core.network import Network
from sync.core.state import Draft, Sent, State, initial
from sync.shell.journal import Journal
from sync.shell.solver import Solver, latency_ms
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.decisions import Decision
from sync.vocabulary.master import MasterData
from sync.vocabulary.messages import BODIES, Message, body_of
from sync.vocabulary.policy import Policy
from sync.vocabulary.quantities import MS_PER_H
from sync.vocabulary.wording import headline

COMMAND_LIFE_MS = MS_PER_H  # a command that was not executed by then is void
TARGET = "erp"


@dataclass
class Output:
    """What a step asks the host to carry out. wake_ms: call `step` again then, -1: never without a new fact."""

    commands: list[Command] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    wake_ms: int = -1


@dataclass(frozen=True)
class DeadLetter:
    """A message the engine could not take: kept whole, with the reason."""

    message: Message
    reason: str
    time_ms: int


class Shell:
    """One engine. `dead_letters`: messages refused, in order of arrival."""

    def __init__(self, master: MasterData, policy: Policy, journal: Journal, solver: Solver, epoch: int = 1) -> None:
        self.master, self.policy, self.journal, self.solver, self.epoch = master, policy, journal, solver, epoch
        self.network = Network(master)
        self.state: State = initial(self.network)
        self.dead_letters: list[DeadLetter] = []
        self._seen: set[tuple[str, str]] = set()
        self._batch: list[Message | Ack] = []
        self._answers: list[tuple[int, str, Any]] = []
        self._sequence = 0

    # --- inbox ---------------------------------------------------------------------------------------------------
    def receive(self, message: Message, now_ms: int) -> bool:
        """Take a message. False: a repeat, the engine's own, or a dead letter."""
        if message.source == "engine" or (message.source, message.id) in self._seen:
            return False
        self._seen.add((message.source, message.id))
        translated, reason = self._translate(message)
        if translated is None:
            self.dead_letters.append(DeadLetter(message, reason, now_ms))
            self.journal.append(now_ms, "dead-letter", [msgspec.to_builtins(message), reason])
            return False
        self.journal.append(now_ms, "message", msgspec.to_builtins(translated))
        self._batch.append(translated)
        return True

    def acknowledge(self, ack: Ack, now_ms: int) -> None:
        """Take a system's answer to a command."""
        self.journal.append(now_ms, "ack", msgspec.to_builtins(ack))
        self._batch.append(ack)

    def _translate(self, message: Message) -> tuple[Message | None, str]:
        """The message in canonical item codes, or None and why not. An unmapped code is never guessed."""
        if message.type not in BODIES:
            return None, f"unknown message type {message.type!r}"
        try:
            body_of(message)
        except msgspec.ValidationError as error:
            return None, f"bad body of {message.type}: {error}"
        code = message.data.get("item")
        if code is None:
            return message, ""
        item = self.network.canonical(message.source.split(".")[0], code)
        if item is None:
            return None, f"item code {code!r} of {message.source} is not mapped"
        return (message if item == code else msgspec.structs.replace(message, data={**message.data, "item": item})), ""

    # --- step ----------------------------------------------------------------------------------------------------
    def step(self, now_ms: int) -> Output:
        """Decide once on everything received since the last step, fire what is due, and say what to carry out."""
        for fact in sorted(self._batch, key=_batch_order):
            evolve(self.state, fact, now_ms)
        self._batch.clear()
        output = Output()
        self._expire(now_ms)
        self._take_answers(output, now_ms)
        self._decide(now_ms)
        self._dispatch(output, now_ms)
        output.wake_ms = self._wake(now_ms)
        return output

    def _record(self, fact: facts.Fact, kind: str, data: Any, now_ms: int) -> None:
        self.journal.append(now_ms, kind, data)
        evolve(self.state, fact, now_ms)

    def _expire(self, now_ms: int) -> None:
        for decided in list(self.state.decisions.values()):
            if decided.state == "pending" and 0 <= decided.expires_ms <= now_ms:
                self._record(facts.Expired(decided.id), "expired", decided.id, now_ms)

    def _decide(self, now_ms: int) -> None:
        outcome = decide(self.state, self.policy, now_ms)
        for fact in outcome.facts:
            evolve(self.state, fact, now_ms)
        for draft in outcome.drafts:
            self.journal.append(now_ms, "drafted", [draft.id, draft.scope, draft.workflow, draft.basis])
            self._ask(draft, now_ms)

    def _ask(self, draft: Draft, now_ms: int) -> None:
        """Ask the solver. Its answer is computed here and taken as a fact when it is due."""
        problem, staying = draft.payload.problem, draft.payload.case.staying
        draft.due_ms = now_ms + latency_ms(problem)
        kept = self.solver.solve(staying) if staying is not None else None
        self._answers.append((draft.due_ms, draft.id, (self.solver.solve(problem), kept)))

    def _take_answers(self, output: Output, now_ms: int) -> None:
        due = sorted((a for a in self._answers if a[0] <= now_ms), key=lambda a: (a[0], a[1]))
        self._answers = [a for a in self._answers if a[0] > now_ms]
        for _, draft_id, answers in due:
            draft = self.state.drafts.get(draft_id)
            if draft is None:
                continue
            said = [[a.bound_minor, a.duals, _milli(a.milli)] if a else None for a in answers]
            self.journal.append(now_ms, "plan.improved", [draft.id, draft.basis, said])
            fact = conclude(self.state, self.policy, draft, answers, now_ms)
            if isinstance(fact, facts.Concluded):
                self._record(fact, "concluded", msgspec.to_builtins(fact), now_ms)
                self._announce(output, fact.decision, now_ms)
            elif isinstance(fact, facts.Dropped):
                self._record(fact, "dropped", [fact.draft, fact.stale], now_ms)

    def _announce(self, output: Output, decision: Decision, now_ms: int) -> None:
        summary = headline(decision)
        if decision.state == "pending":
            need = decision.approval
            self._say(output, "approval.requested", decision.id, now_ms, {
                "proposal": decision.id, "action": need.action, "role": need.by,
                "extra_cost_minor": need.extra_cost_minor, "expires_ms": decision.expires_ms, "summary": summary,
            })  # fmt: skip
        data = {"decision": decision.id, "workflow": decision.workflow, "summary": summary, "state": decision.state}
        self._say(output, "decision.made", decision.id, now_ms, data)

    def _say(self, output: Output, kind: str, subject: str, now_ms: int, data: dict[str, Any]) -> None:
        self._sequence += 1
        output.messages.append(
            Message(
                id=f"engine-{self._sequence}", source="engine", type=kind, subject=subject, time_ms=now_ms, data=data,
                sequence=self._sequence, noticed_ms=now_ms, happened_ms=now_ms, correlation_id=subject,
            )
        )  # fmt: skip

    # --- outbox --------------------------------------------------------------------------------------------------
    def _dispatch(self, output: Output, now_ms: int) -> None:
        for sent in list(self.state.open_commands.values()):
            decided = self.state.decisions[sent.decision]
            if sent.state != "waiting" or decided.state != "executing" or not self._released(sent):
                continue
            command = Command(
                id=sent.id, target=TARGET, type=sent.type, time_ms=now_ms, not_after_ms=now_ms + COMMAND_LIFE_MS,
                data=sent.data, epoch=self.epoch, plan_hash=decided.plan_hash,
                approval_id=decided.approval_id, correlation_id=decided.id,
                causation_id=next(iter(decided.causes), decided.id),
            )  # fmt: skip
            self._record(facts.Dispatched(sent.id, command.not_after_ms), "dispatched", sent.id, now_ms)
            output.commands.append(command)

    def _released(self, sent: Sent) -> bool:
        return not sent.after or self.state.commands[sent.after].state == "done"

    def _wake(self, now_ms: int) -> int:
        times = [next_look_ms(self.state), *(due for due, _, _ in self._answers)]
        times += [d.expires_ms for d in self.state.decisions.values() if d.state == "pending" and d.expires_ms >= 0]
        later = [t for t in times if t > now_ms]
        return min(later, default=-1)

    # --- what people and tests ask -------------------------------------------------------------------------------
    def decisions(self) -> list[Decision]:
        """Decisions in the order of deciding, as they stand."""
        return list(self.state.decisions.values())

    def decision_hash(self) -> str:
        """One hash over all decisions and what became of them."""
        return hashlib.sha256(msgspec.json.encode(self.decisions())).hexdigest()

    def state_hash(self) -> str:
        """One hash over what the engine believes about the network."""
        s = self.state
        believed = (
            sorted(s.orders.items()), sorted(s.transfers.items()), sorted(s.production.items()),
            sorted(s.purchases.items()), sorted(s.shipments.items()), sorted(s.on_hand.items()),
            sorted(s.lines.items()), sorted(s.lanes.items()), sorted(s.commands.items()),
        )  # fmt: skip
        return hashlib.sha256(repr(believed).encode()).hexdigest()


def _milli(values: tuple[int, ...]) -> list[list[int]]:
    """A sparse spelling of an answer: [column, thousandths] where not 0."""
    return [[n, v] for n, v in enumerate(values) if v]


def _batch_order(fact: Message | Ack) -> tuple[int, str, int, str]:
    if isinstance(fact, Ack):
        return (1, fact.source, 0, fact.command)
    return (0, fact.source, fact.sequence, fact.id)
