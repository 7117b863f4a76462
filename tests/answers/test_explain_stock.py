"""Explain in networks that serve from stock: what a move adds, what a site could give, who reacted, what came when."""

import pytest
from msgspec.structs import replace

from scenarios.answers.explain.decision import in_time, plan_alternatives
from scenarios.answers.explain.explain import explain
from scenarios.answers.explain.explanation import Link
from scenarios.answers.explain.facts import Facts
from scenarios.answers.explain.moves import can, move_said, option_cost, option_timing
from sync.vocabulary import decisions as d
from tests.common.fabricated import DAY, HOUR, STOP, decision, order, run_result

MOVE = d.Move(
    "TO-12", "reroute", "GEARBOX-A", 2250, "lyon", "porto", "dc-west", 67_500, 3 * DAY, 2 * DAY, "TO-D8-3",
    (d.Replaced("TO-12", 1000),),
    (
        d.Option("lyon", d.NotMade()),
        d.Option("porto", d.CanSupply(34 * HOUR, 0, "porto.L1", 8 * HOUR), True, 22_000, 42 * HOUR, chosen=True),
        d.Option("dc-east", d.CanSupply(18 * HOUR, 42), True, 10_000, 18 * HOUR),
    ),
)  # fmt: skip


@pytest.fixture
def run():
    return run_result(reps=1, baseline=False)


def put(rep, table, **row):
    for name, column in rep.tables[table].items():
        column.append(row.get(name, "" if name in ("id", "data", "status", "reason") else 0))


def place(rep, **row):
    put(rep, "orders", **order(**row))


def test_a_move_says_what_it_replaces_and_what_it_adds(run):
    facts = Facts(run, run.replication("synced", 0))
    said = move_said(facts, MOVE)
    assert said == (
        "2,250 pcs of GEARBOX-A made at porto for dc-west (TO-D8-3): 1,000 of them instead of TO-12 from lyon,"
        " 1,250 more"
    )
    assert "from lyon" not in move_said(facts, replace(MOVE, replaces=()))


def test_a_site_that_cannot_give_the_quantity_says_what_it_could():
    porto, east = MOVE.options[1:]
    assert can(MOVE, porto) == "yes" and can(MOVE, east) == "42 of 2,250 in stock"
    assert option_cost(MOVE, east) == 4_200
    assert option_timing(MOVE, porto) == "first pieces after 42.0 h"


def test_the_sites_of_an_order_name_the_item_and_do_not_recommend_what_cannot_be_had(run):
    rep = run.replication("synced", 0)
    rep.decisions[0] = decision(moves=(MOVE,))
    told = explain(run, "TO-12")
    text = "\n".join(s for part in told.sections for s in part.sentences)
    assert "lyon does not make GEARBOX-A." in text
    assert "dc-east instead of porto in D-3: it could give only 42 of 2,250 in stock." in text


def test_plans_of_a_stock_network_are_called_forecasts_with_their_difference(run):
    facts = Facts(run, run.replication("synced", 0))
    part = plan_alternatives(facts, [decision(moves=(MOVE,))])
    assert "outlook of 12 days" in part.sentences[0]
    assert [row[3] for row in part.rows] == ["+1,890 EUR", "+90 EUR", ""]


def test_bounds_name_their_day_and_what_they_are_worth(run):
    run.replication("synced", 0).decisions[0] = decision(
        binding=(
            d.Binding("line", "porto.L1", 240_000, at_ms=16 * DAY + HOUR),
            d.Binding("components", "porto", 900, "HOUSING"),
        )
    )
    part = next(p for p in explain(run, "D-3").parts if p.key == "binding")
    assert part.sentences[0] == "porto.L1 on day 16 is full: one hour of the line more saves 2,400 EUR"
    assert part.sentences[1] == "HOUSING at porto is full: one 100 pieces more saves 9 EUR"


def test_revenue_is_unknown_without_item_values(run):
    exposure = d.Exposure(items=("NO-SUCH",), orders=("west-71",), orders_total=1)
    run.replication("synced", 0).decisions[0] = decision(exposure=exposure)
    part = next(p for p in explain(run, "D-3").parts if p.key == "exposure")
    assert part.sentences[0] == "1 customer order, revenue unknown (the items have no value)."


def test_a_negative_extra_cost_names_no_limit(run):
    need = replace(decision().approval, extra_cost_minor=-24_000)
    run.replication("synced", 0).decisions[0] = decision(approval=need)
    part = next(p for p in explain(run, "D-3").parts if p.key == "change")
    assert not any("limit of -" in sentence for sentence in part.sentences)


def test_within_an_instant_commands_come_before_answers_and_those_before_the_end():
    links = [Link(5, "engine", "done", 4), Link(5, "erp", "answers", 3), Link(5, "engine", "commands", 2)]
    assert [link.what for link in in_time(links)] == ["commands", "answers", "done"]


def test_many_commands_are_one_row_and_their_answers_another(run):
    rep = run.replication("synced", 0)
    for n in range(30):
        put(rep, "commands", id=f"D-3/{n + 2}", time_ms=16 * DAY, target="erp", type="order.resource", data="{}",
            ack_ms=16 * DAY + 1000, status="done", decision="D-3")  # fmt: skip
    what = [link.what for link in explain(run, "D-3").chain]
    assert "31 commands to erp (order.resource)" in what and "31 answered done (order.resource)" in what


def test_a_second_source_is_told_with_its_rule(run):
    rep = run.replication("fragmented", 0)
    place(rep, order="TO-13", kind="transfer", item="GEARBOX-A", quantity=300, site="porto", first_site="porto",
          target="dc-west", ordered_ms=STOP + 2 * HOUR, done_ms=18 * DAY, left_ms=17 * DAY)  # fmt: skip
    put(rep, "ledger", time_ms=18 * DAY, item="GEARBOX-A", lot="porto/9", quantity=300,
        **{"from": "transit:porto>dc-west", "to": "stock:dc-west"}, cause="TO-13")  # fmt: skip
    told = explain(run, "west-71", way="fragmented")
    rule = [link for link in told.chain if "rule 'second source'" in link.what]
    assert rule and rule[0].who == "planner of dc-west" and "at porto instead of lyon" in rule[0].what
    assert not any("No disruption" in sentence for sentence in told.summary)


def test_a_transfer_that_waited_for_a_stopped_line_is_trouble_although_it_came_after(run):
    told = explain(run, "west-71", way="none")
    assert "In its way: line-down lyon.L1." in told.summary


def test_supply_is_what_arrived_before_the_order_left(run):
    rep = run.replication("none", 0)
    for at, lot in ((18 * DAY, "lyon/1"), (19 * DAY + HOUR, "lyon/2")):
        put(rep, "ledger", time_ms=at, item="GEARBOX-A", lot=lot, quantity=200,
            **{"from": "transit:lyon>dc-west", "to": "stock:dc-west"}, cause="TO-12")  # fmt: skip
    what = [link.what for link in explain(run, "west-71", way="none").chain]
    assert [w for w in what if "arrives" in w] == ["TO-12 arrives at dc-west: 200 pcs"]
