"""Laws of the network layer: more means never less, and what must not matter does not.

**More never serves fewer pieces** (way `none`, the same random numbers, customers who take what there is): more opening
stock where no rule reorders, a higher base stock, more capacity of a supplier or a lane, a faster line, one more line,
one more lane. Where a paradox applies the law does not hold; the counter-examples are below:

- (s, S) with a gap: more opening stock puts the reorder off, and the next delivery with it;
- orders that ship complete only: pieces are kept for the order that is due first, so more stock may serve fewer orders,
  and pieces beyond what completes an order serve nobody.
"""

import json
import random
from pathlib import Path
from typing import Any

import pytest
import yaml

from scenarios.files.loader import load_scenario
from scenarios.twin.assembly import Twin, assemble
from tests.common.oracle.clock import ms
from tests.common.oracle.generator import Generator

Dict = dict[str, Any]
DETERMINISTIC = ("rows", "plants", "machines", "setup", "bom", "calendar", "fill", "partial", "patience", "stock-loss")


def run(folder: Path, network: Dict, horizon: str = "60d", seed: int = 1, disruptions: tuple[Dict, ...] = ()) -> Twin:
    """A twin of these dicts that has run to its horizon."""
    folder.mkdir(exist_ok=True)
    (folder / "network.yaml").write_text(json.dumps({"version": 1, "network": "n", **network}))
    scenario = {"version": 1, "scenario": "s", "network": "network.yaml", "horizon": horizon, "seed": seed}
    (folder / "run.yaml").write_text(json.dumps({**scenario, "disruptions": list(disruptions)}))
    loaded = load_scenario(str(folder / "run.yaml"))
    twin = assemble(loaded.scenario, "none", seed, 0)
    twin.env.advance(loaded.scenario.horizon_s)
    twin.finish()
    return twin


def served(twin: Twin) -> int:
    """Pieces that customers have by the horizon."""
    return sum(order.delivered for order in twin.network.book.customer_orders())


def network(stock: int = 50, level: int = 80, supply: int = 60, lane: int = 40, rate: int = 45, lines: int = 1) -> Dict:
    """A supplier, a plant, a warehouse and two customers who take what there is; base stock throughout."""
    orders = {"items": {"A": 1}, "quantity": {"uniform": [1, 12]}, "due": "2d", "partial": True}
    return {
        "items": [{"id": "A"}, {"id": "RAW"}],
        "boms": [{"item": "A", "needs": {"RAW": 1}}],
        "suppliers": [{"id": "S", "items": {"RAW": {"lead": "1d", "capacity": f"{supply}/d"}}}],
        "plants": [
            {
                "id": "P",
                "stock": {"RAW": 60},
                "replenish": {"RAW": {"s": 149, "S": 150, "from": ["S"]}},
                "lines": [{"id": f"L{n}", "rate": f"{rate}/d", "makes": [{"item": "A"}]} for n in range(lines)],
            }
        ],
        "warehouses": [
            {"id": "W", "stock": {"A": stock}, "replenish": {"A": {"s": level - 1, "S": level, "from": ["P"]}}}
        ],
        "lanes": [
            {"from": "S", "to": "P", "time": "1d"},
            {"from": "P", "to": "W", "time": "20h", "capacity": f"{lane}/d"},
            {"from": "W", "to": ["C1", "C2"], "time": "6h"},
        ],
        "customers": [
            {"id": "C1", "served_by": ["W"], "orders": {"every": {"exponential": "8h"}, **orders}},
            {"id": "C2", "served_by": ["W"], "orders": {"every": {"exponential": "9h"}, **orders}},
        ],
    }


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize(
    ("what", "less", "more"),
    [("level", 60, 90), ("level", 90, 91), ("supply", 25, 30), ("lane", 20, 35), ("rate", 20, 30), ("lines", 1, 2)],
)
def test_more_never_serves_fewer_pieces(what: str, less: int, more: int, seed: int, tmp_path: Path) -> None:
    tight: dict[str, int] = {"rate": 18} if what == "lines" else {}
    low, high = (served(run(tmp_path, network(**tight, **{what: n}), "20d", seed)) for n in (less, more))
    assert low <= high


