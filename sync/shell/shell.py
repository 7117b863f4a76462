"""The shell around the core: receive > record > evolve > decide > (approve) > record > dispatch. Time is always given.

The host calls `receive` for every message when it arrives, `acknowledge` for every answer, and `step` once per instant
after all of that instant's facts, and again at `wake_ms`. Facts of one instant are taken in in an order of their own
(source, sequence, id), so the order in which they came does not matter.

Whatever changes the state is a fact and goes through `_record`: journal first, then state. A shell that is given the
journal of another goes on where that one ended.
"""

from collections import deque
from dataclasses import dataclass, field

from msgspec import to_builtins
from msgspec.structs import replace

from sync.core import facts
from sync.core.decide import Answers, Work, conclude, decide, next_look_ms
from sync.core.evolve import evolve
from sync.core.network import Network
from sync.core.problem import Answer
from sync.core.spelling import sha256
from sync.core.state import Draft, Sent, State, initial
from sync.shell.archive import Archive, MemoryArchive
from sync.shell.inbox import Inbox
from sync.shell.journal import Journal, fact_of
from sync.shell.solver import Solver, latency_ms
from sync.vocabulary.commands import Ack, Command, plain
from sync.vocabulary.decisions import Decision
from sync.vocabulary.master import MasterData
from sync.vocabulary.messages import ENGINE, ApprovalRequested, Body, DecisionMade, Message
from sync.vocabulary.policy import Policy
from sync.vocabulary.quantities import MS_PER_H

COMMAND_LIFE_MS = MS_PER_H  # a command that was not executed by then is void
# A source that sends what nobody reads does so with every message: the last show how, and the journal has all of them.
LETTERS = 1_000


@dataclass
class Output:
    """What a step asks the host to carry out. wake_ms: call `step` again then, -1: never without a new fact."""

    commands: list[Command] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    wake_ms: int = -1


@dataclass(frozen=True)
class DeadLetter:
    """A message the engine could not take: kept whole, with the code and what it is about (facts.DeadLettered)."""

    message: Message
    code: str
    about: str
    time_ms: int


