"""KPIs of cost: what running the network costs beyond the standard value of the goods, in the network's currency.

`total_cost` stands first, and is the sum of the components after it. What a piece is worth (its standard) is said in
standard.py. Goods are nobody's cost as far as they are worth their standard: stock stays an asset, and costs what
owning it costs.
"""

import numpy as np

from plants.kpis.figures import Sum, Table, Total
from plants.kpis.kpi import kpi
from plants.kpis.measured import Measured

IN_HAND = ("stock", "held", "wip", "transit")
MS_PER_YEAR = 365 * 86_400_000
MICRO = 1e6


@kpi("money", "lower", reads=("orders", "legs", "departures", "receipts", "ledger"), signed=True)
def total_cost(world: Measured) -> Total:
    """late_cost + lost_sales + lane_cost + handling_cost + purchase_variance + conversion_variance + setup_cost +
    carrying_cost + write_offs + expedite_cost + contract_fees."""
    return Total(_parts(world))


@kpi("money", "higher", reads=("orders", "legs", "departures", "receipts", "ledger"), signed=True)
def margin(world: Measured) -> Total | None:
    """(Price - standard) x pieces that customers received after warm-up - (total_cost - lost_sales); not defined where
    no item has a price."""
    if not world.prices:
        return None
    pieces = world.receipt_table.sum(s.quantity if s.kind == "customer" else 0 for s in world.receipts)
    earned, standard = world.valued(pieces, world.prices), world.valued(pieces)
    return Total([earned, standard.times(-1), *(part.times(-1) for part in _parts(world)), lost_sales.of(world)])  # type: ignore[list-item]


@kpi("money", "lower", reads=("orders",))
def late_cost(world: Measured) -> Sum:
    """Sum over orders placed after warm-up: penalty x exact days from due to delivery (or to the horizon), per piece
    for each piece by its own delivery, per order until it is complete; what was cancelled is not late."""
    return world.order_table.sum(map(world.late_minor, world.orders), 100)


@kpi("money", "lower", reads=("orders",))
def lost_sales(world: Measured) -> Sum:
    """Pieces that customers took back, of orders placed after warm-up, x price (standard value where none is given)."""
    pieces = world.order_table.sum(o.cancelled for o in world.orders)
    return world.valued(pieces, world.standards.micro | world.prices)


@kpi("money", "lower", reads=("legs",))
def lane_cost(world: Measured) -> Sum:
    """Freight of the ways really gone: of every lane that goods set out on after warm-up, less what was refunded."""
    return world.leg_table.sum((leg.freight_minor for _, leg in world.legs), 100)


@kpi("money", "lower", reads=("departures",))
def handling_cost(world: Measured) -> Sum:
    """Handling price x pieces that left plants after warm-up."""
    return world.departure_table.sum((s.handling_minor for s in world.departures), 100)


@kpi("money", "lower", reads=("receipts",), signed=True)
def purchase_variance(world: Measured) -> Sum:
    """(Price paid - standard) x pieces received of suppliers after warm-up; 0 of a supplier without a price."""
    paid = {(s.id, i): o.price_micro for s in world.network.spec.suppliers for i, o in s.items.items() if o.price_micro}
    standard = world.standards.micro
    return world.receipt_table.sum(
        ((price - standard[s.item]) * s.quantity if (price := paid.get((s.source, s.item))) else 0
         for s in world.receipts), MICRO,
    )  # fmt: skip


@kpi("money", "lower", reads=("ledger",), signed=True)
def conversion_variance(world: Measured) -> Sum:
    """(`cost` of the make + components' standards - the item's standard) x good pieces counted after warm-up; 0 where
    no cost is given."""
    good, standards = world.ledger.moved(("wip",), ("stock", "shipped")), world.standards
    each = {
        (f"{plant.id}.{line.id}", make.item):
            make.cost_micro + standards.components(plant.id, make.item) - standards.micro[make.item]
        for plant in world.network.spec.plants for line in plant.lines for make in line.makes if make.cost_micro
    }  # fmt: skip
    return Sum(good.table, good.values * _by_line_and_item(good.table, each), MICRO)


@kpi("money", "lower", reads=("ledger",))
def setup_cost(world: Measured) -> Sum:
    """`setup_cost` of the make x times a line took up another item (its first included) after warm-up."""
    table, _, _ = world.ledger.setups()
    each = {
        (f"{plant.id}.{line.id}", make.item): make.setup_cost_minor
        for plant in world.network.spec.plants for line in plant.lines for make in line.makes
    }  # fmt: skip
    return Sum(table, _by_line_and_item(table, each), 100)


