"""The pure core: what it may import, line capacity, the state machine of proposals, and evolve on any messages."""

import ast
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import sync.core
from sync.core.evolve import RULES, believe
from sync.core.hours import profile
from sync.core.network import Network
from sync.core.policy import FINAL, TRANSITIONS, advance, approval_need, needs_person
from sync.core.problem import Answer, Column, Need, Problem
from sync.core.repair import greedy, round_to_whole
from sync.core.state import initial
from sync.shell.solver import Highs
from sync.vocabulary.decisions import Decision, HistoryStep
from sync.vocabulary.messages import BODIES, Message
from sync.vocabulary.policy import Approval, Policy
from tests.common.engineworld import DAY, HOUR, stocked_network

FORBIDDEN = {"asyncio", "sqlite3", "time", "random", "uuid", "logging", "highspy", "datetime", "os", "numpy"}


def test_the_core_imports_neither_clock_nor_chance_nor_disk_nor_solver() -> None:
    for path in sorted(Path(sync.core.__path__[0]).glob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}
        names |= {n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)}
        assert not {n.split(".")[0] for n in names} & FORBIDDEN, path.name


def test_every_rule_answers_a_message_type_that_exists() -> None:
    assert set(RULES) <= set(BODIES.values())


# --- capacity ------------------------------------------------------------------------------------------------------
def test_work_waits_for_the_stop_to_end_and_for_the_shift_to_begin() -> None:
    shifts = tuple((d * DAY + 6 * HOUR, d * DAY + 22 * HOUR) for d in range(10))
    free = profile(shifts, 0, 0, 1_000_000, -1)
    assert free.finish(HOUR) == 7 * HOUR
    assert free.finish(17 * HOUR) == DAY + 7 * HOUR
    assert profile(shifts, 0, 2 * DAY, 1_000_000, -1).finish(HOUR) == 2 * DAY + 7 * HOUR
    assert free.finish(1000 * HOUR) == -1


def test_a_line_at_half_speed_takes_twice_as_long() -> None:
    slow = profile(((0, 100 * HOUR),), 0, 0, 500_000, 10 * HOUR)
    assert slow.finish(2 * HOUR) == 4 * HOUR
    assert slow.finish(6 * HOUR) == 11 * HOUR


@settings(derandomize=True, max_examples=60)
@given(st.integers(0, 100), st.integers(0, 100), st.integers(1, 1_000_000), st.integers(0, 100), st.integers(1, 60))
def test_finish_and_work_before_are_inverse(now: int, down: int, ppm: int, slow: int, work: int) -> None:
    shifts = tuple((d * 24 + 6, d * 24 + 22) for d in range(9))
    line = profile(shifts, now, down, ppm, slow)
    done = line.finish(work)
    if done >= 0:
        assert line.work_before(done) >= work
        assert line.work_before(done - 1) < work


# --- problem -------------------------------------------------------------------------------------------------------
problems = st.lists(
    st.tuples(st.integers(1, 30), st.lists(st.tuples(st.integers(0, 900), st.integers(0, 3)), min_size=1, max_size=5)),
    min_size=1, max_size=5,
)  # fmt: skip


@settings(derandomize=True, max_examples=40, deadline=None)
@given(problems, st.lists(st.integers(0, 40), min_size=4, max_size=4))
def test_plans_cover_no_need_twice_and_overdraw_no_row(
    wanted: list[tuple[int, list[tuple[int, int]]]], room: list[int]
) -> None:
    problem = Problem()
    rows = [problem.row(f"r{n}", capacity) for n, capacity in enumerate(room)]
    for n, (units, ways) in enumerate(wanted):
        need = problem.need(Need(f"n{n}", units, (n,), 10_000_000))
        for cost, row in ways:
            problem.columns.append(Column(need, cost * 10_000, ((rows[row], 1),), "make", f"s{row}", "", 0))
    answer = Highs().solve(problem)
    assert isinstance(answer, Answer)
    first, best = greedy(problem), round_to_whole(problem, answer)
    for plan in (first, best):
        for n, (units, _) in enumerate(wanted):
            assert sum(q for c, q in zip(problem.columns, plan, strict=True) if c.need == n) <= units
        for row, capacity in enumerate(room):
            assert sum(q for c, q in zip(problem.columns, plan, strict=True) if c.uses[0][0] == row) <= capacity
        assert problem.cost_minor(plan) >= answer.bound_minor - 1
    assert problem.cost_minor(best) <= problem.cost_minor(first) + 1


# --- proposals -----------------------------------------------------------------------------------------------------
EVENTS = sorted({event for _, event in TRANSITIONS})


@settings(derandomize=True, max_examples=80)
@given(st.lists(st.sampled_from(EVENTS), max_size=8))
def test_a_proposal_follows_its_table_and_never_leaves_an_end(events: list[str]) -> None:
    decision = Decision(id="D-1", time_ms=0, workflow="line-stopped", approval=approval_need(Policy(), "reroute", 0))
    for now, event in enumerate(events):
        before = decision
        decision = advance(before, event, now, "planner")
        assert (decision is not before) == ((before.state, event) in TRANSITIONS)
        assert decision is before or before.state not in FINAL
        assert decision is before or decision.history[-1] == HistoryStep(decision.state, now, "planner")