class Shell:
    """One engine. `dead_letters`: the last LETTERS messages refused, in order of arrival, out of `dead`. epoch,
    first: which engine it is in a series, and the number its decisions count from, for a journal that is empty."""

    def __init__(
        self, master: MasterData, policy: Policy, journal: Journal, solver: Solver, epoch: int = 1, first: int = 0,
        archive: Archive | None = None,
    ) -> None:  # fmt: skip
        self.master, self.policy, self.journal, self.solver = master, policy, journal, solver
        self.network = Network(master)
        self.state: State = initial(self.network)
        self.archive: Archive = archive or MemoryArchive()
        self.dead_letters: deque[DeadLetter] = deque(maxlen=LETTERS)
        self.dead = 0
        self._inbox = Inbox(self.network)
        self._works: dict[str, tuple[Work, Answers]] = {}  # draft -> what it is computed from, and the answers to come
        entries = journal.entries()
        for entry in entries:
            self._know(fact_of(entry), entry.time_ms)
        if not entries:
            self._record(facts.Started(epoch, first), 0)

    def _record(self, fact: facts.Fact, now_ms: int) -> None:
        self.journal.append(now_ms, fact)
        self._know(fact, now_ms)

    def _know(self, fact: facts.Fact, now_ms: int) -> None:
        """What a recorded fact changes: the state, and beside it the inbox's memory and the archive."""
        evolve(self.state, fact, now_ms)
        if isinstance(fact, facts.Heard):
            self._inbox.saw(fact.message)
        elif isinstance(fact, facts.DeadLettered):
            self._inbox.saw(fact.message)
            self.dead += 1
            self.dead_letters.append(DeadLetter(fact.message, fact.code, fact.about, now_ms))
        elif isinstance(fact, facts.Concluded):
            self.archive.keep(fact.decision)
        for decision in self.state.ended:
            self.archive.keep(decision)

    def lead(self, epoch: int, now_ms: int) -> None:
        """From here on commands carry `epoch`, the fencing token; decisions count on."""
        if epoch != self.state.epoch:
            self._record(facts.Started(epoch, self.state.counter), now_ms)

    # --- inbox ---------------------------------------------------------------------------------------------------
    def receive(self, message: Message, now_ms: int) -> bool:
        """Take a message. False: a repeat, the engine's own, or a dead letter."""
        fact = self._inbox.take(message)
        if fact is not None:
            self._record(fact, now_ms)
        return isinstance(fact, facts.Heard)

    def acknowledge(self, ack: Ack, now_ms: int) -> None:
        """Take a system's answer to a command."""
        self._record(facts.Answered(ack), now_ms)

    def take_in(self, now_ms: int) -> None:
        """Believe what was received; nothing is decided."""
        if self.state.inbox:
            self._record(facts.TakenIn(len(self.state.inbox)), now_ms)

    # --- step ----------------------------------------------------------------------------------------------------
    def step(self, now_ms: int) -> Output:
        """Decide once on everything received since the last step, fire what is due, and say what to carry out."""
        output = Output()
        self.take_in(now_ms)
        self._expire(now_ms)
        self._conclude(output, now_ms)
        self._decide(now_ms)
        self._dispatch(output, now_ms)
        output.wake_ms = self._wake(now_ms)
        return output

    def _expire(self, now_ms: int) -> None:
        for decision in list(self.state.decisions.values()):
            if decision.state == "pending" and 0 <= decision.expires_ms <= now_ms:
                self._record(facts.Expired(decision.id), now_ms)

    def _decide(self, now_ms: int) -> None:
        outcome = decide(self.state, self.policy, now_ms)
        for fact in outcome.facts:
            self._record(fact, now_ms)
        for work in outcome.works:
            self._draft(work, now_ms)

    def _draft(self, work: Work, now_ms: int) -> None:
        """Ask the solver. Its answer is computed here and taken as a fact when it is due."""
        work = Work(
            replace(work.draft, due_ms=now_ms + latency_ms(work.problem)), work.case, work.greedy, work.problem,
            work.asked,
        )  # fmt: skip
        self._record(facts.Drafted(work.draft), now_ms)
        staying = work.case.staying
        kept = self.solver.solve(staying) if staying is not None else None
        self._works[work.draft.id] = (work, (self.solver.solve(work.problem), kept))

    def _conclude(self, output: Output, now_ms: int) -> None:
        for draft in sorted(self.state.drafts.values(), key=lambda d: (d.due_ms, d.id)):
            if draft.id not in self._works:  # of an engine before us: its triggers are looked at again
                self._record(facts.Dropped(draft.id, stale=True), now_ms)
            elif draft.due_ms <= now_ms:
                self._answer(output, draft, now_ms)

    def _answer(self, output: Output, draft: Draft, now_ms: int) -> None:
        work, answers = self._works.pop(draft.id)
        self._record(facts.Improved(draft.id, draft.basis, *(_solved(a) for a in answers)), now_ms)
        fact = conclude(self.state, self.policy, work, answers, now_ms)
        self._record(fact, now_ms)
        if isinstance(fact, facts.Concluded):
            self._announce(output, fact.decision, now_ms)

    def _announce(self, output: Output, decision: Decision, now_ms: int) -> None:
        told, unservable = decision.changes(), len(decision.unservable)
        if decision.state == "pending":
            need = decision.approval
            asked = ApprovalRequested(
                proposal=decision.id, action=need.action, role=need.by, extra_cost_minor=need.extra_cost_minor,
                expires_ms=decision.expires_ms, changes=told, unservable=unservable,
            )  # fmt: skip
            self._say(output, decision.id, now_ms, asked)
        made = DecisionMade(
            decision=decision.id, workflow=decision.workflow, state=decision.state, changes=told, unservable=unservable
        )
        self._say(output, decision.id, now_ms, made)

    def _say(self, output: Output, subject: str, now_ms: int, body: Body) -> None:
        number = self.state.announced + 1
        message = Message(
            id=f"{ENGINE}-{number}", source=ENGINE, type=body.message_type, subject=subject, time_ms=now_ms,
            data=to_builtins(body), sequence=number, noticed_ms=now_ms, happened_ms=now_ms, correlation_id=subject,
        )  # fmt: skip
        self._record(facts.Announced(message), now_ms)
        output.messages.append(message)

    # --- outbox --------------------------------------------------------------------------------------------------
    def _dispatch(self, output: Output, now_ms: int) -> None:
        for sent in list(self.state.open_commands.values()):
            decision = self.state.decisions[sent.decision]
            if sent.state != "waiting" or decision.state != "executing" or not self._released(sent):
                continue
            command = Command(
                id=sent.id, target=sent.asks.executed_by, type=sent.asks.command_type, time_ms=now_ms,
                not_after_ms=now_ms + COMMAND_LIFE_MS, data=plain(sent.asks), epoch=self.state.epoch,
                plan_hash=decision.plan_hash, approval_id=decision.approval_id, correlation_id=decision.id,
                causation_id=next(iter(decision.causes), decision.id),
            )  # fmt: skip
            self._record(facts.Dispatched(sent.id, command.not_after_ms), now_ms)
            output.commands.append(command)

    def _released(self, sent: Sent) -> bool:
        return not sent.after or self.state.commands[sent.after].state == "done"

    def _wake(self, now_ms: int) -> int:
        times = [next_look_ms(self.state), *(d.due_ms for d in self.state.drafts.values())]
        times += [d.expires_ms for d in self.state.decisions.values() if d.state == "pending" and d.expires_ms >= 0]
        later = [t for t in times if t > now_ms]
        return min(later, default=-1)

    # --- what people and tests ask -------------------------------------------------------------------------------
    def decisions(self) -> list[Decision]:
        """Every decision in the order of deciding, as it stands."""
        return [self.state.decisions.get(d.id, d) for d in self.archive.decisions()]

    def decision_hash(self) -> str:
        """One hash over all decisions and what became of them."""
        return sha256(self.decisions())

    def state_hash(self) -> str:
        """One hash over the whole state."""
        return self.state.hash()


def _solved(answer: Answer | None) -> facts.Solved | None:
    if answer is None:
        return None
    milli = tuple((n, v) for n, v in enumerate(answer.milli) if v)
    return facts.Solved(len(answer.milli), milli, answer.bound_minor, answer.duals)
