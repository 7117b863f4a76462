"""Bounds and servability: small networks by hand, Brunel against the issue's table and an oracle without our code."""

from collections import Counter
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plants.definition import (
    AfterSpec,
    CustomerSpec,
    DisruptionSpec,
    FileOrderSpec,
    LaneSpec,
    LineSpec,
    MakeSpec,
    NetworkSpec,
    OrderStreamSpec,
    PlantSpec,
    ScenarioSpec,
    WarehouseSpec,
)
from scenarios.feasibility.bounds import Reach, best_days, bounds, completed, eligibility, servable
from scenarios.files.loader import load_scenario
from scenarios.importers.brunel import BrunelOptions, import_brunel
from sim.streams import Law, constant
from sync.vocabulary.tariff import Band, Tariff
from tests.common.oracle_brunel import brunel_folder, eligible_plants, read_tables, run_none

DAY = 86_400.0
BANDS = Tariff(bands=(Band("c", "DTP", 0, 1000, 0, 0, 0),))


def plant(name: str, rate: float, items: str, **more) -> PlantSpec:
    return PlantSpec(
        name, lines=(LineSpec("pack", tuple(MakeSpec(i) for i in items), rate_per_day=rate, counts="orders"),), **more
    )


def orders(count: int, item: str, where: str, service: str = "DTP") -> tuple[FileOrderSpec, ...]:
    port = {"A": "P", "B": "Q"}[where]
    return tuple(
        FileOrderSpec(f"{item}{n}", 0, item, 5, -1, service=service, plant=where, port=port) for n in range(count)
    )


def network(*order_lists: tuple[FileOrderSpec, ...], **changes) -> NetworkSpec:
    """A -> P -> north and B -> Q -> north; A makes x and y, B makes y only."""
    lanes = (LaneSpec("A", "P", constant(0)), LaneSpec("B", "Q", constant(0)))
    lanes += (LaneSpec("P", "north", None, BANDS), LaneSpec("Q", "north", None, BANDS))
    customers = (CustomerSpec("north", orders=sum(order_lists, ())),)
    plants, ports = (plant("A", 4, "xy"), plant("B", 2, "y")), (WarehouseSpec("P"), WarehouseSpec("Q"))
    return replace(NetworkSpec("n", plants=plants, warehouses=ports, lanes=lanes, customers=customers), **changes)


def scenario(net: NetworkSpec, *disruptions: DisruptionSpec) -> ScenarioSpec:
    return ScenarioSpec("s", net, horizon_s=10 * DAY, disruptions=disruptions)


def whole(kind: str, target: str, **extra) -> DisruptionSpec:
    return DisruptionSpec(f"{kind}-{target}", kind, target, 0.0, constant(10 * DAY), extra=extra)


def test_days_and_first_day_are_those_of_the_best_assignment():
    found = bounds(scenario(network(orders(4, "x", "A"), orders(8, "y", "A"))))
    assert (found.orders_total, found.servable, found.best_days, found.first_day_max) == (12, 12, 2, 6)
    assert (found.none_served, found.none_days) == (12, 3)
    assert "2 days" in found.lines()[1]


def test_a_plant_that_is_down_is_named_with_its_product():
    found = servable(scenario(network(orders(1, "x", "A"), orders(1, "y", "A")), whole("plant-down", "A")))
    assert found == {"x0": "only A makes x, and A is down for the whole horizon", "y0": ""}


def test_a_closed_port_is_named_as_what_closes_the_way():
    found = servable(scenario(network(orders(1, "x", "A")), whole("site-closed", "P")))
    closed = "the way from A to north is closed: P is closed for the whole horizon"
    assert found == {"x0": f"only A makes x, and {closed}"}


def test_a_closed_lane_a_stopped_line_and_a_rule_each_give_their_reason():
    cases = {
        "P>north is closed": scenario(network(orders(1, "x", "A")), whole("lane-closed", "P>north")),
        "A.pack is down": scenario(network(orders(1, "x", "A")), whole("line-down", "A.pack")),
        "A may not deliver to north": scenario(network(orders(1, "x", "A"), plants=(plant("A", 4, "x", serves=()),))),
        "no lane leads from A to north": scenario(network(orders(1, "x", "A"), lanes=())),
        "no plant makes z": scenario(network(orders(1, "z", "A"))),
    }
    for says, case in cases.items():
        assert says in servable(case)[next(iter(servable(case)))]
        assert bounds(case).servable == 0


def test_plants_with_the_same_reason_share_its_words():
    net = network(orders(1, "y", "A"))
    down = (whole("plant-down", "A"), whole("plant-down", "B"))
    assert servable(scenario(net, *down))["y0"] == "A and B make y, and A and B are down for the whole horizon"


def test_a_port_without_rates_carries_own_freight_only():
    empty = Tariff(bands=())
    lanes = (LaneSpec("A", "P", constant(0)), LaneSpec("P", "north", None, empty))
    net = network(orders(1, "x", "A", "CRF"), orders(1, "y", "A"), lanes=lanes)
    found = servable(scenario(net))
    assert found["x0"] == ""
    assert "no lane from A to north has a carrier for service DTP" in found["y0"]


@pytest.mark.parametrize(
    "passing",
    [
        DisruptionSpec("d", "plant-down", "A", 1.0, constant(10 * DAY)),
        DisruptionSpec("d", "plant-down", "A", 0.0, constant(9 * DAY)),
        DisruptionSpec("d", "plant-down", "A", 0.0, Law("exponential", (99 * DAY,))),
        DisruptionSpec("d", "plant-down", "A", 0.0, None, until="other"),
        DisruptionSpec("d", "plant-down", "A", None, None, AfterSpec("other")),
    ],
)
def test_a_disruption_that_may_end_or_begins_later_leaves_everything_servable(passing: DisruptionSpec):
    case = scenario(network(orders(1, "x", "A")), passing)
    assert servable(case) == {"x0": ""}
    assert "d (shorter than the horizon)" in bounds(case).note


