"""Serve a twin live: the simulation paced against the clock, out over OPC UA and MQTT, commands back in.

    twin (virtual time) --changes--> OPC UA servers, MQTT      inbox (MQTT) --> commands --gate--> twin
         |--messages, commands, acks--> MQTT                                --> injections ------> twin
         |<-- advance(due) -- pacer (wall clock, 10 ms ticks)               --> engines attach, leave

Before the first paced instant the twin may be fast-forwarded (`skip_s`): nothing is published meanwhile, but every
message is kept, because an engine that attaches is told the whole past (its forecasts need a history; see
`bridges.wire.presence`). While an outside engine is attached the built-in one stands down, so two never command.
"""

import asyncio
import os
import secrets
import signal
import time
from collections.abc import Callable
from pathlib import Path
from socket import gethostname
from typing import Any

from bridges.clients.inject import inject
from bridges.errors import Rejected
from bridges.mqtt.broker import ROLES, Broker, open_broker
from bridges.mqtt.client import Say, Session
from bridges.opcua.server import PlantServer, open_servers
from bridges.serve.gate import Gate, Remembered
from bridges.serve.invitation import invitation, watcher_options
from bridges.serve.options import Options, Served, check, check_end
from bridges.serve.outlet import Outlet
from bridges.serve.pacing import Pacer, first_shift_s
from bridges.serve.twin import Twin
from bridges.wire import codec, presence, statefile
from bridges.wire.codec import Packet
from bridges.wire.narration import clock_text, tell_ack, tell_command, tell_message
from bridges.wire.statefile import Credentials, ServeFile
from plants.definition import ScenarioSpec
from plants.ledger import InvariantViolation
from sync.vocabulary.changes import Change
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.messages import Message, body_of
from sync.vocabulary.quantities import ceil_ms

TICK_S = 0.01
BURST_S = 0.05  # of simulation between two looks at the inbox
CLOCK_S = 0.2  # wall time between two clock ticks on MQTT
SKIP_SLICE_S = 3600.0  # virtual, between two looks at Ctrl-C while fast-forwarding
ATTACH_S = 60.0  # an engine that asked for the past and does not come online by then is gone
PAST = 500_000  # messages kept for engines that attach
SYSTEMS = ("erp",)  # that take commands
FROM_ENGINE = ("approval.requested", "decision.made")
CLOSED = "the built-in engine decides here. Attach an engine, or serve with --engine none"


def serve(
    loaded: Any,
    *,
    speed: float = 1.0,
    broker: str | None = None,
    opcua_port: int = 4840,
    state_dir: Path = Path(".plantsync"),
    engine: str = "builtin",
    insecure: bool = False,
    feed: Say = print,
    skip_s: float | None = None,
    until_s: float | None = None,
    seed: int | None = None,
    disruptions: bool = True,
    broker_kind: str = "auto",
) -> Served:
    """Serve `loaded` (a Loaded, or a Scenario) until its horizon, SIGINT or SIGTERM.

    Raises Refused (exit 2), ConnectionFailed (exit 6), KeyboardInterrupt when it was asked to end before anything was
    served (exit 130), and what the simulation itself raises (InvariantViolation: exit 3).
    """
    from scenarios.twin.assembly import assemble

    scenario: ScenarioSpec = getattr(loaded, "scenario", loaded)
    options = Options(speed, broker, broker_kind, opcua_port, Path(state_dir), engine, insecure, skip_s, until_s)
    check(options, scenario.horizon_s)
    twin = assemble(scenario, "synced", scenario.seed if seed is None else seed, engine=engine, disruptions=disruptions)
    return serve_twin(twin, scenario, options, feed)


def serve_twin(twin: Twin, scenario: ScenarioSpec, options: Options, feed: Say = print) -> Served:
    """Serve an assembled twin. See `serve`."""
    check(options, scenario.horizon_s)
    return asyncio.run(Serving(twin, scenario, options, feed).run())


