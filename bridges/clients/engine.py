"""Hosts the sync engine in a process of its own, behind MQTT: `plantsync engine`.

It knows a twin (or real plants that speak the contract) only from what comes over the broker. Time is the twin's clock,
which goes before every message; a message's own stamp never moves it. The past is taken in without deciding (what is
over is over), then one step decides on the present. See `bridges.wire.presence` for how it attaches.

Ids stay unique over all engines a twin has seen: decision numbers of epoch n start at (n - 1) x 100,000, and message
ids carry the epoch.
"""

import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bridges.errors import ConnectionFailed, Rejected
from bridges.mqtt.client import Session
from bridges.wire import codec, presence, statefile
from bridges.wire.codec import Packet
from bridges.wire.endpoint import Endpoint, parse_url
from bridges.wire.narration import Say, tell_ack, tell_command, tell_message
from sync.shell.journal import MemoryJournal
from sync.shell.shell import Output, Shell
from sync.shell.solver import Highs, Solver
from sync.vocabulary.decisions import Decision
from sync.vocabulary.wording import clock_text, dead_letter_said

ATTACH_S = 30.0  # for the twin's master data, and again for the past
DISCOVER_S = 5.0
IDLE_S = 0.05  # how long the inbox is waited for
EARLY = 20_000  # live packets kept while the past is still coming
NUMBERS_PER_EPOCH = 100_000
LOST = "connection lost"


@dataclass
class Hosted:
    """What became of an engine: why it ended, and its counts."""

    reason: str = ""
    epoch: int = 0
    received: int = 0
    dead_letters: int = 0
    replayed: int = 0
    rejected: int = 0
    commands: int = 0
    acks: dict[str, int] = field(default_factory=dict)
    decisions: list[Decision] = field(default_factory=list)


def run_engine(
    state_dir: Path,
    broker: str | None = None,
    *,
    feed: Say = print,
    insecure: bool = False,
    stop: Callable[[], bool] = lambda: False,
    solver: Solver | None = None,
) -> Hosted:
    """Host the engine until `stop()` (asked every IDLE_S), or the twin leaves. broker: overrides serve.json's.

    Raises Refused (no serve.json and no broker) and ConnectionFailed.
    """
    endpoint, enterprise = _whereabouts(state_dir, broker, insecure, feed)
    with _heeding_signals() as asked:

        def ending() -> bool:
            return asked.is_set() or stop()

        while True:
            host = EngineHost(endpoint, enterprise, feed, solver or Highs())
            try:
                host.attach(ending)
                while not host.done.reason and not ending():
                    host.turn(ending)
                host.done.reason = host.done.reason or "interrupted"
            finally:
                host.close()
            if host.done.reason != LOST:
                return host.done
            feed("the connection was lost meanwhile: attaching anew")


