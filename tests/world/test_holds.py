"""A hold names lots: the newest receipts that are there, whatever their sizes; released, they are what they were."""

from pathlib import Path

import pytest

from plants.network.shelf import Shelf
from scenarios.twin.assembly import Twin, assemble
from tests.common.worlds import load

H = 3600.0

# receipts at w: 130 at the start (44 are left), 42 at 1 d 12 h, 44 at 2 d 12 h (orders refill what they took)
HOUSE = """\
items: [{id: A, value: 10}]
suppliers: [{id: s, items: {A: {lead: 6h}}}]
warehouses: [{id: w, stock: {A: 130}, replenish: {A: {s: 129, S: 130, from: [s]}}}]
lanes: [{from: s, to: w, time: 6h}, {from: w, to: c, time: 1h}]
customers: [{id: c, served_by: [w], orders: {file: orders.csv}}]
"""
ORDERS = "id,at,item,quantity\na,1d,A,42\nb,2d,A,44\n{more}"


def house(folder: Path, keys: str, more: str = "") -> Twin:
    (folder / "orders.csv").write_text(ORDERS.format(more=more))
    row = f"disruptions:\n  - {{id: h, kind: quality-hold, target: w, item: A, at: 3d, {keys}}}\n"
    return assemble(load(folder, HOUSE, "10d", more=row).scenario, "none", 5)


@pytest.mark.parametrize(
    ("lots", "held"), [("", 130), ("lots: 1, ", 44), ("lots: 2, ", 86), ("lots: 3, ", 130), ("lots: 9, ", 130)]
)
def test_the_newest_lots_are_held_whatever_their_size(tmp_path: Path, lots: str, held: int) -> None:
    twin = house(tmp_path, f"{lots}disposition: scrap, decided_after: 2d")
    twin.env.advance(73 * H)
    site = twin.network.sites["w"]
    assert (site.held["A"], site.on_hand["A"]) == (held, 130 - held)
    told = [m.data for _, m in twin.bus.log if m.type == "quality.held"]
    assert [t["quantity"] for t in told] == [held]
    assert len(told[0]["lots"]) == min(int(lots[6:7] or 3), 3)
    twin.env.advance(10 * 24 * H)
    twin.finish()
    assert twin.network.ledger.balance("scrapped:w", "A") == held


def test_what_has_left_was_of_the_oldest_lot(tmp_path: Path) -> None:
    """50 leave at 2 d 20 h: the 44 of the start, and 6 of the 42; the lot of that order comes after the hold."""
    twin = house(tmp_path, "lots: 2, disposition: scrap, decided_after: 2d", "d,68h,A,50\n")
    twin.env.advance(73 * H)
    assert (twin.network.sites["w"].held["A"], twin.network.sites["w"].on_hand["A"]) == (44 + 36, 0)


def test_released_lots_stand_where_they_stood() -> None:
    shelf = Shelf()
    for n, (name, pieces) in enumerate([("a", 10), ("b", 20), ("c", 30)]):
        shelf.receive(name, pieces, sum((10, 20, 30)[: n + 1]))
    held = shelf.take_newest(2, 60)
    assert [(lot.name, lot.pieces) for lot in held] == [("b", 20), ("c", 30)]
    shelf.receive("d", 5, 15)
    shelf.put_back(held, 12)  # 3 of a have left meanwhile
    assert [(lot.name, lot.pieces) for lot in shelf.lots] == [("a", 7), ("b", 20), ("c", 30), ("d", 5)]
    assert [lot.name for lot in shelf.take_newest(1, 55)] == ["d"]
    assert [(lot.name, lot.pieces) for lot in shelf.take_newest(None, 50)] == [("b", 20), ("c", 30)]
    assert shelf.pieces == 0 and not shelf.lots


def test_the_shelf_does_not_grow_with_what_passes_through() -> None:
    shelf = Shelf()
    for n in range(10_000):
        shelf.receive(str(n), 7, 12)
    assert len(shelf.lots) <= 3 and shelf.pieces == 12