class Serving:
    """One serving of one twin."""

    def __init__(self, twin: Twin, scenario: ScenarioSpec, options: Options, feed: Say) -> None:
        from scenarios.twin.masterdata import start_of

        self.twin, self.options, self.feed = twin, options, feed
        self.enterprise = scenario.network.id
        start = start_of(scenario)
        self.start_epoch_ms = codec.since_epoch_ms(start)
        self.scenario = scenario
        first_s = first_shift_s(twin.master, scenario.warmup_s, scenario.horizon_s)
        self.skip_s = first_s if options.skip_s is None else options.skip_s
        check_end(options, self.skip_s)
        self.until_s = scenario.horizon_s if options.until_s is None else min(options.until_s, scenario.horizon_s)
        self.run_id = secrets.token_hex(6)
        self.gate = Gate(SYSTEMS)
        self.gate.closed = CLOSED if options.engine == "builtin" else ""
        self.past: list[tuple[int, Message]] = []
        self.missing = 0
        self.foreign = Remembered()  # messages and commands that came from outside: not published again
        self.published = Remembered()  # what the built-in engine said: its echo does not come from outside
        self.engine_id = ""
        self.engine_online = False
        self.attach_by = 0.0
        self.rejected = self.reconnects = 0
        self.stopping = asyncio.Event()
        self.servers: dict[str, PlantServer] = {}
        self.waiting: list[Change] = []  # for OPC UA, at most one burst
        self.live = self.warned = False
        self.broker: Broker
        self.session: Session
        self.outlet: Outlet
        self.pacer: Pacer

    @property
    def now_ms(self) -> int:
        return ceil_ms(self.twin.env.now)

    # --- the course of it ---------------------------------------------------------------------------------------------
    async def run(self) -> Served:
        statefile.claim(self.options.state_dir)
        begun = time.monotonic()
        self._heed_signals()
        self.broker = await asyncio.to_thread(self._open_broker)
        try:
            await self._open()
            await self._skip()
            if self.stopping.is_set():
                raise KeyboardInterrupt  # nothing was served yet
            await self._publish_all()
            await self._pace()
        finally:
            await self._close()
        return self._summary(time.monotonic() - begun)

    def _open_broker(self) -> Broker:
        o = self.options
        return open_broker(
            o.broker, o.state_dir, self.enterprise, kind=o.broker_kind, insecure=o.insecure, say=self.feed
        )

    def _heed_signals(self) -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            try:
                loop.add_signal_handler(number, self.stopping.set)
            except (NotImplementedError, RuntimeError, ValueError):
                return  # not the main thread, or Windows: KeyboardInterrupt does it

    async def _open(self) -> None:
        """Connect to the broker, start the OPC UA servers, listen to the twin."""
        topics = presence.Topics(self.enterprise)
        says = [f"{self.enterprise}/{codec.NETWORK}/_msg/{kind}" for kind in FROM_ENGINE]
        status = presence.Status(state="online", id=self.run_id)
        self.session = Session(
            self.broker.endpoint.as_role(self.broker.credentials.role("twin")),
            f"twin-{self.run_id}",
            subscribe=[(t, 1) for t in (topics.commands, topics.inject, topics.replay, topics.engine_status, *says)],
            birth=Packet(topics.twin_status, codec.encode(status), 1, True),
            will=self._offline(),
            say=self.feed,
        )
        await asyncio.to_thread(self.session.connect)
        self.outlet = Outlet(self.session, self.enterprise, self.start_epoch_ms)
        self.logins = self._logins()
        self.servers = await open_servers(
            self.enterprise,
            self.twin.signals(),
            first_port=self.options.opcua_port,
            users=self.logins.people(),
            start_epoch_ms=self.start_epoch_ms,
            insecure=self.options.insecure,
        )
        self.twin.on_message(self._said)
        self.twin.on_command(self._ordered)
        self.twin.on_ack(self._answered)

    def _offline(self) -> Packet:
        status = presence.Status(state="offline", id=self.run_id)
        return Packet(f"{self.enterprise}/_twin/status", codec.encode(status), 1, True)

    def _logins(self) -> Credentials:
        """The broker's logins; a broker without any gets a generated one beside it, for OPC UA."""
        theirs = self.broker.credentials
        if theirs.username:
            return theirs
        return Credentials("operator", secrets.token_urlsafe(24), dict.fromkeys(ROLES, statefile.Login()))

    async def _skip(self) -> None:
        """Fast-forward, unpublished."""
        if not self.skip_s:
            return
        why = " (the first shift after the warm-up; --skip 0s: the beginning)" if self.options.skip_s is None else ""
        self.feed(f"fast-forward to {clock_text(ceil_ms(self.skip_s))}{why}")
        while self.twin.env.now < self.skip_s and not self.stopping.is_set():
            self.twin.env.advance(min(self.skip_s, self.twin.env.now + SKIP_SLICE_S))
            await asyncio.sleep(0)

    async def _publish_all(self) -> None:
        """From here on clients see everything: the present state of each signal first."""
        self.live = True
        self.twin.on_change(self._changed)
        await self._write_opcua()
        self._publish_master()
        url = self.broker.endpoint.url
        written = ServeFile(
            broker=url,
            credentials=self.logins,
            opcua={plant: server.url for plant, server in self.servers.items()},
            enterprise=self.enterprise,
            speed=self.options.speed,
            pid=os.getpid(),
            start_epoch_ms=self.start_epoch_ms,
            cafile=self.broker.endpoint.cafile,
            scenario=self.scenario.id,
            insecure=self.options.insecure,
            host=gethostname(),
        )
        path = statefile.write(self.options.state_dir, written)
        watcher = self.broker.endpoint.as_role(self.logins.role("viewer"))
        statefile.write_private(path.with_name(statefile.WATCHER), watcher_options(watcher))
        for line in invitation(written, path, self.twin.signals()):
            self.feed(line)

    def _publish_master(self) -> None:
        deciding = "outside" if self.engine_id else self.options.engine
        self.outlet.master(self.run_id, self.options.speed, deciding, self.twin.master, self.twin.policy)

    async def _pace(self) -> None:
        """Advance to what is due, publish, look at the inbox; every TICK_S, for as long as there is time."""
        self.pacer = Pacer(self.twin.env.now, self.options.speed)
        self.pacer.begin()
        env, next_clock = self.twin.env, 0.0
        while env.now < self.until_s and not self.stopping.is_set():
            self._advance(min(self.pacer.due_s(), self.until_s))
            self.pacer.note(env.now)
            await self._write_opcua()
            for packet in self.session.drain():
                self._take(packet)
            wall = time.monotonic()
            if wall >= next_clock:
                next_clock = wall + CLOCK_S
                self.outlet.clock(self.now_ms, self.pacer.last_lag_ms)
                self._miss_engine(wall)
                if self.session.reconnects > self.reconnects:  # a broker that was restarted has forgotten
                    self.reconnects = self.session.reconnects
                    self._publish_master()
                    self.outlet.republish()
            behind = self.pacer.due_s() - env.now > self.options.speed * TICK_S
            await asyncio.sleep(0 if behind and env.now < self.until_s else TICK_S)

    def _advance(self, due_s: float) -> None:
        """Towards `due_s` in slices of a tick, for at most BURST_S of wall time."""
        env, end, slice_s = self.twin.env, time.monotonic() + BURST_S, self.options.speed * TICK_S
        while env.now < due_s and time.monotonic() < end:
            env.advance(min(due_s, env.now + slice_s))

    async def _write_opcua(self) -> None:
        changes, self.waiting = self.waiting, []
        for change in changes:
            server = self.servers.get(change.signal.partition(".")[0])
            if server is not None:
                await server.write(change)

    async def _close(self) -> None:
        """Everything that was opened, in reverse; what fails does not keep the rest from closing."""
        statefile.remove(self.options.state_dir)
        await asyncio.gather(*(s.stop() for s in self.servers.values()), return_exceptions=True)
        if hasattr(self, "session"):
            if hasattr(self, "outlet"):
                self.session.publish(Packet(self.outlet.topics.master, b"", 1, True))  # nothing to attach to any more
            await asyncio.to_thread(self.session.close, self._offline())
        await asyncio.to_thread(self.broker.close)

    def _summary(self, wall_s: float) -> Served:
        pacer = getattr(self, "pacer", Pacer(0.0, 1.0))
        done = Served(
            reason="interrupted" if self.stopping.is_set() else "horizon",
            now_ms=self.now_ms,
            wall_s=wall_s,
            changes=self.outlet.changes,
            messages=self.outlet.messages,
            commands=self.gate.accepted,
            refused=self.gate.turned_away + self.rejected,
            dropped=self.session.dropped_in + self.session.dropped_out,
            max_lag_ms=pacer.max_lag_ms,
            lag_ms_p99=pacer.lag_ms_p99(),
        )
        lag = f"lag p99 {done.lag_ms_p99} ms, max {done.max_lag_ms} ms"
        self.feed(
            f"{clock_text(done.now_ms)}: ended ({done.reason}); {done.changes} changes, {done.messages} messages, "
            f"{done.commands} commands from outside, {done.refused} refused, {done.dropped} dropped; {lag}"
        )
        return done

    # --- what the twin says -------------------------------------------------------------------------------------------
    def _changed(self, change: Change) -> None:
        wire = codec.on_the_wire(change)
        self.outlet.change(wire)
        self.waiting.append(wire)

    def _said(self, message: Message) -> None:
        if len(self.past) < PAST:
            self.past.append((self.now_ms, message))
        else:
            self.missing += 1
        if self.live and (message.source, message.id) not in self.foreign:
            if message.source == "engine":
                self.published.add((message.source, message.id))
            self.outlet.message(message, self.now_ms)
            self._tell(tell_message(message))

    def _ordered(self, command: Command) -> None:
        if self.live and command.id not in self.foreign:
            self.published.add(command.id)
            self.outlet.command(command)
            self._tell(tell_command(command))

    def _answered(self, ack: Ack) -> None:
        if self.live:
            self.outlet.ack(ack, self.now_ms)
            self._tell(tell_ack(ack))

    def _tell(self, line: str) -> None:
        if line:
            self.feed(line)

    # --- what comes in ------------------------------------------------------------------------------------------------
    def _take(self, packet: Packet) -> None:
        """One packet from outside. What is not the contract's is counted, the first ten are told."""
        topics = self.outlet.topics
        routes: dict[str, Callable[[Packet], None]] = {
            topics.inject: self._inject,
            topics.replay: self._attach,
            topics.engine_status: self._engine_status,
        }
        take = routes.get(packet.topic) or (self._command if "/_cmd/" in packet.topic else self._engine_says)
        try:
            take(packet)
        except Rejected as fault:
            self.rejected += 1
            if self.rejected <= 10:
                self.feed(f"rejected: {fault}")

    def _command(self, packet: Packet) -> None:
        """A command from outside passes the gate once; every other answer goes back at once."""
        claimed = codec.command_id(packet.payload)
        if claimed in self.published:
            return  # our own, coming back
        try:
            command = codec.decode_command(self.enterprise, packet)
        except Rejected as fault:
            if claimed:
                ack = Ack(command=claimed, source="twin", time_ms=self.now_ms, status="refused", reason=str(fault))
                self._answered(ack)
            raise
        refusal = self.gate.judge(command, self.now_ms)
        if refusal is not None:
            self._answered(refusal)
            if refusal.status == "expired" and not self.warned:
                self.warned = True
                self.feed(f"warning: commands come too late: at {self.options.speed:g}x a second of computing is "
                          f"{self.options.speed / 60:g} min here. Serve at a lower --speed.")  # fmt: skip
            return
        self.foreign.add(command.id)
        self._tell(tell_command(command))
        self.twin.command(command)

    def _engine_says(self, packet: Packet) -> None:
        """approval.requested and decision.made of an outside engine go on the twin's bus: people hear them."""
        message = codec.decode_message(self.enterprise, packet, self.start_epoch_ms)
        if message.source != "engine" or message.type not in FROM_ENGINE:
            return
        if (message.source, message.id) in self.published:
            return  # our own, coming back
        if self.gate.closed:
            raise Rejected(f"{packet.topic}: {self.gate.closed}")
        try:
            body_of(message)
        except (KeyError, ValueError) as fault:
            raise Rejected(f"{packet.topic}: {fault}") from None
        if (message.source, message.id) not in self.foreign:
            self.foreign.add((message.source, message.id))
            self._tell(tell_message(message))
            self.twin.post(message)

    def _inject(self, packet: Packet) -> None:
        """Disturb the world now, and say what came of it."""
        if packet.retain:
            raise Rejected(f"{packet.topic}: retained injections are refused")
        wish = codec.decode_as(presence.Injection, packet)
        answer: dict[str, str] = {}
        try:
            if "for_s" in wish.extra:
                raise ValueError("key 'for_s' stands beside 'extra', not in it")
            answer["disruption"] = self.twin.inject(wish.kind, wish.target, wish.for_s, **wish.extra)
            told = f"{wish.kind} {wish.target} is {answer['disruption']}"
        except InvariantViolation:
            raise
        except Exception as fault:  # whatever a wish does, the twin goes on for everybody else
            answer["reason"] = str(fault) or type(fault).__name__
            told = f"{wish.kind} {wish.target} refused: {answer['reason']}"
        self.feed(f"{clock_text(self.now_ms):<13} injected               {told}")
        content = presence.Injected(request=wish.request, time_ms=self.now_ms, **answer)
        self.outlet.own(self.outlet.topics.injected(wish.request), content)

    # --- engines come and go ------------------------------------------------------------------------------------------
    def _attach(self, packet: Packet) -> None:
        """An engine asks for the past: it decides from here on, and every earlier one is fenced off."""
        if packet.retain:
            raise Rejected(f"{packet.topic}: retained requests are refused")
        engine = codec.decode_as(presence.ReplayRequest, packet).engine
        self.gate.epoch += 1
        self.gate.closed = ""
        self.engine_id, self.engine_online, self.attach_by = engine, False, time.monotonic() + ATTACH_S
        self.twin.detach_engine()
        past = [(at, m) for at, m in self.past if m.source not in ("engine", "people")]
        total = self.outlet.replay(engine, self.gate.epoch, past, self.missing, self.now_ms)
        self._publish_master()
        stands_down = " The built-in engine stands down." if self.options.engine == "builtin" else ""
        self.feed(f"{engine} attaches: epoch {self.gate.epoch}, {total} messages of the past.{stands_down}")

    def _engine_status(self, packet: Packet) -> None:
        status = codec.decode_as(presence.Status, packet)
        if status.id != self.engine_id:
            return  # a left-over of an earlier one
        if status.state == "online":
            self.engine_online = True
        else:
            self._detach("has left")

    def _miss_engine(self, wall: float) -> None:
        if self.engine_id and not self.engine_online and wall > self.attach_by:
            self._detach(f"did not come online within {ATTACH_S:g} s")

    def _detach(self, why: str) -> None:
        """The outside engine is gone: its late commands are refused, the built-in one decides again."""
        self.gate.epoch += 1
        engine, self.engine_id, self.engine_online = self.engine_id, "", False
        comes_back = "nobody decides now"
        if self.options.engine == "builtin":
            self.twin.attach_engine()
            if self.twin.engine is not None:
                self.twin.engine.shell.epoch = self.gate.epoch
            comes_back = "the built-in engine decides again"
            self.gate.closed = CLOSED
        self._publish_master()
        self.feed(f"{engine} {why}: {comes_back}")


__all__ = ["Options", "Served", "Serving", "inject", "serve", "serve_twin"]
