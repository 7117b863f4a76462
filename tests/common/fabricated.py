"""A run made by hand: small, plausible, the same every time. For tests of everything that reads results."""

import json
import math
from typing import Any

from msgspec.structs import replace

from scenarios.files.loader import load_scenario
from scenarios.runs.record import COLUMNS
from scenarios.runs.replication import Replication
from scenarios.runs.results import RunResult, collect
from sync.vocabulary import decisions as d

DAY = 86_400_000
HOUR = 3_600_000
STOP, BACK = 14 * DAY + 8 * HOUR, 17 * DAY + 6 * HOUR
SPREAD = (0.0, 1.0, -0.6, 0.3, -0.8)
LATE = {"none": 1.0, "fragmented": 0.6, "synced": 0.2}


def run_result(reps: int = 5, baseline: bool = True, seed: int = 7) -> RunResult:
    """Three ways of the line-stoppage scenario with `reps` replications."""
    loaded = load_scenario("line-stoppage")
    ways = {way: [replication(way, n, seed) for n in range(reps)] for way in LATE}
    without = {way: [replication(way, n, seed, disturbed=False) for n in range(reps)] for way in LATE}
    run = collect(loaded, seed, ways, without if baseline else None)
    run.id = "20261121-091500-ab12"
    run.provenance.versions = {"plantsync": "0.1.0", "python": "3.11"}
    run.provenance.started, run.provenance.ended = "2026-11-21T09:15:00+00:00", "2026-11-21T09:15:21+00:00"
    run.provenance.command = ["plantsync", "run", "line-stoppage"]
    return run


def replication(way: str, number: int, seed: int = 7, disturbed: bool = True) -> Replication:
    late = LATE[way] * (1.0 if disturbed else 0.1)
    shake = SPREAD[number % len(SPREAD)]
    kpis: dict[str, float | None] = {
        "throughput": 98.0 + shake - 4 * late,
        "otif": 0.97 - 0.12 * late + 0.004 * shake,
        "fill_rate": 0.98 - 0.1 * late,
        "late_cost": 60_000 * late + 2_500 * shake * late + 900,
        "lane_cost": 81_000 + (2_100 if way == "synced" and disturbed else 0) + 300 * shake,
        "total_cost": 141_000 * late + 81_000 + 300 * shake,
        "orders_total": 1400.0,
        "orders_served": 1396.0 - 10 * late,
        "backlog_peak": 900 + 2400 * late + 40 * shake,
        "clear_days": None,
        "utilisation.lyon.L1": 0.81,
        "utilisation.brno.L1": 0.77,
    }
    disruptions = [
        {"id": "hydraulics", "kind": "line-down", "target": "lyon.L1", "from_ms": STOP, "to_ms": BACK,
         "title": "line-down lyon.L1"}
    ]  # fmt: skip
    return Replication(
        way=way, replication=number, seed=seed, kpis=kpis, digest=f"{way}-{number}-{disturbed}", events=120_000,
        wall_s=1.5, horizon_ms=45 * DAY, warmup_ms=10 * DAY,
        tables=tables(way) if disturbed else {}, decisions=[decision()] if way == "synced" and disturbed else [],
        disruptions=disruptions if disturbed else [],
    )  # fmt: skip


def tables(way: str) -> dict[str, dict[str, list[Any]]]:
    empty = {name: columns([], name) for name in COLUMNS}
    return empty | {
        "orders": columns([order(**o) for o in orders_of(way)], "orders"),
        "messages": columns(messages(), "messages"),
        "commands": columns(commands() if way == "synced" else [], "commands"),
        "series": series(way),
    }


def orders_of(way: str) -> list[dict[str, Any]]:
    moved = way == "synced"
    return [
        {"order": "west-71", "kind": "customer", "customer": "west", "item": "GEARBOX-A", "quantity": 40,
         "site": "dc-east" if moved else "dc-west", "first_site": "dc-west", "target": "west",
         "ordered_ms": 16 * DAY, "due_ms": 18 * DAY, "left_ms": 17 * DAY if moved else 19 * DAY,
         "done_ms": 18 * DAY - HOUR if moved else 20 * DAY, "late_ms": 0 if moved else 2 * DAY,
         "late_cost_minor": 0 if moved else 96_000, "lane_cost_minor": 4_400},
        {"order": "west-72", "kind": "customer", "customer": "west", "item": "GEARBOX-B", "quantity": 25,
         "site": "dc-west", "first_site": "dc-west", "target": "west", "ordered_ms": 16 * DAY + HOUR,
         "due_ms": 18 * DAY, "unservable": "only lyon makes GEARBOX-B, and lyon is down for the whole horizon"},
        {"order": "TO-12", "kind": "transfer", "item": "GEARBOX-A", "quantity": 600, "site": "lyon",
         "first_site": "lyon", "target": "dc-west", "ordered_ms": 13 * DAY, "due_ms": 16 * DAY,
         "left_ms": 18 * DAY, "done_ms": 19 * DAY},
        {"order": "PO-12", "kind": "production", "item": "GEARBOX-A", "quantity": 600, "site": "lyon",
         "first_site": "lyon", "target": "lyon", "line": "lyon.L1", "for_order": "TO-12", "ordered_ms": 13 * DAY,
         "done_ms": 18 * DAY},
    ]  # fmt: skip


