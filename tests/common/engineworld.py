"""Small hand-built networks and messages for the engine's tests: two makers of one item, and a make-to-order toy."""

from typing import Any

from sync.core.evolve import evolve
from sync.core.network import Network
from sync.core.problem import Answer, Problem
from sync.core.state import initial
from sync.shell.journal import MemoryJournal, fact_of
from sync.shell.shell import Output, Shell
from sync.shell.solver import Highs, Solver
from sync.vocabulary.commands import Ack
from sync.vocabulary.master import CustomerData, LaneData, LineData, MakeData, MasterData, SiteData
from sync.vocabulary.messages import Message
from sync.vocabulary.policy import Approval, Policy
from sync.vocabulary.quantities import MS_PER_DAY, MS_PER_H
from sync.vocabulary.tariff import Tariff

DAY, HOUR = MS_PER_DAY, MS_PER_H
ALWAYS = Policy({"reroute": Approval(-1), "transfer": Approval(-1)})
ASK = Policy({"reroute": Approval(1, "planner", HOUR), "transfer": Approval(1, "planner", HOUR)})
OPEN = ((0, 90 * DAY),)


class NoSolver:
    """The greedy answer stands."""

    def solve(self, problem: Problem) -> Answer | None:
        return None


def stocked_network() -> MasterData:
    """alpha.L1 and beta.L1 make X (288 pcs/d each) for the warehouse `dc`, whose static source is alpha; alpha writes
    its own item code. One customer draws from `dc`."""
    make = MakeData("X", 20, 0, 300_000_000)
    return MasterData(
        "two-makers", "EUR", 60 * DAY, {"X": 10_000, "Y": 100},
        (
            SiteData("alpha", "plant", codes={"X": "A-X"}),
            SiteData("beta", "plant"),
            SiteData("dc", "warehouse", stock={"X": 400}, reorder={"X": 300}, sources={"X": ("alpha", "beta")}),
        ),
        (LineData("alpha.L1", "alpha", (make,), OPEN), LineData("beta.L1", "beta", (make,), OPEN)),
        (
            LaneData("alpha>dc", "alpha", "dc", DAY, Tariff(1_000_000)),
            LaneData("beta>dc", "beta", "dc", DAY, Tariff(1_500_000)),
            LaneData("dc>shop", "dc", "shop", 4 * HOUR, Tariff(100_000)),
        ),
        (CustomerData("shop", ("dc",), 1_000, "pcs"),),
    )  # fmt: skip


