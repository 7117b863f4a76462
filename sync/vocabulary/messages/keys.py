"""What the keys of messages mean: a key means the same in every body, so its meaning, unit and an example stand once.

Times are milliseconds since the scenario's start, money minor units (cents) of the network's currency, goods whole
pieces, -1 means unknown where a row says so. `Struct.key` is for the few keys that mean something else there.
"""

from typing import Any, NamedTuple


class Means(NamedTuple):
    """A key in words, and a value that it may have."""

    text: str
    example: Any


KEYS: dict[str, Means] = {
    "action": Means("The class of approval: reroute, transfer, substitution, expedite ...", "reroute"),
    "approved": Means("Whether the person agreed.", True),
    "carrier": Means("The carrier of the freight; empty for the cheapest.", "V444_0"),
    "changes": Means("What the decision changes, in a few rows.", []),
    "count": Means("How many orders or pieces.", 1200),
    "customer": Means("Who ordered.", "west"),
    "decision": Means("Id of the decision.", "D-8"),
    "due_ms": Means("When it is due, ms since the start.", 1_209_600_000),
    "eta_ms": Means("When it is expected to arrive, ms since the start.", 1_209_600_000),
    "expected_ms": Means("The estimate of how long it lasts in all, ms; -1 unknown.", 259_200_000),
    "expires_ms": Means("When the proposal falls, ms since the start; -1 never.", 1_238_400_000),
    "extra_cost_minor": Means("Cost above the plan in force, minor units.", 43_500),
    "factor_ppm": Means("Speed as millionths of normal: 500000 is half, 1000000 normal again.", 500_000),
    "for_order": Means("The customer or transfer order it is made for; empty: for stock.", "TO-12"),
    "good": Means("Good pieces.", 48),
    "hold": Means("Id of the hold.", "hold-1"),
    "item": Means("Item code of the sender: a plant with `codes` writes its own.", "GEARBOX-A"),
    "kind": Means("What is done: resource, reroute or transfer.", "reroute"),
    "lane": Means("The lane, from and to.", "lyon>dc-west"),
    "line": Means("The line, with its plant.", "lyon.L1"),
    "lot": Means("Id of the lot.", "PO-48/1"),
    "lots": Means("The receipts that are held, the oldest first.", ["lyon/12", "lyon/13"]),
    "machine": Means("The machine, with its line; empty where people report a stop of the line.", "lyon.L1.press"),
    "on_hand": Means("Pieces of the item at the site after the move, held ones included.", 3450),
    "order": Means("Id of the order: CO (or a customer's own), PO production, TO transfer, PU purchase.", "TO-12"),
    "ordered_ms": Means("When it was ordered, ms since the start.", 604_800_000),
    "partial": Means("Whether the customer takes it in parts.", False),
    "penalty_minor": Means("Cost of being late, minor units per day and per `penalty_per`.", 190),
    "penalty_per": Means("`pcs` or `order`.", "pcs"),
    "person": Means("Who answered.", "planner"),
    "port": Means("The site its way passes through; empty for any.", "PORT04"),
    "promised_ms": Means("When the supplier promises delivery, ms since the start.", 1_209_600_000),
    "proposal": Means("Id of the decision that waits for approval.", "D-8"),
    "quantity": Means("Pieces; of a change the new total.", 1200),
    "reason": Means("Why, in the words of the system or person that says it.", "breakdown of press"),
    "remaining": Means("Pieces of the production order whose lots are not yet counted.", 96),
    "role": Means("Who is asked.", "planner"),
    "scrap": Means("Pieces scrapped.", 2),
    "service": Means("Service level of the freight; empty for any.", "DTD"),
    "shipment": Means("Id of the consignment.", "TO-12/1"),
    "since_ms": Means("When it began, ms since the start.", 1_238_400_000),
    "site": Means("The plant or warehouse.", "dc-west"),
    "source": Means("The site goods leave.", "lyon"),
    "state": Means("Where the decision stands: pending, executing ...", "executing"),
    "supplier": Means("Who delivers.", "castings"),
    "target": Means("The site or customer goods go to.", "dc-west"),
    "transit_ms": Means("The order's own transit time, ms; -1: the lane's.", -1),
    "unservable": Means("How many orders were found that nobody can serve.", 0),
    "weight_g": Means("Weight of the order, grams.", 1000),
    "workflow": Means("What set the decision off, a row of the engine's workflows.", "line-stopped"),
    # the envelope (CloudEvents 1.0)
    "causation_id": Means("Id of what caused it; empty: nothing said.", "lyon.mes/41"),
    "correlation_id": Means("What it belongs to; empty: nothing said.", "D-8"),
    "data": Means("The body, by `type`.", {"line": "lyon.L1", "machine": ""}),
    "happened_ms": Means("When it was so, ms since the start.", 1_209_600_000),
    "id": Means("Unique within its source.", "lyon.mes/42"),
    "noticed_ms": Means("When the system learned of it, ms since the start.", 1_209_600_000),
    "sequence": Means("Counts per source from 1 without gaps; 0: not numbered.", 42),
    "subject": Means("What it is about.", "lyon.L1"),
    "time_ms": Means("When the system published it, ms since the start.", 1_209_602_000),
    "type": Means("Which body it carries.", "line.stopped"),
    "Message.source": Means("The system that says it: `erp`, or with its owner.", "lyon.mes"),
    "Change.site": Means("Where the orders go, or where the pieces are made or taken from.", "brno"),
}  # fmt: skip


def meaning(struct: str, key: str) -> Means:
    """What `key` means in a Struct of that name. Raises KeyError for one without a row."""
    return KEYS.get(f"{struct}.{key}") or KEYS[key]
