"""The engine on made-to-order networks: classes of orders, servability, and how near it comes to the max-flow bound."""

from typing import Any

import networkx as nx

from sync.vocabulary.decisions import LineDown, NoRoute, QueueEnds, SiteReason
from sync.vocabulary.master import MasterData
from tests.common.engineworld import DAY, Host, order_network

RATES = {"big": 6, "mid": 3, "small": 2}
MAKES = {"big": ["A", "B", "C"], "mid": ["B", "C"], "small": ["C"]}
SERVES = {"small": ["C"]}
ITEMS = ["A"] * 14 + ["B"] * 10 + ["C"] * 6


def network() -> MasterData:
    return order_network(RATES, MAKES, SERVES)


def order(name: str, item: str, site: str = "big") -> dict[str, Any]:
    return {
        "order": name, "customer": "C", "item": item, "quantity": 5, "ordered_ms": 0, "due_ms": 2 * DAY, "site": site,
        "penalty_minor": 100_000, "penalty_per": "order", "weight_g": 1000, "port": "port", "transit_ms": DAY,
    }  # fmt: skip


def book(host: Host, items: list[str], now_ms: int = 1000) -> None:
    """All orders on `big`, with their production orders."""
    for n, item in enumerate(items):
        name = f"o{n:02}"
        host.tell("erp", "order.created", order(name, item), now_ms)
        host.tell("erp", "production_order.released", {
            "order": f"PO-{n:02}", "site": "big", "line": "big.L1", "item": item, "quantity": 5, "for_order": name,
        }, now_ms)  # fmt: skip


def places(host: Host, items: list[str]) -> dict[str, list[str]]:
    """Site -> orders made there in the end."""
    where = {f"o{n:02}": "big" for n in range(len(items))}
    where |= {c.data["order"]: c.data["site"] for c in host.commands}
    found: dict[str, list[str]] = {}
    for name, site in sorted(where.items()):
        found.setdefault(site, []).append(name)
    return found


def days_bound(items: list[str]) -> int:
    """The least number of days in which max flow makes all orders."""
    for days in range(1, 40):
        graph = nx.DiGraph()
        for item in sorted(set(items)):
            graph.add_edge("source", item, capacity=items.count(item))
            for plant in RATES:
                if item in MAKES[plant]:
                    graph.add_edge(item, plant, capacity=len(items))
        for plant, rate in RATES.items():
            graph.add_edge(plant, "sink", capacity=rate * days)
        if nx.maximum_flow_value(graph, "source", "sink") == len(items):
            return days
    raise AssertionError("never")


def test_thirty_orders_on_three_plants_are_done_as_early_as_max_flow_allows() -> None:
    host = Host(network())
    book(host, ITEMS)
    host.run(1000, 2 * 60_000 + 2000)
    taken = max(-(-len(orders) // RATES[site]) for site, orders in places(host, ITEMS).items())
    assert taken == days_bound(ITEMS) == 3
    assert host.shell.decisions()[0].workflow == "order-at-risk"


def test_orders_keep_to_the_plants_that_make_their_item() -> None:
    host = Host(network())
    book(host, ITEMS)
    host.run(1000, 2 * 60_000 + 2000)
    for site, orders in places(host, ITEMS).items():
        assert {ITEMS[int(name[1:])] for name in orders} <= set(MAKES[site])


def test_orders_only_a_dead_plant_makes_are_unservable_each_with_its_reason() -> None:
    host = Host(network())
    book(host, ITEMS)
    body = {"line": "big.L1", "reason": "fire", "since_ms": 0, "expected_ms": 40 * DAY}
    host.tell("big.mes", "line.stopped", body, 1000)
    host.run(1000, 5000)
    decision = host.shell.decisions()[0]
    assert decision.workflow == "line-stopped"
    assert {u.order for u in decision.unservable} == {f"o{n:02}" for n in range(14)}
    assert {(u.item, u.sites) for u in decision.unservable} == {
        ("A", (SiteReason("big", LineDown("big.L1", 40 * DAY)),))
    }
    assert len(decision.moves) == 16


def test_a_customer_a_plant_may_not_serve_is_no_way_out() -> None:
    host = Host(order_network({"big": 1, "mid": 9}, {"big": ["A"], "mid": ["A"]}, {"mid": ["somebody else"]}))
    book(host, ["A"] * 9)
    host.run(1000, 70_000)
    assert host.commands == []


def test_a_closed_port_makes_everything_behind_it_unservable() -> None:
    host = Host(network())
    book(host, ["A", "B"])
    body = {"lane": "port>C", "since_ms": 0, "expected_ms": 40 * DAY}
    host.tell("tms", "lane.closed", body, 1000)
    host.run(1000, 5000)
    decision = host.shell.decisions()[0]
    assert decision.workflow == "lane-closed"
    assert {u.order for u in decision.unservable} == {"o00", "o01"}
    assert all(isinstance(s.reason, NoRoute) for u in decision.unservable for s in u.sites)


def test_every_move_points_to_a_class_that_names_all_plants_with_costs_or_reasons() -> None:
    host = Host(network())
    book(host, ITEMS)
    host.run(1000, 2 * 60_000 + 2000)
    decision = host.shell.decisions()[0]
    assert decision.moves
    for move in decision.moves:
        options = decision.options_of(move)
        assert {o.site for o in options} == set(RATES)
        assert [o.site for o in options if o.chosen] == [move.to]
        assert all(o.feasible == isinstance(o.reason, QueueEnds) for o in options)
        assert move.late_ms_after <= move.late_ms_before


def test_an_order_erp_refuses_to_move_is_asked_for_once() -> None:
    host = Host(network())
    host.answer = "refused"
    book(host, ITEMS)
    host.run(1000, 10 * 60_000)
    asked = [c.data["order"] for c in host.commands]
    assert len(asked) == len(set(asked))


def test_nothing_is_moved_when_everything_is_in_time() -> None:
    host = Host(network())
    book(host, ["A", "B", "C"])
    host.run(1000, 2 * DAY)
    assert host.commands == []
    assert host.shell.decisions() == []
