"""The engine on a make-to-stock network: two makers, one warehouse, one of the makers stops."""

from types import SimpleNamespace

import pytest

from sync.core.hours import profile
from sync.core.policy import FINAL
from sync.core.projection import Projection, run_queue
from sync.core.state import ProductionOrder
from sync.vocabulary.decisions import CanSupply
from sync.vocabulary.master import LineData, MakeData
from sync.vocabulary.messages import body_of
from tests.common.engineworld import (
    ASK,
    DAY,
    HOUR,
    Host,
    NoSolver,
    customer_order,
    replenish,
    sell,
    stock,
    stocked_network,
    stop,
    stopped_line,
)


def test_a_stopped_line_has_its_work_made_elsewhere_and_taken_off_its_order() -> None:
    host = stopped_line()
    creates = [c for c in host.commands if c.type == "transfer_order.create"]
    reduces = [c for c in host.commands if c.type == "transfer_order.reduce"]
    assert creates, "nothing was rerouted"
    assert {c.data["source"] for c in creates} == {"beta"}
    assert all(c.data["quantity"] % 20 == 0 for c in creates), "not in whole lots"
    assert {c.data["order"] for c in reduces} <= {"TO-1"}
    assert sum(c.data["quantity"] for c in reduces) <= 300
    assert host.shell.decisions()[0].workflow == "line-stopped"


@pytest.mark.parametrize("solver", [None, NoSolver()], ids=["highs", "greedy alone"])
def test_the_greedy_repair_makes_the_same_kind_of_moves_as_the_solver(solver: NoSolver | None) -> None:
    decision = stopped_line(solver=solver).shell.decisions()[0]
    assert {m.kind for m in decision.moves} == {"reroute"}
    chosen = decision.chosen
    keep = decision.alternatives[0]
    assert chosen.cost_minor < keep.cost_minor


def test_the_solver_plan_is_never_dearer_than_the_greedy_one() -> None:
    plans = {a.plan: a.cost_minor for a in stopped_line().shell.decisions()[0].alternatives}
    assert plans["solver"] <= plans["greedy"]


def test_reductions_wait_until_the_order_that_replaces_them_is_accepted() -> None:
    host = stopped_line(answer="")
    assert {c.type for c in host.commands} == {"transfer_order.create"}


def test_a_refused_order_drops_its_reductions_and_is_tried_at_most_once_more() -> None:
    host = stopped_line(answer="refused")
    assert {c.type for c in host.commands} == {"transfer_order.create"}
    assert len({c.correlation_id for c in host.commands}) <= 2
    assert {d.state for d in host.shell.decisions()} == {"handed"}


