"""The ledger: double entry, audits against what the places count themselves, and violations that say where."""

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plants.errors import InvariantViolation
from plants.ledger import Ledger
from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import Sabotage, assemble
from scenarios.twin.runner import run_scenario

MOVES = st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("xyz"), st.sampled_from("xyz"), st.integers(1, 9)))


@settings(max_examples=60, derandomize=True, deadline=None)
@given(MOVES)
def test_whatever_is_moved_the_books_balance_or_the_ledger_refuses(moves: list[tuple[str, str, str, int]]) -> None:
    ledger = Ledger(lambda: 7)
    there: dict[tuple[str, str], int] = {}
    for place in "xyz":
        ledger.count_with(f"stock:{place}", lambda p=place: [(i, n) for (q, i), n in there.items() if q == p])
    for item in "ABC":
        ledger.move(item, 20, "initial:x", "stock:x", "start")
        there["x", item] = 20
    for item, source, target, quantity in moves:
        if there.get((source, item), 0) < quantity:
            with pytest.raises(InvariantViolation, match="no negative stock"):
                ledger.move(item, quantity, f"stock:{source}", f"stock:{target}", "order 1")
            return
        ledger.move(item, quantity, f"stock:{source}", f"stock:{target}", "order 1")
        there[source, item] -= quantity
        there[target, item] = there.get((target, item), 0) + quantity
        ledger.audit("after a move")


def test_a_row_held_open_grows_until_its_lot_is_closed() -> None:
    ledger = Ledger(lambda: 3)
    for _ in range(4):
        ledger.move_part("A", 1, "made:n", "wip:n.L1", "PO-1", "PO-1/1")
    assert ledger.rows["quantity"] == []
    ledger.close("PO-1/1")
    assert ledger.rows["quantity"] == [4] and ledger.rows["steps"] == [4]
    assert ledger.balance("wip:n.L1", "A") == 4


@pytest.mark.parametrize("way", ["none", "fragmented", "synced"])
def test_conservation_holds_in_every_way_of_working(way: str) -> None:
    scenario = load_scenario("line-stoppage").scenario
    twin = assemble(scenario, way, 11)
    twin.env.advance(20 * 86_400.0)
    twin.finish()
    assert len(twin.network.ledger.rows["item"]) > 1000


def test_a_planted_violation_stops_the_run_and_names_event_entity_and_both_sides() -> None:
    loaded = load_scenario("line-stoppage", ["horizon=20d"])
    planted = Sabotage("lyon", "HOUSING", 5, 12 * 86_400.0)
    with pytest.raises(InvariantViolation) as caught:
        run_scenario(loaded, ["none"], 7, 1, jobs=1, sabotage=planted)
    violation = caught.value
    assert violation.law == "conservation"
    assert violation.entity == "stock:lyon HOUSING"
    assert violation.at_ms >= 12 * 86_400_000
    assert int(violation.right.split()[0]) - int(violation.left.split()[0]) == 5
    assert violation.event


def test_a_violation_in_a_worker_process_comes_back_whole() -> None:
    loaded = load_scenario("line-stoppage", ["horizon=13d"])
    planted = Sabotage("dc-west", "GEARBOX-A", 1, 86_400.0)
    with pytest.raises(InvariantViolation, match="dc-west GEARBOX-A"):
        run_scenario(loaded, ["none"], 7, 2, jobs=2, sabotage=planted)


def test_every_row_of_the_ledger_adds_up_to_the_balances(tmp_path: Path) -> None:
    twin = assemble(load_scenario("line-stoppage").scenario, "none", 3)
    twin.env.advance(15 * 86_400.0)
    twin.finish()
    sums: dict[tuple[str, str], int] = {}
    rows = twin.network.ledger.rows
    for item, quantity, source, target in zip(rows["item"], rows["quantity"], rows["from"], rows["to"], strict=True):
        sums[source, item] = sums.get((source, item), 0) - quantity
        sums[target, item] = sums.get((target, item), 0) + quantity
    for site in twin.network.sites.values():
        for item, pieces in site.on_hand.items():
            assert sums.get((f"stock:{site.id}", item), 0) == pieces


def test_the_command_line_reports_a_planted_violation_in_one_line_and_exits_3(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "console.cli", "run", "line-stoppage", "--way", "none", "--set", "horizon=13d",
         "--sabotage", "lyon:HOUSING:5@12d", "--out", str(tmp_path)],
        check=False, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 3, done.stderr
    said = [line for line in done.stderr.splitlines() if not line.startswith("warning: ")]
    assert len(said) == 1
    assert "stock:lyon HOUSING" in said[0] and "by event" in said[0] and "by the ledger" in said[0]
