"""Serve a twin live: the simulation paced against the clock, out over OPC UA and MQTT, commands back in.

    twin (virtual time) --changes--> OPC UA servers, MQTT      inbox (MQTT) --> commands --gate--> twin
         |--messages, commands, acks--> MQTT                                --> injections ------> twin
         |<-- advance(due) -- pacer (wall clock, 10 ms ticks)               --> engines attach, leave

What goes out is said here, what comes in is taken by `bridges.serve.intake`, who decides is kept by
`bridges.serve.engines`. Before the first paced instant the twin may be fast-forwarded (`skip_s`): nothing is published
meanwhile, but every message is kept, because an engine that attaches is told the whole past.
"""

import asyncio
import os
import secrets
import signal
import time
from collections.abc import Callable
from socket import gethostname

from bridges.mqtt.broker import ROLES, Broker, open_broker
from bridges.mqtt.client import Session
from bridges.opcua.server import PlantServer, open_servers
from bridges.serve.engines import CLOSED, Engines
from bridges.serve.gate import Echoes, Gate
from bridges.serve.intake import Intake
from bridges.serve.invitation import invitation, watcher_options
from bridges.serve.options import Options, Served, check, check_end
from bridges.serve.outlet import Outlet
from bridges.serve.pacing import Pacer, first_shift_s
from bridges.serve.twin import Subject, Twin
from bridges.wire import codec, presence, statefile
from bridges.wire.codec import Packet
from bridges.wire.narration import Say, tell_ack, tell_command, tell_message
from bridges.wire.statefile import Credentials, ServeFile
from sync.vocabulary.changes import Change
from sync.vocabulary.commands import Ack, Command
from sync.vocabulary.messages import ENGINE, FROM_ENGINE, Message
from sync.vocabulary.quantities import ceil_ms
from sync.vocabulary.wording import clock_text

TICK_S = 0.01
BURST_S = 0.05  # of simulation between two looks at the inbox
CLOCK_S = 0.2  # wall time between two clock ticks on MQTT
SKIP_SLICE_S = 3600.0  # virtual, between two looks at Ctrl-C while fast-forwarding


def serve(build: Callable[[], Twin], subject: Subject, options: Options, feed: Say = print) -> Served:
    """Serve the twin that `build` makes until the horizon, `options.until_s`, SIGINT or SIGTERM.

    Raises Refused for options that cannot be, before anything is built; ConnectionFailed; KeyboardInterrupt when it was
    asked to end before anything was served; and what the twin itself raises while its time passes.
    """
    check(options, subject.horizon_s)
    return asyncio.run(Serving(build(), subject, options, feed).run())


