"""Random deterministic worlds against a simulation that shares no code: orders and stock to the millisecond."""

import random
from pathlib import Path
from typing import Any

import pytest

from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import assemble
from tests.common.oracle.clock import DAY, ms
from tests.common.oracle.generator import FEATURES, Generator
from tests.common.oracle.world import World


def rows_of_product(twin: Any) -> list[tuple[Any, ...]]:
    """What is compared of every order: whose, when, how much."""
    return [
        (o.kind, o.item, o.site, o.target, o.line, o.ordered_ms, o.quantity, -1 if o.cancelled else o.left_ms,
         o.done_ms, o.delivered, o.cancelled)
        for o in twin.network.book.orders.values()
    ]  # fmt: skip


CORE = (
    "rows", "plants", "machines", "setup", "bom", "calendar", "fill", "partial", "patience", "stock-loss", "late",
    "lines", "hold", "divert", "return", "lose", "capacity", "chain", "supplier", "down", "slow", "quality",
    "site-closed",
)  # fmt: skip


def differences(seed: int, folder: Path, features: tuple[str, ...] = FEATURES, round_times: bool = False) -> list[str]:
    """Where the product and the oracle part; [] when they agree to the millisecond."""
    world = Generator(seed, features, round_times)
    loaded = load_scenario(str(world.write(folder)))
    twin, oracle = assemble(loaded.scenario, "none", 5, 0), World(world.network, world.scenario)
    horizon, draw, said = ms(world.scenario["horizon"]), random.Random(seed), list[str]()
    for look in sorted(draw.randrange(horizon) for _ in range(8)):
        twin.env.advance(look / 1000)
        oracle.run(look)
        for site in oracle.sites.values():
            real = {i: q for i, q in twin.network.sites[site.id].on_hand.items() if q}
            mine = {i: site.stock(i) for i in site.lots if site.stock(i)}
            if real != mine and (oracle.tied is None or look < oracle.tied):
                said.append(f"{look / DAY:.3f} d, stock of {site.id}: product {real}, oracle {mine}")
    twin.env.advance(loaded.scenario.horizon_s)
    oracle.run(horizon)
    twin.finish()
    end = horizon if oracle.tied is None else oracle.tied
    theirs, ours = (
        {until(end, row) for row in rows} for rows in (rows_of_product(twin), [o.row() for o in oracle.orders])
    )
    for row in sorted(theirs ^ ours, key=lambda r: (min(t for t in (*r[5:8], horizon) if t >= 0), r[5]))[:8]:
        said.append(("product " if row in theirs else "oracle  ") + str(row))
    return said


def until(end: int, row: tuple[Any, ...]) -> tuple[Any, ...]:
    """What was known of an order at `end`: () of one that was not placed, no time after it."""
    placed, left, done = row[5], row[7], row[8]
    if placed >= end:
        return ()
    known = left if left < end else -1, done if done < end else -1
    return (*row[:7], *known, *(row[9:] if 0 <= done < end else ()))


@pytest.mark.parametrize("seed", range(30))
def test_worlds_are_the_same_to_the_millisecond(seed: int, tmp_path: Path) -> None:
    assert differences(seed, tmp_path, CORE) == []


@pytest.mark.slow
def test_many_worlds_with_everything_are_the_same(tmp_path: Path) -> None:
    parted = dict[int, list[str]]()
    for seed in range(5000, 5300):
        folder = tmp_path / str(seed)
        folder.mkdir()
        if said := differences(seed, folder):
            parted[seed] = said
    assert parted == {}
