"""Approvals: who may answer, what a change of mind or of the world does to a proposal, and which limit a plan meets."""

import pytest

from sync.core.policy import strictest
from sync.vocabulary.policy import Approval, Policy
from tests.common.engineworld import DAY, HOUR, stopped_line

ASK = Policy({"reroute": Approval(0, "planner", 6 * HOUR), "transfer": Approval(0, "planner", 6 * HOUR)})


def answer(host, proposal: str, at_ms: int, *, approved: bool = True, person: str = "planner", source: str = "people"):
    body = {"proposal": proposal, "approved": approved, "person": person, "reason": ""}
    host.tell(source, "approval.given", body, at_ms)
    host.run(at_ms, at_ms + 1000)
    return next(d.state for d in host.shell.decisions() if d.id == proposal)


def pending():
    host = stopped_line(ASK)
    decision = host.shell.decisions()[-1]
    assert decision.state == "pending" and not host.commands
    return host, decision.id


@pytest.mark.parametrize(("person", "source"), [("engine", "people"), ("janitor", "people"), ("planner", "alpha.mes")])
def test_only_the_role_that_was_asked_may_approve(person: str, source: str) -> None:
    host, proposal = pending()
    assert answer(host, proposal, 10 * DAY + HOUR, person=person, source=source) == "pending"
    assert answer(host, proposal, 10 * DAY + HOUR + 2000) in ("executing", "done")


def test_a_yes_after_a_no_changes_nothing() -> None:
    host, proposal = pending()
    assert answer(host, proposal, 10 * DAY + HOUR, approved=False) == "rejected"
    before = len(host.commands)
    assert answer(host, proposal, 10 * DAY + HOUR + 2000) == "rejected"
    assert len(host.commands) == before


def test_a_proposal_falls_when_its_reason_does() -> None:
    host, proposal = pending()
    at = 10 * DAY + HOUR
    host.tell("alpha.mes", "line.resumed", {"line": "alpha.L1"}, at)
    host.run(at, at + 1000)
    state = next(d.state for d in host.shell.decisions() if d.id == proposal)
    assert state == "superseded"
    assert answer(host, proposal, at + HOUR) == "superseded"
    assert not host.commands


def test_a_plan_of_several_kinds_meets_the_limit_of_the_one_that_needs_a_person() -> None:
    policy = Policy({"reroute": Approval(-1, "planner", -1), "transfer": Approval(0, "buyer", -1)})
    assert strictest(policy, {"reroute": 500, "transfer": 10}).action == "transfer"
    assert strictest(policy, {"reroute": 500}).action == "reroute"
