"""The rows of the ledger say when goods moved: what lay anywhere at any time can be computed from them alone."""

from bisect import bisect_right
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import Twin, assemble
from sim.ahead.runs import runs
from tests.common.worlds import load, ran

HOUR = 3_600_000


class Stock:
    """(account, item) -> pieces there at any instant, read from the rows and nothing else: of a row, step k of n (from
    0) is at time + k x (until - time) / (n - 1), rounded up."""

    def __init__(self, rows: dict[str, list]) -> None:
        self.moves: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
        columns = ("time_ms", "until_ms", "steps", "item", "quantity", "from", "to")
        for time, until, n, item, quantity, source, target in zip(*(rows[c] for c in columns), strict=True):
            assert (n > 1 or time == until) and quantity % n == 0 and time <= until
            for k in range(n):
                at = time - (-k * (until - time) // (n - 1)) if n > 1 else time
                self.moves[source, item].append((at, -quantity // n))
                self.moves[target, item].append((at, quantity // n))
        for moves in self.moves.values():
            moves.sort()
        self.times = {key: [at for at, _ in moves] for key, moves in self.moves.items()}
        self.sums = {key: np.cumsum([0, *(q for _, q in moves)]) for key, moves in self.moves.items()}

    def at(self, account: str, item: str, time_ms: float) -> int:
        """Pieces there when everything of that instant has happened."""
        key = (account, item)
        return int(self.sums[key][bisect_right(self.times[key], time_ms)]) if key in self.times else 0

    def lowest(self, account: str, item: str) -> int:
        """The least that ever lay there (moves of one instant together)."""
        times, sums = self.times[account, item], self.sums[account, item]
        return min(int(sums[bisect_right(times, at)]) for at in times)


def holds(twin: Twin) -> None:
    """Stock from the ledger equals the series at every look, and no place was ever below zero."""
    stock, series = Stock(twin.network.ledger.rows), twin.looks.series
    looks = list(zip(*(series[c] for c in ("time_ms", "name", "site", "item", "value")), strict=True))
    checked = 0
    for time, name, site, item, value in looks:
        if name == "inventory":
            assert stock.at(f"stock:{site}", item, time) == value, (time, site, item)
            checked += 1
    assert checked > 20


BOM = """\
items: [{id: P, value: 10}, {id: X}, {id: Z}]
boms: [{item: P, needs: {X: %d}}, {item: X, needs: {Z: 3}}]
suppliers: [{id: S, items: {Z: {lead: 1d}}}]
plants:
  - id: A
    stock: {X: %d, Z: 10}
    replenish: {Z: {s: 5, S: 20, from: [S]}}
    lines:
      - {id: L, %s, makes: [{item: P, lot: %d}]}
      - {id: LX, machines: [{id: M, cycle: 30min}], makes: [{item: X, lot: 3}]}
lanes: [{from: S, to: A, time: 2h}, {from: A, to: C, time: 1h}]
customers: [{id: C, served_by: [A], orders: {file: o.csv}}]
"""


@pytest.mark.parametrize(
    ("line", "each", "had", "lot", "pieces", "right"),
    [
        # pieces enter at 10:00, 11:00, ...; at 10:00, 10:40, ...; and so on
        ("machines: [{id: M, cycle: 1h}]", 2, 8, 2, 2, {9.9: 8, 10: 6, 10.5: 6, 11: 4, 11.5: 4, 13: 4}),
        ("machines: [{id: M, cycle: 40min}]", 1, 9, 5, 5, {10.5: 8, 11: 7, 11.5: 6, 12.5: 5, 13: 4, 14: 4}),
        ("machines: [{id: M, cycle: 1min}]", 1, 90, 50, 50, {10.5: 59, 10.6: 53, 10.75: 44, 11: 40}),
        ("machines: [{id: M, cycle: 1min, parallel: 2}]", 1, 90, 50, 50, {9.9: 90, 10.4: 40}),
        ("rate: 24/d", 2, 8, 2, 2, {9.9: 8, 10.5: 6, 11: 4, 11.5: 4}),
        ("rate: 288/d", 1, 30, 20, 20, {10.5: 23, 11: 17, 12: 10}),
    ],
)  # fmt: skip
def test_what_a_running_lot_uses_stands_there_at_the_instant_of_use(
    tmp_path: Path, line: str, each: int, had: int, lot: int, pieces: int, right: dict[float, int]
) -> None:
    (tmp_path / "o.csv").write_text(f"id,at,item,quantity,due\nO1,10h,P,{pieces},9d\n")
    twin = ran(load(tmp_path, BOM % (each, had, line, lot), "3d"))
    stock = Stock(twin.network.ledger.rows)
    assert {hour: stock.at("stock:A", "X", hour * HOUR) for hour in right} == right
    holds(twin)


@pytest.mark.parametrize("reference", [False, True])
@pytest.mark.parametrize(
    "spread", ["1h", "{exponential: 20min}", "{exponential: 30s}", "{lognormal: {mean: 7min, cv: 1}}"]
)
def test_the_rows_add_up_at_every_look(tmp_path: Path, spread: str, reference: bool) -> None:
    network = BOM % (2, 5, f"machines: [{{id: M, cycle: {spread}, scrap: 0.1}}, {{id: N, cycle: {spread}}}]", 7)
    rows = "".join(f"O{n},{7 * n}h,P,{3 + n % 5},9d\n" for n in range(20))
    (tmp_path / "o.csv").write_text("id,at,item,quantity,due\n" + rows)
    loaded = load(tmp_path, network, "12d")
    twin = assemble(loaded.scenario, "none", 1, reference=reference)
    twin.env.advance(loaded.scenario.horizon_s)
    twin.finish()
    holds(twin)
    stock = Stock(twin.network.ledger.rows)
    for account, item in stock.moves:
        if account.split(":")[0] in ("stock", "wip", "held", "transit"):
            assert stock.lowest(account, item) >= 0, (account, item)


@pytest.mark.parametrize("way", ["none", "fragmented", "synced"])
@pytest.mark.parametrize("name", ["line-stoppage", "component-delay"])
def test_the_rows_add_up_in_the_library(name: str, way: str) -> None:
    scenario = load_scenario(name, ["horizon=16d", "warmup=2d"]).scenario
    twin = assemble(scenario, way, 3)
    twin.env.advance(scenario.horizon_s)
    twin.finish()
    holds(twin)
    rows = Stock(twin.network.ledger.rows)
    for line in twin.network.lines.values():  # pieces on the lines, too
        there = dict(line.count())
        for item in line.makes:
            assert rows.at(line.account, item, scenario.horizon_s * 1000) == there.get(item, 0)


@pytest.mark.parametrize(
    ("times", "right"),
    [
        ([], []),
        ([3.0], [(3.0, 3.0, 1)]),
        ([0.0, 1.0, 2.0, 3.0, 4.0, 9.0, 10.0, 11.0], [(0.0, 4.0, 5), (9.0, 11.0, 3)]),
        ([0.0, 700.0, 1400.0], [(0.0, 0.0, 1), (700.0, 700.0, 1), (1400.0, 1400.0, 1)]),
        ([0.0, 3.0, 4.0, 9.0, 13.0, 14.0, 19.0, 20.0], [(0.0, 20.0, 8)]),
        ([5.0, 5.0, 5.0, 5.0, 5.0], [(5.0, 5.0, 5)]),
    ],
)
def test_instants_are_told_as_few_blocks(times: list[float], right: list[tuple[float, float, int]]) -> None:
    assert runs(times) == right
