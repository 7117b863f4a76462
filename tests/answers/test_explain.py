"""Explain: a chain of causes, the alternatives with their costs, and what would have to change."""

import pytest

from scenarios.answers.explain.explain import explain
from scenarios.errors import UnknownName
from tests.common.fabricated import BACK, DAY, STOP, run_result


@pytest.fixture(scope="module")
def run():
    return run_result(reps=1, baseline=False)


def said(told):
    return "\n".join([*told.summary, *(s for p in told.sections for s in [*p.sentences, *map(str, p.rows)])])


def test_a_moved_order_is_told_from_order_to_delivery(run):
    told = explain(run, "west-71")
    what = [link.what for link in told.chain]
    assert "orders 40 pcs of GEARBOX-A; dc-west is to serve it, due day 18 00:00" in what
    assert any("commands erp: order.resource west-71 to dc-east" in w for w in what)
    assert any("answers done" in w for w in what)
    assert "It was moved from dc-west to dc-east." in told.summary
    assert [link.time_ms for link in told.chain] == sorted(link.time_ms for link in told.chain)
    assert "on time" in told.summary[0]


def test_the_alternatives_have_costs(run):
    text = said(explain(run, "west-71"))
    assert "44 EUR" in text and "960 EUR" in text and "no open route" in text
    assert "dc-west instead of dc-east in D-3: 916 EUR dearer" in text
    assert "would have been asked with a limit of 44 EUR or less" in text


def test_a_late_order_names_the_disruption_and_what_it_cost(run):
    run.ways["none"][0].tables["ledger"] = {
        "time_ms": [19 * DAY], "item": ["GEARBOX-A"], "lot": [""], "quantity": [600], "from": ["transit:lyon>dc-west"],
        "to": ["stock:dc-west"], "cause": ["TO-12"],
    }  # fmt: skip
    told = explain(run, "west-71", way="none")
    assert "2.0 d late, which cost 960 EUR" in told.summary[0]
    assert "It waited for TO-12 and PO-12." in told.summary
    assert "In its way: line-down lyon.L1." in told.summary
    assert any(link.time_ms == STOP and "line-down lyon.L1" in link.what for link in told.chain)
    assert any(link.time_ms == BACK and "is over" in link.what for link in told.chain)
    assert "lyon.L1 back before about day 15 06:00" in said(told)


def test_an_unservable_order_says_why_and_what_would_help(run):
    told = explain(run, "west-72")
    assert "No plant could serve it: only lyon makes GEARBOX-B" in said(told)
    assert "another plant that makes GEARBOX-B" in said(told)


def test_a_decision_is_told_with_trigger_exposure_alternatives_and_bounds(run):
    told = explain(run, "d-3")
    assert [p.key for p in told.parts] == ["exposure", "alternatives", "moves", "binding", "change"]
    text = said(told)
    assert "publishes line.stopped lyon.L1, expected to last 3.0 d" in text
    assert "porto.L1 on day 15 is full" in text
    assert "'greedy repair' would have been chosen if it were more than 90 EUR cheaper." in text
    assert "262,400 EUR of revenue" in text


def test_why_not_answers_from_the_options_and_from_the_network(run):
    assert "cannot: no open route" in said(explain(run, "west-71", why_not="porto"))
    assert "cannot: no open route" in said(explain(run, "D-3", why_not="PORTO"))
    with pytest.raises(UnknownName, match="did you mean 'brno'"):
        explain(run, "west-71", why_not="brnoo")


def test_an_unknown_name_gets_the_nearest_one(run):
    with pytest.raises(UnknownName, match="did you mean 'west-71'"):
        explain(run, "west-71x")
    with pytest.raises(UnknownName, match="no replication 9"):
        explain(run, "west-71", rep=9)
    run_of_none = run_result(reps=1, baseline=False)
    del run_of_none.ways["synced"]
    with pytest.raises(UnknownName, match="add --way none"):
        explain(run_of_none, "west-71")


def test_the_json_has_the_chain_and_every_part(run):
    doc = explain(run, "west-71").to_json()
    assert {"kind", "name", "way", "summary", "chain", "options", "alternatives", "change"} <= set(doc)
    assert {"time_ms", "who", "what"} == set(doc["chain"][0])
    assert doc["options"]["rows"][0]["site"] == "dc-east"
