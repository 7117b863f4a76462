"""Keys of the second round: modes of lanes, prices, costs, seasons, trends. What a file says is what the world gets."""

from pathlib import Path

import pytest

from scenarios.errors import InputError
from scenarios.files.loader import Loaded, load_scenario

NETWORK = """\
version: 1
network: n
costs: {carrying: CARRY}
items: [{id: A, price: 12.5, value: 10}]
plants:
  - id: p
    stock: {A: 5}
    lines: [{id: L, rate: 10/d, makes: [{item: A, cost: 1.25/pcs, setup_cost: 40, prefer: true}]}]
lanes:
  - {from: p, to: c, time: 2d}
  - {from: p, to: c, time: 1d, mode: air, cost: 5/pcs, reports_loss_after: 6h, ships: whole, refund: 0.25}
customers:
  - id: c
    at: [48.1, 11.6]
    served_by: [p]
    orders:
      {every: 1d, items: {A: 1}, quantity: 3, due: 4d, trend: TREND, season: {weekly: WEEK, yearly: {Jan: 0.8, Dec: 2}}}
"""
SCENARIO = "version: 1\nscenario: s\nnetwork: net.yaml\nhorizon: 9d\n"


def load(folder: Path, *, network: str = NETWORK, scenario: str = SCENARIO, **put: str) -> Loaded:
    """The scenario, its network with CARRY, TREND and WEEK put in."""
    for name, value in {"CARRY": "15%/a", "TREND": "2%/a", "WEEK": "[1, 1, 1, 1, 1, 0, 0.5]", **put}.items():
        network = network.replace(name, value)
    (folder / "net.yaml").write_text(network)
    (folder / "sc.yaml").write_text(scenario)
    return load_scenario("sc.yaml", at=folder)


def test_what_a_file_says_is_what_the_world_gets(tmp_path: Path) -> None:
    net = load(tmp_path).network
    assert net.carrying == 0.15 and net.items[0].price_minor == 1250
    make = net.plants[0].lines[0].makes[0]
    assert (make.cost_micro, make.setup_cost_minor, make.prefer) == (1_250_000, 4_000, 1)
    slow, fast = net.lanes
    assert [lane.id for lane in net.lanes] == ["p>c", "p>c:air"]
    assert (slow.reports_loss_after_s, slow.ships, slow.refund) == (86_400.0, "pieces", 0.0)
    assert (fast.reports_loss_after_s, fast.ships, fast.refund) == (21_600.0, "whole", 0.25)
    stream = net.customers[0].stream
    assert stream is not None and net.customers[0].at == (48.1, 11.6)
    assert stream.trend == 0.02 and stream.weekly == (1, 1, 1, 1, 1, 0, 0.5)
    assert stream.monthly == (0.8, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 2)


@pytest.mark.parametrize(
    ("written", "share"), [("20%/a", 0.2), ("0.2/a", 0.2), ("0.2", 0.2), ("7.5 % / a", 0.075), ("0", 0)]
)
def test_a_share_per_year_has_several_spellings(tmp_path: Path, written: str, share: float) -> None:
    assert load(tmp_path, CARRY=written, TREND=written).network.carrying == share


@pytest.mark.parametrize(
    ("key", "written", "said"),
    [
        ("CARRY", "-1%/a", "'-1%/a' is outside the range. allowed: a share per year such as 20%/a, from 0% to 1000%"),
        ("CARRY", "20", "20 is outside the range"),
        ("CARRY", "20%/m", "'20%/m' is not a share per year"),
        ("TREND", "-95%/a", "from -90% to 1000%"),
        ("WEEK", "[1, 1]", "is not a week. allowed: a list of 7 factors, Monday to Sunday"),
        ("WEEK", "[0, 0, 0, 0, 0, 0, 0]", "every day has the factor 0. allowed: at least one above 0"),
        ("WEEK", "[1, 1, -1, 0, 0, 0, 0]", "-1 is outside the range. allowed: a factor from 0 to 1000"),
    ],
)
def test_what_is_no_share_or_no_season_is_refused(tmp_path: Path, key: str, written: str, said: str) -> None:
    with pytest.raises(InputError) as refused:
        load(tmp_path, **{key: written})
    assert said in str(refused.value)


def closing(target: str) -> str:
    return SCENARIO + f"disruptions: [{{id: d, kind: lane-closed, target: '{target}', at: 1d, for: 2d}}]\n"


@pytest.mark.parametrize("target", ["p>c", "p>c:air"])
def test_a_lane_among_several_is_addressed_with_its_mode(tmp_path: Path, target: str) -> None:
    assert load(tmp_path, scenario=closing(target)).scenario.disruptions[0].target == target


def test_the_pair_alone_means_a_lane_only_when_no_other_joins_it(tmp_path: Path) -> None:
    alone = NETWORK.replace("  - {from: p, to: c, time: 2d}\n", "")
    assert load(tmp_path, network=alone, scenario=closing("p>c")).scenario.disruptions[0].target == "p>c:air"
    both = NETWORK.replace("time: 2d}", "time: 2d, mode: sea}")
    with pytest.raises(InputError) as refused:
        load(tmp_path, network=both, scenario=closing("p>c"))
    assert "unknown lane 'p>c'. allowed: p>c:sea, p>c:air" in str(refused.value)


def test_two_lanes_of_one_mode_are_one_too_many(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        load(tmp_path, network=NETWORK.replace("time: 2d}", "time: 2d, mode: air}"))
    assert "lane 'p>c:air' is given twice, first in line 10. allowed: one lane for each pair and mode" in str(
        refused.value
    )