@pytest.mark.parametrize("seed", range(2))
def test_more_opening_stock_serves_no_fewer_where_no_rule_reorders(seed: int, tmp_path: Path) -> None:
    counts = []
    for stock in (50, 100, 101, 300):
        world = network(stock)
        world["warehouses"][0]["replenish"] = {}
        counts.append(served(run(tmp_path, world, "30d", seed)))
    assert counts == sorted(counts) and counts[:3] == [50, 100, 101]


def test_one_more_lane_serves_no_fewer(tmp_path: Path) -> None:
    """A second way that is no quicker changes nothing; a quicker one serves no fewer."""
    counts = []
    for extra in ([], [("30h", "30h")], [("3h", "4h")]):
        world = network()
        for first, second in extra:
            world["warehouses"].append({"id": "HUB"})
            world["lanes"] += [{"from": "P", "to": "HUB", "time": first}, {"from": "HUB", "to": "W", "time": second}]
        counts.append(served(run(tmp_path, world, "30d")))
    assert counts[0] == counts[1] <= counts[2]


def few(stock: int, rule: Dict) -> Dict:
    """One customer a day for one piece; 5 days from order to receipt."""
    return {
        "items": [{"id": "A"}],
        "suppliers": [{"id": "S", "items": {"A": {"lead": "4d"}}}],
        "warehouses": [{"id": "W", "stock": {"A": stock}, "replenish": {"A": {**rule, "from": ["S"]}}}],
        "lanes": [{"from": "S", "to": "W", "time": "1d"}, {"from": "W", "to": "C", "time": "1h"}],
        "customers": [
            {"id": "C", "served_by": ["W"], "orders": {"every": "1d", "items": {"A": 1}, "quantity": 1, "due": "1d"}}
        ],
    }


def test_paradox_of_opening_stock(tmp_path: Path) -> None:
    """(s, S) = (2, 10): 10 pieces reach s on day 8 and the delivery comes on day 13; 11 reach it on day 9, and on day
    13.5 the customers of days 12 and 13 still wait. A base stock knows no such gap."""
    ten, eleven = (served(run(tmp_path, few(n, {"s": 2, "S": 10}), "324h")) for n in (10, 11))
    assert (ten, eleven) == (13, 11)
    ten, eleven = (served(run(tmp_path, few(n, {"s": 9, "S": 10}), "324h")) for n in (9, 10))
    assert ten <= eleven


def test_paradox_of_orders_that_ship_complete(tmp_path: Path) -> None:
    """20 pieces for an order of 15, then of 10 (due first) and of 10: 15 are served, and 5 are kept. With 14 the first
    waits, and the next takes 10; with 24 there are 9 for the next, which are kept and serve nobody."""
    rows = [("1d", 15, "20d"), ("2d", 10, "2d"), ("3d", 10, "2d")]
    counts = {}
    for stock in (14, 20, 24):
        world = few(stock, {"s": 0, "S": 1})
        world["warehouses"][0]["replenish"] = {}
        (tmp_path / "orders.csv").write_text(
            "id,at,item,quantity,due\n" + "".join(f"O{n},{at},A,{q},{due}\n" for n, (at, q, due) in enumerate(rows))
        )
        world["customers"][0]["orders"] = {"file": "orders.csv"}
        twin = run(tmp_path, world, "10d")
        counts[stock] = served(twin)
    assert counts == {14: 10, 20: 15, 24: 15}


