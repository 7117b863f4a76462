"""Lots are cut when their turn comes: what a line has still to make is numbers, however much was ordered."""

import random
from pathlib import Path

import pytest

from plants.definition import MakeSpec
from plants.floor.lots import Lots
from scenarios.twin.assembly import assemble
from tests.common.worlds import load

HUGE = """\
items: [{id: A}]
plants:
  - id: p
    lines: [{id: L, %s, makes: [{item: A, lot: %d}]}]
lanes: [{from: p, to: cu, time: 1h}]
customers: [{id: cu, served_by: [p], orders: {file: o.csv}}]
"""


def listed(releases: list[tuple[int, int]]) -> list[int]:
    """The lots as a list, the way that needs memory for each."""
    return [min(size, quantity - at) for quantity, size in releases for at in range(0, quantity, size)]


def cut_all(lots: Lots) -> list[int]:
    found = [lots.first.size] if lots.first is not None else []
    while (lot := lots.cut("n")) is not None:
        found.append(lot.size)
    return found


@pytest.mark.parametrize("seed", range(40))
def test_lots_are_cut_and_taken_back_as_if_each_had_been_there_from_the_start(seed: int) -> None:
    rng = random.Random(seed)
    lots, plain = Lots(None, MakeSpec("A")), []
    for _ in range(12):
        match rng.randrange(3):
            case 0:
                quantity, size = rng.randint(1, 30), rng.choice([1, 4, 7])
                lots.release(quantity, size)
                plain += listed([(quantity, size)])
            case 1 if lots.first is None and plain:
                lot = lots.cut("n")
                assert lot is not None and lot.size == plain[0]
                if rng.random() < 0.5:  # it has wholly entered
                    lots.first = None
                    plain.pop(0)
            case _:
                quantity, taken = rng.randint(0, 25), 0
                while plain and taken + plain[-1] <= quantity:
                    taken += plain.pop()
                assert lots.take_back(quantity) == taken
        assert lots.empty == (not plain)
    assert cut_all(lots) == plain


@pytest.mark.parametrize("kind", ["machines: [{id: m, cycle: 10s}]", "rate: 8640/d"])
@pytest.mark.parametrize(("pieces", "lot"), [(10**12, 1), (10**12, 7), (10**9, 40)])
def test_time_and_memory_do_not_depend_on_the_number_written(tmp_path: Path, kind: str, pieces: int, lot: int) -> None:
    (tmp_path / "o.csv").write_text(f"id,at,item,quantity,due\nO1,1h,A,{pieces},1d\n")
    twin = assemble(load(tmp_path, HUGE % (kind, lot), "4h").scenario, "none", 0, 0)
    twin.env.advance(3 * 3600.0)
    line = twin.network.lines["p.L"]
    (order,) = [o for o in twin.network.book.orders.values() if o.id.startswith("PO-")]
    assert line.good in {719, 720}  # two hours less a second of latency, a piece every ten seconds
    left = order.quantity - line.withdraw(order, 10**18)
    assert left == -(-(line.good + 1) // lot) * lot  # the lot that is being worked on stays
    assert line.queue in ([], [order.id])


def test_lots_are_numbered_as_they_are_cut(tmp_path: Path) -> None:
    (tmp_path / "o.csv").write_text("id,at,item,quantity,due\nO1,1h,A,10,1d\n")
    twin = assemble(load(tmp_path, HUGE % ("machines: [{id: m, cycle: 10min}]", 4), "8h").scenario, "none", 0, 0)
    twin.env.advance(8 * 3600.0)
    lots = [row for row in twin.network.ledger.rows["lot"] if str(row).startswith("PO-")]
    assert list(dict.fromkeys(lots)) == ["PO-1/1", "PO-1/2", "PO-1/3"]