def order_network(rates: dict[str, int], makes: dict[str, list[str]], serves: dict[str, list[str]]) -> MasterData:
    """Plants with one line each that counts orders (`rates` orders a day), all shipping by one port to customer C."""
    sites = [SiteData(p, "plant", 1_000, tuple(serves[p]) if p in serves else None) for p in rates]
    lines = [
        LineData(f"{p}.L1", p, tuple(MakeData(i, 1, 0, -(-DAY * 1000 // rates[p])) for i in makes[p]), OPEN, "orders")
        for p in rates
    ]
    lanes = [LaneData(f"{p}>port", p, "port", 0, Tariff()) for p in rates]
    lanes.append(LaneData("port>C", "port", "C", DAY, Tariff(1_000)))
    items = sorted({i for row in makes.values() for i in row})
    return MasterData(
        "toy-orders", "USD", 30 * DAY, dict.fromkeys(items, 100), (*sites, SiteData("port", "warehouse")),
        tuple(lines), tuple(lanes), (CustomerData("C"),),
    )  # fmt: skip


class Host:
    """Feeds a shell and keeps what it says. Commands are answered as `answer` says. After every step a stand-by that
    knows nothing but the journal believes the same, hash for hash."""

    def __init__(self, master: MasterData, policy: Policy = ALWAYS, solver: Solver | None = None) -> None:
        self.journal = MemoryJournal()
        self.shell = Shell(master, policy, self.journal, solver or Highs())
        self.commands: list[Any] = []
        self.messages: list[Message] = []
        self.answer = "done"
        self._numbers: dict[str, int] = {}
        self._follower, self._followed = initial(Network(master)), 0

    def message(self, source: str, kind: str, data: dict[str, Any], now_ms: int, name: str = "") -> Message:
        self._numbers[source] = self._numbers.get(source, 0) + 1
        number = self._numbers[source]
        return Message(
            id=name or f"{source}-{number}", source=source, type=kind, subject="", time_ms=now_ms, sequence=number,
            data=data,
        )  # fmt: skip

    def tell(self, source: str, kind: str, data: dict[str, Any], now_ms: int) -> bool:
        return self.shell.receive(self.message(source, kind, data, now_ms), now_ms)

    def step(self, now_ms: int) -> Output:
        """Step until nothing more comes of it at this instant: every command is answered at once, as `answer` says."""
        while True:
            out = self.shell.step(now_ms)
            self.commands += out.commands
            self.messages += out.messages
            self.follow()
            if not out.commands or not self.answer:
                return out
            for command in out.commands:
                ack = Ack(command=command.id, source="erp", time_ms=now_ms, status=self.answer)  # type: ignore[arg-type]
                self.shell.acknowledge(ack, now_ms)

    def follow(self) -> None:
        """Fold what the journal holds since the last time, as it is written there."""
        entries = self.journal.entries()
        for entry in entries[self._followed :]:
            evolve(self._follower, fact_of(entry), entry.time_ms)
        self._followed = len(entries)
        assert self._follower.hash() == self.shell.state_hash(), "the journal does not tell the state"

    def run(self, now_ms: int, until_ms: int) -> None:
        """Step now and at every wake-up until `until_ms`."""
        wake = self.step(now_ms).wake_ms
        while 0 <= wake <= until_ms:
            wake = self.step(wake).wake_ms


def sell(host: Host, days: int, per_day: int = 200) -> None:
    """A history of sales: each day's orders of 20 pieces, delivered at once."""
    for day in range(days):
        for n in range(per_day // 20):
            at = day * DAY + n * HOUR
            name = f"shop-{day}-{n}"
            host.tell("erp", "order.created", customer_order(name, at, at + 2 * DAY), at)
            host.tell("erp", "order.delivered", {"order": name, "quantity": 20}, at)


def customer_order(name: str, at_ms: int, due_ms: int, pieces: int = 20) -> dict[str, Any]:
    return {
        "order": name, "customer": "shop", "item": "X", "quantity": pieces, "ordered_ms": at_ms, "due_ms": due_ms,
        "site": "dc", "penalty_minor": 1_000,
    }  # fmt: skip


def replenish(host: Host, order: str, pieces: int, now_ms: int, source: str = "alpha") -> None:
    """ERP's transfer order to dc with the production order behind it."""
    host.tell("erp", "transfer_order.created", {
        "order": order, "item": "X", "quantity": pieces, "source": source, "target": "dc", "ordered_ms": now_ms,
        "due_ms": now_ms + 3 * DAY,
    }, now_ms)  # fmt: skip
    host.tell("erp", "production_order.released", {
        "order": f"PO-{order}", "site": source, "line": f"{source}.L1", "item": "X", "quantity": pieces,
        "for_order": order,
    }, now_ms)  # fmt: skip


def stop(host: Host, line: str, now_ms: int, expected_ms: int) -> None:
    site = line.split(".", maxsplit=1)[0]
    body = {"line": line, "reason": "hydraulics", "since_ms": now_ms, "expected_ms": expected_ms}
    host.tell(f"{site}.mes", "line.stopped", body, now_ms)


def stopped_line(policy: Policy = ALWAYS, solver: Solver | None = None, answer: str = "done") -> Host:
    """Ten days of sales, 300 pieces on order at alpha, then alpha.L1 stops for four days."""
    host = Host(stocked_network(), policy, solver)
    host.answer = answer
    sell(host, 10)
    replenish(host, "TO-1", 300, 10 * DAY - HOUR)
    host.tell("dc.wms", "stock.posted", stock("dc", 200), 10 * DAY - HOUR)
    host.step(10 * DAY - HOUR)
    stop(host, "alpha.L1", 10 * DAY, 4 * DAY)
    host.run(10 * DAY, 10 * DAY + HOUR)
    return host


def stock(site: str, on_hand: int) -> dict[str, Any]:
    return {"site": site, "item": "X", "quantity": 0, "on_hand": on_hand, "reason": "count"}
