"""The stock ledger: double entry, integers, every piece that moves is posted from one account to another.

Accounts are written `kind:place`. *Sources* (`initial`, `supplied`, `made`) may go below zero, that is where goods come
into the world; *places* (`stock`, `held`, `wip`, `transit`) hold goods and never do; *sinks* (`scrapped`, `consumed`,
`shipped`, `lost`) take goods out of it. The physical objects count their own pieces independently, and
the two are compared: at every posting for the account touched, and for the whole network at every `audit`.

Balances change when the goods do; rows are written down later, with the instants of the moves: what a lot on a line
takes in, uses and scraps when the lot is counted, and at every `cut`, so that no row crosses one. Such rows are blocks
(plants.postings): exact one by one where pieces come seldom, exact where they come evenly, else each piece within a
minute (sim.ahead.runs). Of any account and instant of a cut (every audit: every 6 h) the rows up to there add up to
what was really there.
"""

from array import array
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from plants.errors import InvariantViolation
from plants.postings import Postings
from sim.ahead.runs import Run, runs
from sync.vocabulary.quantities import ceil_ms

SOURCES = ("initial", "supplied", "made")
SINKS = ("scrapped", "consumed", "shipped", "lost")

Move = tuple[str, int, str, str, str]  # item, pieces each time, source, target, cause


@dataclass
class Ledger:
    """Balances per (account, item) and the rows behind them. now_s: the exact instant of what moves piece by piece;
    cutters: who has rows that are not written down yet."""

    now_ms: Callable[[], int]
    now_s: Callable[[], float] | None = None
    postings: Postings = field(default_factory=Postings)
    cutters: list[Callable[[], None]] = field(default_factory=list)
    _accounts: dict[str, dict[str, int]] = field(default_factory=dict)
    _open: "dict[str, dict[Move, array[float]]]" = field(default_factory=dict)  # lot -> moves and when each happened
    _counters: dict[str, Callable[[], Iterable[tuple[str, int]]]] = field(default_factory=dict)

    @property
    def rows(self) -> dict[str, list[object]]:
        """The rows written down so far, by column of plants.postings.COLUMNS, in the order of their instants."""
        return self.postings.table()

    def digest(self) -> str:
        """Hex digest of the rows written down so far."""
        return self.postings.digest()

    def balance(self, account: str, item: str) -> int:
        """Pieces of `item` on `account` (negative on sources)."""
        return self._accounts.get(account, {}).get(item, 0)

    def move(self, item: str, quantity: int, source: str, target: str, cause: str, lot: str = "") -> None:
        """Post `quantity` (> 0) pieces from `source` to `target`. Raises InvariantViolation below zero."""
        self.post(item, quantity, source, target, cause)
        now = self.now_ms()
        self.postings.add(now, now, 1, quantity, item, lot, source, target, cause)

    def move_part(self, item: str, quantity: int, source: str, target: str, cause: str, lot: str) -> None:
        """As `move` of goods that move piece by piece with `lot`: written down together when that is closed."""
        self.post(item, quantity, source, target, cause)
        self.note(item, quantity, source, target, cause, lot)

    def note(self, item: str, quantity: int, source: str, target: str, cause: str, lot: str) -> None:
        """What was posted with `lot` just now is to be written down when that is closed."""
        moves = self._open.setdefault(lot, {})
        move = (item, quantity, source, target, cause)
        instants = moves.get(move)
        if instants is None:
            instants = moves[move] = array("d")
        instants.append(self.now_s() if self.now_s is not None else self.now_ms() / 1000)

    def write(self, move: Move, lot: str, blocks: Sequence[Run]) -> None:
        """Write down what was posted already: blocks of (first, last instant in s, how many times)."""
        item, quantity, source, target, cause = move
        for first, last, steps in blocks:
            self.postings.add(
                ceil_ms(first), ceil_ms(last), steps, quantity * steps, item, lot, source, target, cause
            )  # fmt: skip

    def close(self, lot: str) -> None:
        """Write down what was noted of `lot`."""
        for move, instants in self._open.pop(lot, {}).items():
            self.write(move, lot, runs(instants))

    def cut(self) -> None:
        """Write down everything that has happened by now."""
        for write in self.cutters:
            write()
        for lot in list(self._open):
            self.close(lot)

    def post(self, item: str, quantity: int, source: str, target: str, cause: str) -> None:
        """Change the balances; somebody writes the row. Raises InvariantViolation below zero."""
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
        """Compare every place with the ledger, then every item: what came in = what is there + what went out. A
        cut is made first."""
        self.cut()
        there: dict[str, int] = {}
        for account, counter in self._counters.items():
            counted, booked = dict(counter()), self._accounts.get(account, {})
            if not counted and not booked:
                continue
            for item, pieces in counted.items():
                there[item] = there.get(item, 0) + pieces
                if booked.get(item, 0) != pieces:
                    self.compare(account, item, pieces, event)
            for item, pieces in booked.items():
                if pieces and item not in counted:
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
