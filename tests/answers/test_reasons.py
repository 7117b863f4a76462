"""Every code the engine may write has words, and they say its numbers."""

import pytest
from msgspec import Struct

from scenarios.answers.reasons import PLANS, approval_said, binding_said, reason_said, trigger_said, unservable_said
from sync.core.policy import approval_need
from sync.core.workflows import WORKFLOWS
from sync.vocabulary import decisions as d
from sync.vocabulary.policy import Approval, Policy
from tests.common.engineworld import DAY, HOUR, stopped_line

REASONS = {
    d.NotMade(): "does not make X",
    d.NoneInStock(): "none in stock",
    d.NoRoute(): "no open route",
    d.NotAllowed("shop"): "may not deliver to shop (VMI)",
    d.LineDown("lyon.L1", 17 * DAY): "line lyon.L1 down until day 17",
    d.NoCapacity(): "no capacity left",
    d.QueueEnds(16 * DAY + 1, "port"): "its queue ends on day 16 by port",
    d.QueueEnds(-1): "queue beyond the horizon",
    d.CanSupply(34 * HOUR, 0, "lyon.L1", 8 * HOUR): "lyon.L1 is free in 8.0 h; transit 34.0 h",
    d.CanSupply(18 * HOUR, 42): "42 in stock; transit 18.0 h",
}


@pytest.mark.parametrize("reason", REASONS, ids=repr)
def test_a_reason_has_words(reason: d.Reason) -> None:
    assert reason_said(reason, "X") == REASONS[reason]


def test_no_reason_is_without_words() -> None:
    assert {type(reason) for reason in REASONS} == set(d.Reason.__args__)


def test_an_unservable_order_says_why_for_each_place_and_for_many_orders_at_once() -> None:
    closed = d.SiteReason("north", d.NotAllowed("shop"))
    found = d.Unservable("o1", "X", (closed, d.SiteReason("south", d.NoRoute())))
    assert unservable_said(found) == ("north, south make X: north: may not deliver to shop (VMI); south: no open route")
    assert unservable_said(d.Unservable("o1", "X", (closed,)), "their product", "their customer") == (
        "only north makes their product: north: may not deliver to their customer (VMI)"
    )
    assert unservable_said(d.Unservable("o1", "X")) == "no plant makes X"


@pytest.mark.parametrize("code", [code for workflow in WORKFLOWS for code in workflow.triggers])
def test_a_trigger_has_words(code: str) -> None:
    said = trigger_said(d.Trigger(code, "lyon.L1", "m-1", "lyon.mes", "line.stopped", "lyon.L1"))
    assert "lyon.mes" in said


@pytest.mark.parametrize(
    ("limit", "extra", "said"),
    [
        (-1, 500, "reroute is always automatic"),
        (0, 500, "every reroute needs planner"),
        (400, 500, "extra cost 5 EUR is not below the limit of 4 EUR for reroute"),
        (600, 500, "extra cost 5 EUR is below the limit of 6 EUR for reroute"),
    ],
)
def test_an_approval_says_its_limit(limit: int, extra: int, said: str) -> None:
    assert approval_said(approval_need(Policy({"reroute": Approval(limit)}), "reroute", extra), "EUR") == said


def test_what_a_real_decision_says_has_words_everywhere() -> None:
    decision = stopped_line().shell.decisions()[0]
    assert {a.plan for a in decision.alternatives} <= set(PLANS)
    assert all(binding_said(b, "EUR").endswith("EUR") for b in decision.binding)
    assert all(isinstance(part, Struct) for part in (*decision.moves, *decision.kept, *decision.triggers))


@pytest.mark.parametrize("kind", ["line", "stock", "on_order", "components"])
def test_a_limit_has_words(kind: str) -> None:
    assert " is full: one " in binding_said(d.Binding(kind, "lyon", 100, "X", 16 * DAY), "EUR")