def test_a_slow_plant_counts_by_its_factor_and_factor_zero_is_down():
    slow = bounds(scenario(network(orders(8, "x", "A")), whole("plant-slow", "A", factor=0.5)))
    assert (slow.best_days, slow.none_days, slow.first_day_max) == (4, 4, 2)
    assert bounds(scenario(network(orders(8, "x", "A")), whole("plant-slow", "A", factor=0.0))).servable == 0


def test_a_rate_is_counted_as_it_is_written_in_decimal():
    assert completed({("l",): 99}, Reach(scenario(network(plants=(plant("l", 0.7, "x"),)))).line_rates, 10) == 0
    rates = {"l": Fraction("0.7")}
    assert (completed({("l",): 99}, rates, 10), best_days({("l",): 7}, rates)) == (7, 10)


def test_drawn_orders_and_machine_lines_get_a_sentence_instead_of_a_number():
    drawn = CustomerSpec("north", stream=OrderStreamSpec(constant(60.0), {"x": 1.0}, constant(1), constant(DAY)))
    found = bounds(scenario(network(customers=(drawn,))))
    assert found.servable is None and "orders read from files" in found.lines()[0]
    machines = replace(plant("A", 4, "x"), lines=(LineSpec("pack", (MakeSpec("x"),), rate_per_day=None),))
    found = bounds(scenario(network(orders(2, "x", "A"), plants=(machines,))))
    assert (found.servable, found.best_days) == (2, None) and "A.pack is not a plain rate" in found.note


def test_an_order_that_names_no_plant_may_come_from_stock():
    net = network(
        (FileOrderSpec("o", 0, "z", 1, -1),), warehouses=(WarehouseSpec("P", stock={"z": 3}), WarehouseSpec("Q"))
    )
    assert servable(scenario(net)) == {"o": ""}
    assert bounds(scenario(net)).best_days is None


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.dictionaries(st.sets(st.sampled_from("abc"), min_size=1).map(lambda s: tuple(sorted(s))), st.integers(1, 30)),
    st.fixed_dictionaries({name: st.integers(1, 7) for name in "abc"}),
)
def test_the_days_are_the_least_in_which_hall_s_condition_holds(classes, rates):
    exact = {name: Fraction(rate) for name, rate in rates.items()}
    days = best_days(classes, exact)

    def fits(n: int) -> bool:  # every group of lines has room for the orders that only it can take
        groups = [set(g) for g in ("a", "b", "c", "ab", "ac", "bc", "abc")]
        return all(
            sum(c for lines, c in classes.items() if set(lines) <= g) <= n * sum(rates[x] for x in g) for g in groups
        )

    assert days is not None and fits(days) and (days == 0 or not fits(days - 1))


# --- Brunel ------------------------------------------------------------------------------------------------------
CASES = {  # scenario: (oracle's arguments, servable, best days, first day, served by none, days of none)
    "brunel": ({}, 9215, 7, 2444, 9215, 9),
    "brunel-plant03-half": ({"slow": {"PLANT03": "0.5"}}, 9215, 14, 1937, 9215, 17),
    "brunel-plant03-out": ({"down": ("PLANT03",)}, 2347, 7, 1431, 674, None),
    "brunel-port04-closed": ({"closed": ("PORT04",)}, 1913, 7, 1125, 174, None),
}


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("brunel")
    import_brunel(brunel_folder(), out, BrunelOptions())
    return out


@pytest.mark.parametrize("name", CASES)
def test_brunel_reaches_the_bounds_of_the_issue_and_agrees_with_the_oracle(imported: Path, name: str):
    changes, can, best, first, none_served, none_days = CASES[name]
    case = load_scenario(str(imported / f"{name}.yaml")).scenario
    found = bounds(case)
    assert (found.servable, found.best_days, found.first_day_max) == (can, best, first)
    assert (found.none_served, found.none_days) == (none_served, none_days)
    tables = read_tables()
    oracle = run_none(tables, **changes)
    assert (oracle["orders_served"], oracle["clear_days"]) == (none_served, none_days)
    assert oracle["orders_total"] - oracle["orders_unservable"] == can
    hit = {key: value for key, value in changes.items() if key != "slow"}
    eligible, reach = eligible_plants(tables, **hit), Reach(case)
    for customer in case.network.customers:
        for order in customer.orders:
            reasons = reach.eligibility(order.item, customer.id, order.service)
            assert sorted(p for p, reason in reasons.items() if not reason) == eligible[order.id]


def test_each_unservable_brunel_order_has_a_reason_that_names_every_plant_making_it(imported: Path):
    case = load_scenario(str(imported / "brunel-plant03-out.yaml")).scenario
    reasons = servable(case)
    stuck = {order: reason for order, reason in reasons.items() if reason}
    assert len(stuck) == 6868
    assert Counter(reason.startswith("only PLANT03 makes ") for reason in stuck.values())[True] == 5769
    makers: dict[str, set[str]] = {}
    for row in read_tables()["ProductsPerPlant"]:
        makers.setdefault(row["Product ID"], set()).add(row["Plant Code"])
    for customer in case.network.customers:
        for order in customer.orders:
            if order.id in stuck:
                named = {name for name in makers[order.item] if name in stuck[order.id]}
                assert named == makers[order.item] - {"CND9"}
    customer = next(customer for customer in case.network.customers if customer.orders)
    assert set(eligibility(case, customer.orders[0], customer.id)) <= {plant.id for plant in case.network.plants}