@contextmanager
def _heeding_signals() -> Iterator[threading.Event]:
    """SIGINT and SIGTERM set the event, so that the engine says goodbye. Outside the main thread: nothing happens."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {n: signal.signal(n, lambda *_: asked.set()) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _whereabouts(state_dir: Path, broker: str | None, insecure: bool, say: Say) -> tuple[Endpoint, str]:
    """Where the broker is and which enterprise it is about, from serve.json and, first, from the URL given."""
    if broker is not None and not (state_dir / statefile.NAME).exists():
        endpoint = parse_url(broker, insecure=insecure, say=say)
        return endpoint, _discover(endpoint)
    served = statefile.read_live(state_dir)
    endpoint = parse_url(served.broker, insecure=insecure or served.insecure, cafile=served.cafile, say=say)
    if broker is not None:
        endpoint = parse_url(broker, insecure=insecure, cafile=served.cafile, say=say)
        if endpoint.login.username:
            return endpoint, served.enterprise
    return endpoint.as_role(served.credentials.role("engine")), served.enterprise


def _discover(endpoint: Endpoint) -> str:
    """The enterprise whose twin has announced itself on this broker. Raises ConnectionFailed: none, or several."""
    with Session(endpoint, f"look-{secrets.token_hex(4)}", subscribe=[("+/_twin/master", 1)]) as session:
        packet = session.get(DISCOVER_S)
        others = session.get(IDLE_S)
    if packet is None:
        raise ConnectionFailed(f"broker {endpoint}: no twin announced itself within {DISCOVER_S:g} s")
    if others is not None and others.topic != packet.topic:
        raise ConnectionFailed(f"broker {endpoint}: several twins are served there; give the --state of one")
    return packet.topic.partition("/")[0]


class EngineHost:
    """One attachment of one engine to one twin."""

    def __init__(self, endpoint: Endpoint, enterprise: str, feed: Say, solver: Solver) -> None:
        self.id = f"engine-{secrets.token_hex(4)}"
        self.done = Hosted()
        self.topics = presence.Topics(enterprise)
        self._enterprise, self._feed, self._solver = enterprise, feed, solver
        self._now_ms, self._wake_ms = 0, -1
        self._attached = self._fresh = False  # fresh: something was heard in this instant
        self._master: presence.Master | None = None
        self._shell: Shell | None = None
        self._early: list[Packet] = []  # live packets that came while the past was still coming
        t = self.topics
        wanted = [t.twin_status, t.engine_status, t.master, t.messages, t.acks, t.clock, t.replay_of(self.id)]
        self._session = Session(
            endpoint,
            self.id,
            subscribe=[(topic, 0 if topic == t.clock else 1) for topic in wanted],
            will=self._status("offline"),
            max_payload=codec.MAX_MASTER,
            say=feed,
        )

    def _status(self, state: str) -> Packet:
        status = presence.Status(state=state, id=self.id, epoch=self.done.epoch)  # type: ignore[arg-type]
        return Packet(self.topics.engine_status, codec.encode(status), 1, True)

    # --- attaching ----------------------------------------------------------------------------------------------------
    def attach(self, stop: Callable[[], bool]) -> None:
        """Connect, get the master data, take in the past, announce ourselves. Raises ConnectionFailed."""
        self._session.connect()
        self._wait(lambda: self._master is not None, stop, "no twin announced its master data")
        request = presence.ReplayRequest(engine=self.id)
        self._session.publish(Packet(self.topics.replay, codec.encode(request)))
        self._wait(lambda: self._attached, stop, "the twin did not answer the request to attach")
        if not self._attached:
            return
        self._session.publish(self._status("online"))
        told = f"epoch {self.done.epoch}, {self.done.replayed} messages of the past, {clock_text(self._now_ms)}"
        self._feed(f"engine {self.id} attached to {self._enterprise}: {told}")
        for packet in self._early:
            if not stop():
                self._take(packet)
        self._early.clear()
        if not stop():
            self._decide()

    def _wait(self, arrived: Callable[[], bool], stop: Callable[[], bool], fault: str) -> None:
        end = time.monotonic() + ATTACH_S
        while not arrived() and not stop():
            if time.monotonic() > end:
                raise ConnectionFailed(f"broker {self._session.endpoint}: {fault} within {ATTACH_S:g} s")
            packet = self._session.get(IDLE_S)
            if packet is not None:
                self._take(packet)

    def _take_part(self, packet: Packet) -> None:
        """A part of the past."""
        part = codec.decode_as(presence.ReplayPart, packet)
        if self._master is None or self._attached:
            return
        if self._shell is None:
            self.done.epoch = part.epoch
            if part.missing:
                self._feed(f"warning: the twin no longer keeps {part.missing} messages of the past")
            first = (part.epoch - 1) * NUMBERS_PER_EPOCH
            self._shell = Shell(
                self._master.whole(), self._master.policy, MemoryJournal(), self._solver, part.epoch, first
            )
        for event, at_ms in zip(part.messages, part.at_ms, strict=True):
            self._now_ms = max(self._now_ms, at_ms)
            self._shell.receive(codec.from_event(event, self._master.start_epoch_ms), at_ms)
            self._shell.take_in(at_ms)  # known as of then; what it would have asked for then is not decided
            self.done.replayed += 1
        if part.end:
            self._now_ms = max(self._now_ms, part.time_ms)
            self._attached = True

    # --- working ----------------------------------------------------------------------------------------------------
    def turn(self, stop: Callable[[], bool]) -> None:
        """Take what has come, decide once when there is something to decide on."""
        if self._session.reconnects:
            self.done.reason = LOST  # our will was heard: the twin has fenced us off
        packet = self._session.get(IDLE_S)
        while packet is not None and not stop():
            self._take(packet)
            packet = self._session.get(0)
        if self._fresh and not stop():
            self._decide()

    def _take(self, packet: Packet) -> None:
        """One packet; what is not the contract's is counted, the first ten are told."""
        try:
            self._route(packet)
        except Rejected as fault:
            self.done.rejected += 1
            if self.done.rejected <= 10:
                self._feed(f"rejected: {fault}")

    def _pass_time(self, time_ms: int) -> None:
        """The clock goes on: an instant that is over is decided on, and what was due until `time_ms` at its own time,
        before anything later is heard. So a live engine decides as one inside the simulation does."""
        if self._attached and self._fresh:
            self._decide()
        while self._attached and 0 <= self._wake_ms <= time_ms:
            self._now_ms = max(self._now_ms, self._wake_ms)
            self._decide()
        self._now_ms = max(self._now_ms, time_ms)

    def _route(self, packet: Packet) -> None:
        topic, t = packet.topic, self.topics
        if topic == t.clock:
            self._pass_time(codec.decode_as(presence.Clock, packet).time_ms)
        elif topic == t.replay_of(self.id):
            self._take_part(packet)
        elif topic == t.master:
            if packet.payload:  # empty: a twin that ends takes it away
                self._meet(codec.decode_as(presence.Master, packet, codec.MAX_MASTER))
        elif topic == t.twin_status:
            if codec.decode_as(presence.Status, packet).state == "offline" and self._attached:
                self.done.reason = "the twin has left"
        elif topic == t.engine_status:
            status = codec.decode_as(presence.Status, packet)
            if self._attached and status.state == "online" and status.id != self.id and not packet.retain:
                self.done.reason = f"{status.id} has attached instead"
        elif self._shell is None or not self._attached:
            if len(self._early) < EARLY:
                self._early.append(packet)
        elif "/_msg/" in topic:
            self._fresh |= self._hear(self._shell, packet)
        elif "/_ack/" in topic:
            self._fresh |= self._hear_ack(self._shell, packet)

    def _meet(self, master: presence.Master) -> None:
        if self._master is not None and master.run != self._master.run:
            self.done.reason = "another twin is being served now"
        elif self._master is None:
            self._master = master

    def _hear(self, shell: Shell, packet: Packet) -> bool:
        assert self._master is not None
        message = codec.decode_message(self._enterprise, packet, self._master.start_epoch_ms)
        self.done.received += 1
        dead = shell.dead
        taken = shell.receive(message, self._now_ms)
        if shell.dead > dead:
            self.done.dead_letters += 1
            letter = shell.dead_letters[-1]
            self._feed(f"dead letter: {message.id}: {dead_letter_said(message, letter.code, letter.about)}")
        if taken and (line := tell_message(message)):
            self._feed(line)
        return taken

    def _hear_ack(self, shell: Shell, packet: Packet) -> bool:
        """Only acknowledgements of our own commands matter."""
        ack = codec.decode_ack(self._enterprise, packet)
        if ack.command not in shell.state.commands:
            return False
        shell.acknowledge(ack, self._now_ms)
        self.done.acks[ack.status] = self.done.acks.get(ack.status, 0) + 1
        self._feed(tell_ack(ack))
        return True

    def _decide(self) -> None:
        if self._shell is None:
            return
        self._fresh = False
        output: Output = self._shell.step(self._now_ms)
        self._wake_ms = output.wake_ms
        for message in output.messages:
            named = msgspec.structs.replace(message, id=f"engine-{self.done.epoch}-{message.sequence}")
            assert self._master is not None
            self._session.publish(codec.encode_message(self._enterprise, named, self._master.start_epoch_ms))
            self._feed(tell_message(named))
        for command in output.commands:
            self._session.publish(codec.encode_command(self._enterprise, command))
            self.done.commands += 1
            self._feed(tell_command(command))

    def close(self) -> None:
        """Say goodbye (the built-in engine comes back) and leave."""
        if self._shell is not None:
            self.done.decisions = self._shell.decisions()
        self._session.close(last=self._status("offline") if self._attached else None)
