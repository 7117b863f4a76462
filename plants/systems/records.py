"""ERP's records: book stock, what is on order, what is promised. It believes messages, not the world.

position = book + on order - open demand        (what replenishment looks at)
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sync.vocabulary import messages as m
from sync.vocabulary.messages import Message, body_of

Key = tuple[str, str]  # (site, canonical item)


@dataclass
class Records:
    """All by (site, item). `changed` collects the keys touched since it was last emptied."""

    codes: dict[str, dict[str, str]]  # site -> {local code: canonical item}
    canonical: frozenset[str] = frozenset()
    book: dict[Key, int] = field(default_factory=dict)
    on_order: dict[Key, int] = field(default_factory=dict)
    in_production: dict[Key, int] = field(default_factory=dict)
    demand: dict[Key, int] = field(default_factory=dict)
    work: dict[str, dict[str, list[int]]] = field(default_factory=dict)  # line -> item -> [open orders, open pieces]
    released: dict[str, tuple[str, str, int]] = field(default_factory=dict)  # production order -> (line, item, pieces)
    holds: dict[tuple[str, str, str], tuple[int, int]] = field(default_factory=dict)  # -> pieces held, and decided
    acknowledged: dict[str, int] = field(default_factory=dict)  # purchase order -> ms, as promised first
    promised: dict[str, int] = field(default_factory=dict)  # purchase order -> ms, by the last word
    expected: dict[str, tuple[Key, int]] = field(default_factory=dict)  # TO/PU -> (key, pieces not yet received)
    purchased: dict[str, int] = field(default_factory=dict)  # purchase order -> pieces ordered, until it is closed
    dependent: dict[Key, None] = field(default_factory=dict)  # components made where they are used, without a rule
    changed: dict[Key, None] = field(default_factory=dict)
    seen: set[tuple[str, str]] = field(default_factory=set)
    now_ms: Callable[[], int] = int  # the clock; 0 where nobody has given one
    said: list[tuple[int, Key, int]] = field(default_factory=list)  # (time, key, book from then on), as it changed

    def position(self, site: str, item: str) -> int:
        """Book + on order (and in production) - open demand."""
        key = (site, item)
        return (
            self.book.get(key, 0) + self.on_order.get(key, 0) + self.in_production.get(key, 0) - self.demand.get(key, 0)
        )

    def add(self, table: dict[Key, int], site: str, item: str, quantity: int) -> None:
        """Add to one of the tables, and remember that the key changed."""
        key = (site, item)
        now = table[key] = table.get(key, 0) + quantity
        self.changed[key] = None
        if table is self.book:
            self.said.append((self.now_ms(), key, now))

    def open_book(self, site: str, item: str, quantity: int) -> None:
        """Take the opening balance of a site into the book."""
        self.book[site, item] = quantity
        self.said.append((self.now_ms(), (site, item), quantity))

    def expect(self, order: str, site: str, item: str, quantity: int) -> None:
        """`quantity` more pieces (fewer when negative) are on their way to `site` under `order`."""
        _, before = self.expected.get(order, ((site, item), 0))
        if before + quantity > 0:
            self.expected[order] = ((site, item), before + quantity)
        else:
            self.expected.pop(order, None)
        self.add(self.on_order, site, item, quantity)

    def release(self, order: str, line: str, item: str, quantity: int) -> None:
        """A production order is on its line."""
        self.released[order] = line, item, quantity
        load = self.work.setdefault(line, {}).setdefault(item, [0, 0])
        load[0] += 1
        load[1] += quantity

    def finish(self, order: str, quantity: int, remaining: int | None = None) -> None:
        """So many pieces of a production order are counted or taken back, and `remaining` (None: nothing said) are left
        at most."""
        if order not in self.released:
            return
        line, item, before = self.released[order]
        left = max(before - quantity, 0)
        left = left if remaining is None else max(min(left, remaining), 0)
        load = self.work[line][item]
        load[1] -= before - left
        if left:
            self.released[order] = line, item, left
        else:
            load[0] -= 1
            del self.released[order]

    def believe(self, message: Message) -> m.Body | None:
        """Update the records from a message, once per (source, id), and give what it says. None: it was unreadable, or
        known already."""
        rule = RULES.get(m.BODIES[message.type])
        if rule is None or (message.source, message.id) in self.seen:
            return None
        try:
            body = body_of(message)
            rule(self, body)
        except (ValueError, KeyError, TypeError):
            return None  # a good copy may still come
        self.seen.add((message.source, message.id))
        return body

    def item(self, site: str, code: str) -> str:
        """The canonical item behind a site's own code. Raises KeyError for a code nobody mapped."""
        mapped = self.codes.get(site, {})
        if code in mapped:
            return mapped[code]
        if code in self.canonical:
            return code
        raise KeyError(code)

    # --- one rule per message ------------------------------------------------------------------------------------
    def _receipt(self, b: m.ReceiptPosted) -> None:
        item = self.item(b.site, b.item)
        if b.order.startswith("PO-"):
            return  # own production is booked when MES confirms it
        self.add(self.book, b.site, item, b.quantity)
        if b.order in self.expected:
            if self.purchased.pop(b.order, None) is not None:
                # a purchase comes in one delivery: a receipt closes it, with or without a notice before
                self.expect(b.order, b.site, item, -self.expected[b.order][1])
                return
            self._settle(b.order, b.quantity)

    def _settle(self, order: str, quantity: int) -> None:
        """So many pieces of an order are expected no more."""
        (site, item), left = self.expected[order]
        self.expect(order, site, item, -max(min(quantity, left), 0))

    def _lost(self, b: m.ShipmentLost) -> None:
        if b.order in self.expected:
            self._settle(b.order, b.quantity)

    def _departed(self, b: m.Departed) -> None:
        item = self.item(b.source, b.item)
        self.add(self.book, b.source, item, -b.quantity)
        self.add(self.demand, b.source, item, -b.quantity)

    def _confirmed(self, b: m.ProductionConfirmed) -> None:
        site = b.line.split(".", 1)[0]
        item = self.item(site, b.item)
        self.add(self.book, site, item, b.good)
        self.add(self.in_production, site, item, -(b.good + b.scrap))
        self.finish(b.order, b.good + b.scrap, b.remaining)

    def _consumed(self, b: m.MaterialConsumed) -> None:
        site = b.line.split(".", 1)[0]
        item = self.item(site, b.item)
        self.add(self.book, site, item, -b.quantity)
        if (site, item) in self.dependent:
            self.add(self.demand, site, item, -b.quantity)

    def _adjusted(self, b: m.StockPosted) -> None:
        self.add(self.book, b.site, self.item(b.site, b.item), b.quantity)

    def _held(self, b: m.QualityHeld) -> None:
        self._set_aside(b, b.quantity, 0)

    def _disposed(self, b: m.QualityDisposed) -> None:
        """Released goods come back as a receipt that the dock posts, and what is scrapped left the book when it was
        held; unless nobody heard of that."""
        self._set_aside(b, 0, b.quantity)

    def _set_aside(self, b: m.QualityHeld | m.QualityDisposed, held: int, disposed: int) -> None:
        """More of a hold is known: as much as was held, or decided about, is not in the book."""
        item = self.item(b.site, b.item)
        before = self.holds.get((b.site, item, b.hold), (0, 0))
        now = self.holds[b.site, item, b.hold] = before[0] + held, before[1] + disposed
        self.add(self.book, b.site, item, max(before) - max(now))

    def _promised(self, b: m.SupplierAcknowledged) -> None:
        self.acknowledged.setdefault(b.order, b.promised_ms)
        self.promised.setdefault(b.order, b.promised_ms)  # what is said of it later may come before

    def _notice(self, b: m.AsnSent) -> None:
        """The supplier ships this much of what was ordered, and no more will come: late or early, it counts once."""
        self.promised[b.order] = b.eta_ms
        ordered = self.purchased.pop(b.order, None)
        if ordered is not None and b.quantity != ordered and b.order in self.expected:
            (site, item), _ = self.expected[b.order]
            self.expect(b.order, site, item, b.quantity - ordered)

    def _delayed(self, b: m.AsnDelayed) -> None:
        self.promised[b.order] = b.eta_ms


RULES: dict[type[m.Body], Callable[..., None]] = {
    m.ShipmentLost: Records._lost,
    m.ReceiptPosted: Records._receipt,
    m.TransferDeparted: Records._departed,
    m.ShipmentDeparted: Records._departed,
    m.ProductionConfirmed: Records._confirmed,
    m.MaterialConsumed: Records._consumed,
    m.StockPosted: Records._adjusted,
    m.QualityHeld: Records._held,
    m.QualityReleased: Records._disposed,
    m.QualityRejected: Records._disposed,
    m.SupplierAcknowledged: Records._promised,
    m.AsnSent: Records._notice,
    m.AsnDelayed: Records._delayed,
}
