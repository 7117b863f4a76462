"""What each column of a run's tables means, in words: docs/tables.md is made of them.

Times are milliseconds since the start of the run, -1 where there is none; money is in hundredths of the currency
(`_minor`); quantities are pieces.
"""

TABLES: dict[str, str] = {
    "kpis": "Every KPI of every replication; docs/kpis.md says what each is.",
    "orders": "Every order: of customers, and ERP's own transfers (TO-), production orders (PO-) and purchases (PU-).",
    "ledger": "Every posting of goods, from one account to another: stock, transit, line, scrap, customers, suppliers.",
    "messages": "Every message that a system published.",
    "commands": "Every command of the engine, and what its system answered.",
    "series": "Stock and backlog over time.",
    "decisions": "Every decision of the engine; columns with parts are JSON.",
    "changes": "Every signal change, where `--changes` kept them.",
}

COMMON: dict[str, str] = {
    "way": "Way of working: none, fragmented or synced.",
    "replication": "Number of the replication, from 0.",
    "time_ms": "When.",
    "item": "The item.",
    "site": "The plant, warehouse or supplier.",
    "order": "The order.",
    "quantity": "Pieces.",
    "kpi": "Name of the KPI.",
    "value": "Its value.",
    "unit": "Unit of the value.",
    "id": "Its name.",
    "type": "What it says, as `line.stopped`.",
    "data": "Its body, JSON.",
}

COLUMNS: dict[str, dict[str, str]] = {
    "kpis": {"value": "Its value, empty where it is not defined."},
    "orders": {
        "order": "Name of the order.",
        "kind": "customer, transfer, production or purchase.",
        "customer": "Who ordered; empty for ERP's own.",
        "quantity": "Pieces asked of who serves it: ordered + surplus, also wanted + under_way + delivered + cancelled"
        " + missing.",
        "ordered": "Pieces that were ordered.",
        "surplus": "Pieces that a minimum or whole lots made more.",
        "wanted": "Pieces still to be sent or made.",
        "under_way": "Pieces sent, or in work, that have not arrived.",
        "delivered": "Pieces that arrived, or were counted as made.",
        "cancelled": "Pieces taken back.",
        "missing": "Pieces lost on the way that are not written off yet.",
        "lost": "Pieces of it that were lost on the way so far, replaced or not.",
        "site": "Who serves it, or makes it.",
        "first_site": "Who was to serve it when it was placed.",
        "target": "Where it goes.",
        "line": "The line of a production order.",
        "for_order": "The order that it was raised for.",
        "ordered_ms": "When it was placed.",
        "due_ms": "When it is due; -1 without a due date.",
        "left_ms": "When the last of it left, or was made.",
        "done_ms": "When it was complete.",
        "late_ms": "How late it was, or is at the end of the run; 0 when in time.",
        "late_cost_minor": "What its lateness cost.",
        "lane_cost_minor": "Its freight.",
        "handling_cost_minor": "What handling it cost.",
        "carrier": "The carrier that it was given to.",
        "port": "The site that it passed through by its plan.",
        "priced": "Whether a rate was found for its freight.",
        "unservable": "Why nobody could serve it; empty otherwise.",
        "state": "open, started, done, cancelled or another state of its kind.",
        "by": "Who placed it: erp, engine, or a person's role.",
    },
    "ledger": {
        "lot": "The lot or consignment, empty where there is none.",
        "from": "Account that gave, as `stock:lyon`.",
        "to": "Account that took, as `transit:lyon>dc-west`.",
        "cause": "The order, disruption or other cause.",
    },
    "messages": {
        "time_ms": "When its system published it.",
        "noticed_ms": "When its system noticed.",
        "happened_ms": "When it was so.",
        "arrived_ms": "When those who listen had it.",
        "source": "The system, as `lyon.mes`.",
        "subject": "What it is about: an order, line, lane, item.",
        "sequence": "Number among the messages of its source.",
        "causation": "What it answers, empty when nothing.",
    },
    "commands": {
        "time_ms": "When it was sent.",
        "target": "The system it went to.",
        "ack_ms": "When it was answered; -1: never.",
        "status": "The answer: done, rejected or another.",
        "reason": "Why it was refused.",
        "decision": "The decision that it carries out.",
    },
    "series": {
        "name": "inventory or backlog.",
        "value": "Pieces.",
    },
    "decisions": {
        "time_ms": "When it was taken.",
        "workflow": "The engine's workflow.",
        "scope": "What was planned: orders or stock.",
        "triggers": "The messages that set it off.",
        "exposure": "What was exposed: lines, orders, items, sites, customers, revenue.",
        "alternatives": "The plans that were weighed, with their cost.",
        "moves": "What was moved, each with the sites that were weighed.",
        "kept": "What stays as it was planned.",
        "classes": "Classes of orders that were planned as one.",
        "unservable": "Orders that nobody can serve, and why.",
        "binding": "What bound the plan, the dearest first.",
        "gap_minor": "How far the plan may be from the best one; empty where no bound is known.",
        "plan_hash": "The plan in short, to see whether two are the same.",
        "approval": "Who had to agree, and why.",
        "approval_id": "Name of the approval that was asked for.",
        "commands": "The commands that carry it out.",
        "expires_ms": "When a proposal falls; -1: never.",
        "retry": "Whether it answers a command that was refused.",
        "state": "How it stood at the end.",
        "history": "Its states, when and by whom.",
    },
}  # fmt: skip


def meaning(table: str, column: str) -> str:
    """What a column means. Raises KeyError for one that nobody described."""
    own = COLUMNS.get(table, {})
    return own[column] if column in own else COMMON[column]
