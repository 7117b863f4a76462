"""`decide(state, policy, now)`: what to look at; `conclude(...)`: what to do about it. Pure; integers; no clock.

Two stages. `decide` drafts: it states the problem and holds a greedy answer that is safe to execute at once. The
solver's answer is due a little later (a time computed from the problem's size), comes back as a fact and is merged in
`conclude`: keep, greedy repair and solver plan are priced exactly and the cheapest is executed; without an answer the
greedy repair stands. When the world it was asked about is gone (`basis` differs) the draft is dropped and its triggers
are looked at again. So nothing is dispatched before the solver had its say, a fraction of a second of virtual time;
this spares the network a first set of commands that a second would take back.
"""

import hashlib
from dataclasses import dataclass, field

from msgspec.structs import replace

from sync.core import policy as approvals
from sync.core.facts import Concluded, Dropped, Fact, Judged, Looked, Withdrawn
from sync.core.plan import Case, Plan, Step
from sync.core.problem import Answer, Problem
from sync.core.projection import Projection, project
from sync.core.repair import greedy, round_to_whole
from sync.core.state import Draft, Sent, State
from sync.core.workflows import RECONSIDER_MS, REVIEW_MS, SCOPES, SETTLE_MS, Scope, workflow_of
from sync.vocabulary.commands import plain
from sync.vocabulary.decisions import Alternative, Binding, Decision, Trigger
from sync.vocabulary.policy import Policy

CAUSES = 20  # messages a periodic look names as its triggers, at most
KEPT = 200  # late orders that stay, named in a decision, at most
Answers = tuple[Answer | None, Answer | None]


@dataclass(frozen=True)
class Work:
    """What a draft is computed from: the case, its greedy quantities, and the problem the solver is asked (days beyond
    the greedy answer's last are cut off: `asked` maps its columns back). Live objects over the state: no fact, and gone
    with the process."""

    draft: Draft
    case: Case
    greedy: list[int]
    problem: Problem
    asked: list[int]


@dataclass
class Outcome:
    """Facts to record, then drafts to record (with the instant their answer is due) and to ask the solver about."""

    facts: list[Fact] = field(default_factory=list)
    works: list[Work] = field(default_factory=list)