def test_every_state_of_the_table_is_an_end_or_has_a_way_on() -> None:
    reached = {step for steps in TRANSITIONS.values() for step in steps[-1:]}
    left = {state for state, _ in TRANSITIONS}
    assert reached - left == set(FINAL)


def test_who_is_asked_depends_on_the_limit_and_by_default_everyone_is() -> None:
    assert needs_person(Approval(), -500)
    assert not needs_person(Approval(-1), 10**9)
    assert not needs_person(Approval(2_000), 1_999)
    assert needs_person(Approval(2_000), 2_000)


# --- evolve ----------------------------------------------------------------------------------------------------------
ids = st.sampled_from(["TO-1", "TO-2", "c-1", "PO-1", "PU-1"])
amount = st.integers(0, 50)
bodies = st.one_of(
    st.tuples(st.just("order.created"), st.fixed_dictionaries({
        "order": ids, "customer": st.just("shop"), "item": st.just("X"), "quantity": st.integers(1, 50),
        "ordered_ms": amount, "due_ms": amount, "site": st.sampled_from(["dc", "alpha"])})),
    st.tuples(st.just("order.delivered"), st.fixed_dictionaries({"order": ids, "quantity": amount})),
    st.tuples(st.just("transfer_order.created"), st.fixed_dictionaries({
        "order": ids, "item": st.just("X"), "quantity": amount, "source": st.just("alpha"), "target": st.just("dc"),
        "ordered_ms": amount, "due_ms": amount})),
    st.tuples(st.just("transfer_order.changed"), st.fixed_dictionaries({"order": ids, "quantity": amount})),
    st.tuples(st.just("production_order.released"), st.fixed_dictionaries({
        "order": ids, "site": st.just("alpha"), "line": st.just("alpha.L1"), "item": st.just("X"), "quantity": amount,
        "for_order": ids})),
    st.tuples(st.just("production_order.changed"), st.fixed_dictionaries({"order": ids, "quantity": amount})),
    st.tuples(st.just("production_order.completed"), st.fixed_dictionaries({"order": ids, "quantity": amount})),
    st.tuples(st.just("production.confirmed"), st.fixed_dictionaries({
        "order": ids, "line": st.just("alpha.L1"), "item": st.just("X"), "lot": st.just("l"), "good": amount,
        "scrap": amount, "remaining": amount})),
    st.tuples(st.sampled_from(["transfer.departed", "shipment.departed"]), st.fixed_dictionaries({
        "shipment": ids, "order": ids, "item": st.just("X"), "quantity": amount, "source": st.just("alpha"),
        "target": st.just("dc"), "on_hand": amount, "eta_ms": amount})),
    st.tuples(st.just("transfer.arrived"), st.fixed_dictionaries({
        "shipment": ids, "order": ids, "item": st.just("X"), "quantity": amount, "target": st.just("dc")})),
    st.tuples(st.just("receipt.posted"), st.fixed_dictionaries({
        "site": st.just("dc"), "item": st.just("X"), "quantity": amount, "on_hand": amount, "order": ids})),
    st.tuples(st.just("purchase_order.created"), st.fixed_dictionaries({
        "order": ids, "item": st.just("Y"), "quantity": amount, "supplier": st.just("s"), "target": st.just("beta")})),
    st.tuples(st.just("material.consumed"), st.fixed_dictionaries({
        "order": ids, "line": st.just("beta.L1"), "item": st.just("Y"), "quantity": amount})),
    st.tuples(st.just("line.resumed"), st.fixed_dictionaries({"line": st.just("alpha.L1")})),
)  # fmt: skip


@settings(derandomize=True, max_examples=150, deadline=None)
@given(st.lists(bodies, max_size=30))
def test_evolve_takes_any_messages_in_any_order_and_no_open_quantity_is_negative(
    told: list[tuple[str, dict[str, object]]],
) -> None:
    state = initial(Network(stocked_network()))
    for n, (kind, data) in enumerate(told):
        message = Message(id=str(n), source="any", type=kind, subject="", time_ms=n, data=dict(data))
        believe(state, message, n)
    assert all(o.quantity > o.left >= 0 for o in state.orders.values())
    assert all(t.outstanding >= 0 for t in state.transfers.values())
    assert all(p.remaining >= 0 for p in state.production.values())
    assert all(p.remaining > 0 for p in state.purchases.values() if p.remaining)
    assert all(quantity >= 0 for quantity in state.on_hand.values())


def test_a_copy_of_the_state_lives_its_own_life() -> None:
    state = initial(Network(stocked_network()))
    copy = state.copy()
    body = {"site": "dc", "item": "X", "quantity": 0, "on_hand": 1, "reason": "count"}
    believe(copy, Message(id="1", source="dc.wms", type="stock.posted", subject="", time_ms=0, data=body), 0)
    assert state.on_hand["dc", "X"] == 400
    assert copy.network is state.network
