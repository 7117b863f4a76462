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
from typing import Any

from sync.core import policy as approvals
from sync.core.facts import Concluded, Drafted, Dropped, Fact, Judged, Looked, Withdrawn
from sync.core.plan import Case, Plan
from sync.core.problem import Answer, Problem
from sync.core.projection import Projection, project
from sync.core.repair import greedy, round_to_whole
from sync.core.state import Decided, Draft, Sent, State, Trigger
from sync.core.workflows import APPLIES, RECONSIDER_MS, REVIEW_MS, RULES, SETTLE_MS, WORKFLOWS, workflow_of
from sync.vocabulary.policy import Policy

CAUSES = 20  # messages a periodic look names as its triggers, at most
Answers = tuple[Answer | None, Answer | None]


@dataclass
class Payload:
    """What a draft carries: the case, its greedy quantities, and the problem the solver is asked (days beyond the
    greedy answer's last are cut off: `asked` maps its columns back)."""

    case: Case
    greedy: list[int]
    problem: Problem
    asked: list[int]


@dataclass
class Outcome:
    """Facts to record, and drafts whose problems go to the solver."""

    facts: list[Fact] = field(default_factory=list)
    drafts: list[Draft] = field(default_factory=list)


def decide(state: State, policy: Policy, now_ms: int) -> Outcome:
    """Look at the network when something asks for it. Changes nothing; the caller records the outcome."""
    outcome = Outcome()
    triggers = tuple(sorted(state.triggers, key=lambda t: (t.workflow, t.target, t.message)))
    review = now_ms >= state.review_ms
    news = state.news_ms >= 0 and now_ms >= state.news_ms + SETTLE_MS
    if state.drafts or not (triggers or review or news):
        return outcome  # a draft is answered within a moment; what came meanwhile is looked at then, with its triggers
    next_ms = (now_ms // REVIEW_MS + 1) * REVIEW_MS if review else state.review_ms
    outcome.facts.append(Looked(next_ms))
    view: Projection | None = None
    for scope in WORKFLOWS[workflow_of(triggers)]:
        asked = news if scope == "orders" else review
        if not triggers and not (asked and not pending(state, scope) and not refused(state, scope, now_ms)):
            continue
        if not APPLIES[scope](state):
            outcome.facts += [Judged(())] if scope == "orders" and news else []
            continue
        view = view or project(state, now_ms)
        case = RULES[scope](state, view)
        if scope == "orders":
            outcome.facts.append(Judged(tuple(getattr(case, "unservable", {}).items())))
        if case is None:
            outcome.facts += [Withdrawn(scope)] if triggers and pending(state, scope) else []
        else:
            outcome.drafts.append(_draft(state, case, triggers, now_ms, len(outcome.drafts)))
    outcome.facts += [Drafted(d) for d in outcome.drafts]
    return outcome


def pending(state: State, scope: str) -> bool:
    """Whether a proposal for the scope waits for a person: then only a new disruption makes a new one."""
    return any(d.scope == scope and d.state == "pending" for d in state.decisions.values())


def refused(state: State, scope: str, now_ms: int) -> bool:
    """Whether a person lately said no in this scope: then only a new disruption makes a new proposal."""
    return any(
        d.scope == scope and d.state == "rejected" and now_ms - d.record["history"][-1]["time_ms"] < RECONSIDER_MS
        for d in state.decisions.values()
    )


def next_look_ms(state: State) -> int:
    """When `decide` has something to do next without any new fact."""
    times = [state.review_ms]
    if state.news_ms >= 0:
        times.append(state.news_ms + SETTLE_MS)
    return min(times)


def basis_of(state: State, scope: str) -> str:
    """A hash of what an answer rests on: lines, lanes, which commands are out, and which made-to-order work is open."""
    work = (len(state.orders), len(state.production), state.released) if scope == "orders" else ()
    text = repr((sorted(state.lines.items()), sorted(state.lanes.items()), sorted(state.open_commands), work))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _draft(state: State, case: Case, triggers: tuple[Trigger, ...], now_ms: int, offset: int) -> Draft:
    answer = greedy(case.problem)
    last = max((c.day for c, q in zip(case.problem.columns, answer, strict=True) if q), default=0)
    asked = [n for n, c in enumerate(case.problem.columns) if c.day <= last + 1]
    problem = case.problem.up_to_day(last + 1)
    retry = bool(triggers) and all(t.workflow == "command-refused" for t in triggers)
    if not triggers:
        text = "engine: promises later than due in the plan in force"
        exposed = case.exposure()
        places = ((s, i) for s in exposed["sites"] for i in exposed["items"])
        causes = [state.said[p] for p in places if p in state.said][:CAUSES]
        triggers = tuple(Trigger("orders-late", case.scope, m, f"{text} (last said: {said})") for m, said in causes)
        triggers = triggers or (Trigger("orders-late", case.scope, "", text),)
    case.label = f"D-{state.counter + 1 + offset}"
    return Draft(
        case.label,
        case.scope,
        workflow_of(triggers),
        triggers,
        basis_of(state, case.scope),
        now_ms,
        Payload(case, answer, problem, asked),
        retry,
    )


def conclude(state: State, policy: Policy, draft: Draft, answers: Answers, now_ms: int) -> Fact:
    """The decision on `draft`, given the solver's answers to the problem and to `case.staying` (None: it has none)."""
    if basis_of(state, draft.scope) != draft.basis:
        return Dropped(draft.id, stale=True)
    case: Case = draft.payload.case
    answer, staying = answers
    plans = [case.keep(staying), case.plan("greedy repair", draft.payload.greedy)]
    if answer is not None:
        plans.append(case.plan("solver plan", _whole(draft.payload, answer)))
    best = min(range(len(plans)), key=lambda n: (plans[n].cost_minor, -n))
    if plans[0].cost_minor - plans[best].cost_minor < case.min_gain():
        best = 0
    chosen = plans[best]
    if not chosen.moves and not case.has_news():
        return Dropped(draft.id)
    record = _record(draft, plans, best, answer, now_ms)
    record["policy_hash"] = digest(repr(sorted(policy.approvals.items())))
    record["approval"] = approvals.strictest(policy, chosen.extra_by)
    decided = Decided(draft.id, draft.scope, record, "proposed", retry=draft.retry)
    commands = tuple(_command(draft.id, n, step.type, step.data, step.after) for n, step in enumerate(chosen.steps, 1))
    record["commands"] = [c.id for c in commands]
    if record["approval"]["needed"] and commands:
        within = policy.approval(record["approval"]["action"]).within_ms
        decided.expires_ms = now_ms + within if within >= 0 else -1
        approvals.advance(decided, "submit", now_ms, approvals.REQUESTER)
    else:
        approvals.advance(decided, "automatic", now_ms, approvals.REQUESTER)
    return Concluded(decided, commands)


def _whole(payload: Payload, answer: Answer) -> list[int]:
    """The solver's answer in whole units, for all columns of the case."""
    asked = round_to_whole(payload.problem, answer)
    full = [0] * len(payload.case.problem.columns)
    for number, quantity in zip(payload.asked, asked, strict=True):
        full[number] = quantity
    return full


def _command(decision: str, number: int, kind: str, data: dict[str, Any], after: int) -> Sent:
    blocker = f"{decision}/{after + 1}" if after >= 0 else ""
    return Sent(f"{decision}/{number}", kind, data, blocker, decision=decision)


def _record(draft: Draft, plans: list[Plan], best: int, answer: Answer | None, now_ms: int) -> dict[str, Any]:
    """The decision as one JSON object. Money minor units. Moves of make-to-order orders point to `classes` by
    `options_of` (mean cost of the class, lateness at the end of the present queue); other moves carry `options`
    (cost per 100 pieces, time until goods could be there). `alternatives` of a stocking network cost the whole outlook,
    forecast demand included; those of made-to-order networks all open orders."""
    chosen, case = plans[best], draft.payload.case
    problem: Problem = draft.payload.problem
    duals = dict(sorted(answer.duals.items())) if answer else {}
    rows = {row.name: row for row in problem.rows}
    gap = None
    if answer is not None and best == len(plans) - 1:
        gap = max(problem.cost_minor(round_to_whole(problem, answer)) - answer.bound_minor, 0)
    return {
        "id": draft.id,
        "time_ms": now_ms,
        "workflow": draft.workflow,
        "title": case.headline(chosen),
        "trigger": [t.message for t in draft.triggers if t.message],
        "trigger_text": [t.text for t in draft.triggers],
        "exposure": case.exposure(),
        "alternatives": [
            {
                "title": p.title,
                "cost_minor": p.cost_minor,
                "late_minor": p.late_minor,
                "carry_minor": p.carry_minor,
                "moves": len(p.moves),
                "chosen": n == best,
            }
            for n, p in enumerate(plans)
        ],
        "moves": chosen.moves,
        "kept": chosen.kept[:200],
        "binding": [f"{name} is full: one {rows[name].what} more saves {d} minor units" for name, d in duals.items()],
        "duals": duals,
        "gap_minor": gap,
        "regret_minor": plans[0].cost_minor - chosen.cost_minor,
        "plan_hash": digest(repr([(s.type, sorted(s.data.items())) for s in chosen.steps])),
        "state": "proposed",
        "history": [],
        **case.extras(),
    }


def digest(text: str) -> str:
    """A short hash for policies and plans."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]