@kpi("money", "lower", reads=("ledger",))
def carrying_cost(world: Measured) -> Sum:
    """`costs.carrying` a year x standard value of every piece owned after warm-up (free, held, in process, on lanes, at
    gates and doors), for as long as it was; a year has 365 days."""
    owned = world.valued(world.ledger.held(*IN_HAND))
    return Sum(owned.table, owned.values * (world.network.spec.carrying / MS_PER_YEAR), owned.per)


@kpi("money", "lower", reads=("ledger",))
def write_offs(world: Measured) -> Total:
    """Standard value of what was lost after warm-up on lanes and in stock, scrapped after a hold, and scrapped by lines
    beyond the expected yield (`yield` x (1 - `scrap`) of each machine; by line and item, never less than 0)."""
    lost = world.ledger.moved(("stock", "held", "transit", "wip"), ("lost",))
    held = world.ledger.moved(("held",), ("scrapped",))
    return Total([world.valued(lost), world.valued(held), world.valued(_beyond_yield(world))])


@kpi("money", "lower", reads=())
def expedite_cost(world: Measured) -> float:
    """Surcharges for what was hurried; 0, as nothing has one (a faster lane costs its freight)."""
    return 0.0


@kpi("money", "lower", reads=())
def contract_fees(world: Measured) -> float:
    """Fees of contract manufacturers; 0, as they are not simulated as such yet."""
    return 0.0


@kpi("money", "lower", reads=("legs",))
def transfer_cost(world: Measured) -> Sum:
    """The part of lane_cost that transfers between sites caused."""
    return world.leg_table.sum((leg.freight_minor if s.kind == "transfer" else 0 for s, leg in world.legs), 100)


PARTS = (late_cost, lost_sales, lane_cost, handling_cost, purchase_variance, conversion_variance, setup_cost,
         carrying_cost, write_offs)  # fmt: skip


def _parts(world: Measured) -> list[Sum]:
    found: list[Sum] = []
    for part in PARTS:
        figure = world.figure(part)
        if isinstance(figure, Total):
            found += figure.parts
        elif isinstance(figure, Sum):
            found.append(figure)
    return found


def _by_line_and_item(table: Table, each: dict[tuple[str, str], int]) -> np.ndarray:
    """A value of the line and item of every row."""
    line, item = table.places["line"], table.places["item"]
    known = np.zeros((len(line.names) + 1, len(item.names) + 1))
    number = {name: n for n, name in enumerate(line.names)}, {name: n for n, name in enumerate(item.names)}
    for (a, b), value in each.items():
        known[number[0][a], number[1][b]] = value
    return known[line.codes, item.codes]


def _beyond_yield(world: Measured) -> Sum:
    """Pieces that lines scrapped beyond the expected yield, a row for each line and item."""
    scrap, good = world.ledger.moved(("wip",), ("scrapped",)), world.ledger.moved(("wip",), ("stock", "shipped"))
    lines, items = scrap.table.places["line"].names, scrap.table.places["item"].names
    expected: dict[tuple[str, str], float] = {}
    for plant in world.network.spec.plants:
        for line in plant.lines:
            kept = float(np.prod([1.0 - m.scrap for m in line.machines]))
            expected |= {(f"{plant.id}.{line.id}", make.item): 1.0 - make.yield_share * kept for make in line.makes}
    rows = [(line, item) for line in lines for item in items if (line, item) in expected]
    scrapped, counted = _sums(scrap), _sums(good)
    beyond = [
        max(bad - expected[row] * (bad + counted.get(row, 0.0)), 0.0) if (bad := scrapped.get(row, 0.0)) else 0.0
        for row in rows
    ]
    plants = [line.partition(".")[0] for line, _ in rows]
    columns = {"line": [line for line, _ in rows], "item": [item for _, item in rows], "plant": plants}
    return Table.of(len(rows), world.names, columns | {"warehouse": plants}).sum(beyond)


def _sums(of: Sum) -> dict[tuple[str, str], float]:
    """(line, item) -> sum."""
    line, item = of.table.places["line"], of.table.places["item"]
    n = max(len(item.names), 1)
    inside = line.codes >= 0
    sums = np.bincount(line.codes[inside] * n + item.codes[inside], of.values[inside].astype(np.float64))
    return {(line.names[k // n], item.names[k % n]): float(sums[k]) for k in np.flatnonzero(sums).tolist()}
