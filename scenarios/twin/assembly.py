"""The twin, wired together: the only place where the two worlds and the engine meet.

network (truth) --noticed--> systems --channel--> bus --+--> ERP's records, people, local planners
     ^                                                  +--> engine (built in), or bridges (live)
     |                                                            |
     +---- a system's desk <---------- commands ------------------+
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import msgspec

from plants import definition as d
from plants.disruptions.running import Disruptions
from plants.disruptions.world import World
from plants.errors import InvariantViolation
from plants.kpis.looks import LOOK_S, Looks
from plants.kpis.measured import LineStart, Measured, MessageCount
from plants.kpis.registry import Measures, measure
from plants.network.network import Network
from plants.people.approver import People
from plants.people.planner import LocalPlanners
from plants.shifts import Calendar, Shifts
from plants.systems.channel import Bus, Channel
from plants.systems.erp import Erp
from plants.systems.registry import Systems
from scenarios.runs.replication import Columns, Replication
from scenarios.twin import rows
from scenarios.twin.masterdata import master_data, start_of
from scenarios.twin.rows import columns, command_row
from scenarios.twin.signals import Signals
from scenarios.ways import WAYS
from sim.environment import LAST, Environment
from sim.streams import Streams
from sim.tracing import Digest
from sync.vocabulary.changes import Change
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.decisions import Decision
from sync.vocabulary.master import MasterData
from sync.vocabulary.messages import ENGINE, Message
from sync.vocabulary.policy import Policy
from sync.vocabulary.quantities import ceil_ms

if TYPE_CHECKING:
    from sync.shell.shell import Shell

OFFICE = Calendar("office", tuple(((480, 1020),) if day < 5 else () for day in range(7)))


@dataclass(frozen=True)
class Sabotage:
    """A planted violation: at `at_s`, `pieces` of `item` vanish from `site` without a posting (a self-test)."""

    site: str
    item: str
    pieces: int
    at_s: float


@dataclass(eq=False)
class Twin:
    """One world under one way of working. Build it with `assemble`; `env.advance(until)` makes time pass."""

    scenario: d.ScenarioSpec
    way: str
    seed: int
    replication: int
    disrupted: bool = True
    unservable: dict[str, str] = field(default_factory=dict)
    reference: bool = False

    def __post_init__(self) -> None:
        self.env = Environment()
        self.streams = Streams(self.seed, self.replication)
        self.start = start_of(self.scenario)
        self.network = Network(
            self.env, self.scenario.network, self.start, self.scenario.horizon_s, self.streams, self.reference
        )
        self.bus = Bus(self.env)
        self.engine: EngineHost | None = None
        self.commands: dict[str, Command] = {}
        self.acks: dict[str, Ack] = {}
        self._command_listeners: list[Callable[[Command], None]] = []
        self._ack_listeners: list[Callable[[Ack], None]] = [self._acknowledged]
        self._wire()

    # --- wiring --------------------------------------------------------------------------------------------------
    def _wire(self) -> None:
        net = self.network
        self.office = Shifts.of(OFFICE, self.start)
        self.systems = Systems(net, self._channel, self._ack_listeners)
        self.systems.attach(self.bus)
        self.erp = self.systems.of(Erp)
        self.people = People(self.env, self.streams, self.bus, net.spec.people, net.shifts)
        for person in net.spec.people:
            net.calendar(person.calendar)
        self.bus.listeners.append(self.people.hear)
        if self.way == "fragmented":
            self._add_planners()
        self.signals_of = Signals(net)
        self.disruptions = Disruptions(World(net, self.systems))
        self.looks = Looks(net)
        self.starts: dict[str, LineStart] = {}
        if self.disrupted:
            self.disruptions.plan(self.scenario.disruptions)
        net.start_all()
        self.env.process(self._look())
        self.env.call_at(self.scenario.warmup_s, self._note_warmup, LAST)

    def _channel(self, system: str, owner: str) -> Channel:
        """The channel of a system: its owner's profile, else the network's, else the default."""
        spec = self.network.spec
        owners: list[Any] = [*spec.plants, *spec.warehouses, *spec.suppliers]
        own: dict[str, d.ChannelProfile] = next((o.systems for o in owners if o.id == owner), {})
        profile = own.get(system) or spec.systems.get(system) or d.ChannelProfile()
        source = f"{owner}.{system}" if owner else system
        return Channel(self.env, source, profile, self.streams, self.bus, self.office, self.network.book.cause)

    def _add_planners(self) -> None:
        spec = next((p for p in self.network.spec.people if p.role == "planner"), d.PersonSpec("planner"))
        office = self.network.calendar(spec.calendar) if spec.calendar else self.office
        planners = LocalPlanners(self.erp, office, self.streams.keyed("people/phone", spec.responds_in))
        self.erp.planner = planners
        if self.network.every_mode:
            self.network.forwarder = planners.mode
        self.bus.listeners.append(planners.hear)

    def _look(self) -> Any:
        """Every 6 h: look at stock and backlog, and audit the whole ledger."""
        while True:
            self.env.call_at(self.env.now, self._inspect, LAST)
            yield self.env.timeout(LOOK_S)

    def _note_warmup(self) -> None:
        """What lines counted in the warm-up does not count; no row of the ledger goes across its end."""
        self.network.ledger.cut()
        for name, line in self.network.lines.items():
            self.starts[name] = LineStart.of(line)

    def _inspect(self) -> None:
        self.network.audit("inspection")
        self.looks.look()

    def sabotage(self, planted: Sabotage) -> None:
        """Plant a violation. Raises KeyError for an unknown site."""
        site = self.network.sites[planted.site]

        def vanish() -> None:
            site.on_hand[planted.item] = site.on_hand.get(planted.item, 0) - planted.pieces

        self.env.call_at(planted.at_s, vanish)

    # --- the surface (also used live) ----------------------------------------------------------------------------
    @property
    def now_ms(self) -> int:
        return ceil_ms(self.env.now)

    @property
    def policy(self) -> Policy:
        return self.scenario.policy

    @property
    def master(self) -> MasterData:
        return master_data(self.network)

    def signals(self) -> dict[str, list[str]]:
        """Plant -> the names of its signals."""
        return self.signals_of.names()

    def on_change(self, listener: Callable[[Change], None]) -> None:
        """Call `listener` with every signal change from now on."""
        self.signals_of.listen(listener)

    def on_message(self, listener: Callable[[Message], None]) -> None:
        self.bus.listeners.append(listener)

    def on_command(self, listener: Callable[[Command], None]) -> None:
        self._command_listeners.append(listener)

    def on_ack(self, listener: Callable[[Ack], None]) -> None:
        self._ack_listeners.append(listener)

    def takes_commands(self) -> tuple[str, ...]:
        """The systems that carry out commands, by their sources."""
        return tuple(self.systems.desks)

    def command(self, command: Command) -> None:
        """Hand a command to its system, which executes it after its latency and answers with an Ack."""
        self.commands.setdefault(command.id, command)
        for listener in self._command_listeners:
            listener(command)
        desk = self.systems.desks.get(command.target)
        if desk is not None:
            desk.take(command)
            return
        reason = f"no system {command.target} takes commands. known: {', '.join(self.systems.desks)}"
        self._acknowledged(Ack(command=command.id, source="twin", time_ms=self.now_ms, status="refused", reason=reason))

    def post(self, message: Message) -> None:
        """Put a message of somebody outside on the bus."""
        self.bus.deliver(message)

    def inject(self, kind: str, target: str, /, for_s: float | None = None, **extra: object) -> str:
        """Disturb the running world now. Returns the disruption's id. Raises ValueError for what cannot be, in one
        sentence, with the world untouched; an InvariantViolation is not the wish's fault and goes through."""
        from scenarios.twin.injection import injected

        taken = {planned.id for planned in self.scenario.disruptions} | set(self.disruptions.happened)
        name = next(i for n in count(1) if (i := f"injected-{n}") not in taken)
        try:
            self.disruptions.begin(injected(self.disruptions.world, name, kind, target, for_s, extra))
        except InvariantViolation:
            raise
        except Exception as fault:  # one wish must never end a twin that others watch
            self.disruptions.happened.pop(name, None)
            why = str(fault) if isinstance(fault, ValueError) else f"{type(fault).__name__}: {fault}"
            raise ValueError(why) from fault
        return name

    def attach_engine(self, epoch: int = 1) -> None:
        """Let the built-in engine decide (again); its commands carry `epoch`, the fencing token."""
        if self.engine is None:
            self.engine = EngineHost.build(self)
            self.bus.listeners.append(self.engine.hear)
            self._ack_listeners.append(self.engine.acknowledged)
        self.engine.active = True
        self.engine.shell.lead(epoch, self.now_ms)

    def detach_engine(self) -> None:
        """The built-in engine stands down: it goes on listening, and commands nothing."""
        if self.engine is not None:
            self.engine.active = False

    def _acknowledged(self, ack: Ack) -> None:
        self.acks.setdefault(ack.command, ack)

    # --- the end -------------------------------------------------------------------------------------------------
    def finish(self) -> None:
        """The world is at its end: what is due at this very instant happens too, and the last audit finds whatever the
        ledger holds."""
        self.env.drain()
        for line in self.network.lines.values():
            line.settle()
        self.network.ledger.cut()
        self.network.audit("end of run", whole=True)

    def result(self, wall_s: float = 0.0) -> Replication:
        """Everything that is known of the run so far."""
        decisions = self.engine.shell.decisions() if self.engine is not None else []
        measured = self.measured(decisions)
        measures, bodies = measure(measured), rows.bodies(self.bus.log)
        return Replication(
            way=self.way,
            replication=self.replication,
            seed=self.seed,
            kpis=measures.values,
            digest=self._digest(decisions, bodies),
            events=self.env.trace.fired,
            wall_s=wall_s,
            horizon_ms=ceil_ms(self.scenario.horizon_s),
            warmup_ms=ceil_ms(self.scenario.warmup_s),
            tables=self._tables(measured, measures, bodies),
            decisions=decisions,
            disruptions=[asdict(h) for h in self.disruptions.happened.values()],
            faults=measures.faults,
        )

    def measured(self, decisions: list[Decision]) -> Measured:
        """The world as KPIs read it: up to the horizon, or to now before it."""
        until_s = max(min(self.scenario.horizon_s, self.env.now), self.scenario.warmup_s)
        said = MessageCount([(m.source, m.fate) for m in self.bus.mishaps], list(self.systems.by_source))
        books = {source: book for source, system in self.systems.by_source.items() if (book := system.book())}
        return Measured(
            self.network, until_s, self.scenario.warmup_s, self.starts, self.unservable,
            self._latencies(decisions), books, said,
        )  # fmt: skip

    def _latencies(self, decisions: list[Decision]) -> list[int]:
        arrived = {m.id: at for at, m in self.bus.log} if decisions else {}
        found = []
        for decision in decisions:
            done = [self.acks[c].time_ms for c in decision.commands if c in self.acks]
            heard = [arrived[i] for i in decision.causes if i in arrived]
            # a regular look has evidence, not a trigger: what it decides is timed from the look
            looked = decision.workflow == "order-at-risk" or not heard
            if done:
                found.append(max(done) - (decision.time_ms if looked else max(heard)))
        return found

    def _digest(self, decisions: list[Decision], bodies: list[str]) -> str:
        """SHA-256 over what fired, what moved, what was said and what was decided."""
        whole = Digest()
        whole.add(self.env.trace.digest())
        whole.add(self.network.ledger.digest())
        for (at, m), body in zip(self.bus.log, bodies, strict=True):
            whole.add(f"{at}|{m.id}|{m.type}|{m.subject}|{m.time_ms}|{body}")
        for decision in decisions:
            whole.add(msgspec.json.encode(decision).decode())
        return whole.hexdigest()

    def _tables(self, measured: Measured, measures: Measures, bodies: list[str]) -> dict[str, Columns]:
        return {
            "orders": rows.orders(self.network.book.orders.values(), measured),
            "shipments": rows.shipments(self.network.shipments),
            "legs": rows.legs(self.network.shipments),
            "states": rows.states(self.network.lines.values(), measured.horizon_s),
            "shifts": rows.shifts(self.network.lines.values(), measured.horizon_s),
            "times": rows.times(measured.lines),
            "lines": rows.lines(measured.lines),
            "ledger": {**self.network.ledger.rows},
            "messages": rows.messages(self.bus.log, bodies),
            "mishaps": rows.mishaps(self.bus.mishaps),
            "commands": columns([command_row(c, self.acks.get(c.id)) for c in self.commands.values()]),
            "books": rows.books(measured.books),
            "series": dict(self.looks.series),
            "kpis": rows.kpis(measures, self.network.spec.currency, self.way, self.replication),
        }


