"""The ledger as KPIs read it: integrals of what lay where, and flows from one kind of account to another.

An account is `kind:place`; its place is a plant, a warehouse, a line, a lane, a supplier or a customer, and what
waits at a door or a gate lies at that site or lane. A row is at once, or spread evenly from `time_ms` to `until_ms`.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from plants.kpis.figures import Dimension, Sum, Table
from plants.kpis.levels import Array, Changes, Codes, areas, gaps

WAITING = ("door of ", "gate of ")  # what lies there lies at the site, on the lane
Names = Mapping[str, Sequence[str]]  # dimension -> every place there is


class Ledgered:
    """Rows of a stock ledger over (begin, end], in milliseconds. names: of the dimensions plant, warehouse, line, lane,
    supplier, customer and item."""

    def __init__(self, rows: Mapping[str, Sequence[object]], names: Names, begin: int, end: int) -> None:
        self.begin, self.end, self.names = begin, end, names
        self.items, self.accounts = Codes(names["item"]), Codes()
        self.time = np.asarray(rows["time_ms"], dtype=np.int64)
        self.until = np.asarray(rows["until_ms" if "until_ms" in rows else "time_ms"], dtype=np.int64)
        self.quantity = np.asarray(rows["quantity"], dtype=np.int64)
        self.item = self.items.all(rows["item"])  # type: ignore[arg-type]
        self.source, self.target = self.accounts.all(rows["from"]), self.accounts.all(rows["to"])  # type: ignore[arg-type]

    # --- accounts ----------------------------------------------------------------------------------------------------
    @cached_property
    def _kind_place(self) -> list[tuple[str, str]]:
        return [(kind, place) for kind, _, place in (name.partition(":") for name in self.accounts.names)]

    @cached_property
    def _places(self) -> dict[str, Dimension]:
        """Dimension -> the place of each account."""
        found = {}
        lines = {line: line.partition(".")[0] for line in self.names["line"]}
        for dimension in ("plant", "warehouse", "line", "lane", "supplier", "customer"):
            number = {name: n for n, name in enumerate(self.names[dimension])}
            codes = []
            for _, written in self._kind_place:
                place = written.removeprefix(WAITING[0]).removeprefix(WAITING[1])
                code = number.get(place, -1)
                codes.append(number.get(lines.get(place, ""), -1) if dimension == "plant" and code < 0 else code)
            found[dimension] = Dimension(self.names[dimension], np.array(codes, dtype=np.int64))
        return found

    def _is(self, kinds: tuple[str, ...]) -> Array:
        """Account -> is it of one of these kinds?"""
        return np.array([kind in kinds for kind, _ in self._kind_place], dtype=bool)

    def _changes(self, kinds: tuple[str, ...]) -> Changes:
        """What moved onto and off accounts of these kinds, keyed by account and item."""
        wanted, n = self._is(kinds), len(self.items)
        onto = Changes(self.target * n + self.item, self.time, self.until, self.quantity).of(wanted[self.target])
        off = Changes(self.source * n + self.item, self.time, self.until, -self.quantity).of(wanted[self.source])
        return Changes.joined(onto, off)

    def _table(self, account: Array, item: Array, *dimensions: str) -> Table:
        places = {d: Dimension(p.names, p.codes[account]) for d, p in self._places.items() if d in dimensions}
        return Table(len(account), {"item": Dimension(self.items.names, item), **places})

    # --- what KPIs are made of ---------------------------------------------------------------------------------------
    def held(self, *kinds: str) -> Sum:
        """Pieces x ms on accounts of these kinds, by item, plant, warehouse, line and lane."""
        changes = self._changes(kinds)
        key, number = np.unique(changes.key, return_inverse=True)
        values = areas(Changes(number, changes.time, changes.until, changes.pieces), len(key), self.begin, self.end)
        n = max(len(self.items), 1)
        return Sum(self._table(key // n, key % n, "plant", "warehouse", "line", "lane"), values)

    def moved(self, source: tuple[str, ...], target: tuple[str, ...]) -> Sum:
        """Pieces that moved from one kind of account to another after the warm-up, a value a row, by item and by the
        place they left."""
        rows = np.flatnonzero(
            self._is(source)[self.source] & self._is(target)[self.target] & (self.until >= self.begin)
        )
        length = self.until[rows] - self.time[rows]
        after = np.clip(self.until[rows] - np.maximum(self.time[rows], self.begin), 0, None)
        share = np.where(length > 0, after / np.maximum(length, 1), 1.0)
        table = self._table(self.source[rows], self.item[rows], "plant", "warehouse", "line", "lane", "supplier")
        return Sum(table, np.where(share < 1.0, share * self.quantity[rows], self.quantity[rows]))

    def setups(self) -> tuple[Table, Array, Array]:
        """The times a line took up another item than before (its first included) after the warm-up: their table, and
        the codes of line and item."""
        rows = np.flatnonzero(self._is(("made",))[self.source] & self._is(("wip",))[self.target])
        rows = rows[np.lexsort((self.time[rows], self.target[rows]))]
        line, item = self.target[rows], self.item[rows]
        other = np.ones(len(rows), dtype=bool)
        other[1:] = (line[1:] != line[:-1]) | (item[1:] != item[:-1])
        rows = rows[other & (self.time[rows] >= self.begin)]
        table = self._table(self.target[rows], self.item[rows], "plant", "warehouse", "line")
        return table, self._places["line"].codes[self.target[rows]], self.item[rows]

    def gap(self, book: Mapping[str, Sequence[object]]) -> Sum:
        """Pieces x ms that a book (columns time_ms, site, item, quantity: what it says from then on) was off the free
        stock, by plant, warehouse and item."""
        account = self.accounts.all(f"stock:{site}" for site in book["site"])
        for cached in ("_kind_place", "_places"):  # a site that never had stock has an account now
            self.__dict__.pop(cached, None)
        n = max(len(self.items), 1)
        key = account * n + self.items.all(book["item"])  # type: ignore[arg-type]
        time, said = np.asarray(book["time_ms"], dtype=np.int64), np.asarray(book["quantity"], dtype=np.int64)
        order = np.argsort(key, kind="stable")  # as written within a key: by time
        key, time, said = key[order], time[order], said[order]
        before = np.concatenate([[0], said[:-1]])
        before[np.concatenate([[True], key[1:] != key[:-1]])[: len(key)]] = 0
        both = Changes.joined(self._changes(("stock",)), Changes.at_once(key, time, before[: len(key)] - said))
        found, number = np.unique(both.key, return_inverse=True)
        off = gaps(Changes(number, both.time, both.until, both.pieces), len(found), self.begin, self.end)
        return Sum(self._table(found // n, found % n, "plant", "warehouse"), off)
