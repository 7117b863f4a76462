"""Rows of a run's tables, from the things of a twin that they tell of."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from plants.kpis.measured import Measured
from plants.orders import CustomerOrder, Order
from scenarios.runs.record import CommandRow, MessageRow, OrderRow
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.messages import Message


def columns(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """The rows as a table of columns; without rows, without columns."""
    return {key: [row[key] for row in rows] for key in rows[0]} if rows else {}


def order_row(o: Order, measured: Measured) -> OrderRow:
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
        "late_ms": measured.late_ms(o),
        "late_cost_minor": measured.late_minor(o),
        "lane_cost_minor": o.lane_cost_minor,
        "handling_cost_minor": o.handling_cost_minor,
        "carrier": customer.carrier if customer else "",
        "port": customer.port if customer else "",
        "priced": o.priced,
        "unservable": measured.unservable.get(o.id, ""),
        "state": o.state,
        "by": o.by,
    }


def message_row(at: int, m: Message) -> MessageRow:
    """A message, and when it arrived (ms)."""
    return {
        "time_ms": m.time_ms,
        "noticed_ms": m.noticed_ms,
        "happened_ms": m.happened_ms,
        "arrived_ms": at,
        "id": m.id,
        "source": m.source,
        "type": m.type,
        "subject": m.subject,
        "sequence": m.sequence,
        "data": json.dumps(m.data, sort_keys=True),
        "causation": m.causation_id,
    }


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
