"""Every KPI worked out a second time, from a run folder alone: its tables, its inputs and run.json; no code of ours.

The formulas are those of docs/kpis.md. A block of the ledger (`steps` equal parts, the first at `time_ms`, the last at
`until_ms`) is taken apart. Times are ms since the start, money is summed in the currency's hundredths.
"""

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq
import yaml

from tests.common.kpi_oracle_lines import DAY, HOUR, Lines

TOLERANCE = 1e-9
Row = dict[str, Any]
OWNED = ("stock", "held", "wip", "transit")


def number(text: Any) -> Fraction:
    """The number at the beginning of `12 EUR/pcs/d`, `2.5/pcs` or a plain number; 20 % is 0.2."""
    words = str(text).split("/")[0].split()[0]
    return Fraction(words.rstrip("%")) / (100 if words.endswith("%") else 1)


class Replication(Lines):
    """The tables of one replication of one way, and what the network file says."""

    def __init__(self, folder: Path, way: str, replication: int) -> None:
        run = json.loads((folder / "run.json").read_text())
        record = run["ways"][way]["replications"][replication]
        place = folder / way / str(replication)
        self.begin, self.end, self.said = record["warmup_ms"], record["horizon_ms"], record["kpis"]
        self.span = self.end - self.begin
        found = {f.stem: pq.read_table(f, use_threads=False) for f in place.glob("*.parquet")}
        self.changes = {name: found["states"][name].to_pylist() for name in ("line", "machine", "state", "time_ms")}
        found["states"] = found["states"].filter(pc.equal(found["states"]["machine"], ""))  # of whole lines: few
        self.tables = {name: of.to_pylist() for name, of in found.items()}
        self.decisions = [json.loads(x) for x in (place / "decisions.jsonl").read_text().splitlines()]
        self.inputs = folder / "inputs"
        files = [yaml.safe_load(f.read_text()) for f in sorted(self.inputs.glob("*.yaml"))]
        scenario = next(f for f in files if "scenario" in f)
        self.start = str(scenario.get("start", "2026-01-05T00:00"))
        self.network = yaml.safe_load((self.inputs / scenario["network"]).read_text())
        self.orders = self.tables["orders"]
        self.of_customers = [o for o in self.orders if o["kind"] == "customer"]
        self.placed = [o for o in self.of_customers if o["ordered_ms"] >= self.begin]
        self.shipments = self.tables["shipments"]
        self.standards()

    def standards(self) -> None:
        """Standard of an item: its value, else its first supplier's price, else its components' and the conversion."""
        net, self.standard = self.network, dict[str, Fraction]()
        self.paid = {
            (s["id"], item): number(offer["price"])
            for s in net.get("suppliers", ())
            for item, offer in s["items"].items()
            if "price" in offer
        }
        boms = {b["item"]: b["needs"] for b in net.get("boms", ())}
        self.needs = boms
        costs = {
            make["item"]: number(make.get("cost", 0))
            for p in reversed(net.get("plants", ()))
            for line in reversed(p.get("lines", ()))
            for make in reversed(line["makes"])
        }

        def of(item: str) -> Fraction:
            spec = next(i for i in net["items"] if i["id"] == item)
            if "value" in spec:
                return number(spec["value"])
            bought = [price for (_, i), price in self.paid.items() if i == item]
            if bought:
                return bought[0]
            return sum((of(i) * n for i, n in boms.get(item, {}).items()), costs.get(item, Fraction(0)))

        self.standard = {i["id"]: of(i["id"]) for i in net["items"]}
        self.price = {i["id"]: number(i["price"]) for i in net["items"] if "price" in i}

    # --- the ledger ----------------------------------------------------------------------------------------------
    def moved(self) -> Iterator[tuple[int, int, Row]]:
        """(when, pieces, row) of everything that moved, blocks taken apart."""
        for row in self.tables["ledger"]:
            steps = row.get("steps", 1)
            for k in range(steps):
                at = (
                    row["time_ms"]
                    if steps == 1
                    else row["time_ms"] + (row["until_ms"] - row["time_ms"]) * k / (steps - 1)
                )
                yield at, row["quantity"] // steps, row

    def flows(self, source: tuple[str, ...], target: tuple[str, ...]) -> dict[tuple[str, str, str], int]:
        """Pieces after warm-up by (account from, account to, item)."""
        found: dict[tuple[str, str, str], int] = defaultdict(int)
        for at, pieces, row in self.moved():
            kinds = row["from"].split(":")[0], row["to"].split(":")[0]
            if at >= self.begin and kinds[0] in source and kinds[1] in target:
                found[row["from"], row["to"], row["item"]] += pieces
        return found

    def piece_time(self, kinds: tuple[str, ...]) -> dict[tuple[str, str], float]:
        """Piece-ms after warm-up on accounts of these kinds, by (account, item)."""
        found: dict[tuple[str, str], float] = defaultdict(float)
        for at, pieces, row in self.moved():
            for_ms = self.end - max(at, self.begin)
            for account, sign in ((row["from"], -1), (row["to"], 1)):
                if account.split(":")[0] in kinds:
                    found[account, row["item"]] += sign * pieces * for_ms
        return found

    # --- what is counted -----------------------------------------------------------------------------------------
    def service(self) -> dict[str, Any]:
        due = [o for o in self.placed if 0 <= o["due_ms"] <= self.end]
        when = {o["order"]: o["due_ms"] for o in due}
        pieces = sum(o["ordered"] for o in due)
        came = sum(s["quantity"] for s in self.shipments if 0 <= s["received_ms"] <= when.get(s["order"], -1))
        full = sum(o["delivered"] == o["ordered"] and 0 <= o["done_ms"] <= o["due_ms"] for o in due)
        return {"otif": full / len(due) if due else None, "fill_rate": came / pieces if pieces else None}

    def penalties(self) -> dict[str, tuple[Fraction, str]]:
        """Order -> (money per day, per what)."""
        found = dict[str, tuple[Fraction, str]]()
        for customer in self.network.get("customers", ()):
            orders = customer.get("orders", {})
            if "file" in orders:
                with (self.inputs / orders["file"]).open() as f:
                    for row in csv.DictReader(f):
                        text = row.get("late_penalty") or "0"
                        found[row["id"]] = number(text), "pcs" if "/pcs" in text else "order"
                continue
            text = str(orders.get("late_penalty", "0/pcs/d"))
            for o in self.of_customers:
                if o["customer"] == customer["id"]:
                    found[o["order"]] = number(text), "pcs" if "/pcs" in text else "order"
        return found

    def late_cost(self) -> float:
        came, penalties = defaultdict(list), self.penalties()
        for s in self.shipments:
            if s["kind"] == "customer" and s["received_ms"] >= 0:
                came[s["order"]].append(s)
        total = 0
        for o in self.placed:
            if o["due_ms"] < 0 or o["order"] not in penalties:
                continue
            money, per = penalties[o["order"]]
            late = sum(s["quantity"] * max(s["received_ms"] - o["due_ms"], 0) for s in came[o["order"]])
            waits = o["wanted"] + o["under_way"] + o["missing"]
            late += waits * max(self.end - o["due_ms"], 0)
            if per == "order":
                last = o["done_ms"] if o["done_ms"] >= 0 else self.end if waits else o["due_ms"]
                late = max(last - o["due_ms"], 0)
            total += round(money * 100 * late / DAY)
        return total / 100

    def costs(self) -> dict[str, Any]:
        standard, legs = self.standard, [leg for leg in self.tables["legs"] if leg["begin_ms"] >= self.begin]
        kind = {s["id"]: s["kind"] for s in self.shipments}
        carrying = number(str(self.network.get("costs", {}).get("carrying", "20%")).split("/")[0])
        owned = sum(standard[item] * Fraction(t) for (_, item), t in self.piece_time(OWNED).items())
        received = [s for s in self.shipments if s["kind"] == "purchase" and s["received_ms"] >= self.begin]
        found = {
            "late_cost": self.late_cost(),
            "lost_sales": sum(self.price.get(o["item"], standard[o["item"]]) * o["cancelled"] for o in self.placed),
            "lane_cost": sum(leg["freight_minor"] for leg in legs) / 100,
            "transfer_cost": sum(leg["freight_minor"] for leg in legs if kind[leg["shipment"]] == "transfer") / 100,
            "handling_cost": sum(s["handling_minor"] for s in self.shipments if s["departed_ms"] >= self.begin) / 100,
            "purchase_variance": sum(
                (self.paid[s["source"], s["item"]] - standard[s["item"]]) * s["quantity"]
                for s in received
                if (s["source"], s["item"]) in self.paid
            ),
            "conversion_variance": self.conversion(),
            "setup_cost": self.setups(),
            "carrying_cost": owned * carrying / (365 * DAY),
            "write_offs": self.write_offs(),
            "expedite_cost": 0,
            "contract_fees": 0,
        }
        found["total_cost"] = sum(Fraction(v) for k, v in found.items() if k != "transfer_cost")
        sold = self.sold()
        earned = sum((self.price.get(i, Fraction(0)) - standard[i]) * n for i, n in sold.items())
        found["margin"] = earned - found["total_cost"] + found["lost_sales"] if self.price else None
        return found

    def sold(self) -> dict[str, int]:
        """Pieces that customers received after warm-up, by item."""
        found: dict[str, int] = defaultdict(int)
        for s in self.shipments:
            if s["kind"] == "customer" and s["received_ms"] >= self.begin:
                found[s["item"]] += s["quantity"]
        return found

    def makes(self) -> Iterator[tuple[str, Row, Row]]:
        """(dotted line, line, make) of everything that can be made."""
        for plant in self.network.get("plants", ()):
            for line in plant.get("lines", ()):
                for make in line["makes"]:
                    yield f"{plant['id']}.{line['id']}", line, make

    def conversion(self) -> Fraction:
        good, total = self.flows(("wip",), ("stock", "shipped")), Fraction(0)
        for line, _, make in self.makes():
            if make.get("cost"):
                item = make["item"]
                pieces = sum(n for (a, _, i), n in good.items() if a == f"wip:{line}" and i == item)
                parts = sum(self.standard[i] * n for i, n in self.needs.get(item, {}).items())
                total += (number(make["cost"]) + parts - self.standard[item]) * pieces
        return total

    def setups(self) -> Fraction:
        """A line takes up another item (its first included)."""
        cost = {(line, make["item"]): number(make.get("setup_cost", 0)) for line, _, make in self.makes()}
        last, total = dict[str, str](), Fraction(0)
        for at, _, row in sorted(self.moved(), key=lambda each: each[0]):
            kind, _, line = row["to"].partition(":")
            if kind == "wip" and last.get(line) != row["item"]:
                last[line] = row["item"]
                total += cost.get((line, row["item"]), 0) if at >= self.begin else 0
        return total

    def write_offs(self) -> Fraction:
        lost = self.flows(("stock", "held", "wip", "transit"), ("lost",))
        total = sum((self.standard[i] * n for (_, _, i), n in lost.items()), Fraction(0))
        total += sum(self.standard[i] * n for (_, _, i), n in self.flows(("held",), ("scrapped",)).items())
        good, bad = self.flows(("wip",), ("stock", "shipped")), self.flows(("wip",), ("scrapped",))
        for line, spec, make in self.makes():
            expected = Fraction(str(make.get("yield", 1)))
            for machine in spec.get("machines", ()):
                expected *= 1 - Fraction(str(machine.get("scrap", 0)))
            out, scrap = (
                sum(n for (a, _, i), n in flow.items() if (a, i) == (f"wip:{line}", make["item"]))
                for flow in (good, bad)
            )
            total += self.standard[make["item"]] * max(scrap - (out + scrap) * (1 - expected), Fraction(0))
        return total

    def counts(self) -> dict[str, Any]:
        placed = self.placed
        served = [o for o in placed if o["left_ms"] >= 0 and not o["wanted"] + o["missing"] + o["cancelled"]]
        moved = [o for o in placed if o["site"] != o["first_site"] or o["by"] != "erp"]
        moved += [
            o
            for o in self.orders
            if o["kind"] in ("transfer", "purchase") and o["by"] != "erp" and o["ordered_ms"] >= self.begin
        ]
        days = {o["order"]: -(-o["left_ms"] // DAY) for o in placed}
        customers = self.network.get("customers", ())
        listed = bool(customers) and all("file" in c.get("orders", {}) for c in customers)
        asked = [o for o in placed if not o["unservable"] and o["cancelled"] < o["ordered"]]
        clear = max((days[o["order"]] for o in asked), default=None) if all(o in served for o in asked) else None
        return {
            "orders_total": len(placed),
            "orders_served": len(served),
            "orders_unservable": sum(bool(o["unservable"]) for o in placed),
            "orders_unpriced": sum(not o["priced"] for o in served),
            "clear_days": clear if listed else None,
            "first_day_orders": sum(days[o["order"]] == 1 for o in served) if listed else None,
            "orders_rerouted": len(moved),
            "pieces_rerouted": sum(o["quantity"] - o["cancelled"] for o in moved),
        }

    def backlog(self) -> dict[str, Any]:
        """Placed and not left the gate of the first lane; what is lost waits again, what is cancelled does not."""
        change: dict[int, int] = defaultdict(int)
        for o in self.of_customers:
            change[o["ordered_ms"]] += o["quantity"]
            if o["cancelled"]:
                change[o["cancelled_ms"]] -= o["cancelled"]
        for s in self.shipments:
            if s["kind"] == "customer" and s["departed_ms"] >= 0:
                change[s["departed_ms"]] -= s["quantity"]
                if s["lost_ms"] >= 0:
                    change[s["lost_ms"]] += s["quantity"]
        level = sum(n for at, n in change.items() if at <= self.begin)
        peak, area = level, level * self.span
        for at in sorted(at for at in change if at > self.begin):
            level += change[at]
            peak, area = max(peak, level), area + change[at] * (self.end - at)
        return {"backlog_peak": peak, "backlog": area / self.span}

    def flow(self) -> dict[str, Any]:
        times = sorted(
            s["received_ms"] - s["departed_ms"]
            for s in self.shipments
            if s["kind"] == "transfer" and s["received_ms"] >= self.begin and s["departed_ms"] >= 0
        )
        legs = [leg for leg in self.tables["legs"] if leg["begin_ms"] >= self.begin]
        stock, way = self.piece_time(("stock", "held")), self.piece_time(("transit",))
        worth = sum(self.standard[i] * Fraction(t) for (_, i), t in stock.items()) / self.span
        left = sum(
            self.standard[s["item"]] * s["quantity"]
            for s in self.shipments
            if s["kind"] == "customer" and s["departed_ms"] >= self.begin
        )
        return {
            "wip": sum(self.piece_time(("wip",)).values()) / self.span,
            "throughput": sum(self.flows(("wip",), ("stock", "shipped")).values()) * HOUR / self.span,
            "pieces_scrapped": sum(self.flows((*OWNED,), ("scrapped",)).values()),
            "pieces_lost": sum(self.flows((*OWNED,), ("lost",)).values()),
            "transfer_cycle_time": sum(times) / len(times) / HOUR if times else None,
            "transfer_cycle_time_p95": percentile(times, 95) / HOUR if times else None,
            "co2": sum(leg["co2_mg"] for leg in legs) / 1e6,
            "stock": sum(stock.values()) / self.span,
            "in_transit": sum(way.values()) / self.span,
            "inventory_turns": left * 365 * DAY / self.span / worth if worth else None,
        }

    def information(self) -> dict[str, Any]:
        fates: dict[str, int] = defaultdict(int)
        for m in self.tables["mishaps"]:
            fates[m["fate"]] += 1
        latency = self.latencies()
        found: dict[str, Any] = {
            "messages_lost": fates["lost"],
            "messages_unreadable": fates["unreadable"],
            "messages_dead_lettered": fates["dead-lettered"],
            "decision_latency_p99": percentile(latency, 99) / 1000 if latency else None,
        }
        books: dict[str, list[Row]] = defaultdict(list)
        for row in self.tables["books"]:
            books[row["system"]].append(row)
        found["belief_gap.erp"] = None
        for system, rows in books.items():
            found[f"belief_gap.{system}"] = self.gap(rows)
        return found

    def latencies(self) -> list[int]:
        """ms from the last message that triggered a decision (a regular look: from itself) to its last answer."""
        arrived = {m["id"]: m["arrived_ms"] for m in self.tables["messages"]} if self.decisions else {}
        last: dict[str, int] = {}
        for c in self.tables["commands"]:
            if c["ack_ms"] >= 0:
                last[c["decision"]] = max(last.get(c["decision"], -1), c["ack_ms"])
        found = list[int]()
        for d in self.decisions:
            heard = [arrived[t["message"]] for t in d["triggers"] if t.get("message") in arrived]
            begun = max(heard) if heard and d["workflow"] != "order-at-risk" else d["time_ms"]
            if d["id"] in last:
                found.append(last[d["id"]] - begun)
        return sorted(found)

    def gap(self, rows: list[Row]) -> float:
        """Mean of |book - free stock| over time, summed over sites and items; blocks as spread evenly."""
        keys, found = {(r["site"], r["item"]) for r in rows}, 0.0
        jumps: dict[tuple[str, str], list[tuple[int, float, float]]] = defaultdict(
            list
        )  # when, at once, per ms from then
        for row in self.tables["ledger"]:
            for account, sign in ((row["from"], -1), (row["to"], 1)):
                kind, _, site = account.partition(":")
                if kind == "stock" and (site, row["item"]) in keys:
                    long, moves = row["until_ms"] - row["time_ms"], jumps[site, row["item"]]
                    pieces = sign * row["quantity"]
                    moves.append((row["time_ms"], 0 if long else pieces, pieces / long if long else 0))
                    if long:
                        moves.append((row["until_ms"], 0, -pieces / long))
        said: dict[tuple[str, str], int] = defaultdict(int)
        for r in rows:
            key = r["site"], r["item"]
            jumps[key].append((r["time_ms"], said[key] - r["quantity"], 0))
            said[key] = r["quantity"]
        for moves in jumps.values():
            level = slope = 0.0
            since = 0
            for at, jump, steeper in [*sorted(moves, key=lambda m: m[0]), (self.end, 0, 0)]:
                a, b = max(since, self.begin), max(at, self.begin)
                found += between(level + slope * (a - since), level + slope * (b - since), b - a)
                level, slope, since = level + slope * (at - since) + jump, slope + steeper, at
        return found / self.span

    def all(self) -> dict[str, float | None]:
        """Every KPI that the tables can tell."""
        found = self.service() | self.costs() | self.counts() | self.backlog() | self.flow() | self.information()
        found |= self.lines()
        return {name: None if value is None else float(value) for name, value in found.items()}


def between(a: float, b: float, length: float) -> float:
    """Integral of the absolute value of what goes straight from a to b."""
    if a * b >= 0:
        return abs(a + b) / 2 * length
    return (a * a + b * b) / (2 * (abs(a) + abs(b))) * length


def percentile(values: list[int], hundredths: int) -> int:
    """The value that so many hundredths of the sorted values lie below."""
    return values[min(len(values) - 1, hundredths * len(values) // 100)]


def replications(folder: Path) -> Iterator[tuple[str, Replication]]:
    """(way/replication, its tables) of a run folder."""
    for way, record in json.loads((folder / "run.json").read_text())["ways"].items():
        for n in range(len(record["replications"])):
            yield f"{way}/{n}", Replication(folder, way, n)


def parted(folder: Path, but: tuple[str, ...] = ()) -> list[str]:
    """Where run.json and this code part, over all ways and replications; [] when nowhere. `but`: KPIs left out."""
    said = list[str]()
    for place, rep in replications(folder):
        said += [f"{place} {text}" for text in rep.misshown()]
        for name, mine in rep.all().items():
            theirs = rep.said.get(name)
            within = TOLERANCE * max(1, abs(mine or 0))
            if name == "unplanned_downtime":  # the stamps of states are whole milliseconds, what they last was not
                within = len(rep.tables["states"]) / HOUR
            same = mine == theirs if mine is None or theirs is None else abs(mine - theirs) <= within
            if not same and not name.startswith(but or ("\0",)):
                said.append(f"{place} {name}: run.json {theirs}, worked out {mine}")
    return said


def unknown(folder: Path) -> set[str]:
    """KPIs of the run that this code cannot work out."""
    return {name for _, rep in replications(folder) for name in set(rep.said) - set(rep.all())}
