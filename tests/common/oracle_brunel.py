"""The Brunel network worked out a second time, straight from the CSVs and without a line of the project's code.

What the importer, the bounds and the simulation say about Brunel is compared with this. Way `none`: every order stays
at its plant, its port and its carrier; a plant's k-th order is done ceil(k x 1 d / rate) after the start.
"""

import csv
import gzip
import os
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path

import pytest

DAY_MS = 86_400_000
HORIZON_MS = 40 * DAY_MS
TABLES = ("OrderList", "FreightRates", "PlantPorts", "ProductsPerPlant", "VmiCustomers", "WhCapacities", "WhCosts")


def brunel_folder() -> Path:
    """The data's folder: below PLANTSYNC_DATA, else ../shared/data beside the repository. Skips when it is absent."""
    root = Path(__file__).resolve().parents[2]
    folder = Path(os.environ.get("PLANTSYNC_DATA", root.parent / "shared" / "data")) / "brunel_logistics"
    if not folder.is_dir():
        pytest.skip("the Brunel data is absent: set PLANTSYNC_DATA to the folder that holds brunel_logistics")
    return folder


def read_tables() -> dict[str, list[dict[str, str]]]:
    """Every table as a list of rows, cells as text."""
    folder, tables = brunel_folder(), {}
    for name in TABLES:
        packed = folder / f"{name}.csv.gz"
        with gzip.open(packed, "rt") if packed.exists() else (folder / f"{name}.csv").open() as file:
            tables[name] = list(csv.DictReader(file))
    return tables


def eligible_plants(tables, down=(), closed=()) -> dict[str, list[str]]:
    """Order id -> plants that may serve it, sorted. `down`: plants, `closed`: ports."""
    makers: dict[str, set[str]] = {}
    for row in tables["ProductsPerPlant"]:
        makers.setdefault(row["Product ID"], set()).add(row["Plant Code"])
    only_for: dict[str, set[str]] = {}
    for row in tables["VmiCustomers"]:
        only_for.setdefault(row["Plant Code"], set()).add(row["Customers"])
    priced = {row["orig_port_cd"] for row in tables["FreightRates"]}
    open_links = [(row["Plant Code"], row["Port"]) for row in tables["PlantPorts"] if row["Port"] not in closed]
    with_any_port = {plant for plant, _ in open_links}
    with_priced_port = {plant for plant, port in open_links if port in priced}
    working = {row["Plant ID"] for row in tables["WhCapacities"]} - set(down)
    result = {}
    for o in tables["OrderList"]:
        ways_out = with_any_port if o["Service Level"] == "CRF" else with_priced_port
        plants = makers[o["Product ID"]] & working & ways_out
        result[o["Order ID"]] = sorted(p for p in plants if o["Customer"] in only_for.get(p, {o["Customer"]}))
    return result


def freight(order, rates) -> tuple[Decimal, int | None, bool]:
    """(USD for the exact weight, days or None for TPT, priced) of an order that keeps its carrier and port."""
    if order["Service Level"] == "CRF":
        return Decimal(0), None, True
    own = [r for r in rates if (r["Carrier"], r["orig_port_cd"]) == (order["Carrier"], order["Origin Port"])]
    cent, kg = Decimal("0.01"), Decimal(order["Weight"])

    def cost(r) -> Decimal:
        micro = [Decimal(r[name]).quantize(Decimal("0.000001"), ROUND_HALF_EVEN) for name in ("minimum cost", "rate")]
        return max(micro[0], micro[1] * kg).quantize(cent, ROUND_HALF_EVEN)

    def miss(r) -> Decimal:
        return max(Decimal(r["minm_wgh_qty"]) - kg, kg - Decimal(r["max_wgh_qty"]), Decimal(0))

    fits = [r for r in own if not miss(r)]
    fits = [r for r in fits if r["svc_cd"] == order["Service Level"]] or fits
    if fits:
        best = min(fits, key=lambda r: (cost(r), int(r["tpt_day_cnt"])))
        return cost(best), int(best["tpt_day_cnt"]), True
    return cost(min(own, key=lambda r: (miss(r), cost(r)))), None, False


def money_for(late_ms: int) -> Decimal:
    """1000 USD a day, exact days, to the cent."""
    return (Decimal(1000 * max(late_ms, 0)) / DAY_MS).quantize(Decimal("0.01"), ROUND_HALF_EVEN)


def run_none(tables, down=(), slow=None, closed=()) -> dict[str, Decimal | int | None]:
    """The KPIs of way `none`. slow: plant -> factor. Customers in the order of their ids, orders as in the file.

    late_cost counts what has not arrived as late until the horizon.
    """
    rate = {row["Plant ID"]: Decimal(row["Daily Capacity"]) for row in tables["WhCapacities"]}
    handling = {row["WH"]: Decimal(row["Cost/unit"]).quantize(Decimal("0.000001")) for row in tables["WhCosts"]}
    for plant, factor in (slow or {}).items():
        rate[plant] *= Decimal(factor)
    can = sum(1 for plants in eligible_plants(tables, down, closed).values() if plants)
    queue = dict.fromkeys(rate, 0)
    left, lane, hands, late, unpriced = [], Decimal(0), Decimal(0), Decimal(0), 0
    for o in sorted(tables["OrderList"], key=lambda row: row["Customer"]):
        plant = o["Plant Code"]
        stuck = plant in down or o["Origin Port"] in closed
        queue[plant] += not stuck
        done = int(-(-queue[plant] * DAY_MS // rate[plant]))
        due = (int(o["TPT"]) + 2) * DAY_MS
        if stuck or done > HORIZON_MS:
            late += money_for(HORIZON_MS - due)
            continue
        usd, days, priced = freight(o, tables["FreightRates"])
        arrives = done + (int(o["TPT"]) if days is None else days) * DAY_MS
        left.append(done)
        lane += usd
        hands += (handling[plant] * int(o["Unit quantity"])).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        late += money_for(min(arrives, HORIZON_MS) - due)
        unpriced += not priced
    return {
        "orders_total": len(tables["OrderList"]),
        "orders_served": len(left),
        "orders_unservable": len(tables["OrderList"]) - can,
        "orders_unpriced": unpriced,
        "clear_days": -(-max(left) // DAY_MS) if len(left) == can else None,
        "first_day_orders": sum(1 for done in left if done <= DAY_MS),
        "lane_cost": lane,
        "handling_cost": hands,
        "late_cost": late,
    }
