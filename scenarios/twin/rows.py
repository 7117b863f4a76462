"""Rows of a run's tables, from the things of a twin that they tell of."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, get_type_hints

import msgspec
import numpy as np

from plants.floor import words
from plants.floor.line import Line
from plants.kpis.measured import LineCount, Measured
from plants.kpis.registry import Measures, definition
from plants.network.shipment import Shipment
from plants.orders import CustomerOrder, Order
from plants.systems.channel import Mishap
from scenarios.runs.packed import Packed
from scenarios.runs.record import CommandRow, MessageRow, OrderRow, StateRow
from scenarios.runs.replication import Columns
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.messages import Message
from sync.vocabulary.quantities import SLACK, SLACK_MS, ceil_ms

MESSAGE = tuple(get_type_hints(MessageRow))
STATE = tuple(get_type_hints(StateRow))
WRITE = msgspec.json.Encoder(order="sorted").encode


def columns(rows: Sequence[Mapping[str, Any]]) -> Columns:
    """The rows as a table of columns; without rows, without columns."""
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def orders(placed: Iterable[Order], measured: Measured) -> Columns:
    """The orders of every kind, as they were placed."""
    co2: dict[str, int] = {}
    for s in measured.network.shipments:
        co2[s.order] = co2.get(s.order, 0) + s.co2_mg
    return columns([order_row(o, measured, co2.get(o.id, 0)) for o in placed])


def order_row(o: Order, measured: Measured, co2_mg: int) -> OrderRow:
    """An order of any kind, with what it cost; what a kind has not is empty or -1."""
    customer = o if isinstance(o, CustomerOrder) else None
    return {
        "order": o.id,
        "kind": o.kind,
        "customer": customer.customer if customer else "",
        "item": o.item,
        "quantity": o.quantity,
        "ordered": o.ordered,
        "surplus": o.surplus,
        "wanted": o.wanted,
        "under_way": o.under_way,
        "delivered": o.delivered,
        "cancelled": o.cancelled,
        "missing": o.missing,
        "lost": o.lost,
        "site": o.site,
        "first_site": o.first_site,
        "target": o.target,
        "line": o.line,
        "for_order": o.for_order,
        "ordered_ms": o.ordered_ms,
        "due_ms": o.due_ms,
        "left_ms": o.left_ms,
        "done_ms": o.done_ms,
        "cancelled_ms": o.cancelled_ms,
        "late_ms": measured.late_ms(o),
        "late_cost_minor": measured.late_minor(o),
        "lane_cost_minor": o.lane_cost_minor,
        "handling_cost_minor": o.handling_cost_minor,
        "co2_mg": co2_mg,
        "carrier": customer.carrier if customer else "",
        "port": customer.port if customer else "",
        "priced": o.priced,
        "unservable": measured.unservable.get(o.id, ""),
        "state": o.state,
        "by": o.by,
    }


def messages(log: Sequence[tuple[int, Message]], data: list[str]) -> Columns:
    """The messages as they arrived; data: their bodies in JSON."""
    if not log:
        return {}
    said = [m for _, m in log]
    plain = {name: [getattr(m, name) for m in said] for name in
             ("time_ms", "noticed_ms", "happened_ms", "id", "source", "type", "subject", "sequence")}  # fmt: skip
    plain |= {"arrived_ms": [at for at, _ in log], "data": data, "causation": [m.causation_id for m in said]}
    return {name: plain[name] for name in MESSAGE}


def bodies(log: Sequence[tuple[int, Message]]) -> list[str]:
    """What the messages say, in JSON with its keys sorted."""
    return [WRITE(m.data).decode() for _, m in log]


def command_row(c: Command, ack: Ack | None) -> CommandRow:
    """A command, and what its system answered."""
    return {
        "id": c.id,
        "time_ms": c.time_ms,
        "target": c.target,
        "type": c.type,
        "data": json.dumps(c.data, sort_keys=True),
        "ack_ms": ack.time_ms if ack else -1,
        "status": ack.status if ack else "",
        "reason": ack.reason if ack else "",
        "decision": c.id.rsplit("/", 1)[0],
    }


def shipments(departed: Sequence[Shipment]) -> Columns:
    """What travelled together, with what the way really gone cost."""
    plain = ("id", "kind", "order", "item", "quantity", "source", "target", "departed_ms", "received_ms", "lost_ms",
             "handling_minor", "freight_minor", "co2_mg")  # fmt: skip
    return {name: [getattr(s, name) for s in departed] for name in plain} if departed else {}


def legs(departed: Sequence[Shipment]) -> Columns:
    """The lanes of the ways really gone, in their order."""
    gone = [(s, n, leg) for s in departed for n, leg in enumerate(s.legs, 1)]
    if not gone:
        return {}
    plain = ("lane", "begin_ms", "end_ms", "freight_minor", "co2_mg", "back", "ended")
    return {
        "shipment": [s.id for s, _, _ in gone],
        "leg": [n for _, n, _ in gone],
        **{name: [getattr(leg, name) for _, _, leg in gone] for name in plain},
    }


def states(lines: Iterable[Line], until_s: float) -> Columns:
    """What every machine showed, line by line: first the standstills of the line, then the changes of its machines."""
    names, machines = list[str](), {"": 0}
    states, causes = (*words.TOLD, "up"), words.CAUSES
    up = len(words.TOLD)
    parts: list[list[Any]] = [[], [], [], [], []]
    for n, line in enumerate(lines):
        names.append(line.id)
        spans = [
            (at, state) for began, ended in line.downtime.all_spans(until_s)
            for at, state in ((began, words.DOWN), (ended, up)) if at < until_s or state == words.DOWN
        ]  # fmt: skip
        of = line.changes()
        own = np.array([machines.setdefault(name, len(machines)) for name in of.machines], dtype=np.int32)
        stood = np.zeros(len(spans), dtype=np.int32)
        many = len(spans) + len(of.at_s)
        for part, column in zip(parts, (
            _ceil_ms(np.concatenate([[at for at, _ in spans], of.at_s])),
            np.full(many, n, dtype=np.int32),
            np.concatenate([stood, own[of.machine]]),
            np.concatenate([np.array([s for _, s in spans], dtype=np.int8), of.state.astype(np.int8)]),
            np.concatenate([stood.astype(np.int8), of.cause.astype(np.int8)]),
        ), strict=True):  # fmt: skip
            part.append(column)
    if not names:
        return {}
    known = (None, names, list(machines), states, causes)
    return {
        name: Packed(np.concatenate(part), of_words)
        for name, part, of_words in zip(STATE, parts, known, strict=True)
    }  # fmt: skip


def _ceil_ms(seconds: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """`ceil_ms` of many, none before the start."""
    scaled = seconds * 1_000.0
    whole = scaled.astype(np.int64)
    return whole + (scaled - whole >= SLACK_MS + scaled * SLACK)


def shifts(lines: Iterable[Line], until_s: float) -> Columns:
    """When each line is open, up to the horizon."""
    windows = [(line.id, a, min(b, until_s)) for line in lines for a, b in line.shifts.until(until_s)]
    return {
        "line": [line for line, _, _ in windows],
        "begin_ms": [ceil_ms(a) for _, a, _ in windows],
        "end_ms": [ceil_ms(b) for _, _, b in windows],
    }


def times(lines: Mapping[str, LineCount]) -> Columns:
    """How long each machine showed each state within planned time, after the warm-up."""
    rows = [
        (line, machine, state, seconds)
        for line, of in lines.items() for machine, spent in of.states.items() for state, seconds in spent.items()
    ]  # fmt: skip
    return {name: [row[n] for row in rows] for n, name in enumerate(("line", "machine", "state", "planned_s"))}


def lines(of: Mapping[str, LineCount]) -> Columns:
    """What came out of each line after the warm-up."""
    return {
        "line": list(of),
        "good": [line.good for line in of.values()],
        "scrap": [line.scrap for line in of.values()],
        "ideal_s": [line.ideal_s for line in of.values()],
        "counts": ["pcs" if line.in_pieces else "orders" for line in of.values()],
    }


def mishaps(met: Sequence[Mishap]) -> Columns:
    """The messages that were lost, damaged or wrongly coded."""
    return {name: [getattr(m, name) for m in met] for name in Mishap.__struct_fields__} if met else {}


def books(of: Mapping[str, Mapping[str, Sequence[Any]]]) -> Columns:
    """What each system believes to be in stock, when it changed."""
    found: dict[str, list[Any]] = {name: [] for name in ("time_ms", "system", "site", "item", "quantity")}
    for system, book in of.items():
        found["system"] += [system] * len(book["time_ms"])
        for name, column in book.items():
            found[name] += column
    return {**found}


def kpis(of: Measures, currency: str, way: str, replication: int) -> Columns:
    """Every KPI: of the whole network (no dimension), and by place."""
    rows = [(name, "", "", value) for name, value in of.values.items()] + of.places
    units = {name: definition(name).unit_in(currency) for name in dict.fromkeys(row[0] for row in rows)}
    found: Columns = {name: [row[n] for row in rows] for n, name in enumerate(("kpi", "dimension", "id", "value"))}
    found |= {"unit": [units[row[0]] for row in rows], "way": [way] * len(rows)}
    return {**found, "replication": [replication] * len(rows)}