class Serving:
    """One serving of one twin."""

    def __init__(self, twin: Twin, subject: Subject, options: Options, feed: Say) -> None:
        self.twin, self.subject, self.options, self.feed = twin, subject, options, feed
        first_s = first_shift_s(twin.master, subject.warmup_s, subject.horizon_s)
        self.skip_s = first_s if options.skip_s is None else options.skip_s
        check_end(options, self.skip_s)
        self.until_s = subject.horizon_s if options.until_s is None else min(options.until_s, subject.horizon_s)
        self.run_id = secrets.token_hex(6)
        self.gate = Gate(twin.takes_commands(), CLOSED if options.engine == "builtin" else "")
        self.echoes = Echoes()
        self.reconnects = 0
        self.stopping = asyncio.Event()
        self.servers: dict[str, PlantServer] = {}
        self.waiting: list[Change] = []  # for OPC UA, at most one burst
        self.live = False
        self.broker: Broker
        self.session: Session
        self.outlet: Outlet
        self.engines: Engines
        self.intake: Intake
        self.pacer: Pacer

    @property
    def now_ms(self) -> int:
        return ceil_ms(self.twin.env.now)

    # --- the course of it ---------------------------------------------------------------------------------------------
    async def run(self) -> Served:
        """From the first look at the folder to the summary. See `serve`."""
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
            o.broker, o.state_dir, self.subject.enterprise, kind=o.broker_kind, insecure=o.insecure, say=self.feed
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
        enterprise, start_epoch_ms = self.subject.enterprise, self.subject.start_epoch_ms
        self.session = await asyncio.to_thread(self._connect)
        self.outlet = Outlet(self.session, enterprise, start_epoch_ms)
        self.engines = Engines(self.twin, self.gate, self.outlet, self.options.engine, self.feed, self._publish_master)
        self.intake = Intake(
            self.twin, self.subject, self.gate, self.engines, self.outlet, self.echoes, self.options.speed, self.feed
        )
        self.logins = self._logins()
        self.servers = await open_servers(
            enterprise,
            self.twin.signals(),
            first_port=self.options.opcua_port,
            users=self.logins.people(),
            start_epoch_ms=start_epoch_ms,
            insecure=self.options.insecure,
        )
        self.twin.on_message(self._said)
        self.twin.on_command(self._ordered)
        self.twin.on_ack(self._answered)

    def _connect(self) -> Session:
        """A session with the broker that hears whatever the contract lets in. Raises ConnectionFailed."""
        topics = presence.Topics(self.subject.enterprise)
        says = [f"{self.subject.enterprise}/{codec.NETWORK}/_msg/{kind}" for kind in FROM_ENGINE]
        status = presence.Status(state="online", id=self.run_id)
        return Session(
            self.broker.endpoint.as_role(self.broker.credentials.role("twin")),
            f"twin-{self.run_id}",
            subscribe=[(t, 1) for t in (topics.commands, topics.inject, topics.replay, topics.engine_status, *says)],
            birth=Packet(topics.twin_status, codec.encode(status), 1, True),
            will=self._offline(),
            say=self.feed,
        ).connect()

    def _offline(self) -> Packet:
        status = presence.Status(state="offline", id=self.run_id)
        return Packet(presence.Topics(self.subject.enterprise).twin_status, codec.encode(status), 1, True)

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
        self._invite()

    def _invite(self) -> None:
        """Write serve.json and say how to take part."""
        written = ServeFile(
            broker=self.broker.endpoint.url,
            credentials=self.logins,
            opcua={plant: server.url for plant, server in self.servers.items()},
            enterprise=self.subject.enterprise,
            speed=self.options.speed,
            pid=os.getpid(),
            start_epoch_ms=self.subject.start_epoch_ms,
            cafile=self.broker.endpoint.cafile,
            scenario=self.subject.scenario,
            insecure=self.options.insecure,
            host=gethostname(),
        )
        path = statefile.write(self.options.state_dir, written)
        watcher = self.broker.endpoint.as_role(self.logins.role("viewer"))
        statefile.write_private(path.with_name(statefile.WATCHER), watcher_options(watcher))
        for line in invitation(written, path, self.twin.signals()):
            self.feed(line)

    def _publish_master(self) -> None:
        deciding = self.engines.deciding
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
                self.intake.take(packet, self.now_ms)
            wall = time.monotonic()
            if wall >= next_clock:
                next_clock = wall + CLOCK_S
                self._keep_time(wall)
            behind = self.pacer.due_s() - env.now > self.options.speed * TICK_S
            await asyncio.sleep(0 if behind and env.now < self.until_s else TICK_S)

    def _advance(self, due_s: float) -> None:
        """Towards `due_s` in slices of a tick, for at most BURST_S of wall time."""
        env, end, slice_s = self.twin.env, time.monotonic() + BURST_S, self.options.speed * TICK_S
        while env.now < due_s and time.monotonic() < end:
            env.advance(min(due_s, env.now + slice_s))

    def _keep_time(self, wall_s: float) -> None:
        """What is done every CLOCK_S: tell the time, miss an engine that stays away, tell a new broker everything."""
        self.outlet.clock(self.now_ms, self.pacer.last_lag_ms)
        self.engines.miss(wall_s)
        if self.session.reconnects > self.reconnects:  # a broker that was restarted has forgotten
            self.reconnects = self.session.reconnects
            self._publish_master()
            self.outlet.republish()

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
        done = Served(
            reason="interrupted" if self.stopping.is_set() else "horizon",
            now_ms=self.now_ms,
            wall_s=wall_s,
            changes=self.outlet.changes,
            messages=self.outlet.messages,
            commands=self.gate.accepted,
            refused=self.gate.turned_away + self.intake.rejected,
            dropped=self.session.dropped_in + self.session.dropped_out,
            max_lag_ms=self.pacer.max_lag_ms,
            lag_ms_p99=self.pacer.lag_ms_p99(),
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
        self.engines.keep(message, self.now_ms)
        if self.live and (message.source, message.id) not in self.echoes.came:
            if message.source == ENGINE:
                self.echoes.went.add((message.source, message.id))
            self.outlet.message(message, self.now_ms)
            self._tell(tell_message(message))

    def _ordered(self, command: Command) -> None:
        if self.live and command.id not in self.echoes.came:
            self.echoes.went.add(command.id)
            self.outlet.command(command)
            self._tell(tell_command(command))

    def _answered(self, ack: Ack) -> None:
        if self.live:
            self.outlet.ack(ack, self.now_ms)
            self._tell(tell_ack(ack))

    def _tell(self, line: str) -> None:
        if line:
            self.feed(line)
