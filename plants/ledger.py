"""The stock ledger: double entry, integers, every piece that moves is posted from one account to another.

Accounts are written `kind:place`. *Sources* (`initial`, `supplied`, `made`) may go below zero, that is where goods come
into the world; *places* (`stock`, `held`, `wip`, `transit`) hold goods and never do; *sinks* (`scrapped`, `consumed`,
`shipped`, `lost`) take goods out of it. The physical objects count their own pieces independently, and
the two are compared: at every posting for the account touched, and for the whole network at every `audit`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from plants.errors import InvariantViolation
from sim.tracing import Digest

SOURCES = ("initial", "supplied", "made")
SINKS = ("scrapped", "consumed", "shipped", "lost")
# of its rows -> type of their values
COLUMNS = {"time_ms": int, "item": str, "lot": str, "quantity": int, "from": str, "to": str, "cause": str}


@dataclass
class Ledger:
    """Balances per (account, item) and the rows behind them. Rows of one cause are merged until it is closed."""

    now_ms: Callable[[], int]
    rows: dict[str, list[object]] = field(default_factory=lambda: {column: [] for column in COLUMNS})
    digest: Digest = field(default_factory=Digest)
    _accounts: dict[str, dict[str, int]] = field(default_factory=dict)
    _open: dict[tuple[str, str, str, str, str], int] = field(default_factory=dict)
    _counters: dict[str, Callable[[], Iterable[tuple[str, int]]]] = field(default_factory=dict)

    def balance(self, account: str, item: str) -> int:
        """Pieces of `item` on `account` (negative on sources)."""
        return self._accounts.get(account, {}).get(item, 0)

    def move(self, item: str, quantity: int, source: str, target: str, cause: str, lot: str = "") -> None:
        """Post `quantity` (> 0) pieces from `source` to `target`. Raises InvariantViolation below zero."""
        self._post(item, quantity, source, target, cause)
        self._row(item, quantity, source, target, cause, lot)

    def move_part(self, item: str, quantity: int, source: str, target: str, cause: str, lot: str) -> None:
        """As `move`, but the row is held open and grows until `close(lot)`: for goods that move piece by piece."""
        self._post(item, quantity, source, target, cause)
        key = (item, source, target, cause, lot)
        self._open[key] = self._open.get(key, 0) + quantity

    def close(self, lot: str) -> None:
        """Write the rows that were held open for `lot`."""
        for key in [k for k in self._open if k[4] == lot]:
            item, source, target, cause, _ = key
            self._row(item, self._open.pop(key), source, target, cause, lot)

    def close_all(self) -> None:
        """Write every row that is still held open."""
        for lot in list(dict.fromkeys(k[4] for k in self._open)):
            self.close(lot)

    def _post(self, item: str, quantity: int, source: str, target: str, cause: str) -> None:
        accounts = self._accounts
        giver = accounts.setdefault(source, {})
        taker = accounts.setdefault(target, {})
        left = giver[item] = giver.get(item, 0) - quantity
        taker[item] = taker.get(item, 0) + quantity
        if left < 0 and source.split(":", 1)[0] not in SOURCES:
            raise InvariantViolation(
                "no negative stock",
                self.now_ms(),
                cause,
                f"{source} {item}",
                f"{left + quantity} pieces there",
                f"enough for the {quantity} taken",
            )
        if quantity <= 0:
            raise InvariantViolation("moves are positive", self.now_ms(), cause, item, str(quantity), "> 0")

    def _row(self, item: str, quantity: int, source: str, target: str, cause: str, lot: str) -> None:
        now = self.now_ms()
        rows = self.rows
        for name, value in zip(rows, (now, item, lot, quantity, source, target, cause), strict=True):
            rows[name].append(value)
        self.digest.add(f"{now}|{item}|{lot}|{quantity}|{source}|{target}|{cause}")

    # --- the independent count -----------------------------------------------------------------------------------
    def count_with(self, account: str, counter: Callable[[], Iterable[tuple[str, int]]]) -> None:
        """Register how a physical place counts its own goods: (item, pieces) pairs."""
        self._counters[account] = counter

    def compare(self, account: str, item: str, counted: int, event: str) -> None:
        """Raise InvariantViolation unless the place's own count equals the ledger's."""
        booked = self.balance(account, item)
        if booked != counted:
            raise InvariantViolation(
                "conservation",
                self.now_ms(),
                event,
                f"{account} {item}",
                f"{counted} pieces counted there",
                f"{booked} pieces by the ledger",
            )

    def audit(self, event: str) -> None:
        """Compare every place with the ledger, then every item: what came in = what is there + what went out."""
        there: dict[str, int] = {}
        for account, counter in self._counters.items():
            counted = dict(counter())
            for item, pieces in counted.items():
                there[item] = there.get(item, 0) + pieces
                self.compare(account, item, pieces, event)
            for item in self._accounts.get(account, {}):
                if item not in counted:
                    self.compare(account, item, 0, event)
        came: dict[str, int] = {}
        went: dict[str, int] = {}
        for account, balances in self._accounts.items():
            kind = account.split(":", 1)[0]
            table, sign = (came, -1) if kind in SOURCES else (went, 1) if kind in SINKS else (None, 0)
            if table is not None:
                for item, pieces in balances.items():
                    table[item] = table.get(item, 0) + sign * pieces
        for item, pieces in came.items():
            right = there.get(item, 0) + went.get(item, 0)
            if pieces != right:
                raise InvariantViolation(
                    "conservation",
                    self.now_ms(),
                    event,
                    f"network {item}",
                    f"initial + supplied + made = {pieces}",
                    f"stock + transit + WIP + scrapped + consumed + shipped = {right}",
                )