def test_a_short_machine_breakdown_and_a_short_stop_reroute_nothing() -> None:
    host = Host(stocked_network())
    sell(host, 10)
    replenish(host, "TO-1", 300, 10 * DAY - HOUR)
    host.tell("dc.wms", "stock.posted", stock("dc", 400), 10 * DAY - HOUR)
    host.tell("alpha.mes", "machine.stopped", {"machine": "alpha.L1.press", "reason": "jam"}, 10 * DAY)
    stop(host, "alpha.L1", 10 * DAY, HOUR // 2)
    host.run(10 * DAY, 10 * DAY + HOUR)
    assert host.commands == []


def test_an_undisturbed_network_is_left_alone() -> None:
    host = Host(stocked_network())
    sell(host, 10)
    host.tell("dc.wms", "stock.posted", stock("dc", 500), 10 * DAY)
    host.run(10 * DAY, 11 * DAY)
    assert host.commands == []


def test_what_is_commanded_counts_as_ordered_at_the_next_look() -> None:
    host = stopped_line()
    first = sum(c.data["quantity"] for c in host.commands if c.type == "transfer_order.create")
    for command in host.commands:
        if command.type == "transfer_order.create":
            replenish(host, command.data["order"], command.data["quantity"], 10 * DAY + HOUR, "beta")
    host.tell("erp", "transfer_order.changed", {"order": "TO-1", "quantity": 0}, 10 * DAY + HOUR)
    host.tell("erp", "production_order.changed", {"order": "PO-TO-1", "quantity": 0}, 10 * DAY + HOUR)
    host.run(10 * DAY + 2 * HOUR, 10 * DAY + 14 * HOUR)
    total = sum(c.data["quantity"] for c in host.commands if c.type == "transfer_order.create")
    assert total <= 2 * max(first, 300), "the same shortage was covered again"


def test_a_dear_reroute_waits_for_a_person_and_is_carried_out_when_approved() -> None:
    host = stopped_line(ASK)
    assert host.commands == []
    asked = next(m for m in host.messages if m.type == "approval.requested")
    assert host.shell.decisions()[0].state == "pending"
    at = 10 * DAY + HOUR // 2
    proposal = asked.data["proposal"]
    host.tell("people", "approval.given", {"proposal": proposal, "approved": True, "person": "planner"}, at)
    host.run(at, at + 1000)
    assert host.commands
    assert all(c.approval_id for c in host.commands)
    states = [h.state for h in host.shell.decisions()[0].history]
    assert states[:3] == ["pending", "approved", "executing"]


def test_an_announcement_says_what_changes_in_codes_and_numbers() -> None:
    host = stopped_line(ASK)
    asked, made = host.messages
    decision = host.shell.decisions()[0]
    assert asked.type == "approval.requested" and made.type == "decision.made"
    for message in (asked, made):
        body = body_of(message)
        assert body.changes == decision.changes() and body.unservable == 0  # type: ignore[attr-defined]
    assert [(c.kind, c.site, c.count) for c in decision.changes()] == [
        (m.kind, m.to, m.quantity) for m in decision.moves
    ]


def test_the_engine_cannot_approve_what_it_asked_for() -> None:
    host = stopped_line(ASK)
    at = 10 * DAY + HOUR // 2
    host.tell("people", "approval.given", {"proposal": "D-1", "approved": True, "person": "engine"}, at)
    host.step(at)
    assert host.commands == []


def test_an_unanswered_proposal_expires_and_the_plan_in_force_stays() -> None:
    host = stopped_line(ASK)
    proposal = host.shell.decisions()[0].id
    host.step(10 * DAY + 2 * HOUR)
    assert host.shell.decisions()[0].state == "expired"
    body = {"proposal": proposal, "approved": True, "person": "planner"}
    host.tell("people", "approval.given", body, 10 * DAY + 3 * HOUR)
    host.step(10 * DAY + 3 * HOUR)
    assert host.commands == []


def test_a_newer_decision_supersedes_a_waiting_proposal() -> None:
    host = stopped_line(ASK)
    stop(host, "alpha.L1", 10 * DAY + HOUR // 2, 8 * DAY)
    host.run(10 * DAY + HOUR // 2, 10 * DAY + HOUR // 2 + 5000)
    states = [d.state for d in host.shell.decisions()]
    assert states == ["superseded", "pending"]
    assert states[0] in FINAL


def test_options_of_a_move_name_every_place_with_its_cost_or_the_reason_against_it() -> None:
    move = stopped_line().shell.decisions()[0].moves[0]
    options = {o.site: o for o in move.options}
    assert options["beta"].feasible
    assert options["beta"].chosen
    assert isinstance(options["beta"].reason, CanSupply)
    assert options["alpha"].reason


def test_customer_orders_at_risk_are_exposed_with_their_revenue() -> None:
    host = Host(stocked_network())
    sell(host, 10)
    host.tell("dc.wms", "stock.posted", stock("dc", 0), 10 * DAY - HOUR)
    host.tell("erp", "order.created", customer_order("late", 10 * DAY - HOUR, 10 * DAY, 100), 10 * DAY - HOUR)
    replenish(host, "TO-1", 300, 10 * DAY - HOUR)
    stop(host, "alpha.L1", 10 * DAY, 4 * DAY)
    host.run(10 * DAY, 10 * DAY + HOUR)
    exposure = host.shell.decisions()[0].exposure
    assert exposure.lines == ("alpha.L1",)
    assert {"TO-1", "late"} <= set(exposure.orders)
    assert exposure.customers == ("shop",)
    assert exposure.revenue_minor == 100 * 10_000


def test_a_solver_answer_about_a_world_that_is_gone_is_dropped_and_the_network_looked_at_again() -> None:
    host = Host(stocked_network())
    sell(host, 10)
    replenish(host, "TO-1", 300, 10 * DAY - HOUR)
    host.tell("dc.wms", "stock.posted", stock("dc", 200), 10 * DAY - HOUR)
    host.step(10 * DAY - HOUR)
    stop(host, "alpha.L1", 10 * DAY, 4 * DAY)
    due = host.step(10 * DAY).wake_ms
    assert 10 * DAY < due < 10 * DAY + 1000
    host.tell("alpha.mes", "line.resumed", {"line": "alpha.L1"}, 10 * DAY + 1)
    host.run(due, due + 1000)
    kinds = [entry.kind for entry in host.journal.entries()]
    assert "dropped" in kinds
    assert host.commands == [], "the line runs again: nothing needs to be moved"


def test_a_stop_without_an_estimate_is_planned_to_last_as_long_again() -> None:
    host = Host(stocked_network())
    sell(host, 10)
    replenish(host, "TO-1", 300, 10 * DAY - HOUR)
    host.tell("dc.wms", "stock.posted", stock("dc", 700), 10 * DAY - HOUR)
    stop(host, "alpha.L1", 10 * DAY, -1)
    host.run(10 * DAY, 10 * DAY + HOUR)
    assert host.commands == []
    host.tell("dc.wms", "stock.posted", stock("dc", 100), 13 * DAY)
    host.run(13 * DAY, 13 * DAY + 6 * HOUR)
    assert {c.data["source"] for c in host.commands if c.type == "transfer_order.create"} == {"beta"}


def test_the_extra_cost_of_a_reroute_is_the_difference_between_the_two_lanes() -> None:
    decision = stopped_line().shell.decisions()[0]
    pieces = sum(m.quantity for m in decision.moves)
    assert decision.approval.extra_cost_minor == pieces * 50  # 1.50 instead of 1.00 a piece


def test_orders_are_promised_to_the_customers_dock_not_to_ours() -> None:
    state = stopped_line().shell.state
    assert {s.lead_ms for s in state.sales["dc", "X"]} == {2 * DAY - 4 * HOUR}


def test_a_reduction_that_is_done_leaves_less_on_order() -> None:
    host = stopped_line()
    cut = sum(c.data["quantity"] for c in host.commands if c.type == "transfer_order.reduce")
    assert 0 < cut <= 300
    assert host.shell.state.transfers["TO-1"].outstanding == 300 - cut


@pytest.mark.parametrize(("pieces", "days"), [(999, 90), (7_000, 90), (7_001, 90), (40_000_000_001, 90), (90_000, 1)])
def test_the_effort_of_a_projection_does_not_grow_with_the_number_written(pieces: int, days: int) -> None:
    """A piece in half a second: what the windows reach is made, lot by lot for the first thousand lots."""
    make = MakeData(item="A", lot=7, setup_ms=0, piece_ms_x1000=500_000)
    line = LineData(id="p.L", site="p", makes=(make,), open_ms=((0, days * DAY),))
    network = SimpleNamespace(lines={"p.L": line}, make={("p.L", "A"): make})
    view = Projection(0, profiles={"p.L": profile(line.open_ms, 0, 0, 1_000_000, -1)})
    order = ProductionOrder("PO-1", "p", "p.L", "A", pieces, pieces, "TO-1", 1)
    made: dict[str, list[tuple[int, int]]] = {}
    run_queue(SimpleNamespace(network=network), view, "p.L", [order], cuts={}, made=made)  # type: ignore[arg-type]
    done, fits = made["TO-1"], days * DAY // 500
    assert len(done) <= 15_000 and all(at == 500 * sum(n for _, n in done[: k + 1]) for k, (at, _) in enumerate(done))
    assert {n for _, n in done[:999]} <= {7, pieces % 7}
    assert view.work["p.L"] == pieces * 500
    if pieces <= fits:
        assert sum(n for _, n in done) == pieces and view.finish["PO-1"] == pieces * 500
    else:
        assert view.finish["PO-1"] == -1 and 0.5 * fits < sum(n for _, n in done) <= fits
