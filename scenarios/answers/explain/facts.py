"""What one replication recorded, indexed for explaining: orders, who supplied whom, messages, commands, decisions.

customer order <- receipts at its site while it waited <- transfer order <- production order <- line, disruption
"""

import json
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from plants.disruptions.kinds import KINDS
from scenarios.runs.folder import model_of, rows, table
from scenarios.runs.replication import Replication
from scenarios.runs.results import RunResult
from sync.vocabulary.decisions import Decision

Row = dict[str, Any]
STANDING = frozenset(said for kind in KINDS.values() if kind.lasts for said in kind.says)  # told of what lasts
TOLD = 4  # news shown of a disruption
ENDS = ("until_ms", "time_ms")  # when a row of the ledger ended: a block of moves has both
SUPPLIES = 3  # receipts named per order


@dataclass
class Facts:
    """One replication of one way of a run."""

    run: RunResult
    rep: Replication
    _data: dict[str, Row] = field(default_factory=dict)

    @cached_property
    def orders(self) -> dict[str, Row]:
        return {row["order"]: row for row in rows(table(self.rep, "orders"))}

    @cached_property
    def messages(self) -> list[Row]:
        return rows(table(self.rep, "messages"))

    @cached_property
    def commands(self) -> list[Row]:
        return rows(table(self.rep, "commands"))

    @cached_property
    def decisions(self) -> dict[str, Decision]:
        return {d.id: d for d in self.rep.decisions}

    @cached_property
    def pegged(self) -> dict[str, list[Row]]:
        """order -> the orders that were raised for it."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.orders.values():
            if row.get("for_order"):
                found[row["for_order"]].append(row)
        return found

    @cached_property
    def transfers_to(self) -> dict[tuple[str, str], list[Row]]:
        """(target, item) -> the transfer orders that bring it there."""
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.orders.values():
            if row["kind"] == "transfer":
                found[row["target"], row["item"]].append(row)
        return found

    @cached_property
    def supplies_to(self) -> dict[tuple[str, str], list[Row]]:
        """(target, item) -> the transfers and purchases that bring it there, by their placing."""
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in sorted(self.orders.values(), key=lambda o: o["ordered_ms"]):
            if row["kind"] in ("transfer", "purchase"):
                found[row["target"], row["item"]].append(row)
        return found

    @cached_property
    def shipments_of(self) -> dict[str, list[Row]]:
        """order -> its shipments, by departure."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in sorted(rows(table(self.rep, "shipments")), key=lambda s: s["departed_ms"]):
            found[row["order"]].append(row)
        return found

    @cached_property
    def lost_lane(self) -> dict[str, str]:
        """shipment -> the lane that it was lost on."""
        legs = table(self.rep, "legs")
        columns = (legs.get(k, ()) for k in ("shipment", "lane", "ended"))
        return {shipment: lane for shipment, lane, ended in zip(*columns, strict=True) if ended == "lost"}

    @cached_property
    def first_lane(self) -> dict[str, str]:
        """shipment -> the lane by which it left."""
        legs = table(self.rep, "legs")
        pairs = list(zip(legs.get("shipment", ()), legs.get("lane", ()), strict=True))
        return dict(reversed(pairs))

    @cached_property
    def loss_reports(self) -> dict[str, Row]:
        """shipment -> the message by which its carrier reported it lost."""
        told = [m for m in self.messages if m["type"] == "shipment.lost"]
        return {str(self.data(m).get("shipment")): m for m in reversed(told)}

    @cached_property
    def uses(self) -> dict[str, list[tuple[str, int, int]]]:
        """production order -> (component, first and last instant) of what it used."""
        found: dict[str, list[tuple[str, int, int]]] = defaultdict(list)
        ledger = table(self.rep, "ledger")
        last = next((ledger[k] for k in ENDS if k in ledger), [])
        columns = (ledger.get(k, ()) for k in ("time_ms", "item", "to", "cause"))
        for at, item, account, cause, until in zip(*columns, last, strict=True):
            if account.startswith("consumed:"):
                found[cause].append((item, at, until))
        return found

    @cached_property
    def _stock(self) -> dict[tuple[str, str], tuple[list[int], list[int]]]:
        """(account, item) -> when its stock changed, and what it was then. A block of moves counts when it ends."""
        changes: dict[tuple[str, str], dict[int, int]] = defaultdict(lambda: defaultdict(int))
        ledger = table(self.rep, "ledger")
        last = next((ledger[k] for k in ENDS if k in ledger), [])
        columns = (ledger.get(k, ()) for k in ("item", "quantity", "from", "to"))
        for item, quantity, source, target, at in zip(*columns, last, strict=True):
            if source.startswith("stock:"):
                changes[source, item][at] -= quantity
            if target.startswith("stock:"):
                changes[target, item][at] += quantity
        found = {}
        for key, of in changes.items():
            level, times = 0, sorted(of)
            found[key] = (times, [level := level + of[at] for at in times])
        return found

    def stock_steps(self, site: str, item: str) -> tuple[list[int], list[int]]:
        """When the stock of an item at a site changed, and what it was from then on; from nothing at 0."""
        times, levels = self._stock.get((f"stock:{site}", item), ([], []))
        return (times, levels) if times[:1] == [0] else ([0, *times], [0, *levels])

    def came_at(self, site: str, item: str, at: int) -> str:
        """The transfer, purchase or other order that brought an item into stock at an instant; "" when none did."""
        return next((cause for when, cause in self.receipts.get((site, item), ()) if when == at), "")

    @cached_property
    def starved(self) -> dict[str, list[Any]]:
        """line -> its starvations, as far as somebody asked (explain.starvation)."""
        return {}

    @cached_property
    def legs(self) -> dict[str, list[Row]]:
        """transfer or purchase order -> its postings in the ledger, in time."""
        found: dict[str, list[Row]] = defaultdict(list)
        kinds = {name: row["kind"] for name, row in self.orders.items()}
        for row in rows(table(self.rep, "ledger")):
            if kinds.get(row["cause"]) in ("transfer", "purchase"):
                found[row["cause"]].append(row)
        return found

    @cached_property
    def receipts(self) -> dict[tuple[str, str], list[tuple[int, str]]]:
        """(site, item) -> (when, transfer or purchase order) of everything that came into its stock."""
        found: dict[tuple[str, str], list[tuple[int, str]]] = defaultdict(list)
        ledger = table(self.rep, "ledger")
        columns = (ledger.get(k, ()) for k in ("time_ms", "item", "to", "cause"))
        for at, item, account, cause in zip(*columns, strict=True):
            if account.startswith("stock:") and cause in self.orders:
                found[account.removeprefix("stock:"), item].append((at, cause))
        return found

    def data(self, row: Row) -> Row:
        """The body of a message or command."""
        from scenarios.errors import DamagedRun

        try:
            parsed = json.loads(row["data"]) if isinstance(row["data"], str) else row["data"]
        except ValueError:
            parsed = None
        if not isinstance(parsed, dict):
            raise DamagedRun(f"{self.run.out}: the data of {row.get('id')!a} ({self.rep.way}) is no JSON object")
        return parsed

    def until(self, order: Row) -> int:
        """When the order left or was given up, else the end of the run: what came later did not serve it."""
        if order["left_ms"] >= 0:
            return int(order["left_ms"])
        return int(order["cancelled_ms"]) if is_given_up(order) else self.rep.horizon_ms

    def supply_of(self, order: Row) -> list[Row]:
        """The orders behind an order, nearest first: what it waited for at its site, what was made for those."""
        found: dict[str, Row] = {}
        todo = [*self._waited_for(order), *self.pegged.get(order["order"], [])]
        while todo:
            row = todo.pop(0)
            if row["order"] not in found and row["order"] != order["order"]:
                found[row["order"]] = row
                todo += self.pegged.get(row["order"], [])
        return list(found.values())

    def _waited_for(self, order: Row) -> list[Row]:
        if order["kind"] != "customer" or order["left_ms"] == order["ordered_ms"]:
            return []
        until = self.until(order)
        came = [
            cause
            for at, cause in self.receipts.get((order["site"], order["item"]), [])
            if order["ordered_ms"] < at <= until
        ]
        last = list(dict.fromkeys(reversed(came)))[:SUPPLIES]
        return [self.orders[name] for name in last if self.orders[name]["kind"] in ("transfer", "purchase")]

    def disruptions_of(self, things: Iterable[str], begin: int, end: int, order: Row | None = None) -> list[Row]:
        """Disruptions of any of the things (sites, lines, lanes, suppliers) that were on during [begin, end]; given an
        order, those of one item only where that is its own, or what is made into it."""
        things = set(things)
        items = None if order is None else {order["item"], *self._made_of(order)}
        return [
            d
            for d in self.rep.disruptions
            if d["from_ms"] <= end and (d["to_ms"] < 0 or d["to_ms"] >= begin)
            if any(touches(hit, things) for hit in self._hit[d["id"]])
            if items is None or self._item_hit.get(d["id"], order and order["item"]) in items
        ]

    def _made_of(self, order: Row) -> set[str]:
        """What goes into a production order's item at its plant."""
        model = model_of(self.run) if order["kind"] == "production" else None
        boms = model.network.boms if model is not None else ()
        return {part for bom in boms if bom.item == order["item"] for part in bom.needs}

    @cached_property
    def _item_hit(self) -> dict[str, str]:
        """Disruption -> the one item that it concerns, where it names one."""
        model = model_of(self.run)
        named = {d.id: d.extra.get("item") for d in model.disruptions} if model is not None else {}
        return {name: str(item) for name, item in named.items() if item}

    @cached_property
    def _hit(self) -> dict[str, list[str]]:
        """Disruption -> the things that its kind harms; its target, where the kind takes no capacity away."""
        found = {d["id"]: [d["target"]] for d in self.rep.disruptions}
        model = model_of(self.run)
        if model is not None:
            harms = {d.id: KINDS[d.kind].harms(model.network, d) for d in model.disruptions}
            found |= {name: [harm.id for harm in of] for name, of in harms.items() if of}
        return found

    def told_of(self, disruption: Row) -> list[Row]:
        """Every message by which the systems told of a disruption: of the types that its kind says, about what it hit,
        while it was on; of what has no duration, when it happened."""
        kind, begin, end = KINDS.get(disruption["kind"]), disruption["from_ms"], disruption["to_ms"]
        if end < 0:
            end = self.rep.horizon_ms if kind is None or kind.lasts else begin
        says = STANDING if kind is None else kind.says  # a kind of a package that is not installed here
        return [
            m
            for m in self.messages
            if m["type"] in says and begin <= m["happened_ms"] <= end and self._concerns(m, self._hit[disruption["id"]])
        ]

    def _concerns(self, message: Row, hit: list[str]) -> bool:
        """Whether a message is about something that was hit: by its subject, its site, or whose the order is that it
        names. A line that is said to stand, or to work again, because of a machine concerns that machine alone."""
        body, order = self.data(message), self.orders.get(message["subject"], {})
        if message["type"] in ("line.stopped", "line.resumed") and body.get("machine"):
            return body["machine"] in hit
        about = {message["subject"], body.get("site"), order.get("customer"), order.get("site")}
        about -= {None, ""}
        return any(touches(thing, about) for thing in hit)

    def news_of(self, disruption: Row, named: set[str] | None = None) -> list[Row]:
        """The messages by which the systems first told of a disruption's begin and its end, one per type and subject,
        at most TOLD; of those about an order only what is about one of the `named`, where names are given."""
        found: dict[tuple[str, str], Row] = {}
        for m in self.told_of(disruption):
            if named is not None and m["subject"] in self.orders and m["subject"] not in named:
                continue
            found.setdefault((m["type"], m["subject"]), m)
        return list(found.values())[:TOLD]

    @cached_property
    def news(self) -> set[str]:
        """The ids of all messages that told of a disruption."""
        return {m["id"] for d in self.rep.disruptions for m in self.told_of(d)}

    @cached_property
    def set_off(self) -> list[Decision]:
        """The decisions that news of a disruption set off."""
        return [d for d in self.rep.decisions if self.news & set(d.causes)]

    def decisions_about(self, order: Row, related: set[str]) -> list[Decision]:
        """Decisions taken before the order left that name it, or that moved its item among what supplied it; failing
        that, those that moved its item to its site while it waited."""
        until = self.until(order)
        before = [d for d in self.rep.decisions if d.time_ms <= until]
        direct = [
            d
            for d in before
            if order["order"] in d.orders() or any(m.item == order["item"] for m in d.moves_of(related))
        ]
        if direct:
            return direct
        place = order["site"] if order["kind"] == "customer" else order["target"]
        return [
            d
            for d in before
            if order["ordered_ms"] <= d.time_ms and any(m.item == order["item"] and m.target == place for m in d.moves)
        ]


def is_given_up(order: Row) -> bool:
    """Whether nothing of it left, and nothing is wanted any more: taken back, or cancelled."""
    gone, wanted = order.get("cancelled_ms", -1), order.get("wanted") or 0
    return bool(order["left_ms"] < 0 and order["done_ms"] < 0 and gone >= 0 and not wanted)


def touches(target: str, things: set[str]) -> bool:
    """Whether what a disruption hit is one of the things, holds one, is part of one, or is an end of a lane."""
    for thing in things:
        if target == thing or thing.startswith(f"{target}.") or target.startswith(f"{thing}."):
            return True
        if ">" in thing and target in thing.split(">"):
            return True
    return False


def things_of(order: Row) -> set[str]:
    """The places, the line and the lane an order depends on."""
    found = {order["site"], order.get("first_site") or order["site"], order.get("line") or order["site"]}
    if order.get("target") and order["target"] != order["site"]:
        found.add(f"{order['site']}>{order['target']}")
    if order["kind"] == "production" and order.get("line"):
        found.discard(order["site"])  # another line of the plant is no cause
        found.discard(order.get("first_site", ""))
    if order.get("port"):
        found.add(order["port"])
    return found