# --- what must not matter ----------------------------------------------------------------------------------------
def rows(twin: Twin, names: dict[str, str] | None = None, until: int | None = None) -> list[tuple[Any, ...]]:
    """What happened to every order, in other names; of what was placed and delivered before `until`."""
    new = names or {}
    return [
        (
            o.kind,
            new.get(o.item, o.item),
            new.get(o.site, o.site),
            new.get(o.target, o.target),
            o.ordered_ms,
            o.quantity,
            o.delivered,
            o.left_ms,
            o.done_ms,
        )
        for o in twin.network.book.orders.values()
        if until is None or 0 <= o.done_ms < until
    ]


@pytest.mark.parametrize("seed", range(4))
def test_looking_on_the_way_changes_nothing(seed: int, tmp_path: Path) -> None:
    """Run in one go, and in pieces with every stock read in between: the same orders, the same digest."""
    loaded = load_scenario(str(Generator(seed, DETERMINISTIC).write(tmp_path)))
    whole, parts = (assemble(loaded.scenario, "none", seed, 0) for _ in range(2))
    whole.env.advance(loaded.scenario.horizon_s)
    draw = random.Random(seed)
    for at in sorted(draw.uniform(0, loaded.scenario.horizon_s) for _ in range(25)):
        parts.env.advance(at)
        for site in parts.network.sites.values():
            assert all(quantity >= 0 for quantity in site.on_hand.values())
    parts.env.advance(loaded.scenario.horizon_s)
    whole.finish()
    parts.finish()
    assert rows(whole) == rows(parts)


@pytest.mark.parametrize("seed", range(4))
def test_a_longer_horizon_begins_like_a_shorter_one(seed: int, tmp_path: Path) -> None:
    world = network()
    short, long = (run(tmp_path, world, horizon, seed) for horizon in ("10d", "20d"))
    end = ms("10d")
    assert rows(short, until=end) == rows(long, until=end)


@pytest.mark.parametrize("seed", range(6))
def test_names_do_not_matter_where_nothing_is_drawn(seed: int, tmp_path: Path) -> None:
    """Ids in another alphabetical order, the file's order as it was."""
    plain = Generator(seed, DETERMINISTIC)
    folder = tmp_path / "renamed"
    folder.mkdir()
    first = load_scenario(str(plain.write(tmp_path)))
    ids = [
        x["id"]
        for key in ("items", "plants", "warehouses", "suppliers", "customers")
        for x in plain.network.get(key, ())
    ]
    ids += [line["id"] for p in plain.network.get("plants", ()) for line in p["lines"]]
    names = {name: f"z{len(ids) - n:03d}" for n, name in enumerate(dict.fromkeys(ids))}
    for file in tmp_path.glob("*.*"):
        text = file.read_text()
        if file.suffix == ".csv":
            head, *body = text.splitlines()
            cells = [line.split(",") for line in body]
            at = head.split(",").index("item")
            text = "\n".join([head, *(",".join([*c[:at], names[c[at]], *c[at + 1 :]]) for c in cells)]) + "\n"
        else:
            text = yaml.safe_dump(_renamed(yaml.safe_load(text), names), sort_keys=False)
        (folder / file.name).write_text(text)
    second = load_scenario(str(folder / "run.yaml"))
    twins = [assemble(each.scenario, "none", seed, 0) for each in (first, second)]
    for twin in twins:
        twin.env.advance(first.scenario.horizon_s)
        twin.finish()
    assert rows(twins[0], names) == rows(twins[1])


def _renamed(node: Any, names: dict[str, str]) -> Any:
    """The same tree with other ids, as keys, values, lines of plants and ends of lanes."""
    if isinstance(node, dict):
        return {names.get(k, k): v if k == "file" else _renamed(v, names) for k, v in node.items()}
    if isinstance(node, list):
        return [_renamed(x, names) for x in node]
    if isinstance(node, str):
        for mark in (">", "."):
            if mark in node and "yaml" not in node:
                return mark.join(names.get(part, part) for part in node.split(mark))
        return names.get(node, node)
    return node