@dataclass(eq=False)
class EngineHost:
    """Hosts the engine in virtual time: what arrives in one instant is decided once, after everything else in it."""

    twin: Twin
    shell: "Shell"
    active: bool = True
    _pending: bool = False
    _wake_ms: int = -1

    @classmethod
    def build(cls, twin: Twin) -> "EngineHost":
        from sync.shell.journal import MemoryJournal
        from sync.shell.shell import Shell
        from sync.shell.solver import Highs

        return cls(twin, Shell(twin.master, twin.policy, MemoryJournal(), Highs()))

    def hear(self, message: Message) -> None:
        """The inbox. The engine does not listen to itself."""
        if message.source != ENGINE:
            self.shell.receive(message, self.twin.now_ms)
            self._soon()

    def acknowledged(self, ack: Ack) -> None:
        self.shell.acknowledge(ack, self.twin.now_ms)
        self._soon()

    def _soon(self) -> None:
        if not self._pending:
            self._pending = True
            self.twin.env.call_at(self.twin.env.now, self._step, LAST)

    def _step(self) -> None:
        self._pending = False
        out = self.shell.step(self.twin.now_ms)
        if self.active:
            for command in out.commands:
                self.twin.command(command)
            for message in out.messages:
                self.twin.bus.deliver(message)
        if out.wake_ms >= 0 and (self._wake_ms < self.twin.now_ms or out.wake_ms < self._wake_ms):
            self._wake_ms = out.wake_ms
            self.twin.env.call_at(out.wake_ms / 1000, lambda: self._wake(out.wake_ms), LAST)

    def _wake(self, wake_ms: int) -> None:
        """The instant the engine asked for; an earlier wish has made a later one void."""
        if wake_ms == self._wake_ms:
            self._wake_ms = -1
            self._step()


def assemble(
    scenario: d.ScenarioSpec, way: str, seed: int, replication: int = 0, *, engine: str = "builtin",
    disruptions: bool = True, unservable: dict[str, str] | None = None, reference: bool = False,
) -> Twin:  # fmt: skip
    """Build the world of `scenario` under `way`, with `reference` on the SimPy lines that the machine floor is held
    against. Raises ValueError for a way that does not exist."""
    if way not in WAYS:
        raise ValueError(f"way '{way}' is not one of {', '.join(WAYS)}")
    twin = Twin(scenario, way, seed, replication, disruptions, unservable or {}, reference)
    if way == "synced" and engine == "builtin":
        twin.attach_engine()
    return twin
