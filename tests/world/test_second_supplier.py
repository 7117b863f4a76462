"""Local planners buy from the next of the list where the first is overdue or has put off; nobody else does."""

from pathlib import Path

import pytest

from plants.systems.channel import Fault
from scenarios.twin.assembly import WAYS, Twin, assemble
from tests.common.worlds import load

DAY = 86_400.0

BOUGHT = """\
items: [{{id: A, value: 10}}]
suppliers: [{{id: one, items: {{A: {{lead: 1d}}}}}}, {{id: two, items: {{A: {{lead: {lead}}}}}}}]
warehouses: [{{id: w, stock: {{A: 120}}, replenish: {{A: {{s: 80, S: 120, from: [one, two]}}}}}}]
lanes: [{{from: [one, two], to: w, time: 1d}}, {{from: w, to: c, time: 1h}}]
customers: [{{id: c, served_by: [w], orders: {{every: 1d, items: {{A: 1}}, quantity: 20, due: 2d}}}}]
"""


def world(folder: Path, row: str, way: str = "fragmented", lead: str = "1d") -> Twin:
    more = f"disruptions: [{{id: d, {row}}}]" if row else ""
    return assemble(load(folder, BOUGHT.format(lead=lead), "30d", more=more).scenario, way, 5)


def bought(twin: Twin, days: float = 30.0) -> list[tuple[float, str]]:
    """(day, supplier) of the purchases in the order of placing."""
    twin.env.advance(days * DAY)
    twin.finish()
    orders = [o for o in twin.network.book.orders.values() if o.kind == "purchase"]
    return [(round(o.ordered_ms / 1000 / DAY, 2), o.site) for o in orders]


def placed(twin: Twin, kpi: str, dimension: str) -> dict[str, float]:
    """Place -> value of a KPI, out of the table of KPIs."""
    table = twin.result().tables["kpis"]
    rows = zip(*(table[name] for name in ("kpi", "dimension", "id", "value")), strict=True)
    return {place: value for name, by, place, value in rows if (name, by) == (kpi, dimension)}


@pytest.mark.parametrize("way", WAYS)
def test_without_trouble_everybody_buys_from_the_first(tmp_path: Path, way: str) -> None:
    assert {site for _, site in bought(world(tmp_path, "", way))} == {"one"}


# 20 a day, 40 at a time every second day from day 2. What is bought of `one` on day 6 is promised for day 7; nothing
# has left more than a day later, so that the buyer turns to `two` on day 10, until what `one` owes has come.
def test_who_is_overdue_for_a_day_is_passed_over_until_it_has_delivered(tmp_path: Path) -> None:
    found = bought(world(tmp_path, "kind: supplier-down, target: one, at: 5d 06:00, for: 10d"))
    assert {site for day, site in found if day < 8.1} == {"one"}
    assert {site for day, site in found if 8.1 < day < 15} == {"two"}
    assert found[-1][1] == "one"


# Days 10, 12 and 14: three purchases of 40 pieces that people moved.
def test_what_people_buy_elsewhere_counts_as_rerouted(tmp_path: Path) -> None:
    down = "kind: supplier-down, target: one, at: 5d 06:00, for: 10d"
    for way in ("none", "fragmented"):
        twin = world(tmp_path, down, way)
        second = sum(site == "two" for _, site in bought(twin))
        kpis = twin.result().kpis
        assert kpis["orders_rerouted"] == second
        pieces = sum(o.quantity for o in twin.network.book.orders.values() if o.by == "planner")
        assert kpis["pieces_rerouted"] == pieces and (pieces > 0) is (way == "fragmented")
        for dimension, place in (("warehouse", "w"), ("item", "A")):
            assert placed(twin, "pieces_rerouted", dimension) == {place: pieces}
            assert placed(twin, "orders_rerouted", dimension) == {place: second}
        assert placed(twin, "orders_rerouted", "customer") == {"c": 0}
        # what is owned on its way is the lanes'
        on_lanes = sum(placed(twin, "carrying_cost", "lane").values())
        assert 0 < on_lanes == pytest.approx(kpis["total_cost"] - placed(twin, "total_cost", "warehouse")["w"])


@pytest.mark.parametrize("way", ["none", "synced"])
def test_the_static_rule_stays_with_the_first(tmp_path: Path, way: str) -> None:
    found = bought(world(tmp_path, "kind: supplier-down, target: one, at: 5d, for: 10d", way), 15.0)
    assert {site for _, site in found} == {"one"}


@pytest.mark.parametrize(("by", "turns"), [("5d", True), ("20h", False)])
def test_who_puts_off_by_more_than_a_day_is_passed_over_at_once(tmp_path: Path, by: str, turns: bool) -> None:
    found = bought(world(tmp_path, f"kind: supplier-late, target: one, item: A, by: {by}, at: 5d, for: 8d"), 14.0)
    assert ("two" in {site for _, site in found}) is turns
    if turns:
        first = next(day for day, site in found if site == "two")
        assert first <= 8  # the one after the first that was put off, not a day after it was due


def test_where_both_owe_the_first_is_asked(tmp_path: Path) -> None:
    twin = world(tmp_path, "kind: supplier-down, target: one, at: 5d, for: 20d", lead="9d")
    twin.systems.by_source["two.portal"].channel.faults.append(Fault("asn.sent", loses=1.0))
    found = bought(twin, 24.0)
    assert {site for _, site in found} == {"one", "two"}


def test_who_is_not_told_of_a_delay_finds_out_when_it_is_overdue(tmp_path: Path) -> None:
    twin = world(tmp_path, "kind: supplier-late, target: one, item: A, by: 6d, at: 5d, for: 8d")
    twin.systems.by_source["one.portal"].channel.faults.append(Fault("asn.delayed", loses=1.0))
    found = bought(twin, 14.0)
    first = next(day for day, site in found if site == "two")
    assert first >= 8