def decide(state: State, policy: Policy, now_ms: int) -> Outcome:
    """Look at the network when something asks for it. Changes nothing; the caller records the outcome."""
    outcome = Outcome()
    triggers = tuple(sorted(state.triggers, key=lambda t: (t.code, t.target, t.message)))
    review = now_ms >= state.review_ms
    news = state.news_ms >= 0 and now_ms >= state.news_ms + SETTLE_MS
    if state.drafts or not (triggers or review or news):
        return outcome  # a draft is answered within a moment; what came meanwhile is looked at then, with its triggers
    next_ms = (now_ms // REVIEW_MS + 1) * REVIEW_MS if review else state.review_ms
    outcome.facts.append(Looked(next_ms))
    view: Projection | None = None
    for scope in workflow_of(triggers).scopes:
        asked, waits = news if scope.on_news else review, pending(state, scope.name)
        if not triggers and not (asked and not waits and not refused(state, scope.name, now_ms)):
            continue
        if not scope.applies(state):
            outcome.facts += [Judged(())] if scope.on_news and news else []
            continue
        view = view or project(state, now_ms)
        case = scope.rule(state, view)
        if scope.on_news:
            outcome.facts.append(Judged(case.judged() if case else ()))
        if case is None:
            outcome.facts += [Withdrawn(scope.name)] if triggers and waits else []
        else:
            outcome.works.append(_work(state, scope, case, triggers, len(outcome.works)))
    return outcome


def pending(state: State, scope: str) -> bool:
    """Whether a proposal for the scope waits for a person: then only a new disruption makes a new one."""
    return any(d.scope == scope and d.state == "pending" for d in state.decisions.values())


def refused(state: State, scope: str, now_ms: int) -> bool:
    """Whether a person lately said no in this scope: then only a new disruption makes a new proposal."""
    return scope in state.refused_ms and now_ms - state.refused_ms[scope] < RECONSIDER_MS


def next_look_ms(state: State) -> int:
    """When `decide` has something to do next without any new fact."""
    times = [state.review_ms]
    if state.news_ms >= 0:
        times.append(state.news_ms + SETTLE_MS)
    return min(times)


def basis_of(state: State, scope: str) -> str:
    """A hash of what an answer rests on: lines, lanes, which commands are out, and what the scope adds."""
    more = SCOPES[scope].basis(state)
    return digest(repr((sorted(state.lines.items()), sorted(state.lanes.items()), sorted(state.open_commands), more)))


def _work(state: State, scope: Scope, case: Case, triggers: tuple[Trigger, ...], offset: int) -> Work:
    answer = greedy(case.problem)
    last = max((c.day for c, q in zip(case.problem.columns, answer, strict=True) if q), default=0)
    asked = [n for n, c in enumerate(case.problem.columns) if c.day <= last + 1]
    problem = case.problem.up_to_day(last + 1)
    retry = bool(triggers) and all(t.code == "command-refused" for t in triggers)
    triggers = triggers or _evidence(state, scope, case)
    case.label = f"D-{state.counter + 1 + offset}"
    basis = basis_of(state, scope.name)
    draft = Draft(case.label, scope.name, workflow_of(triggers).name, triggers, basis, retry=retry)
    return Work(draft, case, answer, problem, asked)


def _evidence(state: State, scope: Scope, case: Case) -> tuple[Trigger, ...]:
    """What a periodic look names as its triggers: the last news about the places it found late."""
    exposed = case.exposure()
    places = ((site, item) for site in exposed.sites for item in exposed.items)
    said = [state.said[place] for place in places if place in state.said][:CAUSES]
    found = tuple(Trigger("orders-late", scope.name, s.message, s.source, s.type, s.subject) for s in said)
    return found or (Trigger("orders-late", scope.name),)


def conclude(state: State, policy: Policy, work: Work, answers: Answers, now_ms: int) -> Concluded | Dropped:
    """The decision on a draft, given the solver's answers to the problem and to `case.staying` (None: it has none)."""
    draft, case = work.draft, work.case
    if basis_of(state, draft.scope) != draft.basis:
        return Dropped(draft.id, stale=True)
    answer, staying = answers
    plans = [case.keep(staying), case.plan("greedy", work.greedy)]
    if answer is not None:
        plans.append(case.plan("solver", _whole(work, answer)))
    best = min(range(len(plans)), key=lambda n: (plans[n].cost_minor, -n))
    if plans[0].cost_minor - plans[best].cost_minor < case.min_gain():
        best = 0
    chosen = plans[best]
    if not chosen.moves and not case.has_news():
        return Dropped(draft.id)
    decision = _decision(work, plans, best, answer, policy, now_ms)
    commands = tuple(_command(draft.id, n, step) for n, step in enumerate(chosen.steps, 1))
    if not decision.approval.needed or not commands:
        return Concluded(approvals.advance(decision, "automatic", now_ms, approvals.REQUESTER), commands)
    within = policy.approval(decision.approval.action).within_ms
    decision = replace(decision, expires_ms=now_ms + within if within >= 0 else -1)
    return Concluded(approvals.advance(decision, "submit", now_ms, approvals.REQUESTER), commands)


def _whole(work: Work, answer: Answer) -> list[int]:
    """The solver's answer in whole units, for all columns of the case."""
    asked = round_to_whole(work.problem, answer)
    full = [0] * len(work.case.problem.columns)
    for number, quantity in zip(work.asked, asked, strict=True):
        full[number] = quantity
    return full


def _command_id(decision: str, number: int) -> str:
    return f"{decision}/{number}"


def _command(decision: str, number: int, step: Step) -> Sent:
    blocker = _command_id(decision, step.after + 1) if step.after >= 0 else ""
    return Sent(_command_id(decision, number), step.asks, blocker, decision=decision)


def _decision(work: Work, plans: list[Plan], best: int, answer: Answer | None, policy: Policy, now_ms: int) -> Decision:
    """The chosen plan as a decision that nobody has been asked about yet."""
    chosen, draft, case, problem = plans[best], work.draft, work.case, work.problem
    gap = None
    if answer is not None and best == len(plans) - 1:
        gap = max(problem.cost_minor(round_to_whole(problem, answer)) - answer.bound_minor, 0)
    return Decision(
        id=draft.id,
        time_ms=now_ms,
        workflow=draft.workflow,
        scope=draft.scope,
        triggers=draft.triggers,
        exposure=case.exposure(),
        alternatives=tuple(
            Alternative(p.kind, p.cost_minor, p.late_minor, p.carry_minor, len(p.moves), n == best)
            for n, p in enumerate(plans)
        ),
        moves=tuple(chosen.moves),
        kept=tuple(chosen.kept[:KEPT]),
        classes=case.classes(),
        unservable=case.newly_unservable(),
        binding=_binding(problem, answer),
        gap_minor=gap,
        plan_hash=digest(repr([(s.asks.command_type, sorted(plain(s.asks).items())) for s in chosen.steps])),
        approval=approvals.strictest(policy, chosen.extra_by),
        commands=tuple(_command_id(draft.id, n) for n, _ in enumerate(chosen.steps, 1)),
        retry=draft.retry,
    )


def _binding(problem: Problem, answer: Answer | None) -> tuple[Binding, ...]:
    """Limits that were full, the dearest first."""
    rows = {row.name: row for row in problem.rows}
    duals = sorted(answer.duals.items(), key=lambda dual: (-dual[1], dual[0])) if answer else ()
    return tuple(Binding(rows[n].kind, rows[n].place, saves, rows[n].item, rows[n].at_ms) for n, saves in duals)


def digest(text: str) -> str:
    """A short hash."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