def order(**given: Any) -> dict[str, Any]:
    blank = {name: kind() for name, kind in COLUMNS["orders"].items()}
    return {**blank, "due_ms": -1, "left_ms": -1, "done_ms": -1, "priced": True, **given}


def messages() -> list[dict[str, Any]]:
    made = [
        (STOP, STOP + 1000, STOP + 2000, STOP + 3000, "lyon.mes-9", "lyon.mes", "line.stopped", "lyon.L1",
         {"line": "lyon.L1", "reason": "hydraulics", "since_ms": STOP, "expected_ms": 3 * DAY}),
        (16 * DAY, 16 * DAY, 16 * DAY, 16 * DAY + 1000, "erp-71", "erp", "order.created", "west-71",
         {"order": "west-71", "site": "dc-west"}),
        (17 * DAY, 17 * DAY, 17 * DAY, 17 * DAY + 1000, "wms-4", "dc-east.wms", "shipment.departed", "west-71",
         {"order": "west-71", "source": "dc-east"}),
    ]  # fmt: skip
    return [
        {"happened_ms": a, "noticed_ms": b, "time_ms": c, "arrived_ms": d, "id": i, "source": s, "type": t,
         "subject": u, "sequence": n, "data": json.dumps(data), "causation": ""}
        for n, (a, b, c, d, i, s, t, u, data) in enumerate(made, 1)
    ]  # fmt: skip


def commands() -> list[dict[str, Any]]:
    return [
        {"id": "D-3/1", "time_ms": 16 * DAY + 22 * 60_000, "target": "erp", "type": "order.resource",
         "data": json.dumps({"order": "west-71", "site": "dc-east"}), "ack_ms": 16 * DAY + 23 * 60_000,
         "status": "done", "reason": "", "decision": "D-3"}
    ]  # fmt: skip


def decision(**given: Any) -> d.Decision:
    at = 16 * DAY + 2_000
    made = d.Decision(
        id="D-3", time_ms=at, workflow="line-stopped", scope="orders",
        triggers=(d.Trigger("line-stopped", "lyon.L1", "lyon.mes-9", "lyon.mes", "line.stopped", "lyon.L1", 3 * DAY),),
        exposure=d.Exposure(
            lines=("lyon.L1",), orders=("west-71", "TO-12"), items=("GEARBOX-A",), sites=("lyon",), customers=("west",),
            revenue_minor=26_240_000, orders_total=2,
        ),
        alternatives=(
            d.Alternative("keep", 240_000, 240_000, 0, 0),
            d.Alternative("greedy", 60_000, 50_000, 10_000, 1),
            d.Alternative("solver", 51_000, 40_000, 11_000, 1, chosen=True),
        ),
        moves=(
            d.Move(
                "west-71", "resource", "GEARBOX-A", 40, "dc-west", "dc-east", "west", 4_400, 2 * DAY, 0,
                options=(
                    d.Option("dc-east", d.QueueEnds(16 * DAY), True, 4_400, 0, chosen=True),
                    d.Option("dc-west", d.QueueEnds(20 * DAY), True, 96_000, 2 * DAY),
                    d.Option("porto", d.NoRoute()),
                ),
            ),
        ),
        binding=(d.Binding("line", "porto.L1", 2_340, at_ms=15 * DAY),),
        gap_minor=0, plan_hash="h1",
        approval=d.ApprovalNeed("reroute", False, "planner", 4_400, 2_000_000, "below_limit"),
        state="done",
        history=(
            d.HistoryStep("pending", at, "engine"), d.HistoryStep("executing", at + 1000, "policy"),
            d.HistoryStep("done", at + 61_000, "erp"),
        ),
        commands=("D-3/1",),
    )  # fmt: skip
    return replace(made, **given)


def series(way: str) -> dict[str, list[Any]]:
    table: dict[str, list[Any]] = {k: [] for k in COLUMNS["series"]}
    for step in range(45 * 4):
        t = step * DAY // 4
        bump = max(0.0, math.sin((t - STOP) / (12 * DAY) * math.pi)) if STOP < t < STOP + 12 * DAY else 0.0
        for site, level in (("dc-west", 3000), ("dc-east", 2000), ("lyon", 400)):
            value = max(0, level + 600 * math.sin(step / 5) - 2600 * bump * LATE[way])
            rows = [("inventory", int(value)), ("backlog", int(80 + 2300 * bump * LATE[way]))]
            for name, number in rows:
                for column, cell in zip(table, (t, name, site, "GEARBOX-A", number), strict=True):
                    table[column].append(cell)
    return table


def columns(rows: list[dict[str, Any]], table: str) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in COLUMNS[table]}
